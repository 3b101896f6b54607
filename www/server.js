// The process: reads settings from the environment, starts the shop, and stops it in order. Killing the process loses
// nothing, because every order is committed before it is answered.
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildApp, pages } from "./app.js";
import { SettingError } from "./database.js";
import { checkEvent } from "./event.js";
import seed from "./seed.js";

const { PORT = "8080", DATA, DATABASE_URL: url, EVENT, CODES_PER_MINUTE = "60", INIT_CWD = "." } = process.env;

function stop(message) {
  console.error(message);
  process.exit(1);
}

/** Resolves a path from the folder where the user typed it (INIT_CWD): npm starts this process in another folder. */
const here = (path) => resolve(INIT_CWD, path);
const port = Number(PORT);
if (!/^\d+$/.test(PORT) || port > 65_535) stop(`PORT: expected a port number, found ${PORT}`);
if (!/^[1-9]\d{0,8}$/.test(CODES_PER_MINUTE))
  stop(`CODES_PER_MINUTE: expected an integer from 1, found ${CODES_PER_MINUTE}`);
if (DATA && url) stop("DATA and DATABASE_URL: expected one of them, an SQLite file or a PostgreSQL server");
const file = DATA ? here(DATA) : fileURLToPath(new URL("./data/demo.sqlite", import.meta.url));

let event = seed;
try {
  // EVENT names a JSON file with another event than the one in seed.js.
  if (EVENT) event = JSON.parse(readFileSync(here(EVENT), "utf8"));
  checkEvent(event);
} catch (error) {
  stop(
    `${EVENT ? `EVENT ${EVENT}` : "seed.js"}: ${error instanceof SyntaxError ? "expected JSON: " : ""}${error.message}`,
  );
}

const app = await buildApp({ file, url, event, codes_per_minute: Number(CODES_PER_MINUTE) }).catch((error) => {
  if (!(error instanceof SettingError)) throw error;
  stop(error.message);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => app.close().then(() => process.exit(0)));
}

await app.listen({ host: "127.0.0.1", port }).catch((error) => {
  stop(error.code === "EADDRINUSE" ? `port ${port} is taken: set PORT to another one` : error.message);
});
console.log(`${event.name}: http://127.0.0.1:${app.server.address().port}/`);
if (!existsSync(pages))
  console.warn("the page is not built, only /api is served: npm run build --workspace www makes it");
