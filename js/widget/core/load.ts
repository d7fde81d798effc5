/** Loads the core, once: the glue and its wasm file. There are three, and a page fetches only what its options need. */

import type { foreign } from "../../dialect/registry.js";
import { initSync, open } from "../../generated/native/authframe.js";
import { AuthframeError } from "../../shared/error.js";
import { advice } from "../failure.js";
import type { ConnectOptions, WasmSource } from "../types.js";
import type { Core, CoreOptions, Sink } from "./core.js";

/** What decides which core is loaded. */
export type Needs = Partial<Pick<ConnectOptions, "credentials" | "hosts" | "unpartitionedStorage">>;
/** What bridges are made with: the core of wasm, and what the dialects of other systems add. */
export interface CoreModule {
  /** Makes a bridge that has not begun and allows no host yet. Throws the code of an error. */
  open(options: CoreOptions, sink: Sink): Core;
  readonly foreign?: typeof foreign;
}

// By kind.
const loading: (Promise<void> | undefined)[] = [];
const loaded: CoreModule[] = [];

/**
 * 0: tokens stay in the tab; 1: they are kept, or the shared record is elsewhere; 2: some host speaks another system's dialect.
 * What is no list of hosts, and no host, is refused by `connect`, not here.
 */
const kind = ({ credentials = "memory", hosts, unpartitionedStorage }: Needs) =>
  // Of a text, the dialect is undefined.
  Array.isArray(hosts) && hosts.some((host: { dialect?: string } | null | undefined) => (host?.dialect ?? "native") !== "native")
    ? 2
    : +(credentials !== "memory" || !!unpartitionedStorage);

/** The core for these options, if it is there. */
export const core = (needs: Needs): CoreModule | undefined => loaded[kind(needs)];

/**
 * Loads the wasm. Optional: `connect` does it too. Every call gets the same promise; after a failure the next call tries again.
 *
 * Rejects with `WASM_UNSUPPORTED` (the browser has none), `WASM_BLOCKED_BY_CSP` or `WASM_LOAD_FAILED`; their texts say what came and what to do. A browser may remember until the next reload that it could not load a script (here
 * `core-credentials.js` or `core-all.js`); the wasm file is asked for again.
 *
 * @param source where it comes from, if not from beside this module
 * @param needs the options of the `connect` that follows: with a dialect in `hosts` it is `authframe-all.wasm`, else with `credentials` other than
 * `"memory"` it is `authframe-credentials.wasm`, instead of `authframe.wasm`
 */
export function init(source?: WasmSource, needs: Needs = {}): Promise<void> {
  const which = kind(needs);
  // A server that never answers is not waited for for ever, and the next call asks again.
  loading[which] ??= within(LONGEST_LOADING, load(which, source)).catch(async (error: unknown) => {
    loading[which] = undefined;
    throw await explained(error);
  });
  return loading[which];
}

/** How long it may take, in milliseconds. */
const LONGEST_LOADING = 60_000;

const within = <T>(millis: number, promise: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`it took longer than ${millis} ms`)), millis);
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });

/** Where no wasm may run, whatever went wrong before is not the cause. */
async function explained(error: unknown): Promise<unknown> {
  const words = await advice();
  if (!words) return new AuthframeError("WASM_LOAD_FAILED", `A file of authframe could not be loaded (${error})`, "network", error);
  return words.obstacle() ?? (isTyped(error) ? error : words.failed(`The core did not start (${error})`, error));
}

/** By its name: of an index.js that was imported with a query in its address, advice.js has another copy of the class. */
const isTyped = (error: unknown) => error instanceof Error && error.name === "AuthframeError";

async function load(which: number, source?: WasmSource): Promise<void> {
  source ??=
    which > 1
      ? new URL("./authframe-all.wasm", import.meta.url)
      : which
        ? new URL("./authframe-credentials.wasm", import.meta.url)
        : new URL("./authframe.wasm", import.meta.url);
  const [core, module] = await Promise.all([
    which > 1
      ? script("core-all.js", import("./all.js"))
      : which
        ? script("core-credentials.js", import("./credentials.js"))
        : { initSync, open },
    compile(source),
  ]);
  try {
    core.initSync({ module });
  } catch (cause) {
    throw (await import("../advice.js")).failed(
      `The wasm file does not fit its script (${cause}): it is of another version, or for other options`,
      cause,
    );
  }
  loaded[which] = core;
}

/** The fast path, which compiles what still comes in. Whatever it dislikes, `wasm.ts` (part of ../advice.ts) looks at the bytes, and says what is wrong if anything is. */
async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  // What is missing, ../advice.ts says; nothing is fetched for it.
  if (typeof WebAssembly === "undefined") throw new Error("there is no WebAssembly");
  let spare = source;
  try {
    const given: unknown = await (typeof source === "string" || source instanceof URL ? fetch(source) : source);
    if (given instanceof WebAssembly.Module) return given;
    if (given instanceof Response) {
      spare = given.clone();
      if (given.ok) return await WebAssembly.compileStreaming(given);
    }
  } catch {
    // Looked into below.
  }
  return (await import("../advice.js")).compile(spare);
}

const script = <T>(name: string, coming: Promise<T>): Promise<T> =>
  coming.catch(async (cause: unknown) => {
    throw (await import("../advice.js")).failed(`${name}, which stands beside index.js, could not be loaded (${cause})`, cause);
  });
