// Values that only JavaScript has, and hostile callers. Each call gets an error or the right answer. It never traps,
// changes its input, or affects the next call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CALLS, contract, documents, edited, engine, failure, fails, knownFields, nodes, records } from "./support.mjs";

const answers = Object.fromEntries(CALLS.map((call) => [call, () => JSON.stringify(engine[call](documents[call]))]));
const expected = Object.fromEntries(CALLS.map((call) => [call, answers[call]()]));
const stillRight = () => {
  for (const call of CALLS) assert.equal(answers[call](), expected[call]);
};

/** A preview with one code; `change` edits the promo. */
const preview = (change = () => {}) => {
  const promo = { code: "SUMMER", discount: { kind: "free" } };
  change(promo);
  return {
    codes: ["SUMMER"],
    promos: [promo],
    order: { event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 2 }] },
    now_ms: 1800000000000,
  };
};

for (const call of CALLS) {
  test(`${call}: a request that is no object is an error at the root`, () => {
    assert.equal(failure(call)?.path, "");
    for (const request of [
      undefined,
      null,
      [],
      [documents[call]],
      "",
      "{}",
      0,
      true,
      1n,
      Symbol("x"),
      () => {},
      new Map(),
      new Date(0),
      new Proxy([], {}),
    ]) {
      fails(call, request, "", /./);
    }
  });

  test(`${call}: frozen input is accepted and no input is changed`, () => {
    const frozen = structuredClone(documents[call]);
    for (const { value } of nodes(frozen)) Object.freeze(value);
    assert.equal(JSON.stringify(engine[call](frozen)), expected[call]);
    const copy = structuredClone(documents[call]);
    engine[call](copy);
    assert.deepEqual(copy, documents[call]);
  });

  test(`${call}: a getter that throws at any field is an error, and the next call is not affected`, () => {
    for (const { path, value } of records(documents[call])) {
      for (const field of Object.keys(value)) {
        const request = edited(documents[call], path, (object) =>
          Object.defineProperty(object, field, {
            enumerable: true,
            get: () => {
              throw new RangeError("mine");
            },
          }),
        );
        assert.notEqual(failure(call, request), null, field);
      }
    }
    stillRight();
  });

  test(`${call}: an own field named __proto__ is unknown at every depth`, () => {
    for (const { path } of records(documents[call])) {
      const request = edited(documents[call], path, (object) =>
        Object.defineProperty(object, "__proto__", { value: { active: true }, enumerable: true }),
      );
      const error = failure(call, request);
      assert.match(error?.path ?? "accepted", /__proto__$/);
    }
  });

  test(`${call}: inherited fields do not count as given`, () => {
    const fields = new Set(records(documents[call]).flatMap(({ path }) => knownFields(call, path)));
    for (const field of [...fields, "bogus"]) {
      for (const value of [0, 5, "x", null, []]) {
        try {
          Object.prototype[field] = value;
          assert.equal(answers[call](), expected[call], field);
        } finally {
          delete Object.prototype[field];
        }
      }
    }
  });
}

test("an inherited max_uses limits nothing", () => {
  const free = JSON.stringify(engine.validateRedemption(preview()));
  try {
    Object.prototype.max_uses = 0;
    Object.prototype.active = false;
    assert.equal(JSON.stringify(engine.validateRedemption(preview())), free);
  } finally {
    delete Object.prototype.max_uses;
    delete Object.prototype.active;
  }
  const inherits = Object.create({ max_uses: 0 });
  assert.notEqual(
    failure(
      "validateRedemption",
      preview((promo) => {
        promo.pools = [inherits];
      }),
    ),
    null,
  );
});

test("an own __proto__ from JSON text is an unknown field", () => {
  const request = preview();
  request.promos = JSON.parse('[{"code": "SUMMER", "discount": {"kind": "free"}, "__proto__": {"max_uses": 0}}]');
  fails("validateRedemption", request, "promos[0].__proto__", /^unknown field/);
});

