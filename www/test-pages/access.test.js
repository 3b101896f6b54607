// Accessibility. In every view and every important state axe finds no fault, with light and with dark colours; nothing
// is wider than the narrowest screen; and the page can be used with a keyboard alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { openChromium } from "./browsers.js";
import { openShop } from "./shop.js";
import { promos } from "./together.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The states in order: the name, how to get there from the state before, and a text that shows that it is reached. */
const all = [
  ["the empty order", (page, url) => page.open(`${url}/#/`), "Choose at least one ticket."],
  [
    "a price",
    async (page, _url, email) => {
      await page.fill("input[name=regular]", "2");
      await page.fill("input[name=email]", email);
      await page.fill("input[name=codes]", "early20");
    },
    "EARLY20 takes off €18.00.",
  ],
  [
    "what one more ticket would take off",
    async (page) => {
      await page.fill("input[name=regular]", "1");
      await page.fill("input[name=codes]", "train");
    },
    "With 1 Regular more, TRAIN takes off €13.50.",
  ],
  ["refusals", (page) => page.fill("input[name=codes]", "early20, nope, train"), "NOPE: This code is not accepted."],
  [
    "a partial offer",
    async (page) => {
      await page.fill("input[name=regular]", "3");
      await page.fill("input[name=codes]", "pair");
    },
    "Take it?",
  ],
  [
    "too many codes",
    (page) => page.fill("input[name=codes]", Array.from({ length: 17 }, (_, n) => `c${n}`).join()),
    "An order takes at most 16 codes; you typed 17.",
  ],
  [
    "a wrong e-mail",
    async (page) => {
      await page.fill("input[name=email]", "ann");
      await page.raw.locator("input[name=email]").blur();
    },
    "This is not yet an e-mail address",
  ],
  [
    "a hold",
    async (page, _url, email) => {
      await page.fill("input[name=email]", email);
      await page.fill("input[name=codes]", "early20");
      await page.see("EARLY20 takes off €27.00.");
      await page.click("button.hold");
    },
    "Pay within",
  ],
  ["giving back", (page) => page.click(".stub .act button"), "Yes, give it back"],
  [
    "a paid order",
    async (page) => {
      await page.click("button.danger");
      await page.see("1 ticket given back");
      await page.click("button.pay");
    },
    "Paid. The tickets are yours.",
  ],
  [
    "a change of tickets",
    async (page) => {
      await page.click("input[name=back-1]");
      await page.fill(".exchange input[name=vip]", "1");
    },
    "Change, for €60.00 more",
  ],
  [
    "a change that is refused",
    (page) => page.fill("input[name=exchange-codes]", "nope"),
    "NOPE: This code is not accepted.",
  ],
  [
    "a change that is to be paid",
    async (page) => {
      await page.fill("input[name=exchange-codes]", "early20");
      await page.click("button.change:enabled");
    },
    "€60.00 is due.",
  ],
  ["a changed order", (page) => page.click("button.pay-due"), "In place of tickets for €36.00, and €60.00 paid more."],
  ["a list of orders", (page, url) => page.open(`${url}/#/`), "Your orders"],
  [
    "an unknown order",
    (page, url) => page.open(`${url}/#/order/00000000-0000-0000-0000-000000000000`),
    "There is no order at this address.",
  ],
  ["the codes", (page, url) => page.open(`${url}/#/codes`), "GUESTS"],
  ["which codes count", (page) => page.click("details.choose summary"), "This counts"],
  ["the event's clock", (page) => page.click("details.clock summary"), "Set the clock"],
  ["a code", (page) => page.click("//a[.='EARLY20']"), "Uses over time"],
  ["a code's report", (page) => page.click("//summary[.='The columns as a table']"), "Came in €132.00"],
  [
    "a code's figures",
    async (page) => {
      await page.click("//summary[.='The same as a table']");
      await page.fill("input[name=what-if]", "1");
    },
    "Lowering max_uses from 500 to 1: 2 used, 0 left",
  ],
  ["a code's form", (page) => page.click("//a[.='Edit']"), "The engine accepts this code"],
  [
    "all groups of the form, with an entry in each list",
    async (page) => {
      await page.unfold();
      for (const name of ["hours", "a requirement", "a condition", "a shared limit"])
        await page.click(`//button[.="Add ${name}"]`);
      await page.click("//button[.='Or …']");
    },
    "expected a time of day such as 22:00",
  ],
  [
    "a form of tiers",
    async (page, url) => {
      await page.open(`${url}/#/codes/new`);
      await page.find("select[name=kind]");
      await page.choose("select[name=kind]", "tiers");
      await page.unfold();
      await page.fill("input[name=another_currency]", "USD");
      await page.click("//button[.='Add the currency']");
    },
    "Below the first tier nothing is taken off.",
  ],
  [
    "a form of groups",
    (page) => page.choose("select[name=kind]", "per_group"),
    "the discount stays on the discounted tickets",
  ],
  [
    "a form with mistakes",
    async (page, url) => {
      await page.open(`${url}/#/codes/2/edit`);
      await page.until("document.querySelector('input[name=code]')?.value === 'EARLY20'", "the form of EARLY20");
      await page.fill("input[name=max_uses]", "five");
      await page.fill("input[name=value]", "120");
      await page.click("//summary[.='The document that is stored']");
    },
    "A field is wrong",
  ],
  [
    "a form with a danger",
    async (page) => {
      for (const [name, text] of [
        ["value", "100"],
        ["max_uses", ""],
        ["max_uses_per_identity", ""],
      ])
        await page.fill(`input[name=${name}]`, text);
      await page.see("whoever learns the code can take every seat");
      await page.click("button.save");
    },
    "There is a danger: remove it, or tick this box.",
  ],
  [
    "a code with a danger",
    async (page) => {
      await page.click("input[name=all_the_same]");
      await page.until("document.querySelector('main [aria-invalid=true]') === null", "nothing in the way");
      await page.click("button.save");
    },
    "What the engine warns of",
  ],
  [
    "codes with what the engine warns of",
    (page) => page.click("//a[.='All codes']"),
    "Notice at “Tickets at least”: min_tickets of TRAIN is checked only when an order",
  ],
  ["before the stampede", (page, url) => page.open(`${url}/#/stampede`), "Nothing has run yet."],
  [
    "after the stampede",
    async (page) => {
      await page.fill("input[name=buyers]", "60");
      await page.fill("input[name=uses]", "5");
      await page.click("button.start");
    },
    "Stopped at exactly 5 of 5",
  ],
  ["an address that cannot be decoded", (page, url) => page.open(`${url}/#/%E0`), "There is nothing here"],
  ["a code whose id is none", (page, url) => page.open(`${url}/#/codes/abc`), "There is nothing here"],
  ["nothing", (page, url) => page.open(`${url}/#/nowhere`), "There is nothing here"],
];

