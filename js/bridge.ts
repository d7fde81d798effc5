/** The widget's end: promises and listeners around the core, which decides. */
import { appStorage } from "./app-storage.js";
import { Call } from "./call.js";
import { type Conversation, converse } from "./conversation.js";
import { environment } from "./environment.js";
import type { AuthframeError } from "./error.js";
import { failure as failed } from "./failure.js";
import type { Core } from "./load.js";
import { hear, type Show, signIn } from "./sign-in-open.js";
import type { ConnectionState, Session } from "./types.js";
import type { Vault } from "./vault.js";
import { type AcquireRequest, AuthRejected, type Bridge, type ConnectOptions, type Rejected } from "./widget.js";

/** The core's enums, in their order: `src/core/io.rs`. */
const CONNECTIONS = ["connecting", "connected", "disconnected", "standalone", "closed"] as const satisfies readonly ConnectionState[];
const ACQUIRES = ["restore", "join", "sign-in", "refresh"] as const satisfies readonly AcquireRequest["reason"][];
const CREDENTIALS = ["memory", "sealed", "danger_plain"] as const satisfies readonly ConnectOptions["credentials"][];

type Dialect = "native" | "xbees" | "ringcentral";
type Calls = (call: Call, word: number, data?: unknown, id?: number) => unknown;
/** This tab, the tier of its storage, the host, and the counters of what was dropped. */
type Facts = { id: string; tier: number; host: string | null } & Rejected;

const namespaces = new Set<string>();

