// The commands for operators, of both packages, on SQLite, PostgreSQL and MariaDB.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import { audit, confirm, redeem, release } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { both, fails, folder, inNode, inPython, prints, write } from "./commands-support.js";

const { DATABASE_URL, MYSQL_URL } = process.env;
const ofOurOwn = (url) => Object.assign(new URL(url), { pathname: "/commands" }).href;

/** Each makes an empty database, and returns its URL and a way to its tables. */
const DATABASES = {
  SQLite: async () => {
    const db = new Database(join(folder, "shop.sqlite"));
    return {
      url: "sqlite:shop.sqlite",
      open: () => sqliteStore(db),
      sql: async (text) => db.exec(text),
      close: async () => db.close(),
    };
  },
  PostgreSQL: async () => {
    const server = new pg.Client({ connectionString: DATABASE_URL });
    await server.connect();
    await server.query("CREATE DATABASE commands");
    await server.end();
    const pool = new pg.Pool({ connectionString: ofOurOwn(DATABASE_URL) });
    const close = () => pool.end();
    return { url: ofOurOwn(DATABASE_URL), open: () => postgresStore(pool), sql: (text) => pool.query(text), close };
  },
  MariaDB: async () => {
    const server = await mysql.createConnection(MYSQL_URL);
    await server.query("CREATE DATABASE commands");
    await server.end();
    const pool = mysql.createPool(ofOurOwn(MYSQL_URL));
    const sql = (text) => pool.query(text.replaceAll("key =", "`key` ="));
    return { url: ofOurOwn(MYSQL_URL), open: () => mysqlStore(pool), sql, close: () => pool.end() };
  },
};

const EARLY = { code: "EARLY20", discount_percent: 20, max_uses: 100 };
const SPRING = { code: "SPRING", id: "spring", discount: { kind: "amount_per_order", amount: 500 }, currency: "EUR" };
const USES = "code/event:gala:EARLY20/uses";
write("seven.json", { ...EARLY, max_uses: 7 });
write("pair.json", { event_id: "gala", currency: "EUR", lines: [{ unit_price: 4500, quantity: 2 }] });

/** Sells an order of 45.00 a ticket, which is held for an hour from `at` on. */
async function sell(store, id, quantity, { at = Date.now(), ...fields } = {}) {
  const lines = [{ unit_price: 4500, quantity }];
  const order = { id, event_id: "gala", currency: "EUR", lines, hold_until_ms: at + 3_600_000, ...fields.order };
  const request = { codes: [fields.code ?? "early20"], promos: [EARLY, SPRING], order };
  const { status, quote } = await redeem(store, request, { now: () => at });
  assert.equal(status, "accepted");
  if (fields.paid)
    await confirm(store, { id, payment: { id: `pays ${id}`, total: quote.total, currency: quote.currency } });
}

