/** What travels on the port once the host has said welcome: the widget's news, the host's identity, and the application's messages and requests both ways. */
import type { ErrorCode } from "../error.js";
import type { Handler, Identity, RequestOptions } from "../types.js";
import { failure } from "./errors.js";
import type { Counter } from "./handshake.js";
import { limit } from "./limit.js";
import { count, field, text, word, words, type Rule } from "../read.js";
import { identityFields, session } from "./shapes.js";
import { observed, unknown, type State, type Update } from "./state.js";
import type { Widget } from "./types.js";

/** A widget whose state changes in place. */
type LiveWidget = State & Omit<Widget, keyof State | "rejected"> & { readonly rejected: Record<Counter, number> };

/** Takes over a port and sends the first answer on it; the port before is dropped. */
type Attach = (port: MessagePort, answer: object) => void;

/** TypeScript does not know the event yet. */
type Port = MessagePort & { onclose?: (() => void) | null };

/** What is heard, by the type of the message. `read` throws `shape` at what is absent or broken; `answer` runs a handler for this message. */
type Hear = (read: <T>(key: string, rule: Rule<T>) => T, data: unknown, answer: (id: number, handler: Handler | undefined) => void) => void;

/** @param onSignIn answers the widget's `sign-in`; absent if this host cannot */
export const converse = (frame: HTMLIFrameElement, onSignIn: (() => Identity | null | Promise<Identity | null>) | undefined): [LiveWidget, Update<State>, Attach] => {
  const pass = limit(20_000);
  const handlers = new Map<string, Handler>();
  /** Settles a request. */
  const pending = new Map<number, (error: Error | undefined, data?: unknown) => void>();
  let queue: { readonly id?: number }[] = [];
  let port: Port | undefined;
  let last = 0;
  /** A user, nobody (null), or nothing to say. */
  let identity: object | null | undefined;

  const post = (message: object): void => {
    if (widget.connection === "closed") throw failure("CLOSED");
    const open = widget.connection === "connected";
    if (!open && queue[31]) throw failure("QUEUE_FULL");
    try {
      if (open) port!.postMessage(message);
      else queue.push(structuredClone(message));
    } catch (cause) {
      throw failure("DATA_NOT_CLONEABLE", "", cause);
    }
  };

  const ask = (message: object, options?: RequestOptions): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      post({ ...message, id });
      const settle = (error: Error | undefined, data?: unknown) => {
        clearTimeout(timer);
        pending.delete(id);
        queue = queue.filter((message) => message.id !== id);
        if (error) reject(error);
        else resolve(data);
      };
      const timer = setTimeout(() => settle(failure("REQUEST_TIMEOUT")), options?.timeoutMs ?? 10_000);
      pending.set(id, settle);
    });

  const tell = async (): Promise<void> => {
    const told = identity;
    if (!widget.capabilities.includes("identity")) throw failure("NO_HANDLER");
    await ask(told ? { type: "identity", identity: told } : { type: "sign-out" });
    // A sign-out is said once: who signs in over there later is not to be signed out by a reload.
    if (told === identity) identity ??= undefined;
  };

  const setIdentity = async (next: Identity | null): Promise<void> => {
    const read = next && identityFields(next);
    if (read === undefined) throw failure("ACCOUNT_INVALID", "subject");
    if (widget.connection === "closed") throw failure("CLOSED");
    identity = read;
    if (widget.connection === "connected") await tell();
  };

  const end = (state?: unknown): void => {
    const close = state === "closed";
    if (port) {
      port.onmessage = port.onclose = null;
      // Either its reader is gone, or it must know that this end is.
      port.postMessage({ type: "bye" });
      port.close();
      port = undefined;
    }
    // What only waits for a connection goes on waiting.
    if (widget.connection === "closed" || (!close && widget.connection !== "connected")) return;
    for (const settle of pending.values()) settle(failure(close ? "CLOSED" : "DISCONNECTED"));
    update({ connection: close ? "closed" : "disconnected", capabilities: [], session: unknown(widget.session, "starting") });
  };

  const hears: Record<string, Hear> = {
    open(read) {
      Object.assign(widget, { connection: "connected", capabilities: read("capabilities", words), session: read("session", session) });
      // Nobody waits for this one. What a lost connection spoils, the next one mends.
      if (identity !== undefined) tell().catch((error: unknown) => widget.connection === "connected" && reportError(error));
      for (const message of queue.splice(0)) post(message);
      // What the listeners say comes after what waited.
      update({});
    },
    session: (read) => update({ session: read("session", session) }),
    "sign-in": (read, _data, answer) =>
      answer(
        read("id", count),
        onSignIn &&
          (async () => {
            const user = await onSignIn();
            if (user) await setIdentity(user);
            return !!user;
          }),
      ),
    request: (read, _data, answer) => answer(read("id", count), handlers.get(read("name", word))),
    message(read, data) {
      const handler = handlers.get(read("name", word));
      (async () => handler?.(data))();
    },
    reply: (read, data) => pending.get(read("id", count))?.(undefined, data),
    error(read) {
      const error = failure(read("code", word) as ErrorCode, read("message", text(256)));
      pending.get(read("id", count))?.(error);
    },
    bye: end,
  };

  const receive = (from: Port, message: unknown, now: number): void => {
    const read: Parameters<Hear>[0] = (key, rule) => {
      const value = field(message, key, rule);
      if (value == null) throw "shape";
      return value;
    };
    if (!pass(now)) throw "rate";
    const data = field(message, "data");
    // A type that nobody hears is of a later version.
    field<Hear>(hears, read("type", word))?.(read, data, async (id, handler) => {
      // To the port that asked, even if another one has come since.
      try {
        if (handler) return from.postMessage({ type: "reply", id, data: await handler(data) });
      } catch (error) {
        reportError(error);
      }
      const code = handler ? "HANDLER_FAILED" : "NO_HANDLER";
      from.postMessage({ type: "error", id, code, message: code });
    });
  };

  const widget: LiveWidget = {
    frame,
    connection: "connecting",
    session: unknown({ writer: "", epoch: 0, sequence: 0 }, "starting"),
    capabilities: [],
    rejected: { source: 0, origin: 0, shape: 0, rate: 0, replay: 0 },
    onConnection: (listener) => observe("connection", listener),
    subscribe: (listener) => observe("session", listener),
    send: (name, data) => post({ type: "message", name: named(name), data }),
    request: async (name, data, options) => ask({ type: "request", name: named(name), data }, options),
    handle(name, handler) {
      handlers.set(named(name), handler);
      return () => {
        if (handlers.get(name) === handler) handlers.delete(name);
      };
    },
    setIdentity,
    signOut: () => setIdentity(null),
    close: () => end("closed"),
  };
  const [update, observe] = observed<State>(widget);

  const attach: Attach = (next: Port, answer) => {
    end();
    // A listener may have closed everything just now.
    if (widget.connection === "closed") return next.close();
    port = next;
    next.onmessage = ({ data, timeStamp }) => {
      try {
        receive(next, data, timeStamp);
      } catch (wrong) {
        widget.rejected[wrong as Counter]++;
      }
    };
    next.onclose = end;
    next.postMessage(answer);
  };
  return [widget, update, attach];
};

const named = (name: string): string => {
  if (!word(name)) throw failure("NAME_INVALID");
  return name;
};
