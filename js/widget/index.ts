/**
 * The widget's half of authframe: who is signed in, the same in every tab and at every host.
 *
 * @example
 * import { connect } from "authframe";
 * const bridge = await connect({ hosts: ["https://crm.example.com"] });
 * bridge.subscribe(session => render(session));
 * signInButton.onclick = () => bridge.authorize({ account: "ada" });
 */

import { AuthframeError } from "../shared/error.js";
import { isPrerendering, listenToDocument } from "../shared/own-document.js";
import { open } from "./bridge.js";
import { core, init } from "./core/load.js";
import { collectEarlyMessages } from "./early-messages.js";
import { advice, failure } from "./failure.js";
import { type Claim, claim, claimSoon } from "./namespaces.js";
import { wrongOption } from "./option-check.js";
import type { Bridge, ConnectOptions } from "./types.js";

export type * from "../dialect/types.js";
export { AuthframeError, type ErrorCode, type Responsible } from "../shared/error.js";
export type * from "../shared/types.js";
export { init } from "./core/load.js";
export * from "./types.js";

/**
 * Makes a bridge: loads the wasm if need be, reads what other tabs have written, and begins to shake hands. It does not wait for the host:
 * see `onConnection`. In a page that is being prerendered it waits until the page is shown, and for a bridge of the same namespace that is being closed until that is gone.
 *
 * Rejects with `CONFIG_ORIGIN_REQUIRED`, `CONFIG_ORIGIN_INVALID`, `CONFIG_INVALID`, `NAMESPACE_IN_USE`, `HOST_NOT_ALLOWED`, `OPAQUE_ORIGIN`,
 * `ENV_UNSUPPORTED`, `WASM_UNSUPPORTED`, `WASM_BLOCKED_BY_CSP`, `WASM_LOAD_FAILED` or `ABORTED`.
 */
export async function connect(options: ConnectOptions): Promise<Bridge> {
  try {
    return await begin(options);
  } catch (error) {
    // What is meant, in words: only a developer needs them.
    const problem =
      error instanceof AuthframeError && error.code.startsWith("CONFIG_") ? (await advice())?.optionProblem(options) : undefined;
    throw problem ?? error;
  }
}

function requireFit(options: ConnectOptions) {
  const wrong = wrongOption(options);
  if (wrong !== undefined) throw failure("CONFIG_INVALID", `the option ${JSON.stringify(wrong)} cannot be used: connect() says why`);
}

async function begin(options: ConnectOptions): Promise<Bridge> {
  requireWindow();
  requireFit(options);
  const { signal, namespace = "authframe" } = options;
  const early = collectEarlyMessages();
  let taken: Claim | undefined;
  try {
    requireWanted(signal);
    // Loaded meanwhile.
    const loading = init(options.wasm, options);
    loading.catch(() => {});
    taken = await claimSoon(namespace, signal);
    await wanted(Promise.all([loading, whenShown()]), signal);
    requireWanted(signal);
    return open(core(options)!, options, early.stop(), taken);
  } catch (error) {
    taken?.closed();
    throw error;
  } finally {
    early.stop();
  }
}

function requireWanted(signal: AbortSignal | undefined) {
  if (signal?.aborted) throw failure("ABORTED", "", signal.reason);
}

/** Waits as long as the caller wants the result. */
const wanted = <T>(promise: Promise<T>, signal: AbortSignal | undefined) =>
  new Promise<T>((resolve, reject) => {
    const abort = () => reject(failure("ABORTED", "", signal!.reason));
    signal?.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", abort));
  });

/** A page that is being prerendered is not wanted yet: it asks no server for a token, and shakes no hands. */
async function whenShown() {
  if (isPrerendering()) await new Promise((shown) => listenToDocument("prerenderingchange", shown, { once: true }));
}

/**
 * The same without waiting (not for a prerendered page to be shown either), where the wasm is there already: after `await init()`, or `await init(undefined, options)`.
 * @throws AuthframeError `NOT_INITIALIZED` before that, else as {@link connect}
 */
export function connectSync(options: ConnectOptions): Bridge {
  requireWindow();
  requireFit(options);
  requireWanted(options.signal);
  const create = core(options);
  // Not in failure.ts: `connect` never needs it.
  if (!create) throw new AuthframeError("NOT_INITIALIZED", "the wasm is not there yet: await init() first, or use connect()", "app");
  const taken = claim(options.namespace ?? "authframe");
  try {
    return open(create, options, [], taken);
  } catch (error) {
    taken.closed();
    throw error;
  }
}

function requireWindow() {
  if (typeof window === "undefined") throw failure("ENV_UNSUPPORTED");
}
