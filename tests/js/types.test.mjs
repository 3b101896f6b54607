// The TypeScript types: they compile and narrow, every vector fits them, and their fields are those of the engine.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { CALLS, documents, FUNCTIONS, knownFields, records, vectors, written } from "./support.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const generated = new URL("./types/generated/", import.meta.url);
/** The name of a function's request or answer type; for a list, the name of its elements with `[]`. */
const named = ({ $ref, type, items }) =>
  $ref ? $ref.replace("#/$defs/", "") : type === "array" ? `${named(items)}[]` : type;
const REQUEST = Object.fromEntries(CALLS.map((call) => [call, named(FUNCTIONS[call].request)]));
const ANSWER = Object.fromEntries(CALLS.map((call) => [call, named(FUNCTIONS[call].answer)]));
const ANSWERS = [...new Set(Object.values(ANSWER).map((name) => name.replace("[]", "")))].filter(
  (name) => name !== "string",
);

test("tsc --strict accepts narrowing, misuse stays an error, and every vector and example fits the types", () => {
  rmSync(generated, { recursive: true, force: true });
  mkdirSync(generated, { recursive: true });
  const imported = [...new Set([...Object.values(REQUEST), ...ANSWERS])];
  const parts = [`import type { ${imported.join(", ")} } from "redeemable";`];
  // TypeScript counts U+2028 in a string as the end of a line. With escapes, the line numbers in its errors are right.
  const literal = (value) =>
    JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const fits = (name, value, type) => parts.push(`// ${name}\n(${literal(value)}) satisfies ${type};`);
  for (const call of CALLS) fits(call, documents[call], REQUEST[call]);
  for (const { name, call, request, answer } of vectors.filter((vector) => vector.answer !== undefined)) {
    fits(`${name}: request`, request, REQUEST[call]);
    fits(`${name}: answer`, answer, ANSWER[call]);
  }
  writeFileSync(new URL("vectors.ts", generated), `${parts.join("\n")}\n`);
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", here, "--pretty", "false"], { encoding: "utf8" });
  assert.equal(status, 0, stdout.slice(0, 4000));
});

test("the fields of the types are the fields of the engine", async (t) => {
  const program = ts.createProgram([fileURLToPath(new URL("./types/narrowing.ts", import.meta.url))], {
    strict: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(
    createRequire(import.meta.url)
      .resolve("redeemable")
      .replace(/node\.js$/, "index.d.ts"),
  );
  const exported = new Map(
    checker.getExportsOfModule(checker.getSymbolAtLocation(source)).map((symbol) => [symbol.name, symbol]),
  );
  const typeOf = (name) => checker.getDeclaredTypeOfSymbol(exported.get(name));
  // The type may be undefined, because some cases of a union lack the next field of the path.
  const objects = (type) =>
    (type === undefined ? [] : type.isUnion() ? type.types : [type]).filter(
      (member) => member.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection),
    );
  /** The members of a union that the document is one of, told apart by its literal fields (`kind`, `state`). */
  const fitting = (types, value) =>
    types.filter((type) =>
      Object.entries(value).every(([key, given]) => {
        const field = type.getProperty(key) && checker.getTypeOfSymbol(type.getProperty(key));
        return !field?.isStringLiteral() || field.value === given;
      }),
    );
  const step = (types, key) =>
    types.flatMap((type) => {
      if (typeof key === "number") return objects(checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? type);
      const field = type.getProperty(key);
      return objects(field ? checker.getTypeOfSymbol(field) : checker.getIndexTypeOfType(type, ts.IndexKind.String));
    });
  for (const call of CALLS) {
    await t.test(call, () => {
      // The documents inside a request of validatePromos have no type, because they may hold anything.
      for (const { path, value } of records(documents[call]).filter(
        ({ path }) => call !== "validatePromos" || path.length === 0,
      )) {
        const types = fitting(path.reduce(step, objects(typeOf(REQUEST[call]))), value);
        const fields = new Set(types.flatMap((type) => type.getProperties().map(({ name }) => name)));
        assert.deepEqual([...fields].sort(), knownFields(call, path).sort(), `${REQUEST[call]} at ${written(path)}`);
      }
    });
  }
});
