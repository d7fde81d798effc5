/**
 * One namespace has one bridge in a page, also where the page has two copies of this library: the registry stands on the window, under a symbol that all copies share.
 */
import { failure } from "./failure.js";

/** A namespace that is taken. */
interface Holder {
  closing: boolean;
  /** When its `connect` resolved, if it has. */
  openedAt?: number;
  /** Resolves when the namespace is free. */
  readonly free: Promise<void>;
}

/** A namespace that is ours. */
export interface Claim {
  /** `connect` resolves with the bridge now. */
  opened(): void;
  /** The bridge was closed: free once `rest` has ended. */
  closed(rest?: Promise<unknown>): void;
}

const REGISTRY = Symbol.for("authframe.bridges");
/**
 * A `connect` that was under way when this one began may not be wanted any more: React's StrictMode mounts, unmounts and mounts again, and the first bridge is closed as soon as it is
 * there. So long it may take for that, in milliseconds.
 */
const GRACE = 250;
/** No bridge takes longer to close, in milliseconds. */
const LONGEST_CLOSING = 1000;

function registry(): Map<string, Holder> {
  const shared = window as unknown as Record<symbol, unknown>;
  if (!(shared[REGISTRY] instanceof Map)) shared[REGISTRY] = new Map();
  return shared[REGISTRY] as Map<string, Holder>;
}

/** Takes a namespace at once. @throws AuthframeError `NAMESPACE_IN_USE` */
export function claim(namespace: string): Claim {
  const holders = registry();
  const before = holders.get(namespace);
  if (before && !before.closing) throw inUse(namespace);
  let settle!: () => void;
  const isFree = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const holder: Holder = { closing: false, free: isFree };
  holders.set(namespace, holder);
  const free = () => {
    if (holders.get(namespace) === holder) holders.delete(namespace);
    settle();
  };
  return {
    opened() {
      holder.openedAt = performance.now();
    },
    closed(rest) {
      holder.closing = true;
      if (!rest) return free();
      const late = setTimeout(free, LONGEST_CLOSING);
      void rest
        .catch(() => {})
        .finally(() => {
          clearTimeout(late);
          free();
        });
    },
  };
}

/** Takes a namespace as soon as a bridge that is being closed, or was only just begun, has given it back. Rejects with `NAMESPACE_IN_USE` if it does not, or `ABORTED`. */
export async function claimSoon(namespace: string, signal?: AbortSignal): Promise<Claim> {
  for (;;) {
    if (signal?.aborted) throw failure("ABORTED", "", signal.reason);
    const before = registry().get(namespace);
    if (!before) return claim(namespace);
    const { openedAt } = before;
    if (!before.closing && openedAt !== undefined && performance.now() - openedAt >= GRACE) throw inUse(namespace);
    await Promise.race([before.free, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
}

const inUse = (namespace: string) =>
  failure(
    "NAMESPACE_IN_USE",
    `the namespace ${JSON.stringify(namespace)} has a bridge in this page already, perhaps of another copy of authframe`,
  );
