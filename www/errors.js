// An error is `{error: {code, path, message}}` with a status, wherever it comes from.
import { Busy } from "redeemable/host";

/** An error that a route answers with. */
export const fault = (status, code, path, message) => Object.assign(new Error(message), { status, code, path });

/** What is wrong by the first of Ajv's errors. */
export function firstOf([{ instancePath, keyword, params, message }]) {
  const field = params.additionalProperty ?? params.missingProperty;
  const path = [...instancePath.split("/").slice(1), ...(field === undefined ? [] : [field])];
  // In the engine's words, where it has some.
  const said = {
    additionalProperties: "unknown field", required: "missing required field", enum: `expected one of ${params.allowedValues?.join(", ")}`,
  }[keyword] ?? message;
  return { path: path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : (i ? "." : "") + part)).join(""), message: said };
}

const ENGINE = ["invalid_request", "invalid_promo", "duplicate_code", "amount_out_of_range"];

/** The status and the answer. */
export function answerTo(error) {
  const answer = (status, code, path, message) => ({ status, body: { error: { code, path, message } } });
  if (error instanceof Busy) return answer(503, "busy", "", error.message);
  // The engine's errors are about what was sent: the event's own documents were checked before.
  const status = error.status ?? (ENGINE.includes(error.code) && typeof error.path === "string" ? 400 : undefined);
  if (status) return answer(status, error.code, error.path ?? "", error.message);
  if (error.validation) {
    const { path, message } = firstOf(error.validation);
    return answer(400, "invalid_request", path, message);
  }
  if (error.statusCode < 500) return answer(error.statusCode, "invalid_request", "", error.message);
  return answer(500, "internal", "", "something went wrong");
}
