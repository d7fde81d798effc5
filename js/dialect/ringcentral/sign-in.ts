/** A sign-in whose window the host opens: it gets the address, and brings back the one that it ended on. Loaded when a host asks for it. */
import { safely } from "../../shared/safely.js";
import type { Pending, Show } from "../../widget/sign-in/open.js";
import type { Bridge, SignInOptions } from "../../widget/types.js";

type SignIn = (options: SignInOptions, show: Show) => Promise<void>;

export class HostSignIns {
  #newest: AbortController | undefined;
  /** When the last one has ended. */
  #ended: Promise<unknown> = Promise.resolve();
  #pending: Pending | undefined;
  /** Of the newest one; `null`: there is no address yet, and nothing that comes back belongs to it. */
  #state: string | null = null;

  constructor(
    private readonly bridge: Bridge,
    private readonly post: (type: string, rest: object) => void,
    private readonly onFailed: ((error: unknown) => void) | undefined,
  ) {}

  begin(): void {
    this.#newest?.abort();
    this.#state = null;
    const newest = new AbortController();
    this.#newest = newest;
    // Once the earlier one has ended, which is not wanted any more.
    this.#ended = this.#ended.then(() => this.#signIn(newest.signal));
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

  async #signIn(signal: AbortSignal): Promise<void> {
    const show: Show = () => {
      this.#pending = { popup: this.#standIn() as unknown as Window };
      return this.#pending;
    };
    try {
      await (this.bridge.signIn as SignIn)({ signal }, show);
    } catch (error) {
      if (!signal.aborted) safely(() => this.onFailed?.(error));
    }
  }

  /** For the window, which is somewhere else. */
  #standIn() {
    const setAddress = (oAuthUri: string) => {
      this.#state = new URL(oAuthUri).searchParams.get("state");
      this.post("rc-login-popup-notify", { oAuthUri });
    };
    return { closed: false, location: { replace: setAddress }, postMessage() {}, focus() {}, close() {} };
  }
}
