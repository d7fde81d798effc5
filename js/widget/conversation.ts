/** The application's own messages, as the widget sends and hears them: docs/protocol.md section 3. The core only carries them. */
import { durationFailure, failure } from "./failure.js";
import { isDuration } from "../shared/fits.js";
import { rateLimit, SENT_A_SECOND } from "../shared/rate-limit.js";
import { count, field, word } from "../shared/read.js";
import type { ConnectionState, Handler, RequestOptions, Unsubscribe } from "../shared/types.js";

const QUEUE = 32;
const LONGEST_WAIT = 600_000;
/** A user takes time. */
const SIGN_IN_WAIT = 300_000;

interface Message {
  readonly type: string;
  readonly id?: number;
  readonly name?: string;
  readonly data?: unknown;
  readonly code?: string;
  readonly message?: string;
}

interface Waiting {
  readonly settle: (error: unknown, data?: unknown) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export interface Conversation {
  readonly capabilities: readonly string[];
  readonly undelivered: number;
  send(name: string, data?: unknown): void;
  request(name: string, data?: unknown, options?: RequestOptions): Promise<unknown>;
  requestSignIn(options?: RequestOptions): Promise<boolean>;
  handle(name: string, handler: Handler): Unsubscribe;
  /** Takes what the core did not take for its own. False: it is one of ours, but broken. */
  receive(message: unknown): boolean;
  /** Hears of a change of the connection; `greeting` is the host's welcome. */
  changed(state: ConnectionState, greeting: unknown): void;
}

/** What a host's word can become: a code of ours, and no other. */
const ANSWERS = ["NO_HANDLER", "HANDLER_FAILED", "RATE_LIMITED"] as const;

/** @param post puts a message on the port; throws if it cannot be copied */
export function converse(post: (message: Message) => void): Conversation {
  const handlers = new Map<string, Handler>();
  const asked = new Map<number, Waiting>();
  const pass = rateLimit(SENT_A_SECOND);
  let capabilities: readonly string[] = [];
  let undelivered = 0;
  let queue: Message[] = [];
  let state: ConnectionState = "connecting";
  // Counts the connections: an answer belongs to the one that asked.
  let connections = 0;
  let last = 0;

  const put = (message: Message) => {
    if (state === "closed") throw failure("CLOSED");
    if (!pass(performance.now())) throw failure("RATE_LIMITED");
    try {
      if (state === "connected") return post(message);
      // A copy: an error must be told now, and later the data may have changed.
      message = structuredClone(message);
    } catch (cause) {
      throw failure("DATA_NOT_CLONEABLE", "", cause);
    }
    if (state === "standalone") throw failure("DISCONNECTED", "this page is not embedded");
    if (queue.length >= QUEUE) throw failure("QUEUE_FULL");
    queue.push(message);
  };

  const settle = (id: number, error: unknown, data?: unknown) => {
    const waiting = asked.get(id);
    asked.delete(id);
    queue = queue.filter((message) => message.id !== id);
    clearTimeout(waiting?.timer);
    waiting?.settle(error, data);
    return true;
  };

  const settleAll = (error: unknown) => {
    for (const [id] of asked) settle(id, error);
  };

  const ask = async (message: Message, { timeoutMs = 10_000 }: RequestOptions = {}) => {
    if (!isDuration(timeoutMs, LONGEST_WAIT)) throw await durationFailure("timeoutMs", timeoutMs, LONGEST_WAIT);
    return new Promise((resolve, reject) => {
      const id = ++last;
      put({ ...message, id });
      asked.set(id, {
        settle: (error, data) => (error ? reject(error) : resolve(data)),
        timer: setTimeout(() => settle(id, failure("REQUEST_TIMEOUT")), timeoutMs),
      });
    });
  };

  const hear = (handler: Handler | undefined, data: unknown) => {
    handler?.(data);
    return true;
  };

  const answer = (id: number, handler: Handler | undefined, data: unknown): true => {
    const asker = connections;
    const back = (message: object) => {
      if (asker === connections && state === "connected") post({ ...message, id } as Message);
    };
    const refuse = (code: "HANDLER_FAILED" | "NO_HANDLER") => back({ type: "error", code, message: code });
    const reply = (reply: unknown) => {
      try {
        back({ type: "reply", data: reply });
      } catch {
        refuse("HANDLER_FAILED");
      }
    };
    const failed = (error: unknown) => {
      refuse("HANDLER_FAILED");
      reportError(error);
    };
    try {
      const result = handler?.(data);
      if (!handler) refuse("NO_HANDLER");
      else if (typeof (result as PromiseLike<unknown> | undefined)?.then === "function") Promise.resolve(result).then(reply, failed);
      else reply(result);
    } catch (error) {
      failed(error);
    }
    return true;
  };

  return {
    get capabilities() {
      return capabilities;
    },
    get undelivered() {
      return undelivered;
    },
    send: (name, data) => put({ type: "message", name: named(name), data }),
    request: async (name, data, options) => ask({ type: "request", name: named(name), data }, options),
    async requestSignIn(options) {
      if (state === "connected" && !capabilities.includes("sign-in")) throw failure("NO_HANDLER");
      return (await ask({ type: "sign-in" }, { timeoutMs: SIGN_IN_WAIT, ...options })) === true;
    },
    handle(name, handler) {
      handlers.set(named(name), handler);
      return () => {
        if (handlers.get(name) === handler) handlers.delete(name);
      };
    },
    receive(message) {
      const id = field(message, "id", count);
      const name = field(message, "name", word);
      const data = field(message, "data");
      switch (field(message, "type", word)) {
        case "reply":
          return id !== undefined && settle(id, null, data);
        case "error":
          return id !== undefined && settle(id, failure(ANSWERS.find((code) => code === field(message, "code", word)) ?? "HANDLER_FAILED"));
        case "request":
          return id !== undefined && name !== undefined && answer(id, handlers.get(name), data);
        case "message":
          return name !== undefined && hear(handlers.get(name), data);
        case "dropped":
          undelivered = field(message, "count", count) ?? undelivered;
      }
      // A later version's.
      return true;
    },
    changed(next, greeting) {
      const before = state;
      state = next;
      if (next === "connected") {
        connections++;
        undelivered = 0;
        // The core has checked them.
        capabilities = Object.freeze([...(field<readonly string[]>(greeting, "capabilities") ?? [])]);
        const able = capabilities.includes("sign-in");
        for (const message of queue.splice(0)) {
          if (message.type === "sign-in" && !able) settle(message.id ?? 0, failure("NO_HANDLER"));
          else post(message);
        }
      } else if (before === "connected" || next === "closed") {
        capabilities = [];
        settleAll(failure(next === "closed" ? "CLOSED" : "DISCONNECTED"));
      }
    },
  };
}

function named(name: string): string {
  if (name && word(name)) return name;
  throw failure("NAME_INVALID");
}
