// Writes every file that is made from contract/; `make generate` calls it. With the argument `check` it writes nothing,
// and fails if a file differs from what it would write.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { javascriptColumns, pythonColumns } from "./columns.mjs";
import { root } from "./contract.mjs";
import { javascriptFunctions } from "./functions.mjs";
import { manifest } from "./lnbits.mjs";
import { messageShape } from "./messages.mjs";
import { pythonCalls, pythonTypes } from "./python.mjs";
import { readers } from "./readers.mjs";
import { functionTypes, types } from "./typescript.mjs";
import { vectors } from "./vectors-fields.mjs";
import { vectorFiles } from "./vectors-files.mjs";
import { wit } from "./wit.mjs";

const NOTE = " Made by `make generate` from contract/; do not edit.\n";
const python = "pkg/python/src/redeemable";

/** Every file: the mark that begins its comments (`//`, `#`; JSON has none), and its text. */
const files = {
  "pkg/js/types.d.ts": ["//", types()],
  "pkg/js/functions.d.ts": ["//", functionTypes("engine")],
  "pkg/js/organiser-functions.d.ts": ["//", functionTypes("organiser")],
  "pkg/js/functions.js": ["//", javascriptFunctions("engine", "engine")],
  "pkg/js/organiser-functions.js": ["//", javascriptFunctions("organiser", "organiser-engine")],
  "pkg/js/answers.js": ["//", readers()],
  "pkg/js/csv-columns.js": ["//", javascriptColumns()],
  [`${python}/types.py`]: ["#", pythonTypes()],
  [`${python}/_functions.py`]: ["#", pythonCalls()],
  [`${python}/_csv_columns.py`]: ["#", pythonColumns()],
  "component/redeemable.wit": ["//", wit()],
  "messages/shape.json": ["", messageShape()],
};

const check = process.argv[2] === "check";
const made = Object.entries(files).map(([path, [mark, text]]) => [path, `${mark && mark + NOTE}${text}`]);
const lnbits = "tests/lnbits/preview/config.json";
const others = [...vectors(), [lnbits, manifest(lnbits)], ["tests/vectors/files.rs", vectorFiles()]];
for (const [path, text] of [...made, ...others]) {
  const file = new URL(path, root);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (check) {
    console.error(`${path} is out of date: run \`make generate\` and review what changed`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`${path} is written`);
  }
}
