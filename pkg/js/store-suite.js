// Tests on node:test of everything that a store must do. Run them against a store that you write for another database.
import { describe, test } from "node:test";
import { joining } from "./store-suite-joining.js";
import { looks } from "./store-suite-looks.js";
import { operators } from "./store-suite-operators.js";
import { plans } from "./store-suite-plans.js";

/**
 * `open({ onDrift })` makes an empty store and returns `{ store, peer, put, rows, close }`. The store must call
 * `onDrift(key)` for each counter that has drifted. `peer` is another store over the same tables (if left out, the
 * store itself), `put(transaction, text)` writes a row of the host's own, `rows()` lists the host's rows that are
 * stored, and `close()` is called after each test. If the store can join a transaction of the host's,
 * `transaction(work)` calls `work(transaction)` in such a transaction, and commits it or, if `work` throws, rolls it
 * back and throws the same.
 */
export function storeSuite(name, open) {
  describe(`the store ${name}`, () => {
    for (const [title, check] of Object.entries({ ...plans, ...looks, ...operators, ...joining })) {
      test(title, async () => {
        const drifted = [];
        const opened = await open({ onDrift: (key) => drifted.push(key) });
        try {
          await check({ peer: opened.store, ...opened, drifted });
        } finally {
          await opened.close?.();
        }
      });
    }
  });
}
