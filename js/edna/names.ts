/** The messages between the page and the widget, as both halves name them. */

/** The visitor: the widget asks, the page answers, and sends it anew whenever it has changed. */
export const VISITOR = "edna:visitor";
/** From the widget: the chat's server says that `extendedAuth` has expired. */
export const EXPIRED = "edna:expired";
/** From the widget: what of the visitor it has left out. */
export const FINDINGS = "edna:findings";

/** From the widget: a user whose pages have all gone is still signed in, and the page, which names none, ends that. */
export const ABANDONED = "edna:abandoned";

/** What a client's `clientData` says of a name, as a session shows it. */
export function nameOf(clientData: string | null): string | null {
  const { name } = Object(JSON.parse(clientData ?? "{}")) as { name?: unknown };
  return typeof name === "string" ? name.slice(0, 256) : null;
}
