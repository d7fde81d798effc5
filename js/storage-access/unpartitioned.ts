/**
 * A bridge on storage that the browser does not keep apart for each host site: the handle form of the Storage Access API. Part of `authframe/storage-access`, loaded when it is asked for.
 *
 * Whatever the bridge keeps is on the handle then, and nothing on this window's own storage, so that the two cannot disagree.
 */
import type { UnpartitionedStorage } from "../widget/index.js";

/** What of a `StorageAccessHandle` is used. */
export type Handle = Pick<Window, "localStorage" | "indexedDB"> & Pick<Navigator, "locks">;

/** For bridges on the handle: their shared record, their credential store and locks, and what the application keeps. */
export async function unpartitioned({ localStorage: area, indexedDB, locks }: Handle): Promise<UnpartitionedStorage> {
  const [{ areas }, { places }] = await Promise.all([import("../widget/storage/storage.js"), import("../widget/credentials/store.js")]);
  return {
    begin(namespace, credentials) {
      const { brings, remove } = bring(namespace, area);
      // Tokens that stay in their tab have no credential store that could be moved first.
      if (credentials === "memory") remove();
      let hasEnded = false;
      return {
        area,
        began() {
          if (hasEnded) return;
          areas.set(namespace, area);
          places.set(namespace, { indexedDB, locks, brings, moved: remove });
        },
        ended() {
          hasEnded = true;
          for (const map of [areas, places]) map.delete(namespace);
        },
      };
    },
  };
}

/**
 * Copies what this partition knows and the site itself does not. `remove` then takes it away here, so that it is never read again; another tab of this partition that still reads here takes that
 * for `storage-cleared`.
 */
function bring(namespace: string, area: Storage): { brings: boolean; remove: () => void } {
  // The keys of src/session/config.rs (`register_key`, `pause_key`) and of widget/storage/storage.ts.
  const record = `${namespace}.authframe`;
  const pause = `${record}.pause`;
  // A text below "" is only what `bridge.storage` tries the room with.
  const values = `${namespace}.app:`;
  const brought: string[] = [];
  let brings = false;
  try {
    brings = area.getItem(record) === null;
    for (const key of Object.keys(localStorage)) {
      if (key !== record && key !== pause && !(key.startsWith(values) && key !== values)) continue;
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
