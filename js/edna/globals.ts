/** The page's globals: reading one, and noticing that it is replaced. */
import { Emitter } from "../shared/emitter.js";
import type { Unsubscribe } from "../shared/types.js";

type Globals = Record<string, unknown>;

/** `undefined` if there is none, or its getter throws. */
export function readGlobal(name: string): unknown {
  try {
    return (window as unknown as Globals)[name];
  } catch {
    return undefined;
  }
}

export const writeGlobal = (name: string, value: unknown): void => {
  (window as unknown as Globals)[name] = value;
};

/** What is watched, with how many watch it: several widgets of one page watch the same global. */
const watched = new Map<string, Watch>();

/** Calls after every assignment to a global. `null` if the browser does not let it be watched. */
export function watchGlobal(name: string, listener: () => void): Unsubscribe | null {
  const watch = watched.get(name) ?? begin(name);
  if (!watch) return null;
  const stop = watch.assigned.on(listener);
  watch.count++;
  let isStopped = false;
  return () => {
    if (isStopped) return;
    isStopped = true;
    stop();
    watch.count--;
    if (watch.count === 0) end(name);
  };
}

/** Watches a global again that the page has deleted, and may have assigned to since. Who watches it is not called for that. */
export function watchAgain(name: string): void {
  const watch = watched.get(name);
  if (watch && Object.getOwnPropertyDescriptor(window, name)?.get !== watch.get) define(name, watch);
}

interface Watch {
  readonly assigned: Emitter<[]>;
  count: number;
  value: unknown;
  readonly get: () => unknown;
}

function begin(name: string): Watch | null {
  const watch: Watch = { assigned: new Emitter<[]>(), count: 0, value: undefined, get: () => watch.value };
  if (!define(name, watch)) return null;
  watched.set(name, watch);
  return watch;
}

/** Whether the browser, and the page, let it be watched. */
function define(name: string, watch: Watch): boolean {
  // A getter of the page's own stays.
  if (Object.getOwnPropertyDescriptor(window, name)?.get) return false;
  watch.value = readGlobal(name);
  try {
    Object.defineProperty(window, name, {
      configurable: true,
      enumerable: true,
      get: watch.get,
      set(next) {
        watch.value = next;
        watch.assigned.emit();
      },
    });
    return true;
  } catch {
    return false;
  }
}

function end(name: string): void {
  watched.delete(name);
  try {
    Object.defineProperty(window, name, { configurable: true, enumerable: true, writable: true, value: readGlobal(name) });
  } catch {
    // The page has made something else of it meanwhile.
  }
}
