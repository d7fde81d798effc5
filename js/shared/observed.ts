/** A state, and those who are notified of its changes. */
import { safely } from "./safely.js";
import type { Unsubscribe } from "./types.js";

/** Makes all changes, then notifies. */
export type Update<S> = (changes: Partial<S>) => void;

/** Calls the listener at once, and after every change. */
export type Observe<S> = <K extends keyof S>(key: K, listener: (value: S[K]) => void) => Unsubscribe;

/** A listener may make changes, stop or throw: the others still get the newest value, once. */
export const observed = <S extends object>(state: S): [Update<S>, Observe<S>] => {
  const notifiers = new Set<() => void>();
  const update: Update<S> = (changes) => {
    Object.assign(state, changes);
    for (const notify of [...notifiers]) if (notifiers.has(notify)) notify();
  };
  const observe: Observe<S> = (key, listener) => {
    let last: unknown;
    const notify = () => {
      const value = state[key];
      if (last === value) return;
      last = value;
      safely(() => listener(value));
    };
    notifiers.add(notify);
    notify();
    return () => notifiers.delete(notify);
  };
  return [update, observe];
};
