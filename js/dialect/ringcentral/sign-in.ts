/** A sign-in whose window the host opens: it gets the address, and brings back the one that it ended on. Loaded when the first one is wanted. */
import { safely } from "../../shared/safely.js";
import type { Pending, Show } from "../../widget/sign-in/open.js";
import type { SignInOptions } from "../../widget/types.js";
import type { Below } from "../contract.js";

export class HostSignIns {
  #newest: AbortController | undefined;
  /** When the last one has ended. */
  #ended: Promise<unknown> = Promise.resolve();
  #pending: Pending | undefined;
  /** Of the newest one; `null`: there is no address yet, and nothing that comes back belongs to it. */
  #state: string | null = null;

  constructor(
    private readonly below: Below,
    private readonly post: (type: string, rest: object) => void,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  /** The host asks for one. The application learns how it fails, but not of one that a newer one takes the place of. */
  beginForHost(): void {
    const result = this.begin();
    const newest = this.#newest;
    result.catch((error: unknown) => {
      if (newest === this.#newest) safely(() => this.onFailed(error));
    });
  }

  /** The window of an earlier one may be lost, and no one can say: that one is cancelled. Rejects as `bridge.signIn` does. */
  begin(options: SignInOptions = {}): Promise<void> {
    this.#newest?.abort();
    this.#state = null;
    const newest = new AbortController();
    this.#newest = newest;
    const cancel = () => newest.abort();
    const { signal } = options;
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel);
    // Once the earlier one has ended.
    const result = this.#ended
      .then(() => this.below.signIn({ ...options, signal: newest.signal }, this.#show))
      .finally(() => signal?.removeEventListener("abort", cancel));
    this.#ended = result.catch(() => {});
    return result;
  }

  /** @param callbackUri the address that the host's window has ended on */
  end(callbackUri: string): void {
    let address: URL;
    try {
      address = new URL(callbackUri);
    } catch {
      return;
    }
    // Else it is an earlier window's, or made up. Its origin has to be that of our own redirect address as well.
    if (this.#state === null || address.searchParams.get("state") !== this.#state) return;
    const data = { ...Object.fromEntries(address.searchParams), type: "authframe:sign-in" };
    const event = { source: this.#pending?.popup, origin: address.origin, data, stopImmediatePropagation() {} };
    this.#pending?.receive?.(event as unknown as MessageEvent);
  }

  readonly #show: Show = () => {
    this.#pending = { popup: this.#standIn() as unknown as Window };
    return this.#pending;
  };

  /** For the window, which is somewhere else. */
  #standIn() {
    const setAddress = (oAuthUri: string) => {
      this.#state = new URL(oAuthUri).searchParams.get("state");
      this.post("rc-login-popup-notify", { oAuthUri });
    };
    return { closed: false, location: { replace: setAddress }, postMessage() {}, focus() {}, close() {} };
  }
}
