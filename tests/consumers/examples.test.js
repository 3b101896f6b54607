// Runs the examples with the package from its tarball: the Node shop sells, is paid and takes tickets back, and the
// page previews orders in browsers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import Database from "better-sqlite3";
import { browsers, consumer, emptyFolder } from "./support.js";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const SECRET = "the provider's secret";

/** Copies an example to a folder outside the repository, and installs the package and the drivers it depends on. */
function example(name, ...drivers) {
  const folder = consumer();
  cpSync(join(examples, name), folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  assert.deepEqual(Object.keys(dependencies), [...drivers, "redeemable"]);
  for (const driver of drivers) {
    // better-sqlite3 is taken from this workspace, where it is compiled already.
    symlinkSync(
      dirname(createRequire(import.meta.url).resolve(`${driver}/package.json`)),
      join(folder, "node_modules", driver),
    );
  }
  return folder;
}

/** Starts the server of an example with a database file of its own. */
async function start(folder) {
  const DATA = join(emptyFolder(), "shop.sqlite");
  const env = { ...process.env, PORT: "0", DATA, PAYMENTS_SECRET: SECRET };
  const server = spawn(process.execPath, ["server.js"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const [url] = await Promise.race([
    server.stdout.setEncoding("utf8").take(1).toArray(),
    new Promise((_, reject) => server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))),
  ]);
  assert.ok(url, "the server ended before it listened");
  const ask = async (method, path, body, headers = {}) => {
    const response = await fetch(new URL(path, url.trim()), { method, headers, body: JSON.stringify(body) });
    return { status: response.status, ...(await response.json()) };
  };
  const rows = (sql) => {
    const db = new Database(DATA, { readonly: true });
    const found = db.prepare(sql).raw().all();
    db.close();
    return found;
  };
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    assert.equal(await ended, 0);
  };
  return { url: url.trim(), ask, rows, stop };
}

const basket = (quantity, codes, email = "ann@example.org") => ({ lines: { regular: quantity }, codes, email });

