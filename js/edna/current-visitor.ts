/**
 * Who visits now: what the page says of a client and of a guest, and which of them counts by the session. Loaded while the widget connects.
 * One visitor's cookies and data never go out for another one.
 */
import { Emitter } from "../shared/emitter.js";
import { AuthframeError } from "../shared/error.js";
import { isLocal } from "../shared/reasons.js";
import type { Account, AcquireRequest, Bridge, ConnectionState, Grant, Session, Unsubscribe } from "../widget/index.js";
import type { Allowed } from "./allowed-names.js";
import { checkVisitor } from "./check-visitor.js";
import { CookieJar } from "./cookie-jar.js";
import type { EdnaFailure } from "./failures.js";
import { EXPIRED, FINDINGS, nameOf, VISITOR } from "./names.js";
import { type Found, findings, subjectOf, type Visitor } from "./visitor.js";

type Changed = [now: Visitor | null, before: Visitor | null];

export class CurrentVisitor {
  /** `null`: it is not known, or changing, or others have a user whom this page does not name. */
  value: Visitor | null = null;
  /** Of this visitor's browser, as the server knows it. */
  deviceAddress: string | null = null;
  /** What the page said last of a client, and of a guest. */
  #client: Visitor | null = null;
  #guest: Visitor | null = null;
  /** The user that the session had last. */
  #granted: string | null = null;
  #found = findings();
  /** Whose values have expired, as the page knows. */
  #complained: Visitor | null = null;
  /** The findings that the page knows. */
  #reported: unknown = [];
  /** Ends what is under way for this visitor. */
  #life = new AbortController();
  /** Of sockets, and of requests that wait. */
  readonly #first = new Emitter<Changed>();
  readonly #listeners = new Emitter<Changed>();
  readonly #jar: CookieJar;
  /** Whether this frame stands below another site. */
  readonly #isThirdParty: boolean;