test("an object without a prototype and a transparent Proxy are read like any other object", () => {
  const bare = preview();
  bare.promos[0] = Object.assign(Object.create(null), bare.promos[0]);
  const text = JSON.stringify(engine.validateRedemption(preview()));
  assert.equal(JSON.stringify(engine.validateRedemption(bare)), text);
  assert.equal(JSON.stringify(engine.validateRedemption(new Proxy(preview(), {}))), text);
});

test("a limit that is not enumerable is never overlooked", () => {
  const request = preview((promo) => Object.defineProperty(promo, "max_uses", { value: 0, enumerable: false }));
  const error = failure("validateRedemption", request);
  if (error === null) assert.equal(engine.validateRedemption(request).status, "rejected");
});

test("a getter is read once, so the value that was checked is the value that is used", () => {
  let reads = 0;
  const request = preview((promo) =>
    Object.defineProperty(promo, "max_uses", { enumerable: true, get: () => (reads += 1) }),
  );
  const { status } = engine.validateRedemption(request);
  assert.equal(reads, 1);
  assert.equal(status, "rejected", "the first answer, 1, is the limit");
});

test("a revoked Proxy and a Proxy whose traps throw are errors", () => {
  const { proxy, revoke } = Proxy.revocable(preview(), {});
  revoke();
  assert.notEqual(failure("validateRedemption", proxy), null);
  for (const trap of ["get", "has", "ownKeys", "getPrototypeOf", "getOwnPropertyDescriptor"]) {
    const request = preview();
    request.order = new Proxy(request.order, {
      [trap]: () => {
        throw new Error("mine");
      },
    });
    // Reading may not call this trap at all: then the answer is right, and there is no error.
    failure("validateRedemption", request);
    stillRight();
  }
  const inner = Proxy.revocable({}, {});
  inner.revoke();
  for (const where of ["codes", "promos", "order", "policy", "usage", "now_ms"]) {
    assert.notEqual(failure("validateRedemption", { ...preview(), [where]: inner.proxy }), null, where);
  }
  stillRight();
});

test("a list whose length throws or lies is an error each time, however often", () => {
  const list = (length) => new Proxy(["SUMMER"], { get: (target, key) => (key === "length" ? length() : target[key]) });
  // An exception that crosses wasm frames does not free their stack. A few hundred such exceptions once made every
  // later call of the engine trap.
  for (let i = 0; i < 2_000; i += 1) {
    fails(
      "validateRedemption",
      {
        ...preview(),
        codes: list(() => {
          throw new Error("mine");
        }),
      },
      "codes",
    );
  }
  for (const length of [2 ** 53, 2 ** 32, -1, 0.5, NaN, "1", {}]) {
    fails("validateRedemption", { ...preview(), codes: list(() => length) }, "codes");
  }
  stillRight();
});

test("a Map that calls itself a plain object is still a Map", () => {
  const counters = Object.defineProperty(new Map([["code/event:gala:SUMMER/uses", 1]]), Symbol.toStringTag, {
    value: "Object",
  });
  fails(
    "validateRedemption",
    { ...preview(), usage: { counters } },
    "usage.counters",
    /found an object that is not plain$/,
  );
});

test("cyclic requests are errors", () => {
  const self = preview();
  self.order.lines = [self.order];
  assert.notEqual(failure("validateRedemption", self), null);
  const promos = [];
  promos.push(promos);
  fails("validateRedemption", { ...preview(), promos }, "promos[0]");
  const usage = {};
  usage.existing = usage;
  assert.notEqual(failure("validateRedemption", { ...preview(), usage }), null);
});

test("deep, long and many values end in an answer or an error", () => {
  let deep = [];
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  fails("validateRedemption", { ...preview(), codes: deep }, "codes[0]");
  fails(
    "validateRedemption",
    { ...preview(), codes: Array(1_000_000).fill("A") },
    "codes",
    /^expected at most 16 codes/,
  );
  const long = "x".repeat(1 << 20);
  assert.equal(engine.validateRedemption({ ...preview(), codes: [long] }).violations[0].reason, "unknown_code");
  assert.equal(failure("validateRedemption", { ...preview(), [long]: 1 })?.path, long);
  assert.notEqual(failure("validateRedemption", { ...preview(), codes: { length: 2 ** 40 } }), null);
  stillRight();
});

