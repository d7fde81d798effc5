/** What the host knows of the widget, and who wants to hear of it. */
import type { ConnectionState, Session, Unsubscribe } from "../shared/types.js";

export interface State {
  connection: ConnectionState;
  session: Session;
  capabilities: readonly string[];
  undelivered: number;
}

/** Makes all changes, then tells. */
export type Update<S> = (changes: Partial<S>) => void;

/** Tells at once, and after every change. */
export type Observe<S> = <K extends keyof S>(key: K, listener: (value: S[K]) => void) => Unsubscribe;

/** A listener may make changes, stop or throw: the others still hear the newest value, once. */
export const observed = <S extends object>(state: S): [Update<S>, Observe<S>] => {
  const tellers = new Set<() => void>();
  return [
    (changes) => {
      Object.assign(state, changes);
      for (const tell of [...tellers]) if (tellers.has(tell)) tell();
    },
    (key, listener) => {
      let told: unknown;
      const tell = () => {
        const value = state[key];
        if (told === value) return;
        told = value;
        try {
          listener(value);
        } catch (error) {
          reportError(error);
        }
      };
      tellers.add(tell);
      tell();
      return () => tellers.delete(tell);
    },
  ];
};

/** What is known when nothing is known. The order of changes is kept. */
export const unknown = (before: Pick<Session, "epoch" | "sequence" | "writer">, reason: "starting" | "suspended"): Session =>
  Object.freeze({ ...before, status: "unknown", reason, account: null, expiresAt: null });