  constructor(
    readonly bridge: Bridge,
    readonly failure: EdnaFailure,
    private readonly allowed: Allowed,
    namespace = "authframe",
  ) {
    this.#jar = new CookieJar(`${namespace}.edna`);
    this.#isThirdParty = !/^(top|same-)/.test(bridge.environment().scope);
    bridge.handle(VISITOR, (said) => this.#take(said));
    bridge.subscribe((session) => this.#sessionChanged(session));
    bridge.onConnection((state) => this.#connectionChanged(state));
  }

  /** Aborted when another visitor comes. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  get found(): Found {
    return this.#found.all;
  }

  /** @throws AuthframeError `CLOSED`, or `NOT_AUTHORIZED` while there is none */
  required(): Visitor {
    if (this.bridge.connection === "closed") throw closed();
    if (!this.value) throw noVisitor();
    return this.value;
  }

  /** Called after every change, with the visitor before. */
  on(listener: (...changed: Changed) => unknown): Unsubscribe {
    return this.#listeners.on(listener);
  }

  /** The same, before the others: what is sent from within another listener is sent as the visitor who is there now. */
  onFirst(listener: (...changed: Changed) => unknown): Unsubscribe {
    return this.#first.on(listener);
  }

  /** What the core asks for. */
  async acquire({ reason, identity }: AcquireRequest): Promise<Grant | null> {
    const named = identity && (identity.account as Account).subject;
    // Only the page knows what goes with a user, and for what another tab has done it looks again.
    if (reason !== "sign-in" || this.#subject() !== named) await this.#ask();
    const client = this.#client;
    const subject = this.#subject();
    if (!client || subject === null || (named !== null && subject !== named)) return null;
    return { account: { subject, name: nameOf(client.clientData) } };
  }

  /** The server says that this visitor's values have expired: the page has to replace them. */
  expired(type: "HTTP" | "WS", status: number): void {
    this.failure.set(`EDNA_${type}_EXPIRED`);
    // Once for all requests that it came back to. What cannot be sent now waits for the connection.
    if (this.#complained !== this.value && this.bridge.connection !== "closed") this.bridge.send(EXPIRED, { type, status });
    this.#complained = this.value;
  }

  #subject(): string | null {
    return this.#client && subjectOf(this.#client.clientId!);
  }

  async #ask(): Promise<void> {
    this.#take(await this.bridge.request(VISITOR));
  }

  /** Takes what the page says. */
  #take(said: unknown): void {
    this.#found = findings();
    const next = checkVisitor(said, this.#found.note, this.allowed);
    if (!next) {
      this.failure.set("EDNA_VISITOR");
      return;
    }
    this.failure.clear();
    if (next.clientId === null) {
      // The same again is no news: what waits for other values goes on waiting.
      if (!same(this.#guest, next)) this.#guest = next;
    } else if (!same(this.#client, next)) {
      this.#client = next;
      this.#guest ??= guestOf(next);
    }
    this.#settle();
    this.#report();
  }

  /** The page is where most of it can be put right, and its half does not know what this widget lists. */
  #report(): void {
    const all = [...this.#found.all.values()];
    if (same(all, this.#reported) || this.bridge.connection !== "connected") return;
    this.#reported = all;
    this.bridge.send(FINDINGS, all);
  }

  #sessionChanged({ status, reason, account, epoch }: Session): void {
    if (status === "authorized") this.#granted = account?.subject ?? null;
    const gone = status === "unauthorized" && !isLocal(reason);
    if (gone) {
      const left = this.#granted;
      this.#granted = null;
      // What belongs to that user is gone; what belongs to the next one may have come already.
      if (left !== null && left === this.#subject()) this.#client = null;
      // The page may have something new of a guest; the client that it names, it signs in itself.
      if (left !== null && reason !== "account-switch") this.#ask().catch(() => {});
    }
    // Also of a tab that is closed by now, whose end this one has not seen.
    if (gone || status === "authorized") this.#jar.forget(epoch);
    this.#settle(gone);
  }

  #connectionChanged(state: ConnectionState): void {
    if (state === "connected") {
      this.#reported = [];
      this.#ask().catch(({ code }: AuthframeError) => {
        if (code === "NO_HANDLER") this.failure.set("EDNA_VISITOR");
      });
    }
    if (state !== "closed") return;
    this.#life.abort(closed());
    const before = this.value;
    this.value = null;
    this.#emit(before);
    this.#first.clear();
    this.#listeners.clear();
  }

  /** Which of those that the page has named counts now. */
  #chosen({ status, reason, account }: Session): Visitor | null {
    if (status === "authorized") return this.#client && this.#subject() === account?.subject ? this.#client : null;
    if (status !== "unauthorized" || reason === "account-switch") return null;
    // Other tabs may have a user, whose cookies would go out for this tab's guest, or the guest's for them.
    const others = isLocal(reason) && (this.#jar.any() || !!this.#guest?.cookies.length);
    return others ? null : this.#guest;
  }

  /** @param again writes the cookies also of the same visitor */
  #settle(again = false): void {
    const { session, connection } = this.bridge;
    const next = this.#chosen(session);
    const before = this.value;
    if ((next === before && !again) || connection === "closed") return;
    this.value = next;
    // Before anything is sent.
    if (next) this.#jar.keep(next, this.#isThirdParty, session.epoch, this.#found.note);
    this.#report();
    if (next === before) return;
    if (!next || !before || next.clientId !== before.clientId || next.guestId !== before.guestId) {
      this.#life.abort(noVisitor());
      this.#life = new AbortController();
      this.deviceAddress = null;
    }
    this.#emit(before);
  }

  #emit(before: Visitor | null): void {
    const now = this.value;
    this.#first.emit(now, before);
    this.#listeners.emit(now, before);
  }
}

const closed = () => new AuthframeError("CLOSED", "the bridge is closed", "app");
const noVisitor = () => new AuthframeError("NOT_AUTHORIZED", "no visitor, or another one", "user");

/** Of a guest nothing is known yet but the id, while the page names a client. */
const guestOf = (client: Visitor): Visitor => ({
  ...client,
  clientId: null,
  clientData: null,
  signature: null,
  headers: {},
  protocols: [],
  cookies: [],
});

const same = (one: unknown, two: unknown) => JSON.stringify(one) === JSON.stringify(two);
