/**
 * The application's own messages and requests, which both halves send and receive alike: docs/protocol.md section 3. What carries a message to the other side, and what has to do with who is signed
 * in, is each half's own: `host/conversation.ts`, `widget/conversation.ts`.
 */
import { AuthframeError, type ErrorCode } from "./error.js";
import { answer, Handlers, notify, type Post } from "./handlers.js";
import { isDuration } from "./input-check.js";
import { LONGEST_QUEUE, LONGEST_WAIT, SENT_A_SECOND, USUAL_WAIT } from "./limits.js";
import { rateLimit } from "./rate-limit.js";
import { count, field, text, word } from "./read.js";
import type { outcome } from "./request-outcome.js";
import { shown } from "./shown.js";
import type { ConnectionState, Handler, RequestOptions, Unsubscribe } from "./types.js";

export type { Post } from "./handlers.js";

export interface Message {
  readonly type: string;
  readonly id?: number;
  readonly name?: string;
  readonly data?: unknown;
}

/** What differs between the halves. */
export interface Half {
  /** The other side, as error texts call it. */
  readonly peer: "host" | "widget";
  /** The codes that a refusal of the other side may have; any other becomes `HANDLER_FAILED`, so that a peer's word never widens our list. */
  readonly refusals: readonly ErrorCode[];
  failure(code: ErrorCode, detail?: string, cause?: unknown): AuthframeError;
  durationFailure(name: string, given: unknown, most: number): Promise<AuthframeError>;
  /** The words for it, where they can be loaded. */
  advice(): Promise<{ readonly outcome: typeof outcome } | undefined>;
  /** Called when a request got no answer in its time. */
  unanswered?(): void;
}

