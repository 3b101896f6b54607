// The page in real browsers, against a real host: what the wasm in the page previews is what the host charges.
import assert from "node:assert/strict";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { Builder, By, until } from "selenium-webdriver";
import * as chrome from "selenium-webdriver/chrome.js";
import * as firefox from "selenium-webdriver/firefox.js";
import { buildApp } from "../app.js";
import seed from "../seed.js";
import { audit, workspace } from "./support.js";

const WAIT = 20_000;

/** A program on the PATH. The drivers are named outright, so that nothing is looked for elsewhere or downloaded. */
function program(...names) {
  for (const name of names) {
    for (const folder of process.env.PATH.split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {}
    }
  }
  throw new Error(`${names.join(" or ")} is not on the PATH`);
}

const browsers = {
  chromium: () => {
    const options = new chrome.Options().setChromeBinaryPath(program("chromium", "chromium-browser", "google-chrome"))
      .addArguments("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync");
    return new Builder().forBrowser("chrome").setChromeOptions(options).setChromeService(new chrome.ServiceBuilder(program("chromedriver")));
  },
  firefox: () => {
    const options = new firefox.Options().setBinary(program("firefox-esr", "firefox")).addArguments("-headless");
    return new Builder().forBrowser("firefox").setFirefoxOptions(options).setFirefoxService(new firefox.ServiceBuilder(program("geckodriver")));
  },
};

for (const [name, builder] of Object.entries(browsers)) {
  suite(`the page in ${name}`, () => {
    let app;
    let url;
    let file;
    let driver;
    const cleanups = [];
    before(async () => {
      ({ file } = workspace({ after: (cleanup) => cleanups.push(cleanup) }, seed));
      app = buildApp({ file, event: seed });
      url = await app.listen({ host: "127.0.0.1", port: 0 });
      driver = await builder().build();
      await driver.get(url);
    });
    after(async () => {
      await driver?.quit();
      await app?.close();
      for (const cleanup of cleanups) cleanup();
    });

    const find = (css) => driver.findElement(By.css(css));
    const type = async (css, text) => {
      const input = await find(css);
      await input.clear();
      await input.sendKeys(text);
    };
    /** Fills in the form and waits until the preview is the host's newest. */
    async function choose({ regular = 0, student = 0, vip = 0, codes = "", email = "" }) {
      for (const [id, quantity] of Object.entries({ regular, student, vip })) await type(`#quantity-${id}`, String(quantity));
      await type("#email", email);
      await type("#codes", codes);
      await driver.wait(async () => (await find("#price").getAttribute("aria-busy")) === "false", WAIT);
      const refusals = await driver.findElements(By.css("#refusals li"));
      return { total: await find("#price").getAttribute("data-total"), refusals: await Promise.all(refusals.map((item) => item.getText())) };
    }
    const state = async (order, wanted) => driver.wait(until.elementLocated(By.css(`#order-${order}[data-state="${wanted}"]`)), WAIT);
    async function buy() {
      const known = new Set(audit(file).records.map(({ id }) => id));
      await find("#buy").click();
      await driver.wait(async () => (await find("#notice").getText()) !== "", WAIT);
      assert.equal(await find("#notice").getText(), "Your order is below.");
      return audit(file).records.find(({ id }) => !known.has(id));
    }
    const charged = (record) => String(record.tickets.reduce((sum, { price }) => sum + price, 0));

    test("runs the very bytes of the package", async () => {
      const served = Buffer.from(await (await fetch(`${url}/redeemable/dist/redeemable_bg.wasm`)).arrayBuffer());
      assert.ok(served.equals(readFileSync(new URL("dist/redeemable_bg.wasm", import.meta.resolve("redeemable")))));
    });

    test("previews what the host then charges", async () => {
      for (const [order, total] of [
        [{ regular: 1 }, 4500],
        [{ regular: 2, student: 1, codes: "early20", email: "ann@example.org" }, null],
        [{ regular: 1, vip: 1, codes: " tenner " }, 14_500],
        [{ student: 2, codes: "TENNER, EARLY20", email: "bob@example.org" }, 2000],
        [{ vip: 2, codes: "train" }, 20_400],
        [{ vip: 1, codes: "LASTSEAT" }, 1500],
        [{ regular: 2, codes: "crew", email: "cleo@example.org" }, 0],
      ]) {
        const preview = await choose({ email: "eve@example.org", ...order });
        if (total === null) {
          assert.deepEqual([preview.total, preview.refusals], ["", ["EARLY20 is used up."]], "three tickets, two per person");
          continue;
        }
        assert.deepEqual(preview, { total: String(total), refusals: [] });
        const record = await buy();
        assert.equal(charged(record), preview.total);
        await state(record.id, total === 0 ? "confirmed" : "held");
      }
    });

    test("shows why a code is refused and offers nothing to buy", async () => {
      for (const [order, refusals] of [
        [{ regular: 1, codes: "NOPE" }, ["NOPE is not accepted."]],
        [{ regular: 1, codes: "train" }, ["TRAIN does not apply to this order."]],
        [{ vip: 1, codes: "crew" }, ["CREW does not apply to this order."]],
        [{ regular: 1, codes: "early20", email: "" }, ["EARLY20 needs your e-mail."]],
        [{ vip: 1, codes: "lastseat" }, ["LASTSEAT is used up."]],
        [{ regular: 1, codes: "crew", email: "cleo+again@example.org" }, ["This e-mail has no free tickets left for this event."]],
      ]) {
        assert.deepEqual(await choose({ email: "eve@example.org", ...order }), { total: "", refusals });
        assert.equal(await find("#buy").isEnabled(), false);
      }
    });

    test("buys, pays, releases, and finds the order again after a reload", async () => {
      await choose({ regular: 2, codes: "radio", email: "dan@example.org" });
      const { id } = await buy();
      await (await state(id, "held")).findElement(By.css("button.pay")).click();
      await state(id, "confirmed");
      await driver.navigate().refresh();
      const card = await state(id, "confirmed");
      await card.findElement(By.css('input[value="1"]')).click();
      await card.findElement(By.css("button.release")).click();
      await driver.wait(until.elementLocated(By.css(`#order-${id}[data-total="3825"]`)), WAIT);
      await (await state(id, "confirmed")).findElement(By.css("button.release")).click();
      await state(id, "released");
      const { counters } = audit(file);
      assert.equal(counters["code/event:gala:RADIO/uses"], undefined);
      assert.equal(await driver.wait(until.elementLocated(By.css('#ledger tr[data-code="RADIO"] .uses')), WAIT).getText(), "0");
    });
  });
}
