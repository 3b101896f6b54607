// What came in with a code, what was given away, who used it and when: the kit's report over the orders with the code.
import { canonicalCode } from "redeemable";
import { report, reportCsv } from "redeemable/report";

const [HOUR, DAY] = [3_600_000, 86_400_000];
const STATES = ["held", "confirmed", "released"];
const ZERO = { orders: 0, tickets: 0, uses: 0, list: 0, discount: 0, paid: 0 };

export function openReports({ database: { store }, codes, policy, event, now }) {
  /** The records of this event's orders with the code that were first accepted in [from_ms, to_ms). */
  async function ordersWith(code, { from_ms = 0, to_ms = Infinity }) {
    const found = [];
    await store.scan(({ redemptions }) => {
      for (const record of redemptions) {
        const { event_id, applied, created_at_ms: at } = record;
        if (event_id === event.id && at >= from_ms && at < to_ms && applied.some((one) => one.code === code))
          found.push(record);
      }
    });
    return found;
  }

  async function codeOf(id) {
    return canonicalCode({ text: (await codes.find(id)).promo.code }).canonical;
  }

  /** The report of these records alone, so that the store is read once for all of them. */
  const reportOf = (records, code, by_person = false) =>
    report({ scan: async (visit) => visit({ redemptions: records, counters: {} }) }, { code, by_person });

  async function show(id, { from_ms, to_ms, persons: most }) {
    const code = await codeOf(id);
    const records = await ordersWith(code, { from_ms, to_ms });
    const { rows } = await reportOf(records, code, true);
    const own = rows.filter((row) => row.code === code && row.currency === event.currency);
    const persons = own.filter(({ person }) => person !== null).sort(byWorth);
    const end = Math.min(now(), to_ms ?? Infinity);
    const first = records.reduce((least, { created_at_ms }) => Math.min(least, created_at_ms), end);
    const { every, periods } = calendar({ begin: from_ms ?? first, end, zone: (await policy.read()).zone });
    for (const record of records) periods.get(every.named(record.created_at_ms))?.push(record);
    const shown = [];
    for (const [starts, list] of periods) {
      const { rows: inPeriod } = await reportOf(list, code);
      shown.push({
        starts,
        ...figuresOf(inPeriod.find((row) => row.code === code && row.currency === event.currency)),
      });
    }
    return {
      code,
      currency: event.currency,
      ...figuresOf(own.find(({ person }) => person === null)),
      persons_total: persons.length,
      persons: persons.slice(0, most).map((row) => ({ person: row.person, ...figuresOf(row) })),
      every: every.name,
      periods: shown,
    };
  }

  return {
    show,
    /** The same as a table: a row for all orders with the code, one for the code, and these for each person. */
    async csv(id, { from_ms, to_ms }) {
      const code = await codeOf(id);
      return reportCsv(await reportOf(await ordersWith(code, { from_ms, to_ms }), code, true));
    },
  };
}

const figuresOf = (row) => Object.fromEntries(STATES.map((state) => [state, row?.[state] ?? ZERO]));

/** Those for whom most was taken off come first; tickets that came back count nothing. */
function byWorth(one, other) {
  const sum = (row, name) => row.held[name] + row.confirmed[name];
  for (const name of ["discount", "paid", "tickets"]) {
    const difference = sum(other, name) - sum(one, name);
    if (difference !== 0) return difference;
  }
  return one.person < other.person ? -1 : 1;
}

/**
 * The hours, days or months of a time, by the event's clock, or by UTC if it has none: as many as fit on a chart. Their
 * names are local times such as 2026-12-01T14, 2026-12-01 and 2026-12.
 */
function calendar({ begin, end, zone }) {
  const local = (ms) => {
    const { offset_minutes } = zone?.findLast(({ from_ms }) => from_ms <= ms) ?? zone?.[0] ?? { offset_minutes: 0 };
    return ms + offset_minutes * 60_000;
  };
  const length = end - begin;
  const [name, digits, next] =
    length <= 2 * DAY
      ? ["hour", 13, (at) => at + HOUR]
      : length <= 62 * DAY
        ? ["day", 10, (at) => at + DAY]
        : ["month", 7, (at) => Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1, 1)];
  const cut = (at) => new Date(at).toISOString().slice(0, digits);
  // A chart of less than a day would say little, so it begins a day before its end.
  const from = Math.min(begin, end - 23 * HOUR);
  const periods = new Map();
  const start = name === "month" ? `${cut(local(from))}-01` : `${cut(local(from))}${name === "hour" ? ":00Z" : ""}`;
  for (let at = Date.parse(start); at <= local(end); at = next(at)) periods.set(cut(at), []);
  return { every: { name, named: (ms) => cut(local(ms)) }, periods };
}
