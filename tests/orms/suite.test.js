// The whole store suite on every library.
import { after, before, describe } from "node:test";
import { storeSuite } from "redeemable/store-suite";
import { chosen } from "./hosts.js";
import { PLACES } from "./places.js";

for (const [name, { place: kind, open }] of chosen())
  describe(name, () => {
    let place;
    let host;
    let other;
    before(async () => {
      place = await PLACES[kind]();
      host = await open(place.url);
      // Two connections of one process to SQLite would each stop the process until the other has ended.
      other = kind === "sqlite" || kind === "pglite" ? host : await open(place.url);
    });
    after(async () => {
      await host?.close();
      if (other !== host) await other?.close();
      await place?.close();
    });
    storeSuite(name, async (options) => {
      await place.clear();
      return {
        store: host.store(options),
        peer: other.store(options),
        put: host.put,
        transaction: host.transaction,
        rows: async () =>
          (await place.ask("SELECT order_id FROM tickets ORDER BY 1")).map((row) => String(row.order_id)),
      };
    });
  });
