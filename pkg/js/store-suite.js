// Checks of everything that a store must do. Run them against a store that you write for another database.
import { archives } from "./store-suite-archive.js";
import { differences } from "./store-suite-differences.js";
import { joining } from "./store-suite-joining.js";
import { looks } from "./store-suite-looks.js";
import { operators } from "./store-suite-operators.js";
import { plans } from "./store-suite-plans.js";

/**
 * The checks, as `{ name, run }`. `run(open)` rejects if the store does not do what the check's name says.
 * `open({ onDrift })` makes an empty store and returns `{ store, peer, put, rows, close }`. The store must call
 * `onDrift(key)` for each counter that has drifted. `peer` is another store over the same tables (if left out, the
 * store itself), `put(transaction, text)` writes a row of the host's own, `rows()` lists the host's rows that are
 * stored, and `close()` is called after each check. If the store can join a transaction of the host's,
 * `transaction(work)` calls `work(transaction)` in such a transaction, and commits it or, if `work` throws, rolls it
 * back and throws the same.
 */
export const storeChecks = Object.entries({
  ...plans,
  ...looks,
  ...operators,
  ...differences,
  ...archives,
  ...joining,
}).map(([name, check]) => ({
  name,
  async run(open) {
    const drifted = [];
    const opened = await open({ onDrift: (key) => drifted.push(key) });
    try {
      await check({ peer: opened.store, ...opened, drifted });
    } finally {
      await opened.close?.();
    }
  },
}));

/** Declares each check as a test: with the runner's `describe` and `test`, by default those of node:test. */
export function storeSuite(name, open, runner = nodeTest()) {
  const { describe, test } = runner;
  describe(`the store ${name}`, () => {
    for (const check of storeChecks) test(check.name, () => check.run(open));
  });
}

/** Not imported, because other runtimes do not have it. */
function nodeTest() {
  const found = globalThis.process?.getBuiltinModule?.("node:test");
  if (found) return found;
  throw new TypeError("node:test is not to be had here: call storeSuite(name, open, { describe, test })");
}
