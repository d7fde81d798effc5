/** What follows the click of a popup sign-in: docs/sign-in.md. Loaded when it is first needed. */

import { safeAddress } from "../../shared/address.js";
import { AuthframeError } from "../../shared/error.js";
import { failuresOf } from "../../shared/failures.js";
import { unknownKey } from "../../shared/input-check.js";
import { randomHex } from "../../shared/random.js";
import { field, text } from "../../shared/read.js";
import type { Bridge, Grant, PollRequest, SignInOptions } from "../types.js";
import { authorizationParameters, makeProof } from "./authorization.js";
import { SIGN_IN_OPTIONS } from "./option-names.js";
import type { Pending } from "./pending.js";
import { signInProblem } from "./problem.js";

/** How long a sign-in may take, in milliseconds. */
const USUAL_TIMEOUT = 300_000;
/** How often `closed` of the popup is looked at, and how long it has to be so, in milliseconds: what the page posted before it closed has come by then. */
const LOOK_INTERVAL = 150;
const CLOSED_FOR = 600;
/** The pauses between two polls, in milliseconds. Each is half as long again as the one before. */
const FIRST_POLL = 1000;
const LAST_POLL = 5000;
/** In characters: an authorization code, and every other parameter of the answer. */
const LONGEST_CODE = 8192;
const LONGEST_PARAMETER = 256;

const failure = failuresOf({
  CLOSED: ["app", "the bridge was closed"],
  ENV_UNSUPPORTED: ["app", "PKCE needs a secure context (https)"],
  INVALID_STATE: ["app", "a user is signed in: sign out first"],
  SIGN_IN_BLOCKED: ["user", "the browser opened no window for us: call signIn in the click itself, and let the user allow popups"],
  SIGN_IN_CANCELLED: ["user", "the sign-in was cancelled, or the user signed out meanwhile"],
  SIGN_IN_FAILED: ["network", "what the popup brought could not be made into a sign-in: see cause, try again"],
  SIGN_IN_PENDING: ["app", "a sign-in is open in this page already"],
  SIGN_IN_REFUSED: ["peer", "the sign-in was refused: see cause"],
  SIGN_IN_TIMEOUT: ["user", "the sign-in took too long"],
  SIGN_IN_UNCONFIRMED: [
    "peer",
    "the popup was closed, or its page cut itself off (COOP) and may be open still: only a poll would find out",
  ],
});

const invalid = (problem: string) => new AuthframeError("CONFIG_INVALID", problem, "app");

/**
 * Carries the sign-in through; rejects with what became of it. The caller closes the popup.
 * @param own this sign-in; `undefined`: it was not begun
 * @param pending the one that is under way in this page, this one or an earlier one
 */
export async function proceed(
  bridge: Bridge,
  options: SignInOptions,
  address: URL | undefined,
  own: Pending | undefined,
  pending: Pending | undefined,
): Promise<void> {
  const unexpected = unknownKey(options, SIGN_IN_OPTIONS);
  if (unexpected !== undefined) throw invalid(`signIn has no option ${JSON.stringify(unexpected)}: it has ${SIGN_IN_OPTIONS.join(", ")}`);
  if (!address) throw invalid(signInProblem(options) ?? "signIn has no address that a window may be sent to");
  if (!own) {
    pending?.popup?.focus();
    throw failure(pending ? "SIGN_IN_PENDING" : "INVALID_STATE");
  }
  if (!own.popup) throw failure("SIGN_IN_BLOCKED");
  await bridge.beginSignIn();
  try {
    await new Attempt(bridge, options, address, own, own.popup).run();
  } catch (cause) {
    const error = cause instanceof AuthframeError ? cause : failure("SIGN_IN_FAILED", cause);
    const { status, reason } = bridge.session;
    // Another tab may have signed in meanwhile: that is not ours to undo.
    if (status === "authorizing" && reason === "sign-in")
      await bridge.signOut({ reason: error.code === "SIGN_IN_REFUSED" ? "refused" : "user" }).catch(() => {});
    throw error;
  }
}

