// Plays payments at random: orders change, lapse and come back; payments and releases come in any order, again, and two
// at a time. Each must get the answer that it got first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { confirm, redeem, release, sweep } from "redeemable/host";
import { STORES } from "./support.js";

const HOLD = 600_000;
const STEPS = 60;
const ROUNDS = { memory: 60, SQLite: 12, PostgreSQL: 6 };

/** A generator of numbers that look random and are the same for the same seed. */
function random(seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { chance: (share) => next() < share, pick: (list) => list[Math.floor(next() * list.length)] };
}

/** One shop with few uses of one code, its orders, and the first answer to each payment and release. */
class Shop {
  constructor(store, seed, seen) {
    Object.assign(this, {
      store,
      seen,
      ...random(seed),
      now: 1_800_000_000_000,
      known: new Map(),
      returned: new Map(),
      kept: new Map(),
      owed: new Map(),
    });
  }

  options = () => ({ now: () => this.now });
  record = async (id) => (await this.store.read([], id)).existing;

  redeem(id) {
    const lines = [{ unit_price: 1000, quantity: this.pick([1, 2, 3]) }];
    const currency = this.pick(["EUR", "EUR", "EUR", "SEK"]);
    return redeem(
      this.store,
      {
        codes: this.pick([["TEN"], []]),
        promos: [{ code: "TEN", discount_percent: 10, max_uses: 3 }],
        policy: { max_hold_ms: 2 * HOLD },
        order: { id, event_id: "gala", currency, lines, hold_until_ms: this.now + HOLD },
      },
      this.options(),
    );
  }

  /**
   * A payment: mostly with the order's present price, sometimes with the price of another order, often one that was
   * reported before.
   */
  async pay(id) {
    const record = await this.record(id);
    const left = record?.tickets.filter(({ released }) => !released || released.reason === "hold_expired") ?? [];
    const price = left.reduce((sum, ticket) => sum + ticket.price, 0);
    const total = this.pick([price, price, price, 900, 1000, 1800]);
    const currency = this.pick([record?.currency ?? "EUR", record?.currency.toLowerCase() ?? "EUR", "EUR", "SEK"]);
    const payment = { id: `${id} ${this.pick([1, 2, 3, 4, 5, 6])}`, total, currency };
    const asked = { id, payment, over_limit: this.chance(0.1), dry: this.chance(0.1) };
    const ask = () => confirm(this.store, asked, this.options());
    const answers = this.chance(0.3) ? await Promise.all([ask(), ask()]) : [await ask()];
    for (const answer of answers) {
      if (answer === null) continue;
      this.seen.add(answer.status);
      assert.equal(answer.money, ["confirmed", "already_confirmed"].includes(answer.status) ? "kept" : "returned");
      if (asked.dry && !this.known.has(payment.id)) continue;
      if (this.known.has(payment.id))
        assert.equal(answer.money, this.known.get(payment.id).money, `the money of ${payment.id} has moved`);
      else {
        this.known.set(payment.id, { money: answer.money });
        if (answer.money === "kept") this.kept.set(id, (this.kept.get(id) ?? 0) + total);
      }
    }
  }

  async release(id) {
    const reason = this.pick(["buyer_released", "refunded", "forfeited", "payment_failed"]);
    const release_id = this.pick([null, `${id} r1`, `${id} r2`]);
    const count = (await this.record(id))?.tickets.length ?? 1;
    const answer = await release(
      this.store,
      { id, reason, tickets: this.chance(0.3) ? null : [Math.min(count - 1, this.pick([0, 1, 2]))], release_id },
      this.options(),
    );
    if (answer === null) return;
    this.seen.add(`release ${answer.status}`);
    const known = this.returned.get(release_id);
    if (known) {
      assert.deepEqual(
        [answer.status, answer.tickets, answer.refundable],
        ["already_released", known.tickets, known.refundable],
      );
      this.seen.add("release asked again");
    } else if (answer.status === "released") {
      if (release_id !== null) this.returned.set(release_id, answer);
      this.owed.set(id, (this.owed.get(id) ?? 0) + answer.refundable);
    }
  }

  /** The money that was kept and not given back equals the price of the paid tickets that the buyer still has. */
  async balances() {
    for (const id of ["a", "b", "c"]) {
      const record = await this.record(id);
      if (record === null) continue;
      const held = record.tickets.filter(({ released }) => !released).reduce((sum, { price }) => sum + price, 0);
      const balance = (this.kept.get(id) ?? 0) - (this.owed.get(id) ?? 0);
      assert.equal(balance, record.state === "confirmed" ? held : 0, `${id} is ${record.state}`);
      const noted = Object.fromEntries((record.payments ?? []).map((payment) => [payment.id, payment.outcome]));
      const answered = Object.fromEntries(
        [...this.known]
          .filter(([payment]) => payment.startsWith(`${id} `))
          .map(([payment, { money }]) => [payment, money]),
      );
      assert.deepEqual(noted, answered, `${id} remembers what was answered`);
      assert.ok(record.state !== "held" || record.expires_at_ms <= record.created_at_ms + 2 * HOLD);
    }
  }

  async step() {
    const id = this.pick(["a", "b", "c"]);
    const what = this.pick(["redeem", "redeem", "pay", "pay", "pay", "release", "wait", "sweep"]);
    if (what === "wait") this.now += this.pick([1000, HOLD / 2, HOLD]);
    else if (what === "sweep") await sweep(this.store, this.options());
    else await this[what](id);
    await this.balances();
  }
}

const EVERYTHING = [
  "confirmed",
  "already_confirmed",
  "already_returned",
  "paid_twice",
  "stale_payment",
  "late_payment_conflict",
  "released",
  "release released",
  "release already_released",
  "release already_confirmed",
  "release asked again",
];

for (const [name, open] of Object.entries(STORES)) {
  const rounds = ROUNDS[name] ?? 3;
  test(`the money of a payment never moves, on ${name}`, async (t) => {
    const seen = new Set();
    for (let seed = 1; seed <= rounds; seed += 1) {
      const { store, close } = await open({ onDrift: (key) => assert.fail(`${key} has drifted`) });
      try {
        const shop = new Shop(store, seed, seen);
        for (let step = 0; step < STEPS; step += 1)
          await shop.step().catch((error) => {
            throw new Error(`seed ${seed}, step ${step}`, { cause: error });
          });
      } finally {
        await close();
      }
    }
    if (rounds === ROUNDS.memory)
      assert.deepEqual(
        EVERYTHING.filter((event) => !seen.has(event)),
        [],
        "what the rounds did not meet",
      );
    t.diagnostic(`${rounds} rounds of ${STEPS} steps`);
  });
}
