/** The application's own values, a key each, as JSON text. Loaded when it is first used; what the application sees is app-storage.ts. */
import { failuresOf } from "../../shared/failures.js";
import { safely } from "../../shared/safely.js";
import type { ConnectionState, Unsubscribe } from "../../shared/types.js";
import { type Area, bestArea, isQuota, write } from "./tiers.js";

/** In UTF-16 code units, as browsers count their quota. */
const LONGEST_KEY = 128;
const LONGEST_TEXT = 1_048_576;

/** When values may have changed. The last two find what was missed while the page was frozen; `visibilitychange` comes up from the document. */
const EVENTS = ["storage", "pageshow", "visibilitychange"];

const failure = failuresOf({
  CLOSED: ["app", "the bridge is closed; connect again"],
  DATA_NOT_CLONEABLE: ["app", "store what JSON.stringify takes: no function, symbol, BigInt, cycle or undefined"],
  NAME_INVALID: ["app", `a key has 1 to ${LONGEST_KEY} characters`],
  STORAGE_DENIED: ["user", "the browser's storage worked and now refuses; what was stored may still be there"],
  STORAGE_QUOTA: ["app", `the browser's storage is full, or the value longer than ${LONGEST_TEXT} characters of JSON; the old value stays`],
});

type Listener = (value: unknown) => void;

interface Watched {
  /** What the listeners know. */
  text: string | null;
  readonly listeners: Map<AbortSignal, Listener>;
}

/** By namespace: where values are kept if not in this window's own storage, see `storage-access/unpartitioned.ts`. */
export const areas = new Map<string, Area>();

/** Values on the best tier that works when it is made. It stays there until the connection is `closed`. */
export class Store {
  readonly #prefix: string;
  readonly #area: Area;
  readonly #watched = new Map<string, Watched>();
  readonly #look = (event: Event): void => this.#lookAt(keyOf(event));
  #closed = false;

  constructor(namespace: string, onConnection: (listener: (state: ConnectionState) => void) => Unsubscribe) {
    // No namespace has a colon in it, so neither another one's values nor any session's record can have this beginning.
    this.#prefix = `${namespace}.app:`;
    this.#area = bestArea(this.#prefix, areas.get(namespace));
    for (const type of EVENTS) addEventListener(type, this.#look);
    onConnection((state) => {
      if (state === "closed") this.#close();
    });
  }

  get(key: string): unknown {
    const name = this.#usable(key);
    return parse(attempt(() => this.#area.getItem(name)));
  }

  /** `text` is the value's JSON; `undefined` if there is none, because of `cause`. */
  set(key: string, text: string | undefined, cause?: unknown): void {
    const name = this.#usable(key);
    if (text === undefined) throw failure("DATA_NOT_CLONEABLE", cause);
    if (text.length > LONGEST_TEXT) throw failure("STORAGE_QUOTA");
    attempt(() => write(this.#area, name, text, this.#prefix));
    this.#changed(key, text);
  }

  delete(key: string): void {
    const name = this.#usable(key);
    attempt(() => this.#area.removeItem(name));
    this.#changed(key, null);
  }

  /** Until `signal` is aborted. */
  subscribe(key: string, listener: Listener, signal: AbortSignal): void {
    this.#named(key);
    if (this.#closed || signal.aborted) return;
    const entry = this.#watched.get(key) ?? { text: this.#peek(key), listeners: new Map<AbortSignal, Listener>() };
    this.#watched.set(key, entry);
    entry.listeners.set(signal, listener);
    signal.onabort = () => {
      entry.listeners.delete(signal);
      if (entry.listeners.size === 0) this.#watched.delete(key);
    };
  }

  #named(key: string): string {
    if (typeof key === "string" && key && key.length <= LONGEST_KEY) return this.#prefix + key;
    throw failure("NAME_INVALID");
  }

  #usable(key: string): string {
    if (this.#closed) throw failure("CLOSED");
    return this.#named(key);
  }

  /** Reads instead of believing an event: this page may have written since, and WebKit notifies a page of its own writes. @param name `null`: any may have changed */
  #lookAt(name: string | null): void {
    for (const key of [...this.#watched.keys()]) if (name === null || name === this.#prefix + key) this.#changed(key, this.#peek(key));
  }

  /** What cannot be read now has not changed. */
  #peek(key: string): string | null {
    try {
      return this.#area.getItem(this.#prefix + key);
    } catch {
      return this.#watched.get(key)?.text ?? null;
    }
  }

  #changed(key: string, text: string | null): void {
    const entry = this.#watched.get(key);
    if (!entry || entry.text === text) return;
    entry.text = text;
    for (const [signal, listener] of [...entry.listeners]) {
      if (!this.#closed && !signal.aborted) safely(() => listener(parse(text)));
    }
  }

  #close(): void {
    this.#closed = true;
    for (const { listeners } of this.#watched.values()) listeners.clear();
    this.#watched.clear();
    for (const type of EVENTS) removeEventListener(type, this.#look);
  }
}

/** A tier that fails later is not left for the next, as the shared record would: values would seem gone that are still there. */
function attempt<T>(act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw failure(isQuota(cause) ? "STORAGE_QUOTA" : "STORAGE_DENIED", cause);
  }
}

/** The name that a storage event is about; `null` if it may be any. */
function keyOf(event: Event): string | null {
  try {
    return (event as Partial<StorageEvent>).key ?? null;
  } catch {
    // Made up by the page.
    return null;
  }
}

/** Text that no `set` can have written reads as missing. */
function parse(text: string | null): unknown {
  try {
    if (text !== null && text.length <= LONGEST_TEXT) return JSON.parse(text);
  } catch {
    // Another script's.
  }
  return undefined;
}
