/** Web Locks, with an end to every wait, and what their errors mean. */

/** Asks for a lock, and gives up after so many milliseconds or with the signal. */
export async function requestLock<T>(
  locks: LockManager,
  name: string,
  { patience, signal }: { readonly patience: number; readonly signal?: AbortSignal },
  callback: () => T | PromiseLike<T>,
): Promise<T> {
  const own = new AbortController();
  const end = () => own.abort();
  const timer = setTimeout(end, patience);
  const stopWaiting = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  };
  signal?.addEventListener("abort", end);
  try {
    return await (locks.request(name, { signal: own.signal }, () => {
      stopWaiting();
      return callback();
    }) as Promise<T>);
  } finally {
    stopWaiting();
  }
}

const hasName = (error: unknown, names: RegExp) => names.test(String((error as Error | null)?.name));

/** It was given up, stolen, or was too late. */
export const wasGivenUp = (error: unknown) => hasName(error, /^(Abort|Timeout)Error$/);

/** There are locks, but not for us. */
export const isUnusable = (error: unknown) => hasName(error, /^(Security|NotSupported)Error$/);
