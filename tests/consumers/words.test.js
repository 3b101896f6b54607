// Messages and CSV from the tarball, compiled and run.
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compile, consumer, run } from "./support.js";

test("a host imports codes, and says why one was refused", () => {
  const folder = consumer("words/words.ts", "words/run.js");
  compile(folder, ["words.ts"], { module: "nodenext" });
  // Both are the host's own, as the package asks for them.
  for (const name of ["csv-parse", "csv-stringify"]) symlinkSync(fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)), join(folder, "node_modules", name));
  assert.deepEqual(run(folder, "run.js"), {
    buyer: [{ code: "CREW", public_reason: "used_up", message: "Dieser Code ist aufgebraucht, oder es ist zu wenig davon für diese Bestellung übrig." }],
    organiser: ["CREW has 1 use left (19 of 20 used); the order needs more."],
    csv: "\ufeffcode,discount.kind,max_uses\r\nCREW,free,20\r\n",
  });
});

test("moduleResolution bundler", () => {
  const folder = consumer("words/words.ts");
  compile(folder, ["words.ts"], { module: "esnext", moduleResolution: "bundler", noEmit: true });
});
