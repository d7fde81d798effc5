/** Asks the host for its token again, where the widget's session has come to its end, or the token was found too old. What the API does not answer is tried again by the core. */
import type { AuthframeError } from "../shared/error.js";
import { isAcquireFailure } from "../shared/reasons.js";
import type { Bridge, ConnectionState, Reason, Session } from "../widget/index.js";
import type { ApiFailure } from "./failures.js";
import { GrowingPause } from "./growing-pause.js";
import { REST } from "./rest.js";

const LONGEST_REST = 3_600_000;
/** What was kept has come to its end: the host may have another token. */
const ENDED: readonly Reason[] = ["refused", "expired", "refresh-outcome-unknown", "credential-lost"];
/** Another attempt would end in the same way. */
const FINAL: readonly string[] = ["NO_HANDLER", "CLOSED"];

export class TokenRenewal {
  #before: Session["status"] = "unknown";
  #answeredAt = -Infinity;
  #rest = REST;
  /** The epoch of the sign-out that the host is asked about; a later one is another matter. */
  #askedFor: number | undefined;
  #isAsking = false;
  /** Whether the timer is that of a rest, which nothing shortens. */
  #isResting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #pause = new GrowingPause();
  readonly #stop = new AbortController();

  constructor(
    private readonly bridge: Bridge,
    private readonly failure: ApiFailure,
  ) {}

  start(): void {
    const { bridge } = this;
    addEventListener("online", () => this.#hurry(), this.#stop);
    document.addEventListener("visibilitychange", () => this.#hurry(), this.#stop);
    this.#before = bridge.session.status;
    bridge.subscribe((session) => this.#sessionChanged(session));
    bridge.onConnection((state) => this.#connectionChanged(state));
  }

  #sessionChanged({ status, reason, writer, epoch }: Session): void {
    const { bridge, failure } = this;
    // One tab asks.
    const ended = this.#before === "authorized" && writer === bridge.id && ENDED.includes(reason);
    const code = failure.value?.code;
    const isTooOld = this.#before === "authorizing" && (code === "JWT_EXPIRED" || code === "ETHORA_UNAUTHORIZED");
    this.#before = status;
    if (status !== "unauthorized" || epoch !== this.#askedFor) this.#forget();
    if (status !== "unauthorized") return;
    if (ended || isTooOld) this.#begin(epoch);
    // A user who has signed out is not brought back.
    else if (!isAcquireFailure(reason) && failure.isOutage) failure.clear();
  }

  #connectionChanged(state: ConnectionState): void {
    if (state !== "closed") return;
    this.#forget();
    this.#stop.abort();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#askedFor = undefined;
  }

  #begin(epoch: number): void {
    if (this.#askedFor === epoch) return;
    this.#askedFor = epoch;
    this.#pause.reset();
    const lasted = performance.now() - this.#answeredAt;
    if (lasted >= REST) {
      this.#rest = REST;
      void this.#ask();
      return;
    }
    this.#askAgainIn(this.#rest - lasted);
    this.#isResting = true;
    this.#rest = Math.min(LONGEST_REST, this.#rest * 2);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      await this.bridge.requestSignIn();
      this.#answeredAt = performance.now();
      this.#forget();
    } catch (error) {
      if (FINAL.includes((error as AuthframeError).code)) this.#forget();
      this.#askAgainIn(this.#pause.fail());
    } finally {
      this.#isAsking = false;
    }
  }

  /** Unless the session is not what it was asked for any more. */
  #askAgainIn(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isResting = false;
    if (this.#askedFor === undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#ask();
    }, wait);
  }

  /** The network is back, or the page is shown: what waits is tried at once. */
  #hurry(): void {
    if (this.#timer !== undefined && !this.#isResting && document.visibilityState === "visible") this.#askAgainIn(this.#pause.hurry());
  }
}
