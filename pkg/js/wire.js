// Calls the wasm file. It writes a request as bytes, in the format of src/crossing/wire.rs; wire-answers.js reads the
// answer.
import { answered, look } from "./wire-answers.js";

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

// Values that are nested deeper are not written. No document is so deep, so the engine finds a mistake further out.
const DEEPEST = 16;
// The largest request, in bytes, so that a cycle or an endless list comes to an end. Each value counts as at least EACH
// bytes, about as many as it takes in JavaScript.
const LARGEST = 64 << 20;
const EACH = 16;

const { getOwnPropertyNames, getPrototypeOf, prototype: plain } = Object;
const { isArray } = Array;
const unreadable = Symbol("unreadable");

// The first size of the buffer for requests. After a request, a buffer larger than KEEP is replaced by a small one.
const ROOM = 1 << 14;
const KEEP = 1 << 20;

let bytes;
let view;
room(ROOM);
// `end` is where the next byte is written, and `left` how many more bytes the request may have. A getter in a request
// may call the engine itself while the request is being written: the inner request is then written after the outer one.
let end = 0;
let left = 0;

/** Writes the request, calls the engine's `verb`, and reads the answer with `read`, or throws the engine's error. */
export function ask(instance, verb, request, read, rules) {
  // An address from 2 GiB on comes as a negative number.
  return answered(instance, instance.exports[verb](send(instance, request), rules) >>> 0, read);
}

/** Writes the request, copies it to where the engine reads it, and returns its length. */
function send(instance, request) {
  const [start, before] = [end, left];
  left = LARGEST;
  try {
    value(request, 0);
    if (left < 0) {
      // The request was cut off, so the policy may be missing. The engine must not read such a request: it gets the tag
      // TOO_LARGE instead, and answers with an error.
      end = start;
      tag(TOO_LARGE);
    }
    const address = instance.exports.room(end - start) >>> 0;
    look(instance).octets.set(bytes.subarray(start, end), address);
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
  // Room for a whole number: the tag and a double. Longer values reserve more themselves.
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

/** Writes the length and the UTF-8 of a string. False if it has a lone surrogate, which is written as U+FFFD. */
function characters(given) {
  // Encoded by hand, because a TextEncoder replaces a lone surrogate without an error.
  const { length } = given;
  // A UTF-16 unit becomes at most three bytes; a pair of units becomes four.
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

/** Writes a list or an object. Each access may run code of the host (a getter or a proxy), which may throw. */
function composite(given, depth) {
  const start = end;
  try {
    if (depth === DEEPEST) return tag(UNREADABLE);
    const contents = isArray(given) ? items : isPlain(given) ? fields : null;
    if (contents === null) return tag(NOT_PLAIN);
    tag(contents === items ? LIST : OBJECT);
    end += 4; // room for the length, which is known only after the contents
    contents(given, depth + 1);
    view.setUint32(start + 1, end - start - 5, true);
  } catch {
    end = start;
    tag(UNREADABLE);
  }
}

/** Whether the object inherits from nothing, or directly from the `Object.prototype` of any realm (window, worker). */
function isPlain(given) {
  const parent = getPrototypeOf(given);
  return parent === plain || parent === null || getPrototypeOf(parent) === null;
}

function items(list, depth) {
  const { length } = list;
  // A proxy may claim any length. If no list can have that length, it is an error.
  if (length >>> 0 !== length) throw new RangeError("length");
  for (let i = 0; i < length && left >= 0; i += 1) value(get(list, i), depth);
}

function fields(object, depth) {
  // Not `Object.keys`, which leaves out fields that are not enumerable: a limit must not be overlooked.
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
