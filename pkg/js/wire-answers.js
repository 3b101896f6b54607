// Reads an answer of the wasm file from numbers and one text. src/crossing/answer.rs describes the numbers: what NaN,
// infinity and numbers below 0 stand for, and why answers do not cross as objects.
const { defineProperty } = Object;
const { parse } = JSON;

// The answer that is being read: its module, the module's memory as doubles, the index of the next double, the answer's
// text, and how much of the text is read. They are variables of this file, so that readers need no arguments.
let module;
let slots;
let at;
let blob;
let cut;

/** Text from UTF-8. The first call decides how, because jsdom has no TextDecoder: there, `%C3%A9` becomes é. */
let decode = (octets) => {
  const decoder = typeof TextDecoder === "function" ? new TextDecoder("utf-8", { ignoreBOM: true }) : null;
  const escaped = (given) => Array.from(given, (octet) => `%${octet.toString(16).padStart(2, "0")}`).join("");
  decode = decoder ? (given) => decoder.decode(given) : (given) => decodeURIComponent(escaped(given));
  return decode(octets);
};

/** Gives the module views of its memory. When the memory grows, the old views become empty, and new ones are made. */
export function look(module) {
  if (module.octets?.length > 0) return module;
  const { buffer } = module.memory;
  module.octets = new Uint8Array(buffer);
  module.words = new Uint32Array(buffer);
  module.slots = new Float64Array(buffer);
  return module;
}

export function answered(from, address, read) {
  module = look(from);
  const place = address >>> 2;
  const [blobStart, blobLength, start, count] = [
    module.words[place],
    module.words[place + 1],
    module.words[place + 2],
    module.words[place + 3],
  ];
  slots = module.slots;
  at = start >>> 3;
  blob = decode(module.octets.subarray(blobStart, blobStart + blobLength));
  cut = 0;
  const stop = at + count;
  const failed = count > 0 && truth();
  const answer = failed ? error() : count > 0 ? read() : null;
  if (at !== stop || count === 0) throw new Error("redeemable: the wasm file is not the one of this package");
  if (failed) throw answer;
  return answer;
}

function error() {
  const code = name();
  const path = string();
  const at = list(step);
  const error = new Error(string());
  own(error, "code", code);
  own(error, "path", path);
  own(error, "at", at);
  return error;
}

/** Sets a field of the object itself. A plain assignment would call a setter that a polluted prototype may have. */
function own(object, name, value) {
  defineProperty(object, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}

/** An answer that crosses as JSON text. */
export const json = () => parse(blob);

export const number = () => slots[at++];
export const truth = () => slots[at++] === 1;
// biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
const isAbsent = () => slots[at] !== slots[at];
export const optionalNumber = () => {
  const value = slots[at++];
  // biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
  return value === value ? value : null;
};

export function string() {
  const start = cut;
  cut += slots[at++];
  return blob.slice(start, cut);
}

export const optionalString = () => optional(string);

export const optional = (read) => (given() ? read() : null);

/** Whether the next value is there. If it is absent, the next value is the one after it. */
export function given() {
  const absent = isAbsent();
  if (absent || slots[at] === Infinity) at += 1;
  return !absent;
}

/** The name of a variant, such as `accepted`. The module has each name once, so it is decoded once and then kept. */
export function name() {
  const place = slots[at++];
  const known = module.names.get(place);
  if (known !== undefined) return known;
  const start = Math.floor(place / 64);
  const text = decode(module.octets.subarray(start, start + (place % 64)));
  module.names.set(place, text);
  return text;
}

export const isList = () => slots[at] < 0;

export function list(read) {
  const values = [];
  for (let rest = -1 - slots[at++]; rest > 0; rest -= 1) values.push(read());
  return values;
}

/** A step of a path. A position crosses as −1 less itself, because a number from 0 on is the length of a name. */
export const step = () => (isList() ? -1 - number() : string());

/** An object whose keys are data. `Object.fromEntries` makes a `__proto__` among them a field like any other. */
export const map = (read) => Object.fromEntries(list(() => [string(), read()]));
