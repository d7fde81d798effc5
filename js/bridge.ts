/** The widget's end: promises and listeners around the core, which decides. */
import { type Conversation, converse } from "./conversation.js";
import { AuthframeError, type ErrorCode, type Fault } from "./error.js";
import { Core } from "./generated/authframe.js";
import type { ConnectionState, Session } from "./types.js";
import { type AcquireRequest, AuthRejected, type Bridge, type ConnectOptions, type Environment, type Rejected } from "./widget.js";

const namespaces = new Set<string>();

/** Makes a bridge. The wasm is there. `early` is what the parent said before. */
export function open(options: ConnectOptions, early: readonly MessageEvent[]): Bridge {
  const { hosts = [], namespace = "authframe", channel = "", opaque = false, acquire } = options;
  if (namespaces.has(namespace)) {
    throw new AuthframeError("NAMESPACE_IN_USE", "this page has a bridge of this namespace: use it, or close it first", "app");
  }

  let session: Session;
  let connection: ConnectionState = "connecting";
  let failure: AuthframeError | null = null;
  let acquiring: AbortController | undefined;
  let broken = 0;
  const sessions = new Set<(session: Session) => void>();
  const connections = new Set<(state: ConnectionState) => void>();

  // Called by the core, in order, with nothing borrowed: whatever is called here may call the bridge.
  const events: Record<string, (data: unknown, name: string, id: number) => void> = {
    session(data) {
      session = frozen(data as Session);
      tell(sessions, session);
    },
    connection(greeting, state) {
      connection = state as ConnectionState;
      if (connection === "connected") failure = null;
      if (connection === "closed") namespaces.delete(namespace);
      safely(() => conversation.changed(connection, greeting));
      tell(connections, connection);
    },
    failed(error) {
      failure = typed(error);
    },
    acquire(identity, reason, id) {
      acquiring = new AbortController();
      void answer({ reason, identity, signal: acquiring.signal } as AcquireRequest, id);
    },
    cancel() {
      acquiring?.abort();
    },
    message(message) {
      safely(() => {
        if (!conversation.receive(message)) broken++;
      });
    },
  };

  const core: Core = guard(() => new Core(namespace, channel, opaque, acquire !== undefined, {
    event: (kind: string, id: number, name: string, data: unknown) => events[kind]?.(data, name, id),
  }));
  const conversation: Conversation = converse(message => core.post(message));
  hosts.forEach((host, place) => guard(() => core.allow(origin(host)), `hosts[${place}]: `));
  const facts = () => guard(() => core.facts());
  session = frozen(facts()[0] as Session);
  guard(() => core.start());
  namespaces.add(namespace);
  for (const event of early) core.receive(event);

  async function answer(request: AcquireRequest, id: number) {
    let grant: unknown;
    let refused = false;
    try {
      grant = await acquire?.(request);
    } catch (error) {
      refused = error instanceof AuthRejected;
    }
    core.acquired(id, grant ?? undefined, refused);
  }

  return {
    id: facts()[2] as string,
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
      const [source, origin, shape = 0, rate, replay, storage] = facts().slice(3) as number[];
      return { source, origin, shape: shape + broken, rate, replay, storage } as Rejected;
    },
    subscribe: listener => observe(sessions, listener, session),
    onConnection: listener => observe(connections, listener, connection),
    send: (name, data) => conversation.send(name, data),
    request: (name, data, options = {}) => conversation.request(name, data, options),
    requestSignIn: async (options = {}) => conversation.requestSignIn(options),
    handle: (name, handler) => conversation.handle(name, handler),
    authorizing: async () => guard(() => core.authorizing()),
    authorize: async grant => guard(() => core.authorize(grant)),
    unauthorized: async (reason = "user") => guard(() => core.unauthorized(reason)),
    accessToken: async () => guard(() => core.accessToken()) as string,
    environment: () => facts()[1] as Environment,
    async diagnose() {
      const { diagnose } = await import("./diagnosis.js");
      return diagnose(this);
    },
    close: () => core.close(),
  };
}

function origin(host: ConnectOptions["hosts"][number]): string {
  if (typeof host === "string") return host;
  if ((host.dialect ?? "native") === "native") return host.origin;
  throw new AuthframeError("CONFIG_INVALID", "this version speaks only the dialect native", "app");
}

function frozen(session: Session): Session {
  Object.freeze(session.account);
  return Object.freeze(session);
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

function guard<T>(call: () => T, where = ""): T {
  try {
    return call();
  } catch (error) {
    throw typeof error === "string" ? typed(error, where) : error;
  }
}

// The core's errors are text: "CODE fault what to do".
function typed(error: unknown, where = ""): AuthframeError {
  const [code, fault, ...text] = String(error).split(" ");
  return new AuthframeError(code as ErrorCode, where + text.join(" "), fault as Fault);
}
