// A wrong setting stops the process before it sells, with a sentence that names the setting and without a stack trace.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { eventWith, server, settingsOf, workspace } from "./support.js";

/** Starts a host that must not start, and returns its output. */
function start(place, env = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [server], {
    encoding: "utf8",
    timeout: 30_000,
    env: { ...settingsOf(place), ...env },
  });
  assert.deepEqual([status, stdout], [1, ""], stderr);
  assert.equal(stderr.trim().split("\n").length, 1, stderr);
  return stderr.trim().replaceAll(place.event, "<event>").replaceAll(place.file, "<file>");
}

async function takenPort(t) {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => taken.once("listening", done));
  t.after(() => taken.close());
  return taken.address().port;
}

test("a mistake in EVENT is named before the first buyer comes", (t) => {
  const place = workspace(t, {});
  const says = (event) => {
    writeFileSync(place.event, typeof event === "string" ? event : JSON.stringify(event));
    return start(place);
  };
  const [ten, event] = [{ code: "TEN", discount_percent: 10 }, eventWith([])];
  assert.match(
    says({ ...event, promos: [ten, { code: "CREW", discount: { kind: "free" }, max_usse: 5 }] }),
    /^EVENT <event>: promos\[1\]\.max_usse: unknown field, expected one of code, id, /,
  );
  assert.match(
    says({ ...event, promos: [ten, { ...ten, code: "ten" }] }),
    /^EVENT <event>: promos\[1\]\.code: expected a code that no other promo has$/,
  );
  assert.match(says({ ...event, policy: { max_free: 2 } }), /^EVENT <event>: policy\.max_free: unknown field/);
  // The engine takes at most 16 characters: with more, every order would be an error.
  assert.match(says({ ...event, currency: "A".repeat(17) }), /^EVENT <event>: currency: must NOT have more than 16/);
  assert.match(says({ ...event, hold_mss: 1 }), /^EVENT <event>: hold_mss: unknown field$/);
  assert.match(says({ ...event, hold_ms: undefined }), /^EVENT <event>: hold_ms: missing required field$/);
  assert.match(
    says({ ...event, ticket_types: [{ id: "seat", name: "Seat", price: 9.5 }] }),
    /^EVENT <event>: ticket_types\[0\]\.price: must be integer$/,
  );
  assert.match(
    says({ ...event, ticket_types: [...event.ticket_types, ...event.ticket_types] }),
    /^EVENT <event>: ticket_types\[1\]\.id: expected an id that no other ticket type has$/,
  );
  assert.match(
    says({ ...event, id: "stampede-2026" }),
    /^EVENT <event>: id: expected an id that does not begin with stampede-$/,
  );
  assert.match(says("{"), /^EVENT <event>: expected JSON: /);
  assert.match(start(place, { EVENT: join(place.event, "nowhere.json") }), /^EVENT .*nowhere\.json: ENOTDIR/);
});

test("a port that is none, or taken, is named", async (t) => {
  const place = workspace(t, eventWith([]));
  for (const port of ["abc", "70000", "-1", "80.5", " "])
    assert.equal(start(place, { PORT: port }), `PORT: expected a port number, found ${port}`.trim());
  const port = await takenPort(t);
  assert.equal(start(place, { PORT: String(port) }), `port ${port} is taken: set PORT to another one`);
});

test("a database that cannot be had is named, without the password", async (t) => {
  const place = workspace(t, eventWith([]));
  assert.equal(
    start({ ...place, file: "<file>" }, { DATA: place.event }),
    "DATA: cannot open <event> as an SQLite database: file is not a database",
  );
  mkdirSync(place.file);
  assert.equal(start(place), "DATA: cannot open <file> as an SQLite database: unable to open database file");
  assert.match(
    start(place, { DATA: join(place.event, "demo.sqlite") }),
    /^DATA: cannot open <event>\/demo\.sqlite as an SQLite database: EEXIST|ENOTDIR/,
  );

  const on = (DATABASE_URL) => start(place, { DATA: "", DATABASE_URL });
  assert.equal(on("mysql://localhost/shop"), "DATABASE_URL: expected postgres://user@host/database");
  assert.match(on("postgres://bob:hunter2@127.0.0.1:notaport/shop"), /^DATABASE_URL: (?!.*hunter2)/);
  const deaf = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await new Promise((done) => deaf.once("listening", done));
  const { port } = deaf.address();
  await new Promise((done) => deaf.close(done));
  assert.equal(
    on(`postgres://bob:hunter2@127.0.0.1:${port}/shop`),
    `DATABASE_URL: cannot connect: connect ECONNREFUSED 127.0.0.1:${port}`,
  );
  assert.equal(
    start(place, { DATABASE_URL: "postgres://localhost/shop" }),
    "DATA and DATABASE_URL: expected one of them, an SQLite file or a PostgreSQL server",
  );
});
