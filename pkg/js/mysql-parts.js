// Adds to counters on MariaDB and MySQL, where a counter may be split into parts; the comment in sql/postgres.sql says
// why the parts together stay within the limit.
import { hashOf } from "./mysql-hashes.js";
import { counted } from "./split.js";

/**
 * Into how many parts the counters were split when this process last saw them. A charge of these goes to a part at once
 * and does not touch the counter's row, which all would wait for. It is only a hint: the database has the last word.
 */
const seen = new Map();
const MOST_SEEN = 10_000;

/** Remembers what rows of counters say of their parts. */
export function noteParts(rows) {
  for (const { key, parts } of rows) {
    if (!key) continue;
    if (parts === null) seen.delete(key);
    else remember(key, Number(parts));
  }
}

function remember(key, parts) {
  if (seen.size >= MOST_SEEN) seen.clear();
  seen.set(key, parts);
}

/** Executes an `add`. Returns false if it does not fit any more, "drifts" if the counter held less, otherwise true. */
export async function added(tools, op) {
  const { ask, changes } = tools;
  const hinted = seen.has(op.key) ? await inParts(tools, op, seen.get(op.key)) : undefined;
  if (hinted !== undefined) return hinted;
  if (op.by > 0) {
    if ((await changes("charge", op)) || (await changes("first_charge", op))) return true;
  } else if (await changes("give_back", op)) return true;
  // It is split, full, missing, or holds less than is given back.
  const [row] = await ask("parts", op);
  if (row && row.parts !== null) return (await inParts(tools, op, Number(row.parts))) ?? false;
  if (op.by > 0) return false;
  const [{ drifts, parts }] = await ask("drifts", op);
  if (parts !== null) return false;
  await ask("clamp", op);
  return Number(drifts) ? "drifts" : true;
}

/** Adds to a part of a split counter, or to all together; returns undefined if the counter is not split any more. */
async function inParts({ ask, changes }, { key, by, at_most = null }, parts) {
  const values = { ...hashOf(key), by, at_most };
  remember(key, parts);
  const random = Math.floor(Math.random() * 1_000_000);
  let chosen;
  // First any part that nobody else has locked, beginning among those of this server; then one to wait for.
  for (const among of [parts, 0]) if (!chosen) [chosen] = await ask("free_part", { ...values, random, parts: among });
  if (!chosen) [chosen] = await ask("some_part", values);
  if (chosen) return changes("add_to_part", { ...values, part: Number(chosen.part) });
  // No part has enough by itself, or the limit is another one: all parts together.
  const [row] = await ask("lock_counter", values);
  if (!row || row.parts === null) {
    seen.delete(key);
    return undefined;
  }
  const { sum, bound } = await lockParts(ask, values);
  if (by > 0 && at_most !== null && sum + by > at_most) return false;
  await share(ask, values, { sum: Math.max(0, sum + by), parts: Number(row.parts), bound: by > 0 ? at_most : bound });
  if (sum + by >= 0) return true;
  await ask("note_drift", values);
  return "drifts";
}

/** After `correct` has changed the counter's row: corrects the parts, if it is split. False if they hold less. */
export async function correctedParts({ ask }, { key, by }) {
  const [{ parts }] = await ask("parts", { key });
  if (parts === null) return true;
  const { sum, bound } = await lockParts(ask, hashOf(key));
  if (sum + by < 0) return false;
  await share(ask, hashOf(key), { sum: sum + by, parts: Number(parts), bound });
  return true;
}

/** Splits the counter, and those that are split with it, in the transaction of `ask`; returns their keys. */
export async function splitUp(ask, key, parts) {
  const keys = await counted(ask, key);
  for (const each of keys) await splitInto(ask, each, parts);
  return keys;
}

async function splitInto(ask, key, parts) {
  await ask("make_counter", { key });
  const values = hashOf(key);
  const [{ used }] = await ask("lock_counter", values);
  const sum = Number(used) + (await lockParts(ask, values)).sum;
  await ask("drop_parts", values);
  await ask("set_parts", { ...values, used: parts > 1 ? 0 : sum, parts: parts > 1 ? parts : null });
  const numbers = JSON.stringify(Array.from({ length: parts }, (_, part) => part));
  // The first charge makes the caps.
  if (parts > 1) await ask("make_parts", { ...values, numbers, used: sum });
}

/** Joins the parts of the counter, if it is split. */
export async function joinedParts({ ask }, { key }) {
  const [row] = await ask("parts", { key });
  if (row && row.parts !== null) await splitInto(ask, key, 1);
}

/** Locks all parts, in order; the caller has locked the counter's row. */
async function lockParts(ask, values) {
  const rows = await ask("lock_parts", values);
  const bound = rows[0]?.bound ?? null;
  return { sum: rows.reduce((sum, { used }) => sum + Number(used), 0), bound: bound === null ? null : Number(bound) };
}

/** Shares out anew what is used and, of a limit, what is left. */
async function share(ask, values, shares) {
  await ask("share", { ...values, ...shares });
}
