// The Python reference: what python.py reads out of the package's sources, as Markdown.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { entries } from "./typescript.mjs";

/** The package's public modules with their items, as python.py reads them. */
export const modules = (root) =>
  JSON.parse(
    execFileSync("python3", [join(root, "docs/build/python.py"), join(root, "pkg/python/src/redeemable")], {
      encoding: "utf8",
    }),
  );

/** What TypeScript says of the fields of a type of the same name. */
function fieldsOf(root) {
  const [{ items }] = entries(root);
  const docs = Object.fromEntries(
    items.map(({ name, members }) => [name, Object.fromEntries(members.map((member) => [member.name, member.doc]))]),
  );
  const others = { Promo: "PromoTerms", Redemption: "RedemptionFields" };
  return (name) => docs[others[name] ?? name] ?? {};
}

/** The class with a comment above each field that TypeScript has one for. */
function commented(code, docs) {
  return code.replace(/^ {4}(\w+): .*$/gm, (line, field) => {
    const doc = docs[field]?.replaceAll("\n", " ").replaceAll("null", "None");
    return doc ? `    # ${doc}\n${line}` : line;
  });
}

export function pythonReference(root) {
  const docsOf = fieldsOf(root);
  const parts = [
    `# Python reference

What the package \`redeemable\` offers, module by module, in the words of its docstrings.
Amounts are whole minor units of the currency (1 cent, 1 sat), names that end in \`_ms\` are milliseconds since the
Unix epoch, and None and absent mean the same in a request.
A malformed request raises \`InvalidRequest\`; a code that is refused is no error but part of the answer.`,
  ];
  for (const { name, doc, items } of modules(root)) {
    parts.push(`## \`${name}\``, doc);
    for (const item of items) {
      const code = name === "redeemable.types" ? commented(item.code, docsOf(item.name)) : item.code;
      parts.push(`### ${item.name}`, item.doc, `\`\`\`python\n${code}\n\`\`\``);
      for (const member of item.members) parts.push(`\`\`\`python\n${member.code}\n\`\`\``, member.doc);
    }
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}
