/** Where a chat's API is, of the entries that speak to one. */

/** https or wss, or http or ws on loopback; without a user name, query or fragment, and without slashes at the end. `null` for anything else: a user's tokens go there. */
export function apiAddress(url: unknown, scheme: "http" | "ws"): string | null {
  try {
    const { protocol, hostname, username, password, search, hash, href } = new URL(url as string);
    const loopback = /(^|\.)localhost$|^127\.0\.0\.1$|^\[::1]$/.test(hostname);
    return !username && !password && !search && !hash && (protocol === `${scheme}s:` || (protocol === `${scheme}:` && loopback))
      ? href.replace(/\/+$/, "")
      : null;
  } catch {
    return null;
  }
}
