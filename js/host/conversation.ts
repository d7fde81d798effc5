/** What travels on the port once the host has said welcome: the widget's news, the host's identity, and the application's messages and requests both ways. */
import type { AuthframeError, ErrorCode } from "../shared/error.js";
import type { Handler, Identity, RequestOptions } from "../shared/types.js";
import { isDuration } from "../shared/fits.js";
import { rateLimit, SENT_A_SECOND, TAKEN_AT_ONCE } from "../shared/rate-limit.js";
import { advice, failure } from "./errors.js";
import type { Counter } from "./handshake.js";
import { LONGEST_WAIT } from "./option-names.js";
import { lives, nameUser, type Named } from "./identity.js";
import { count, field, text, word, words, type Rule } from "../shared/read.js";
import { session } from "./shapes.js";
import { signsOfLife } from "./life.js";
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

/** Longer than the widget waits for its own `acquire`, which is 30 s. */
const IDENTITY_WAIT = 40_000;
/** Who is signed in, and answers, always pass. What the application says by itself, and words that we do not know, share a limit. */
const UNLIMITED = ["open", "session", "reply", "error", "dropped", "ping", "bye"];
/** What a widget's word can become: a code of ours, and no other. */
const ANSWERS: readonly ErrorCode[] = [
  "NO_HANDLER",
  "HANDLER_FAILED",
  "RATE_LIMITED",
  "ACCOUNT_INVALID",
  "TOKEN_INVALID",
  "LIFETIME_INVALID",
  "ACQUIRE_FAILED",
];

