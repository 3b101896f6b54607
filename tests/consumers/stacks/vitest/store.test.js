import { storeSuite } from "redeemable/store-suite";
import { describe, test } from "vitest";
import { open } from "./store.js";

storeSuite("in memory", open, { describe, test });
