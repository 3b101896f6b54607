// Measures one decision in JavaScript: by every way of calling this engine, by hand-written code, and by rule engines.
//
//   node benches/js/bench.js            (ROUNDS=25, MS=20 of each turn, ONLY=accept,combine)
//
// Each workload runs in a process of its own, so that code which the compiler optimised for one workload does not slow
// down another. The results go to target/bench/js.json.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import * as redeemable from "redeemable";
import { check } from "./check.js";
import * as hand from "./handwritten.js";
import { factsOf, peers, refusals } from "./peers.js";
import { median, race, ratio, round } from "./time.js";
import { TITLES, workloads } from "./workloads.js";

const ROUNDS = Number(process.env.ROUNDS ?? 25);
const MS = Number(process.env.MS ?? 20);
const HAND = "by hand";
const PREPARED = "by hand, prepared";
// The peers are asked these only: a verdict does not depend on the tickets, a host finds a promotion in a map, and the
// peers' rules do not have the conditions and prices of the others.
const VERDICTS = ["accept", "reject", "combine"];
const OUTPUT = fileURLToPath(new URL("../../target/bench/js.json", import.meta.url));

/** Splits a request into `{promos, policy}` and the rest. */
function split({ promos, policy, ...asked }) {
  return [{ promos, policy }, asked];
}
const prepared = (Rules, verb) => (request) => {
  const [rules, { usage, ...asked }] = split(request);
  return new Rules(rules)[verb](verb === "usageKeys" ? asked : { ...asked, usage });
};

/** The functions to be measured, by name: `whole` answers the whole decision, `keys` only the counters' keys. */
function contestants(request) {
  const [rules, asked] = split(request);
  const { usage, ...order } = asked;
  const byHand = new hand.Rules(rules);
  const ours = new redeemable.PreparedRules(rules);
  const text = JSON.stringify(request);
  return {
    whole: {
      [HAND]: () => hand.validateRedemption(request),
      [PREPARED]: () => byHand.validateRedemption(asked),
      "by hand, JSON text": () => JSON.stringify(hand.validateRedemption(JSON.parse(text))),
      redeemable: () => redeemable.validateRedemption(request),
      "redeemable, prepared": () => ours.validateRedemption(asked),
      "redeemable, JSON text": () => JSON.stringify(redeemable.validateRedemption(JSON.parse(text))),
    },
    keys: {
      "by hand, usageKeys": () => hand.usageKeys(request),
      "redeemable, usageKeys": () => redeemable.usageKeys(request),
      "redeemable, prepared, usageKeys": () => ours.usageKeys(order),
    },
  };
}

/** The peers' verdict functions for a request. Each has given the right verdicts before it is returned. */
async function verdicts(name) {
  if (!VERDICTS.includes(name)) return {};
  const facts = factsOf(workloads[name]);
  const calls = {};
  for (const [peer, decide] of Object.entries(peers())) {
    for (const fact of facts) {
      assert.equal(await decide(fact), name !== "reject", `${peer}: ${name}`);
      for (const other of refusals(fact)) assert.equal(await decide(other), false, `${peer}: ${JSON.stringify(other)}`);
    }
    calls[peer] =
      facts.length === 1
        ? () => decide(facts[0])
        : async () => {
            for (const fact of facts) {
              const answer = decide(fact);
              if (!(answer instanceof Promise ? await answer : answer)) return false;
            }
            return true;
          };
  }
  return calls;
}

