/** What the application sees of its storage: this much is in the base, storage.ts comes with the first call. */

import type { ConnectionState, Unsubscribe } from "../../shared/types.js";
import type { AppStorage } from "../types.js";
import type { Store } from "./storage.js";

export function appStorage(namespace: string, onConnection: (listener: (state: ConnectionState) => void) => Unsubscribe): AppStorage {
  let loading: Promise<Store> | undefined;
  // One promise for all, so that calls are carried out in their order. After a failure the next call tries again.
  const load = () =>
    (loading ??= import("./storage.js").then(
      ({ Store }) => new Store(namespace, onConnection),
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    ));
  return {
    get: async (key) => (await load()).get(key),
    async set(key, value) {
      let text: string | undefined;
      let cause: unknown;
      try {
        // At once: later the value may have changed.
        text = JSON.stringify(value);
      } catch (error) {
        cause = error;
      }
      (await load()).set(key, text, cause);
    },
    delete: async (key) => (await load()).delete(key),
    subscribe(key, listener) {
      const own = new AbortController();
      begin(load, key, listener, own.signal);
      return () => own.abort();
    },
  };
}

/** A function of its own: who keeps the end of a subscription does not keep its listener. */
function begin(load: () => Promise<Store>, key: string, listener: (value: unknown) => void, signal: AbortSignal): void {
  void load().then((store) => store.subscribe(key, listener, signal));
}
