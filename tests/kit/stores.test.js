// Runs the suite for stores, which hosts can run on stores of their own, on the stores of the package.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { migration as mysql } from "redeemable/mysql";
import { migration as postgres } from "redeemable/postgres";
import { migration as sqlite } from "redeemable/sqlite";
import { storeSuite } from "redeemable/store-suite";
import { ODD_MYSQL, STORES, openMysql, openMysqlConnection, openPostgres, openPostgresClient } from "./support.js";

for (const [name, open] of Object.entries(STORES)) storeSuite(name, open);
storeSuite("PostgreSQL, one client", openPostgresClient);
storeSuite(
  "PostgreSQL, repeatable read",
  openPostgres({ options: "-c default_transaction_isolation=repeatable\\ read" }),
);
storeSuite(
  "PostgreSQL, serializable, pipelined",
  openPostgres({ pipeline: true, options: "-c default_transaction_isolation=serializable" }),
);
storeSuite("MariaDB, one connection", openMysqlConnection);
storeSuite("MariaDB, with settings of the host's", openMysql(ODD_MYSQL));

test("the package contains the tables of sql/", () => {
  for (const [name, migration] of Object.entries({ sqlite, postgres, mysql }))
    assert.equal(migration, readFileSync(new URL(`../../sql/${name}.sql`, import.meta.url), "utf8"));
});
