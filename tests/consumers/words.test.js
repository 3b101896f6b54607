// Compiles and runs hosts that use messages and CSV from the tarball.
import assert from "node:assert/strict";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { browsers, compile, consumer, open, run, serve } from "./support.js";

test("a host imports codes, and tells why a code was refused", () => {
  const folder = consumer("words/words.ts", "words/run.js");
  compile(folder, ["words.ts"], { module: "nodenext" });
  // The package leaves these two dependencies to the host.
  for (const name of ["csv-parse", "csv-stringify"])
    symlinkSync(
      fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)),
      join(folder, "node_modules", name),
    );
  assert.deepEqual(run(folder, "run.js"), {
    buyer: [
      {
        code: "CREW",
        public_reason: "used_up",
        to_qualify: null,
        message:
          "Dieser Code ist aufgebraucht, oder er wurde so oft verwendet, wie eine Person ihn verwenden darf, " +
          "oder es ist zu wenig davon für diese Bestellung übrig.",
      },
    ],
    organiser: ["CREW has 1 use left (19 of 20 used); the order needs more."],
    csv: "\ufeffcode,discount.kind,max_uses\r\nCREW,free,20\r\n",
  });
});

test("moduleResolution bundler", () => {
  const folder = consumer("words/words.ts");
  compile(folder, ["words.ts"], { module: "esnext", moduleResolution: "bundler", noEmit: true });
});

for (const [name, start] of Object.entries(browsers)) {
  test(`every sentence of the table, in ${name}`, async () => {
    const folder = consumer("words/index.html");
    const table = readFileSync(new URL("../messages.json", import.meta.url), "utf8");
    writeFileSync(join(folder, "table.js"), `export default ${table};`);
    const server = await serve({ words: folder });
    const driver = await start();
    try {
      const { buyer, organiser, regions } = JSON.parse(table);
      const compared = 3 * (buyer.length + organiser.length) + regions.length;
      assert.deepEqual(await open(driver, `${server.url}/words/`), { compared, differences: [] });
    } finally {
      await driver.quit();
      server.close();
    }
  });
}
