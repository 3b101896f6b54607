// bun test has describe and test of its own; Deno has Deno.test.
import { storeChecks, storeSuite } from "redeemable/store-suite";
import { open } from "./store.js";

const { Deno } = globalThis;
if (Deno) for (const { name, run } of storeChecks) Deno.test(name, () => run(open));
else storeSuite("in memory", open, await import("bun:test"));
