// Makes the two lists of functions in the manifest of an LNbits extension that only answers requests.
import { readFileSync } from "node:fs";
import { functions, root } from "./contract.mjs";
import { kebab } from "./words.mjs";

/** The manifest with an export and a route for each function. Its other fields are written by hand, and stay. */
export function manifest(path) {
  const names = functions.map(({ name }) => kebab(name));
  const exported = names.map((name) => `      {"name": "${name}", "visibility": "public"}`);
  const routes = names.map(
    (name) => `    {"method": "POST", "path": "/${name}", "export": "${name}", "auth": "public"}`,
  );
  return readFileSync(new URL(path, root), "utf8")
    .replace(/"exports": \[[^\]]*\]/, `"exports": [\n${exported.join(",\n")}\n    ]`)
    .replace(/"api_routes": \[[^\]]*\]/, `"api_routes": [\n${routes.join(",\n")}\n  ]`);
}
