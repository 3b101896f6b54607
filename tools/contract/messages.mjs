// Makes messages/shape.json: the keys of a catalogue, and the arguments that each message may use. Both are those of
// the English catalogue, which tests/js/messages.test.mjs compares with the reasons and their figures.
import { readFileSync } from "node:fs";
import { parse } from "../../pkg/js/message-format.js";
import { root } from "./contract.mjs";

export function messageShape() {
  const english = JSON.parse(readFileSync(new URL("messages/en.json", root), "utf8"));
  const text = JSON.stringify(shape(english), null, 2);
  // A list of names stands on one line.
  return `${text.replace(/\[\s+([^\]]*?)\s+\]/g, (_, names) => `[${names.replace(/\s+/g, " ")}]`)}\n`;
}

const shape = (section) =>
  typeof section === "string"
    ? [...new Set(names(parse(section)))].sort((one, other) => place(one) - place(other))
    : Object.fromEntries(Object.entries(section).map(([key, inner]) => [key, shape(inner)]));

/** The names of a message's arguments, those within its plural forms included. */
const names = (parts) =>
  parts.flatMap((part) => (part.name ? [part.name, ...Object.values(part.forms ?? {}).flatMap(names)] : []));

/** The figures stand in the order of a violation's fields, and other arguments behind them as the message has them. */
function place(name) {
  const figures = ["code", "limit", "used", "remaining"];
  const at = figures.indexOf(name.replace("_money", ""));
  return at < 0 ? figures.length : at;
}
