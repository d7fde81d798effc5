/** The widget's end: promises and listeners around the core, which decides. */

import type { AuthframeError } from "../shared/error.js";
import { fitsGrant, isDuration } from "../shared/input-check.js";
import { type End, type Observe, observed, type Update } from "../shared/observed.js";
import { safeListener } from "../shared/safe-listener.js";
import { safely } from "../shared/safely.js";
import { shown } from "../shared/shown.js";
import type { ConnectionState, Session } from "../shared/types.js";
import type { AcquireReason, CoreCode, CredentialPolicy, StoreTask } from "../shared/words.js";
import { Acquiring, grantFailure } from "./acquiring.js";
import { Commands } from "./commands.js";
import { type Conversation, converse } from "./conversation.js";
import type { DialectCore, Facts, Sink } from "./core/core.js";
import type { CoreModule } from "./core/load.js";
import { LazyStore } from "./credentials/lazy-store.js";
import { environment } from "./environment.js";
import { checked, durationFailure, failure } from "./failure.js";
import type { Claim } from "./namespaces.js";
import { receive, type Show, signIn } from "./sign-in/open.js";
import { withDefault } from "./sign-in/way.js";
import { appStorage } from "./storage/app-storage.js";
import { TokenRequests } from "./token-requests.js";
import type { Bridge, ConnectOptions, OnUnpartitionedStorage, SignInOptions } from "./types.js";

/** Makes a bridge, whose namespace is claimed. `early` is what the parent said before the core was there. */
export function open(module: CoreModule, options: ConnectOptions, early: readonly MessageEvent[], claim: Claim): Bridge {
  const widget = new Widget(module, options, claim);
  widget.start(early);
  claim.opened();
  return widget.bridge;
}

/** Until the core says more, which it does as soon as it begins. */
const BEFORE_THE_START: Session = {
  status: "unknown",
  reason: "starting",
  account: null,
  expiresAt: null,
  epoch: 0,
  sequence: 0,
  writer: "",
};

interface State {
  session: Session;
  connection: ConnectionState;
}

/** What the core reports to, and what the application's bridge is made of. */
class Widget implements Sink {
  bridge!: Bridge;
  readonly #core: DialectCore;
  readonly #foreign: CoreModule["foreign"];
  // Read once: the application may change its object afterwards.
  readonly #hosts: ConnectOptions["hosts"];
  readonly #signal: AbortSignal | undefined;
  readonly #namespace: string;
  readonly #credentials: CredentialPolicy;
  readonly #unpartitioned: OnUnpartitionedStorage | undefined;

  // Every property is its own, so that no setter of the page on Object.prototype takes a change.
  readonly #state: State = { session: BEFORE_THE_START, connection: "connecting" };
  readonly #update: Update<State>;
  readonly #observe: Observe<State>;
  readonly #endListening: End;
  #failure: AuthframeError | null = null;
  /** Broken messages of the host that the core has passed on unread. */
  #malformed = 0;
  /** What the core said of itself last. */
  #known: Facts | undefined;
  /** Whether the credential store failed the last time. */
  #isWithoutStore = false;

  readonly #commands = new Commands();
  readonly #tokens: TokenRequests;
  readonly #acquiring: Acquiring;
  readonly #store: LazyStore;
  readonly #conversation: Conversation;
  #dialect: ReturnType<NonNullable<CoreModule["foreign"]>["attach"]>;
  readonly #onMessage = safeListener<MessageEvent>(receive);

