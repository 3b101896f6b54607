// The built page, served by the shop, in Chromium and in Firefox.
import { describe, test } from "node:test";
import { openChromium, openFirefox } from "./browsers.js";
import { exchange } from "./exchange.js";
import { buyer, downloads, lateBuyer, organiser, stampede, warned } from "./flows.js";
import { report } from "./report.js";
import { openShop } from "./shop.js";
import { cheapest, offered, oneMore, promos, ranOut } from "./together.js";

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
    test(warned.name, async (t) => warned(await open(t), await openShop(t, { policy: {} })));
  });
}
