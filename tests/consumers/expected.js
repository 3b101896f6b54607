// The answers to fixtures/decisions.js, worked out by hand.
export const expected = {
  // Two tickets may charge the code's uses and, because 20 % takes money off, the money that the code has given.
  keys: ["code/event:gala:EARLY20/spend/EUR", "code/event:gala:EARLY20/uses"],
  // 2 × 45.00 is 90.00; 20 % of each 45.00 is 9.00. 98 uses and these 2 make the 100.
  accepted: { status: "accepted", subtotal: 9000, discount: 1800, total: 7200, remaining: 0 },
  // 99 of 100 are used: one is left, and the order needs two. The quote is the price without the code.
  refused: {
    status: "rejected",
    total: 9000,
    violations: [
      {
        code: "EARLY20",
        reason: "uses_exhausted",
        public_reason: "used_up",
        counter: "code/event:gala:EARLY20/uses",
        limit: 100,
        used: 99,
        remaining: 1,
        message: "EARLY20 has 1 of 100 uses left, the order needs 2",
        to_qualify: null,
      },
    ],
    ops: [],
  },
  mistake: {
    error: true,
    code: "invalid_request",
    path: "order.lines[0].quantity",
    at: ["order", "lines", 0, "quantity"],
    message: "expected an integer from 1 to 1000, found 0",
  },
};

/** The error of a call before init. */
export const early = { error: true, message: "usageKeys was called before init() had loaded the engine" };

/** The answers to fixtures/shop.js. An order of 45.00 less 10.00 takes the only use; the next order is refused. */
export const sold = {
  ...expected,
  totals: [3500, 4500],
  told: [
    "Dieser Code ist aufgebraucht, oder er wurde so oft verwendet, wie eine Person ihn verwenden darf, " +
      "oder es ist zu wenig davon für diese Bestellung übrig.",
  ],
  faults: ["promos[0].max_usse"],
};
