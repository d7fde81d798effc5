// Takes out of wasm-bindgen's glue what it does for programs and browsers that are not ours. Every replacement must find what it replaces: a
// version of wasm-bindgen that writes something else fails the build.

/** Whole functions of the glue, by their names. */
const FUNCTIONS = [
  // js/load.ts calls it once, with a compiled module.
  `function initSync({ module }) {
    wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
}`,
  // No room to spare that is given back afterwards. A loop, because for short plain texts the encoder is ten times slower.
  `function passStringToWasm0(arg, malloc) {
    const bytes = /[^\\0-\\x7f]/.test(arg) && cachedTextEncoder.encode(arg);
    const len = WASM_VECTOR_LEN = (bytes || arg).length;
    const ptr = malloc(len, 1) >>> 0;
    const mem = getUint8ArrayMemory0();
    if (bytes) mem.set(bytes, ptr);
    else for (let at = 0; at < len; at++) mem[ptr + at] = arg.charCodeAt(at);
    return ptr;
}`,
  `function getDataViewMemory0() {
    if (cachedDataViewMemory0?.buffer !== wasm.memory.buffer) cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
    return cachedDataViewMemory0;
}`,
  // Safari's decoder refuses to go on after two gigabytes in all. What it throws must not reach the wasm: the session would stay borrowed.
  `function decodeText(bytes) {
    try {
        return cachedTextDecoder.decode(bytes);
    } catch {
        cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
        return cachedTextDecoder.decode(bytes);
    }
}`,
  // Both kinds of closures in one: \`mut\` is not entered a second time from within itself.
  `function makeClosure(arg0, arg1, f, mut) {
    const state = { a: arg0, b: arg1, cnt: 1 };
    const real = (...args) => {
        const { a } = state;
        state.cnt++;
        if (mut) state.a = 0;
        try {
            return f(a, state.b, ...args);
        } finally {
            state.a = a;
            real._wbg_cb_unref();
        }
    };
    real._wbg_cb_unref = () => {
        if (--state.cnt === 0) {
            wasm.__wbindgen_destroy_closure(state.a, state.b);
            state.a = 0;
            CLOSURE_DTORS.unregister(state);
        }
    };
    CLOSURE_DTORS.register(real, state, state);
    return real;
}`,
  `function makeMutClosure(arg0, arg1, f) {
    return makeClosure(arg0, arg1, f, true);
}`,
];

/** What is replaced, how often it stands there (`null`: once or more), and by what. */
const TEXTS = [
  [/, wasm\.__wbindgen_realloc\b/g, 2, ""],
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?\n\}\n/g, 1, ""],
  // Everybody who runs wasm with references has these.
  [/\(typeof FinalizationRegistry === 'undefined'\)\n.*\n\s+: /g, 1, ""],
  [/let (cachedTextDecoder = .*\n).*\n.*MAX_SAFARI_DECODE_BYTES = .*\nlet numBytesDecoded = 0;\n/g, 1, "let $1"],
  // What is called this way does not throw: listeners are added and removed, and storage is asked for only where it was found before (src/browser/storage.rs).
  [/function\(\) \{ return handleError\((function \([^]*?\n {8}\}), arguments\); \},/g, 4, "$1,"],
  [/^function handleError\([^]*?\n\}\n/gm, 1, ""],
  // js/index.ts has looked.
  [/let result;\n\s+try \{\n\s+result = arg0 instanceof Window;[^]*?return ret;/g, 1, "return true;"],
  // Places in a memory of far less than two gigabytes, and small numbers: none looks negative to JavaScript.
  [/(arg\d) >>> 0/g, null, "$1"],
  [/\((arg0)\) \+ 4 \* 0/g, null, "$1"],
  [/\((arg0)\) \+ 4 \* 1/g, null, "$1 + 4"],
  [/^ {4}ptr = ptr >>> 0;\n/gm, null, ""],
  [/ \/ 1\b/g, 2, ""],
  [/^ {8}__wbg___wbindgen_throw_[0-9a-f]+: function\(.*\) \{\n[^]*?\n {8}\},\n/gm, 1, ""],
  // Of the global object's four names, scripts/prune.mjs leaves one.
  [/^ {8}__wbg_static_accessor_(?:GLOBAL|SELF|WINDOW)_[0-9a-f]+: function\(\) \{\n[^]*?\n {8}\},\n/gm, 3, ""],
  [/const ret = typeof (\w+) === 'undefined' \? undefined : \1;\n\s+return isLikeNone\(ret\) \? 0 : addToExternrefTable0\(ret\);/g, 1, "return addToExternrefTable0(globalThis);"],
];

/** What only the old functions called, what the glue never names, and marks of a program that is to be restarted after a panic. */
export const UNUSED_EXPORTS = ["__wbindgen_realloc", "__wbindgen_free", "__abort_handler", "__instance_terminated", "__wbindgen_exn_store"];

export function trim(glue) {
  const functions = FUNCTIONS.map((text) => {
    const [start] = text.match(/^function \w+/);
    return [new RegExp(`^${start}\\([^]*?\\n\\}$`, "gm"), 1, text];
  });
  for (const [pattern, times, text] of [...functions, ...TEXTS]) {
    const found = glue.match(pattern)?.length ?? 0;
    if (found === 0 || found !== (times ?? found)) throw new Error(`the glue holds ${pattern} ${found} times, not ${times ?? 1}: see scripts/trim.mjs`);
    glue = glue.replace(pattern, (_, kept) => text.replace("$1", kept));
  }
  return glue;
}