/** @param onSignIn answers the widget's `sign-in`; absent if this host cannot */
export const converse = (
  frame: HTMLIFrameElement,
  onSignIn: (() => Identity | null | Promise<Identity | null>) | undefined,
): [LiveWidget, Update<State>, Attach, again: () => void] => {
  const taken = rateLimit(SENT_A_SECOND, TAKEN_AT_ONCE);
  const sent = rateLimit(SENT_A_SECOND);
  const handlers = new Map<string, Handler>();
  /** Settles a request. */
  const pending = new Map<number, (error: Error | undefined, data?: unknown) => void>();
  let queue: { readonly id?: number }[] = [];
  let port: Port | undefined;
  let last = 0;
  let dropped = 0;
  /** A user, nobody, or nothing to say. */
  let named: Named | undefined;
  /** One at a time: there is one person in front of the page. */
  let signingIn: Promise<boolean> | undefined;
  let stopSignIn: (() => void) | undefined;

  const post = (message: object): void => {
    if (widget.connection === "closed") throw failure("CLOSED");
    const open = widget.connection === "connected";
    if (!open && queue.length >= 32) throw failure("QUEUE_FULL");
    try {
      if (open) port!.postMessage(message);
      else queue.push(structuredClone(message));
    } catch (cause) {
      throw failure("DATA_NOT_CLONEABLE", "", cause);
    }
  };

  /** Of the application's own: limited. */
  const say = (message: object): void => {
    if (!sent(performance.now())) throw failure("RATE_LIMITED");
    post(message);
  };

  const ask = (message: object, timeoutMs: number, send = post): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      send({ ...message, id });
      const settle = (error: Error | undefined, data?: unknown) => {
        clearTimeout(timer);
        pending.delete(id);
        queue = queue.filter((message) => message.id !== id);
        if (error) reject(error);
        else resolve(data);
      };
      const timer = setTimeout(() => {
        settle(failure("REQUEST_TIMEOUT"));
        // A widget that has died does not answer either.
        life.doubt();
      }, timeoutMs);
      pending.set(id, settle);
    });

  const request = async (name: string, data: unknown, { timeoutMs = 10_000 }: RequestOptions = {}): Promise<unknown> => {
    if (!isDuration(timeoutMs, LONGEST_WAIT))
      throw failure("CONFIG_INVALID", (await advice())?.durationProblem("timeoutMs", timeoutMs, LONGEST_WAIT));
    return ask({ type: "request", name: checked(name), data }, timeoutMs, say);
  };

  const life = signsOfLife(
    () => widget.capabilities.includes("ping") && widget.connection === "connected",
    (timeoutMs) => ask({ type: "ping" }, timeoutMs),
    () => end(),
  );

  const tell = async (): Promise<void> => {
    const telling = named!;
    if (!widget.capabilities.includes("identity")) throw failure("NO_HANDLER", "this widget takes no identity");
    telling.told = true;
    try {
      await ask(
        telling.user
          ? { type: "identity", identity: telling.user, ...(telling.epoch === undefined ? {} : { epoch: telling.epoch }) }
          : { type: "sign-out" },
        IDENTITY_WAIT,
      );
    } catch (error) {
      // Refused: it may be named again as long as nothing else has happened over there.
      if (telling.user && ANSWERS.includes((error as AuthframeError).code)) {
        telling.epoch ??= widget.session.epoch;
        telling.refused = true;
      }
      throw error;
    }
    if (telling !== named) return;
    const { status, epoch } = widget.session;
    // A sign-out is said once: a user who signs in over there later is not to be signed out by a reload.
    if (!telling.user || (telling.epoch === undefined && status === "unauthorized")) named = undefined;
    // The account that the widget has made of it may have another name.
    else telling.epoch ??= epoch;
  };

  const setIdentity = async (next: Identity | null): Promise<void> => {
    const read = nameUser(next);
    if (!read) {
      const [code, text] = (await advice())?.grantProblem(next) ?? (["ACCOUNT_INVALID", ""] as const);
      throw failure(code, text);
    }
    if (widget.connection === "closed") throw failure("CLOSED");
    named = read;
    if (widget.connection === "connected") await tell();
  };

  const see = (next: State["session"]) => {
    if (named && !lives(named, next)) named = undefined;
    return next;
  };

  const end = (state?: unknown): void => {
    const close = state === "closed";
    life.end();
    // Who asked is gone.
    stopSignIn?.();
    signingIn = undefined;
    if (port) {
      port.onmessage = port.onmessageerror = port.onclose = null;
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
      const opened = read("session", session);
      // A new document was told nothing yet; one that keeps nothing between two documents starts from nothing.
      if (named) {
        named.told = false;
        if (named.epoch !== undefined && opened.epoch < named.epoch) delete named.epoch;
      }
      Object.assign(widget, { connection: "connected", capabilities: read("capabilities", words), session: see(opened), undelivered: 0 });
      dropped = 0;
      life.begin();
      // Nobody waits for this one. What a lost connection spoils, the next one says again.
      if (named) tell().catch((error: unknown) => widget.connection === "connected" && reportError(error));
      for (const message of queue.splice(0)) post(message);
      // What the listeners say comes after what waited.
      update({});
    },
    session: (read) => update({ session: see(read("session", session)) }),
    "sign-in": (read, _data, answer) =>
      answer(
        read("id", count),
        onSignIn &&
          (() =>
            (signingIn ??= (async () => {
              let late: ReturnType<typeof setTimeout> | undefined;
              const nobody = new Promise<null>((resolve) => {
                late = setTimeout((stopSignIn = () => resolve(null)), LONGEST_WAIT);
              });
              try {
                const user = await Promise.race([onSignIn(), nobody]);
                if (user) await setIdentity(user);
                return !!user;
              } finally {
                clearTimeout(late);
                signingIn = undefined;
              }
            })())),
      ),
    request: (read, _data, answer) => answer(read("id", count), handlers.get(read("name", word))),
    message(read, data) {
      const handler = handlers.get(read("name", word));
      (async () => handler?.(data))();
    },
    reply: (read, data) => pending.get(read("id", count))?.(undefined, data),
    error(read) {
      const code = read("code", word);
      const message = read("message", text(256));
      pending.get(read("id", count))?.(
        failure(
          ANSWERS.find((known) => known === code) ?? "HANDLER_FAILED",
          message === code ? "" : `the widget says ${JSON.stringify(message)}`,
        ),
      );
    },
    dropped(read) {
      widget.undelivered = read("count", count);
    },
    ping: (read, _data, answer) => answer(read("id", count), () => null),
    bye: () => end(),
  };

  /** What is dropped is said to its sender: of a request at once, of the rest whenever there are twice as many as last time. */
  const drop = (from: Port, message: unknown): void => {
    const id = field(message, "id", count);
    dropped++;
    if (id !== undefined) from.postMessage({ type: "error", id, code: "RATE_LIMITED", message: "RATE_LIMITED" });
    else if (Number.isInteger(Math.log2(dropped))) from.postMessage({ type: "dropped", count: dropped });
  };

  const receive = (from: Port, message: unknown): void => {
    const read: Parameters<Hear>[0] = (key, rule) => {
      const value = field(message, key, rule);
      if (value == null) throw "malformed";
      return value;
    };
    const type = read("type", word);
    if (!UNLIMITED.includes(type) && !taken(performance.now())) {
      drop(from, message);
      throw "rate";
    }
    const data = field(message, "data");
    // A type that nobody hears is of a later version.
    field<Hear>(hears, type)?.(read, data, async (id, handler) => {
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
    undelivered: 0,
    rejected: { source: 0, origin: 0, malformed: 0, rate: 0, replay: 0 },
    onConnection: (listener) => observe("connection", listener),
    subscribe: (listener) => observe("session", listener),
    send: (name, data) => say({ type: "message", name: checked(name), data }),
    request,
    handle(name, handler) {
      handlers.set(checked(name), handler);
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
    next.onmessage = (event) => {
      life.heard();
      try {
        receive(next, event.data);
      } catch (wrong) {
        // A page can make up an event whose getters throw.
        widget.rejected[wrong === "rate" ? "rate" : "malformed"]++;
      }
    };
    next.onmessageerror = () => void widget.rejected.malformed++;
    next.onclose = () => end();
    next.postMessage(answer);
  };
  /** Asks the widget to say its session once more. */
  const again = () => port?.postMessage({ type: "again" });
  return [widget, update, attach, again];
};

const checked = (name: string): string => {
  if (!word(name)) throw failure("NAME_INVALID", `${JSON.stringify(name)} was given`);
  return name;
};
