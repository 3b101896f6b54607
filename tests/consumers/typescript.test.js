// TypeScript: strict, library files checked too, with each way of finding modules and without the DOM library.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { before, test } from "node:test";
import { expected } from "./expected.js";
import { compile, consumer, run } from "./support.js";

let folder;
before(() => {
  folder = consumer("typescript/app.ts", "typescript/dom.ts", "typescript/common.cts");
});

for (const module of ["node16", "nodenext"]) {
  test(`module ${module}, compiled and run`, () => {
    compile(folder, ["app.ts"], { module });
    writeFileSync(join(folder, "run.js"), 'import { answers } from "./out/app.js";\nconsole.log(JSON.stringify(answers));\n');
    writeFileSync(join(folder, "out/decisions.js"), 'export * from "../decisions.js";\n');
    assert.deepEqual(run(folder, "run.js"), expected);
  });
}

test("a CommonJS module, compiled and run", () => {
  compile(folder, ["common.cts"], { module: "nodenext" });
  writeFileSync(join(folder, "out/decisions.js"), 'export * from "../decisions.js";\n');
  assert.deepEqual(run(folder, "-p", 'JSON.stringify(require("./out/common.cjs").answers)'), expected);
});

test("moduleResolution bundler", () => {
  compile(folder, ["app.ts"], { module: "esnext", moduleResolution: "bundler", noEmit: true });
});

test("with the DOM library", () => {
  compile(folder, ["app.ts", "dom.ts"], { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"], noEmit: true });
});

test("the package declares the functions that the engine has, with their types", () => {
  const glue = fileURLToPath(new URL("../../pkg/js/dist/redeemable.js", import.meta.url));
  writeFileSync(join(folder, "same.ts"), `
    import type * as engine from ${JSON.stringify(glue)};
    import type * as index from "redeemable";
    type Calls<Module, Loading extends PropertyKey> = { [Name in Exclude<keyof Module, Loading>]: Module[Name] };
    type Same<A, B> = [A, B] extends [B, A] ? true : false;
    export const same: Same<Calls<typeof engine, "default" | "initSync">, Calls<typeof index, "init">> = true;
  `);
  compile(folder, ["same.ts"], { module: "nodenext", lib: ["es2022", "dom"], rootDir: "/", noEmit: true });
});
