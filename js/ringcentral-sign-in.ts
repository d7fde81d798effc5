/** A sign-in whose window the host opens: it gets the address, and brings back the one that it ended on. Loaded when a host asks for it. */
import type { Pending, Show } from "./sign-in-open.js";
import type { Bridge, SignInOptions } from "./widget.js";

type SignIn = (options: SignInOptions, show: Show) => Promise<void>;

export function signIns(bridge: Bridge, post: (type: string, rest: object) => void, failed?: (error: unknown) => void) {
  let newest: AbortController | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let pending: Pending | undefined;

  return {
    begin() {
      newest?.abort();
      const { signal } = (newest = new AbortController());
      // Stands for the window that is somewhere else.
      const popup = { closed: false, location: { replace: (oAuthUri: string) => post("rc-login-popup-notify", { oAuthUri }) }, postMessage() {}, focus() {}, close() {} };
      const there: Show = () => (pending = { popup: popup as unknown as Window });
      // Once the earlier one has ended, which nobody waits for any more.
      ended = ended.then(() => (bridge.signIn as SignIn)({ signal }, there)).catch((error: unknown) => signal.aborted || failed?.(error));
    },
    end(callbackUri: string) {
      let address: URL;
      try {
        address = new URL(callbackUri);
      } catch {
        return;
      }
      // Its origin has to be that of our own redirect address, and its state the one that we made.
      const data = { ...Object.fromEntries(address.searchParams), type: "authframe:sign-in" };
      pending?.hear?.({ source: pending.popup, origin: address.origin, data, stopImmediatePropagation() {} } as unknown as MessageEvent);
    },
  };
}
