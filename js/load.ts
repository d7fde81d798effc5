/** Loads the wasm, once. */
import { AuthframeError } from "./error.js";
import { initSync } from "./generated/authframe.js";
import type { WasmSource } from "./widget.js";

// The smallest module there is.
const EMPTY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

let loading: Promise<void> | undefined;
let loaded = false;

/** Whether the wasm is there. */
export const initialized = () => loaded;

/**
 * Loads the wasm. Optional: `connect` does it too. Every call gets the same promise; after a failure the next call tries again.
 *
 * Rejects with `WASM_BLOCKED_BY_CSP` or `WASM_LOAD_FAILED`.
 */
export function init(source: WasmSource = new URL("./authframe.wasm", import.meta.url)): Promise<void> {
  loading ??= load(source).catch((error: unknown) => {
    loading = undefined;
    throw failure(error);
  });
  return loading;
}

async function load(source: WasmSource): Promise<void> {
  const found = typeof source === "string" || source instanceof URL ? await fetch(source) : await source;
  initSync({ module: found instanceof WebAssembly.Module ? found : await compile(found) });
  loaded = true;
}

async function compile(response: Response | BufferSource): Promise<WebAssembly.Module> {
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
    return new AuthframeError("WASM_BLOCKED_BY_CSP", "add 'wasm-unsafe-eval' to the script-src of the widget page", "app", cause);
  }
  return new AuthframeError("WASM_LOAD_FAILED", "check that authframe.wasm is served, or pass its address to init()", "network", cause);
}
