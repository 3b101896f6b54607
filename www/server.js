// The process: settings from the environment, start, orderly stop. Being killed instead loses nothing, for every answer was committed before it was given.
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { buildApp } from "./app.js";
import seed from "./seed.js";

const port = Number(process.env.PORT ?? 8080);
const file = process.env.DATA ?? fileURLToPath(new URL("./data/demo.sqlite", import.meta.url));
/** Another event than the seed's, as a JSON file. */
const event = process.env.EVENT ? JSON.parse(readFileSync(process.env.EVENT, "utf8")) : seed;

mkdirSync(dirname(file), { recursive: true });
const app = buildApp({ file, event });

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => app.close().then(() => process.exit(0)));
}

await app.listen({ host: "127.0.0.1", port });
console.log(`${event.name}: http://127.0.0.1:${app.server.address().port}/`);
