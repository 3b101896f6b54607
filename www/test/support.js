// What the demo's tests share: databases, hosts in this process or as processes of their own, buyers, and an audit that
// uses none of the host's code.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";
import Database from "better-sqlite3";
import pg from "pg";
import { buildApp } from "../app.js";

export const server = fileURLToPath(new URL("../server.js", import.meta.url));

/** An event with these promos and one ticket type, which costs 10.00. */
export const eventWith = (promos, policy = {}, hold_ms = 600_000) => ({
  id: "gala",
  name: "Gala",
  currency: "EUR",
  hold_ms,
  ticket_types: [{ id: "seat", name: "Seat", price: 1000 }],
  policy,
  promos,
});

/** A folder with the event and an SQLite file. After the test its hosts are ended, and the folder is removed. */
export function workspace(t, event) {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-"));
  const place = { file: join(folder, "demo.sqlite"), event: join(folder, "event.json"), ends: [] };
  t.after(async () => {
    for (const end of place.ends) await end();
    rmSync(folder, { recursive: true, force: true });
  });
  writeFileSync(place.event, JSON.stringify(event));
  return place;
}

let databases = 0;

/** A workspace on PostgreSQL, with a database of the test's own. */
async function workspaceOnPostgres(t, event) {
  const url = process.env.DATABASE_URL;
  assert.ok(url, "these tests need a PostgreSQL server: scripts/postgres npm test --workspace www");
  const name = `demo_${process.pid}_${++databases}`;
  const run = async (sql) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`CREATE DATABASE ${name}`);
  const { event: path, ends } = workspace(t, event);
  t.after(() => run(`DROP DATABASE ${name} WITH (FORCE)`));
  return { url: url.replace(/\/[^/]*$/, `/${name}`), event: path, ends };
}

/** For each database, the function that makes a workspace on it. */
export const DATABASES = { SQLite: async (t, event) => workspace(t, event), PostgreSQL: workspaceOnPostgres };

/** The environment of a host in this workspace, without the settings of the process that runs the tests. */
export const settingsOf = ({ file, url, event }) => {
  const { DATA, DATABASE_URL, INIT_CWD, ...env } = process.env;
  // All buyers of a test have the same address, so the limit of codes per minute must be high.
  return {
    CODES_PER_MINUTE: "1000000",
    ...env,
    PORT: "0",
    EVENT: event,
    ...(file ? { DATA: file } : { DATABASE_URL: url }),
  };
};

/** Starts a host as a process of its own and waits until it listens. */
export async function startHost(place) {
  const child = spawn(process.execPath, [server], { env: settingsOf(place), stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const kill = (signal = "SIGKILL") => {
    child.kill(signal);
    return exited;
  };
  place.ends.push(kill);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url) return { url, kill };
  }
  throw new Error("the host ended before it listened");
}

/**
 * A host in this process, whose clock is `host.now`. Its database stays when it is restarted.
 * Every answer is compared with the schema that the host publishes.
 */
export async function openHost(place, event, codes_per_minute = 1_000_000) {
  const host = { now: 1_800_000_000_000, codes_per_minute, asked: new Set() };
  const start = async () => {
    host.app = await buildApp({
      file: place.file,
      url: place.url,
      event,
      codes_per_minute: host.codes_per_minute,
      now: () => host.now,
    });
  };
  await start();
  place.ends.push(() => host.app.close());
  const check = checker((await host.app.inject("/api/openapi.json")).json(), host.asked);
  const ask = async (method, url, payload) => {
    const answer = await host.app.inject({ method, url, payload });
    check(method, url, answer.statusCode, answer.json());
    return { code: answer.statusCode, ...answer.json() };
  };
  return Object.assign(host, {
    get: (url) => ask("GET", url),
    post: (url, body) => ask("POST", url, body),
    put: (url, body) => ask("PUT", url, body),
    /** `total` is what the buyer expects to pay. */
    buy: (n, quantity, codes, total, email = `buyer${n}@example.org`) =>
      ask("POST", "/api/events/gala/orders", orderFor(email, quantity, codes, total, id(n))),
    /** `bill` asks for a payment, `paid` reports that it arrived, and `pay` does both. */
    bill: (n, total) => ask("POST", `/api/orders/${id(n)}/payments`, { max_total: total }),
    /** The answer to the report, the order after it, and what is noted to go back for this payment. */
    async paid(payment) {
      const told = await ask("POST", "/api/payments", { id: payment });
      if (told.error) return told;
      const { code, ...order } = await ask("GET", `/api/orders/${told.order_id}`);
      const refunds = (await readAll(place)).at(-1);
      return { ...told, order, noted: refunds.filter(({ id }) => id === payment).map(({ total }) => total) };
    },
    async pay(n, total) {
      const payment = await host.bill(n, total);
      return payment.error ? payment : host.paid(payment.id);
    },
    /** Releases tickets: as the buyer for `buyer_released`, and as the organiser for any other reason. */
    release: (n, reason = "buyer_released", tickets = null, release = randomUUID()) =>
      reason === "buyer_released"
        ? ask("POST", `/api/orders/${id(n)}/release`, { id: release, tickets })
        : ask("POST", `/api/organiser/orders/${id(n)}/release`, { id: release, reason, tickets }),
    uses: async (code) => usesOf((await audit(place)).counters, code),
    async restart() {
      await host.app.close();
      await start();
    },
  });
}

