// Makes the Python reference: what python.py finds in the package's sources, as Markdown.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** The package's public modules with their items, as python.py reads them. */
export const modules = (root) =>
  JSON.parse(
    execFileSync("python3", [join(root, "docs/build/python.py"), join(root, "pkg/python/src/redeemable")], {
      encoding: "utf8",
    }),
  );

export function pythonReference(root) {
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
      parts.push(`### ${item.name}`, item.doc, `\`\`\`python\n${item.code}\n\`\`\``);
      for (const member of item.members) parts.push(`\`\`\`python\n${member.code}\n\`\`\``, member.doc);
    }
  }
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}