/** The same where promotions apply by themselves, and what costs the buyer least counts. */
const together = [
  [
    "what applies by itself, and what is not needed",
    async (page, url) => {
      await page.open(`${url}/#/`);
      await page.fill("input[name=regular]", "1");
      await page.fill("input[name=codes]", "tenth");
      await page.see("DAWN applies by itself, and takes off €9.00.");
    },
    "TENTH is not needed: without it you pay no more.",
  ],
  [
    "a form with a warning in a group",
    async (page, url) => {
      await page.open(`${url}/#/codes/1/edit`);
      await page.until("document.querySelector('input[name=code]')?.value === 'DAWN'", "the form of DAWN");
      await page.fill("input[name=max_uses]", "");
      await page.click("//button[.='Applies by itself']");
    },
    "applies to every order by itself, and nothing limits how many",
  ],
];

const [light, dark] = [{ colorScheme: "light" }, { colorScheme: "dark" }];
for (const [name, states, changes] of [
  ["axe", all, { policy: {} }],
  ["axe, with automatic promotions", together, { promos, policy: { choose: "best" } }],
]) {
  for (const [colours, width] of [light, dark].flatMap((each) => [360, 1280].map((width) => [each, width]))) {
    test(`${name}, ${colours.colorScheme}, ${width} wide`, async (t) => {
      const shop = await openShop(t, changes);
      const page = await openChromium(t, { ...colours, viewport: { width, height: 800 }, reducedMotion: "reduce" });
      for (const [name, reach, shows] of states) {
        await t.test(name, async () => {
          await reach(page, shop.url, "ann@example.org");
          await page.see(shows);
          await page.raw.evaluate(axe);
          const { violations, passes } = await page.evaluate("axe.run()");
          const found = violations.map(
            ({ id, nodes }) =>
              `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`,
          );
          assert.deepEqual(found, []);
          assert.ok(
            passes.some(({ id }) => id === "color-contrast"),
            "axe has looked at the colours",
          );
          assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen");
        });
      }
    });
  }
}

test("a keyboard is enough to buy", async (t) => {
  const shop = await openShop(t);
  const page = await openChromium(t);
  await page.open(`${shop.url}/`);
  await page.find("input[name=regular]");
  /** Presses Tab until the expression about the focused element, `it`, is true. */
  async function tabTo(what) {
    for (let tabs = 0; tabs < 30; tabs += 1) {
      await page.press("Tab");
      if (await page.evaluate(`((it) => ${what})(document.activeElement)`)) {
        assert.notEqual(
          await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"),
          "none",
          "the focus shows",
        );
        return;
      }
    }
    assert.fail(`no Tab leads to ${what}`);
  }
  await tabTo("it.className === 'skip'");
  await page.press("Enter");
  assert.equal(await page.evaluate("document.activeElement.id"), "main");
  await tabTo("it.ariaLabel === 'One Regular more'");
  await page.press("Enter");
  await page.press("Space");
  await tabTo("it.name === 'email'");
  await page.raw.keyboard.type("kim@example.org");
  await tabTo("it.name === 'codes'");
  await page.raw.keyboard.type("early20");
  await page.until(
    `document.querySelector('.quote[data-status="accepted"][data-total="7200"]') !== null`,
    "two regular tickets at 36.00",
  );
  await tabTo("it.className.includes('hold')");
  await page.press("Enter");
  await page.see("Pay within");
  assert.equal(await page.evaluate("document.activeElement.tagName"), "H1", "what is read out begins at the heading");
  await tabTo("it.className.includes('pay')");
  await page.press("Enter");
  await page.see("Paid. The tickets are yours.");
});
