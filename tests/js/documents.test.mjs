// Checks that tests/documents.json is complete: it gives every field that the engine knows at least once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CALLS, contract, documents, failure, knownFields, records } from "./support.mjs";

for (const call of CALLS) {
  test(`${call}: the example is accepted`, () => {
    assert.equal(failure(call, documents[call]), null);
  });

  test(`${call}: the example gives every field`, () => {
    // Objects of one list count together: one may leave out a field that another gives. Discounts count by kind.
    const given = new Map();
    for (const { path, value } of records(documents[call])) {
      const place =
        path.map((key) => (typeof key === "number" ? "[]" : key === "change" ? "promo" : key)).join(".") +
        (path.at(-1) === "discount" ? `:${value.kind}` : "");
      const { known, fields } = given.get(place) ?? { known: knownFields(call, path), fields: new Set() };
      for (const field of Object.keys(value)) fields.add(field);
      given.set(place, { known, fields });
    }
    for (const [place, { known, fields }] of given) {
      assert.deepEqual([...fields].sort(), [...known].sort(), place);
    }
  });
}

test("the example has every kind of discount", () => {
  const kinds = new Set(documents.validateRedemption.promos.flatMap(({ discount }) => discount?.kind ?? []));
  const all = contract("schema.json").$defs.Discount.oneOf.map(({ properties }) => properties.kind.const);
  assert.deepEqual([...kinds].sort(), all.sort());
});
