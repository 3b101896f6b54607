// Lists the files of vectors for runtimes that cannot read a folder.
import { readdirSync } from "node:fs";
import { root } from "./contract.mjs";

export function vectorFiles() {
  const names = readdirSync(new URL("tests/vectors/", root)).filter((name) => name.endsWith(".json"));
  const rows = names.sort().map((name) => `            ${name.replace(".json", "").replaceAll("-", "_")} "${name}"\n`);
  return `//! Made by \`make generate\` from the names in tests/vectors/; do not edit.
//!
//! The files of vectors, for runtimes that cannot read a folder.

/// Calls \`$each\` for every file, with a name for its test and the name of the file.
macro_rules! vector_files {
    ($each:ident) => {
        $each! {
${rows.join("")}        }
    };
}
`;
}
