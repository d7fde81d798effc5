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
];

/** What is replaced, how often it stands there, and by what. */
const TEXTS = [
  [/, wasm\.__wbindgen_realloc\b/g, 2, ""],
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?\n\}\n/g, 1, ""],
  // Everybody who runs wasm with references has these.
  [/\(typeof FinalizationRegistry === 'undefined'\)\n.*\n\s+: /g, 1, ""],
  [/^ {8}__wbg___wbindgen_throw_[0-9a-f]+: function\(.*\) \{\n[^]*?\n {8}\},\n/gm, 1, ""],
  // Of the global object's four names, scripts/prune.mjs leaves one.
  [/^ {8}__wbg_static_accessor_(?:GLOBAL|SELF|WINDOW)_[0-9a-f]+: function\(\) \{\n[^]*?\n {8}\},\n/gm, 3, ""],
  [/const ret = typeof (\w+) === 'undefined' \? undefined : \1;\n\s+return isLikeNone\(ret\) \? 0 : addToExternrefTable0\(ret\);/g, 1, "return addToExternrefTable0(globalThis);"],
];

/** What only the old functions called, what the glue never names, and marks of a program that is to be restarted after a panic. */
export const UNUSED_EXPORTS = ["__wbindgen_realloc", "__wbindgen_free", "__abort_handler", "__instance_terminated"];

export function trim(glue) {
  const functions = FUNCTIONS.map((text) => {
    const [start] = text.match(/^function \w+/);
    return [new RegExp(`^${start}\\([^]*?\\n\\}$`, "gm"), 1, text];
  });
  for (const [pattern, times, text] of [...functions, ...TEXTS]) {
    const found = glue.match(pattern)?.length ?? 0;
    if (found !== times) throw new Error(`the glue holds ${pattern} ${found} times, not ${times}: see scripts/trim.mjs`);
    glue = glue.replace(pattern, () => text);
  }
  return glue;
}
