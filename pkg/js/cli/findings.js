// What is wrong with an organiser's files, and what is suspicious, each with the file and the promotion that it is in.
import { validatePromos } from "../organiser-node.js";

/** The faults of the tables and of all documents. */
export function faultsOf(documents) {
  const { errors, promos, policy } = documents;
  const ofTables = errors.map(({ file, line, path, message }) => ({
    file,
    line,
    promotion: null,
    code: null,
    field: path,
    severity: "fault",
    problem: null,
    message,
  }));
  const { faults } = validatePromos({ promos, policy });
  return [
    ...ofTables,
    ...faults.map((fault) => placed(documents, { ...fault, severity: "fault", problem: fault.code })),
  ];
}

/** A finding about `promos[2].max_uses` or `policy.zone`, with the file and the promotion that this is. */
export function placed({ promos, places, policyFile }, { path, severity, problem, message }) {
  const [, index, field = path] = /^promos\[(\d+)\]\.?(.*)$/s.exec(path) ?? [];
  const { file, number } = places[index] ?? { file: policyFile, number: null };
  const code = typeof promos[index]?.code === "string" ? promos[index].code : null;
  return { file, line: null, promotion: number, code, field, severity, problem, message };
}

/** `promos.json: promotion 2 (TEN), max_uses: warning: …` */
export function sentence({ file, line, promotion, code, field, severity, problem, message }) {
  const place = line !== null ? `line ${line}` : promotion !== null ? `promotion ${promotion}` : "";
  const where = [place + (code ? ` (${code})` : ""), field].filter(Boolean).join(", ");
  return `${[file, where, severity, message].filter(Boolean).join(": ")}${problem ? ` (${problem})` : ""}`;
}
