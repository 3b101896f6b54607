// Misspells and spoils each field of each document in turn: the error names exactly that place.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CALLS,
  documents,
  edited,
  failure,
  fails,
  isAmount,
  isMap,
  isRecord,
  nodes,
  records,
  replaced,
  written,
} from "./support.mjs";

const all = Object.fromEntries(CALLS.map((call) => [call, [...nodes(documents[call])]]));
const last = (path) => path.findLast((key) => typeof key === "string");
const isPercent = (path) => ["percent", "discount_percent"].includes(path.at(-1));
/** The amounts of promotions, which may be numbers or amounts by currency. */
const MONEY = ["amount", "price", "from", "max_discount", "budget", "min_subtotal", "max_subtotal"];
const isMoney = (path) => path.some((key) => MONEY.includes(key)) && !path.includes("charges");
/** The field `each`, which may be a number, a list or null. */
const isEach = (path) => path.at(-1) === "each";
const ENUMS = [
  "kind",
  "of",
  "at",
  "pick",
  "count_by",
  "when_short",
  "rounding",
  "uses",
  "identity",
  "email_aliases",
  "state",
  "reason",
];

class Plain {
  constructor(fields) {
    Object.assign(this, fields);
  }
}

/** A fact, or what one is compared with: it says by itself of which kind it is. The vectors test these. */
const isOfFact = (path) =>
  path.at(-2) === "facts" || path.some((key) => ["is", "is_not", "in", "not_in"].includes(key));

