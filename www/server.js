// The process: settings from the environment, start, orderly stop. Being killed instead loses nothing, for every answer was committed before it was given.
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { usageKeys } from "redeemable";
import { buildApp } from "./app.js";
import seed from "./seed.js";

const port = Number(process.env.PORT ?? 8080);
/** npm starts this in another folder than the one where the user typed the path. */
const here = (path) => resolve(process.env.INIT_CWD ?? ".", path);
const file = process.env.DATA ? here(process.env.DATA) : fileURLToPath(new URL("./data/demo.sqlite", import.meta.url));
/** Another event than the seed's, as a JSON file. */
const event = process.env.EVENT ? JSON.parse(readFileSync(here(process.env.EVENT), "utf8")) : seed;

function stop(message) {
  console.error(message);
  process.exit(1);
}

if (!Number.isInteger(port) || port < 0 || port > 65_535) stop(`PORT: expected a port number, found ${process.env.PORT}`);
// One mistake in one promo would refuse every order: it is named before the first buyer comes.
try {
  const lines = [{ ticket_type: event.ticket_types[0].id, unit_price: event.ticket_types[0].price, quantity: 1 }];
  usageKeys({ codes: [], promos: event.promos, policy: event.policy, order: { event_id: event.id, currency: event.currency, lines } });
} catch (error) {
  stop(`${process.env.EVENT ?? "seed.js"}: ${error.path ? `${error.path}: ` : ""}${error.message}`);
}

mkdirSync(dirname(file), { recursive: true });
const app = buildApp({ file, event });

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => app.close().then(() => process.exit(0)));
}

await app.listen({ host: "127.0.0.1", port }).catch((error) => {
  stop(error.code === "EADDRINUSE" ? `port ${port} is taken: set PORT to another one` : error.message);
});
console.log(`${event.name}: http://127.0.0.1:${app.server.address().port}/`);
