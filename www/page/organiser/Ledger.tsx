// What happened to a code, newest first; what can still be done about an order stands beside its newest entry.
import { useState } from "preact/hooks";
import type { ReleaseReason } from "redeemable";
import { api, type Entry, type Event } from "../api";
import { dateTime, moneyIn, number } from "../format";
import { Panel, plural, Problem, useAction } from "../ui";

const REASONS: Partial<Record<ReleaseReason, string>> = {
  buyer_released: "the buyer gave it back",
  organizer_cancelled: "we cancelled it",
  refunded: "refunded",
  forfeited: "forfeited",
  no_show: "did not come",
  disputed: "payment disputed",
  payment_failed: "payment failed",
  hold_expired: "the hold ran out",
};

interface Props { event: Event; entries: Entry[]; total: number; changed: () => void; more: () => void }

export function Ledger({ event, entries, total, changed }: Props) {
  const [notice, setNotice] = useState("");
  const [count, setCount] = useState(20);
  const newest = new Map<string, number>();
  for (const { order, n } of entries) newest.set(order, Math.max(n, newest.get(order) ?? 0));
  const money = moneyIn(event.currency);
  return (
    <Panel title="Ledger" hint="Every order that touched this code, newest first. A release gives the use back or keeps it, as its reason says." class="wide">
      <p role="status" class="notice">{notice}</p>
      {entries.length === 0 ? <p class="hint">No entry yet.</p> : (
        <div class="scroll" role="region" aria-label="Ledger" tabIndex={0}>
          <table class="ledger">
            <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col" class="money">Uses</th><th scope="col" class="money">Taken off</th><th scope="col">To do</th></tr></thead>
            <tbody>
              {entries.slice(0, count).map((entry) => (
                <tr key={entry.n} data-event={entry.event}>
                  <td>{dateTime(entry.at_ms)}<br /><a href={`#/order/${entry.order}`} class="hint">order {entry.order.slice(0, 8)}</a></td>
                  <td>{what(entry)}</td>
                  <td class="money">{signed(entry.uses, number)}<br /><span class="hint">then {number(entry.used)}</span></td>
                  <td class="money">{signed(entry.amount, money)}</td>
                  <td>{newest.get(entry.order) === entry.n && entry.event !== "released" && <Acts entry={entry} say={(text) => { setNotice(text); changed(); }} money={money} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {entries.length > count && <button type="button" class="plain" onClick={() => setCount(count + 100)}>Show more of {plural(total, "entry", "entries")}</button>}
    </Panel>
  );
}

function what({ event, reason, tickets }: Entry): string {
  const some = plural(tickets, "ticket");
  if (event === "held") return `${some} held`;
  if (event === "confirmed") return `${some} paid`;
  return `${some} released: ${(reason && REASONS[reason]) ?? reason ?? ""}`;
}

const signed = (value: number, write: (value: number) => string) => (value === 0 ? "0" : value > 0 ? `+${write(value)}` : `−${write(-value)}`);

function Acts({ entry, say, money }: { entry: Entry; say: (text: string) => void; money: (amount: number) => string }) {
  const { busy, problem, run } = useAction();
  const [reason, setReason] = useState<ReleaseReason>(entry.event === "held" ? "organizer_cancelled" : "refunded");
  const confirm = () => run(async () => {
    const { total } = await api.order(entry.order);
    const { status } = await api.pay(entry.order, total);
    say(status === "confirmed" ? `Order ${entry.order.slice(0, 8)} is confirmed.` : `Not confirmed: ${status.replaceAll("_", " ")}.`);
  });
  const release = () => run(async () => {
    const { status, tickets, refundable } = await api.release(entry.order, reason, null);
    say(status !== "released" ? `Nothing released: ${status.replaceAll("_", " ")}.`
      : `${plural(tickets.length, "ticket")} of order ${entry.order.slice(0, 8)} released.${refundable > 0 ? ` Refund ${money(refundable)}.` : ""}`);
  });
  const reasons = (Object.keys(REASONS) as ReleaseReason[]).filter((each) => entry.event === "held" || (each !== "payment_failed" && each !== "hold_expired"));
  return (
    <div class="acts">
      {entry.event === "held" && <button type="button" class="small confirm" disabled={busy} onClick={confirm}>Confirm payment</button>}
      <select aria-label={`Why release order ${entry.order.slice(0, 8)}`} value={reason} onChange={(change) => setReason(change.currentTarget.value as ReleaseReason)}>
        {reasons.map((each) => <option key={each} value={each}>{REASONS[each]}</option>)}
      </select>
      <button type="button" class="small plain release" disabled={busy} onClick={release}>Release</button>
      {problem && <Problem of={problem} />}
    </div>
  );
}
