// The built page, served by the shop, in Chromium and in Firefox.
import { describe, test } from "node:test";
import { openChromium, openFirefox } from "../test-pages/browsers.js";
import { exchange } from "../test-pages/exchange.js";
import { buyer, downloads, lateBuyer, organiser, stampede, warned } from "../test-pages/flows.js";
import { report } from "../test-pages/report.js";
import { event, openShop } from "../test-pages/shop.js";
import { cheapest, offered, oneMore, promos, ranOut } from "../test-pages/together.js";
import { walk } from "../test-pages/walk.js";

for (const [name, open] of [
  ["chromium", openChromium],
  ["firefox", openFirefox],
]) {
  describe(name, () => {
    for (const flow of [buyer, organiser, report, exchange, downloads, stampede]) {
      test(flow.name, async (t) => flow(await open(t), await openShop(t)));
    }
    test(lateBuyer.name, async (t) => lateBuyer(await open(t), await openShop(t, { hold_ms: 1500 })));
    for (const flow of [ranOut, cheapest]) {
      test(flow.name, async (t) => flow(await open(t), await openShop(t, { promos, policy: {} })));
    }
    test(oneMore.name, async (t) => oneMore(await open(t), await openShop(t, { promos: offered, policy: {} })));
    for (const colorScheme of ["light", "dark"]) {
      test(`walk, ${colorScheme}`, async (t) => {
        const shop = await openShop(t, { promos: [event.promos[1], ...offered], policy: {} });
        await walk(await open(t, { colorScheme }), shop, colorScheme === "dark");
      });
    }
    test(warned.name, async (t) => warned(await open(t), await openShop(t, { policy: {} })));
  });
}
