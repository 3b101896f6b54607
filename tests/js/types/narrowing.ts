// Compiled, never run: the types narrow as a host expects, and each misuse below stays an error.
import {
  PreparedRules,
  applyRelease,
  auditUsage,
  confirmRedemption,
  init,
  usageKeys,
  validateRedemption,
  type Confirmation,
  type Decision,
  type Discount,
  type Op,
  type Promo,
  type Redemption,
  type RedeemableError,
  type ReleaseAnswer,
  type ReleaseReason,
  type ToQualify,
  type ValidateRequest,
  type Violation,
} from "redeemable";
import { checkPromo, generateCodes, publicView, simulate } from "redeemable/organiser";

const never = (value: never): never => value;

const request: ValidateRequest = {
  codes: ["SUMMER"],
  promos: [
    {
      code: "SUMMER",
      discount: { kind: "percent", percent: 12.5 },
      max_uses: 5,
      ends_at_ms: null,
      release: { forfeited: { uses: "restore" } },
    },
    { code: "TEN", discount_percent: 10 },
  ],
  order: {
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity: 2 }],
    identities: { email: "ann@example.org" },
  },
  now_ms: 1_800_000_000_000,
};
const keys: string[] = usageKeys(request);
const { now_ms: _, ...withoutTime } = request;
// @ts-expect-error the time of the decision is missing
usageKeys(withoutTime);
await init();

export function decided(decision: Decision): string {
  if (decision.status === "accepted") {
    const none: [] = decision.violations;
    return `${none.length} ${decision.quote.payment} ${decision.ops.map(operation).join()}`;
  }
  const replayed: false = decision.replayed;
  const nothing: [] = decision.ops;
  return `${replayed} ${nothing.length} ${decision.violations.map(explained).join()}`;
}

export function operation(op: Op): string {
  switch (op.op) {
    case "insert":
      return op.redemption.id;
    case "update":
      return `${op.id} ${op.revision.toFixed()} ${recorded(op.redemption)}`;
    case "add":
      return `${op.key} ${op.by.toFixed()} ${op.at_most?.toFixed() ?? "unguarded"}`;
    default:
      return never(op);
  }
}

export function explained(violation: Violation): string {
  switch (violation.reason) {
    case "already_confirmed": {
      const code: null = violation.code;
      return `${code}`;
    }
    case "locked_ticket_type": {
      const code: null = violation.code;
      return `${code} ${violation.used.toFixed()}`;
    }
    case "unknown_code":
    case "inactive":
    case "not_started":
    case "ended":
    case "outside_hours":
    case "wrong_event":
    case "not_eligible": {
      const told: "not_accepted" = violation.public_reason;
      return `${violation.code.toUpperCase()} ${told}`;
    }
    case "cannot_combine":
    case "wrong_currency":
    case "nothing_to_discount": {
      const nothing: null = violation.to_qualify;
      return `${violation.code.toUpperCase()} ${nothing}`;
    }
    case "wrong_ticket_type":
      return `${violation.code.toUpperCase()} ${changed(violation.to_qualify)}`;
    case "below_min_tickets":
    case "above_max_tickets":
    case "below_min_subtotal":
    case "above_max_subtotal":
    case "missing_tickets":
    case "surplus_tickets":
    case "missing_subtotal":
      return `${violation.used.toFixed()} of ${violation.limit.toFixed()} ${changed(violation.to_qualify)}`;
    case "identity_required":
      return `${violation.code?.toUpperCase() ?? "policy"} ${violation.limit.toFixed()}`;
    case "free_tickets_exhausted":
    case "tickets_exhausted": {
      const code: null = violation.code;
      return `${code} ${violation.used.toFixed()}`;
    }
    case "price_changed": {
      const code: null = violation.code;
      return `${code} ${violation.used.toFixed()} ${violation.limit.toFixed()}`;
    }
    // Each other reason is of a counter of the code.
    default:
      return `${violation.code.toUpperCase()} ${violation.counter.length} ${violation.remaining.toFixed()}`;
  }
}

export function changed(change: ToQualify | null): string {
  if (change === null) return "by nothing";
  if ("add_subtotal" in change) return change.add_subtotal.toFixed();
  if ("remove_subtotal" in change) return change.remove_subtotal.toFixed();
  const of: string[] | undefined = change.of;
  return `${of?.join()} ${"add_tickets" in change ? change.add_tickets.toFixed() : change.remove_tickets.toFixed()}`;
}

export function recorded(redemption: Redemption): string {
  switch (redemption.state) {
    case "held":
      return redemption.expires_at_ms.toFixed();
    case "confirmed":
      return redemption.confirmed_at_ms.toFixed();
    case "released":
      return redemption.confirmed_at_ms?.toFixed() ?? "never paid";
    default:
      return never(redemption);
  }
}

