// The price while the buyer types: of what is typed now, or none.
import { createElement } from "react";
import { act } from "react/act";
import { createRoot } from "react-dom/client";
import { createHandler } from "redeemable/handler";
import { memoryStore } from "redeemable/memory";
import { usePromoPreview } from "redeemable/react";
import { afterEach, beforeEach, expect, test } from "vitest";

const promos = [
  { code: "TEN", discount_percent: 10, max_uses: 3, combines: true },
  { code: "HALF", discount_percent: 50, max_uses_per_identity: 4 },
  { code: "FIVE", discount: { kind: "amount_per_ticket", amount: 500 }, combines: true },
  { code: "BOXES", discount: { kind: "none" }, unlocks: ["box"] },
];
const never = () => expect.unreachable();

let shop;
let asked;
let answering;
let root;
let seen;
let show;
beforeEach(() => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  shop = createHandler({
    store: memoryStore(),
    eventOf: () => ({
      currency: "EUR",
      prices: { seat: 1000, box: 5000 },
      policy: { locked_ticket_types: ["box"] },
      promos,
    }),
    identitiesOf: (typed) => typed,
    codesPerMinute: 5,
    write: null,
    mayAct: never,
    ask: never,
    reported: never,
    refund: never,
  });
  asked = [];
  answering = (answer) => answer;
  globalThis.fetch = async (path, { signal, ...options }) => {
    asked.push(`${options.method ?? "GET"} ${path}`);
    const answer = await shop(new Request(`https://shop.example${path}`, options), { address: "203.0.113.7" });
    return answering(answer, path);
  };
  seen = [];
  const Page = (options) => {
    const preview = usePromoPreview(options);
    seen.push({ codes: options.codes.join(), lines: options.lines, ...preview });
    return createElement("p", null, preview.state);
  };
  const place = document.body.appendChild(document.createElement("div"));
  root = createRoot(place);
  const lines = (quantity, ticket_type = "seat") => [{ ticket_type, quantity }];
  show = (codes, quantity = 1, more = {}) =>
    act(() =>
      root.render(
        createElement(Page, {
          url: "/events/gala",
          codes,
          lines: lines(quantity, more.type),
          debounce_ms: 20,
          ...more.options,
        }),
      ),
    );
});
afterEach(() => act(() => root.unmount()));

const last = () => seen.at(-1);
const pause = (ms) => act(() => new Promise((resolve) => setTimeout(resolve, ms)));
async function until(state) {
  while (last().state !== state) await pause(5);
  return last();
}

test("the page prices what is typed, and asks once for it", async () => {
  await show(["t"]);
  await show(["te"]);
  await show(["ten "], 2);
  expect([last().state, last().decision, last().prices]).toEqual(["loading", null, null]);
  const { decision, prices } = await until("ready");
  expect([decision.status, decision.quote.total, decision.refusals, prices]).toEqual([
    "accepted",
    1800,
    [],
    { seat: 1000 },
  ]);
  expect(decision.applied).toEqual([{ code: "TEN", tickets: 2, uses: 2, discount: 200, partial: false }]);
  // Another quantity is priced at once.
  await show(["ten"], 3);
  expect([last().state, last().decision.quote.total]).toEqual(["ready", 2700]);
  await show(["ten"], 4, { options: { locales: "de" } });
  const [refusal] = last().decision.refusals;
  expect([last().decision.status, refusal.code, refusal.public_reason]).toEqual(["rejected", "TEN", "used_up"]);
  expect(refusal.message).toMatch(/^Dieser Code ist aufgebraucht/);
  await show(["ten"], 0);
  expect([last().state, last().decision]).toEqual(["empty", null]);
  expect(asked).toEqual(["GET /events/gala/view?code=ten"]);
});

test("an answer to an earlier question is never shown", async () => {
  const waiting = [];
  answering = (answer) => new Promise((resolve) => waiting.push(() => resolve(answer)));
  await show(["TEN"]);
  while (waiting.length < 1) await pause(5);
  await show(["NOPE"]);
  while (waiting.length < 2) await pause(5);
  // The second question is answered first, then the first one.
  waiting[1]();
  await until("ready");
  waiting[0]();
  await pause(40);
  expect([last().codes, last().decision.status, last().decision.quote.total]).toEqual(["NOPE", "rejected", 1000]);
  for (const { codes, decision } of seen)
    if (decision !== null) expect([codes, decision.quote.total]).toEqual(["NOPE", 1000]);
});

