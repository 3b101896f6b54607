// Checks that every relative link of every Markdown file leads to a file of the repository and to a heading in it.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { read, root } from "./support.js";

const notOurs = /^(\.|node_modules$|target$|dist$|corpus$)/;

/** The Markdown files below a folder, without those that were installed or built. */
function markdown(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.test(entry.name) ? [] : markdown(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The ids that GitHub gives to the headings of a document. */
function headingsOf(text) {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, "").match(/^#+ .*$/gm) ?? [];
  return headings.map((line) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("every link between documents leads somewhere", () => {
  let links = 0;
  for (const file of markdown("")) {
    const text = read(file).replace(/^```[\s\S]*?^```$/gm, "");
    for (const [, href] of text.matchAll(/\]\(([^)]+)\)/g)) {
      // The reference pages exist only in the built site; site.test.js checks links to them.
      if (/^https?:/.test(href) || href.startsWith("site/")) continue;
      links += 1;
      const [path, heading] = href.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      assert.ok(existsSync(join(root, target)), `${file}: ${href}`);
      if (heading) assert.ok(headingsOf(read(target)).includes(heading), `${file}: ${href}`);
    }
  }
  assert.ok(links > 40, `${links} links`);
});