export function paid(confirmation: Confirmation): string {
  switch (confirmation.status) {
    case "confirmed":
      return confirmation.ops.map(operation).join();
    case "late_payment_conflict":
      return confirmation.violations.map(({ remaining }) => remaining.toFixed()).join();
    case "already_confirmed": {
      const kept: "kept" = confirmation.money;
      return kept;
    }
    case "paid_twice":
    case "stale_payment":
    case "released": {
      const returned: "returned" = confirmation.money;
      return returned;
    }
    case "already_returned":
    case "too_many_payments": {
      const nothing: [] = confirmation.ops;
      return `${nothing.length}`;
    }
    default:
      return never(confirmation);
  }
}

export function returned(answer: ReleaseAnswer): number {
  if (answer.status !== "already_confirmed") return answer.refundable + answer.tickets.length;
  const nothing: 0 = answer.refundable;
  return nothing;
}

export function takesOff(discount: Discount, currency: string): number {
  const inCurrency = (amount: Promo["max_discount"]) => (typeof amount === "object" ? amount?.[currency] : amount) ?? 0;
  switch (discount.kind) {
    case "percent":
      return discount.percent;
    case "fixed_price":
      return inCurrency(discount.price);
    default:
      return "amount" in discount ? inCurrency(discount.amount) : 0;
  }
}

export function told(error: unknown): string {
  const { code, path, message } = error as RedeemableError;
  return code === "invalid_promo" ? path : message;
}

declare const redemption: Redemption;
export const answers = [
  decided(validateRedemption(request)),
  paid(
    confirmRedemption({
      redemption,
      payment: { id: "p-1", total: null },
      usage: { counters: { [keys[0] ?? ""]: 1 } },
      now_ms: 1_800_000_000_000,
      over_limit: true,
    }),
  ),
  returned(
    applyRelease({ redemption, release: { reason: "buyer_released", tickets: [0] }, now_ms: 1_800_000_000_000 }),
  ),
  auditUsage({ redemptions: [redemption] }).counters["code/id:summer/uses"],
  simulate({ promo: request.promos[0]!, change: request.promos[0]!, event_id: "gala" }).limits.map(
    ({ before, after }) => (after?.left ?? 0) - (before?.left ?? 0),
  ),
  checkPromo({ promos: request.promos }).filter(
    ({ problem, severity }) => severity === "danger" && problem === "free_without_limit",
  ),
  generateCodes({ count: 2, entropy: "00".repeat(64), check_character: true }).codes.join(),
  decided(
    new PreparedRules({ promos: request.promos }).validateRedemption({
      codes: [],
      order: request.order,
      now_ms: request.now_ms,
    }),
  ),
  decided(
    validateRedemption({
      ...publicView({ ...request, reveal_up_to: 4 }),
      order: request.order,
      now_ms: request.now_ms,
    }),
  ),
];

// What must not compile.
// @ts-expect-error -- a misspelt limit
export const misspelt: Promo = { code: "A", discount_percent: 10, max_usse: 5 };
// @ts-expect-error -- neither discount
export const neither: Promo = { code: "A" };
// @ts-expect-error -- both discounts
export const both: Promo = { code: "A", discount: { kind: "free" }, discount_percent: 10 };
// @ts-expect-error -- another kind's field
export const mixed: Discount = { kind: "percent", amount: 10 };
// @ts-expect-error -- no such kind
export const unknownKind: Discount = { kind: "percentage", percent: 10 };
// @ts-expect-error -- amounts are numbers, not BigInts
export const bigint: Discount = { kind: "amount_per_ticket", amount: 500n };
// @ts-expect-error -- times are numbers, not Dates
validateRedemption({ ...request, now_ms: new Date() });
// @ts-expect-error -- the time is required
validateRedemption(withoutTime);
// @ts-expect-error -- an order has a currency
validateRedemption({ ...request, order: { event_id: "gala", lines: [] } });
// @ts-expect-error -- a lapsed hold takes no rule
export const rule: Promo = { code: "A", discount_percent: 10, release: { hold_expired: { uses: "keep" } } };
// @ts-expect-error -- no such reason
export const reason: ReleaseReason = "cancelled";
// @ts-expect-error -- a number, not a string
confirmRedemption({ redemption, payment: { id: "p-1", total: "1000", currency: "EUR" }, now_ms: 1_800_000_000_000 });
// @ts-expect-error -- one argument
usageKeys(request, 1);
// @ts-expect-error -- a rejected decision has no plan to run
export const planOfRejection = (decision: Decision) => (decision.status === "rejected" ? decision.ops[0].op : "");
