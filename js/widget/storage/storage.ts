/**
 * The application's own values, a key each, as JSON text. Loaded when it is first used; what the application sees is app-storage.ts.
 * It imports no code: what it shared with the base would become a third file, which every page would load.
 */
import type { AuthframeError, ErrorCode, Responsible } from "../../shared/error.js";
import type { ConnectionState, Unsubscribe } from "../../shared/types.js";

// In UTF-16 code units, as browsers count their quota.
const LONGEST_KEY = 128;
const LONGEST_TEXT = 1_048_576;

// Stays free: an application that fills the storage must not drive the sign-in to a tier where other tabs do not hear of it.
const RESERVE = "x".repeat(4096);

const TEXTS = {
  CLOSED: ["app", "the bridge is closed; connect again"],
  DATA_NOT_CLONEABLE: ["app", "store what JSON.stringify takes: no function, symbol, BigInt, cycle or undefined"],
  NAME_INVALID: ["app", `a key has 1 to ${LONGEST_KEY} characters`],
  STORAGE_DENIED: ["user", "the browser's storage worked and now refuses; what was stored may still be there"],
  STORAGE_QUOTA: ["app", `the browser's storage is full, or the value longer than ${LONGEST_TEXT} characters of JSON; the old value stays`],
} as const satisfies Partial<Record<ErrorCode, readonly [Responsible, string]>>;

type Area = Pick<Storage, "getItem" | "setItem" | "removeItem">;
type Listener = (value: unknown) => void;

interface Watched {
  /** What the listeners know. */
  text: string | null;
  readonly listeners: Map<AbortSignal, Listener>;
}

export interface Store {
  get(key: string): unknown;
  /** `text` is the value's JSON; `undefined` if there is none, because of `cause`. */
  set(key: string, text: string | undefined, cause?: unknown): void;
  delete(key: string): void;
  /** Until `signal` is aborted. */
  subscribe(key: string, listener: Listener, signal: AbortSignal): void;
}

// The last tier. It lives as long as the page, like the others: a closed bridge may be followed by another.
const kept = new Map<string, string>();
const memory: Area = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, text) => void kept.set(name, text),
  removeItem: (name) => void kept.delete(name),
};

/** By namespace: where values are kept if not in this window's own storage, see `storage-access/unpartitioned.ts`. */
export const areas = new Map<string, Area>();

/** Opens the storage of `namespace` on the best tier that works now, and stays there until the connection is `closed`. */
export function open(
  namespace: string,
  onConnection: (listener: (state: ConnectionState) => void) => Unsubscribe,
  Failure: typeof AuthframeError,
): Store {
  // No namespace has a colon in it, so neither another one's values nor anybody's register can have this beginning.
  const prefix = `${namespace}.app:`;
  const area = best(prefix, areas.get(namespace));
  const watched = new Map<string, Watched>();
  let closed = false;

  const failure = (code: keyof typeof TEXTS, cause?: unknown) => new Failure(code, TEXTS[code][1], TEXTS[code][0], cause);

  const named = (key: string) => {
    if (typeof key === "string" && key && key.length <= LONGEST_KEY) return prefix + key;
    throw failure("NAME_INVALID");
  };

  const usable = (key: string) => {
    if (closed) throw failure("CLOSED");
    return named(key);
  };

  // A tier that fails later is not left for the next, as the shared record would: values would seem gone that are still there.
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (cause) {
      throw failure(isQuota(cause) ? "STORAGE_QUOTA" : "STORAGE_DENIED", cause);
    }
  };

  const changed = (key: string, text: string | null) => {
    const entry = watched.get(key);
    if (!entry || entry.text === text) return;
    entry.text = text;
    for (const [signal, listener] of [...entry.listeners]) {
      try {
        if (!closed && !signal.aborted) listener(parse(text));
      } catch (error) {
        // One listener's failure is its own: it is reported as uncaught, and the others still hear.
        reportError(error);
      }
    }
  };

  // Reads instead of believing the event: this page may have written since, and WebKit tells a page of its own writes.
  const look = (event: Event) => {
    let key: string | null | undefined;
    try {
      key = (event as Partial<StorageEvent>).key;
    } catch {
      // Made up by the page: anything may have changed.
    }
    for (const name of [...watched.keys()]) if (key == null || key === prefix + name) changed(name, peek(name));
  };
  // What cannot be read now has not changed.
  const peek = (key: string) => {
    try {
      return area.getItem(prefix + key);
    } catch {
      return watched.get(key)?.text ?? null;
    }
  };

  // The last two find what was missed while the page was frozen. `visibilitychange` comes up from the document.
  const types = ["storage", "pageshow", "visibilitychange"];
  for (const type of types) addEventListener(type, look);
  onConnection((state) => {
    if (state !== "closed") return;
    closed = true;
    watched.clear();
    for (const type of types) removeEventListener(type, look);
  });

  return {
    get(key) {
      const name = usable(key);
      return parse(attempt(() => area.getItem(name)));
    },
    set(key, text, cause) {
      const name = usable(key);
      if (text === undefined) throw failure("DATA_NOT_CLONEABLE", cause);
      if (text.length > LONGEST_TEXT) throw failure("STORAGE_QUOTA");
      attempt(() => write(area, name, text, prefix));
      changed(key, text);
    },
    delete(key) {
      const name = usable(key);
      attempt(() => area.removeItem(name));
      changed(key, null);
    },
    subscribe(key, listener, signal) {
      named(key);
      if (closed || signal.aborted) return;
      const entry = watched.get(key) ?? { text: peek(key), listeners: new Map<AbortSignal, Listener>() };
      watched.set(key, entry);
      entry.listeners.set(signal, listener);
      signal.onabort = () => {
        entry.listeners.delete(signal);
        if (entry.listeners.size === 0) watched.delete(key);
      };
    },
  };
}

/** Writes only if the reserve fits beside it, for as long as `spare` holds it. What does not grow fits as it is. */
function write(area: Area, name: string, text: string, spare: string) {
  const grows = text.length > (area.getItem(name)?.length ?? 0);
  if (grows) area.setItem(spare, RESERVE);
  try {
    area.setItem(name, text);
  } finally {
    if (grows) area.removeItem(spare);
  }
  if (area.getItem(name) !== text) throw new Error("the browser did not keep what it took");
}

/** the same order of tiers as the bridge. A full tier is still a tier: what it holds can be read. */
function best(probe: string, elsewhere: Area | undefined): Area {
  for (const name of ["localStorage", "sessionStorage"] as const) {
    try {
      const area = (name === "localStorage" && elsewhere) || window[name];
      if (keeps(area, probe)) return area;
    } catch {
      // Denied, then.
    }
  }
  return memory;
}

function keeps(area: Area, probe: string): boolean {
  area.getItem(probe);
  try {
    area.setItem(probe, "1");
  } catch (error) {
    return isQuota(error);
  }
  const kept = area.getItem(probe) === "1";
  area.removeItem(probe);
  return kept;
}

// "QuotaExceededError", in Firefox "NS_ERROR_DOM_QUOTA_REACHED".
function isQuota(error: unknown): boolean {
  return /quota/i.test(String((error as Partial<Error> | null)?.name));
}

/** Text that no `set` can have written reads as missing. */
function parse(text: string | null): unknown {
  try {
    if (text !== null && text.length <= LONGEST_TEXT) return JSON.parse(text);
  } catch {
    // Somebody else's.
  }
  return undefined;
}
