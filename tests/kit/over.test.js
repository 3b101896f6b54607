// The suite for stores on those of `redeemable/over`, over the simplest bridges.
import { storeSuite } from "redeemable/store-suite";
import { ODD_MYSQL, openOverMysql, openOverPostgres, openOverSqlite } from "./support.js";

storeSuite("PostgreSQL, over a bridge", openOverPostgres());
storeSuite(
  "PostgreSQL, over a bridge, serializable",
  openOverPostgres({ options: "-c default_transaction_isolation=serializable" }),
);
storeSuite("SQLite, over an asynchronous bridge", openOverSqlite);
storeSuite("MariaDB, over a bridge", openOverMysql());
storeSuite("MariaDB, over a bridge that sends prepared statements", openOverMysql({}, { method: "execute" }));
storeSuite("MariaDB, over a bridge that sets no isolation level", openOverMysql({}, { setsIsolation: false }));
// Its rows must be objects, and their values what the driver reads by itself.
const { rowsAsArray, typeCast, ...odd } = ODD_MYSQL;
storeSuite("MariaDB, over a bridge, with settings of the host's", openOverMysql(odd));
