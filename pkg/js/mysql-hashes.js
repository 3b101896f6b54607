// Keys and persons are found by their SHA-256 on MariaDB and MySQL.

/** Not imported, because a page's bundler would not find it. */
const hashing = globalThis.process?.getBuiltinModule?.("node:crypto");

/** The SHA-256 of a key or a person, in hexadecimal digits. */
function sha256(text) {
  if (!hashing) throw new Error("the store on MariaDB and MySQL needs node:crypto, which this runtime does not have");
  return hashing.createHash("sha256").update(text).digest("hex");
}

export const hashOf = (text) => ({ hash: sha256(text) });
export const hashesOf = (texts) => ({ hashes: JSON.stringify(texts.map(sha256)) });
