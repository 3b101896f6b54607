// Compiles TypeScript consumers strictly, library files too: for each way of finding modules, and with the DOM types.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { expected } from "./expected.js";
import { compile, consumer, run } from "./support.js";

let folder;
before(() => {
  folder = consumer("typescript/app.ts", "typescript/dom.ts", "typescript/common.cts", "typescript/required.cts");
});

for (const module of ["node16", "nodenext"]) {
  test(`module ${module}, compiled and run`, () => {
    compile(folder, ["app.ts"], { module });
    writeFileSync(
      join(folder, "run.js"),
      'import { answers } from "./out/app.js";\nconsole.log(JSON.stringify(answers));\n',
    );
    writeFileSync(join(folder, "out/decisions.js"), 'export * from "../decisions.js";\n');
    assert.deepEqual(run(folder, "run.js"), expected);
  });
}

test("a CommonJS module, compiled and run", () => {
  compile(folder, ["common.cts"], { module: "nodenext" });
  writeFileSync(join(folder, "out/decisions.js"), 'export * from "../decisions.js";\n');
  assert.deepEqual(run(folder, "-p", 'JSON.stringify(require("./out/common.cjs").answers)'), expected);
});

test("a CommonJS module under node16 has the types of the CommonJS files", () => {
  compile(folder, ["required.cts"], { module: "node16" });
  const script = 'const { decided, functions } = require("./out/required.cjs");';
  const print = "JSON.stringify([decided.quote.total, functions.map((each) => typeof each)])";
  // 45.00 less 10.00.
  assert.deepEqual(run(folder, "--no-experimental-require-module", "-p", `${script} ${print}`), [
    3500,
    Array(6).fill("function"),
  ]);
});

test("moduleResolution bundler", () => {
  compile(folder, ["app.ts"], { module: "esnext", moduleResolution: "bundler", noEmit: true });
});

test("with the DOM library", () => {
  compile(folder, ["app.ts", "dom.ts"], {
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2022", "dom"],
    noEmit: true,
  });
});

test("the package declares what it has", () => {
  const has = run(
    folder,
    "--input-type=module",
    "-e",
    'import * as index from "redeemable"; console.log(JSON.stringify(Object.keys(index)));',
  );
  const names = Object.fromEntries(has.map((name) => [name, true]));
  writeFileSync(
    join(folder, "same.ts"),
    `
    import * as index from "redeemable";
    export const has: Record<keyof typeof index, true> = ${JSON.stringify(names)};
  `,
  );
  compile(folder, ["same.ts"], { module: "nodenext", noEmit: true });
});
