// Takes out of the wasm what nobody calls, but what wasm-opt must keep, with all that it calls, because it stands in the table or is exported.
import { UNUSED_EXPORTS } from "./trim.mjs";
import { CODE, CUSTOM, DATA, ELEMENTS, EXPORT, IMPORT, leb, Reader, rewrite, sections } from "./wasm-file.mjs";

/** What only wasm-bindgen needed to describe the program, and a part of js-sys. JavaScript calls into closures by exports, never through the table; tasks for JSPI exist only in a program with `#[wasm_bindgen(jspi)]`. */
const UNUSED = [/^wasm_bindgen::convert::closures::.*::invoke::/, /^js_sys::futures::jspi::/, /^js_sys::global::get_global_object::\w+::init/, / -> Externref$/, / as core(\[\w+\])?::(fmt::Display|panic::PanicPayload)>::/];
/** Stands in their place. It has neither argument nor result, so a call that expects a real entry would trap. */
const NOTHING = /^__wbindgen_skip_interpret_calls$/;

/**
 * Where a panic ends up, and what wasm-bindgen throws for a broken promise of our own: storage that is gone once it was reached, a closure called after its
 * end or from within itself. Either only has to stop the call, as `unreachable` does: no text, no count of panics, no hook.
 */
const PANICS = [
  /^core(\[\w+\])?::panicking::panic(_fmt)?$/,
  /^core(\[\w+\])?::cell::panic_already_mutably_borrowed$/,
  /^alloc(\[\w+\])?::raw_vec::(handle_error|capacity_overflow)$/,
  /^alloc(\[\w+\])?::alloc::handle_alloc_error$/,
  /^wasm_bindgen::throw_str::/,
];
/** No locals; `unreachable`. */
const STOP = [0, 0x00, 0x0b];

/** js-sys looks for the global object under four names, and web-sys for the window there. Whoever runs wasm with references has `globalThis`. */
const GLOBAL = /^js_sys::global::get_global_object::h\w+$/;
const GLOBAL_THIS = /::__wbg_static_accessor_GLOBAL_THIS_/;

/** What the standard library says, and where, when it panics. On this target it says it to nobody: the instance just stops. */
const PANIC_TEXTS = [
  /(?:\/rustc\/|cargo\/registry\/)[\w/.-]+\.rs/g,
  /Attempted to initialize thread-local while it is being dropped/g,
  /LazyCell instance has previously been poisoned/g,
  /RefCell already (?:mutably )?borrowed/g,
  /called `Result::unwrap(?:_throw)?\(\)` on an `Err` value/g,
  /no windowfailed to get local_storageno local storagefailed to get session_storageno session storageclosure invoked recursively or after being dropped/g,
  /internal error: entered unreachable code/g,
  /capacity overflow|LayoutError|Tried to shrink to a larger capacity/g,
];

/** @param {Uint8Array} wasm as wasm-bindgen wrote it, with the names of its functions */
export function prune(wasm) {
  const names = functionNames(wasm);
  const find = (pattern) => [...names.keys()].find((index) => pattern.test(names.get(index)));
  const nothing = find(NOTHING);
  const globalThis = find(GLOBAL_THIS);
  const parts = [wasm.subarray(0, 8)];
  let pruned = 0;
  let stopped = 0;
  let global = false;
  // Functions are counted through imports and code.
  let place = importedFunctions(wasm);
  for (const { id, body } of sections(wasm)) {
    let next = body;
    if (id === ELEMENTS) next = rewrite(body, (reader, out) => {
      out.bytes(reader.elementKind());
      const count = reader.number();
      out.number(count);
      for (let left = count; left > 0; left--) {
        const index = reader.number();
        const unused = UNUSED.some((pattern) => pattern.test(names.get(index)));
        out.number(unused ? nothing : index);
        pruned += unused;
      }
    });
    if (id === EXPORT) next = rewrite(body, (reader, out) => {
      const start = reader.at;
      const unused = UNUSED_EXPORTS.includes(reader.text());
      reader.exportKind();
      if (unused) return false;
      out.bytes(reader.since(start));
    });
    if (id === CODE) next = rewrite(body, (reader, out) => {
      const length = reader.number();
      reader.at += length;
      const name = names.get(place++);
      let code = body.subarray(reader.at - length, reader.at);
      if (PANICS.some((pattern) => pattern.test(name))) {
        code = Uint8Array.from(STOP);
        stopped++;
      } else if (GLOBAL.test(name)) {
        // No locals; `call`.
        code = Uint8Array.of(0, 0x10, ...leb(globalThis), 0x0b);
        global = true;
      }
      out.number(code.length);
      out.bytes(code);
    });
    if (id === DATA) next = blank(body);
    parts.push(Uint8Array.of(id), leb(next.length), next);
  }
  if (nothing === undefined || pruned === 0) throw new Error("the table of the wasm does not hold what scripts/prune.mjs looks for");
  if (stopped === 0) throw new Error("the wasm does not panic where scripts/prune.mjs expects it");
  if (!global || globalThis === undefined) throw new Error("js-sys does not look for the global object where scripts/prune.mjs expects it");
  return Buffer.concat(parts);
}

/** The same length, so that nothing moves; zeros, which weigh nothing once compressed. */
function blank(data) {
  let text = Buffer.from(data).toString("latin1");
  for (const pattern of PANIC_TEXTS) text = text.replace(pattern, (found) => "\0".repeat(found.length));
  return Buffer.from(text, "latin1");
}

function importedFunctions(wasm) {
  let functions = 0;
  for (const { id, body } of sections(wasm)) {
    if (id === IMPORT) rewrite(body, (reader) => {
      reader.text();
      reader.text();
      const [kind] = reader.importKind();
      functions += kind === 0;
    });
  }
  return functions;
}

function functionNames(wasm) {
  const names = new Map();
  for (const { id, body } of sections(wasm)) {
    const reader = new Reader(body, 0);
    if (id !== CUSTOM || reader.text() !== "name") continue;
    while (reader.at < body.length) {
      const [kind, length] = [reader.number(), reader.number()];
      const end = reader.at + length;
      if (kind === 1) for (let left = reader.number(); left > 0; left--) names.set(reader.number(), reader.text());
      reader.at = end;
    }
  }
  return names;
}
