// Writes the table of docs/stacks.md: a row for each page in docs/stacks, with the page's heading and first sentence.
//   node docs/build/stacks.mjs
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const index = "docs/stacks.md";

/** The pages in docs/stacks, in the order of their names. */
export const stacks = readdirSync(join(root, "docs/stacks"))
  .filter((file) => file.endsWith(".md"))
  .sort()
  .map((file) => {
    const source = `docs/stacks/${file}`;
    const [, name, how] = /^# (.+)\n\n(.+?(?:\.(?= )|$))/m.exec(readFileSync(join(root, source), "utf8")) ?? [];
    if (!how) throw new Error(`${source}: expected a heading, and a sentence that says how it works`);
    // A link of the page would lead elsewhere from the table.
    const told = how.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "$1").replace(/:$/, ".");
    return { source, file: `stack-${file.replace(/md$/, "html")}`, name, how: told };
  });

/** The text of docs/stacks.md with its table made anew. */
export function indexed() {
  const rows = stacks.map(({ source, name, how }) => `| [${name}](${source.slice(5)}) | ${how} |`);
  const table = ["| stack | how it works |", "|---|---|", ...rows].join("\n");
  const text = readFileSync(join(root, index), "utf8");
  return text.replace(/^\| stack \| how it works \|\n(?:\|.*\n)*/m, () => `${table}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, index), indexed());
