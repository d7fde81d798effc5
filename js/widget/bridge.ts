/** The widget's end: promises and listeners around the core, which decides. */

import { AuthframeError } from "../shared/error.js";
import { fitsGrant, isDuration } from "../shared/input-check.js";
import { safeListener } from "../shared/safe-listener.js";
import type { ConnectionState, Session } from "../shared/types.js";
import { type Conversation, converse } from "./conversation.js";
import { Call } from "./core/call.js";
import type { Core } from "./core/load.js";
import type { Vault } from "./credentials/store.js";
import { environment } from "./environment.js";
import { advice, durationFailure, failure as failed } from "./failure.js";
import type { Claim } from "./namespaces.js";
import { hear, type Show, signIn } from "./sign-in/open.js";
import { appStorage } from "./storage/app-storage.js";
import type { AcquireRequest, AuthRejected, Bridge, ConnectOptions, Rejected, RetryLater } from "./types.js";

/** The core's enums, in their order: `src/session/io.rs`. */
const CONNECTIONS = ["connecting", "connected", "disconnected", "standalone", "closed"] as const satisfies readonly ConnectionState[];
const ACQUIRES = ["restore", "other-tab", "sign-in", "refresh"] as const satisfies readonly AcquireRequest["reason"][];
const CREDENTIALS = ["memory", "sealed", "dangerous-plaintext"] as const satisfies readonly ConnectOptions["credentials"][];

type Dialect = "native" | "xbees" | "ringcentral";
type Calls = (call: Call, word: number, data?: unknown, id?: number) => unknown;
/** This tab, the tier of its storage, the host, by how many milliseconds the newest token was dead when it came, and the counters of what was dropped. */
type Facts = { id: string; tier: number; host: string | null; deadOnArrival: number } & Rejected;

/** What `acquire` came to, as the core counts it. */
const [NOBODY, REFUSED, FAILED, LATER] = [0, 1, 2, 3];