for (const call of CALLS) {
  test(`${call}: a misspelt field beside the right field is an error, whatever its value`, () => {
    for (const { path, value } of records(documents[call])) {
      for (const field of Object.keys(value)) {
        for (const misspelt of [
          `${field}s`,
          field.toUpperCase(),
          `${field} `,
          `${field.replace(/_(\w)/, (_, letter) => letter.toUpperCase())}_`,
        ]) {
          // `discount` with an s is another field.
          if (Object.hasOwn(value, misspelt) || misspelt === "discounts") continue;
          for (const given of [value[field], null, undefined]) {
            fails(
              call,
              edited(documents[call], path, (object) => {
                object[misspelt] = given;
              }),
              written([...path, misspelt]),
              /^unknown field, expected one of \w/,
            );
          }
        }
      }
    }
  });

  test(`${call}: a misspelt field in place of the right field is an error at either of them`, () => {
    for (const { path, value } of records(documents[call])) {
      for (const field of Object.keys(value)) {
        const request = edited(documents[call], path, (object) => {
          object[`${field}_`] = object[field];
          delete object[field];
        });
        const error = failure(call, request);
        assert.ok(error !== null, `${call} accepts ${written([...path, `${field}_`])}`);
        // The error may be at the misspelt field or at the one that is missing. A promo without discount_percent may
        // be told that its `discount` is missing.
        const places = [
          [...path, `${field}_`],
          [...path, field],
          ...(["discount_percent", "discounts"].includes(field) ? [[...path, "discount"]] : []),
        ].map(written);
        assert.ok(places.includes(error.path), `${error.path}: ${error.message}, not at ${places[0]}`);
      }
    }
  });

  test(`${call}: a value that is not a whole number is an error at each number`, () => {
    const spoilt = [
      [1.5, "a fraction"],
      [NaN, "a number that is not finite"],
      [Infinity, "a number that is not finite"],
      [-Infinity, "a number that is not finite"],
      [-1, "a negative number"],
      [-0.5, "a negative number"],
      [10n, "a bigint"],
      [2 ** 53, "a number above 9007199254740991"],
      [1e300, "a number above 9007199254740991"],
      ["3", "a string"],
      [true, "a boolean"],
      [Symbol("three"), "a symbol"],
      [() => 3, "a function"],
      [{ valueOf: () => 3 }, "an object"],
      [new Date(0), "an object that is not plain"],
    ];
    for (const { path } of all[call].filter(({ value }) => typeof value === "number")) {
      for (const [value, found] of spoilt) {
        // An object may stand for amounts by currency: its own fields are then wrong.
        if ((isPercent(path) && value === 1.5) || (isMoney(path) && found === "an object")) continue;
        if (isOfFact(path) && ["string", "boolean"].includes(typeof value)) continue;
        const words =
          isPercent(path) && typeof value === "number"
            ? /^expected a number from 0 to 100 with at most 4 decimals, found /
            : new RegExp(`^expected .*, found ${found}$`);
        fails(call, replaced(documents[call], path, value), written(path), words);
      }
    }
  });

  test(`${call}: a value of another type is an error at each string, boolean, list and object`, () => {
    const values = {
      string: "x",
      number: 3,
      boolean: true,
      bigint: 10n,
      symbol: Symbol("x"),
      function: () => "x",
      list: ["x"],
      object: { x: 1 },
      map: new Map([["x", 1]]),
      date: new Date(0),
      boxed: new String("x"),
      set: new Set(["x"]),
      bytes: new Uint8Array([0]),
      class: new Plain({ x: 1 }),
      promise: Promise.resolve("x"),
    };
    const found = {
      string: "a string",
      number: "3",
      boolean: "a boolean",
      bigint: "a bigint",
      symbol: "a symbol",
      function: "a function",
      list: "a list",
      object: "an object",
    };
    for (const { path, value } of all[call]) {
      const own = Array.isArray(value) ? "list" : typeof value;
      if (own === "number" || value === null) continue;
      for (const [kind, wrong] of Object.entries(values)) {
        // Plain objects with other fields are tested above, as misspellings; a number may stand for the list `each`,
        // or for amounts by currency.
        if (kind === own || ((isEach(path) || isAmount(path)) && kind === "number")) continue;
        if (isOfFact(path) && ["string", "number", "boolean", "list"].includes(kind)) continue;
        // One word may stand for true or false.
        const isAnotherWord = path.at(-1) === "combines" && kind === "string";
        fails(
          call,
          path.length === 0 ? wrong : replaced(documents[call], path, wrong),
          written(path),
          new RegExp(
            `^expected .*, found ${isAnotherWord ? "another string" : (found[kind] ?? "an object that is not plain")}$`,
          ),
        );
      }
    }
  });

  test(`${call}: null and undefined mean the same as absent, at every field`, () => {
    for (const { path } of all[call].filter(({ path }) => path.length > 0)) {
      const [parent, key] = [path.slice(0, -1), path.at(-1)];
      const outcomes = [null, undefined].map((nothing) =>
        JSON.stringify(failure(call, replaced(documents[call], path, nothing))),
      );
      assert.equal(outcomes[0], outcomes[1], `null and undefined differ at ${written(path)}`);
      if (typeof key === "number" || isMap(parent)) continue;
      const absent = edited(documents[call], parent, (object) => {
        delete object[key];
      });
      assert.equal(outcomes[0], JSON.stringify(failure(call, absent)), `null and absent differ at ${written(path)}`);
    }
  });

  test(`${call}: a lone surrogate is an error at each string and in each key of a map`, () => {
    for (const { path, value } of all[call]) {
      if (typeof value === "string") {
        for (const lone of ["\ud800", "a\udc00b", "\udc00\ud800"]) {
          fails(
            call,
            replaced(documents[call], path, lone),
            written(path),
            ENUMS.includes(last(path)) ? /^expected / : /^expected Unicode text, found a lone surrogate$/,
          );
        }
      }
      if (isRecord(value)) {
        const error = failure(
          call,
          edited(documents[call], path, (object) => {
            object["\ud800"] = 1;
          }),
        );
        assert.ok(error !== null, `${call} accepts a lone surrogate as a key at ${written(path)}`);
        assert.ok(error.path.startsWith(written(path)), error.path);
      }
    }
  });

  test(`${call}: a hole in a list is an error at its place`, () => {
    for (const { path, value } of all[call].filter(({ value }) => Array.isArray(value))) {
      const holed = [...value];
      delete holed[0];
      holed.length = Math.max(value.length, 1);
      fails(call, replaced(documents[call], path, holed), written([...path, 0]), /./);
    }
  });
}
