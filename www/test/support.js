// What the demo's tests share: hosts as OS processes, buyers, and an auditor that knows nothing of the store's code.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";

const server = fileURLToPath(new URL("../server.js", import.meta.url));

/** An event with one ticket type at 10.00 and the promos given. */
export const eventWith = (promos, policy = {}, hold_ms = 600_000) => ({
  id: "gala", name: "Gala", currency: "EUR", hold_ms, ticket_types: [{ id: "seat", name: "Seat", price: 1000 }], policy, promos,
});

/** A folder that is removed after the test, with a database file in it. */
export function workspace(t, event) {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const place = { file: join(folder, "demo.sqlite"), event: join(folder, "event.json") };
  writeFileSync(place.event, JSON.stringify(event));
  return place;
}

/** Starts a host as a process of its own and waits until it listens. */
export async function startHost(t, { file, event }) {
  const child = spawn(process.execPath, [server], { env: { ...process.env, PORT: "0", DATA: file, EVENT: event }, stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const exited = new Promise((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (!url) continue;
    return {
      url,
      kill: (signal = "SIGKILL") => {
        child.kill(signal);
        return exited;
      },
    };
  }
  throw new Error("the host ended before it listened");
}

/** One request; the answer's status and JSON, or null when the connection broke. */
export async function ask(url, body) {
  try {
    const answer = await fetch(url, body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return { code: answer.status, ...(await answer.json()) };
  } catch {
    return null;
  }
}

export const orderFor = (email, quantity, codes, id) => ({ ...(id && { id }), codes, lines: [{ ticket_type: "seat", quantity }], identities: { email } });

/** What a record holds of the counter that one of its charges is for, by the contract's §3.3. */
function held({ amount, tickets, each, back }, record) {
  const kept = tickets.map((index) => {
    const { released } = record.tickets[index];
    return released === null || !back.some(({ reason, until_ms }) => reason === released.reason && (until_ms === null || released.at_ms < until_ms));
  });
  if (each === null) return kept.some(Boolean) ? amount : 0;
  return kept.reduce((sum, isKept, i) => sum + (isKept ? (Array.isArray(each) ? each[i] : each) : 0), 0);
}

/** Reads the file and asserts that counters, records and ticket rows tell the same story. Returns the counters. */
export function audit(file) {
  const db = new Database(file, { readonly: true, timeout: 10_000 });
  try {
    // One transaction, so that a host that is still selling is seen at one moment.
    const [records, stored, rows] = db.transaction(() => [
      db.prepare("SELECT id, revision, state, expires_at_ms, document FROM redemptions").all(),
      db.prepare("SELECT key, used FROM counters").all(),
      db.prepare("SELECT order_id, position, ticket_type, price, state FROM tickets ORDER BY order_id, position").all(),
    ])();
    const counters = {};
    const tickets = [];
    for (const { document, ...columns } of records) {
      const record = JSON.parse(document);
      assert.deepEqual(columns, { id: record.id, revision: record.revision, state: record.state, expires_at_ms: record.expires_at_ms }, "the columns are the document's");
      for (const charge of record.charges) {
        const now = held(charge, record);
        if (now !== 0) counters[charge.key] = (counters[charge.key] ?? 0) + now;
      }
      for (const [position, ticket] of record.tickets.entries()) {
        if (ticket.released === null) tickets.push({ order_id: record.id, position, ticket_type: ticket.ticket_type, price: ticket.price, state: record.state });
      }
    }
    const used = Object.fromEntries(stored.filter((row) => row.used !== 0).map(({ key, used }) => [key, used]));
    const sorted = (object) => Object.entries(object).sort();
    assert.deepEqual(sorted(used), sorted(counters), "each counter is the sum of what the records hold");
    const byPlace = (a, b) => (a.order_id < b.order_id ? -1 : a.order_id > b.order_id ? 1 : a.position - b.position);
    assert.deepEqual(rows, tickets.sort(byPlace), "there is a ticket row for each unreleased ticket of a record, and no other");
    return { counters: used, records: records.map(({ document }) => JSON.parse(document)), tickets: rows };
  } finally {
    db.close();
  }
}

export const usesOf = (counters, code) => counters[`code/event:gala:${code}/uses`] ?? 0;
