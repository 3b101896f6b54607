// The fault that a host loses the answer to its COMMIT, through the proxy of proxy.js.
import { setTimeout as pause } from "node:timers/promises";

/** Cuts connections at a COMMIT, until orders were found sold when they were sent again. */
export async function loseAnswers(wire, { over, until, seen }, { random }) {
  for (let cuts = wire.cuts; !over() && !(seen.replay > 1); cuts = wire.cuts) {
    wire.cutAt("COMMIT");
    await until(() => wire.cuts > cuts);
    await pause(random() * 10);
  }
  wire.cutAt(null);
  return seen.replay;
}