/** Makes a bridge, whose namespace is claimed. `early` is what the parent said before the core was there. */
export function open({ open: create, foreign }: Core, options: ConnectOptions, early: readonly MessageEvent[], claim: Claim): Bridge {
  const { hosts = [], namespace = "authframe", channel = "", allowOpaqueOrigin, credentials = "memory", acquire, signal } = options;

  let session: Session;
  let connection: ConnectionState = "connecting";
  let failure: AuthframeError | null = null;
  let acquiring: AbortController | undefined;
  let broken = 0;
  let vault: Promise<Vault> | undefined;
  let storeless = false;
  const waiting: Waiting[] = [];
  // Calls whose promise resolves when the core says that what they ask for holds.
  const calls = new Map<number, Waiting>();
  let lastCall = 0;
  const sessions = new Set<(session: Session) => void>();
  const connections = new Set<(state: ConnectionState) => void>();
  const listener = safeListener<MessageEvent>(hear);

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
        removeEventListener("message", listener);
        signal?.removeEventListener("abort", close);
        for (const { reject } of [...calls.values()]) reject(failed("CLOSED"));
        calls.clear();
        claim.closed(vault?.then((vault) => vault.close()));
      }
      safely(() => conversation.changed(connection, greeting));
      tell(connections, connection);
    },
    function refused(error) {
      failure = failed(error);
      if (failure.code === "CREDENTIAL_STORE_UNAVAILABLE") storeless = true;
    },
    function acquire(word, grant, id) {
      acquiring = new AbortController();
      const reason = ACQUIRES[word];
      const renew = reason === "refresh";
      void answer(
        { reason, identity: renew ? null : grant, credential: renew ? grant : null, signal: acquiring.signal } as AcquireRequest,
        id,
      );
    },
    function cancel() {
      acquiring?.abort();
      void vault?.then((vault) => vault.unlock());
    },
    function message(_, message) {
      safely(() => {
        if (dialect) dialect.receive(message);
        else if (!conversation.receive(message)) broken++;
      });
    },
    function task(task, credential, id) {
      vault ??= import("./credentials/store.js").then(({ openStore }) =>
        openStore(credentials, namespace, {
          found: (id, lock, record) => core(Call.Found, lock, record, id),
          done(id, credential, problem, there) {
            // It works again.
            if (there) {
              storeless = false;
              if (failure?.code === "CREDENTIAL_STORE_UNAVAILABLE") failure = null;
            }
            core(Call.StoreDone, problem, credential, id);
          },
        }),
      );
      vault.then(
        (vault) => vault.perform(id, task, credential),
        () => {
          vault = undefined;
          core(Call.StoreDone, 1, undefined, id);
        },
      );
    },
    function token(_, error) {
      for (const { resolve, reject } of waiting.splice(0)) error === undefined ? resolve() : reject(failed(error as number));
    },
    function told(_, news) {
      dialect?.notify(news);
    },
    function settled(_, __, call) {
      calls.get(call)?.resolve();
      calls.delete(call);
    },
  ];

  const core = checked(
    create(namespace, channel, +!!allowOpaqueOrigin | (+!!acquire << 1) | (CREDENTIALS.indexOf(credentials) << 2), {
      // What is thrown here must not pass through the core.
      event: (event: number, word: number, data: unknown, id: number) => safely(() => events[event]!(word, data, id)),
    }),
  ) as Calls;
  const call = (call: Call, data?: unknown, where?: string) => checked(core(call, 0, data), where);
  /** A command, and the promise that it holds. */
  const command = (which: Call, data?: unknown) => {
    const id = ++lastCall;
    const holds = new Promise<void>((resolve, reject) => calls.set(id, { resolve, reject }));
    try {
      checked(core(which, 0, data, id));
    } catch (error) {
      calls.delete(id);
      throw error;
    }
    return holds;
  };
  const conversation: Conversation = converse((message) => call(Call.Post, message));
  hosts.forEach((host, place) => {
    const { origin, dialect = "native" } = (typeof host === "string" ? { origin: host } : host) as { origin: string; dialect?: Dialect };
    checked(
      core(Call.Allow, dialect === "native" ? 0 : (foreign?.number(dialect, host) ?? -1), origin),
      `hosts[${place}] is ${JSON.stringify(host)}`,
    );
  });
  const facts = () => call(Call.Facts) as Facts;
  // Before the core's own listener, because those of a window are called in turn (in Chromium also while capturing).
  addEventListener("message", listener);
  try {
    call(Call.Start);
  } catch (error) {
    removeEventListener("message", listener);
    throw error;
  }
  const onConnection = (listener: (state: ConnectionState) => void) => observe(connections, listener, connection);
  const dialect = foreign?.attach(core(Call.Dialect, 0) as number, options, { call, onConnection, failed, bridge: () => bridge });
  for (const event of early) call(Call.Receive, event);

  async function answer(request: AcquireRequest, id: number) {
    let grant: unknown;
    let outcome = NOBODY;
    try {
      grant = await acquire?.(request);
      if (grant) outcome = FAILED;
      // Else it would fail for ever, and nobody would know why.
      if (grant && !fitsGrant(grant)) {
        failure = await grantFailure(grant, `what acquire gave for ${request.reason} cannot be used: `);
        grant = undefined;
        reportError(failure);
      }
    } catch (error) {
      outcome = isA<AuthRejected>(error, "AuthRejected") ? REFUSED : FAILED;
      if (isA<RetryLater>(error, "RetryLater") && isDuration(error.seconds, 86_400, 0)) {
        outcome = LATER;
        grant = { later: Math.round(error.seconds! * 1000) };
      }
    }
    core(Call.Acquired, outcome, grant, id);
  }

  const close = () => void call(Call.Close);

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
    get undelivered() {
      return conversation.undelivered;
    },
    get rejected() {
      const { id, tier, host, deadOnArrival, ...rejected } = facts();
      return { ...rejected, malformed: rejected.malformed + broken };
    },
    subscribe: (listener) => observe(sessions, listener, session),
    onConnection,
    send: conversation.send,
    request: conversation.request,
    requestSignIn: conversation.requestSignIn,
    handle: conversation.handle,
    storage: appStorage(namespace, onConnection),
    signIn: (own, show?: Show) => signIn(bridge, { ...options.signIn, ...own }, show),
    beginSignIn: async () => void call(Call.BeginSignIn),
    async authorize(grant) {
      if (!fitsGrant(grant)) throw await grantFailure(grant);
      await command(Call.Authorize, grant);
    },
    signOut: async ({ reason = "user" } = {}) => command(Call.SignOut, reason),
    reset: async () => command(Call.Reset),
    async accessToken({ minValidity = 5000 } = {}) {
      // Nothing waits so long: it is compared with what is left.
      if (!isDuration(minValidity, Infinity, 0)) throw await durationFailure("minValidity", minValidity, Infinity, 0);
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
      const refresh = credentials !== "memory" && !storeless ? "transaction" : "locks" in navigator ? "lock" : "best-effort";
      return { ...environment(tier, host, !!options.unpartitionedStorage), refresh };
    },
    async diagnose() {
      const { diagnose } = await import("./diagnosis.js");
      return diagnose(bridge, { deadOnArrival: facts().deadOnArrival, hosts });
    },
    close,
    ...dialect?.face,
  };
  signal?.addEventListener("abort", close);
  claim.opened();
  return bridge;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/** What is wrong with a grant, in words. */
async function grantFailure(grant: unknown, where = "") {
  const [code, text] = (await advice())?.grantProblem(grant) ?? (["ACCOUNT_INVALID", "it is no grant"] as const);
  return new AuthframeError(code, where + text, "app");
}

/** By its name: it may be of another copy of this library, whose classes are others, and whose bundler gave them other names. */
const isA = <T extends Error>(error: unknown, name: T["name"]): error is T => (error as Error | null)?.name === name;

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
