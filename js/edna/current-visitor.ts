/**
 * Who visits now: what the page says of a client and of a guest, and which of them counts by the session. Loaded while the widget connects.
 * One visitor's cookies and data never go out for another one. A page speaks for itself: the client that it names stays its visitor, whatever user another tab signs in, until that very client is signed out.
 */
import { Emitter } from "../shared/emitter.js";
import { AuthframeError } from "../shared/error.js";
import { eventMember } from "../shared/event-member.js";
import { listenToDocument, unlistenToDocument } from "../shared/own-document.js";
import { isLocal } from "../shared/reasons.js";
import { report } from "../shared/report.js";
import { within } from "../shared/within.js";
import type { Account, AcquireRequest, Bridge, ConnectionState, Grant, Session, Unsubscribe } from "../widget/index.js";
import type { Allowed } from "./allowed-names.js";
import { BrowserMemory } from "./browser-memory.js";
import { checkVisitor } from "./check-visitor.js";
import { reaches } from "./cookies.js";
import type { EdnaFailure } from "./failures.js";
import { ABANDONED, CLIENT_LOGOUT, EXPIRED, FINDINGS, nameOf, VALUES, VALUES_WAIT, VISITOR, VISITOR_WAIT } from "./names.js";
import { OpenPages } from "./open-pages.js";
import type { Server } from "./options.js";
import { type Changed, noVisitor, Visit } from "./visit.js";
import { type Found, findings, identityOf, identityOfClient, subjectOf, type Visitor } from "./visitor.js";

/** So long the page may take to end the session of a user whose pages have all gone, in milliseconds. */
const ENDING = 2000;

export class CurrentVisitor {
  readonly memory: BrowserMemory;
  /** What the page said last of a client, and of a guest. */
  #client: Visitor | null = null;
  #guest: Visitor | null = null;
  /** The user (their subject) whom the session had last in this tab, until that very user is signed out. */
  #own: string | null = null;
  /** The user who was signed out in this tab last: our page may name them still. */
  #signedOut: string | null = null;
  #isEndingAbandoned = false;
  #found = findings();
  /** Whose values have expired, as the page knows. */
  #complained: Visitor | null = null;
  /** The findings that the page knows. */
  #reported: unknown = [];
  /** The page is asked for its values. */
  #asking: Promise<void> | undefined;
  readonly #clientLogout = new Emitter<[]>();
  readonly #visit: Visit;
  readonly #pages: OpenPages;
  readonly #jarKey: string;
  /** Where the chat's server is. */
  readonly #hosts: ReadonlySet<string>;

