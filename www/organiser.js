// What the organiser sees about a code: its counters, what happened to it, and what an edit would change.
import { usageKeys, validateRedemption } from "redeemable";
import { simulate } from "redeemable/organiser";
import { keysOf, usesKey } from "./codes.js";
import { entriesOf, holds } from "./records.js";

export function openOrganiser({ database: { query }, codes, policy, event, now }) {
  /** Counters and unpaid orders. One statement reads both, so that they are of one moment. */
  async function snapshot(keys) {
    const rows = await query(
      `
      SELECT key, used, CAST(NULL AS text) AS document FROM redeemable_counters
      WHERE key IN (${keys.map(() => "?").join(", ") || "NULL"})
      UNION ALL SELECT id, 0, CAST(document AS text) FROM redeemable_redemptions WHERE state = 'held'`,
      ...keys,
    );
    const counters = Object.fromEntries(
      rows.filter(({ document }) => document === null).map(({ key, used }) => [key, Number(used)]),
    );
    const unpaid = {};
    for (const { document } of rows) {
      if (document === null) continue;
      const { charges, tickets } = JSON.parse(document);
      for (const charge of charges) unpaid[charge.key] = (unpaid[charge.key] ?? 0) + holds(charge, tickets);
    }
    return { counters, unpaid };
  }

  /** A budget is one number, or one for each of several currencies. */
  const amountOf = (budget) => (typeof budget === "object" ? budget?.[event.currency] : budget) ?? null;

  function figures(promo, { counters, unpaid }) {
    const about = (key, limit = null) => {
      const [used, held] = [counters[key] ?? 0, unpaid[key] ?? 0];
      return { used, held, confirmed: used - held, limit, left: limit === null ? null : Math.max(0, limit - used) };
    };
    const spend = (keys) => keys.find((key) => key.includes("/spend/"));
    const own = keysOf(event, { ...promo, pools: [] });
    return {
      uses: about(usesKey(event, promo), promo.single_use ? 1 : (promo.max_uses ?? null)),
      spend: about(spend(own), amountOf(promo.budget)),
      pools: (promo.pools ?? []).map((pool) => {
        const keys = keysOf(event, { ...promo, pools: [pool] }).filter((key) => key.startsWith("pool/"));
        return {
          id: pool.id,
          uses: about(
            keys.find((key) => key.endsWith("/uses")),
            pool.max_uses ?? null,
          ),
          spend: about(spend(keys), amountOf(pool.budget)),
        };
      }),
    };
  }

  async function withFigures(list) {
    const read = await snapshot([...new Set(list.flatMap(({ promo }) => keysOf(event, promo)))]);
    return list.map((code) => ({ ...code, figures: figures(code.promo, read) }));
  }

  async function ledger(id, { before = Infinity, limit }) {
    const { promo } = await codes.find(id);
    const key = usesKey(event, promo);
    const [spend] = keysOf(event, { ...promo, pools: [] }).filter((name) => name.includes("/spend/"));
    // LIKE may find too many records (on SQLite it ignores case). entriesOf compares the keys of the charges exactly.
    const rows = await query(
      `SELECT CAST(document AS text) AS document FROM redeemable_redemptions
       WHERE CAST(document AS text) LIKE ? ESCAPE '!'`,
      `%"${like(key)}"%`,
    );
    const entries = rows
      .flatMap(({ document }) => entriesOf(JSON.parse(document), key, spend))
      .sort((a, b) => a.at_ms - b.at_ms || (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
    let used = 0;
    const numbered = entries.map((entry, i) => {
      used += entry.uses;
      return { n: i + 1, ...entry, used };
    });
    return {
      total: entries.length,
      entries: numbered
        .filter(({ n }) => n < before)
        .reverse()
        .slice(0, limit),
    };
  }

  async function whatIf(id, { promo, ticket_type = firstType(promo), up_to = 10 }) {
    const stored = await codes.tryEdit(id, promo);
    const unit_price = event.ticket_types.find((type) => type.id === ticket_type).price;
    const [now_ms, rules] = [now(), await policy.read()];
    const ask = (quantity) => ({
      codes: [promo.code],
      promos: [{ ...promo, only_for: null, only_if: null }],
      policy: rules,
      order: {
        event_id: event.id,
        currency: event.currency,
        lines: [{ ticket_type, unit_price, quantity }],
        identities: { email: "next@buyer.invalid" },
      },
      now_ms,
    });
    const counters = await countersOf(
      [...new Set([...usageKeys(ask(1)), ...keysOf(event, stored), ...keysOf(event, promo)])],
      promo,
    );
    const next = Array.from({ length: up_to }, (_, i) => {
      const { status, quote, applied, violations } = validateRedemption({
        ...ask(i + 1),
        usage: { counters },
      });
      return {
        tickets: i + 1,
        accepted: status === "accepted",
        partial: applied.some(({ partial }) => partial),
        discount: quote.discount,
        total: quote.total,
        violations: violations.map(({ code, reason, limit, used, remaining }) => ({
          code,
          reason,
          limit,
          used,
          remaining,
        })),
      };
    });
    return {
      simulation: simulate({ promo: stored, change: promo, counters, event_id: event.id, currency: event.currency }),
      ticket_type,
      next,
    };
  }

  /** The values of these counters, and of the promo's counters for each person who has used it. */
  async function countersOf(keys, promo) {
    const rows = await query(
      `SELECT key, used FROM redeemable_counters
       WHERE key IN (${keys.map(() => "?").join(", ")}) OR key LIKE ? ESCAPE '!'`,
      ...keys,
      `${like(usesKey(event, promo).replace(/uses$/, "by/"))}%`,
    );
    return Object.fromEntries(rows.map(({ key, used }) => [key, Number(used)]));
  }

  /** The first ticket type that the code is for. */
  function firstType({ ticket_types, exclude_ticket_types, discounts }) {
    const names = (list, id) => list == null || list.includes?.(id);
    const isFor = ({ id }) =>
      names(ticket_types, id) &&
      !exclude_ticket_types?.includes?.(id) &&
      (discounts?.some?.((entry) => names(entry?.ticket_types, id)) ?? true);
    return (event.ticket_types.find(isFor) ?? event.ticket_types[0]).id;
  }

  return {
    list: async () => withFigures(await codes.list()),
    show: async (code) => (await withFigures([code]))[0],
    ledger,
    whatIf,
  };
}

/** The text as a pattern of LIKE that matches only this text. */
const like = (text) => text.replace(/[%_!]/g, "!$&");
