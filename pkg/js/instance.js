// One instance of a wasm file of this package. A call before the file is loaded throws an error that says so.
import { ask } from "./wire.js";

/** `file` is the wasm file's name, for errors. `startSync` and `room` come from wasm-bindgen's file beside it. */
export function instance(file, startSync, room) {
  let module = null;
  const loaded = ({ memory }) => {
    module ??= { memory, room, names: new Map() };
  };
  return {
    loaded,

    /** `source` is the bytes of the file, or a WebAssembly.Module. A second call changes nothing. */
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
