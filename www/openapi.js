// The engine's own documents in the OpenAPI document: each refers to the shape of its name in redeemable/schema.json.
import { createRequire } from "node:module";

const { $defs } = createRequire(import.meta.url)("redeemable/schema.json");
const COMPONENTS = "#/components/schemas/";
// The shop has shapes of its own that are called Order, Quote and Error.
const nameOf = (document) => `redeemable.${document}`;

/** The OpenAPI document with a reference at every `x-document`, and with what is referred to. */
export function withDocuments(openapi) {
  const named = new Set();
  const referring = (_, value) => {
    const { "x-document": document, ...schema } = value ?? {};
    if (typeof document !== "string") return value;
    named.add(document);
    return { ...schema, $ref: COMPONENTS + nameOf(document) };
  };
  const result = JSON.parse(JSON.stringify(openapi, referring));
  // A set visits what is added to it meanwhile.
  for (const document of named) {
    const shape = JSON.stringify($defs[document], (key, value) => {
      if (key !== "$ref") return value;
      const other = value.replace("#/$defs/", "");
      named.add(other);
      return COMPONENTS + nameOf(other);
    });
    result.components.schemas[nameOf(document)] = JSON.parse(shape);
  }
  return result;
}
