// Reads what an organiser has written: promotions and policies as JSON, and promotions as tables.
import { readFileSync } from "node:fs";
import { instantOf } from "../csv-times.js";
import { Refused } from "./arguments.js";

export function textOf(file) {
  let bytes;
  try {
    bytes = readFileSync(file);
  } catch ({ code }) {
    throw new Refused(`${file}: ${code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused(`${file}: expected UTF-8; save a table as "CSV UTF-8"`);
  }
}

export function jsonOf(file) {
  const text = textOf(file).replace(/^\ufeff/, "");
  try {
    return JSON.parse(text);
  } catch ({ message }) {
    throw new Refused(`${file}: expected JSON (${message})`);
  }
}

export const isTable = (file) => /\.csv$/i.test(file);

/**
 * Everything in the files: `promos`, `places` (for each promotion its file and its number in it), the `policy`, and
 * `errors` of tables. A table with errors has no promotions.
 */
export async function documentsOf(files, options) {
  const found = { promos: [], places: [], errors: [], policy: null, policyFile: null };
  const policies = [];
  for (const file of files) {
    let promos;
    if (isTable(file)) {
      const read = await tableOf(file, options);
      found.errors = found.errors.concat(read.errors.map((error) => ({ file, ...error })));
      promos = read.promos ?? [];
    } else {
      const json = jsonOf(file);
      const isWhole = typeof json === "object" && json !== null && Object.hasOwn(json, "promos");
      const extra = isWhole && Object.keys(json).find((name) => !["promos", "policy"].includes(name));
      if (extra) throw new Refused(`${file}: unknown field ${extra}, expected promos and policy`);
      if (isWhole && !Array.isArray(json.promos)) throw new Refused(`${file}: promos: expected a list`);
      if (isWhole && json.policy != null) policies.push({ file, policy: json.policy });
      promos = isWhole ? json.promos : [json].flat();
    }
    found.promos = found.promos.concat(promos);
    found.places = found.places.concat(promos.map((_, index) => ({ file, number: index + 1 })));
  }
  if (options.policy) policies.push({ file: options.policy, policy: jsonOf(options.policy) });
  if (policies.length > 1)
    throw new Refused(`expected one policy, found ${policies.map(({ file }) => file).join(", ")}`);
  if (policies.length === 1) Object.assign(found, { policy: policies[0].policy, policyFile: policies[0].file });
  return found;
}

async function tableOf(file, { amounts, decimal, zone, defaults }) {
  const { fromCsv } = await import("../csv.js").catch(({ message }) => {
    throw new Refused(`a table needs two packages: npm install csv-parse csv-stringify (${message.split("\n")[0]})`);
  });
  const told = { amounts, decimal, zone, defaults: defaults && jsonOf(defaults) };
  const given = Object.entries(told).filter(([, value]) => value !== undefined);
  try {
    return fromCsv(textOf(file), Object.fromEntries(given));
  } catch (error) {
    const path = error.path?.replace(/^options\./, "");
    throw path ? new Refused(`--${path}: ${error.message}`) : error;
  }
}

/** The time of an option in milliseconds; by default the present. */
export function timeOf(text, option = "--at") {
  if (text === undefined) return Date.now();
  if (/^[0-9]{12,15}$/.test(text)) return Number(text);
  return instantOf(text, { zone: null }, (expected) => new Refused(`${option}: expected ${expected}, found ${text}`));
}
