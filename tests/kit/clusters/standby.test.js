// A PostgreSQL server with a synchronous standby, those of scripts/standby, with hosts in both languages.
// ROUNDS is how many rounds of each fault are played, 1 by default.
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { redeem } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";
import { run } from "../faults/run.js";
import * as standby from "../faults/standby.js";

const ROUNDS = Number(process.env.ROUNDS ?? 1);

test(`${ROUNDS} rounds of each fault with a standby lose nothing, count nothing twice`, async (t) => {
  const kinds = await run(standby, ROUNDS, Math.floor(Math.random() * 2 ** 30), (line) => t.diagnostic(line));
  assert.deepEqual(
    Object.entries(kinds).map(([kind, { met }]) => [kind, met]),
    standby.kinds.map((kind) => [kind, ROUNDS]),
  );
});
