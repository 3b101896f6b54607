// Makes pkg/js/dist/cjs: the npm package once more, as CommonJS, for Jest and for versions of Node whose `require`
// loads no ES modules. Bundlers, and `require` in later versions of Node, take the ES modules.
//   node tools/commonjs.mjs
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const folder = fileURLToPath(new URL("../pkg/js/", import.meta.url));
const { exports, peerDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const inCommonJs = Object.values(exports).flatMap(({ require }) => require ?? []);
const unfinished = join(folder, "dist/cjs.unfinished");

rmSync(unfinished, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: folder,
  input: inCommonJs.map((path) => path.replace("./dist/cjs/", "./")),
  platform: "node",
  external: [/^node:/, ...Object.keys(peerDependencies).map((name) => new RegExp(`^${name}(/|$)`))],
  // The files stay as they are: nothing of them is left out.
  treeshake: false,
});
await bundle.write({
  dir: unfinished,
  format: "cjs",
  exports: "named",
  preserveModules: true,
  preserveModulesRoot: folder,
  entryFileNames: "[name].js",
});
// The types are the same files. Where one names types.d.ts, it says that these are the types of an ES module.
const types = ["", "over/"].flatMap((room) => readdirSync(join(folder, room)).map((name) => `${room}${name}`));
for (const name of types.filter((name) => name.endsWith(".d.ts") && name !== "types.d.ts")) {
  const text = readFileSync(join(folder, name), "utf8");
  writeFileSync(
    join(unfinished, name),
    text.replaceAll('from "./types.js";', 'from "../../types.js" with { "resolution-mode": "import" };'),
  );
}
writeFileSync(join(unfinished, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
rmSync(join(folder, "dist/cjs"), { recursive: true, force: true });
renameSync(unfinished, join(folder, "dist/cjs"));
