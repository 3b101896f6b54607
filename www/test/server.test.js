// What stops the process before it sells: a sentence that says which setting, and no stack.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventWith, workspace } from "./support.js";

const server = fileURLToPath(new URL("../server.js", import.meta.url));

function start(t, event, env = {}) {
  const place = workspace(t, event);
  const { status, stderr } = spawnSync(process.execPath, [server], {
    encoding: "utf8", timeout: 20_000, env: { ...process.env, DATA: place.file, EVENT: place.event, PORT: "0", ...env },
  });
  assert.equal(status, 1);
  assert.doesNotMatch(stderr, /\n\s+at /);
  return stderr.trim().replace(place.event, "EVENT");
}

test("a mistake in a promo is named before the first buyer comes", (t) => {
  const said = start(t, eventWith([{ code: "TEN", discount_percent: 10 }, { code: "CREW", discount: { kind: "free" }, max_usse: 5 }]));
  assert.match(said, /^EVENT: promos\[1\]\.max_usse: unknown field, expected one of code, id, /);
});

test("a port that is none, or taken, is named", async (t) => {
  assert.equal(start(t, eventWith([]), { PORT: "abc" }), "PORT: expected a port number, found abc");
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => taken.once("listening", done));
  t.after(() => taken.close());
  const { port } = taken.address();
  assert.equal(start(t, eventWith([]), { PORT: String(port) }), `port ${port} is taken: set PORT to another one`);
});
