// The vectors, run through the package that hosts install. Answers are compared as text: one digit or one key out of place fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as engine from "redeemable";
import { CALLS, failure, vectors } from "./support.mjs";

test("there are at least 250 vectors and each has its own name", () => {
  assert.ok(vectors.length >= 250, `only ${vectors.length} vectors`);
  const names = vectors.map(({ name }) => name);
  assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), [], "names that repeat");
});

for (const file of new Set(vectors.map((vector) => vector.file))) {
  test(file, async (t) => {
    for (const { name, call, request, answer, error } of vectors.filter((vector) => vector.file === file)) {
      await t.test(name, () => {
        assert.ok(CALLS.includes(call), `unknown call ${call}`);
        if (error) assert.deepEqual(failure(call, request), error);
        else assert.equal(JSON.stringify(engine[call](request)), JSON.stringify(answer));
      });
    }
  });
}
