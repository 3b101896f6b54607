import { init } from "redeemable";
import { init as initOrganiser } from "redeemable/organiser";
import { expect, test } from "vitest";
import { sold } from "./expected.js";
import { shop } from "./shop.js";

test("the kit sells", async () => {
  await Promise.all([init(), initOrganiser()]);
  expect(await shop()).toEqual(sold);
});
