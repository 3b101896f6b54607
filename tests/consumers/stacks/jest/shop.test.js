// A CommonJS project. The test compiles shop.js to CommonJS, as a host's TypeScript or Babel would.
const { expect, test } = require("@jest/globals");
const { sold } = require("./expected.js");
const { shop } = require("./shop.js");

test("the kit sells", async () => {
  expect(await shop()).toEqual(sold);
});
