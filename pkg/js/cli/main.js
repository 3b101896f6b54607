#!/usr/bin/env node
// `npx redeemable`: commands for organisers and operators. The texts in commands/ say what each does; the Python
// package has the same commands, which print the same.
import { readFileSync } from "node:fs";
import { helpOf, parsed, Refused } from "./arguments.js";
import { archive, audit, erase, migrate, repair, report, split, sweep } from "./operator.js";
import { check, generate, schema, simulate } from "./organiser.js";
import { jsonText, plain } from "./words.js";

const COMMANDS = { check, generate, simulate, schema, migrate, audit, repair, report, sweep, archive, erase, split };

/** What to print, and the exit code. */
async function run([name, ...words]) {
  if (name === undefined) return { text: helpOf("overview"), code: 2 };
  if (["--help", "-h", "help"].includes(name)) return { text: helpOf("overview") };
  if (name === "--version") {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    return { text: `${version}\n` };
  }
  if (!Object.hasOwn(COMMANDS, name))
    throw new Refused(`unknown command ${name}, expected one of ${Object.keys(COMMANDS).join(", ")}`);
  const { options, values } = parsed(name, words);
  if (options.help) return { text: helpOf(name) };
  const { json, lines, text, code } = await COMMANDS[name](values, options);
  if (text !== undefined && !(options.json && json)) return { text, code };
  if (options.json) return { text: jsonText(json), code };
  return { text: lines.map((line) => `${plain(line)}\n`).join(""), code };
}

/**
 * The error in one line. Errors of the engine name a field, and a driver's error about a refused connection may have no
 * text of its own.
 */
function told(error) {
  const text = error?.message || error?.errors?.[0]?.message || String(error?.code ?? error);
  return (error?.path ? `${error.path}: ${text}` : text).replaceAll(/\s+/g, " ");
}

// Whoever reads the output, such as `head`, may stop before its end.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});
try {
  const { text, code = 0 } = await run(process.argv.slice(2));
  process.exitCode = code;
  process.stdout.write(text);
} catch (error) {
  process.exitCode = 2;
  console.error(plain(`redeemable: ${told(error)}`));
}
