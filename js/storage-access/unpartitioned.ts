/**
 * A bridge on storage that the browser does not keep apart for each host site: the handle form of the Storage Access API. Part of `authframe/storage-access`, loaded when it is asked for.
 *
 * Whatever the bridge keeps is on the handle then, and nothing on this window's own storage, so that there are no two truths.
 */
import type { Core } from "../widget/core/load.js";
import type { UnpartitionedStorage } from "../widget/index.js";

/** What of a `StorageAccessHandle` is used. */
export type Handle = Pick<Window, "localStorage" | "indexedDB"> & Pick<Navigator, "locks">;

/** The core's event and its word, as `widget/bridge.ts` counts them. */
const [CONNECTION, CLOSED] = [1, 4];

/** Puts a bridge on the handle: its register, its credential store and locks, and what the application keeps. */
export async function unpartitioned({ localStorage: area, indexedDB, locks }: Handle): Promise<UnpartitionedStorage> {
  const [{ areas }, { places }] = await Promise.all([import("../widget/storage/storage.js"), import("../widget/credentials/store.js")]);
  const onHandle = (core: Core): Core => ({
    ...core,
    open(namespace, channel, options, sink) {
      const { brings, remove } = bring(namespace, area);
      let over = false;
      // Tokens that stay in their tab have no credential store that could be moved first.
      if (options >> 2 === 0) remove();
      return core.open(namespace, channel, options, {
        area,
        // A bridge that never began, because an option is wrong, says nothing; the next one may be without us.
        event(event: number, word: number, data: unknown, id: number) {
          over ||= event === CONNECTION && word === CLOSED;
          if (over) for (const map of [areas, places]) map.delete(namespace);
          else {
            areas.set(namespace, area);
            places.set(namespace, { indexedDB, locks, brings, moved: remove });
          }
          (sink as Sink).event(event, word, data, id);
        },
      });
    },
  });
  // To an application it is opaque: only the widget half has a core to give.
  return onHandle as UnpartitionedStorage;
}

interface Sink {
  event(event: number, word: number, data: unknown, id: number): void;
}

/**
 * Copies what this partition knows and the site itself does not. `remove` then takes it away here, so that it is never read again; another tab of this partition that still reads here takes that
 * for `storage-cleared`.
 */
function bring(namespace: string, area: Storage): { brings: boolean; remove: () => void } {
  const register = `${namespace}.authframe`;
  // Docs: decision 29.
  const pause = `${register}.pause`;
  // A text below "" is only what `bridge.storage` tries the room with.
  const values = `${namespace}.app:`;
  const brought: string[] = [];
  let brings = false;
  try {
    brings = area.getItem(register) === null;
    for (const key of Object.keys(localStorage)) {
      if (key !== register && key !== pause && !(key.startsWith(values) && key !== values)) continue;
      if (area.getItem(key) === null) area.setItem(key, localStorage.getItem(key)!);
      brought.push(key);
    }
  } catch {
    // Full, or denied here: what was not brought stays.
  }
  return {
    brings,
    remove() {
      for (const key of brought) localStorage.removeItem(key);
    },
  };
}
