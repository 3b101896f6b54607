// Writes docs/site, and removes what no page makes any more.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, root, site } from "./site.mjs";

const folder = join(root, site);
const files = build();
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!(name in files)) rmSync(join(folder, name));
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
console.log(`docs: ${Object.keys(files).length} files in ${site}; open ${site}/index.html`);
