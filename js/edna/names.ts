/** The messages between the page and the widget, as both halves name them. */
import { beginning } from "./visitor.js";

/** The visitor: the widget asks, the page answers, and sends it anew whenever it has changed. */
export const VISITOR = "edna:visitor";
/** From the widget: the chat's server says that `extendedAuth` has expired. */
export const EXPIRED = "edna:expired";
/** From the widget: what of the visitor it has left out. */
export const FINDINGS = "edna:findings";

/** From the widget: a user whose pages have all gone is still signed in, and the page, which names none, ends that. */
export const ABANDONED = "edna:abandoned";

/** From the page: the values of the same visitor as they are now. */
export const VALUES = "edna:values";
/** From the page, to be answered: the chat's server is to be notified that the client is not there any more. */
export const CLIENT_LOGOUT = "edna:client-logout";

/** So long the page may take to bring its globals up to date, in milliseconds. */
export const UPDATE_WAIT = 20_000;
/** So long the widget waits for the page's visitor: longer than that, and shorter than the 30 s that the core waits for `acquire`. */
export const VISITOR_WAIT = 25_000;
/** So long a request waits for the page to say its values: a page that is busy. */
export const VALUES_WAIT = 5000;

/** What a client's `clientData` says of a name, as a session shows it. */
export function nameOf(clientData: string | null): string | null {
  const { name } = Object(JSON.parse(clientData ?? "{}")) as { name?: unknown };
  return typeof name === "string" ? beginning(name, 256) : null;
}
