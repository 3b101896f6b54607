// What is new in the demo, walked through in every browser: axe finds no fault, and nothing is wider than the window.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { paidOrder } from "./exchange.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8").replace(/;\s*$/, "");

/** The states: the name, how to get there, and a text that shows that it is reached. */
const states = (url, order) => [
  [
    "what one more ticket would take off",
    async (page) => {
      await page.open(`${url}/#/`);
      await page.reload();
      await page.fill("input[name=email]", "ben@example.org");
      await page.fill("input[name=regular]", "2");
    },
    "With 1 Regular more, PARTY takes off €27.00.",
  ],
  ["what applies by itself", (page) => page.fill("input[name=regular]", "3"), "PARTY applies by itself"],
  [
    "a change of tickets",
    async (page) => {
      await page.open(`${url}/#/order/${order}`);
      await page.click("input[name=back-0]");
      await page.fill(".exchange input[name=vip]", "1");
    },
    "Change, for €60.00 more",
  ],
  ["a report", (page) => page.open(`${url}/#/codes/1`), "Came in €72.00"],
  [
    "the form",
    async (page) => {
      await page.open(`${url}/#/codes/2/edit`);
      await page.find("input[name=automatic]");
      await page.unfold();
    },
    "The engine accepts this code",
  ],
  [
    "which codes count",
    async (page) => {
      await page.open(`${url}/#/codes`);
      await page.click("details.choose summary");
    },
    "This counts",
  ],
];

/** Goes through the states with wide and narrow windows. `isDark` is which colours the browser must want. */
export async function walk(page, shop, isDark) {
  const order = await paidOrder(shop);
  assert.equal(await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"), isDark);
  for (const width of [1280, 480]) {
    await page.resize(width);
    for (const [name, reach, shows] of states(shop.url, order)) {
      await reach(page);
      await page.see(shows);
      await page.evaluate(`void ${axe}`);
      const found = await page.evaluate("axe.run().then((told) => [told.passes.length, told.violations])");
      assert.ok(found[0] > 10, `${name}: axe has looked`);
      const faults = found[1].map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("; ")}`);
      assert.deepEqual(faults, [], `${name}, ${width} wide`);
      assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), `${name} is wider`);
    }
  }
}