for (const [name, make] of Object.entries(DATABASES)) {
  // What does not depend on the database is tried once.
  const isFirst = name === "SQLite";
  suite(name, () => {
    let made;
    let env;
    test("without tables, every command says so; migrate makes them", async () => {
      made = await make();
      env = { DATABASE_URL: made.url };
      for (const words of [["audit"], ["repair"], ["report"], ["sweep", "--records-only"]].slice(isFirst ? 0 : 3))
        await fails(words, "the tables are not there: migrate makes them", env);
      await prints(["migrate", made.url], 0, "the tables are there");
      if (!isFirst) return;
      assert.equal((await both(["migrate", "--json"], env)).out, '{\n  "migrated": true\n}\n');
      await prints(["report", "--url", made.url], 0, "there is no order");
    });

    test("report: orders, uses and money by code and state", async () => {
      const store = made.open();
      await sell(store, "held", 2);
      await sell(store, "paid", 1, { paid: true });
      await sell(store, "one back", 3, { paid: true });
      await release(store, { id: "one back", reason: "refunded", tickets: [0] });
      await sell(store, "forfeited", 1, { paid: true });
      await release(store, { id: "forfeited", reason: "forfeited" });
      await sell(store, "back", 1);
      await release(store, { id: "back", reason: "buyer_released" });
      const opening = { event_id: "opening", currency: "sat", lines: [{ unit_price: 1000, quantity: 1 }] };
      await sell(store, "other event", 1, { paid: true, order: opening });
      await sell(store, "by id", 1, { code: "spring", order: { event_id: "opening" } });
      // 20 % of 45.00 are 9.00. A refunded ticket has given its use back, a forfeited one has not.
      await prints(
        ["report", "--url", made.url],
        0,
        "code        state      orders  tickets  uses  list price  taken off  paid",
        "all orders  held            2        3     3  135.00 EUR  23.00 EUR  112.00 EUR",
        "all orders  confirmed       2        3     4  135.00 EUR  27.00 EUR  108.00 EUR",
        "all orders  released        2        3     2  135.00 EUR  27.00 EUR  108.00 EUR",
        "all orders  confirmed       1        1     1  1000 sat    200 sat    800 sat",
        "EARLY20     held            1        2     2  90.00 EUR   18.00 EUR  72.00 EUR",
        "EARLY20     confirmed       2        3     4  135.00 EUR  27.00 EUR  108.00 EUR",
        "EARLY20     released        2        3     2  135.00 EUR  27.00 EUR  108.00 EUR",
        "EARLY20     confirmed       1        1     1  1000 sat    200 sat    800 sat",
        "SPRING      held            1        1     1  45.00 EUR   5.00 EUR   40.00 EUR",
      );
      if (!isFirst) return;
      const { out } = await both(["report", "--event", "opening", "--code", "spring", "--json"], env);
      const none = { orders: 0, tickets: 0, uses: 0, list: 0, discount: 0, paid: 0 };
      const row = {
        currency: "EUR",
        person: null,
        held: { orders: 1, tickets: 1, uses: 1, list: 4500, discount: 500, paid: 4000 },
        confirmed: none,
        released: none,
      };
      assert.deepEqual(JSON.parse(out), { rows: [null, "SPRING"].map((code) => ({ code, ...row })) });
      await prints(["report", "--to", "2020-01-01T00:00Z", "--url", made.url], 0, "there is no order");
      const { out: csv } = await both(["report", "--code", "spring", "--csv"], env);
      assert.match(csv, /^\ufeff?code,currency,person,held_orders,.*\r\n,EUR,,1,1,1,4500,500,4000,0,/);
    });

    test("simulate counts what the database has counted", async () => {
      const words = ["simulate", "seven.json", "--order", "pair.json", "--code", "early20"];
      if (isFirst) assert.match((await both(words)).out, /^accepted: 72\.00 EUR to pay/);
      // 2 + 3 + 1 uses are taken.
      await prints(
        [...words, "--url", made.url],
        0,
        "rejected: without a code the order costs 90.00 EUR",
        "EARLY20 has 1 of 7 uses left, the order needs 2 (uses_exhausted; the buyer is told used_up)",
      );
    });

    test("a counter that drifted is found by audit and mended by repair", async () => {
      const url = ["--url", made.url];
      const sound = ["no counter differs from what the records say"];
      for (const repair of [inNode, inPython]) {
        await made.sql(`UPDATE redeemable_counters SET used = 9 WHERE key = '${USES}'`);
        await made.sql("DELETE FROM redeemable_counters WHERE key = 'code/id:spring/uses'");
        await prints(
          ["audit", ...url],
          1,
          `${USES}: is 9, must be 6`,
          "code/id:spring/uses: is 0, must be 1",
          "2 counters differ from what the records say",
        );
        if (isFirst)
          assert.deepEqual(JSON.parse((await both(["audit", "--json"], env)).out), [
            { key: USES, used: 9, must: 6 },
            { key: "code/id:spring/uses", used: 0, must: 1 },
          ]);
        assert.deepEqual(await repair(["repair", ...url]), {
          code: 0,
          out: `${USES}: was 9, is now 6\ncode/id:spring/uses: was 0, is now 1\n2 counters set\n`,
          err: "",
        });
        await prints(["audit", ...url], 0, ...sound);
        if (isFirst) await prints(["repair", ...url], 0, "no counter differed");
      }
    });

    test("archive moves what is not held, and erase takes a person out of it", async () => {
      const store = made.open();
      for (const [run, id] of [
        [inNode, "old"],
        [inPython, "old, too"],
      ]) {
        await sell(store, id, 1, { order: { identities: { email: "ann@example.org" } } });
        await release(store, { id, reason: "buyer_released" });
        const url = ["--url", made.url];
        const none = await run(["archive", "--event", "gala", "--before", "2020-01-01T00:00Z", "--json", ...url]);
        assert.deepEqual(JSON.parse(none.out), { archived: 0 });
        assert.match((await run(["archive", "--event", "gala", ...url])).out, /^[1-9]\d* orders? archived\n$/);
        assert.equal((await store.read([], id)).archived, true);
        const erased = await run(["erase", "email:ann@example.org", ...url]);
        assert.deepEqual(erased, { code: 0, out: "1 order changed\n", err: "" });
        assert.match((await store.read([], id)).existing.identities[0], /^email:erased-/);
      }
      if (isFirst) {
        const time = "a time such as 2026-07-25T18:00:00+02:00 or milliseconds since 1970";
        const url = ["--url", made.url];
        await fails(["archive", ...url], "expected --before, --event or both: which orders shall be archived?");
        await fails(["archive", "--before", "soon", ...url], `--before: expected ${time}, found soon`);
        await fails(["erase", "ann", ...url], 'identity: expected an identity such as "email:ann@example.org"');
        await fails(["erase"], "expected the identity to erase, such as email:ann@example.org, found none");
      }
      assert.deepEqual(await audit(store), []);
    });

    test("sweep releases lapsed holds, and only if no other rows belong to them", async () => {
      const store = made.open();
      for (const [sweep, id] of [
        [inNode, "lapsed"],
        [inPython, "lapsed, too"],
      ]) {
        await sell(store, id, 1, { at: Date.now() - 7_200_000 });
        if (isFirst) {
          const { code, out, err } = await sweep(["sweep", "--url", made.url]);
          assert.deepEqual([code, out], [2, ""]);
          assert.match(err, /^redeemable: sweep releases records and counters, and not your own rows: /);
          assert.equal((await store.read([], id)).existing.state, "held");
        }
        const swept = await sweep(["sweep", "--records-only", "--url", made.url]);
        assert.deepEqual(swept, { code: 0, out: "1 lapsed hold released\n", err: "" });
        assert.equal((await store.read([], id)).existing.state, "released");
      }
      if (isFirst) await prints(["sweep", "--records-only", "--url", made.url], 0, "0 lapsed holds released");
      assert.deepEqual(await audit(store), []);
    });

    test("split makes several rows of a counter and of what its code takes off, and joins them", async () => {
      const url = ["--url", made.url];
      if (isFirst) {
        const elsewhere = "expected a store on PostgreSQL, MariaDB or MySQL: elsewhere one writer comes at a time";
        await fails(["split", USES, "4", ...url], `store: ${elsewhere}`);
        await fails(["split", USES, ...url], "expected a counter's key and a number of parts, found one");
        await fails(["split", USES, "four", ...url], "PARTS: expected an integer, found four");
        return;
      }
      const spend = "code/event:gala:EARLY20/spend/EUR";
      await fails(["split", USES, "257", ...url], "parts: expected an integer from 1 to 256, found 257");
      const key = "expected a counter's key, such as code/event:gala:EARLY/uses, found EARLY20";
      await fails(["split", "EARLY20", "4", ...url], `key: ${key}`);
      const before = (await made.open().read([USES, spend], null)).counters;
      await prints(["split", USES, "4", ...url], 0, `${spend} is split into 4 rows`, `${USES} is split into 4 rows`);
      const { out } = await both(["split", USES, "3", "--json", ...url]);
      assert.deepEqual(JSON.parse(out), { parts: 3, keys: [spend, USES] });
      assert.deepEqual((await made.open().read([USES, spend], null)).counters, before);
      await prints(["split", USES, "1", ...url], 0, `${spend} is one row again`, `${USES} is one row again`);
      assert.deepEqual((await made.open().read([USES, spend], null)).counters, before);
      assert.deepEqual(await audit(made.open()), []);
    });

    test("the database is closed", () => made.close());
  });
}

