// Replaces the folder docs/site, which git ignores.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, root, site } from "./site.mjs";

const folder = join(root, site);
const files = build();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
console.log(`docs: ${Object.keys(files).length} files in ${site}; open ${site}/index.html`);
