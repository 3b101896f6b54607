// Checks contract/schema.json with an independent validator (ajv): the engine's requests and answers pass, malformed
// requests do not.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { CALLS, contract, documents, engine, isRecord, records, vectors } from "./support.mjs";

const schema = contract("schema.json");
const { faults: toldFaults } = JSON.parse(
  readFileSync(new URL("../../tools/contract/told.json", import.meta.url), "utf8"),
);

// In strict mode, a misspelt keyword in the schema is an error, and so is a keyword that does not fit its type.
const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
ajv.addVocabulary(["x-side", "x-unit", "x-document", "x-since"]);
const hasAtMost = (decimals, value) => Number(value.toFixed(decimals)) === value;
ajv.addKeyword({ keyword: "x-decimals", type: "number", schemaType: "number", validate: hasAtMost });
ajv.addSchema(schema, "schema.json");

const compiled = (part) =>
  ajv.compile(JSON.parse(JSON.stringify(part).replaceAll('"#/$defs/', '"schema.json#/$defs/')));
const check = Object.fromEntries(
  contract("functions.json").functions.map(({ name, request, answer }) => [
    name,
    { request: compiled(request), answer: compiled(answer) },
  ]),
);

/** A message without its numbers: other vectors of a fault have others. */
const form = (message) => message.replaceAll(/\d+/g, "0");

/** Faults that a schema cannot express, such as sums and repeated names; tools/contract/told.json marks them. */
const beyond = toldFaults.filter((fault) => fault.beyond_schema);
const vectorsOf = ({ vector, also = [] }) => [vector, ...also];
const formsBeyond = new Set(
  vectors.filter(({ name }) => beyond.flatMap(vectorsOf).includes(name)).map(({ error }) => form(error.message)),
);

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
      const isMap = /^(counters|facts|identities|only_for)$/.test(path.at(-1));
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

test("a fault that told.json marks as beyond the schema is shown by vectors", () => {
  const known = new Set(vectors.filter(({ error }) => error).map(({ name }) => name));
  const shown = (name) => known.has(name);
  assert.deepEqual(
    beyond.filter((fault) => !vectorsOf(fault).every(shown)),
    [],
  );
});

test("the vectors pass, except those with a fault that a schema can express", () => {
  let refused = 0;
  for (const { name, call, request, answer, error } of vectors) {
    const passes = check[call].request(request);
    if (error) {
      const wrong = passes
        ? "passes, but no fault of told.json with this message is marked beyond_schema"
        : "does not pass, but a fault of told.json with this message is marked beyond_schema";
      assert.equal(passes, formsBeyond.has(form(error.message)), `${name} ${wrong}: ${error.message}`);
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
