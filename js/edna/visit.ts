/** The visitor who is here now: from when the cookies are theirs until what is under way for them has been ended. */
import { Emitter } from "../shared/emitter.js";
import { AuthframeError } from "../shared/error.js";
import { isLocal } from "../shared/reasons.js";
import { report } from "../shared/report.js";
import type { Bridge, Unsubscribe } from "../widget/index.js";
import { CookieJar } from "./cookie-jar.js";
import { CookieTurn } from "./cookie-turn.js";
import { identityOf, type Note, type Visitor } from "./visitor.js";

export type Changed = [now: Visitor | null, before: Visitor | null];

export class Visit {
  value: Visitor | null = null;
  /** Who is to be here. It becomes the value once the cookies are theirs. */
  #next: Visitor | null = null;
  /** Ends the wait for that. */
  #entering = new AbortController();
  /** Settles when that wait has ended. */
  #entry: Promise<void> = Promise.resolve();
  /** Ends what is under way for this visitor. */
  #life = new AbortController();
  readonly #first = new Emitter<Changed>();
  readonly #listeners = new Emitter<Changed>();
  readonly #jar: CookieJar;
  readonly #turn: CookieTurn;
  /** Whether this frame stands below another site. */
  readonly #isThirdParty: boolean;

  /**
   * @param key of the list of cookies in localStorage; it begins the names of locks
   * @param note takes what cannot be written
   */
  constructor(
    private readonly bridge: Bridge,
    key: string,
    private readonly note: Note,
  ) {
    this.#jar = new CookieJar(key);
    this.#turn = new CookieTurn(`${key}.cookies`, () => this.#leave());
    this.#isThirdParty = !/^(top|same-)/.test(bridge.environment().scope);
  }

  /** Aborted when another visitor comes. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Whether any tab has cookies of a visitor, or is about to. */
  get areCookiesKept(): boolean {
    return this.#jar.any();
  }

  /** Called after every change, with the visitor before. */
  on(listener: (...changed: Changed) => unknown): Unsubscribe {
    return this.#listeners.on(listener);
  }

  /** The same, before the others: for sockets, and requests that wait. What is sent from within another listener is sent as the visitor who is there now. */
  onFirst(listener: (...changed: Changed) => unknown): Unsubscribe {
    return this.#first.on(listener);
  }

  /** @param again writes the cookies also of the same visitor */
  change(next: Visitor | null, again: boolean): void {
    const isNews = next !== this.#next;
    if (!isNews && !again) return;
    this.#next = next;
    if (isNews) {
      this.#entering.abort();
      this.#entering = new AbortController();
    }
    if (this.value && (!next || identityOf(next) !== identityOf(this.value))) this.#leave();
    if (!next) return;
    if (this.#turn.isOf(next)) {
      this.#writeCookies(next);
      if (next !== this.value) this.#become(next);
    } else if (isNews) this.#entry = this.#enter(next, this.#entering.signal).catch(report);
  }

  /** Resolves when who is to be here is here, or no visitor is to be. */
  async settled(): Promise<void> {
    while (!this.value && this.#next) {
      const entry = this.#entry;
      await entry;
      if (entry === this.#entry) return;
    }
  }

  close(): void {
    this.#entering.abort();
    this.#leave(new AuthframeError("CLOSED", "the bridge is closed", "app"));
    this.#first.clear();
    this.#listeners.clear();
  }

  async #enter(next: Visitor, signal: AbortSignal): Promise<void> {
    this.#jar.announce(next, this.#isThirdParty, this.bridge.session.epoch);
    await this.#turn.take(next, () => this.#writeCookies(next), signal);
    if (!signal.aborted) this.#become(next);
  }

  /** Before anything is sent. */
  #writeCookies(visitor: Visitor): void {
    const { status, reason, epoch } = this.bridge.session;
    // The user of every earlier session has gone, also of a tab that is closed by now, whose end this one has not seen.
    if (status === "authorized" || !isLocal(reason)) this.#jar.forget(epoch);
    this.#jar.keep(visitor, this.#isThirdParty, epoch, this.note);
  }

  #become(next: Visitor): void {
    const before = this.value;
    this.value = next;
    this.#emit(before);
  }

  /** Ends what is under way for the visitor, and only then lets others have theirs. */
  #leave(why = noVisitor()): void {
    const before = this.value;
    this.value = null;
    this.#life.abort(why);
    if (this.bridge.connection !== "closed") this.#life = new AbortController();
    if (before) this.#emit(before);
    this.#turn.release();
  }

  #emit(before: Visitor | null): void {
    const now = this.value;
    this.#first.emit(now, before);
    this.#listeners.emit(now, before);
  }
}

export const noVisitor = () => new AuthframeError("NOT_AUTHORIZED", "no visitor, or another one", "user");