test("several codes, many tickets and a locked type are priced by the shop", async () => {
  await show(["TEN", "FIVE"], 1);
  // 10.00 less 10 % is 9.00; less 5.00 it is 4.00.
  expect((await until("ready")).decision.quote.total).toBe(400);
  expect(asked.splice(0)).toEqual(["POST /events/gala/preview"]);
  await show([], 11);
  expect((await until("ready")).decision.quote.total).toBe(11_000);
  expect(asked.splice(0)).toEqual(["GET /events/gala/view", "POST /events/gala/preview"]);
  await show(["boxes"], 1, { type: "box" });
  const { decision, prices } = await until("ready");
  expect([decision.quote.total, prices]).toEqual([5000, { seat: 1000, box: 5000 }]);
  expect(asked.splice(0)).toEqual(["GET /events/gala/view?code=boxes"]);
});

/** Runs a test while the shop has these promotions, too. */
async function besides(added, body) {
  promos.push(...added);
  await body().finally(() => promos.splice(-added.length));
}

test("a promotion that applies by itself is priced by the page until it ends", async () => {
  const early = { code: "EARLY", automatic: true, discount_percent: 20, ends_at_ms: Date.now() + 500 };
  await besides([early], async () => {
    await show([]);
    const { decision } = await until("ready");
    expect([decision.quote.total, decision.applied.map(({ code }) => code)]).toEqual([800, ["EARLY"]]);
    while (last().decision.quote.total !== 1000) await pause(5);
    expect(Date.now()).toBeGreaterThanOrEqual(early.ends_at_ms);
    expect(asked).toEqual(["GET /events/gala/view", "GET /events/gala/view"]);
  });
});

test("what the page cannot decide alike is priced by the shop", async () => {
  // Two promotions share the uses of one pool.
  const early = { automatic: true, discount_percent: 20, combines: true, pools: [{ id: "spring", max_uses: 5 }] };
  const both = ["EARLY", "SPRING"].map((code) => ({ ...early, code }));
  await besides(both, async () => {
    await show([]);
    // 10.00 less 20 % is 8.00; less 20 % it is 6.40.
    expect((await until("ready")).decision.quote.total).toBe(640);
    expect(asked).toEqual(["GET /events/gala/view", "POST /events/gala/preview"]);
  });
});

test("identities are sent in a body, and a code with a limit per person counts them", async () => {
  await show(["HALF"], 1, { options: { identities: { email: "ann@example.org" } } });
  expect((await until("ready")).decision.quote.total).toBe(500);
  expect(asked).toEqual(["POST /events/gala/view"]);
});

test("an error of the shop is told, and the page may ask again", async () => {
  answering = () => Promise.reject(new TypeError("no network"));
  await show(["TEN"]);
  const { error, decision, retry } = await until("error");
  expect([error.message, decision]).toEqual(["no network", null]);
  answering = (answer) => answer;
  await act(() => retry());
  expect((await until("ready")).decision.quote.total).toBe(900);
  for (const code of ["A", "B", "C", "D"]) {
    await show([code]);
    await pause(60);
  }
  expect([last().state, last().error.code]).toEqual(["error", "too_many_codes"]);
  await show([], 1);
  await until("ready");
  await show([], 1.5);
  expect([last().state, last().error.path]).toEqual(["error", "order.lines[0].quantity"]);
});

test("the shop is asked again after a while, and what cannot be refreshed stays", async () => {
  await show([], 1, { options: { refresh_ms: 20 } });
  await until("ready");
  answering = () => Promise.reject(new Error("away"));
  while (asked.length < 3) await pause(5);
  expect([last().state, last().decision.quote.total]).toEqual(["ready", 1000]);
  answering = async (answer) => Response.json({ ...(await answer.json()), prices: { seat: 2000 } });
  while (last().decision.quote.total !== 2000) await pause(5);
  await act(() => root.render(null));
  const count = asked.length;
  await pause(60);
  expect(asked.length).toBe(count);
});
