// Reads the documents, their code blocks and their tables.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The documents whose blocks are run here. The guide for LNbits is tested in tests/lnbits. */
const pages = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md") && name !== "lnbits-events.md")
  .sort();
export const documents = ["CONTRIBUTING.md", ...pages.map((name) => `docs/${name}`)];

export const read = (path) => readFileSync(join(root, path), "utf8");

/** The code blocks of a document as `[{ language, info, text, line }]`; `info` is the text after the language. */
export function blocksOf(text) {
  return [...text.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language, info, body], index, { length }) => ({
      language,
      info,
      text: body,
      index,
      length,
    }),
  );
}

/** Tables and JSON blocks in the document's order: `{ json }` or `{ columns, rows }`, each row an object by column. */
export function examplesOf(text) {
  const found = [];
  for (const match of text.matchAll(/^```json promo\n([\s\S]*?)^```$|(?:^\|.*\n)+/gm)) {
    const heading = text
      .slice(0, match.index)
      .match(/^#+ .*$/gm)
      ?.at(-1)
      .replace(/^#+ /, "");
    if (match[1] !== undefined) found.push({ heading, json: JSON.parse(match[1]) });
    else found.push({ heading, ...tableOf(match[0]) });
  }
  return found;
}

function tableOf(text) {
  const [columns, , ...rows] = text
    .trim()
    .split("\n")
    .map((line) =>
      line
        .replace(/^\||\|$/g, "")
        .split("|")
        .map((cell) => cell.trim()),
    );
  return {
    columns,
    rows: rows.map((cells) =>
      Object.fromEntries(cells.map((cell, index) => [columns[index], cell.replaceAll("`", "")])),
    ),
  };
}
