// Reads the words of a command as its text in commands/ says, which is also what `--help` prints.
import { parseArgs } from "node:util";
import texts from "../dist/commands.js";

const PROGRAM = "npx redeemable";

/** A mistake of the caller's: the message is printed as it is. */
export class Refused extends Error {}

export const helpOf = (name) => texts[name].replaceAll("{redeemable}", PROGRAM);

/** The options of a command by name; `multiple` may be given several times. */
function optionsOf(name) {
  const lines = texts[name].matchAll(/^ {2}--([a-z-]+)(?: ([A-Z]+)(…?))?(?: |$)/gm);
  return Object.fromEntries(
    [...lines].map(([, option, value, more]) => [
      option,
      { type: value ? "string" : "boolean", multiple: more === "…", ...(option === "help" && { short: "h" }) },
    ]),
  );
}

/** The options and the other words. `parseArgs` itself would report a mistake in other words than Python does. */
export function parsed(name, args) {
  const options = optionsOf(name);
  const { tokens, values, positionals } = parseArgs({
    args,
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values.help) return { options: { help: true }, values: [] };
  const wrong = (message) => new Refused(`${message}; ${PROGRAM} ${name} --help says what there is`);
  for (const { kind, name: option, rawName, value, inlineValue } of tokens) {
    if (kind !== "option") continue;
    if (!Object.hasOwn(options, option)) throw wrong(`unknown option ${rawName}`);
    if (options[option].type === "boolean" && value !== undefined) throw wrong(`${rawName} takes no value`);
    const isOption = !inlineValue && /^-./.test(value ?? "");
    if (options[option].type === "string" && (value === undefined || isOption)) throw wrong(`${rawName} needs a value`);
  }
  return { options: values, values: positionals };
}

/** Checks how many words a command has that are no options; `what` names them. */
export function expectWords(words, least, most, what) {
  if (words.length >= least && words.length <= most) return;
  const found = words.length === 0 ? "none" : words.length === 1 ? "one" : `${words.length}`;
  throw new Refused(`expected ${what}, found ${found}`);
}