test("errors do not poison the calls between them", () => {
  for (let i = 0; i < 2_000; i += 1) {
    assert.notEqual(failure("validateRedemption", { ...preview(), codes: [i] }), null);
    if (i % 100 === 0) stillRight();
  }
});

test("a call that runs out of stack leaves the engine and prepared rules as they were", () => {
  const request = preview();
  const { promos, ...rest } = request;
  const rules = new engine.PreparedRules({ promos });
  const recurse = (call) => {
    try {
      call();
    } catch {
      // The call is made at every depth of the stack, so it runs out of stack at different places.
    }
    recurse(call);
  };
  for (const call of [
    () => engine.validateRedemption(request),
    () => rules.validateRedemption(rest),
    () => new engine.PreparedRules({ promos }),
    () => engine.canonicalCode({ text: "summer" }),
    () => engine.checkPromo({ promos }),
  ]) {
    assert.throws(() => recurse(call), RangeError);
    stillRight();
    assert.deepEqual(rules.validateRedemption(rest), engine.validateRedemption(request));
    new engine.PreparedRules({ promos }).free();
    assert.equal(engine.canonicalCode({ text: "summer" }).canonical, "SUMMER");
    assert.deepEqual(engine.validatePromos({ promos }), { faults: [], sound: [0] });
  }
  rules.free();
});

test("setters on Object.prototype do not change an error's code, path and at", () => {
  for (const name of ["code", "path", "at"])
    Object.defineProperty(Object.prototype, name, { configurable: true, get: () => "spoilt", set() {} });
  try {
    assert.throws(
      () => engine.validateRedemption({ ...preview(), codes: [1] }),
      (error) => error.code === "invalid_request" && error.path === "codes[0]" && error.at.join() === "codes,0",
    );
  } finally {
    delete Object.prototype.code;
    delete Object.prototype.path;
    delete Object.prototype.at;
  }
});

test("a cold answer has its own fields, whatever setters Object.prototype has", () => {
  const set = () => assert.fail("a field of the answer was assigned to the prototype's setter");
  for (const name of ["canonical", "loose", "faults", "sound", "codes", "promos", "policy"])
    Object.defineProperty(Object.prototype, name, { configurable: true, get: () => "spoilt", set });
  let forms, told;
  try {
    forms = engine.canonicalCode(Object.assign(Object.create(null), { text: "sum-mer" }));
    told = engine.validatePromos({ __proto__: null, promos: Array.of(1), policy: null });
  } finally {
    for (const name of ["canonical", "loose", "faults", "sound", "codes", "promos", "policy"])
      delete Object.prototype[name];
  }
  assert.deepEqual({ ...forms }, { canonical: "SUM-MER", loose: "SUMMER" });
  assert.deepEqual(Object.keys(told), ["faults", "sound"]);
  assert.deepEqual(
    told.faults.map(({ path }) => path),
    ["promos[0]"],
  );
});

test("a record has its own fields, whatever setters Object.prototype has", () => {
  const shapes = ["Redemption", "Ticket", "Released", "Applied", "Charge", "Back", "NotedPayment", "NotedRelease"];
  const names = new Set(shapes.flatMap((shape) => Object.keys(contract("schema.json").$defs[shape].properties)));
  const set = () => assert.fail("a field of the record was assigned to the prototype's setter");
  const reference = engine.confirmRedemption(documents.confirmRedemption);
  for (const name of names) {
    Object.defineProperty(Object.prototype, name, { configurable: true, get: () => "spoilt", set });
    let answer;
    try {
      answer = engine.confirmRedemption(documents.confirmRedemption);
    } finally {
      delete Object.prototype[name];
    }
    assert.equal(JSON.stringify(answer), JSON.stringify(reference), name);
    assert.deepStrictEqual(answer, reference, "the prototype is that of other objects, too");
  }
  assert.ok(names.size > 30 && reference.ops.length > 0);
});
