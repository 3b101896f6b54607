// A proxy between a host and its database: a test can hold answers back or cut the connection.
import net from "node:net";

/**
 * `wire.cutAt(text)`: when the host sends `text`, the server receives it, but the connection breaks before the answer.
 * With `{ before: true }` the server does not receive it either. After `wire.cutAt(null)` nothing is cut.
 * `answered` is in the server's answer when it has done what the host asked; by default it is PostgreSQL's "ready for
 * query", outside a transaction.
 * `wire.hold(text)`: no answer reaches the host until it has sent `text`.
 */
export async function openWire(connectionString, answered = "Z\0\0\0\x05I") {
  const { hostname, port } = new URL(connectionString);
  let cut = null;
  let held = null;
  const wire = { cuts: 0 };
  const server = net.createServer((host) => {
    const database = net.connect({ host: hostname, port: Number(port) });
    /** The bytes that the server has answered since the cut. */
    let lost = null;
    const waiting = [];
    const end = () => {
      host.destroy();
      database.destroy();
    };
    host.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      if (cut && text.includes(cut.text)) {
        wire.cuts += 1;
        lost = "";
        const { before } = cut;
        cut = null;
        if (before) return end();
      }
      if (held && text.includes(held)) {
        held = null;
        for (const answer of waiting.splice(0)) host.write(answer);
      }
      database.write(chunk);
    });
    database.on("data", (chunk) => {
      if (lost !== null) {
        lost += chunk.toString("latin1");
        if (lost.includes(answered)) end();
      } else if (held) waiting.push(chunk);
      else host.write(chunk);
    });
    for (const socket of [host, database]) {
      socket.setNoDelay(true);
      socket.on("error", end);
      socket.on("close", end);
    }
  });
  await new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = new URL(connectionString);
  url.host = `127.0.0.1:${server.address().port}`;
  return Object.assign(wire, {
    url: String(url),
    cutAt: (text, { before = false } = {}) => {
      cut = text === null ? null : { text, before };
    },
    hold: (text) => {
      held = text;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  });
}
