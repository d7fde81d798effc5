/** Which method is offered, and what follows when it was tried. */

import { AuthframeError } from "../shared/error.js";
import { failuresOf } from "../shared/failures.js";
import { report } from "../shared/report.js";
import type { Bridge, ConnectionState, Session } from "../widget/index.js";
import type { Methods, SignInMethod } from "./methods.js";
import type { SignInMethodsTexts } from "./texts.js";
import type { View } from "./view.js";

/** So long the widget's own server may take to accept a user. */
const PATIENCE = 30_000;

export class Controller {
  method: SignInMethod | null = null;
  /** What the method before failed with. */
  failure: AuthframeError | null = null;
  /** Of the attempt that is under way. */
  #attempt: AbortController | null = null;
  #isClosed = false;
  /** Counts the searches for a next method: only the newest one counts. */
  #search = 0;
  readonly #stops: (() => void)[] = [];

  constructor(
    private readonly bridge: Bridge,
    private readonly view: View,
    private readonly methods: Methods,
    private readonly order: readonly SignInMethod[],
    private readonly texts: SignInMethodsTexts,
    private readonly onMethod: ((method: SignInMethod | null, failure: AuthframeError | null) => void) | undefined,
  ) {
    view.button.addEventListener("click", () => {
      this.#press().catch(report);
    });
    view.cancel.addEventListener("click", () => this.#attempt?.abort());
    // Once signed in over there, the user's cookies may come along: from the first method on.
    view.link.addEventListener("click", () => this.#offerFirst(texts.visited));
    this.#stops.push(bridge.subscribe((session) => this.#sessionChanged(session)));
    this.#stops.push(bridge.onConnection((state) => this.#connectionChanged(state)));
    view.show("", this.method, false);
  }

  close(): void {
    this.#isClosed = true;
    this.#attempt?.abort();
    for (const stop of this.#stops) stop();
    this.view.close();
  }

  #sessionChanged({ status }: Session): void {
    if (status === "authorized") {
      this.#attempt = null;
      this.method = null;
      this.failure = null;
      this.view.showDone();
      this.onMethod?.(null, null);
    } else if (status === "unauthorized" && this.method === null) this.#offerFirst(this.texts.first);
  }

  #connectionChanged(state: ConnectionState): void {
    // Now it is known whether the host can.
    if (state === "connected" && this.method !== null && !this.#attempt && this.failure === null) this.#offerFirst(this.texts.first);
    if (state === "closed") this.close();
  }

  #offerFirst(message: string): void {
    this.#offerNext(null, message, null).catch(report);
  }

  /** The next method that can work after this one; beyond the last it begins anew. */
  async #offerNext(after: SignInMethod | null, message: string, reason: AuthframeError | null): Promise<void> {
    this.#search++;
    const search = this.#search;
    const from = after === null ? 0 : this.order.indexOf(after) + 1;
    for (const method of [...this.order.slice(from), ...this.order.slice(0, from)]) {
      const isPossible = await this.methods.isPossible(method);
      if (search !== this.#search || this.#isClosed || this.bridge.session.status === "authorized") return;
      if (isPossible) {
        this.#offer(method, method === after ? this.texts.again : message, reason);
        return;
      }
    }
    // None can: then the same again, or else to say so is all there is.
    if (after) this.#offer(after, this.texts.again, reason);
    else this.view.show(message, this.method, this.#attempt !== null);
  }

  #offer(method: SignInMethod, message: string, reason: AuthframeError | null): void {
    if (this.#isClosed) return;
    this.method = method;
    this.failure = reason;
    this.view.show(message, method, this.#attempt !== null);
    this.onMethod?.(method, reason);
  }

  async #press(): Promise<void> {
    const { method } = this;
    if (!method || method === "link" || this.#attempt) return;
    const attempt = new AbortController();
    this.#attempt = attempt;
    // What asks the browser has to ask now.
    const going = this.methods.attempt(method, attempt.signal);
    const cancelled = new Promise<never>((_, reject) =>
      attempt.signal.addEventListener("abort", () => reject(failure("SIGN_IN_CANCELLED"))),
    );
    this.view.show(this.texts.waiting, method, true);
    try {
      const hasUser = await Promise.race([going, cancelled]);
      if (hasUser) await Promise.race([authorized(this.bridge), cancelled]);
      this.#attempt = null;
      if (!hasUser) await this.#offerNext(method, this.texts.unknown, null);
    } catch (error) {
      this.#attempt = null;
      await this.#failed(method, error instanceof AuthframeError ? error : failure("SIGN_IN_FAILED", error));
    }
  }

  async #failed(method: SignInMethod, reason: AuthframeError): Promise<void> {
    // Users who changed their mind may change it again; what failed is not offered at once.
    if (reason.code === "SIGN_IN_CANCELLED") this.#offer(method, this.texts.cancelled, reason);
    else await this.#offerNext(method, reason.code === "SIGN_IN_BLOCKED" ? this.texts.blocked : this.texts.failed, reason);
  }
}

/** A user was named, or has come back: whether the widget's own server accepts them shows in the session. */
const authorized = (bridge: Bridge): Promise<void> =>
  new Promise((resolve, reject) => {
    let hasBegun = false;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      queueMicrotask(() => stop());
      settle();
    };
    const fail = () => reject(failure("SIGN_IN_FAILED"));
    const timer = setTimeout(() => end(fail), PATIENCE);
    const stop = bridge.subscribe(({ status }) => {
      if (status === "authorized") end(resolve);
      else if (status === "authorizing") hasBegun = true;
      else if (hasBegun && status === "unauthorized") end(fail);
    });
  });

const failure = failuresOf({
  SIGN_IN_CANCELLED: ["user", "the user pressed Cancel"],
  SIGN_IN_FAILED: ["network", "it did not end with a signed-in user: see cause, if there is one, and what the widget's acquire answered"],
});
