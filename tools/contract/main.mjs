// Writes every file that is made from contract/; `make generate` calls it. With the argument `check` it writes nothing,
// and fails if a file differs from what it would write.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { javascriptColumns, pythonColumns } from "./columns.mjs";
import { root } from "./contract.mjs";
import { javascriptFunctions } from "./functions.mjs";
import { pythonCalls, pythonTypes } from "./python.mjs";
import { readers } from "./readers.mjs";
import { functionTypes, types } from "./typescript.mjs";
import { vectors } from "./vectors-fields.mjs";
import { wit } from "./wit.mjs";

const NOTE = "Made by `make generate` from contract/; do not edit.";
const python = "pkg/python/src/redeemable";

/** Every file: the mark that begins its comments (`//`, `#`), and its text. */
const files = {
  "pkg/js/types.d.ts": ["//", types()],
  "pkg/js/functions.d.ts": ["//", functionTypes("engine")],
  "pkg/js/organiser-functions.d.ts": ["//", functionTypes("organiser")],
  "pkg/js/functions.js": ["//", javascriptFunctions("engine", "redeemable", "engine")],
  "pkg/js/organiser-functions.js": ["//", javascriptFunctions("organiser", "organiser", "organiser-engine")],
  "pkg/js/answers.js": ["//", readers()],
  "pkg/js/csv-columns.js": ["//", javascriptColumns()],
  [`${python}/types.py`]: ["#", pythonTypes()],
  [`${python}/_functions.py`]: ["#", pythonCalls()],
  [`${python}/_csv_columns.py`]: ["#", pythonColumns()],
  "component/redeemable.wit": ["//", wit()],
};

const check = process.argv[2] === "check";
const made = Object.entries(files).map(([path, [mark, text]]) => [path, `${mark} ${NOTE}\n${text}`]);
for (const [path, text] of [...made, ...vectors()]) {
  const file = new URL(path, root);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (check) {
    console.error(`${path} is not what contract/ says: run \`make generate\` and review what changed`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`${path} is written`);
  }
}
