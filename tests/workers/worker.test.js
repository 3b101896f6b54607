// The stores on a Durable Object's SQLite and on D1, in workerd.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { storeChecks } from "redeemable/store-suite";
import { start } from "./workerd.js";

const folder = mkdtempSync(join(tmpdir(), "redeemable-workerd-"));
// The storage is on disk: an object that was ended starts again with what it has stored.
const settings = {
  durableObjects: { SHOP: { className: "Shop", useSQLite: true } },
  durableObjectsPersist: join(folder, "objects"),
  d1Databases: ["DB", "SUITE"],
  d1Persist: join(folder, "d1"),
};
let running;
before(async () => {
  running = await start("worker.js", settings);
});
after(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});
const ask = (...path) => running.ask(`/${path.map(encodeURIComponent).join("/")}`);

for (const [name, place] of [
  ["a Durable Object", "suite"],
  ["D1", "d1"],
])
  test(`${name} is a store`, async () => {
    assert.deepEqual(await ask(place, "suite"), { status: 200, ran: storeChecks.length, failed: [] });
  });

for (const [name, place, begin] of [
  ["a Durable Object", "gala", async () => {}],
  ["D1", "d1", () => ask("d1", "migrate")],
])
  describe(name, () => {
    test("100 requests at once, of which each third is sent twice, sell 40 uses, exactly", async () => {
      await begin();
      const ids = Array.from({ length: 75 }, (_, i) => [`o-${i}`, ...(i % 3 ? [] : [`o-${i}`])]).flat();
      assert.equal(ids.length, 100);
      const answers = await Promise.all(ids.map((id) => ask(place, "buy", id)));
      const sold = new Set(ids.filter((_, index) => answers[index].answer === "accepted"));
      assert.deepEqual(new Set(answers.map(({ answer }) => answer)), new Set(["accepted", "rejected"]));
      assert.equal(sold.size, 40);
      const { used, tickets, audit } = await ask(place, "state");
      assert.deepEqual([used, tickets, audit], [40, [...sold].sort(), []]);
    });

    test("payments and returns at once, each sent twice, leave nothing half done", async () => {
      const { tickets } = await ask(place, "state");
      const twice = (action) => tickets.slice(0, 10).flatMap((id) => [ask(place, action, id), ask(place, action, id)]);
      const paid = await Promise.all(twice("pay"));
      assert.deepEqual(new Set(paid.map(({ answer }) => answer)), new Set(["kept"]));
      const released = await Promise.all(twice("release"));
      assert.deepEqual(released.map(({ answer }) => answer).sort(), [
        ...Array(10).fill("already_released"),
        ...Array(10).fill("released"),
      ]);
      const state = await ask(place, "state");
      assert.deepEqual([state.used, state.tickets, state.audit], [30, tickets.slice(10), []]);
    });

    test("a runtime that is killed while it sells has stored all that it has told", async () => {
      // 10 uses are left of the 40.
      const told = [];
      let killed;
      const buyer = async (id) => {
        const { answer } = await ask(place, "buy", id);
        if (answer === "accepted") told.push(id);
        if (told.length === 4) killed ??= running.stop();
      };
      const buyers = Array.from({ length: 30 }, (_, i) => buyer(`late-${i}`));
      await Promise.allSettled(buyers);
      await killed;
      assert.ok(told.length >= 4);
      running = await start("worker.js", settings);
      const { used, tickets, audit } = await ask(place, "state");
      assert.deepEqual(audit, []);
      assert.equal(tickets.length, used);
      assert.ok(used >= 30 + told.length && used <= 40, `${used}`);
      for (const id of told) assert.ok(tickets.includes(id), id);
    });
  });

describe("a Durable Object that ends", () => {
  const TAKEN = { used: 1, tickets: ["first"], audit: [] };
  const state = async (name) => {
    const { status: _, ...rest } = await ask(name, "state");
    return rest;
  };
  before(async () => {
    for (const name of ["aborted", "ending", "joined"])
      assert.equal((await ask(name, "buy", "first")).answer, "accepted");
  });

  test("within write, stores nothing of the purchase, and loses nothing before it", async () => {
    const { error } = await ask("aborted", "sabotage", "abort in write");
    assert.match(error, /the power is gone/);
    assert.deepEqual(await state("aborted"), TAKEN);
    assert.equal((await ask("aborted", "buy", "abort in write")).answer, "accepted");
    assert.deepEqual(await state("aborted"), { used: 2, tickets: ["abort in write", "first"], audit: [] });
  });

  test("after the commit, has stored all of the purchase or nothing, and the buyer may ask again", async () => {
    const id = "abort after the commit";
    const before = await state("aborted");
    assert.match((await ask("aborted", "sabotage", id)).error, /the power is gone/);
    const after = await state("aborted");
    const sold = after.tickets.includes(id);
    assert.deepEqual(after, sold ? { used: 3, tickets: [...before.tickets, id].sort(), audit: [] } : before);
    assert.equal((await ask("aborted", "buy", id)).answer, "accepted");
    assert.deepEqual(await state("aborted"), { used: 3, tickets: [...before.tickets, id].sort(), audit: [] });
  });

  test("by a write that ends the transaction, stores nothing of the purchase", async () => {
    for (const kind of ["COMMIT", "SAVEPOINT a"]) {
      assert.match((await ask("ending", "sabotage", kind)).answer, /please use the state\.storage/);
      assert.deepEqual(await state("ending"), TAKEN);
    }
    await ask("ending", "buy", "OR ROLLBACK");
    const before = await state("ending");
    const { status } = await ask("ending", "sabotage", "OR ROLLBACK");
    assert.equal(status, 500, "the runtime ends the object");
    assert.deepEqual(await state("ending"), before);
  });

  test("joins the host's own transaction, and is rolled back with it", async () => {
    assert.equal((await ask("joined", "sabotage", "host's transaction, rolled back")).answer, "rolled back");
    assert.deepEqual(await state("joined"), TAKEN);
  });
});
