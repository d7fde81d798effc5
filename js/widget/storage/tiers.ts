/** Where text can be kept, the best tier first: the same order as the session's. */

/** What of a `Storage` is used. */
export type Area = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Stays free: an application that fills the storage must not drive the sign-in to a tier where other tabs do not learn of it. */
const RESERVE = "x".repeat(4096);

/** The last tier. It lives as long as the page, like the others: a closed bridge may be followed by another. */
const texts = new Map<string, string>();
const memory: Area = {
  getItem: (name) => texts.get(name) ?? null,
  setItem(name, text) {
    texts.set(name, text);
  },
  removeItem(name) {
    texts.delete(name);
  },
};

/**
 * The best tier that works now. A full one is still a tier: what it holds can be read.
 *
 * @param probe a name that only this uses
 * @param elsewhere instead of this window's localStorage
 */
export function bestArea(probe: string, elsewhere: Area | undefined): Area {
  for (const tier of [() => elsewhere ?? window.localStorage, () => window.sessionStorage]) {
    try {
      const area = tier();
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

/** Writes only if the reserve fits beside it, for as long as `spare` holds it. What does not grow fits as it is. */
export function write(area: Area, name: string, text: string, spare: string): void {
  const grows = text.length > (area.getItem(name)?.length ?? 0);
  if (grows) area.setItem(spare, RESERVE);
  try {
    area.setItem(name, text);
  } finally {
    if (grows) area.removeItem(spare);
  }
  if (area.getItem(name) !== text) throw new Error("the browser did not keep what it took");
}

/** "QuotaExceededError", in Firefox "NS_ERROR_DOM_QUOTA_REACHED". */
export function isQuota(error: unknown): boolean {
  return /quota/i.test(String((error as Partial<Error> | null)?.name));
}