/** Asserts that an answer matches the OpenAPI document, and notes the operation. */
function checker(document, asked) {
  const ajv = new Ajv({ strict: false }).addSchema(document, "api");
  const compiled = new Map();
  return (method, url, status, body) => {
    const path = Object.keys(document.paths).find((path) =>
      new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`).test(url.split("?")[0]),
    );
    if (path === undefined) return assert.equal(status, 404);
    const { operationId, responses } = document.paths[path][method.toLowerCase()];
    const answer = responses[status] ? String(status) : `${String(status)[0]}XX`;
    assert.ok(responses[answer], `${operationId} answered ${status}`);
    const name = `${operationId} ${answer}`;
    asked.add(name);
    if (!compiled.has(name)) {
      const pointer = [
        "paths",
        path,
        method.toLowerCase(),
        "responses",
        answer,
        "content",
        "application/json",
        "schema",
      ];
      const escaped = (part) => encodeURIComponent(part.replace(/~/g, "~0").replace(/\//g, "~1"));
      compiled.set(
        name,
        ajv.compile({
          $ref: `api#/${pointer.map(escaped).join("/")}`,
        }),
      );
    }
    const validate = compiled.get(name);
    assert.ok(validate(body), `${operationId} ${status}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body)}`);
  };
}

/** Sends one request. Returns the answer's status and JSON, or null if the connection broke. */
export async function ask(url, body) {
  try {
    const answer = await fetch(
      url,
      body === undefined
        ? {}
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
    );
    return { code: answer.status, ...(await answer.json()) };
  } catch {
    return null;
  }
}

export const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
export const orderFor = (email, quantity, codes, max_total, id = randomUUID()) => ({
  id,
  codes,
  lines: [{ ticket_type: "seat", quantity }],
  identities: { email },
  max_total,
});

/** Whether a reason gives back what was charged, unless the charge says otherwise; not taken from the engine. */
const GIVES_BACK = {
  hold_expired: true,
  payment_failed: true,
  buyer_released: true,
  organizer_cancelled: true,
  refunded: true,
  exchanged: true,
  forfeited: false,
  no_show: false,
  disputed: false,
};

/** How much of its counter a charge of a record still holds; not taken from the engine. */
function held({ amount, tickets, each, back }, record) {
  const kept = tickets.map((index) => {
    const { released } = record.tickets[index];
    if (!released) return true;
    if (!back) return !GIVES_BACK[released.reason];
    return !back.some(
      ({ reason, until_ms }) => reason === released.reason && (until_ms === undefined || released.at_ms < until_ms),
    );
  });
  if (each === undefined) return kept.some(Boolean) ? amount : 0;
  return kept.reduce((sum, isKept, i) => sum + (isKept ? (Array.isArray(each) ? each[i] : each) : 0), 0);
}

const QUERIES = [
  "SELECT id, revision, state, event_id, expires_at_ms, CAST(document AS text) AS document FROM redeemable_redemptions",
  "SELECT key, used FROM redeemable_counters",
  "SELECT order_id, position, ticket_type, price, state FROM shop_tickets",
  "SELECT id, total FROM shop_refunds",
];

/** The rows of the three tables as of one moment, even while a host is selling. */
async function readAll({ file, url }) {
  if (file) {
    const db = new Database(file, { readonly: true, timeout: 10_000 });
    try {
      return db.transaction(() => QUERIES.map((sql) => db.prepare(sql).all()))();
    } finally {
      db.close();
    }
  }
  // pg reads a bigint (type 20) as text. These counts are small enough for a number.
  const client = new pg.Client({
    connectionString: url,
    types: { getTypeParser: (type) => (type === 20 ? Number : pg.types.getTypeParser(type)) },
  });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const read = [];
    for (const sql of QUERIES) read.push((await client.query(sql)).rows);
    return read;
  } finally {
    await client.end();
  }
}

/** Asserts that counters, records and ticket rows agree. Returns them. */
export async function audit(place) {
  const [stored, used, rows] = await readAll(place);
  const counters = {};
  const tickets = [];
  const records = stored.map(({ document, ...columns }) => {
    const record = JSON.parse(document);
    const { id, revision, state, event_id, expires_at_ms = null } = record;
    assert.deepEqual(columns, { id, revision, state, event_id, expires_at_ms }, "the columns are the document's");
    for (const charge of record.charges) counters[charge.key] = (counters[charge.key] ?? 0) + held(charge, record);
    for (const [position, ticket] of record.tickets.entries()) {
      if (!ticket.released)
        tickets.push({ order_id: id, position, ticket_type: ticket.ticket_type, price: ticket.price, state });
    }
    return record;
  });
  const above0 = (entries) => Object.fromEntries(entries.filter(([, count]) => count !== 0).sort());
  const found = above0(used.map((row) => [row.key, row.used]));
  assert.deepEqual(found, above0(Object.entries(counters)), "each counter is the sum of what the records hold");
  const byPlace = (a, b) => (a.order_id < b.order_id ? -1 : a.order_id > b.order_id ? 1 : a.position - b.position);
  assert.deepEqual(
    rows.sort(byPlace),
    tickets.sort(byPlace),
    "there is a ticket row for each unreleased ticket of a record, and no other",
  );
  return { counters: found, records, tickets: rows };
}

export const usesOf = (counters, code) => counters[`code/event:gala:${code}/uses`] ?? 0;
