// One instance of a wasm file of this package, made once: by `init`, or by the first call if an entry carries the file.
import { ask } from "./wire.js";

/** `file` is the wasm file's name, for errors. `startSync` and `room` come from wasm-bindgen's file beside it. */
export function instance(file, startSync, room) {
  let module = null;
  let carried = null;
  const loaded = ({ memory }) => {
    module ??= { memory, room, names: new Map() };
  };
  /** `source` is the bytes of the file, or a WebAssembly.Module. A second call changes nothing. */
  const loadSync = (source) => {
    try {
      // Next's edge runtime compiles modules in another realm. wasm-bindgen wants `instanceof` to know a module.
      if (source?.[Symbol.toStringTag] === "WebAssembly.Module")
        Object.setPrototypeOf(source, WebAssembly.Module.prototype);
      loaded(startSync({ module: source }));
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new TypeError(`init: expected the bytes of ${file} or a WebAssembly.Module`, { cause });
    }
  };
  return {
    loaded,
    loadSync,

    /** Keeps what gives the file, and returns what loads it. An instance that a host has made with `init` stays. */
    carry(source) {
      carried = () => {
        if (module === null) loadSync(source());
      };
      return carried;
    },

    call(name, verb, request, read, rules) {
      if (module === null) carried?.();
      if (module === null) throw new Error(`${name} was called before init() had loaded the engine`);
      return ask(module, verb, request, read, rules);
    },
  };
}
