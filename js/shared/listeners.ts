/** Who hears what a host says. Part of core-all.js, and `hand` of the chats' entries. */
import type { Unsubscribe } from "./types.js";

export interface Listeners {
  on(type: string | symbol, listener: (value: never) => unknown): Unsubscribe;
  tell(type: string | symbol, value: unknown): void;
}

export function listeners(): Listeners {
  const all = new Map<string | symbol, Set<(value: never) => unknown>>();
  return {
    on(type, listener) {
      // A wrapper, so that the same function may listen twice.
      const own = (value: never) => listener(value);
      const set = all.get(type) ?? new Set();
      all.set(type, set.add(own));
      return () => void set.delete(own);
    },
    tell(type, value) {
      for (const listener of [...(all.get(type) ?? [])]) hand(listener, value);
    },
  };
}

/** One listener's failure is its own. */
export function hand(listener: (value: never) => unknown, value: unknown): void {
  try {
    listener(value as never);
  } catch (error) {
    reportError(error);
  }
}
