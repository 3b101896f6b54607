// The organiser's routes on both databases: how much of a code was used, what happened to it, editing it, and what an
// edit would change.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DATABASES, eventWith, id, openHost } from "./support.js";

const HOLD = 600_000;
const TEN = { code: "TEN", discount_percent: 10, max_uses: 10 };
const NOTHING = { reason: null, limit: null, used: null, remaining: null };

for (const [name, workspace] of Object.entries(DATABASES))
  suite(`codes on ${name}`, () => {
    async function open(t, promos, policy) {
      const event = eventWith(promos, policy, HOLD);
      return openHost(await workspace(t, event), event);
    }
    const codeOf = async (host, n = 0) => (await host.get("/api/codes")).codes[n];
    const errorOf = ({ code, error }) => [code, error.code, error.path];
    const figures = (used, held, confirmed, limit, left) => ({ used, held, confirmed, limit, left });

    test("the figures of a code: used, held, confirmed, left, in uses and money; and those of its pool", async (t) => {
      const pool = { id: "partners", max_uses: 8, budget: 900 };
      const host = await open(t, [
        { ...TEN, currency: "EUR", budget: 1000, pools: [pool] },
        { code: "OPEN", discount_percent: 50, pools: [pool] },
        { code: "DOOR", discount: { kind: "none" }, single_use: true },
      ]);
      await host.buy(1, 3, ["TEN"], 2700);
      await host.buy(2, 2, ["TEN"], 1800);
      await host.pay(2, 1800);
      await host.release(1, "buyer_released", [0]);
      await host.buy(3, 1, ["OPEN"], 500);
      await host.buy(4, 1, ["DOOR"], 1000);
      const { codes } = await host.get("/api/codes");
      assert.deepEqual(
        codes.map(({ id, revision, promo }) => [id, revision, promo.code]),
        [
          [1, 1, "TEN"],
          [2, 1, "OPEN"],
          [3, 1, "DOOR"],
        ],
      );
      const shared = [{ id: "partners", uses: figures(5, 3, 2, 8, 3), spend: figures(900, 700, 200, 900, 0) }];
      assert.deepEqual(
        codes.map((code) => code.figures),
        [
          { uses: figures(4, 2, 2, 10, 6), spend: figures(400, 200, 200, 1000, 600), pools: shared },
          { uses: figures(1, 1, 0, null, null), spend: figures(500, 500, 0, null, null), pools: shared },
          { uses: figures(1, 1, 0, 1, 0), spend: figures(0, 0, 0, null, null), pools: [] },
        ],
      );
    });

    test("the ledger of a code: held, paid, given back, kept, lapsed, newest first and in pages", async (t) => {
      const host = await open(t, [TEN, { code: "TEN_", discount_percent: 20 }]);
      const start = host.now;
      await host.buy(1, 3, ["TEN"], 2700);
      host.now += 1000;
      await host.pay(1, 2700);
      host.now += 1000;
      await host.buy(2, 2, ["TEN"], 1800);
      await host.buy(3, 5, ["TEN_"], 4000);
      host.now += 1000;
      await host.release(1, "refunded", [0]);
      host.now += 1000;
      await host.release(1, "forfeited", [1]);
      host.now = start + 2000 + HOLD;
      await host.restart();
      const entry = (n, after, order, event, reason, tickets, uses, amount, used) => ({
        n,
        at_ms: start + after,
        order: id(order),
        event,
        reason,
        tickets,
        uses,
        amount,
        used,
      });
      const all = [
        entry(6, 2000 + HOLD, 2, "released", "hold_expired", 2, -2, -200, 2),
        entry(5, 4000, 1, "released", "forfeited", 1, 0, 0, 4),
        entry(4, 3000, 1, "released", "refunded", 1, -1, -100, 4),
        entry(3, 2000, 2, "held", null, 2, 2, 200, 5),
        entry(2, 1000, 1, "confirmed", null, 3, 0, 0, 3),
        entry(1, 0, 1, "held", null, 3, 3, 300, 3),
      ];
      const read = async (query = "") => {
        const { total, entries } = await host.get(`/api/codes/1/ledger${query}`);
        assert.equal(total, 6);
        return entries;
      };
      assert.deepEqual(await read(), all);
      assert.deepEqual(await read("?limit=2"), all.slice(0, 2));
      assert.deepEqual(await read("?limit=2&before=5"), all.slice(2, 4));
      assert.deepEqual(await read("?before=1"), []);
      assert.deepEqual((await codeOf(host)).figures.uses, figures(2, 0, 2, 10, 8));
      assert.equal((await host.get("/api/codes/2/ledger")).total, 2, "a code of a similar name has its own ledger");
    });

    test("in the ledger, an order for nothing is confirmed at once; one use per order goes back last", async (t) => {
      const host = await open(t, [
        { code: "COMP", discount: { kind: "free" } },
        { code: "FIVER", discount: { kind: "amount_per_order", amount: 500 } },
      ]);
      await host.buy(1, 2, ["COMP"], 0);
      await host.buy(2, 2, ["FIVER"], 1500);
      await host.pay(2, 1500);
      host.now += 1000;
      await host.release(2, "refunded", [1]);
      host.now += 1000;
      await host.release(2, "refunded", [0]);
      const read = async (n) =>
        (await host.get(`/api/codes/${n}/ledger`)).entries.map(({ event, tickets, uses, amount, used }) => [
          event,
          tickets,
          uses,
          amount,
          used,
        ]);
      assert.deepEqual(await read(1), [["confirmed", 2, 2, 2000, 2]]);
      assert.deepEqual(await read(2), [
        ["released", 1, -1, -250, 0],
        ["released", 1, 0, -250, 1],
        ["confirmed", 2, 0, 0, 1],
        ["held", 2, 1, 500, 1],
      ]);
    });

    test("what if: the next buyer under other terms, with nothing stored and no ticket touched", async (t) => {
      const host = await open(t, [TEN]);
      await host.buy(1, 3, ["TEN"], 2700);
      const ask = (promo, more = { up_to: 3 }) => host.post("/api/codes/1/what-if", { promo, ...more });
      const before = await codeOf(host);
      const yes = (tickets, discount, total, partial = false) => ({
        tickets,
        accepted: true,
        partial,
        discount,
        total,
        violations: [],
      });
      const no = (tickets, total, violation) => ({
        tickets,
        accepted: false,
        partial: false,
        discount: 0,
        total,
        violations: [{ ...NOTHING, code: "TEN", ...violation }],
      });

      const four = await ask({ ...TEN, max_uses: 4 });
      const of = (limit, left) => ({ counter: "code/event:gala:TEN/uses", limit, used: 3, left });
      const lowered = (limit, left, rest = "") => ({
        limit: "max_uses",
        before: of(10, 7),
        after: of(limit, left),
        message:
          `lowering max_uses from 10 to ${limit}: 3 used, ${left} left; ` +
          `nobody who holds a ticket is affected${rest}`,
      });
      assert.deepEqual([four.simulation, four.ticket_type], [{ limits: [lowered(4, 1)], changes: [] }, "seat"]);
      const short = { reason: "uses_exhausted", limit: 4, used: 3, remaining: 1 };
      assert.deepEqual(four.next, [yes(1, 100, 900), no(2, 2000, short), no(3, 3000, short)]);
      const partial = await ask({ ...TEN, max_uses: 4, when_short: "partial" });
      assert.deepEqual(partial.next, [yes(1, 100, 900), yes(2, 100, 1900, true), yes(3, 100, 2900, true)]);
      assert.deepEqual(
        [partial.simulation.limits, partial.simulation.changes.map(({ field }) => field)],
        [[lowered(4, 1)], ["when_short"]],
      );
      const two = await ask({ ...TEN, max_uses: 2 }, { up_to: 1 });
      assert.deepEqual(two.simulation.limits, [lowered(2, 0, ", and nobody new is accepted while none is left")]);
      assert.deepEqual(two.next, [no(1, 1000, { reason: "uses_exhausted", limit: 2, used: 3, remaining: 0 })]);
      assert.deepEqual((await ask(TEN)).simulation, { limits: [], changes: [] });
      assert.deepEqual(
        (await ask({ ...TEN, discount_percent: 50, only_for: { email: ["ann@example.org"] } }, {})).next.map(
          ({ total }) => total,
        ),
        [500, 1000, 1500, 2000, 2500, 3000, 3500, ...[8, 9, 10].map((tickets) => tickets * 1000)],
      );
      assert.deepEqual((await ask({ ...TEN, active: false }, { up_to: 1 })).next, [
        no(1, 1000, { reason: "inactive" }),
      ]);

      assert.deepEqual(await codeOf(host), before);
      assert.equal((await host.pay(1, 2700)).status, "confirmed");
    });

    test("what if: a limit per person knows everybody who has used the code", async (t) => {
      const promo = { code: "EACH_1", discount_percent: 10, max_uses_per_identity: 5 };
      const host = await open(t, [promo, { ...promo, code: "EACHX1" }]);
      await host.buy(1, 3, ["EACH_1"], 2700);
      await host.buy(2, 1, ["EACH_1"], 900);
      await host.buy(3, 4, ["EACHX1"], 3600);
      const { simulation, next } = await host.post("/api/codes/1/what-if", {
        promo: { ...promo, max_uses_per_identity: 3 },
        up_to: 4,
      });
      assert.deepEqual(
        simulation.limits.map(({ message }) => message),
        [
          "lowering max_uses_per_identity from 5 to 3: 2 persons counted, 1 with none left; " +
            "nobody who holds a ticket is affected",
        ],
      );
      assert.deepEqual(
        next.map(({ accepted }) => accepted),
        [true, true, true, false],
        "the next buyer is somebody new",
      );
    });

    test("an edit counts for the next buyer, survives a restart, and leaves holders their prices", async (t) => {
      const host = await open(t, [TEN, { code: "OTHER", discount_percent: 5 }]);
      await host.buy(1, 3, ["TEN"], 2700);
      const edited = await host.put("/api/codes/1", {
        promo: { ...TEN, discount_percent: 20, max_uses: 4 },
        revision: 1,
      });
      assert.deepEqual(
        [edited.code, edited.id, edited.revision, edited.promo.max_uses, edited.figures.uses],
        [200, 1, 2, 4, figures(3, 3, 0, 4, 1)],
      );
      await host.restart();
      const { code, ...listed } = edited;
      assert.deepEqual(await codeOf(host), listed);
      assert.deepEqual(
        (await host.get("/api/codes")).codes.map(({ promo }) => promo.code),
        ["TEN", "OTHER"],
      );
      assert.equal((await host.buy(2, 2, ["TEN"], 1600)).status, "rejected");
      assert.equal((await host.buy(2, 1, ["TEN"], 799)).status, "price_changed");
      assert.equal((await host.buy(2, 1, ["TEN"], 800)).status, "accepted");
      assert.equal((await host.pay(1, 2700)).status, "confirmed");
    });

    test("of two organisers who edit one code at once, one is told; of different codes, both are stored", async (t) => {
      const host = await open(t, [TEN, { code: "OTHER", discount_percent: 5 }]);
      const edit = (n, promo, revision = 1) => host.put(`/api/codes/${n}`, { promo, revision });
      const both = await Promise.all([edit(1, { ...TEN, max_uses: 20 }), edit(1, { ...TEN, max_uses: 30 })]);
      assert.deepEqual(both.map(({ code }) => code).sort(), [200, 409]);
      assert.deepEqual(errorOf(both.find(({ code }) => code === 409)), [409, "stale_revision", "revision"]);
      assert.equal((await codeOf(host)).promo.max_uses, both.find(({ code }) => code === 200).promo.max_uses);
      const each = await Promise.all([
        edit(1, { ...TEN, max_uses: 40 }, 2),
        edit(2, { code: "OTHER", discount_percent: 6 }),
      ]);
      assert.deepEqual(
        each.map(({ code, revision }) => [code, revision]),
        [
          [200, 3],
          [200, 2],
        ],
      );
      assert.deepEqual(
        [(await codeOf(host, 0)).promo.max_uses, (await codeOf(host, 1)).promo.discount_percent],
        [40, 6],
      );
    });

    test("the organiser sets the event's clock, by which hosts then judge hours and limits per day", async (t) => {
      // 1 800 000 000 000 is 15 January 2027, 08:00 UTC: a Friday.
      const hours = { code: "NINE", discount_percent: 10, weekly: [{ days: [5], from_minute: 540, to_minute: 600 }] };
      const daily = { code: "ONE", discount_percent: 20, per_period: [{ every: "day", max_uses: 1 }] };
      const host = await open(t, [hours, daily], { max_free_tickets_per_identity: 2 });
      assert.equal((await host.buy(1, 1, ["NINE"], 900)).status, "rejected");
      const clock = { name: "Europe/Berlin", from_year: 2027, to_year: 2027 };
      const set = await host.put("/api/clock", clock);
      // In 2027 summer time lasts from 28 March to 31 October, 01:00 UTC.
      assert.deepEqual(set.policy, {
        max_free_tickets_per_identity: 2,
        zone: [
          { from_ms: Date.UTC(2027, 0, 1), offset_minutes: 60 },
          { from_ms: Date.UTC(2027, 2, 28, 1), offset_minutes: 120 },
          { from_ms: Date.UTC(2027, 9, 31, 1), offset_minutes: 60 },
          { from_ms: Date.UTC(2028, 0, 1), offset_minutes: 60 },
        ],
      });
      assert.deepEqual(set.clock, clock);
      await host.restart();
      assert.deepEqual((await host.get("/api/codes")).clock, clock);
      assert.equal((await host.buy(2, 1, ["NINE"], 900)).status, "accepted");
      assert.equal((await host.buy(3, 1, ["ONE"], 800)).status, "accepted");
      assert.equal((await host.buy(4, 1, ["ONE"], 800)).status, "rejected");
      host.now += 24 * 3_600_000;
      assert.equal((await host.buy(5, 1, ["ONE"], 800)).status, "accepted");
      await host.put("/api/clock", { ...clock, name: "UTC" });
      host.now += 6 * 24 * 3_600_000;
      assert.equal((await host.buy(6, 1, ["NINE"], 900)).status, "rejected");
      const wrong = async (change) => {
        const { code, error } = await host.put("/api/clock", { ...clock, ...change });
        return [code, error.path];
      };
      assert.deepEqual(await wrong({ name: "Europe/Berlim" }), [400, "name"]);
      assert.deepEqual(await wrong({ to_year: 2026 }), [400, "to_year"]);
      assert.deepEqual(await wrong({ to_year: 9998 }), [400, "to_year"]);
    });

    test("what if: an amount by currency, and a code for some ticket types and facts only", async (t) => {
      const promo = { code: "TWO", discount_percent: 10, budget: { EUR: 5000, USD: 6000 } };
      const host = await open(t, [promo]);
      const [{ figures: found }] = (await host.get("/api/codes")).codes;
      assert.deepEqual([found.spend.limit, found.spend.left], [5000, 5000]);
      const change = { ...promo, only_if: [{ fact: "channel", is: "desk" }] };
      const { next } = await host.post("/api/codes/1/what-if", { promo: change });
      assert.deepEqual([next[0].accepted, next[0].total], [true, 900]);
    });

    test("a code is added, and sold", async (t) => {
      const policy = { max_free_tickets_per_identity: 2 };
      const host = await open(t, [], policy);
      assert.deepEqual(await host.get("/api/codes"), { code: 200, codes: [], policy, clock: null });
      const added = await host.post("/api/codes", { promo: TEN });
      assert.deepEqual(
        [added.code, added.id, added.revision, added.figures.uses],
        [201, 1, 1, figures(0, 0, 0, 10, 10)],
      );
      assert.equal((await host.post("/api/codes", { promo: { code: "NEXT", discount_percent: 1 } })).id, 2);
      assert.equal((await host.buy(1, 1, ["TEN"], 900)).status, "accepted");
      const twins = await Promise.all(
        [1, 2].map(() => host.post("/api/codes", { promo: { code: "TWIN", discount_percent: 1 } })),
      );
      assert.deepEqual(twins.map(({ code }) => code).sort(), [201, 409]);
    });

    test("a promo that the engine would not read, or that is there already, is refused with its field", async (t) => {
      const host = await open(t, [TEN, { code: "NAMED", id: "n", currency: "EUR", discount_percent: 5 }]);
      const add = async (promo, more) => errorOf(await host.post("/api/codes", { promo, ...more }));
      const edit = async (n, promo, more) =>
        errorOf(await host.put(`/api/codes/${n}`, { promo, revision: 1, ...more }));
      assert.deepEqual(await add({ code: "A", discount_percent: 5, max_usse: 1 }), [
        400,
        "invalid_promo",
        "promo.max_usse",
      ]);
      assert.deepEqual(await add({ code: "A", discount: { kind: "percent", percent: 101 } }), [
        400,
        "invalid_promo",
        "promo.discount.percent",
      ]);
      assert.deepEqual(await add({ discount_percent: 5 }), [400, "invalid_promo", "promo.code"]);
      assert.deepEqual(await add([]), [400, "invalid_request", "promo"]);
      assert.deepEqual(await add(TEN, { anounced: true }), [400, "invalid_request", "anounced"]);
      assert.deepEqual(await add({ code: " t\u200ben", discount_percent: 5 }), [409, "duplicate_code", "promo.code"]);
      assert.deepEqual(await add({ code: "B", id: "n", discount_percent: 5 }), [409, "duplicate_code", "promo.id"]);
      assert.deepEqual(await edit(1, { ...TEN, max_usse: 1 }), [400, "invalid_promo", "promo.max_usse"]);
      assert.deepEqual(await edit(1, { code: "Named", discount_percent: 5 }), [409, "duplicate_code", "promo.code"]);
      assert.deepEqual(await edit(1, TEN, { revision: undefined }), [400, "invalid_request", "revision"]);
      assert.deepEqual(await edit(9, TEN), [404, "not_found", "id"]);
      assert.deepEqual(await edit("x", TEN), [400, "invalid_request", "id"]);
      assert.deepEqual(errorOf(await host.post("/api/codes/1/what-if", { promo: { ...TEN, max_uses: -1 } })), [
        400,
        "invalid_promo",
        "promo.max_uses",
      ]);
      assert.deepEqual(errorOf(await host.post("/api/codes/1/what-if", { promo: TEN, ticket_type: "box" })), [
        400,
        "invalid_request",
        "ticket_type",
      ]);
      assert.deepEqual(errorOf(await host.post("/api/codes/9/what-if", { promo: TEN })), [404, "not_found", "id"]);
      assert.deepEqual(errorOf(await host.get("/api/codes/9/ledger")), [404, "not_found", "id"]);
      assert.deepEqual(errorOf(await host.get("/api/codes/1/ledger?limit=0")), [400, "invalid_request", "limit"]);
      assert.deepEqual(errorOf(await host.get("/api/codes/1/ledger?page=2")), [400, "invalid_request", "page"]);
      // A code without an id is counted by its text, so the text cannot be edited: the count would start again at 0.
      assert.deepEqual(await edit(1, { ...TEN, code: "NINE" }), [400, "invalid_promo", "promo.code"]);
      assert.deepEqual(await edit(2, { code: "NAMED", id: "m", currency: "EUR", discount_percent: 5 }), [
        400,
        "invalid_promo",
        "promo.id",
      ]);
      assert.deepEqual(await edit(2, { code: "NAMED", currency: "EUR", discount_percent: 5 }), [
        400,
        "invalid_promo",
        "promo.id",
      ]);
      assert.deepEqual(
        (await host.get("/api/codes")).codes.map(({ revision }) => revision),
        [1, 1],
      );
    });

    test("a code with an id is renamed and goes on counting", async (t) => {
      const promo = { code: "OLD", id: "spring", currency: "EUR", discount_percent: 10, max_uses: 3 };
      const host = await open(t, [promo]);
      await host.buy(1, 2, ["OLD"], 1800);
      const renamed = await host.put("/api/codes/1", { promo: { ...promo, code: "NEW" }, revision: 1 });
      assert.deepEqual([renamed.code, renamed.figures.uses], [200, figures(2, 2, 0, 3, 1)]);
      assert.deepEqual((await host.buy(2, 1, ["OLD"], 900)).refusals, [{ code: "OLD", public_reason: "not_accepted" }]);
      assert.equal((await host.buy(2, 2, ["NEW"], 1800)).status, "rejected");
      assert.equal((await host.buy(2, 1, ["NEW"], 900)).status, "accepted");
      assert.deepEqual(
        (await host.get("/api/codes/1/ledger")).entries.map(({ used }) => used),
        [3, 2],
      );
    });
  });
