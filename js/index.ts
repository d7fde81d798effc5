/**
 * The widget's half of authframe: who is signed in, the same in every tab and at every host.
 *
 * @example
 * import { connect } from "authframe";
 * const bridge = await connect({ hosts: ["https://crm.example.com"] });
 * bridge.subscribe(session => render(session));
 * signInButton.onclick = () => bridge.authorize({ account: "ada" });
 */
import { open } from "./bridge.js";
import { listenEarly } from "./early.js";
import { AuthframeError } from "./error.js";
import { failure } from "./failure.js";
import { core, init } from "./load.js";
import type { Bridge, ConnectOptions } from "./widget.js";

export { AuthframeError, type ErrorCode, type Fault } from "./error.js";
export { init } from "./load.js";
export type * from "./types.js";
export * from "./widget.js";

/**
 * Makes a bridge: loads the wasm if need be, reads what other tabs have written, and begins to shake hands. It does not wait for the host:
 * see `onConnection`. In a page that is being prerendered it waits until the page is shown.
 *
 * Rejects with `CONFIG_ORIGIN_REQUIRED`, `CONFIG_ORIGIN_INVALID`, `CONFIG_INVALID`, `NAMESPACE_IN_USE`, `HOST_NOT_ALLOWED`, `OPAQUE_ORIGIN`,
 * `ENV_UNSUPPORTED`, `WASM_BLOCKED_BY_CSP` or `WASM_LOAD_FAILED`.
 */
export async function connect(options: ConnectOptions): Promise<Bridge> {
  requireWindow();
  const early = listenEarly();
  try {
    await init(options.wasm, options);
    // Nobody has asked for this page yet: it asks nobody for a token, and shakes no hands.
    if ((document as { prerendering?: boolean }).prerendering) await new Promise(shown => document.addEventListener("prerenderingchange", shown));
    return open(core(options)!, options, early.stop());
  } finally {
    early.stop();
  }
}

/**
 * The same without waiting (not for a prerendered page to be shown either), where the wasm is there already: after `await init()`, or `await init(undefined, options)`.
 * @throws AuthframeError `NOT_INITIALIZED` before that, else as {@link connect}
 */
export function connectSync(options: ConnectOptions): Bridge {
  requireWindow();
  const create = core(options);
  // Not in failure.ts: whoever uses `connect` does not carry it.
  if (!create) throw new AuthframeError("NOT_INITIALIZED", "await init() first, or use connect()", "app");
  return open(create, options, []);
}

function requireWindow() {
  if (typeof window === "undefined") throw failure("ENV_UNSUPPORTED");
}
