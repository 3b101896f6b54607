// Signals to the processes of servers, and what the system says of them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

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

/** The command line of a process, empty if it is gone. */
export function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** Sends a signal to a process, which may be gone already. */
export const signal = (pid, name) => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
};

export const postmaster = (data) => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);

/** Kills all processes of a PostgreSQL server at once. */
export async function killPostgres(main) {
  // A stopped server cannot start another process while its processes are listed.
  signal(main, "SIGSTOP");
  const all = [...childrenOf(main), main];
  for (const pid of all) signal(pid, "SIGKILL");
  while (all.some((pid) => stateOf(pid)[0] !== "Z")) await pause(1);
}
