// The event's policy. The organiser sets the event's clock, by which codes with hours and limits per day are judged,
// and which codes count if several fit an order; everything else is as the event's file says.
import { zone } from "redeemable/host";
import { fault } from "./errors.js";

export function openPolicy({ query }, event) {
  /** The clock as the organiser set it, and the offsets that the kit made of it. Null: none was set. */
  async function stored() {
    const [row] = await query("SELECT document FROM shop_clocks WHERE event_id = ?", event.id);
    return row ? JSON.parse(row.document) : null;
  }

  /** How codes are chosen, as the organiser has set it; undefined: it was not set. */
  async function chosen() {
    const [row] = await query("SELECT word FROM shop_choices WHERE event_id = ?", event.id);
    return row?.word;
  }

  return {
    /** The policy of the next decision. */
    async read() {
      const [found, choice] = [await stored(), await chosen()];
      return { ...event.policy, ...(found && { zone: found.zone }), ...(choice && { choose: choice }) };
    },

    async setChoose(word) {
      await query(
        `INSERT INTO shop_choices (event_id, word) VALUES (?, ?)
         ON CONFLICT (event_id) DO UPDATE SET word = excluded.word`,
        event.id,
        word,
      );
    },

    /** The zone's name and the years for which the policy has its offsets; null if the organiser set none. */
    async clock() {
      const found = await stored();
      return found && { name: found.name, from_year: found.from_year, to_year: found.to_year };
    },

    async setClock({ name, from_year, to_year }) {
      if (to_year < from_year) throw fault(400, "invalid_request", "to_year", `expected a year from ${from_year} on`);
      const offsets = zone(name, Date.UTC(from_year, 0, 1), Date.UTC(to_year + 1, 0, 1));
      await query(
        `INSERT INTO shop_clocks (event_id, document) VALUES (?, ?)
         ON CONFLICT (event_id) DO UPDATE SET document = excluded.document`,
        event.id,
        JSON.stringify({ name, from_year, to_year, zone: offsets }),
      );
    },
  };
}
