import type { OverStore, PostgresOptions } from "redeemable/over";

/** What `$transaction` hands out: the client without what makes no sense in a transaction. */
export type PrismaTransaction<Client> = Omit<Client, "$connect" | "$disconnect" | "$on" | "$use" | "$extends">;

interface PrismaClientLike {
  $queryRawUnsafe(text: string, ...values: any[]): PromiseLike<any>;
  $transaction(work: (tx: any) => Promise<any>, options?: any): Promise<any>;
}

/**
 * A store over a PrismaClient, on PostgreSQL, MySQL or MariaDB, or SQLite. `write` and the option `transaction` get
 * Prisma's interactive transaction.
 */
export function prismaStore<Client extends PrismaClientLike>(
  prisma: Client,
  options?: PostgresOptions<PrismaTransaction<Client>>,
): OverStore<PrismaTransaction<Client>>;
