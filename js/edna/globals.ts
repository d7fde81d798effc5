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
const watched = new Map<string, { readonly assigned: Emitter<[]>; count: number }>();

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

function begin(name: string) {
  // A getter of the page's own stays.
  if (Object.getOwnPropertyDescriptor(window, name)?.get) return null;
  const watch = { assigned: new Emitter<[]>(), count: 0 };
  let value = readGlobal(name);
  try {
    Object.defineProperty(window, name, {
      configurable: true,
      enumerable: true,
      get: () => value,
      set(next) {
        value = next;
        watch.assigned.emit();
      },
    });
  } catch {
    return null;
  }
  watched.set(name, watch);
  return watch;
}

function end(name: string): void {
  watched.delete(name);
  try {
    Object.defineProperty(window, name, { configurable: true, enumerable: true, writable: true, value: readGlobal(name) });
  } catch {
    // The page has made something else of it meanwhile.
  }
}
