// The suite for stores on those of `redeemable/over`, over the simplest bridges.
import { storeSuite } from "redeemable/store-suite";
import { openOverMysql, openOverPostgres, openOverSqlite } from "./bridges.js";

storeSuite("PostgreSQL, over a bridge", openOverPostgres());
storeSuite(
  "PostgreSQL, over a bridge, serializable",
  openOverPostgres({ options: "-c default_transaction_isolation=serializable" }),
);
storeSuite("SQLite, over an asynchronous bridge", openOverSqlite);
storeSuite("MariaDB, over a bridge", openOverMysql());
storeSuite("MariaDB, over a bridge that sends prepared statements", openOverMysql({}, { method: "execute" }));
storeSuite("MariaDB, over a bridge that sets no isolation level", openOverMysql({}, { setsIsolation: false }));
