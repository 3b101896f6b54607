// The shop's routes. An error is thrown as a Failure, which the page can show.
import type { Promo, ReleaseReason } from "redeemable";
import type {
  Event,
  Wish,
  View,
  Previewed,
  OrderView,
  Bought,
  Payment,
  Paid,
  WantedExchange,
  ExchangePrice,
  Exchanged,
  Released,
  CodeView,
  Clock,
  Codes,
  Entry,
  CodeReport,
  WhatIf,
  Host,
  Progress,
} from "./answers";

export type * from "./answers";

/** What went wrong, in words. `path` names the wrong field, if there is one. */
export class Failure extends Error {
  constructor(
    readonly code: string,
    readonly path: string,
    message: string,
  ) {
    super(message);
  }

  static of(error: unknown): Failure {
    if (error instanceof Failure) return error;
    const { code = "internal", path = "", message = String(error) } = error as Partial<Failure>;
    return new Failure(code, path, message);
  }

  /** The sentence that the page shows. */
  get said(): string {
    if (this.code === "unreachable") return "The shop does not answer. Nothing is lost: try again in a moment.";
    if (this.code === "busy")
      return "Very many people are ordering at this moment, and nothing was stored. Please try again.";
    if (this.code === "too_many_codes") return "Too many codes were tried from here. Try again in a minute.";
    if (this.code === "stale_revision")
      return (
        "Somebody else has edited this code. Your text is still here: load the code again in another tab, " +
        "compare, and save."
      );
    if (this.code === "price_changed") return "The order was changed, and nothing was paid: look at it again.";
    if (this.code === "nothing_to_pay") return "This order waits for no payment any more.";
    if (this.code === "stampede_running") return "Another stampede is running. Wait until it ends.";
    if (this.code === "not_found") return "The shop does not know this.";
    return this.path ? `${this.path}: ${this.message}` : this.message;
  }
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(method, path, body);
  const json = (await answer.json().catch(() => null)) as
    | (T & { error?: { code: string; path: string; message: string } })
    | null;
  if (json === null) throw new Failure("unreachable", "", "no answer");
  if (!answer.ok)
    throw new Failure(
      json.error?.code ?? "internal",
      json.error?.path ?? "",
      json.error?.message ?? "something went wrong",
    );
  return json;
}

async function send(method: string, path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new Failure("unreachable", "", "no answer");
  }
}

/** The lines of an answer, one by one as they arrive. */
async function* lines<T>(path: string, body: unknown): AsyncGenerator<T> {
  const answer = await send("POST", path, body);
  if (!answer.ok || !answer.body) {
    const json = (await answer.json().catch(() => null)) as {
      error?: { code: string; path: string; message: string };
    } | null;
    throw new Failure(
      json?.error?.code ?? "internal",
      json?.error?.path ?? "",
      json?.error?.message ?? "something went wrong",
    );
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Failure("unreachable", "", "the answer broke off");
    });
    rest += value ?? "";
    const parts = rest.split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) if (part !== "") yield JSON.parse(part) as T;
    if (done) return;
  }
}

const order = (id: string) => `/api/orders/${encodeURIComponent(id)}`;
const at = ({ id }: Event) => `/api/events/${encodeURIComponent(id)}`;

const since = (from_ms: number | null) => (from_ms === null ? "" : `?from_ms=${from_ms}`);
/** The address of a code's report as a table. */
export const reportCsv = (id: number, from_ms: number | null) => `/api/codes/${id}/report.csv${since(from_ms)}`;

export const api = {
  event: () => ask<Event>("GET", "/api/event"),
  view: (event: Event, { codes, identities }: Wish) => ask<View>("POST", `${at(event)}/view`, { codes, identities }),
  preview: (event: Event, wish: Wish) => ask<Previewed>("POST", `${at(event)}/preview`, wish),
  buy: (event: Event, wish: Wish & { id: string; max_total: number }) =>
    ask<Bought>("POST", `${at(event)}/orders`, wish),
  order: (id: string) => ask<OrderView>("GET", order(id)),
  askPayment: (id: string, max_total: number) => ask<Payment>("POST", `${order(id)}/payments`, { max_total }),
  async paid(payment: string): Promise<Paid> {
    type Told = Omit<Paid, "order"> & { order_id: string };
    const { order_id, ...told } = await ask<Told>("POST", "/api/payments", { id: payment });
    const order = await api.order(order_id).catch((error: unknown) => {
      if (Failure.of(error).code !== "not_found") throw error;
      return null;
    });
    return { ...told, order };
  },
  priceExchange: (id: string, wanted: WantedExchange) =>
    ask<ExchangePrice>("POST", `${order(id)}/exchange/preview`, wanted),
  exchange: (id: string, wanted: WantedExchange & { id: string; max_due: number }) =>
    ask<Exchanged>("POST", `${order(id)}/exchange`, wanted),
  release: (id: string, release: string, tickets: number[] | null) =>
    ask<Released>("POST", `${order(id)}/release`, { id: release, tickets }),
  takeBack: (id: string, release: string, reason: ReleaseReason) =>
    ask<Released>("POST", `/api/organiser/orders/${encodeURIComponent(id)}/release`, { id: release, reason }),
  codes: () => ask<Codes>("GET", "/api/codes"),
  setChoose: (choose: string) => ask<Pick<Codes, "policy">>("PUT", "/api/choose", { choose }),
  setClock: (clock: Clock) => ask<Pick<Codes, "policy" | "clock">>("PUT", "/api/clock", clock),
  addCode: (promo: Promo) => ask<CodeView>("POST", "/api/codes", { promo }),
  editCode: (id: number, promo: Promo, revision: number) =>
    ask<CodeView>("PUT", `/api/codes/${id}`, { promo, revision }),
  ledger: (id: number, limit: number) =>
    ask<{ total: number; entries: Entry[] }>("GET", `/api/codes/${id}/ledger?limit=${limit}`),
  report: (id: number, from_ms: number | null) => ask<CodeReport>("GET", `/api/codes/${id}/report${since(from_ms)}`),
  whatIf: (id: number, promo: Promo) => ask<WhatIf>("POST", `/api/codes/${id}/what-if`, { promo }),
  stampede: (host: Host, buyers: number, uses: number) => lines<Progress>("/api/stampede", { host, buyers, uses }),
};
