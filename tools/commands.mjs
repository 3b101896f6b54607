// Prints the module `dist/commands.js` of the npm package: the texts of `commands/`, by name.
//   node tools/commands.mjs >pkg/js/dist/commands.js
import { readFileSync, readdirSync } from "node:fs";

const folder = new URL("../commands/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".txt"));
const texts = names.sort().map((name) => [name.slice(0, -4), readFileSync(new URL(name, folder), "utf8")]);
console.log(`export default ${JSON.stringify(Object.fromEntries(texts))};`);
