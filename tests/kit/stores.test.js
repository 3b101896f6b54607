// The suite that others run on their stores, on ours.
import { storeSuite } from "redeemable/store-suite";
import { STORES, openPostgres, openPostgresClient } from "./support.js";

for (const [name, open] of Object.entries(STORES)) storeSuite(name, open);
storeSuite("PostgreSQL, one client", openPostgresClient);
storeSuite("PostgreSQL, repeatable read", openPostgres({ options: "-c default_transaction_isolation=repeatable\\ read" }));
storeSuite("PostgreSQL, serializable, pipelined", openPostgres({ pipeline: true, options: "-c default_transaction_isolation=serializable" }));
