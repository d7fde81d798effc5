/** Web Locks of this origin: what all its tabs agree on, without a message. Every wait has an end. Where the browser gives no locks (to an opaque origin, say), each tab writes its cookies as if it were the only one. */

/** A lock that is shared with others who hold the same one. */
export interface Hold {
  readonly name: string;
  /** Resolves once it is held, or cannot be. */
  readonly held: Promise<void>;
  release(): void;
}

const lockManager = (): LockManager | undefined => (globalThis.navigator as Navigator | undefined)?.locks;

/** @param onLost called if another tab has taken it away */
export function holdShared(name: string, onLost: () => void = () => {}): Hold {
  const waiting = new AbortController();
  let isHeld = false;
  let isReleased = false;
  let end = () => {};
  const held = new Promise<void>((resolve) => {
    const locks = lockManager();
    if (!locks) {
      resolve();
      return;
    }
    const request = locks.request(name, { mode: "shared", signal: waiting.signal }, () => {
      isHeld = true;
      void listWhereNeeded(locks, name).then(resolve);
      return new Promise<void>((done) => {
        end = done;
        if (isReleased) done();
      });
    });
    (request as Promise<unknown>).catch(() => {
      resolve();
      if (isHeld && !isReleased) onLost();
    });
  });
  return {
    name,
    held,
    release() {
      isReleased = true;
      waiting.abort();
      end();
    },
  };
}

/**
 * Does the work while no other tab has this lock. A tab that has it for longer than `patience` (in milliseconds) loses it.
 * Without effect once the signal is aborted before the work has begun. Rejects as the work does.
 * @param work receives a signal that is aborted when the given one is, and when another tab has taken the lock away
 */
export async function withLock(name: string, patience: number, signal: AbortSignal, work: (over: AbortSignal) => unknown): Promise<void> {
  if (signal.aborted) return;
  const locks = lockManager();
  const over = new AbortController();
  const waiting = new AbortController();
  let working: Promise<unknown> | undefined;
  const begin = () => {
    clearTimeout(timer);
    if (!signal.aborted) working ??= Promise.resolve(over.signal).then(work);
    return working;
  };
  const doneUnder = async (options: LockOptions) => {
    try {
      await locks!.request(name, options, begin);
    } catch (error) {
      if (!working) throw error;
      // Taken away, or the work's own error. Either way it is over when the work is.
      over.abort();
      await working;
    }
  };
  const stop = () => {
    waiting.abort();
    over.abort();
  };
  const timer = setTimeout(() => waiting.abort(), patience);
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (locks) await doneUnder({ signal: waiting.signal });
    else await begin();
  } catch (error) {
    if (working) throw error;
    if (signal.aborted) return;
    if (waiting.signal.aborted) await doneUnder({ steal: true });
    // There are locks, but not for us.
    else await begin();
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Whether the browser gives us locks at all: without, nothing is known of other tabs. */
export async function areLocksGiven(): Promise<boolean> {
  try {
    // Always shared, so that nothing is waited for.
    await lockManager()!.request("authframe.edna.given", { mode: "shared" }, () => {});
    return true;
  } catch {
    return false;
  }
}

/** Resolves with whether no tab holds the lock any more within `patience`, in milliseconds, and before the signal is aborted. */
export async function isFreeWithin(name: string, patience: number, signal: AbortSignal): Promise<boolean> {
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  const timer = setTimeout(stop, patience);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    await lockManager()?.request(name, { signal: waiting.signal }, () => {});
    return true;
  } catch {
    // There may be no locks for us; then no tab has one.
    return !waiting.signal.aborted;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Takes a lock away from those who hold it. */
export async function takeAway(name: string): Promise<void> {
  await lockManager()
    ?.request(name, { steal: true }, () => {})
    .catch(() => {});
}

/** The locks that are held in any tab of this origin and begin like this, each once. */
export async function heldLocks(prefix: string): Promise<string[]> {
  const locks = lockManager();
  if (!locks) return [];
  try {
    const { held = [] } = await locks.query();
    const names = held.flatMap(({ name = "" }) => (name.startsWith(prefix) ? [name] : []));
    return [...new Set(names)];
  } catch {
    return heldOfListed(locks, prefix);
  }
}

/** Firefox answers no `query()` in a frame of another site. There the names of locks are listed in localStorage, and each is tried. */
async function heldOfListed(locks: LockManager, prefix: string): Promise<string[]> {
  const listed = listedLocks().filter((name) => name.startsWith(prefix));
  const held = await Promise.all(listed.map((name) => isHeld(locks, name)));
  listed.forEach((name, place) => {
    if (!held[place]) unlist(name);
  });
  return listed.filter((_, place) => held[place]);
}

const isHeld = async (locks: LockManager, name: string): Promise<boolean> => {
  try {
    return await locks.request(name, { ifAvailable: true }, (lock) => lock === null);
  } catch {
    return false;
  }
};

async function listWhereNeeded(locks: LockManager, name: string): Promise<void> {
  try {
    await locks.query();
  } catch {
    try {
      localStorage.setItem(name, "");
    } catch {
      // Where nothing is stored, tabs share no session either.
    }
  }
}

function listedLocks(): string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

function unlist(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {
    // It is tried again.
  }
}
