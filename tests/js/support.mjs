// What the JavaScript tests share: the documents, ways through them, and errors as plain values.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import * as sales from "redeemable";
import * as organiser from "redeemable/organiser";

/** Both wasm files. */
export const engine = { ...sales, ...organiser };

/** Part of the contract: `schema.json`, `functions.json` or `reasons.json`. */
export const contract = (name) => JSON.parse(readFileSync(new URL(`../../contract/${name}`, import.meta.url), "utf8"));

/** Every function of one request, by its name; those under prepared rules are methods of these. */
export const FUNCTIONS = Object.fromEntries(
  contract("functions.json")
    .functions.filter(({ name }) => !name.startsWith("prepare"))
    .map((each) => [each.name, each]),
);
export const CALLS = Object.keys(FUNCTIONS);

const { about, ...requests } = JSON.parse(readFileSync(new URL("../documents.json", import.meta.url), "utf8"));
/** One full, valid request per call; see tests/documents.json. */
export const documents = requests;

const folder = new URL("../vectors/", import.meta.url);
/** Every case of every file of vectors. */
export const vectors = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .flatMap((file) =>
    JSON.parse(readFileSync(new URL(file, folder), "utf8")).cases.map((vector) => ({ file, ...vector })),
  );

/** The error of a call as a plain value, or null when the call answered. */
export const failure = (call, ...request) =>
  thrownBy(() => {
    const answer = engine[call](...request);
    // What is a fault of a document there is an error elsewhere.
    const [fault, ...others] = answer.faults ?? [];
    if (fault === undefined) return;
    // A field that is misspelt is also missed.
    const missed = /^missing required field$|, found none$/;
    assert.ok(
      others.every(({ message }) => /^unknown field/.test(fault.message) && missed.test(message)),
      others[0]?.path,
    );
    throw Object.assign(new Error(fault.message), { code: fault.code, path: fault.path, at: fault.at });
  });

/** The same of anything that asks the engine. */
export function thrownBy(ask) {
  try {
    ask();
    return null;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof Error, "what is thrown is an Error");
    assert.equal(written(error.at), error.path);
    return { code: error.code, path: error.path, at: error.at, message: error.message };
  }
}

/** Asserts that the request fails at the path, with a message of this form. */
export function fails(call, request, path, message = /^expected /) {
  const error = failure(call, request);
  assert.notEqual(error, null, `${call} accepts a fault at ${path}`);
  assert.equal(error.path, path, error.message);
  assert.match(error.message, message, path);
  assert.equal(error.code, /^(?:request\.)?promos\[/.test(path) ? "invalid_promo" : "invalid_request", path);
}

/** A key as the engine writes it; JSON leaves the control characters from U+007F on as they are. */
const quoted = (key) =>
  JSON.stringify(key).replace(/\p{Cc}/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A path as the engine writes it. */
export const written = (path) =>
  path
    .map((key, i) => {
      if (typeof key === "number") return `[${key}]`;
      return /^\w+$/.test(key) ? `${i > 0 ? "." : ""}${key}` : `[${quoted(key)}]`;
    })
    .join("");

/** Every value in a document with its path, the document itself first. */
export function* nodes(value, path = []) {
  yield { path, value };
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) yield* nodes(value[key], [...path, Array.isArray(value) ? Number(key) : key]);
}

/** An object whose keys are the caller's data and not field names. */
/** The fields that are an amount: a number, or in the examples an object of amounts by currency. */
const AMOUNTS = ["amount", "max_discount"];
export const isAmount = (path) => AMOUNTS.includes(path.at(-1));
export const isMap = (path) => ["identities", "facts", "counters", "only_for", ...AMOUNTS].includes(path.at(-1));
export const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Every object with field names. */
export const records = (document) => [...nodes(document)].filter(({ path, value }) => isRecord(value) && !isMap(path));

/** A copy of the document with another value at the path. */
export function replaced(document, path, value) {
  return edited(document, path.slice(0, -1), (parent) => {
    parent[path.at(-1)] = value;
  });
}
/** A copy in which `edit` was applied to the object at the path; it shares what lies beside the path. */
export function edited(value, path, edit) {
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (path.length === 0) edit(copy);
  else copy[path[0]] = edited(value[path[0]], path.slice(1), edit);
  return copy;
}

/** The fields that the engine knows at a path, read from its own message. */
export function knownFields(call, path) {
  // A discount is asked with a field of another kind: the answer is the list of its own kind.
  const bogus =
    path.at(-1) !== "discount"
      ? "bogus"
      : path.reduce((value, key) => value[key], documents[call]).kind === "percent"
        ? "amount"
        : "percent";
  const error = failure(
    call,
    edited(documents[call], path, (object) => {
      object[bogus] = 1;
    }),
  );
  assert.equal(error?.path, written([...path, bogus]));
  const [, list] = /^unknown field, expected one of (.+)$/.exec(error.message) ?? assert.fail(error.message);
  return list.split(", ");
}
