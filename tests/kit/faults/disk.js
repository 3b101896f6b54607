// Mounts a disk of a few megabytes in memory, which a test can fill up.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Mounting needs root or sudo, as scripts/setup does. */
function asRoot(...command) {
  const [file, ...args] = process.getuid() === 0 ? command : ["sudo", ...command];
  try {
    execFileSync(file, args, { stdio: ["inherit", "inherit", "pipe"] });
  } catch (error) {
    throw new Error(`a disk that can be filled up is mounted by root, or with sudo: ${error.message}`);
  }
}

/** Mounts the disk for the user whose number is `owner`. */
export function tinyDisk(path, size, owner = process.getuid()) {
  mkdirSync(path);
  asRoot("mount", "-t", "tmpfs", "-o", `size=${size},mode=0700,uid=${owner}`, "none", path);
  const close = () => {
    process.off("exit", close);
    asRoot("umount", "--lazy", path);
  };
  // The disk is unmounted even if the run fails.
  process.once("exit", close);
  return { path, close };
}

/** Writes until nothing more fits, and returns a function that makes room again. */
export function fill(path) {
  const filler = join(path, "filler");
  const file = openSync(filler, "w");
  for (let size = 65536; size >= 1; ) {
    try {
      writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if (error.code !== "ENOSPC") throw error;
      size = size > 1 ? size >> 4 : 0;
    }
  }
  closeSync(file);
  return () => rmSync(filler);
}
