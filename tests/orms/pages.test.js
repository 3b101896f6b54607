// The shops of docs/stacks: each sells two tickets to Ann, and no more when it is run again.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { PLACES } from "./places.js";

const ON_POSTGRES = ["drizzle", "prisma/shop", "kysely", "knex", "typeorm", "sequelize", "mikro-orm", "postgres-js"];

function run(shop, env) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [`shops/${shop}.js`], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** 4500 less 20 %, twice: 7200. The code gives one identity two uses. */
async function sells(shop, env, ask) {
  assert.match(run(shop, env), /status: 'accepted', total: 7200/);
  const rows = await ask("SELECT position, price FROM tickets ORDER BY position");
  assert.deepEqual(
    rows.map(({ position, price }) => [position, Number(price)]),
    [
      [0, 3600],
      [1, 3600],
    ],
  );
  assert.match(run(shop, env), /status: 'rejected'/);
  assert.equal((await ask("SELECT * FROM tickets")).length, 2);
}

for (const shop of ON_POSTGRES)
  test(`the shop of ${shop}`, async (t) => {
    const place = await PLACES.postgres({ ours: false });
    t.after(() => place.close());
    // `prisma db push` would make it.
    if (shop === "prisma/shop")
      await place.ask(
        "CREATE TABLE tickets (order_id text, position int, price int, PRIMARY KEY (order_id, position))",
      );
    await sells(shop, { DATABASE_URL: place.url }, place.ask);
  });

test("the shop of libsql", async (t) => {
  const place = PLACES.sqlite({ ours: false });
  t.after(() => place.close());
  await sells("libsql", { DATABASE_URL: `file:${place.url}` }, place.ask);
});

test("the shop of pglite", () => {
  assert.match(run("pglite", {}), /status: 'accepted', total: 7200/);
});
