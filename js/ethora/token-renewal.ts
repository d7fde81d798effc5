/** Asks the host for its token again, where the widget's session has come to its end or the API did not answer. */
import { isAcquireFailure } from "../shared/reasons.js";
import type { Bridge, ConnectionState, Reason, Session } from "../widget/index.js";
import type { ApiFailure } from "./failures.js";

/** The host is not asked more often by itself. */
const PAUSE = 30_000;
/** What was kept has come to its end: the host may have another token. */
const ENDED: readonly Reason[] = ["refused", "expired", "refresh-outcome-unknown", "credential-lost"];

export class TokenRenewal {
  #before: Session["status"] = "unknown";
  #askedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #online = () => this.#askLater(0);

  constructor(
    private readonly bridge: Bridge,
    private readonly failure: ApiFailure,
  ) {}

  start(): void {
    const { bridge } = this;
    addEventListener("online", this.#online);
    this.#before = bridge.session.status;
    bridge.subscribe((session) => this.#sessionChanged(session));
    bridge.onConnection((state) => this.#connectionChanged(state));
  }

  #sessionChanged(session: Session): void {
    const { status, reason, writer } = session;
    const { bridge, failure } = this;
    // One tab asks.
    const ended = this.#before === "authorized" && writer === bridge.id && ENDED.includes(reason);
    const code = failure.value?.code;
    const isTooOld = this.#before === "authorizing" && (code === "JWT_EXPIRED" || code === "ETHORA_UNAUTHORIZED");
    this.#before = status;
    if (status === "unauthorized" && (ended || isTooOld)) this.#ask();
    // A user who has signed out is not brought back.
    if (status === "unauthorized" && !this.#waitsForApi(session) && failure.isOutage) failure.clear();
    this.#askLater();
  }

  #connectionChanged(state: ConnectionState): void {
    if (state !== "closed") return;
    clearTimeout(this.#timer);
    removeEventListener("online", this.#online);
  }

  /** No user has signed out: the core has waited half a minute for the API. */
  #waitsForApi({ status, reason }: Session): boolean {
    return status === "unauthorized" && isAcquireFailure(reason) && this.failure.isOutage;
  }

  /** The host may know who it is although the API did not, or not yet. */
  #ask(): void {
    const now = performance.now();
    if (now - this.#askedAt < PAUSE) return;
    this.#askedAt = now;
    this.bridge.requestSignIn().catch(() => {});
  }

  #askLater(wait = PAUSE): void {
    clearTimeout(this.#timer);
    if (!this.#waitsForApi(this.bridge.session) || this.bridge.connection === "closed") return;
    this.#timer = setTimeout(() => {
      this.#ask();
      this.#askLater();
    }, wait);
  }
}