test("--schema says whose tables, on PostgreSQL", async () => {
  const url = ["--url", ofOurOwn(DATABASE_URL)];
  const sound = "no counter differs from what the records say";
  for (const tenant of ["north", "south"])
    await prints(["migrate", ...url, "--schema", tenant], 0, "the tables are there");
  const pool = new pg.Pool({ connectionString: ofOurOwn(DATABASE_URL) });
  await sell(postgresStore(pool, { schema: "north" }), "held", 2);
  await pool.query("UPDATE north.redeemable_counters SET used = 3 WHERE key = $1", [USES]);
  const differs = [`${USES}: is 3, must be 2`, "1 counter differs from what the records say"];
  await prints(["audit", ...url, "--schema", "north"], 1, ...differs);
  await prints(["audit", ...url, "--schema", "south"], 0, sound);
  await prints(["report", ...url, "--schema", "south"], 0, "there is no order");
  const mended = await inPython(["repair", ...url, "--schema", "north"]);
  assert.equal(mended.out, `${USES}: was 3, is now 2\n1 counter set\n`);
  await prints(["audit", ...url, "--schema", "north"], 0, sound);
  await pool.end();
  await fails(["audit", ...url, "--schema", "west"], "the tables are not there: migrate makes them");
  const names = "expected 1 to 63 letters of ASCII, digits, _ or -, not beginning with pg_";
  await fails(["audit", ...url, "--schema", 'no"rth'], `--schema: ${names}, found no"rth`);
  await fails(["audit", "--url", "sqlite:shop.sqlite", "--schema", "north"], "--schema is for PostgreSQL alone");
});