suite("examples/node", () => {
  let folder;
  before(() => {
    folder = example("node", "better-sqlite3");
  });

  suite("its server", () => {
    let shop;
    before(async () => {
      shop = await start(folder);
    });
    after(() => shop.stop());
    const pay = (id, total, secret = SECRET) =>
      shop.ask("POST", `/payments/${id}`, { total, currency: "EUR" }, { secret });

    test("buys, pays and gives back", async () => {
      const id = randomUUID();
      // 2 × 45.00 less 20 % and, as they are among the first 50, less 10 % is 64.80.
      assert.equal((await shop.ask("POST", "/preview", basket(2, ["early20"]))).quote.total, 6480);
      const buy = (max_total) => shop.ask("PUT", `/orders/${id}`, { ...basket(2, ["early20"]), max_total });
      for (const too_little of [6479, null, undefined]) {
        const { status, new_total } = await buy(too_little);
        assert.deepEqual([status, new_total], ["rejected", 6480]);
      }
      assert.deepEqual(shop.rows("SELECT * FROM tickets"), []);
      const bought = await buy(6480);
      assert.equal(bought.status, "accepted");
      assert.equal(bought.quote.payment, "required");
      assert.deepEqual(await buy(6480), bought);
      assert.deepEqual(shop.rows("SELECT order_id, price, state FROM tickets"), [
        [id, 3240, "held"],
        [id, 3240, "held"],
      ]);

      const [first, second] = [
        await shop.ask("POST", `/orders/${id}/payments`),
        await shop.ask("POST", `/orders/${id}/payments`),
      ];
      assert.deepEqual([first.total, first.currency], [6480, "EUR"]);
      assert.equal((await pay(first.payment_id, 6480, "guessed")).status, 403);
      assert.equal((await pay(randomUUID(), 6480)).status, 404);
      for (const [payment, money] of [
        [first, "kept"],
        [first, "kept"],
        [second, "returned"],
        [second, "returned"],
      ]) {
        assert.deepEqual(await pay(payment.payment_id, 6480), { status: 200, money });
      }
      assert.equal((await shop.ask("POST", `/orders/${id}/payments`)).status, 409);

      const back = randomUUID();
      for (const status of ["released", "already_released"]) {
        assert.deepEqual(await shop.ask("PUT", `/orders/${id}/releases/${back}`), { status, refundable: 6480 });
      }
      assert.equal((await shop.ask("PUT", `/orders/${randomUUID()}/releases/${back}`)).status, 404);
      assert.deepEqual(shop.rows("SELECT * FROM tickets"), []);
      const refunds = [
        [second.payment_id, id, 6480, "EUR"],
        [`${id} ${back}`, id, 6480, "EUR"],
      ];
      assert.deepEqual(shop.rows("SELECT * FROM refunds").sort(), refunds.sort());
    });

    test("says what was wrong, and to a buyer no more than a reason for each code", async () => {
      const buy = (path, body) => shop.ask("PUT", path, body);
      assert.equal((await buy("/orders/order-1", basket(1, []))).status, 404);
      const wrong = await buy(`/orders/${randomUUID()}`, { ...basket(0, []), max_total: 0 });
      assert.deepEqual(wrong, {
        status: 422,
        error: "order.lines[0].quantity: expected an integer from 1 to 1000, found 0",
      });
      assert.equal(
        (await buy(`/orders/${randomUUID()}`, { lines: { constructor: 1 }, codes: [], max_total: 0 })).status,
        422,
      );
      assert.equal((await buy(`/orders/${randomUUID()}`, null)).status, 400);
      const { status, quote, refusal } = await shop.ask("POST", "/preview", basket(1, ["nobody", "anyone"]));
      assert.deepEqual([status, quote.total], ["rejected", 4500]);
      assert.deepEqual(
        refusal.map(({ code, public_reason }) => [code, public_reason]),
        [
          ["ANYONE", "not_accepted"],
          ["NOBODY", "not_accepted"],
        ],
      );
    });

    test("sells no more seats than there are", async () => {
      // 101 × 45.00 is 4545.00, and there are 100 seats.
      const sold = await shop.ask("PUT", `/orders/${randomUUID()}`, { ...basket(101, []), max_total: 454_500 });
      assert.deepEqual(sold, { status: 409, error: "no seats are left for this order" });
      assert.deepEqual(shop.rows("SELECT * FROM tickets"), []);
    });
  });

  test("thirty buyers at once get twenty uses, and then nobody tries more codes", async (t) => {
    const shop = await start(folder);
    t.after(() => shop.stop());
    const buy = (email) =>
      shop.ask("PUT", `/orders/${randomUUID()}`, { ...basket(1, ["early20"], email), max_total: 3240 });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => buy(`buyer${n}@example.org`)));
    assert.equal(answers.filter(({ status }) => status === "accepted").length, 20);
    assert.ok(answers.every(({ status, refusal }) => status === "accepted" || refusal[0].public_reason === "used_up"));
    assert.deepEqual(shop.rows("SELECT key, used FROM redeemable_counters WHERE key LIKE '%/uses' ORDER BY key"), [
      ["code/event:gala:EARLY20/uses", 20],
      ["code/event:gala:EARLYBIRD/uses", 20],
    ]);
    assert.equal((await shop.ask("POST", "/preview", basket(1, []))).status, 429);
    assert.equal((await shop.ask("POST", "/preview", { ...basket(1, []), codes: { length: -1000 } })).status, 429);
  });

  test("a buyer is asked again when somebody else was faster, and pays the new total", async (t) => {
    const shop = await start(folder);
    t.after(() => shop.stop());
    const buy = (id, max_total, ...basketOf) => shop.ask("PUT", `/orders/${id}`, { ...basket(...basketOf), max_total });
    const [ann, bob, eve] = [randomUUID(), randomUUID(), randomUUID()];
    // EARLYBIRD takes 10 % off the first 50 tickets: 49 × 40.50 is 1984.50, and one use is left.
    assert.equal((await buy(eve, 198_450, 49, [], "eve@example.org")).status, "accepted");
    // 45.00 less 10 % less 20 % is 32.40.
    assert.equal((await shop.ask("POST", "/preview", basket(1, ["early20"]))).quote.total, 3240);
    assert.equal((await buy(bob, 4050, 1, [], "bob@example.org")).quote.total, 4050);
    // Without EARLYBIRD, Ann's order costs 36.00. Nothing of it is stored, and EARLY20 is not used.
    const asked = await buy(ann, 3240, 1, ["early20"]);
    assert.deepEqual([asked.status, asked.new_total, asked.quote.total], ["rejected", 3600, 4500]);
    assert.deepEqual(asked.refusal, [
      {
        code: null,
        public_reason: "price_changed",
        to_qualify: null,
        message: "The price has changed: this order costs more than you have agreed to pay.",
      },
    ]);
    const uses = () =>
      shop.rows("SELECT key, used FROM redeemable_counters WHERE key LIKE '%/uses' AND used > 0 ORDER BY key");
    assert.deepEqual(uses(), [["code/event:gala:EARLYBIRD/uses", 50]]);
    assert.equal((await shop.ask("POST", `/orders/${ann}/payments`)).status, 409);
    // Ann agrees.
    const bought = await buy(ann, asked.new_total, 1, ["early20"]);
    assert.deepEqual([bought.status, bought.quote.total], ["accepted", 3600]);
    assert.deepEqual(uses(), [
      ["code/event:gala:EARLY20/uses", 1],
      ["code/event:gala:EARLYBIRD/uses", 50],
    ]);
    const { payment_id, total } = await shop.ask("POST", `/orders/${ann}/payments`);
    assert.equal(total, 3600);
    const money = { total, currency: "EUR" };
    assert.equal((await shop.ask("POST", `/payments/${payment_id}`, money, { secret: SECRET })).money, "kept");
  });

  test("an order that nobody pays is swept; a payment that comes late buys what is free", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
    const { SoldOut, openShop } = await import(pathToFileURL(join(folder, "shop.js")));
    const shop = openShop(":memory:");
    const [ann, bob, eve] = [randomUUID(), randomUUID(), randomUUID()];
    const buy = (id, quantity) => shop.buy(id, { ...basket(quantity, []), max_total: 4500 * quantity });
    const money = { total: 450_000, currency: "EUR" };
    await buy(ann, 100);
    const [{ payment_id: early }, { payment_id: late }] = [
      await shop.askForPayment(ann),
      await shop.askForPayment(ann),
    ];
    await assert.rejects(buy(bob, 1), SoldOut);
    assert.equal(await shop.sweep(), 0);
    t.mock.timers.tick(17 * 60_000);
    assert.equal(await shop.askForPayment(ann), null);
    assert.equal(await shop.sweep(), 1);
    assert.equal((await buy(bob, 1)).status, "accepted");
    // Bob now has one of the hundred seats that Ann held, so Ann's payment goes back.
    for (let times = 0; times < 2; times += 1) assert.equal(await shop.paymentArrived(early, money), "returned");
    t.mock.timers.tick(17 * 60_000);
    assert.equal(await shop.sweep(), 1);
    assert.equal(await shop.paymentArrived(early, money), "returned");
    assert.equal(await shop.paymentArrived(late, money), "kept");
    await assert.rejects(buy(eve, 1), SoldOut);
    shop.close();
  });
});

