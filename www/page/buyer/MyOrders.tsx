// The orders of this browser. It stores their ids, so that they are still here after a reload or on another day.
import { api, Failure, type OrderView } from "../api";
import { moneyIn } from "../format";
import { keep, kept, Panel, plural, Problem, useLoaded } from "../ui";

const ids = () => kept<string[]>("orders", []);

export function remember(id: string): void {
  keep("orders", [id, ...ids().filter((each) => each !== id)].slice(0, 20));
}

/** Loads the orders, and one whose answer was lost. An order that the shop does not have was refused or not placed. */
async function load(): Promise<OrderView[]> {
  const asked = kept<string | null>("asked", null);
  const wanted = [...new Set([...(asked ? [asked] : []), ...ids()])];
  const found = await Promise.all(
    wanted.map((id) =>
      api.order(id).catch((error: unknown) => {
        if (Failure.of(error).code !== "not_found") throw error;
        return null;
      }),
    ),
  );
  const orders = found.filter((order) => order !== null);
  keep(
    "orders",
    orders.map(({ id }) => id),
  );
  if (orders.some(({ id }) => id === asked)) keep("asked", null);
  return orders;
}

export const STATES = { held: "waiting for payment", confirmed: "paid", released: "given back" };

export function MyOrders() {
  const [orders, problem, again] = useLoaded(load, []);
  if (problem) return <Problem of={problem} again={again} />;
  if (!orders || orders.length === 0) return null;
  return (
    <Panel title="Your orders" hint="Kept in this browser. Open one to pay it, to change tickets or to give them back.">
      <ul class="rows">
        {orders.map(({ id, state, total, currency, tickets }) => (
          <li key={id}>
            <a href={`#/order/${id}`}>
              {plural(tickets.filter(({ released }) => state === "released" || !released).length, "ticket")} for{" "}
              {moneyIn(currency)(total)}
            </a>
            <span class={`state ${state}`}>{state === "confirmed" && total === 0 ? "yours" : STATES[state]}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
