// How many codes one client may try in a minute, counted in this process.

const MINUTE = 60_000;
/** So many clients are remembered at most: a guesser with many addresses must not fill the memory. */
const MOST = 10_000;

/**
 * Returns `(key, count) => seconds`: counts `count` codes of the client `key`, and answers how long it must wait, or 0.
 * The minute begins with the client's first code.
 */
export function inMemory(perMinute, now) {
  const clients = new Map();
  return (key, count) => {
    const at = now();
    let client = clients.get(key);
    if (client === undefined || client.until <= at) {
      // Deleted first, so that the map stays in the order of the minutes' ends.
      clients.delete(key);
      client = { tried: 0, until: at + MINUTE };
      for (const [other, { until }] of clients) {
        if (until > at && clients.size < MOST) break;
        clients.delete(other);
      }
      clients.set(key, client);
    }
    client.tried += count;
    return client.tried > perMinute ? (client.until - at) / 1000 : 0;
  };
}

/** The part of an address that one client has to itself: of IPv6 the first 64 bits, of which anybody has all others. */
export function clientOf(given) {
  // Some proxies append the client's port, which is another for each connection: 1.2.3.4:56789 or [2001:db8::1]:56789.
  const address = given.replace(/^\[(.*)\](?::\d+)?$/, "$1").replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1];
  if (!address.includes(":")) return address;
  const [head, tail] = address.toLowerCase().split("%")[0].split("::");
  const parts = (text) => (text ? text.split(":") : []);
  const [left, right] = [parts(head), parts(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const all = [...left, ...Array(zeros).fill("0"), ...right];
  return all
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, ""))
    .join(":");
}
