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
