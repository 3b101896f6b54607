// Every error is answered as `{error: {code, path, message}}` with a status, whether it comes from a route, the engine,
// Fastify or Node.
import { STATUS_CODES } from "node:http";
import { Busy } from "redeemable/host";

/**
 * The headers of every answer. `no-cache`: after an update, a page must not load an old file of the engine. A buyer's
 * answers have `no-store` instead.
 */
export const HEADERS = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'; form-action 'none'; " +
    "frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

class Fault extends Error {}

/** An error that a route throws and that is its answer. */
export const fault = (status, code, path, message) => Object.assign(new Fault(message), { status, code, path });

/** The path and the message of Ajv's first error. */
export function firstOf([{ instancePath, keyword, params, message }]) {
  const field = params.additionalProperty ?? params.missingProperty;
  const path = [...instancePath.split("/").slice(1), ...(field === undefined ? [] : [field])];
  // The engine has these messages for the same mistakes.
  const said =
    {
      additionalProperties: "unknown field",
      required: "missing required field",
      enum: `expected one of ${params.allowedValues?.join(", ")}`,
    }[keyword] ?? message;
  return {
    path: path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : (i ? "." : "") + part)).join(""),
    message: said,
  };
}

const ENGINE = ["invalid_request", "invalid_promo", "duplicate_code", "amount_out_of_range"];

/** Messages for statuses that Fastify and the file server do not explain. */
const EXPECTED = {
  400: "expected a request that can be read",
  403: "expected a path inside the page's folder",
  408: "expected the whole request sooner",
  412: "expected the file as it was",
  413: "expected a body of at most 1 MiB",
  414: "expected a shorter address",
  415: "expected content-type: application/json",
  416: "expected a range that the file has",
  431: "expected a shorter address and fewer headers",
};

const answer = (status, code, path, message) => ({ status, body: { error: { code, path, message } } });

/** The status and the body with which an error is answered. */
export function answerTo(error) {
  if (error instanceof Busy) return answer(503, "busy", "", error.message);
  if (error instanceof Fault) return answer(error.status, error.code, error.path ?? "", error.message);
  // An error of the engine is about the request: the event's own documents were checked when the shop started.
  if (ENGINE.includes(error.code) && typeof error.path === "string")
    return answer(400, error.code, error.path, error.message);
  if (error.validation) {
    const { path, message } = firstOf(error.validation);
    return answer(400, "invalid_request", path, message);
  }
  const { statusCode } = error;
  // If a body or an address cannot be read, Fastify's message says why: that message is kept.
  const isTold = statusCode === 400 && error.message !== STATUS_CODES[400];
  if (statusCode >= 400 && statusCode < 500)
    return answer(statusCode, "invalid_request", "", (!isTold && EXPECTED[statusCode]) || error.message);
  return answer(500, "internal", "", "something went wrong");
}

/** Answers on the connection itself if Node could not read a request from it. */
export function answerOn(socket, { code }) {
  if (code !== "ECONNRESET" && socket.writable) {
    const status = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }[code] ?? 400;
    const body = JSON.stringify(answer(status, "invalid_request", "", EXPECTED[status]).body);
    const headers = {
      ...HEADERS,
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      connection: "close",
    };
    const lines = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${body}`);
  }
  socket.destroy();
}