test("migrate prints each script as it is in the repository", async () => {
  for (const database of ["postgres", "mysql", "sqlite"]) {
    const script = readFileSync(new URL(`../../sql/${database}.sql`, import.meta.url), "utf8");
    assert.deepEqual(await both(["migrate", "--print", database]), { code: 0, out: script, err: "" });
    const { out } = await both(["migrate", "--print", database, "--json"]);
    assert.deepEqual(JSON.parse(out), { database, script });
  }
  const ofTenant = (await both(["migrate", "--print", "postgres", "--schema", "north"])).out;
  assert.match(ofTenant, / := 'north';/);
  await fails(["migrate", "--print", "mysql", "--schema", "north"], "--schema is for PostgreSQL alone");
  await fails(["migrate", "--print", "oracle"], "--print: expected postgres, mysql, sqlite, found oracle");
});

test("a database that cannot be opened is an error", async () => {
  await fails(["audit"], "expected --url or the environment variable DATABASE_URL");
  const kinds = "expected a URL that begins with postgres://, mysql:// or sqlite:";
  await fails(["audit", "--url", "mongodb://secret@host"], kinds);
  await fails(["audit", "--url", "sqlite:"], "expected the path of a file, as in sqlite:shop.sqlite");
  // A misspelt name must not make a new and empty database, in which nothing differs.
  await fails(["audit", "--url", "sqlite:///shpo.sqlite"], "shpo.sqlite: there is no such file");
  for (const url of ["postgres://ann:secret@127.0.0.1:1/shop", "mysql://ann:secret@127.0.0.1:1/shop"])
    for (const run of [inNode, inPython]) {
      const { code, out, err } = await run(["audit", "--url", url]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, /^redeemable: .*127\.0\.0\.1.*\n$/);
      assert.doesNotMatch(err, /secret|\\u/);
    }
  // Drivers take a part of such a password for a host, a port or a query, and print it.
  const advice = "write @ as %40, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D, % as %25";
  for (const password of ["sec/ret", "sec#ret", "sec@ret", "sec?ret", "sec%ret", "sec[ret", "sec/r@t"])
    for (const kind of ["postgres", "mysql"])
      await fails(
        ["audit", "--url", `${kind}://ann:${password}@127.0.0.1:1/shop`],
        `no connection: in the URL's password, ${advice}`,
      );
});
