// Keeps the vectors up to date where an answer lists all fields of a document, so that a new field changes no vector by
// hand: in `unknown field, expected one of …`, and in what `publicView` answers.
import { readFileSync, readdirSync } from "node:fs";
import { root } from "./contract.mjs";

const read = (path) => readFileSync(new URL(path, root), "utf8");
const { $defs } = JSON.parse(read("contract/schema.json"));
const requests = Object.fromEntries(
  JSON.parse(read("contract/functions.json")).functions.map(({ name, request }) => [name, request]),
);

/** The schema behind a reference, behind `anyOf: [it, null]`, or of a document that may have faults. */
function resolved(schema) {
  const [other] = schema?.anyOf?.filter(({ type }) => type !== "null") ?? [];
  const name = schema?.$ref?.split("/").at(-1) ?? schema?.["x-document"];
  const next = name ? $defs[name] : other;
  return next ? resolved(next) : schema;
}

/** The fields of the object at a place of the request, in the order of its type; undefined where there are several. */
function fieldsAt(call, at) {
  let schema = resolved(requests[call]);
  for (const step of at) schema = resolved(typeof step === "number" ? schema?.items : schema?.properties?.[step]);
  return schema?.properties && Object.keys(schema.properties);
}

const LIST = /^(unknown field, expected one of )(.*)$/;

/** The message with the fields that the contract has now. */
function listing(call, { at, message }) {
  const [, before] = LIST.exec(message) ?? [];
  const fields = before && fieldsAt(call, at.slice(0, -1));
  return fields ? before + fields.join(", ") : message;
}

/** The document of a view with each field that the contract has and it lacks, at its default. */
function completed({ properties }, document) {
  const defaults = Object.entries(properties).map(([name, field]) => [name, field.default ?? null]);
  return { ...Object.fromEntries(defaults), ...document };
}

/** A discount of a view, with each field of its kind. */
function completedDiscount(discount) {
  const kind = $defs.Discount.oneOf.find(({ properties }) => properties.kind.const === discount.kind);
  return completed(kind, discount);
}

function completedPromo(promo) {
  const whole = completed($defs.Promo, promo);
  return { ...whole, discount: whole.discount && completedDiscount(whole.discount) };
}

/** JSON on one line, as people write it in the vectors. */
function line(value) {
  if (Array.isArray(value)) return `[${value.map(line).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, field]) => `${JSON.stringify(name)}: ${line(field)}`)
    .join(", ")}}`;
}

/** The text of a file of vectors, brought up to date. */
function updated(text) {
  let rest = text;
  let done = "";
  for (const { name, call, error, answer } of JSON.parse(text).cases) {
    const start = rest.indexOf(JSON.stringify(name));
    done += rest.slice(0, start);
    rest = rest.slice(start);
    for (const fault of error ? [error] : (answer?.faults ?? [])) {
      // The first one that is left in the text is this one: what was replaced before is the same.
      rest = rest.replace(JSON.stringify(fault.message), () => JSON.stringify(listing(call, fault)));
    }
    if (call === "publicView" && answer) {
      const { codes, promos, policy, complete, valid_until_ms } = answer;
      const whole = {
        codes,
        promos: promos.map(completedPromo),
        policy: completed($defs.Policy, policy),
        complete,
        valid_until_ms,
      };
      rest = rest.replace(line(answer), () => line(whole));
    }
  }
  return done + rest;
}

/** Every file of vectors: its path and its text. */
export const vectors = () =>
  readdirSync(new URL("tests/vectors/", root))
    .filter((name) => name.endsWith(".json"))
    .map((name) => [`tests/vectors/${name}`, updated(read(`tests/vectors/${name}`))]);
