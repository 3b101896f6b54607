import type { OverStore, PostgresOptions } from "redeemable/over";
import type { DataSource, EntityManager } from "typeorm";

/** A store over a DataSource of TypeORM that is initialised, on PostgreSQL, MySQL or MariaDB. */
export function typeormStore(
  dataSource: DataSource,
  options?: PostgresOptions<EntityManager>,
): OverStore<EntityManager>;
