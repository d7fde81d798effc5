// Takes out of the wasm what nobody calls, but what wasm-opt must keep, with all that it calls, because it stands in the table or is exported.
import { UNUSED_EXPORTS } from "./trim.mjs";
import { CODE, CUSTOM, DATA, ELEMENTS, EXPORT, IMPORT, leb, Reader, rewrite, sections } from "./wasm-file.mjs";

/** What only wasm-bindgen needed to describe the program, and a part of js-sys. JavaScript calls into closures by exports, never through the table; tasks for JSPI exist only in a program with `#[wasm_bindgen(jspi)]`. */
const UNUSED = [/^wasm_bindgen::convert::closures::.*::invoke::/, /^js_sys::futures::jspi::/, / -> Externref$/, / as core(\[\w+\])?::(fmt::Display|panic::PanicPayload)>::/];
/** Stands in their place. It has neither argument nor result, so a call that expects a real entry would trap. */
const NOTHING = "__wbindgen_skip_interpret_calls";

/** Where a panic ends up. It only has to stop the instance, which needs no text, no count of panics and no hook. */
const PANICS = [
  /^core(\[\w+\])?::panicking::panic(_fmt)?$/,
  /^core(\[\w+\])?::cell::panic_already_mutably_borrowed$/,
  /^alloc(\[\w+\])?::raw_vec::(handle_error|capacity_overflow)$/,
  /^alloc(\[\w+\])?::alloc::handle_alloc_error$/,
];
/** No locals; `unreachable`. */
const STOP = Uint8Array.of(0, 0x00, 0x0b);

/** What the standard library says, and where, when it panics. On this target it says it to nobody: the instance just stops. */
const PANIC_TEXTS = [
  /(?:\/rustc\/|cargo\/registry\/)[\w/.-]+\.rs/g,
  /Attempted to initialize thread-local while it is being dropped/g,
  /LazyCell instance has previously been poisoned/g,
  /RefCell already (?:mutably )?borrowed/g,
  /called `Result::unwrap\(\)` on an `Err` value/g,
  /internal error: entered unreachable code/g,
  /capacity overflow|LayoutError|Tried to shrink to a larger capacity/g,
];

/** @param {Uint8Array} wasm as wasm-bindgen wrote it, with the names of its functions */
export function prune(wasm) {
  const names = functionNames(wasm);
  const nothing = [...names.keys()].find((index) => names.get(index) === NOTHING);
  const parts = [wasm.subarray(0, 8)];
  let pruned = 0;
  let stopped = 0;
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
      const stops = PANICS.some((pattern) => pattern.test(name));
      const code = stops ? STOP : body.subarray(reader.at - length, reader.at);
      stopped += stops;
      out.number(code.length);
      out.bytes(code);
    });
    if (id === DATA) next = blank(body);
    parts.push(Uint8Array.of(id), leb(next.length), next);
  }
  if (nothing === undefined || pruned === 0) throw new Error("the table of the wasm does not hold what scripts/prune.mjs looks for");
  if (stopped === 0) throw new Error("the wasm does not panic where scripts/prune.mjs expects it");
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
