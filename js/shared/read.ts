/**
 * Reads what others wrote: the properties asked for, one by one, with limits. An inherited member is never found, a throwing getter reads as absent,
 * nothing else is visited. `undefined` always means: absent or not acceptable. Lengths are in UTF-16 code units.
 */
/** Gives back what is acceptable of a value. */
export type Rule<T> = (value: unknown) => T | undefined;

export const field = <T = unknown>(from: unknown, key: string, rule: Rule<T> = (value) => value as T): T | undefined => {
  try {
    return rule(Object.hasOwn(from as object, key) ? (from as Record<string, unknown>)[key] : undefined);
  } catch {
    // Absent, then.
  }
  return undefined;
};

/** A frozen copy of exactly these fields, if every one is acceptable. */
export const shape =
  <T extends object>(rules: { readonly [K in keyof T]: Rule<T[K]> }): Rule<T> =>
  (from) => {
    // Both make properties of their own, where an assignment would call a setter that the page has put on Object.prototype.
    const copy = Object.entries<Rule<unknown>>(rules).map(([key, rule]) => [key, field(from, key, rule)] as const);
    return copy.every(([, value]) => value !== undefined) ? Object.freeze(Object.fromEntries(copy) as T) : undefined;
  };

export const when = <T>(fine: boolean, value: unknown): T | undefined => (fine ? (value as T) : undefined);

export const text =
  (max: number, pattern = /^/): Rule<string> =>
  (value) =>
    when(typeof value === "string" && value.length <= max && pattern.test(value), value);

export const word = /* @__PURE__ */ text(64);

export const count: Rule<number> = (value) => when((value as number) >= 0 && Number.isSafeInteger(value), value);

/** At most 32 words. */
export const words: Rule<readonly string[]> = (value) =>
  when(Array.isArray(value) && value.length < 33 && value.every((item) => word(item) != null), value);

/** Absent and `null` are the same. */
export const optional =
  <T>(rule: Rule<T>): Rule<T | null> =>
  (value) =>
    value == null ? null : rule(value);
