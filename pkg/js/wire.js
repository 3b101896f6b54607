// The crossing: a request becomes bytes, and an answer is read from numbers and one text. src/crossing/wire.rs is the
// other end of the one, and src/crossing/answer.rs of the other: it says what NaN, infinity and numbers below 0 stand
// for.

// Tags, as in src/crossing/wire.rs.
const NULL = 0,
  FALSE = 1,
  TRUE = 2,
  NUMBER = 3,
  TEXT = 4,
  LIST = 5,
  OBJECT = 6;
const BROKEN_TEXT = 8,
  TOO_LARGE = 9,
  BIGINT = 10,
  SYMBOL = 11,
  FUNCTION = 12,
  NOT_PLAIN = 13,
  UNREADABLE = 14;

// No document is as deep, so the engine has found a mistake before it comes there.
const DEEPEST = 16;
// What cycles and endless lists end at. Each value counts as 16 bytes, about what it takes in JavaScript.
const LARGEST = 64 << 20;
const EACH = 16;

const { defineProperty, getOwnPropertyNames, getPrototypeOf, prototype: plain } = Object;
const { isArray } = Array;
const { parse } = JSON;
const unreadable = Symbol("unreadable");

// The room for requests at first, and what is given back after a long one.
const ROOM = 1 << 14;
const KEEP = 1 << 20;

let bytes;
let view;
room(ROOM);
// A getter of the host's may ask the engine something else meanwhile: that request is written behind this one.
let end = 0;
let left = 0;

/**
 * Writes the request, has the engine answer it under these rules, and reads the answer with `read` or throws the error.
 */
export function ask(module, verb, request, read, rules) {
  return answered(module, verb(send(module, request), rules), read);
}

/** Copies the request to where the engine reads it, and returns its length. */
function send(module, request) {
  const [start, before] = [end, left];
  left = LARGEST;
  try {
    value(request, 0);
    if (left < 0) {
      // What was left off may be the policy: no part of such a request is read.
      end = start;
      tag(TOO_LARGE);
    }
    const address = module.room(end - start);
    look(module).octets.set(bytes.subarray(start, end), address);
    return end - start;
  } finally {
    end = start;
    left = before;
    if (end === 0 && bytes.length > KEEP) room(ROOM);
  }
}

function reserve(more) {
  if (end + more <= bytes.length) return;
  const smaller = bytes;
  room(2 * (end + more));
  bytes.set(smaller);
}

function room(length) {
  bytes = new Uint8Array(length);
  view = new DataView(bytes.buffer);
}

function tag(byte) {
  reserve(9);
  bytes[end] = byte;
  end += 1;
}

function value(given, depth) {
  left -= EACH;
  if (left < 0) return tag(TOO_LARGE);
  switch (typeof given) {
    case "string":
      return text(given);
    case "number":
      tag(NUMBER);
      view.setFloat64(end, given, true);
      end += 8;
      return;
    case "object":
      return given === null ? tag(NULL) : composite(given, depth);
    case "boolean":
      return tag(given ? TRUE : FALSE);
    case "undefined":
      return tag(NULL);
    case "bigint":
      return tag(BIGINT);
    case "function":
      return tag(FUNCTION);
    default:
      return tag(given === unreadable ? UNREADABLE : SYMBOL);
  }
}

function text(given) {
  left -= given.length;
  if (left < 0) return tag(TOO_LARGE);
  const start = end;
  tag(TEXT);
  if (!characters(given)) {
    end = start;
    tag(BROKEN_TEXT);
  }
}

/** The length and the UTF-8 of a string. False if half of a surrogate pair is missing; U+FFFD stands for it. */
function characters(given) {
  const { length } = given;
  reserve(4 + 3 * length);
  const start = end + 4;
  let at = start;
  let whole = true;
  for (let i = 0; i < length; i += 1) {
    let unit = given.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
      continue;
    }
    if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
    } else {
      if (unit >= 0xd800 && unit < 0xe000) {
        unit = given.codePointAt(i);
        if (unit > 0xffff) {
          i += 1;
          bytes[at++] = 0xf0 | (unit >> 18);
          bytes[at++] = 0x80 | ((unit >> 12) & 0x3f);
        } else {
          whole = false;
          unit = 0xfffd;
        }
      }
      if (unit <= 0xffff) bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
    }
    bytes[at++] = 0x80 | (unit & 0x3f);
  }
  view.setUint32(end, at - start, true);
  end = at;
  return whole;
}

/** A list or an object. Each step can run code of the host's, which may throw. */
function composite(given, depth) {
  const start = end;
  try {
    if (depth === DEEPEST) return tag(UNREADABLE);
    const contents = isArray(given) ? items : isPlain(given) ? fields : null;
    if (contents === null) return tag(NOT_PLAIN);
    tag(contents === items ? LIST : OBJECT);
    end += 4;
    contents(given, depth + 1);
    view.setUint32(start + 1, end - start - 5, true);
  } catch {
    end = start;
    tag(UNREADABLE);
  }
}

/** Plain is what inherits from nothing, or from the `Object.prototype` of any realm. */
function isPlain(given) {
  const parent = getPrototypeOf(given);
  return parent === plain || parent === null || getPrototypeOf(parent) === null;
}

function items(list, depth) {
  const { length } = list;
  // A proxy may claim any length; only what a list can have is believed.
  if (length >>> 0 !== length) throw new RangeError("length");
  for (let i = 0; i < length && left >= 0; i += 1) value(get(list, i), depth);
}

function fields(object, depth) {
  // Not `keys`: a limit that is not enumerable must not be overlooked.
  const names = getOwnPropertyNames(object);
  for (let i = 0; i < names.length && left >= 0; i += 1) {
    const name = names[i];
    left -= name.length;
    if (characters(name)) value(get(object, name), depth);
    else tag(BROKEN_TEXT);
  }
}

function get(object, key) {
  try {
    return object[key];
  } catch {
    return unreadable;
  }
}

// What is being read: the module's memory as numbers, the next of them, the answer's text, and how much of it is read.
let module;
let slots;
let at;
let blob;
let cut;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The module with its memory as it is now: it moves when it grows, and what looked at it then has no length. */
function look(module) {
  if (module.octets?.length > 0) return module;
  const { buffer } = module.memory;
  module.octets = new Uint8Array(buffer);
  module.words = new Uint32Array(buffer);
  module.slots = new Float64Array(buffer);
  return module;
}

function answered(from, address, read) {
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
  blob = decoder.decode(module.octets.subarray(blobStart, blobStart + blobLength));
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

/** Whatever setters a polluted prototype has. */
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

export function optional(read) {
  if (slots[at] === Infinity) at += 1;
  else if (isAbsent()) {
    at += 1;
    return null;
  }
  return read();
}

/** The name of a variant, which the module has once: it is read the first time that it crosses. */
export function name() {
  const place = slots[at++];
  const known = module.names.get(place);
  if (known !== undefined) return known;
  const start = Math.floor(place / 64);
  const text = decoder.decode(module.octets.subarray(start, start + (place % 64)));
  module.names.set(place, text);
  return text;
}

export const isList = () => slots[at] < 0;

export function list(read) {
  const values = [];
  for (let rest = -1 - slots[at++]; rest > 0; rest -= 1) values.push(read());
  return values;
}

/** A step of a path: a position crosses as −1 less it, so that it is told from the length of a name. */
export const step = () => (isList() ? -1 - number() : string());

/** An object whose keys are data; `__proto__` is one like any other. */
export const map = (read) => Object.fromEntries(list(() => [string(), read()]));
