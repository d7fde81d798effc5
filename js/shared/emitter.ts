/** Listeners, and what calls them. */
import { safely } from "./safely.js";
import type { Unsubscribe } from "./types.js";

/** Listeners of one event. What one of them throws is reported, and the others are called all the same. */
export class Emitter<Values extends readonly unknown[]> {
  // Each under a key of its own: the same function may listen twice, and who keeps the end of a subscription does not keep the listener.
  readonly #listeners = new Map<object, (...values: Values) => unknown>();

  on(listener: (...values: Values) => unknown): Unsubscribe {
    const subscription = {};
    this.#listeners.set(subscription, listener);
    return () => {
      this.#listeners.delete(subscription);
    };
  }

  /** Calls those that listen now. One that is taken off meanwhile is not called, nor is one that is added. */
  emit(...values: Values): void {
    for (const [subscription, listener] of [...this.#listeners]) if (this.#listeners.has(subscription)) safely(() => listener(...values));
  }

  clear(): void {
    this.#listeners.clear();
  }
}

/** Listeners of many events, each by its name. */
export class NamedEmitter {
  readonly #events = new Map<string | symbol, Emitter<[value: never]>>();
  #isClosed = false;

  /** After the end, nothing is kept. */
  on(name: string | symbol, listener: (value: never) => unknown): Unsubscribe {
    if (this.#isClosed) return () => {};
    const event = this.#events.get(name) ?? new Emitter<[value: never]>();
    this.#events.set(name, event);
    return event.on(listener);
  }

  emit(name: string | symbol, value: unknown): void {
    this.#events.get(name)?.emit(value as never);
  }

  /** Lets go of all. */
  close(): void {
    this.#isClosed = true;
    for (const event of this.#events.values()) event.clear();
    this.#events.clear();
  }
}