  constructor(
    readonly bridge: Bridge,
    readonly failure: EdnaFailure,
    private readonly allowed: Allowed,
    server: Server,
    namespace = "authframe",
  ) {
    this.#hosts = new Set([server.root, server.socketAddress].map((address) => new URL(address).hostname));
    this.#jarKey = `${namespace}.edna`;
    this.#visit = new Visit(bridge, this.#jarKey, (code, where) => {
      this.#found.note(code, where);
      this.#report();
    });
    this.#pages = new OpenPages(this.#jarKey);
    this.memory = new BrowserMemory(`${this.#jarKey}.`);
    addEventListener("storage", this.#storageChanged);
    listenToDocument("visibilitychange", this.#shown);
    bridge.handle(VISITOR, (said) => this.#take(said));
    bridge.handle(CLIENT_LOGOUT, () => this.clientLogout());
    bridge.subscribe((session) => this.#sessionChanged(session));
    bridge.onConnection((state) => this.#connectionChanged(state));
  }

  /** `null`: it is not known, or changing, or others have a user, with cookies. */
  get value(): Visitor | null {
    return this.#visit.value;
  }

  /** Aborted when another visitor comes. */
  get signal(): AbortSignal {
    return this.#visit.signal;
  }

  get found(): Found {
    return this.#found.all;
  }

  /** Of this visitor's browser, as the server knows it. */
  get deviceAddress(): string | null {
    return this.value && this.memory.deviceAddress(identityOf(this.value));
  }

  /** What was found, and what is found when all tabs are asked. */
  async foundEverywhere(): Promise<Found> {
    const found = new Map(this.found);
    if (await this.#pages.disagree()) found.set("EDNA_PAGES_DISAGREE", ["EDNA_PAGES_DISAGREE", ""]);
    return found;
  }

  /** @throws AuthframeError `CLOSED`, or `NOT_AUTHORIZED` while there is none */
  required(): Visitor {
    if (this.bridge.connection === "closed") throw closed();
    if (!this.value) throw noVisitor();
    return this.value;
  }

  /** See {@link Visit.settled}. */
  settled(): Promise<void> {
    return this.#visit.settled();
  }

  /** See {@link Visit.on}. */
  on(listener: (...changed: Changed) => unknown): Unsubscribe {
    return this.#visit.on(listener);
  }

  /** See {@link Visit.onFirst}. */
  onFirst(listener: (...changed: Changed) => unknown): Unsubscribe {
    return this.#visit.onFirst(listener);
  }

  /** What the core asks for. */
  async acquire({ reason, identity }: AcquireRequest): Promise<Grant | null> {
    const named = identity && (identity.account as Account).subject;
    // Only the page knows what goes with a user, and for what another tab has done it looks again.
    if (reason !== "sign-in" || this.#subject() !== named) await this.#ask();
    // Another tab may be about to decide that there is no user.
    await this.#pages.say(this.#subject());
    const subject = this.#subject();
    return subject === null || (named !== null && subject !== named) ? null : this.#grant();
  }

  /** The server says that this visitor's values have expired: the page has to replace them. */
  expired(type: "HTTP" | "WS", status: number): void {
    this.failure.set(`EDNA_${type}_EXPIRED`);
    // Once for all requests that it came back to. What cannot be sent now waits for the connection.
    if (this.#complained !== this.value && this.bridge.connection !== "closed") this.bridge.send(EXPIRED, { type, status });
    this.#complained = this.value;
  }

  /** Resolves when the page has said what its `extendedAuth` has in it now. As the vendor's widget, which reads it for each request. */
  withNewestValues(): Promise<void> {
    if (this.bridge.connection !== "connected") return Promise.resolve();
    this.#asking ??= this.#askValues();
    return this.#asking;
  }

  /** Called when the chat's server is to be notified that the client is not there any more. */
  onClientLogout(listener: () => unknown): Unsubscribe {
    return this.#clientLogout.on(listener);
  }

  /** See `Edna.clientLogout`. */
  clientLogout(): void {
    this.#clientLogout.emit();
  }

  /** Whether the page is hidden, or the widget closed, and no user has been signed out. */
  get isSuspended(): boolean {
    return this.bridge.session.status === "unknown" || this.bridge.connection === "closed";
  }

  /** The application signs the user out. Gives whether the session is to do so: not if it is another tab's user's. */
  signedOut(): boolean {
    if (this.bridge.session.status === "authorized") return true;
    const isAnothers = this.#isOfAnother();
    this.#logOut();
    this.#settle();
    return !isAnothers;
  }

  /** Whether another tab's user has the session, and not the one whom this tab names. */
  #isOfAnother(): boolean {
    const { status, reason } = this.bridge.session;
    if (this.bridge.connection === "closed" || status !== "unauthorized") return false;
    const own = this.#own ?? this.#subject();
    return (isLocal(reason) || reason === "account-switch") && (own === null || this.memory.wasAnother(own));
  }

  #subject(): string | null {
    return this.#client && subjectOf(this.#client.clientId!);
  }

  #grant(): Grant | null {
    return this.#client && { account: { subject: subjectOf(this.#client.clientId!), name: nameOf(this.#client.clientData) } };
  }

  async #ask(): Promise<void> {
    this.#take(await this.bridge.request(VISITOR, undefined, { timeoutMs: VISITOR_WAIT }));
  }

  async #askValues(): Promise<void> {
    try {
      this.#take(await this.bridge.request(VALUES, undefined, { timeoutMs: VALUES_WAIT }));
    } catch {
      // The page is gone, or too busy, or its half is of an earlier version: what it said last counts.
    } finally {
      this.#asking = undefined;
    }
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
    this.#noteUnreached(next);
    if (next.clientId === null) {
      // The client whom the session has, the page signs out itself.
      if (this.bridge.session.status !== "authorized") {
        this.#logOut();
        this.#client = null;
      }
      // The same again is no news: what waits for other values goes on waiting.
      if (!same(this.#guest, next)) this.#guest = next;
    } else if (!same(this.#client, next)) {
      this.#client = next;
      this.#guest ??= guestOf(next);
    }
    void this.#pages.say(this.#subject());
    this.#settle();
    this.#report();
    this.#endAbandoned().catch(report);
  }

  /** Hosts of the chat's server that a browser does not send these cookies to. */
  #noteUnreached({ cookies, cookieOptions }: Visitor): void {
    if (cookies.length === 0) return;
    for (const host of this.#hosts) if (!reaches(host, cookieOptions)) this.#found.note("EDNA_COOKIE_HOST", host);
  }

  /** The page is where most of it can be put right, and its half does not know what this widget lists. */
  #report(): void {
    const all = [...this.#found.all.values()];
    if (same(all, this.#reported) || this.bridge.connection !== "connected") return;
    this.#reported = all;
    this.bridge.send(FINDINGS, all);
  }

  #sessionChanged({ status, reason, account }: Session): void {
    const isGone = status === "unauthorized" && !isLocal(reason);
    if (this.#hasLoggedOutElsewhere()) this.#drop();
    if (status === "authorized") this.#admitted(account!.subject);
    // A widget that was loaded anew in a page that names another user than the session has.
    if (reason === "account-mismatch" && this.#own === null && this.#subject() !== this.#signedOut) this.#appear();
    if (isGone) this.#userGone(reason === "account-switch");
    if (status === "unknown") this.#pages.leave();
    else if (this.#client ?? this.#guest) void this.#pages.say(this.#subject());
    this.#settle(isGone || status === "authorized");
    this.#endAbandoned().catch(report);
  }

  #admitted(subject: string): void {
    if (this.#own !== subject) this.#forgetOwn();
    this.#own = subject;
    this.#signedOut = null;
    this.memory.noteUser(subject);
    this.memory.forgetLogout(subject);
  }

  /** The user whom our page names, and who is not signed in because another one is. */
  #appear(): void {
    this.#own = this.#subject();
    if (this.#own !== null) this.memory.forgetLogout(this.#own);
  }

  /** A user is signed out, in every tab: our own one, or another tab's. */
  #userGone(isSwitch: boolean): void {
    const own = this.#own;
    if (own === null) return;
    const isOurs = !this.memory.wasAnother(own);
    // What belongs to that user is gone; what belongs to the next one may have come already.
    if ((isSwitch || isOurs) && this.#subject() === own) this.#client = null;
    // The core asks what the page says now that another user is there.
    if (isSwitch) return;
    if (isOurs) this.#drop();
    this.#askAndResume();
  }

  /** The page may have something new of a guest; the client that it names, it signs in itself. */
  #askAndResume(): void {
    this.#ask()
      .then(() => this.#resume())
      .catch(() => {});
  }

  #forgetOwn(): void {
    if (this.#own !== null) this.memory.forgetDeviceAddress(identityOfClient(this.#own));
    this.#own = null;
  }

  /** Our user leaves. While another one is signed in, the session does not say so to the other tabs. */
  #logOut(): void {
    if (this.#own !== null && this.memory.wasAnother(this.#own)) this.memory.noteLogout(this.#own);
    this.#drop();
  }

  /** Whether our user, who is displaced, has left in another tab. */
  #hasLoggedOutElsewhere(): boolean {
    return this.#own !== null && this.bridge.session.status !== "authorized" && this.memory.hasLoggedOut(this.#own);
  }

  /** Our user is signed out. What belongs to the next one may have come already. */
  #drop(): void {
    this.#signedOut = this.#own ?? this.#signedOut;
    if (this.#subject() === this.#own) this.#client = null;
    this.#forgetOwn();
  }

  /** Our user was signed out nowhere; another tab's user, who was signed in instead, has gone. */
  async #resume(): Promise<void> {
    const { status, reason } = this.bridge.session;
    const grant = this.#keeps() && this.#grant();
    if (grant && status === "unauthorized" && !isLocal(reason)) await this.bridge.authorize(grant);
  }

  /** Whether our page names the user whom the session had last in this tab. */
  #keeps(): boolean {
    return this.#own !== null && this.#subject() === this.#own;
  }

  /** A user is signed in whom no open page names any more. A page with a user signs that one in instead; a page without one ends it. */
  async #endAbandoned(): Promise<void> {
    if (this.#isEndingAbandoned || !this.#isElsewhere()) return;
    this.#isEndingAbandoned = true;
    try {
      const isDecided = await this.#pages.ifNoOtherUser(async () => {
        if (!this.#isElsewhere() || this.#client) return;
        // That user's page may come back from the back/forward cache.
        this.memory.noteUser(null);
        this.bridge.send(ABANDONED);
        await this.#ended();
      });
      // A sign-in may take longer than other pages wait for the decision.
      const grant = isDecided && this.#isElsewhere() && this.#keeps() && this.#grant();
      if (grant) await this.bridge.authorize(grant);
    } finally {
      this.#isEndingAbandoned = false;
    }
  }

  /** Whether our page has said whom it names, and the session is another tab's. */
  #isElsewhere(): boolean {
    const { status, reason } = this.bridge.session;
    return this.bridge.connection === "connected" && status === "unauthorized" && isLocal(reason) && !!(this.#client ?? this.#guest);
  }

  /** Resolves when no user is signed in any more, or the page does not end it. */
  async #ended(): Promise<void> {
    let stop = () => {};
    const ended = new Promise<void>((resolve) => {
      stop = this.bridge.subscribe(({ status, reason }) => {
        if (status !== "unauthorized" || !isLocal(reason)) resolve();
      });
    });
    await within(ENDING, ended).catch(() => {});
    stop();
  }

  #connectionChanged(state: ConnectionState): void {
    if (state === "connected") {
      this.#reported = [];
      this.#ask().catch(({ code }: AuthframeError) => {
        if (code === "NO_HANDLER") this.failure.set("EDNA_VISITOR");
      });
    }
    if (state !== "closed") return;
    removeEventListener("storage", this.#storageChanged);
    unlistenToDocument("visibilitychange", this.#shown);
    this.#visit.close();
    this.#pages.close();
    this.#clientLogout.clear();
  }

  /** Another tab has cookies now, or has them no more; or our displaced user has left there. */
  readonly #storageChanged = (event: StorageEvent): void => {
    const key = eventMember(event, "key") ?? null;
    if (this.memory.isOfLogouts(key) && this.#hasLoggedOutElsewhere()) {
      this.#drop();
      this.#askAndResume();
      this.#settle();
    } else if (key === this.#jarKey || key === null) this.#settle();
  };

  /** The tab of the user who is signed in may have been closed. */
  readonly #shown = (): void => {
    this.#endAbandoned().catch(report);
  };

  /** Which of those that the page has named counts now. */
  #chosen({ status, reason, account }: Session): Visitor | null {
    if (status === "authorized") return this.#subject() === account?.subject ? this.#client : null;
    if (status !== "unauthorized" || reason === "account-switch") return null;
    const own = this.#keeps() ? this.#client : this.#guest;
    // Other tabs may have a user, whose cookies would go out for this tab's visitor, or this one's for them.
    const others = isLocal(reason) && (this.#visit.areCookiesKept || !!own?.cookies.length);
    return others ? null : own;
  }

  /** @param again writes the cookies also of the same visitor */
  #settle(again = false): void {
    const { session, connection } = this.bridge;
    if (connection !== "closed") this.#visit.change(this.#chosen(session), again);
  }
}

const closed = () => new AuthframeError("CLOSED", "the bridge is closed", "app");

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