/** From the open popup to a signed-in user. */
class Attempt {
  readonly #bridge: Bridge;
  readonly #options: SignInOptions;
  readonly #address: URL;
  readonly #own: Pending;
  readonly #popup: Window;
  readonly #state = randomHex();
  readonly #over = new AbortController();
  /** What has to be undone at the end. */
  readonly #stops: (() => void)[] = [];
  /** The origin that the result may come from. */
  #from = "";
  #codeVerifier: string | null = null;
  /** Once something came, nothing else is taken, and a popup that goes away means nothing any more. */
  #taken = false;
  /** The next look at the popup, or the next poll. */
  #next: ReturnType<typeof setTimeout> | undefined;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(bridge: Bridge, options: SignInOptions, address: URL, own: Pending, popup: Window) {
    this.#bridge = bridge;
    this.#options = options;
    this.#address = address;
    this.#own = own;
    this.#popup = popup;
  }

  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#begin().catch((error: unknown) => this.#fail(error));
    });
  }

  async #begin(): Promise<void> {
    this.#own.receive = (event) => this.#receive(event);
    this.#from = this.#originOfResult();
    const { oauth, signal, timeoutMs = USUAL_TIMEOUT } = this.#options;
    const cancel = () => this.#fail(failure("SIGN_IN_CANCELLED"));
    if (signal?.aborted) return cancel();
    signal?.addEventListener("abort", cancel, { signal: this.#over.signal });
    const deadline = setTimeout(() => this.#fail(failure("SIGN_IN_TIMEOUT")), timeoutMs);
    this.#stops.push(() => clearTimeout(deadline));
    this.#followBridge();
    // The bridge may have ended it at once.
    if (this.#isOver()) return this.#undo();
    const parameters = oauth ? await this.#authorization(oauth) : {};
    for (const [name, value] of Object.entries({ ...parameters, state: this.#state })) this.#address.searchParams.set(name, value);
    if (this.#isOver()) return;
    this.#popup.location.replace(this.#address.href);
    this.#watch(Infinity);
  }

  #originOfResult(): string {
    const { oauth, from } = this.#options;
    const problem = signInProblem(this.#options);
    if (problem !== undefined) throw invalid(problem);
    const home = oauth ? safeAddress(oauth.redirectUri) : this.#address;
    return (from === undefined ? home : safeAddress(from))!.origin;
  }

  /** Whatever leaves `authorizing` ends this: the user, the host or another tab has signed out, or something else has signed in. */
  #followBridge(): void {
    this.#stops.push(
      this.#bridge.subscribe(({ status }) => {
        if (status === "authorized") this.#succeed();
        if (status === "unauthorized") this.#fail(failure("SIGN_IN_CANCELLED"));
      }),
      this.#bridge.onConnection((connection) => {
        if (connection === "closed") this.#fail(failure("CLOSED"));
      }),
    );
  }

  async #authorization(request: NonNullable<SignInOptions["oauth"]>): Promise<Readonly<Record<string, string>>> {
    if (request.pkce === false) return authorizationParameters(request, null);
    const proof = await makeProof();
    if (!proof) throw failure("ENV_UNSUPPORTED");
    this.#codeVerifier = proof.verifier;
    return authorizationParameters(request, proof);
  }

  #receive(event: MessageEvent): void {
    const { source, origin, data } = event;
    if (this.#isOver() || source !== this.#popup || origin !== this.#from || field(data, "type") !== "authframe:sign-in") return;
    // Ours: the core would count it as another window's.
    event.stopImmediatePropagation();
    const state = field(data, "state", text(LONGEST_PARAMETER));
    this.#popup.postMessage({ type: "authframe:sign-in-taken", state: state ?? null }, this.#from);
    if (this.#taken) return;
    this.#taken = true;
    this.#take(state, data);
  }

  /** What the popup brought: a result, or why there is none. */
  #take(state: string | undefined, answer: unknown): void {
    const { oauth, exchange } = this.#options;
    const code = field(answer, "code", text(LONGEST_CODE));
    const error = field(answer, "error", text(LONGEST_PARAMETER));
    const data = field(answer, "data");
    if (state !== this.#state) this.#refuse("another state");
    else if (field(answer, "cancelled") === true) this.#fail(failure("SIGN_IN_CANCELLED"));
    else if (oauth?.issuer !== undefined && field(answer, "iss", text(LONGEST_PARAMETER)) !== oauth.issuer) this.#refuse("another issuer");
    else if (error === "access_denied") this.#fail(failure("SIGN_IN_CANCELLED"));
    else if (error !== undefined) this.#refuse(error);
    else if (oauth && code === undefined) this.#refuse("no code");
    else void this.#accept(() => (exchange ? exchange({ ...this.#request(), code: code ?? null, data }) : data));
  }

  /** Makes a grant, and signs in with it. */
  async #accept(make: () => unknown): Promise<void> {
    this.#taken = true;
    let grant: unknown;
    try {
      grant = await make();
    } catch (error) {
      return this.#fail(isRefusal(error) ? failure("SIGN_IN_REFUSED", error) : error);
    }
    if (this.#isOver()) return;
    await this.#bridge.authorize(grant as Grant).then(
      () => this.#succeed(),
      (error: unknown) => this.#fail(error),
    );
  }

  /** @param since when the popup was first found closed */
  #watch(since: number): void {
    if (this.#taken) return;
    const now = performance.now();
    const closedSince = this.#popup.closed ? Math.min(since, now) : Infinity;
    if (now - closedSince >= CLOSED_FOR) void this.#poll(FIRST_POLL);
    else this.#next = setTimeout(() => this.#watch(closedSince), LOOK_INTERVAL);
  }

  /** Nothing can come from the popup any more, or it was closed: the browser does not say which. */
  async #poll(pause: number): Promise<void> {
    const { poll } = this.#options;
    if (!poll) return this.#fail(failure("SIGN_IN_UNCONFIRMED"));
    try {
      const grant = await poll(this.#request());
      if (grant && !this.#taken) return await this.#accept(() => grant);
    } catch (error) {
      if (isRefusal(error) && !this.#taken) this.#fail(failure("SIGN_IN_REFUSED", error));
    }
    if (!this.#taken && !this.#isOver()) this.#next = setTimeout(() => void this.#poll(Math.min(pause * 1.5, LAST_POLL)), pause);
  }

  #request(): PollRequest {
    const redirectUri = this.#options.oauth?.redirectUri ?? null;
    return { state: this.#state, codeVerifier: this.#codeVerifier, redirectUri, signal: this.#over.signal };
  }

  #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  #succeed(): void {
    if (this.#end()) this.#resolve();
  }

  #fail(error: unknown): void {
    if (this.#end()) this.#reject(error);
  }

  #refuse(error: string): void {
    this.#fail(failure("SIGN_IN_REFUSED", { error }));
  }

  /** Whether it was not over yet. */
  #end(): boolean {
    const isFirst = !this.#isOver();
    this.#over.abort();
    this.#undo();
    return isFirst;
  }

  #undo(): void {
    clearTimeout(this.#next);
    for (const stop of this.#stops.splice(0)) stop();
  }
}

/** By its name: the class may be that of another copy of this library. */
const isRefusal = (error: unknown): boolean => (error as Error | null)?.name === "AuthRejected";
