// Real faults on real databases, a few rounds of each kind; `node faults/run.js` plays any number of rounds.
// In ROUNDS rounds of each kind (default 2) the fault must really happen.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as mariadb from "./faults/mariadb.js";
import * as postgres from "./faults/postgres.js";
import { KINDS } from "./faults/plan.js";
import { run } from "./faults/run.js";
import * as sqlite from "./faults/sqlite.js";

const ROUNDS = Number(process.env.ROUNDS ?? 2);

for (const database of [sqlite, postgres, mariadb]) {
  test(`${database.name}: ${ROUNDS} rounds of each fault lose nothing, count nothing twice`, async (t) => {
    const kinds = await run(database, ROUNDS, Math.floor(Math.random() * 2 ** 30), (line) => t.diagnostic(line));
    assert.deepEqual(
      Object.entries(kinds).map(([kind, { met }]) => [kind, met]),
      KINDS.map((kind) => [kind, ROUNDS]),
    );
  });
}
