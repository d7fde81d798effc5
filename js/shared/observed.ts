/** A state, and those who are notified of its changes. */
import { safely } from "./safely.js";
import type { Unsubscribe } from "./types.js";

/** Makes all changes, then notifies. */
export type Update<S> = (changes: Partial<S>) => void;

/** Calls the listener at once, and after every change. */
export type Observe<S> = <K extends keyof S>(key: K, listener: (value: S[K]) => void) => Unsubscribe;

/** The last change was made: every listener is let go of, and a new one is only called at once. */
export type End = () => void;

/** A listener may make changes, stop or throw: the others still get the newest value, once. */
export const observed = <S extends object>(state: S): [Update<S>, Observe<S>, End] => {
  // Each under a key of its own: who keeps the end of a subscription does not keep the listener.
  const notifiers = new Map<object, () => void>();
  let isOver = false;
  const update: Update<S> = (changes) => {
    Object.assign(state, changes);
    for (const [subscription, notify] of [...notifiers]) if (notifiers.has(subscription)) notify();
  };
  const observe: Observe<S> = (key, listener) => {
    const notify = notifierOf(state, key, listener);
    const subscription = {};
    if (!isOver) notifiers.set(subscription, notify);
    notify();
    return () => notifiers.delete(subscription);
  };
  const end: End = () => {
    isOver = true;
    notifiers.clear();
  };
  return [update, observe, end];
};

function notifierOf<S extends object, K extends keyof S>(state: S, key: K, listener: (value: S[K]) => void): () => void {
  let last: unknown;
  return () => {
    const value = state[key];
    if (last === value) return;
    last = value;
    safely(() => listener(value));
  };
}
