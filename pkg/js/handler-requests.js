// Reads what a client sends: strict JSON of a bounded size. Each mistake is a 400 that names the field.
import { refuse } from "./handler-answers.js";
import { pathOf } from "./options.js";

/** A random UUID (version 4), which nobody can guess. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** The longest body, in bytes: plenty for the longest order. */
const MOST_BYTES = 65_536;

export const wrong = (at, message) => refuse(400, "invalid_request", pathOf(at), message);

/** The body, which may have these fields only. */
export async function bodyOf(request, fields) {
  // A form of another site can send no JSON, and a script of another site may not: browsers ask the shop first.
  const type = (request.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  if (type !== "application/json") refuse(415, "invalid_request", "", "expected content-type: application/json");
  return fieldsOf(parse(await textOfBody(request)), fields, []);
}

async function textOfBody({ body }) {
  if (body === null) wrong([], "expected JSON, found nothing");
  const chunks = [];
  let size = 0;
  // A reader, because not every runtime can iterate over the stream.
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => wrong([], "expected the whole body"));
    if (done) break;
    size += value.length;
    // The rest is not read, and not cancelled: some servers would close the connection before the answer.
    if (size > MOST_BYTES) refuse(413, "invalid_request", "", `expected a body of at most ${MOST_BYTES} bytes`);
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return wrong([], "expected UTF-8");
  }
}

function parse(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    wrong([], "expected JSON");
  }
  const twice = repeatedKey(text);
  if (twice !== null) wrong(twice, "expected this field once");
  return value;
}

/**
 * The place of the first key that an object of this JSON text has twice, or null. JSON.parse keeps the last of them,
 * and a proxy that checks requests may have looked at the first.
 */
function repeatedKey(text) {
  const open = [];
  let string;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    const place = open.at(-1);
    if (token === "{") open.push({ keys: new Set(), step: null });
    else if (token === "[") open.push({ keys: null, step: 0 });
    else if (token === "}" || token === "]") open.pop();
    else if (token === ",") place.step = place.keys ? null : place.step + 1;
    else if (token === ":") {
      place.step = JSON.parse(string);
      if (place.keys.has(place.step)) return open.map(({ step }) => step);
      place.keys.add(place.step);
    } else string = token;
  }
  return null;
}

/** The object's fields, each of which is one of `names`; null allows any. */
export function fieldsOf(value, names, at) {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    wrong(at, `expected an object, found ${kindOf(value)}`);
  const fields = Object.create(null);
  for (const name of Object.keys(value)) {
    if (names !== null && !names.includes(name))
      wrong([...at, name], `unknown field, expected one of ${names.join(", ")}`);
    fields[name] = value[name];
  }
  return fields;
}

/** The id that the client made before its first try: the field `id`, or the header Idempotency-Key, or both. */
export function idOf(request, body) {
  const key = request.headers.get("idempotency-key")?.replace(/^"(.*)"$/, "$1") ?? body.id;
  const id = body.id ?? key;
  if (id === undefined) wrong(["id"], "missing required field, or the header Idempotency-Key");
  if (typeof id !== "string" || !UUID.test(id)) wrong(["id"], "expected a random UUID (version 4) in small letters");
  if (id !== key) wrong(["id"], "expected what the header Idempotency-Key says");
  return id;
}

export function textOf(value, most, at) {
  if (value === undefined) wrong(at, "missing required field");
  if (typeof value !== "string") wrong(at, `expected a string, found ${kindOf(value)}`);
  if (value.length > most) wrong(at, `expected at most ${most} characters, found ${value.length}`);
  return value;
}

export function integerOf(value, at) {
  if (value === undefined) wrong(at, "missing required field");
  if (!Number.isSafeInteger(value) || value < 0) wrong(at, "expected an integer from 0 to 9007199254740991");
  return value;
}

export function listOf(value, most, at) {
  if (value === undefined) wrong(at, "missing required field");
  if (!Array.isArray(value)) wrong(at, `expected a list, found ${kindOf(value)}`);
  if (value.length > most) wrong(at, `expected at most ${most} entries, found ${value.length}`);
  return value;
}

const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "a list" : typeof value);
