// A store on the SQLite of a Durable Object: the object of one event, for example, sells all that event's codes.
import { sqliteStatements } from "./dist/sql.js";
import { synchronousStore } from "./sqlite-core.js";

/**
 * `storage` is the object's own, `this.ctx.storage`. Only the object itself writes there, and a call that writes has no
 * pause in it, so no transaction waits for another.
 */
export function durableStore(storage, options = {}) {
  const exec = (text, values = []) => storage.sql.exec(text, ...values);
  const transact = (work) => storage.transactionSync(work);
  const driver = {
    handle: storage,
    // Within `storage.transaction(…)` a plan is a part of that transaction. Nobody can ask whether there is one.
    isOpen: () => undefined,
    script: exec,
    run: exec,
    prepare: (text) => ({
      value: (values) => exec(text, values).raw().toArray()[0]?.[0],
      all: (values) => exec(text, values).toArray(),
      changes(values) {
        exec(text, values);
        return exec(sqliteStatements.changes).raw().toArray()[0][0];
      },
    }),
    within: (work, writes) => (writes ? transact(work) : work()),
    joined: transact,
    // The storage refuses COMMIT and ROLLBACK. An insert `OR ROLLBACK` would end the transaction: then the runtime
    // throws at the end of this part, and starts the object anew, without what was written since its last answer.
    guarded: transact,
    isBusy: () => false,
  };
  return synchronousStore(driver, options);
}
