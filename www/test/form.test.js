// The organiser's form has a field for every field of a promotion, except for those below.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/** Why the form has no field: the form writes another spelling, or the demo has one event and fixed terms. */
const WITHOUT = {
  id: "the demo's codes are counted by their code",
  discount_percent: "written as discount",
  currency: "the event's",
  single_use: "written as max_uses 1",
  events: "there is one event",
  rounding: "half up",
  release: "the event's",
};

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");

test("the form has a field for every field of a promotion", () => {
  const [form] = read("../page/organiser/document.ts").match(/export interface Form[^}]*}/);
  const [counts] = read("../page/organiser/counts.ts").match(/export type Count =[^;]*;/);
  const fields = Object.keys(JSON.parse(read("../../contract/schema.json")).$defs.Promo.properties);
  const renamed = { discount: "kind", pools: "pool" };
  const missing = fields.filter((name) => !new RegExp(`\\b${renamed[name] ?? name}\\b`).test(form + counts));
  assert.deepEqual(missing, Object.keys(WITHOUT));
});
