// Checks the event with which the shop starts. One mistake in it would refuse every order, so the shop does not start.
import Ajv from "ajv";
import { usageKeys } from "redeemable";
import { validatePromos } from "redeemable/organiser";
import { firstOf } from "./errors.js";

const name = { type: "string", minLength: 1, maxLength: 256 };
const amount = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const check = new Ajv().compile({
  type: "object",
  additionalProperties: false,
  required: ["id", "name", "currency", "hold_ms", "ticket_types", "promos"],
  properties: {
    id: name,
    name,
    currency: { ...name, maxLength: 16 },
    hold_ms: { type: "integer", minimum: 1, maximum: 365 * 86_400_000 },
    ticket_types: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["id", "name", "price"],
        properties: { id: name, name, price: amount },
      },
    },
    // The engine checks these two.
    promos: { type: "array" },
    policy: { type: "object" },
    facts: { type: "object" },
  },
});

/** Throws an error that names the wrong field. */
export function checkEvent(event) {
  const wrong = (path, message) => {
    throw new Error(path ? `${path}: ${message}` : message);
  };
  if (!check(event)) {
    const { path, message } = firstOf(check.errors);
    wrong(path, message);
  }
  const { id, currency, ticket_types, promos, policy, facts } = event;
  // A stampede deletes all rows of events with such ids when it ends.
  if (/^stampede-/.test(id)) wrong("id", "expected an id that does not begin with stampede-");
  ticket_types.forEach((type, i) => {
    if (ticket_types.findIndex((other) => other.id === type.id) !== i)
      wrong(`ticket_types[${i}].id`, "expected an id that no other ticket type has");
  });
  try {
    const lines = [{ ticket_type: ticket_types[0].id, unit_price: 0, quantity: 1 }];
    usageKeys({ codes: [], promos: [], order: { event_id: id, currency, lines, facts }, now_ms: 1_800_000_000_000 });
  } catch ({ path, message }) {
    wrong(path.replace(/^order\./, ""), message);
  }
  const { faults } = validatePromos({ promos, policy });
  // Of two promotions with one code both have a fault: the later one is named.
  const fault = faults.find(({ code }) => code !== "duplicate_code") ?? faults.at(-1);
  if (fault) wrong(fault.path, fault.message);
}
