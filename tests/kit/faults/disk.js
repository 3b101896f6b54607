// A disk of a few megabytes that can be filled up. Mounting one needs root.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export function tinyDisk(path, size, owner = "root") {
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0700`, "none", path]);
  execFileSync("chown", [owner, path]);
  const close = () => {
    process.off("exit", close);
    execFileSync("umount", ["--lazy", path]);
  };
  // A run that fails leaves no disk behind.
  process.once("exit", close);
  return { path, close };
}

/** Writes until nothing fits any more; what it returns makes room again. */
export function fill(path) {
  const filler = join(path, "filler");
  const file = openSync(filler, "w");
  for (let size = 65536; size >= 1;) {
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
