import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handler } from "./handler.js";

/** Makes of a handler a listener for Node's `createServer`, and a middleware for Express. */
export function toNode(
  handler: Handler,
): (request: IncomingMessage, response: ServerResponse, next?: (error: unknown) => void) => Promise<void>;

/** Node's request as a `Request`, for frameworks that answer with a `Response` themselves, such as Fastify. */
export function requestOf(request: IncomingMessage): Request;
