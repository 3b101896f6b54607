// Runs the vectors through the package that hosts install. Answers are compared as text, so a wrong digit or a wrong
// order of keys fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PreparedRules } from "redeemable";
import { CALLS, engine, failure, isRecord, thrownBy, vectors } from "./support.mjs";

test("there are at least 250 vectors and each has its own name", () => {
  assert.ok(vectors.length >= 250, `only ${vectors.length} vectors`);
  const names = vectors.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
    "names that repeat",
  );
});

for (const file of new Set(vectors.map((vector) => vector.file))) {
  test(file, async (t) => {
    for (const { name, call, request, answer, error } of vectors.filter((vector) => vector.file === file)) {
      await t.test(name, () => {
        assert.ok(CALLS.includes(call), `unknown call ${call}`);
        if (error) assert.deepEqual(failure(call, request), error);
        else assert.equal(JSON.stringify(engine[call](request)), JSON.stringify(answer));
      });
    }
  });
}

test("every vector of the functions that prepared rules have, under prepared rules", async (t) => {
  for (const { name, call, request, answer, error } of vectors.filter(
    ({ call, request }) => /^(usageKeys|validateRedemption|exchangeRedemption)$/.test(call) && isRecord(request),
  )) {
    // The path of a mistake in the rules themselves begins there.
    if (error?.at[0] === "request" && ["promos", "policy"].includes(error.at[1])) continue;
    await t.test(name, () => {
      // In an exchange the rules are part of the order.
      const { promos, policy, ...order } = request.request ?? request;
      const asked = request.request ? { ...request, request: order } : order;
      const ask = () => {
        const rules = new PreparedRules({ promos, policy });
        try {
          return rules[call](asked);
        } finally {
          rules.free();
        }
      };
      if (!error) assert.equal(JSON.stringify(ask()), JSON.stringify(answer));
      // Under rules a request has fewer fields, so the message about an unknown field lists fewer: only paths are
      // compared.
      else if (!error.path.includes(".") && error.message.startsWith("unknown field"))
        assert.equal(thrownBy(ask)?.path, error.path);
      else assert.deepEqual(thrownBy(ask), error);
    });
  }
});

test("rules name the field of a mistake, keep a copy of their documents, and cannot be used once freed", () => {
  const promo = { code: "SUMMER", discount: { kind: "free" }, max_uses: 2 };
  const order = { event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 1 }] };
  const asked = { codes: ["SUMMER"], order, now_ms: 1800000000000 };
  const four = [1, 2, 3, 4].map((n) => ({ ...promo, code: `SUMMER-${n}` }));
  assert.equal(
    thrownBy(() => new PreparedRules({ promos: [...four.slice(0, 3), { ...promo, max_usse: 1 }] }))?.path,
    "promos[3].max_usse",
  );
  assert.equal(thrownBy(() => new PreparedRules({ promos: [], polcy: null }))?.path, "polcy");
  assert.equal(thrownBy(() => new PreparedRules())?.path, "");
  const [one, other] = [new PreparedRules({ promos: [promo] }), new PreparedRules({ promos: four })];
  promo.max_uses = 0;
  assert.equal(one.validateRedemption(asked).status, "accepted");
  assert.equal(other.validateRedemption(asked).violations[0].reason, "unknown_code");
  assert.equal(thrownBy(() => one.validateRedemption({ ...asked, promos: [promo] }))?.path, "promos");
  one.free();
  one.free();
  assert.throws(() => one.validateRedemption(asked), /^Error: these rules were freed$/);
  // New rules take the place of those that were freed, and `other` keeps its own.
  const next = new PreparedRules({ promos: [promo] });
  assert.equal(next.validateRedemption(asked).violations[0].reason, "uses_exhausted");
  assert.equal(other.validateRedemption({ ...asked, codes: ["summer-2"] }).status, "accepted");
});
