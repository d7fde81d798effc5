/** Runs the handlers that an application gives. What a handler throws stays on its side: it is reported, and the other side learns only that it failed. */
import { report } from "./report.js";
import type { Handler, Unsubscribe } from "./types.js";

/** The handlers of an application: one a name, the last one counts. */
export class Handlers {
  // Each with a key of its own: who keeps the end of a handler does not keep the handler.
  readonly #handlers = new Map<string, { readonly key: object; readonly handler: Handler }>();
  #isClosed = false;

  get(name: string): Handler | undefined {
    return this.#handlers.get(name)?.handler;
  }

  /** After the end, nothing is kept. */
  set(name: string, handler: Handler): Unsubscribe {
    const key = {};
    if (!this.#isClosed) this.#handlers.set(name, { key, handler });
    return () => {
      if (this.#handlers.get(name)?.key === key) this.#handlers.delete(name);
    };
  }

  /** Lets go of all. */
  close(): void {
    this.#isClosed = true;
    this.#handlers.clear();
  }
}

/** Posts a message to the other side. Throws what the browser throws if the message cannot be copied. */
export type Post = (message: object) => void;

/** Refuses the request with this `id`. The code says it all. */
export function refuse(code: "HANDLER_FAILED" | "NO_HANDLER" | "RATE_LIMITED", id: number, post: Post): void {
  post({ type: "error", id, code, message: code });
}

/** Answers the request with this `id`; without a handler, with `NO_HANDLER`. What the handler returns at once is posted at once. */
export function answer(handler: Handler | undefined, id: number, data: unknown, post: Post): void {
  if (!handler) return refuse("NO_HANDLER", id, post);
  const failed = (error: unknown) => {
    refuse("HANDLER_FAILED", id, post);
    report(error);
  };
  const reply = (result: unknown) => {
    try {
      post({ type: "reply", id, data: result });
    } catch (error) {
      // It cannot be copied to another window.
      failed(error);
    }
  };
  perform(handler, data, reply, failed);
}

/** Hands a message to its handler. */
export function notify(handler: Handler, data: unknown): void {
  perform(handler, data, () => {}, report);
}

function perform(handler: Handler, data: unknown, done: (result: unknown) => void, failed: (error: unknown) => void): void {
  try {
    const result = handler(data);
    if (typeof (result as PromiseLike<unknown> | null | undefined)?.then === "function") Promise.resolve(result).then(done, failed);
    else done(result);
  } catch (error) {
    failed(error);
  }
}
