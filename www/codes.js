// The organiser's codes: promotions, each with an id and a revision of the host's own. All of them are stored in one
// row, so that the engine can accept or refuse each edit with the whole list in view.
import { canonicalCode, usageKeys } from "redeemable";
import { Busy } from "redeemable/host";
import { validatePromos } from "redeemable/organiser";
import { fault } from "./errors.js";

const ATTEMPTS = 8;

export function openCodes({ query }, event) {
  /** Copies the event's codes into an empty database. From then on they are edited there. */
  async function seed() {
    const codes = event.promos.map((promo, i) => ({ id: i + 1, revision: 1, promo }));
    await query(
      "INSERT INTO shop_codes (event_id, revision, document) VALUES (?, 1, ?) ON CONFLICT DO NOTHING",
      event.id,
      JSON.stringify(codes),
    );
  }

  async function read() {
    const [{ revision, document }] = await query(
      "SELECT revision, document FROM shop_codes WHERE event_id = ?",
      event.id,
    );
    return { revision, codes: JSON.parse(document) };
  }

  /** Edits the list; if somebody else has edited it meanwhile, edits the new list. */
  async function change(edit) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { revision, codes } = await read();
      const edited = edit(codes);
      const list = codes
        .filter(({ id }) => id !== edited.id)
        .concat(edited)
        .sort((a, b) => a.id - b.id);
      const stored = await query(
        `UPDATE shop_codes SET revision = revision + 1, document = ?
         WHERE event_id = ? AND revision = ? RETURNING revision`,
        JSON.stringify(list),
        event.id,
        revision,
      );
      if (stored.length === 1) return edited;
    }
    throw new Busy(ATTEMPTS);
  }

  return {
    seed,
    list: async () => (await read()).codes,
    /** How the kit finds promotions, in each attempt: those that apply by themselves, and those of the typed codes. */
    loader: {
      always: async () => (await read()).codes.map(({ promo }) => promo).filter(({ automatic }) => automatic),
      async find(typed) {
        const isTyped = ({ promo }) => {
          const { canonical, loose } = canonicalCode({ text: promo.code });
          return typed.some((code) => code.canonical === canonical || (loose !== "" && code.loose === loose));
        };
        return (await read()).codes.filter(isTyped).map(({ promo }) => promo);
      },
    },
    find: async (id) => findIn((await read()).codes, id),

    add: ({ promo }) =>
      change((codes) => {
        checkAmong(codes, promo);
        return { id: 1 + Math.max(0, ...codes.map(({ id }) => id)), revision: 1, promo };
      }),

    edit: (id, { promo, revision }) =>
      change((codes) => {
        const before = findIn(codes, id);
        if (before.revision !== revision)
          throw fault(
            409,
            "stale_revision",
            "revision",
            `expected ${before.revision}: somebody else has edited this code`,
          );
        checkEdit(event, codes, before, promo);
        return { id: before.id, revision: revision + 1, promo };
      }),

    /** Checks the edit without storing it, and returns the stored promo. */
    async tryEdit(id, promo) {
      const { codes } = await read();
      const before = findIn(codes, id);
      checkEdit(event, codes, before, promo);
      return before.promo;
    },
  };
}

/**
 * The keys of the counters that an order with this promo may charge at this event, without those of a person. Asked
 * without a policy, the event has no clock: so there are no counters of a day, and any time will do.
 */
export function keysOf(event, promo) {
  return usageKeys({ codes: [promo.code], promos: [promo], order: sample(event), now_ms: 1_800_000_000_000 });
}

/** The key of the counter of the promo's uses. */
export const usesKey = (event, promo) => keysOf(event, promo).find((key) => /^code\/.*\/uses$/.test(key));

function sample({ id, currency, ticket_types: [{ id: ticket_type, price }] }) {
  return { event_id: id, currency, lines: [{ ticket_type, unit_price: price, quantity: 1 }] };
}

function findIn(codes, id) {
  return (
    codes.find((code) => code.id === Number(id)) ??
    (() => {
      throw fault(404, "not_found", "id", "no such code");
    })()
  );
}

/** Throws the engine's first fault of this promo among the other codes. */
function checkAmong(codes, promo) {
  const { faults } = validatePromos({ promos: [...codes.map((code) => code.promo), promo] });
  // If two promotions have one code, the engine reports both. The fault of the edited one, the last of the list, is
  // the one that the organiser can correct here.
  const found = faults.find(({ at }) => at[1] === codes.length);
  if (found === undefined) return;
  const { code, path, message } = found;
  throw fault(
    code === "duplicate_code" ? 409 : 400,
    code,
    `promo${path.slice(`promos[${codes.length}]`.length)}`,
    message,
  );
}

function checkEdit(event, codes, before, promo) {
  checkAmong(
    codes.filter(({ id }) => id !== before.id),
    promo,
  );
  if (usesKey(event, promo) === usesKey(event, before.promo)) return;
  const field = (before.promo.id ?? null) === (promo.id ?? null) ? "code" : "id";
  throw fault(
    400,
    "invalid_promo",
    `promo.${field}`,
    `expected ${JSON.stringify(before.promo[field] ?? null)}, because the uses are counted by it`,
  );
}
