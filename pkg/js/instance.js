// One instance of a wasm file of this package, and calls that say so while it is missing.
import { ask } from "./wire.js";

/** `file` is what the errors call it; the functions are those of wasm-bindgen's file beside it. */
export function instance(file, startSync, room) {
  let module = null;
  const loaded = ({ memory }) => {
    module ??= { memory, room, names: new Map() };
  };
  return {
    loaded,

    /** Takes the bytes of the file or a WebAssembly.Module. Once loaded, it does nothing. */
    loadSync(source) {
      try {
        loaded(startSync({ module: source }));
      } catch (cause) {
        if (!(cause instanceof TypeError)) throw cause;
        throw new TypeError(`init: expected the bytes of ${file} or a WebAssembly.Module`, { cause });
      }
    },

    call(name, verb, request, read, rules) {
      if (module === null) throw new Error(`${name} was called before init() had loaded the engine`);
      return ask(module, verb, request, read, rules);
    },
  };
}
