import type { OverStore, PostgresOptions } from "redeemable/over";
import type { Sequelize, Transaction } from "sequelize";

/** A store over Sequelize, on PostgreSQL, MySQL or MariaDB, or SQLite. */
export function sequelizeStore(sequelize: Sequelize, options?: PostgresOptions<Transaction>): OverStore<Transaction>;