/** Makes a bridge. `early` is what the parent said before the core was there. */
export function open({ open: create, foreign }: Core, options: ConnectOptions, early: readonly MessageEvent[]): Bridge {
  const { hosts = [], namespace = "authframe", channel = "", opaque, credentials = "memory", acquire } = options;
  if (namespaces.has(namespace)) {
    throw failed("NAMESPACE_IN_USE");
  }

  let session: Session;
  let connection: ConnectionState = "connecting";
  let failure: AuthframeError | null = null;
  let acquiring: AbortController | undefined;
  let broken = 0;
  let vault: Promise<Vault> | undefined;
  let vaultless = false;
  let waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const sessions = new Set<(session: Session) => void>();
  const connections = new Set<(state: ConnectionState) => void>();
  const listener = (event: MessageEvent) => hear(event);

  // Called by the core by their place, in order, with nothing borrowed: whatever is called here may call the bridge.
  const events: readonly ((word: number, data: unknown, id: number) => void)[] = [
    function changed(_, data) {
      session = data as Session;
      Object.freeze(session.account);
      Object.freeze(session);
      tell(sessions, session);
    },
    function connected(state, greeting) {
      connection = CONNECTIONS[state]!;
      if (connection === "connected") failure = null;
      if (connection === "closed") {
        namespaces.delete(namespace);
        removeEventListener("message", listener);
        void vault?.then(vault => vault.close());
      }
      safely(() => conversation.changed(connection, greeting));
      tell(connections, connection);
    },
    function refused(error) {
      failure = failed(error);
      if (failure.code === "VAULT_UNAVAILABLE") vaultless = true;
    },
    function acquire(word, grant, id) {
      acquiring = new AbortController();
      const reason = ACQUIRES[word];
      const renew = reason === "refresh";
      void answer({ reason, identity: renew ? null : grant, credential: renew ? grant : null, signal: acquiring.signal } as AcquireRequest, id);
    },
    function cancel() {
      acquiring?.abort();
      void vault?.then(vault => vault.unlock());
    },
    function message(_, message) {
      safely(() => {
        if (dialect) dialect.heard(message);
        else if (!conversation.receive(message)) broken++;
      });
    },
    function task(task, credential, id) {
      vault ??= import("./vault.js").then(({ openVault }) => openVault(credentials, namespace, {
        found: (id, lock, record) => core(Call.Found, lock, record, id),
        done: (id, credential, failure) => core(Call.VaultDone, failure, credential, id),
      }));
      vault.then(vault => vault.perform(id, task, credential), () => {
        vault = undefined;
        core(Call.VaultDone, 1, undefined, id);
      });
    },
    function token(_, error) {
      for (const { resolve, reject } of waiting.splice(0)) error === undefined ? resolve() : reject(failed(error as number));
    },
    function told(_, news) {
      dialect?.told(news);
    },
  ];

  const core = checked(create(namespace, channel, +!!opaque | +!!acquire << 1 | CREDENTIALS.indexOf(credentials) << 2, {
    event: (event: number, word: number, data: unknown, id: number) => events[event]!(word, data, id),
  })) as Calls;
  const call = (call: Call, data?: unknown, where?: string) => checked(core(call, 0, data), where);
  const conversation: Conversation = converse(message => call(Call.Post, message));
  hosts.forEach((host, place) => {
    const { origin, dialect = "native" } = (typeof host === "string" ? { origin: host } : host) as { origin: string; dialect?: Dialect };
    checked(core(Call.Allow, dialect === "native" ? 0 : foreign?.number(dialect, host) ?? -1, origin), `hosts[${place}]: `);
  });
  const facts = () => call(Call.Facts) as Facts;
  // Before the core's own listener, because those of a window are called in turn (in Chromium also while capturing).
  addEventListener("message", listener);
  call(Call.Start);
  namespaces.add(namespace);
  const onConnection = (listener: (state: ConnectionState) => void) => observe(connections, listener, connection);
  const dialect = foreign?.attach(core(Call.Dialect, 0) as number, options, { call, onConnection, failed, bridge: () => bridge });
  for (const event of early) call(Call.Receive, event);

  async function answer(request: AcquireRequest, id: number) {
    let grant: unknown;
    // Nobody is signed in; the server refused; it failed.
    let failure = 0;
    try {
      grant = await acquire?.(request);
      if (grant) failure = 2;
    } catch (error) {
      failure = error instanceof AuthRejected ? 1 : 2;
    }
    core(Call.Acquired, failure, grant, id);
  }

  const bridge: Bridge = {
    id: facts().id,
    get session() {
      return session;
    },
    get connection() {
      return connection;
    },
    get failure() {
      return failure;
    },
    get capabilities() {
      return conversation.capabilities;
    },
    get rejected() {
      const { id, tier, host, ...rejected } = facts();
      return { ...rejected, shape: rejected.shape + broken };
    },
    subscribe: listener => observe(sessions, listener, session),
    onConnection,
    send: conversation.send,
    request: conversation.request,
    requestSignIn: conversation.requestSignIn,
    handle: conversation.handle,
    storage: appStorage(namespace, onConnection),
    signIn: (own, show?: Show) => signIn(bridge, { ...options.signIn, ...own }, show),
    authorizing: async () => void call(Call.Authorizing),
    authorize: async grant => void call(Call.Authorize, grant),
    unauthorized: async (reason = "user") => void call(Call.Unauthorized, reason),
    async accessToken({ minValidity = 5000 } = {}) {
      for (;;) {
        const token = call(Call.AccessToken, { v: minValidity }) as string | undefined;
        if (token !== undefined) return token;
        await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
        // It is as fresh as can be.
        minValidity = 0;
      }
    },
    environment() {
      const { tier, host } = facts();
      const refresh = credentials !== "memory" && !vaultless ? "transaction" : "locks" in navigator ? "lock" : "best-effort";
      return { ...environment(tier, host, !!options.experimental), refresh };
    },
    async diagnose() {
      const { diagnose } = await import("./diagnosis.js");
      return diagnose(bridge);
    },
    close: () => void call(Call.Close),
    ...dialect?.face,
  };
  return bridge;
}

function observe<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void, value: T) {
  // A wrapper, so that the same function may listen twice.
  const own = (next: T) => listener(next);
  listeners.add(own);
  safely(() => own(value));
  return () => void listeners.delete(own);
}

function tell<T>(listeners: Set<(value: T) => void>, value: T) {
  for (const listener of [...listeners]) if (listeners.has(listener)) safely(() => listener(value));
}

// One listener's failure is its own: it is reported as uncaught, and the others still hear.
function safely(call: () => void) {
  try {
    call();
  } catch (error) {
    reportError(error);
  }
}

// The core does not throw: a number is an error.
function checked(result: unknown, where?: string): unknown {
  if (typeof result === "number") throw failed(result, where);
  return result;
}
