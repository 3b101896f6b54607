// What the page's tests share: a shop as a process of its own with a database of its own, and its event.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const server = fileURLToPath(new URL("../server.js", import.meta.url));
const built = fileURLToPath(new URL("../dist/index.html", import.meta.url));

/** Prices are in cents. A buyer must never learn that SOON, OFF and GUESTS exist. */
export const event = {
  id: "gala",
  name: "Gala evening",
  currency: "EUR",
  hold_ms: 600_000,
  ticket_types: [
    { id: "regular", name: "Regular", price: 4500 },
    { id: "student", name: "Student", price: 2500 },
    { id: "vip", name: "VIP with dinner", price: 12_000 },
  ],
  policy: { max_free_tickets_per_identity: 2, identity_kinds: ["email"] },
  promos: [
    { code: "CREW", discount: { kind: "free" }, max_uses: 20, ticket_types: ["regular"] },
    { code: "EARLY20", discount_percent: 20, max_uses: 500, max_uses_per_identity: 4, combines: true, priority: 10 },
    {
      code: "TENNER",
      discount: { kind: "amount_per_ticket", amount: 1000 },
      currency: "EUR",
      budget: 300_000,
      when_short: "partial",
      combines: true,
    },
    { code: "PAIR", discount: { kind: "fixed_price", price: 1000 }, max_uses: 2, when_short: "partial" },
    { code: "THREE", discount_percent: 33.3333, max_uses: 400, rounding: "half_even" },
    { code: "TRAIN", discount_percent: 15, pools: [{ id: "partners", max_uses: 30 }], min_tickets: 2 },
    { code: "SOON", discount_percent: 50, max_uses: 5, starts_at_ms: 4_000_000_000_000 },
    { code: "OFF", discount: { kind: "free" }, max_uses: 5, active: false },
    { code: "GUESTS", discount: { kind: "free" }, max_uses: 5, only_for: { email: ["@friends.example"] } },
  ],
};

/** Starts the shop and waits until it listens. After the test the shop is stopped, and its folder is removed. */
export async function openShop(t, changes = {}) {
  if (!existsSync(built)) throw new Error("the page is not built: run `npm run build --workspace www`");
  const folder = mkdtempSync(join(tmpdir(), "redeemable-"));
  const eventFile = join(folder, "event.json");
  writeFileSync(eventFile, JSON.stringify({ ...event, ...changes }));
  const { DATABASE_URL, ...env } = process.env;
  const child = spawn(process.execPath, [server], {
    env: { CODES_PER_MINUTE: "1000000", ...env, PORT: "0", DATA: join(folder, "shop.sqlite"), EVENT: eventFile },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url)
      return {
        url,
        ask: (path, body, method) => ask(url + path, body, method),
        stop: () => {
          child.kill("SIGSTOP");
        },
        go: () => {
          child.kill("SIGCONT");
        },
      };
  }
  throw new Error("the shop ended before it listened");
}

async function ask(url, body, method = body === undefined ? "GET" : "POST") {
  const answer = await fetch(
    url,
    body === undefined ? {} : { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
  const json = await answer.json();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${JSON.stringify(json)}`);
  return json;
}
