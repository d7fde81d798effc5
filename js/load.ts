/** Loads the core, once: the glue and its wasm file. There are three, and a page fetches only what its options need. */
import { AuthframeError } from "./error.js";
import type { foreign } from "./dialects.js";
import { initSync, open } from "./generated/native/authframe.js";
import type { ConnectOptions, WasmSource } from "./widget.js";

/** What decides which core is loaded. */
export type Needs = Partial<Pick<ConnectOptions, "credentials" | "hosts" | "experimental">>;
/** What bridges are made with: `src/bindings/mod.rs`, and what the dialects of other systems add. */
export interface Core {
  open(namespace: string, channel: string, options: number, sink: object): unknown;
  readonly foreign?: typeof foreign;
}

// The smallest module there is.
const EMPTY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

// By kind.
const loading: (Promise<void> | undefined)[] = [];
const loaded: Core[] = [];

/** 0: tokens stay in the tab; 1: they are kept, or the register is elsewhere; 2: some host speaks another system's dialect. */
const kind = ({ credentials = "memory", hosts = [], experimental }: Needs) =>
  // Of a text, the dialect is undefined.
  (hosts as readonly { dialect?: string }[]).some(({ dialect = "native" }) => dialect !== "native") ? 2 : +(credentials !== "memory" || !!experimental);

/** The core for these options, if it is there. */
export const core = (needs: Needs): Core | undefined => {
  const found = loaded[kind(needs)];
  return found && (needs.experimental?.(found) ?? found);
};

/**
 * Loads the wasm. Optional: `connect` does it too. Every call gets the same promise; after a failure the next call tries again.
 *
 * Rejects with `WASM_BLOCKED_BY_CSP` or `WASM_LOAD_FAILED`. A browser may remember until the next reload that it could not load a script (here
 * `core-vault.js` or `core-all.js`); the wasm file is asked for again.
 *
 * @param source where it comes from, if not from beside this module
 * @param needs the options of the `connect` that follows: with a dialect in `hosts` it is `authframe-all.wasm`, else with `credentials` other than
 * `"memory"` it is `authframe-vault.wasm`, instead of `authframe.wasm`
 */
export function init(source?: WasmSource, needs: Needs = {}): Promise<void> {
  const which = kind(needs);
  return (loading[which] ??= load(which, source).catch((error: unknown) => {
    loading[which] = undefined;
    throw failure(error);
  }));
}

async function load(which: number, source?: WasmSource): Promise<void> {
  source ??=
    which > 1 ? new URL("./authframe-all.wasm", import.meta.url)
    : which ? new URL("./authframe-vault.wasm", import.meta.url)
    : new URL("./authframe.wasm", import.meta.url);
  const [core, module] = await Promise.all([
    which > 1 ? import("./core-all.js") : which ? import("./core-vault.js") : { initSync, open },
    compile(typeof source === "string" || source instanceof URL ? fetch(source) : source),
  ]);
  core.initSync({ module });
  loaded[which] = core;
}

async function compile(source: Exclude<WasmSource, string | URL>): Promise<WebAssembly.Module> {
  const response = await source;
  if (response instanceof WebAssembly.Module) return response;
  if (!(response instanceof Response)) return WebAssembly.compile(response);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  // Compiling while it streams needs the right MIME type; not every server gives it.
  const streams = response.headers.get("Content-Type")?.startsWith("application/wasm");
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

function failure(cause: unknown): AuthframeError {
  try {
    new WebAssembly.Module(EMPTY);
  } catch {
    return new AuthframeError("WASM_BLOCKED_BY_CSP", "add 'wasm-unsafe-eval' to the widget's script-src", "app", cause);
  }
  return new AuthframeError("WASM_LOAD_FAILED", "serve the wasm file, or pass its address to init()", "network", cause);
}