async function measure(name) {
  const { whole, keys } = contestants(workloads[name]);
  const peers = await verdicts(name);
  const expected = JSON.stringify(hand.validateRedemption(workloads[name]));
  for (const [who, call] of Object.entries(whole))
    assert.equal(who.includes("text") ? call() : JSON.stringify(call()), expected, who);
  const listed = JSON.stringify(hand.usageKeys(workloads[name]));
  for (const [who, call] of Object.entries(keys)) assert.equal(JSON.stringify(call()), listed, who);
  const times = await race({ ...whole, ...keys, ...peers }, { rounds: ROUNDS, ms: MS });
  return Object.keys(times).map((who) => ({
    who,
    us: round(median(times[who])),
    to_hand: ratio(times, who, HAND),
    to_prepared: ratio(times, who, PREPARED),
    ...(who in keys && { to_keys: ratio(times, who, "by hand, usageKeys") }),
    answers: who in whole ? "whole" : who in keys ? "keys" : "verdict",
  }));
}

const only = process.argv[2];
if (only) {
  process.stdout.write(JSON.stringify(await measure(only)));
} else {
  const seen = check({
    decide: [
      hand.validateRedemption,
      prepared(hand.Rules, "validateRedemption"),
      redeemable.validateRedemption,
      prepared(redeemable.PreparedRules, "validateRedemption"),
    ],
    keys: [
      hand.usageKeys,
      prepared(hand.Rules, "usageKeys"),
      redeemable.usageKeys,
      prepared(redeemable.PreparedRules, "usageKeys"),
    ],
  });
  console.log(
    `Node ${process.version}, ${cpus()[0].model}, ${cpus().length} cores; by hand and by the engine the same on ` +
      `${seen.get("accepted")} orders accepted and ${seen.get("rejected")} rejected, and as many with a mistake`,
  );
  const decisions = {};
  for (const name of (process.env.ONLY ?? Object.keys(workloads).join()).split(",")) {
    const rows = inOwnProcess(name);
    decisions[name] = rows;
    console.log(
      `\n${TITLES[name]}`.padEnd(48) + "µs".padStart(12) + "to hand".padStart(12) + "to prepared".padStart(14),
    );
    for (const row of rows) {
      const note = { whole: "", keys: "", verdict: " (verdict only)" }[row.answers];
      console.log(
        (row.who + note).padEnd(48) +
          String(row.us).padStart(12) +
          `${row.to_hand}`.padStart(12) +
          `${row.to_prepared}`.padStart(14),
      );
    }
  }
  const require = createRequire(import.meta.url);
  const versions = Object.fromEntries(
    Object.keys(require("./package.json").devDependencies).map((name) => [name, packageOf(require, name).version]),
  );
  mkdirSync(new URL(".", `file://${OUTPUT}`), { recursive: true });
  writeFileSync(
    OUTPUT,
    `${JSON.stringify(
      {
        node: process.version,
        cpu: cpus()[0].model,
        cpus: cpus().length,
        date: new Date().toISOString().slice(0, 10),
        rounds: ROUNDS,
        ms: MS,
        versions,
        decisions,
      },
      null,
      2,
    )}\n`,
  );
}

/**
 * Runs a workload in a process of its own, again if Node dies. Node 20 may die when it discards optimised code during a
 * call into wasm that returns an object (V8's `DoComputeBuiltinContinuation`). Calls of cedar-wasm return objects;
 * those of this engine return numbers, and tests/js/exports.test.mjs checks this.
 */
function inOwnProcess(name) {
  for (let tries = 1; ; tries += 1) {
    try {
      return JSON.parse(
        execFileSync(process.execPath, [fileURLToPath(import.meta.url), name], {
          stdio: ["ignore", "pipe", "inherit"],
          maxBuffer: 1 << 26,
        }),
      );
    } catch (error) {
      if (error.signal !== "SIGTRAP" || tries === 5) throw error;
      console.log(`bench: Node died in ${name}, which is measured again`);
    }
  }
}

/** Reads a package's package.json from the disk, because a package need not export it. */
function packageOf(require, name) {
  const folder = require.resolve.paths(name).map((path) => `${path}/${name}/package.json`);
  for (const path of folder) {
    try {
      return JSON.parse(readFileSync(path, "utf8"));
    } catch {}
  }
  throw new Error(`${name} is not installed`);
}
