// A handler in Node's own http server, in Express, and in what else passes Node's requests on.

/** Returns `(request, response, next)` for Node's `createServer` and for Express. */
export const toNode = (handler) => async (request, response, next) => {
  try {
    // `ip` is Express' own: behind a proxy that it trusts, it is the client's address.
    const answer = await handler(requestOf(request), { address: request.ip ?? request.socket.remoteAddress });
    response.statusCode = answer.status;
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    const cookies = answer.headers.getSetCookie();
    if (cookies.length > 0) response.setHeader("set-cookie", cookies);
    // Behind the rest of a body no other request could be read. A body that nobody has begun to read, Node discards.
    if (request.readableDidRead && !request.readableEnded) response.setHeader("connection", "close");
    response.end(await answer.text());
  } catch (error) {
    if (next === undefined) throw error;
    next(error);
  }
};

/** Methods of which no `Request` can be made. No route has one of them, nor the method that stands in for them. */
const FORBIDDEN = ["CONNECT", "TRACE", "TRACK"];

/** Node's request as a `Request`. Nobody else may have read its body. */
export function requestOf(request) {
  const { headers, originalUrl = request.url } = request;
  const method = FORBIDDEN.includes(request.method) ? "OPTIONS" : request.method;
  // The host in the address plays no part, because the client chooses it.
  const url = `http://shop${originalUrl.startsWith("/") ? originalUrl : "/"}`;
  // HTTP/2 has what stands in the first line among the headers, under names with a colon.
  const own = Object.entries(headers)
    .filter(([name]) => !name.startsWith(":"))
    .flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers: own });
  if (request.readableEnded)
    throw new Error("expected a body that nobody has read: put the handler before express.json() and its like");
  return new Request(url, { method, headers: own, body: streamOf(request), duplex: "half" });
}

/** The body as a stream, which is read only when somebody asks for it. */
function streamOf(request) {
  // Without `destroyOnReturn: false`, giving up a body that is too long would close the connection before the answer.
  const chunks = request.iterator({ destroyOnReturn: false });
  const source = {
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
  };
  // By default a stream reads a first chunk at once. Node then keeps the rest, and the connection waits for ever.
  return new ReadableStream(source, { highWaterMark: 0 });
}
