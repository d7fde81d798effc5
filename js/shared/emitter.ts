/** Listeners, and what calls them. */
import { safely } from "./safely.js";
import type { Unsubscribe } from "./types.js";

/** Listeners of one event. What one of them throws is reported, and the others are called all the same. */
export class Emitter<Values extends readonly unknown[]> {
  readonly #listeners = new Set<(...values: Values) => unknown>();

  on(listener: (...values: Values) => unknown): Unsubscribe {
    // A wrapper, so that the same function may listen twice.
    const own = (...values: Values) => listener(...values);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Calls those that listen now. One that is taken off meanwhile is not called, nor is one that is added. */
  emit(...values: Values): void {
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) safely(() => listener(...values));
  }

  clear(): void {
    this.#listeners.clear();
  }
}

/** Listeners of many events, each by its name. */
export class NamedEmitter {
  readonly #events = new Map<string | symbol, Emitter<[value: never]>>();

  on(name: string | symbol, listener: (value: never) => unknown): Unsubscribe {
    const event = this.#events.get(name) ?? new Emitter<[value: never]>();
    this.#events.set(name, event);
    return event.on(listener);
  }

  emit(name: string | symbol, value: unknown): void {
    this.#events.get(name)?.emit(value as never);
  }
}
