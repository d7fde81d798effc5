/** A member of an event, or `undefined` if its getter throws: a script of the page can make an event up. */
export function eventMember<E extends Event, K extends keyof E>(event: E, name: K): E[K] | undefined {
  try {
    return event[name];
  } catch {
    return undefined;
  }
}
