// Adds the engine's documents to the OpenAPI document, with their schemas from redeemable/schema.json.
import { createRequire } from "node:module";

const { $defs } = createRequire(import.meta.url)("redeemable/schema.json");
const COMPONENTS = "#/components/schemas/";
// A prefix, because the shop itself has schemas called Order, Quote and Error.
const nameOf = (document) => `redeemable.${document}`;

/** The OpenAPI document with a reference in place of every `x-document`, and with the schemas referred to. */
export function withDocuments(openapi) {
  const named = new Set();
  const referring = (_, value) => {
    const { "x-document": document, ...schema } = value ?? {};
    if (typeof document !== "string") return value;
    named.add(document);
    return { ...schema, $ref: COMPONENTS + nameOf(document) };
  };
  const result = JSON.parse(JSON.stringify(openapi, referring));
  // A schema may refer to further ones. The loop visits them, too: iterating a Set includes what is added meanwhile.
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