  /** @throws AuthframeError if the core cannot use an option */
  constructor(
    { open, foreign }: CoreModule,
    private options: ConnectOptions,
    private readonly claim: Claim,
  ) {
    this.#hosts = options.hosts ?? [];
    this.#signal = options.signal;
    const { namespace = "authframe", channel = "", credentials = "memory", allowOpaqueOrigin, acquire } = options;
    this.#foreign = foreign;
    this.#namespace = namespace;
    this.#credentials = credentials;
    [this.#update, this.#observe, this.#endListening] = observed(this.#state);
    const unpartitioned = options.unpartitionedStorage?.begin(namespace, credentials);
    this.#unpartitioned = unpartitioned;
    const given = { namespace, channel, credentials, allowOpaqueOrigin: !!allowOpaqueOrigin, acquire: !!acquire };
    // A widget without dialects never calls what only a core with dialects has.
    this.#core = checked(() => open({ ...given, area: unpartitioned?.area }, this)) as DialectCore;
    this.#tokens = new TokenRequests(this.#core);
    this.#acquiring = new Acquiring(this.#core, acquire);
    this.#store = new LazyStore(this.#core, credentials, namespace, () => {
      this.#isWithoutStore = false;
      if (this.#failure?.code === "CREDENTIAL_STORE_UNAVAILABLE") this.#failure = null;
    });
    this.#conversation = converse((message) => checked(() => this.#core.post(message)));
  }

  /** @throws AuthframeError if a host cannot be allowed, or the page is not where a widget can be */
  start(early: readonly MessageEvent[]): void {
    try {
      this.#begin(early);
    } catch (error) {
      // The core has us, and lets go when it is closed.
      this.#close();
      throw error;
    }
  }

