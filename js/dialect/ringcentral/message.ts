/** Messages of a RingCentral page. */
export type Message = Readonly<Record<string, unknown>>;

/** A message's own values. A made-up one may have getters that throw: they are not called. */
export function plain(from: unknown): Message {
  try {
    const own = Object.entries(Object.getOwnPropertyDescriptors(Object(from) as object));
    return Object.fromEntries(
      own.filter(([, found]) => found.enumerable && "value" in found).map(([key, { value }]) => [key, value as unknown]),
    );
  } catch {
    return {};
  }
}

/** What is shown as text: pages give numbers too, such as the id of an account. `undefined` for anything else. */
export function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return Number.isFinite(value) ? String(value) : undefined;
}