/** A request that waits for its answer. */
interface Request {
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Conversation {
  /** What the other side announced at the handshake; empty while there is no connection. */
  capabilities: readonly string[] = [];
  /** How many of our application's messages the other side says that it dropped in this connection. */
  undelivered = 0;

  readonly #half: Half;
  readonly #handlers = new Handlers();
  readonly #requests = new Map<number, Request>();
  /** What became of requests over there, and what the other side said of it. */
  readonly #outcomes = new WeakMap<AuthframeError, string | undefined>();
  readonly #mayBeSent = rateLimit(SENT_A_SECOND);
  #state: ConnectionState = "connecting";
  /** The way to the other side, while connected. */
  #post: Post | undefined;
  /** What waits for a connection. */
  #queue: Message[] = [];
  #lastId = 0;

  constructor(half: Half) {
    this.#half = half;
  }

  /** See `Peer.send`. */
  readonly send = (name: string, data?: unknown): void => this.#put({ type: "message", name: this.#checked(name), data }, true);

  /** See `Peer.request`. */
  readonly request = async (name: string, data?: unknown, options?: RequestOptions): Promise<unknown> =>
    this.askAsApplication({ type: "request", name: this.#checked(name), data }, shown(name), options);

  /** See `Peer.handle`. */
  readonly handle = (name: string, handler: Handler): Unsubscribe => this.#handlers.set(this.#checked(name), handler);

  /** Asks on the application's behalf, for `what`: within the limit of what it may send, and for as long as it says. */
  async askAsApplication(message: Message, what: string, { timeoutMs = USUAL_WAIT }: RequestOptions = {}): Promise<unknown> {
    if (!isDuration(timeoutMs, LONGEST_WAIT)) throw await this.#half.durationFailure("timeoutMs", timeoutMs, LONGEST_WAIT);
    return this.ask(message, timeoutMs, true).catch((error: unknown) => this.fail(error, what));
  }

  /** Throws what an {@link ask} for `what` was rejected with: for the application with words, which nothing of ours waits for. */
  async fail(error: unknown, what: string): Promise<never> {
    const bare = error as AuthframeError;
    const advice = this.#outcomes.has(bare) ? await this.#half.advice() : undefined;
    const words = advice?.outcome(this.#half.peer, bare.code, what, this.#outcomes.get(bare));
    throw words ? new AuthframeError(bare.code, words, bare.responsible) : error;
  }

  /** Posts a message and resolves with its answer. */
  ask(message: Message, timeoutMs: number, limited = false): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#lastId++;
      const id = this.#lastId;
      this.#put({ ...message, id }, limited);
      const timer = setTimeout(() => {
        this.#fail(id, "REQUEST_TIMEOUT");
        this.#half.unanswered?.();
      }, timeoutMs);
      this.#requests.set(id, { resolve, reject, timer });
    });
  }

  /**
   * Takes a message of the other side. A type that is not known is one of a later version.
   *
   * @param post to the very document that has sent it: what it asks is answered there, and nowhere else
   * @returns `false` if the message is broken
   */
  receive(message: unknown, post: Post): boolean {
    const id = field(message, "id", count);
    switch (field(message, "type", word)) {
      case "message":
      case "request":
        return this.#hand(message, id, post);
      case "reply":
        if (id === undefined) return false;
        this.#settle(id, undefined, field(message, "data"));
        return true;
      case "error":
        return id !== undefined && this.#refused(id, message);
      case "dropped": {
        const dropped = field(message, "count", count);
        if (dropped === undefined) return false;
        this.undelivered = dropped;
        return true;
      }
      default:
        return true;
    }
  }

  /** The other side is there. What waits is sent by {@link flush}. */
  connected(post: Post, capabilities: readonly string[]): void {
    // Another document than before.
    if (this.#post) this.disconnected("disconnected");
    this.#state = "connected";
    this.#post = post;
    this.capabilities = Object.freeze([...capabilities]);
    this.undelivered = 0;
  }

  /** Sends what has waited for the connection. */
  flush(): void {
    for (const message of this.#queue.splice(0)) this.#post?.(message);
  }

  /** Fails the requests of this type that wait for a connection. */
  failWaiting(type: string, code: ErrorCode): void {
    for (const message of this.#queue) if (message.type === type && message.id !== undefined) this.#fail(message.id, code);
  }

  /** There is no connection. Requests under way fail, as their outcome is unknown; what only waits for a connection goes on waiting, unless there will be none. */
  disconnected(state: Exclude<ConnectionState, "connected">): void {
    const wasConnected = this.#post !== undefined;
    this.#state = state;
    this.#post = undefined;
    if (!wasConnected && state !== "closed") return;
    this.capabilities = [];
    for (const id of [...this.#requests.keys()]) this.#fail(id, state === "closed" ? "CLOSED" : "DISCONNECTED");
    if (state !== "closed") return;
    this.#queue = [];
    this.#handlers.close();
  }

  #hand(message: unknown, id: number | undefined, post: Post): boolean {
    const name = field(message, "name", word);
    if (name === undefined) return false;
    const handler = this.#handlers.get(name);
    const data = field(message, "data");
    if (field(message, "type") === "request") {
      if (id === undefined) return false;
      answer(handler, id, data, post);
    } else if (handler) notify(handler, data);
    return true;
  }

  /** A refusal in broken words is a refusal all the same: nothing else comes for this request. */
  #refused(id: number, message: unknown): boolean {
    const code = field(message, "code", word);
    const words = field(message, "message", text(256));
    const known = this.#half.refusals.find((refusal) => refusal === code) ?? "HANDLER_FAILED";
    this.#fail(id, known, words === code ? undefined : words);
    return code !== undefined && words !== undefined;
  }

  /** @param said by the other side, in its own words */
  #fail(id: number, code: ErrorCode, said?: string): void {
    const error = this.#half.failure(code);
    this.#outcomes.set(error, said);
    this.#settle(id, error);
  }

  #settle(id: number, error: AuthframeError | undefined, data?: unknown): void {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    this.#queue = this.#queue.filter((message) => message.id !== id);
    clearTimeout(request.timer);
    if (error) request.reject(error);
    else request.resolve(data);
  }

  /** Posts a message, or keeps a copy until there is a connection: an error has to be thrown now, and later the data may have changed. */
  #put(message: Message, limited: boolean): void {
    const { failure } = this.#half;
    if (this.#state === "closed") throw failure("CLOSED");
    if (limited && !this.#mayBeSent(performance.now())) throw failure("RATE_LIMITED");
    let copy: Message;
    try {
      if (this.#post) return this.#post(message);
      copy = structuredClone(message);
    } catch (cause) {
      // What carries it may have its own reason.
      throw cause instanceof AuthframeError ? cause : failure("DATA_NOT_CLONEABLE", "", cause);
    }
    if (this.#state === "standalone") throw failure("DISCONNECTED", "this page is not embedded");
    if (this.#queue.length >= LONGEST_QUEUE) throw failure("QUEUE_FULL");
    this.#queue.push(copy);
  }

  #checked(name: unknown): string {
    const valid = word(name);
    if (!valid) throw this.#half.failure("NAME_INVALID", `${shown(name)} was given`);
    return valid;
  }
}
