const { describe, test } = require("@jest/globals");
const { storeSuite } = require("redeemable/store-suite");
const { open } = require("./store.js");

storeSuite("in memory", open, { describe, test });
