// Makes the documentation site: HTML from the Markdown files. The same sources always make the same bytes.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Marked } from "marked";
import { pythonReference } from "./python.mjs";
import { stacks } from "./stacks.mjs";
import { typescriptReference } from "./typescript.mjs";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const site = "docs/site";

/**
 * Every page: its file, its name, and a Markdown file or a function that makes its text. The navigation lists the pages
 * without `part_of`; the others are found through the page that they are part of.
 */
export const pages = [
  { file: "index.html", name: "Start", source: "docs/index.md" },
  { file: "organiser.html", name: "Organiser", source: "docs/organiser.md" },
  { file: "recipes.html", name: "Recipes", source: "docs/recipes.md" },
  { file: "host.html", name: "Host developer", source: "docs/host.md" },
  { file: "stacks.html", name: "Stacks", source: "docs/stacks.md" },
  ...stacks.map((stack) => ({ ...stack, part_of: "stacks.html" })),
  { file: "stores.html", name: "Stores and scaling", source: "docs/stores.md" },
  { file: "engines.html", name: "Engines", source: "docs/engines.md" },
  { file: "lnbits.html", name: "LNbits", source: "docs/lnbits-events.md" },
  { file: "operator.html", name: "Operator", source: "docs/operator.md" },
  { file: "contributing.html", name: "Contributing", source: "CONTRIBUTING.md" },
  { file: "javascript.html", name: "JavaScript reference", write: typescriptReference },
  { file: "python.html", name: "Python reference", write: pythonReference },
  { file: "kit.html", name: "Host kits", source: "KIT.md" },
  { file: "design.html", name: "Design", source: "DESIGN.md" },
  { file: "security.html", name: "Security", source: "SECURITY.md" },
  { file: "changelog.html", name: "Changes", source: "CHANGELOG.md" },
];

/** The text of every file of the site, by name. */
export function build() {
  const files = { "style.css": readFileSync(join(root, "docs/build/style.css"), "utf8") };
  for (const page of pages) {
    const text = page.source ? readFileSync(join(root, page.source), "utf8") : page.write(root);
    files[page.file] = html(page, text);
  }
  return files;
}

function html(page, text) {
  const headings = [];
  const body = renderer(page, headings).parse(text);
  const title = headings[0]?.text ?? page.name;
  const contents = headings.filter(({ depth }) => depth === 2);
  const link = ({ file, name }) => `<a href="${file}"${current(file, page)}>${name}</a>`;
  const chapters = pages.filter(({ part_of }) => !part_of);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · redeemable</title>
<link rel="stylesheet" href="style.css">
<a class="skip" href="#text">To the text</a>
<header>
<p class="brand"><a href="index.html">redeemable</a></p>
<nav aria-label="Pages">${chapters.map(link).join("\n")}</nav>
</header>
<main id="text">
${body.replace("</h1>", contents.length < 3 ? "</h1>" : `</h1>\n${tableOf(contents)}`)}</main>
</html>
`;
}

/** In the navigation, a page that is part of another one marks the other one. */
function current(file, { file: own, part_of }) {
  if (file === own) return ' aria-current="page"';
  return file === part_of ? ' aria-current="true"' : "";
}

function tableOf(contents) {
  const links = contents.map(({ id, html }) => `<a href="#${id}">${html}</a>`);
  return `<nav class="contents" aria-label="On this page">${links.join("\n")}</nav>`;
}

/** Marked with changes: headings get the ids that GitHub gives them, links lead to pages, and tables can scroll. */
function renderer(page, headings) {
  const used = new Map();
  const slug = (text) => {
    const plain = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const count = used.get(plain) ?? 0;
    used.set(plain, count + 1);
    return count === 0 ? plain : `${plain}-${count}`;
  };
  return new Marked({
    // A bare address in the text does not become a link.
    tokenizer: { url: () => undefined },
    renderer: {
      heading({ tokens, depth }) {
        const inner = this.parser.parseInline(tokens);
        const text = inner.replace(/<[^>]*>/g, "");
        const id = slug(unescaped(text));
        headings.push({ depth, id, text, html: inner.replace(/<\/?a\b[^>]*>/g, "") });
        return `<h${depth} id="${id}">${inner}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${target(page, href)}">${this.parser.parseInline(tokens)}</a>`;
      },
      code({ text, lang }) {
        return `<pre tabindex="0"><code data-lang="${(lang ?? "").split(" ")[0]}">${escaped(text)}\n</code></pre>\n`;
      },
      table(token) {
        const row = (cells, tag) =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join("")}</tr>`;
        const rows = token.rows.map((cells) => row(cells, "td")).join("\n");
        const table = `<table>\n<thead>${row(token.header, "th")}</thead>\n<tbody>\n${rows}\n</tbody></table>`;
        return `<div class="table" tabindex="0">${table}</div>\n`;
      },
      html({ text }) {
        if (text.startsWith("<!--")) return "";
        throw new Error(`${page.source}: HTML in Markdown: ${text}`);
      },
    },
  });
}

/** The address on the site for a link in the Markdown, which leads to a page or to a file of the repository. */
function target(page, href) {
  if (/^(https?:|#)/.test(href)) return href;
  const [path, anchor] = href.split("#");
  const file = join(page.source ? dirname(page.source) : site, path).replace(/\/$/, "");
  const to = pages.find(({ source, file: name }) => source === file || `${site}/${name}` === file);
  if (!to && !existsSync(join(root, file))) throw new Error(`${page.source}: there is no ${file}`);
  return (to?.file ?? relative(site, file)) + (anchor ? `#${anchor}` : "");
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const unescaped = (text) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
