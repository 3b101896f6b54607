// Fetches a wasm file, for the entries for pages.

/** The file, compiled while it arrives if the server gives it the type with which browsers do that. */
export async function downloaded(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`init: ${url} answers ${response.status} ${response.statusText}`);
  return WebAssembly.compileStreaming && response.headers.get("Content-Type") === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
