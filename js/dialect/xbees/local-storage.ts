/** localStorage as the vendor's library has it: no prefix, texts as they are, everything else as JSON. */

import { eventMember } from "../../shared/event-member.js";
import { report } from "../../shared/report.js";
import type { Unsubscribe } from "../../shared/types.js";

export class LocalStorage {
  /** What each listener does when this client writes. */
  readonly #onWrite = new Set<() => void>();

  write(key: string, value: unknown): void {
    try {
      const text = typeof value === "string" ? value : (JSON.stringify(value) as string | undefined);
      if (text === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch (error) {
      report(error);
    }
    for (const look of this.#onWrite) look();
  }

  read<T>(key: string): T | null {
    let text: string | null = null;
    try {
      text = localStorage.getItem(key);
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      // A text that is no JSON was stored as it is.
      return text as T | null;
    }
  }

  /** Calls with what other windows have written, as localStorage shows it. */
  onChange(listener: (event: StorageEvent) => unknown): Unsubscribe {
    let known = storedKeys();
    const look = () => {
      known = storedKeys();
    };
    const onEvent = (event: Event) => {
      const before = known;
      look();
      const confirmed = confirmedEvent(event, before, known);
      if (confirmed) listener(confirmed);
    };
    this.#onWrite.add(look);
    addEventListener("storage", onEvent);
    return () => {
      this.#onWrite.delete(look);
      removeEventListener("storage", onEvent);
    };
  }
}

function storedKeys(): ReadonlySet<string> {
  try {
    return new Set(Object.keys(localStorage));
  } catch {
    // Storage is denied.
    return new Set();
  }
}

/** The event as localStorage shows it, or `null` if it does not. Any member may throw, or be of any type. */
function confirmedEvent(event: Event, before: ReadonlySet<string>, now: ReadonlySet<string>): StorageEvent | null {
  const key = memberOf(event, "key");
  const newValue = memberOf(event, "newValue");
  try {
    const storageArea = localStorage;
    if (memberOf(event, "storageArea") !== storageArea) return null;
    // Without a key: everything was cleared. Some of it may have been written anew since.
    const isShown =
      key === null
        ? newValue === null && (now.size === 0 || [...before].some((name) => !now.has(name)))
        : typeof key === "string" && storageArea.getItem(key) === newValue;
    if (!isShown) return null;
    return new StorageEvent("storage", {
      key: textOrNull(key),
      oldValue: textOrNull(memberOf(event, "oldValue")),
      newValue: textOrNull(newValue),
      url: textOrNull(memberOf(event, "url")) ?? "",
      storageArea,
    });
  } catch {
    return null;
  }
}

const memberOf = (event: Event, name: keyof StorageEvent): unknown => eventMember(event as StorageEvent, name);

const textOrNull = (value: unknown) => (typeof value === "string" ? value : null);
