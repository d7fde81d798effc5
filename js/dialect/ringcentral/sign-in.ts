/** A sign-in whose window the host opens: it gets the address, and brings back the one that it ended on. Loaded when a host asks for it. */
import type { Pending, Show } from "../../widget/sign-in/open.js";
import type { Bridge, SignInOptions } from "../../widget/types.js";

type SignIn = (options: SignInOptions, show: Show) => Promise<void>;

export function signIns(bridge: Bridge, post: (type: string, rest: object) => void, failed?: (error: unknown) => void) {
  let newest: AbortController | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let pending: Pending | undefined;
  let state: string | null = null;

  return {
    begin() {
      newest?.abort();
      // Until there is an address, nothing that comes back belongs to it.
      state = null;
      const { signal } = (newest = new AbortController());
      // Stands for the window that is somewhere else.
      const popup = {
        closed: false,
        location: {
          replace(oAuthUri: string) {
            state = new URL(oAuthUri).searchParams.get("state");
            post("rc-login-popup-notify", { oAuthUri });
          },
        },
        postMessage() {},
        focus() {},
        close() {},
      };
      const there: Show = () => (pending = { popup: popup as unknown as Window });
      // Once the earlier one has ended, which nobody waits for any more.
      ended = ended
        .then(() => (bridge.signIn as SignIn)({ signal }, there))
        .catch((error: unknown) => {
          try {
            if (!signal.aborted) failed?.(error);
          } catch (own) {
            reportError(own);
          }
        });
    },
    end(callbackUri: string) {
      let address: URL;
      try {
        address = new URL(callbackUri);
      } catch {
        return;
      }
      // An earlier window's, or nobody's. Its origin has to be that of our own redirect address as well.
      if (state === null || address.searchParams.get("state") !== state) return;
      const data = { ...Object.fromEntries(address.searchParams), type: "authframe:sign-in" };
      pending?.hear?.({ source: pending.popup, origin: address.origin, data, stopImmediatePropagation() {} } as unknown as MessageEvent);
    },
  };
}
