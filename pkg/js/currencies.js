// How many decimals each currency has, from ISO 4217's list of minor units (messages/currencies.json).
import files from "./dist/messages.js";

export const DECIMALS = new Map(
  Object.entries(files.currencies).flatMap(([decimals, names]) =>
    names.split(" ").map((name) => [name, Number(decimals)]),
  ),
);
