import { expect, test } from "vitest";
import { sold } from "./expected.js";
import { shop } from "./shop.js";

test("the kit sells", async () => {
  expect(await shop()).toEqual(sold);
});
