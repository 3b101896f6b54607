// Checks contract/schema.json with an independent validator (ajv): the engine's requests and answers pass, malformed
// requests do not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { CALLS, contract, documents, engine, isRecord, records, vectors } from "./support.mjs";

const schema = contract("schema.json");

// In strict mode, a misspelt keyword in the schema is an error, and so is a keyword that does not fit its type.
const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
ajv.addVocabulary(["x-side", "x-unit", "x-decimals", "x-document", "x-since"]);
ajv.addSchema(schema, "schema.json");

const compiled = (part) =>
  ajv.compile(JSON.parse(JSON.stringify(part).replaceAll('"#/$defs/', '"schema.json#/$defs/')));
const check = Object.fromEntries(
  contract("functions.json").functions.map(({ name, request, answer }) => [
    name,
    { request: compiled(request), answer: compiled(answer) },
  ]),
);

/** Messages of faults that a schema cannot express: sums, repeated names, and what one field requires of another. */
const OF_MEANING = [
  /^expected each \w+ once$/,
  /^expected an? (code|id) that no other promo has$/,
  /^expected 1 to 64 characters in canonical form and no control character$/,
  /^expected 1 beside single_use, found \d+$/,
  /^expected a string that is not blank$/,
  /^expected a sum of at most 9007199254740991$/,
  /^expected at most (1000 tickets|100000 ticket references in charges|100 identities), found \d+$/,
  /^expected a time, because /,
  /^expected the id of the order$/,
  /^expected nothing, because /,
  /^expected at most one code, because /,
  /^expected at most the unit price$/,
  /^expected released exactly when every ticket is$/,
  /^expected a counter key$/,
  /^expected ascending indexes of tickets$/,
  /^expected one amount per ticket$/,
  /^expected the sum of each$/,
  /^expected the index of a ticket, /,
  /^expected (at least \d+ bytes|random bytes)/,
  /^expected a prefix whose codes /,
  /^expected an event, because /,
  /^expected a currency, because a budget is counted in one$/,
];

/** Vectors of percents within the bounds that have too many decimals. A schema cannot express this, either. */
const TOO_FINE = [
  "discounts-percent-five-decimals",
  "discounts-percent-not-quite-four-decimals",
  "errors-discount-percent-5-decimals",
  "errors-discount-percent-tiny",
];

test("the schema passes its own meta-schema, and every function has a request and an answer", () => {
  assert.ok(ajv.validateSchema(schema), ajv.errorsText());
  for (const name of Object.keys(schema.$defs)) ajv.getSchema(`schema.json#/$defs/${name}`);
  assert.deepEqual(
    CALLS.filter((call) => !check[call]),
    [],
  );
});

test("the examples and the answers to them pass", () => {
  for (const call of CALLS) {
    assert.ok(check[call].request(documents[call]), `${call}: ${ajv.errorsText(check[call].request.errors)}`);
    const answer = JSON.parse(JSON.stringify(engine[call](documents[call])));
    assert.ok(check[call].answer(answer), `${call}: ${ajv.errorsText(check[call].answer.errors)}`);
  }
});

test("promotions of prepared rules are those of validateRedemption, unless those with faults are left out", () => {
  const { promos, policy } = documents.validateRedemption;
  const passes = (promos, unsound) => check.prepare.request({ promos, policy, ...unsound });
  const choices = [{}, { unsound: null }, { unsound: "refuse" }, { unsound: "leave_out" }];
  assert.deepEqual(
    choices.map((unsound) => passes(promos, unsound)),
    [true, true, true, true],
  );
  for (const faulty of [{ ...promos[0], max_usse: 1 }, { ...promos[0], code: null }, 3]) {
    assert.deepEqual(
      choices.map((unsound) => passes([promos[0], faulty], unsound)),
      [false, false, false, true],
    );
  }
});

test("a field that is misspelt or missing does not pass, at any depth", () => {
  let count = 0;
  for (const call of CALLS) {
    // Inside the documents of validatePromos the schema allows anything.
    const isDraft = (path) => call === "validatePromos" && path.length > 0;
    for (const { path } of records(documents[call])) {
      if (isDraft(path)) continue;
      const spoilt = structuredClone(documents[call]);
      const record = path.reduce((value, key) => value[key], spoilt);
      const isMap = /^(counters|identities|only_for)$/.test(path.at(-1));
      for (const field of isMap ? [] : Object.keys(record)) {
        const value = record[field];
        record[`${field}x`] = value;
        assert.ok(!check[call].request(spoilt), `${call} ${path.join(".")}.${field}x`);
        delete record[`${field}x`];
        record[field] = null;
        const isMissed = failureIsMissing(call, spoilt);
        if (isMissed) assert.ok(!check[call].request(spoilt), `${call} ${path.join(".")}.${field}`);
        record[field] = value;
        count += 1;
      }
    }
  }
  assert.ok(count > 300, `${count} fields`);
});

/** Whether the engine misses a required field. */
function failureIsMissing(call, request) {
  try {
    engine[call](request);
    return false;
  } catch (error) {
    return /^missing required field$|^expected exactly one of discount /.test(error.message);
  }
}

test("the vectors pass, except those with a fault that a schema can express", () => {
  let refused = 0;
  for (const { name, call, request, answer, error } of vectors) {
    const passes = check[call].request(request);
    if (error) {
      const isOfMeaning = TOO_FINE.includes(name) || OF_MEANING.some((words) => words.test(error.message));
      assert.equal(passes, isOfMeaning, `${name}: ${error.path}: ${error.message}`);
      if (!passes) refused += 1;
    } else {
      assert.ok(passes, `${name}: ${ajv.errorsText(check[call].request.errors)}`);
      // Only answers that JSON can carry as an object or a list are checked.
      if (isRecord(answer) || Array.isArray(answer)) {
        assert.ok(check[call].answer(answer), `${name}: ${ajv.errorsText(check[call].answer.errors)}`);
      }
    }
  }
  assert.ok(refused > 200, `${refused} are refused`);
});
