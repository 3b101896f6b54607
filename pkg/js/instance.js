// A wasm file of this package: compiled once, by `init` or, if an entry carries the file, by the first call. All calls
// use one instance of it, until that has become too large: then a new one takes its place.
import { ask } from "./wire.js";
import { forget } from "./wire-answers.js";

/**
 * The memory of an instance never shrinks: a request of 64 MiB needs 464 MiB of it, for good. So an instance with more
 * than this is replaced after the call. The heaviest order that the engine accepts needs 12 MiB.
 */
const LARGE = 32 << 20;

export function wasmFile(name) {
  /** wasm-bindgen would fill a table of JavaScript objects here; no function of ours takes or returns one. */
  const imports = { [`./${name}_bg.js`]: { __wbindgen_init_externref_table() {} } };
  let module;
  let current;
  let carried;
  let loading;
  const use = ({ exports }) => {
    // A copy, because JavaScript engines find a property of the exports themselves more slowly.
    current = { exports: { ...exports }, memory: exports.memory, names: new Map() };
  };

  /** `source`: the bytes of the file or a WebAssembly.Module, also of another realm. A second call changes nothing. */
  function loadSync(source) {
    if (current) return;
    try {
      const compiled = source?.[Symbol.toStringTag] === "WebAssembly.Module" ? source : new WebAssembly.Module(source);
      use(new WebAssembly.Instance(compiled, imports));
      module = compiled;
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new TypeError(`init: expected the bytes of ${name}.wasm or a WebAssembly.Module`, { cause });
    }
  }

  async function begin(compiling) {
    const compiled = await compiling();
    // Not `new WebAssembly.Instance`: older browsers allow that only to a worker.
    const instance = await WebAssembly.instantiate(compiled, imports);
    if (current) return;
    use(instance);
    module = compiled;
  }

  function renew() {
    try {
      use(new WebAssembly.Instance(module, imports));
      forget();
    } catch {
      // There is no memory for a second instance, or the browser allows none here: the first one stays.
    }
  }

  function on(instance, verb, request, read, rules) {
    try {
      return ask(instance, verb, request, read, rules);
    } finally {
      if (instance === current && instance.octets?.length > LARGE) renew();
    }
  }

  function present(verb) {
    if (!current) carried?.();
    if (!current) throw new Error(`${verb} was called before init() had loaded the engine`);
    return current;
  }

  return {
    loadSync,

    /** Calls `compiling` for the module, once. After it has failed, the next call tries again. */
    async load(compiling) {
      if (current) return;
      loading ??= begin(compiling);
      try {
        await loading;
      } finally {
        loading = undefined;
      }
    },

    /** Keeps what gives the file, and returns what loads it. An instance that a host has made with `init` stays. */
    carry(source) {
      carried = () => {
        if (!current) loadSync(source());
      };
      return carried;
    },

    call: (verb, request, read) => on(present(verb), verb, request, read),
    /** The instance for calls by `verb` now. A call may also be on an older one: rules stay in theirs. */
    present,
    on,
  };
}
