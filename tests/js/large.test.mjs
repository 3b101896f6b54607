// What stays of a large request: the engine's memory never shrinks, so an instance that has grown large is replaced.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** The memories of all instances. Nothing here keeps one that the package has let go. */
const memories = [];
let refused = false;
const { Instance } = WebAssembly;
// biome-ignore lint/complexity/useArrowFunction: it is called with `new`
WebAssembly.Instance = function (module, imports) {
  if (refused) throw new RangeError("an instance is not allowed here");
  const instance = new Instance(module, imports);
  memories.push(new WeakRef(instance.exports.memory));
  return instance;
};
const { PreparedRules, canonicalCode, validateRedemption } = await import("redeemable");
const { publicView } = await import("redeemable/organiser");

const MB = 1_000_000;
/** The megabytes of all instances that exist. */
async function kept() {
  // Two rounds: the first may only find that an object is unreachable, and the next frees what that object held.
  for (let round = 0; round < 2; round += 1) {
    await setTimeout(0);
    collect();
  }
  return memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0) / MB;
}

const order = { event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 2 }] };
const asked = { codes: ["HALF"], order, now_ms: 1_800_000_000_000 };
const request = { ...asked, promos: [{ code: "HALF", discount_percent: 50 }] };
/** An order of two tickets for 10.00 each, and a code for half the price. */
const isRight = ({ quote }) => assert.equal(quote.total, 1000);
/** A request of so many megabytes, which is an error. */
const large = (call = validateRedemption, size = 40) =>
  assert.throws(() => call({ [`x${"x".repeat(size * MB)}`]: 1 }), { code: "invalid_request" });

test("the memory of a large request is given back", async () => {
  isRight(validateRedemption(request));
  assert.ok((await kept()) < 4);
  large();
  assert.ok((await kept()) < 4, `${await kept()} MB`);
  isRight(validateRedemption(request));
  // The same holds for a request that is answered.
  assert.equal(canonicalCode({ text: "x".repeat(40 * MB) }).canonical.length, 40 * MB);
  large(publicView);
  assert.ok((await kept()) < 6, `${await kept()} MB`);
  isRight(validateRedemption(request));
});

test("an instance that has not grown so large is used again", () => {
  const before = memories.length;
  large(validateRedemption, 1);
  for (let call = 0; call < 100; call += 1) isRight(validateRedemption(request));
  assert.equal(memories.length, before);
});

test("prepared rules stay where they are when others get a new instance", async () => {
  const rules = new PreparedRules({ promos: request.promos });
  large();
  // That memory is still there, because these rules are in it; the other calls have a new one.
  assert.ok((await kept()) > 40);
  isRight(rules.validateRedemption(asked));
  // These rules get the same number in their instance, so each must be asked in its own.
  const later = new PreparedRules({ promos: [{ code: "HALF", discount_percent: 50, max_uses: 1 }] });
  assert.equal(later.validateRedemption(asked).status, "rejected");
  isRight(rules.validateRedemption(asked));
  rules.free();
  isRight(validateRedemption(request));
  assert.ok((await kept()) < 6, `${await kept()} MB`);
  assert.equal(later.validateRedemption(asked).status, "rejected");
});

test("where no second instance may be made, the first one answers on", () => {
  refused = true;
  large();
  isRight(validateRedemption(request));
  refused = false;
  const before = memories.length;
  // Here one may be made: it takes the place of the large one.
  isRight(validateRedemption(request));
  assert.equal(memories.length, before + 1);
});