suite("examples/preview", () => {
  let shop;
  before(async () => {
    shop = await start(example("preview"));
  });
  after(() => shop.stop());

  test("its server tells a page only what the page may know", async () => {
    const view = (code) => fetch(new URL(`/view?code=${code}`, shop.url)).then((response) => response.text());
    const withoutCode = (text, code) => text.replaceAll(code, "?").replace(/"now_ms":\d{13}/, '"now_ms":0');
    // A code that has not started yet looks like a code that does not exist.
    assert.equal(withoutCode(await view("NEXTYEAR"), "NEXTYEAR"), withoutCode(await view("NOBODY"), "NOBODY"));
    for (const path of [
      "/../package.json",
      "/redeemable/../../package.json",
      "/redeemable/dist/../package.json",
      "/server.js",
      "/redeemable/%2e%2e/x.js",
    ]) {
      assert.equal((await fetch(new URL(path, shop.url))).status, 404, path);
    }
  });

  for (const [name, open] of Object.entries(browsers)) {
    test(`its page in ${name}`, async (t) => {
      const driver = await open();
      t.after(() => driver.quit());
      await driver.get(shop.url);
      const says = (text) =>
        driver.wait(
          async () =>
            (await driver.executeScript("return document.querySelector('#price').textContent")).includes(text),
          20_000,
          text,
        );
      const set = (field, value) =>
        driver.executeScript(
          `
        const field = document.forms[0].elements[arguments[0]];
        field.value = arguments[1];
        field.dispatchEvent(new Event("input"));`,
          field,
          value,
        );
      const asked = () =>
        driver.executeScript(
          "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/view')).length",
        );
      await says("45.00");
      await set("code", "early20");
      await says("36.00");
      const before = await asked();
      // 3 × 45.00 less 20 % is 108.00; there are 3 uses, so 4 tickets cost 180.00.
      await set("regular", "3");
      await says("108.00");
      await set("regular", "4");
      await says("180.00 · ");
      await set("regular", "3");
      await set("student", "8");
      await says("told when you order");
      assert.equal(await asked(), before);
      await set("student", "0");
      await set("code", "<b>no</b>");
      await says("135.00 · ");
      await set("code", "group");
      // 5 × 45.00 less 10 % is 202.50.
      await says("2 more tickets");
      await set("regular", "5");
      await says("202.50");
    });
  }
});
