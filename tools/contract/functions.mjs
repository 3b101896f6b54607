// JavaScript: the functions of a wasm file, each with what reads its answer.
import { functions } from "./contract.mjs";
import { readerOf } from "./readers.mjs";

/** `engine` is the module that has the file's instance. */
export function javascriptFunctions(file, engine) {
  const own = functions.filter((one) => one.file === file);
  const readers = own.map((one) => (one.crossing === "hot" ? readerOf(one) : "json"));
  const hot = [...new Set(readers.filter((name) => name !== "json"))].sort();
  const each = own.map(
    ({ name }, index) => `export function ${name}(request) {
  return call("${name}", request, ${readers[index]});
}
`,
  );
  return [
    hot.length > 0 && `import { ${hot.join(", ")} } from "./answers.js";\n`,
    `import { call } from "./${engine}.js";\n`,
    readers.includes("json") && 'import { json } from "./wire-answers.js";\n',
    `\n${each.join("\n")}`,
  ]
    .filter(Boolean)
    .join("");
}
