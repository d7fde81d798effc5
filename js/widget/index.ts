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
import { connectNow, connectWith } from "./connect.js";
import { core, init } from "./core/load.js";
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
export function connect(options: ConnectOptions): Promise<Bridge> {
  return connectWith(async (own) => {
    await init(own.wasm, own);
    return core(own)!;
  }, options);
}

/**
 * The same without waiting (not for a prerendered page to be shown either), where the wasm is there already: after `await init()`, or `await init(undefined, options)`.
 * @throws AuthframeError `NOT_INITIALIZED` before that, else as {@link connect}
 */
export function connectSync(options: ConnectOptions): Bridge {
  return connectNow((own) => {
    const module = core(own);
    // Not in failure.ts: `connect` never needs it.
    if (!module) throw new AuthframeError("NOT_INITIALIZED", "the wasm is not there yet: await init() first, or use connect()", "app");
    return module;
  }, options);
}
