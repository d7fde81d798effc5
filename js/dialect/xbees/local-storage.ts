/**
 * localStorage as the vendor's library has it: no prefix, texts as they are, everything else as JSON. What the browser does not store lives as long as the page.
 */

import { eventMember } from "../../shared/event-member.js";
import { report } from "../../shared/report.js";
import type { Unsubscribe } from "../../shared/types.js";

export class LocalStorage {
  /** What each listener does when this client writes. */
  readonly #onWrite = new Set<() => void>();
  /** What localStorage did not take; `null`: deleted. */
  readonly #unstored = new Map<string, string | null>();

  write(key: string, value: unknown): void {
    let text: string | undefined;
    try {
      text = textOf(value);
    } catch (error) {
      // A circle, or a BigInt: no storage takes it.
      return report(error);
    }
    try {
      if (text === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
      this.#unstored.delete(key);
    } catch {
      // Denied, or full.
      this.#keep(key, text ?? null);
    }
    for (const look of this.#onWrite) look();
  }

  /** The text as it is stored. */
  readText(key: string): string | null {
    const unstored = this.#unstored.get(key);
    if (unstored !== undefined) return unstored;
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  read<T>(key: string): T | null {
    const text = this.readText(key);
    try {
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      // A text that is no JSON was stored as it is.
      return text as T | null;
    }
  }

  #keep(key: string, text: string | null): void {
    if (this.#unstored.size === 0) addEventListener("storage", this.#onStored);
    this.#unstored.set(key, text);
  }

  /** What another window has written since is newer. */
  readonly #onStored = (event: Event): void => {
    const keys = storedKeys();
    const confirmed = confirmedEvent(event, keys, keys);
    if (!confirmed) return;
    if (confirmed.key === null) this.#unstored.clear();
    else this.#unstored.delete(confirmed.key);
    if (this.#unstored.size === 0) removeEventListener("storage", this.#onStored);
  };

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

/** `undefined`: nothing that could be stored. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : (JSON.stringify(value) as string | undefined);
}
