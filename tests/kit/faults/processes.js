// Signals to the processes of servers, and what the system says of them.
import { readFileSync, readdirSync } from "node:fs";

/** `[state, parent]` of a process. A process that is gone counts as dead ("Z"), like one that waits to be reaped. */
export function stateOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return ["Z"];
  }
}

export const childrenOf = (main) =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(stateOf(pid)[1]) === main)
    .map(Number);

/** Sends a signal to a process, which may be gone already. */
export const signal = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
};