  #begin(early: readonly MessageEvent[]): void {
    this.#hosts.forEach((host, place) => this.#allow(host, place));
    // Before the core's own listener, because those of a window are called in turn (in Chromium also while capturing).
    addEventListener("message", this.#onMessage);
    checked(() => this.#core.start());
    const onConnection = (listener: (state: ConnectionState) => void) => this.#observe("connection", listener);
    const parts = {
      core: this.#core,
      checked,
      failed: failure,
      onConnection,
      signIn: this.#signIn,
      bridge: () => this.bridge,
    };
    this.#dialect = this.#foreign?.attach(this.options, parts);
    this.bridge = this.#makeBridge();
    for (const event of early) this.#core.receive(event);
    this.#signal?.addEventListener("abort", this.#close);
  }

  #allow(host: ConnectOptions["hosts"][number], place: number): void {
    const entry = typeof host === "string" ? { origin: host } : host;
    const { origin, dialect = "native" } = entry as { origin: string; dialect?: string };
    const allow = () => {
      if (dialect === "native" || !this.#foreign) this.#core.allow(origin, dialect);
      else this.#foreign.allow(this.#core, entry);
    };
    checked(allow, `hosts[${place}] is ${JSON.stringify(host)}`);
  }

  // What the core reports

  session(session: Session): void {
    Object.freeze(session.account);
    Object.freeze(session);
    this.#unpartitioned?.began();
    // Another tab was served, or the user has left.
    if (!session.reason.startsWith("acquire-")) this.#acquiring.failure = null;
    this.#update({ session });
  }

  connection(connection: ConnectionState, greeting: unknown): void {
    if (connection === "connected") this.#failure = null;
    if (connection === "closed") {
      // For the last time.
      this.#facts();
      removeEventListener("message", this.#onMessage);
      this.#signal?.removeEventListener("abort", this.#close);
      this.#commands.failAll(failure("CLOSED"));
      this.#unpartitioned?.ended();
      this.claim.closed(this.#store.close());
    }
    this.#state.connection = connection;
    safely(() => this.#conversation.changed(connection, greeting));
    this.#update({ connection });
    if (connection === "closed") this.#letGo();
  }

  failed(code: CoreCode): void {
    this.#failure = failure(code);
    if (code === "CREDENTIAL_STORE_UNAVAILABLE") this.#isWithoutStore = true;
  }

  acquire(id: number, reason: AcquireReason, about: object | null): void {
    void this.#acquiring.ask(id, reason, about);
  }

  acquireCancelled(): void {
    this.#acquiring.cancel();
    this.#store.unlock();
  }

  message(message: unknown): void {
    if (this.#dialect) this.#dialect.receive(message);
    else if (!this.#conversation.receive(message)) this.#malformed += 1;
  }

  credentialStore(id: number, task: StoreTask, credential: object | null): void {
    this.#store.perform(id, task, credential);
  }

  token(code: CoreCode | undefined): void {
    this.#tokens.settleAll(code);
  }

  settled(number: number): void {
    this.#commands.settle(number);
  }

  dialect(news: unknown): void {
    this.#dialect?.notify(news);
  }

  // What the application asks for

  readonly #close = (): void => checked(() => this.#core.close());

  /** @param show opens what the user signs in with, if that is no window of ours */
  readonly #signIn = (own?: SignInOptions, show?: Show): Promise<void> => signIn(this.bridge, withDefault(own, this.options.signIn), show);

  /** Nothing of the application's is kept, so that a listener that holds the bridge keeps neither itself nor the bridge. */
  #letGo(): void {
    this.#endListening();
    this.#acquiring.close();
    this.options = { hosts: [] };
  }

  /** As they were last where the core cannot be asked: inside a getter that it is reading, and after the end. */
  #facts(): Facts {
    try {
      this.#known = checked(() => this.#core.facts());
    } catch (error) {
      if (!this.#known) throw error;
    }
    return this.#known;
  }

  /** @param detail what was given, and what is meant, if the core refuses it */
  #give(give: (number: number) => void, detail?: string): Promise<void> {
    return this.#commands.give((number) => checked(() => give(number), detail));
  }

  async #accessToken(minValidity = 5000): Promise<string> {
    // Nothing waits so long: it is compared with what is left.
    if (!isDuration(minValidity, Infinity, 0)) throw await durationFailure("minValidity", minValidity, Infinity, 0);
    return this.#tokens.get(minValidity).catch((error) => {
      throw this.#acquiring.explained(error);
    });
  }

  #environment(): ReturnType<Bridge["environment"]> {
    const { tier, host } = this.#facts();
    const hasStore = this.#credentials !== "memory" && !this.#isWithoutStore;
    const refresh = hasStore ? "transaction" : "locks" in navigator ? "lock" : "best-effort";
    return { ...environment(tier, host, !!this.#unpartitioned), refresh };
  }

  #makeBridge(): Bridge {
    // Read when it is asked for: what the application holds shows what is true now.
    const widget = this;
    const core = this.#core;
    const conversation = this.#conversation;
    const onConnection: Bridge["onConnection"] = (listener) => this.#observe("connection", listener);
    const bridge: Bridge = {
      id: this.#facts().id,
      get session() {
        return widget.#state.session;
      },
      get connection() {
        return widget.#state.connection;
      },
      get failure() {
        return widget.#failure ?? widget.#acquiring.failure;
      },
      get capabilities() {
        return conversation.capabilities;
      },
      get undelivered() {
        return conversation.undelivered;
      },
      get rejected() {
        const { rejected } = widget.#facts();
        return { ...rejected, malformed: rejected.malformed + widget.#malformed };
      },
      subscribe: (listener) => this.#observe("session", listener),
      onConnection,
      send: conversation.send,
      request: conversation.request,
      requestSignIn: conversation.requestSignIn,
      handle: conversation.handle,
      storage: appStorage(this.#namespace, onConnection),
      signIn: (own) => this.#signIn(own),
      beginSignIn: async () => checked(() => core.beginSignIn()),
      async authorize(grant) {
        if (!fitsGrant(grant)) throw await grantFailure(grant);
        await widget.#give((number) => core.authorize(number, grant));
      },
      signOut: async ({ reason = "user" } = {}) =>
        this.#give((number) => core.signOut(number, reason), `the reason is ${shown(reason)}: give user, refused or expired`),
      reset: async () => this.#give((number) => core.reset(number)),
      accessToken: async ({ minValidity } = {}) => this.#accessToken(minValidity),
      environment: () => this.#environment(),
      async diagnose() {
        const { diagnose } = await import("./diagnosis.js");
        return diagnose(bridge, { deadOnArrival: widget.#facts().deadOnArrival, hosts: widget.#hosts });
      },
      close: this.#close,
      ...this.#dialect?.face,
    };
    return bridge;
  }
}
