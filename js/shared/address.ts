/** Addresses that a user's tokens or windows may go to: https and wss, or http and ws on this very machine. */

/** As `URL` writes a host name. */
export const isLoopback = (hostname: string): boolean => /(^|\.)localhost$|^127\.0\.0\.1$|^\[::1]$/.test(hostname);

/** Whether what goes there is encrypted, or stays on this machine. */
export const isSecure = ({ protocol, hostname }: URL, scheme: "http" | "ws" = "http"): boolean =>
  protocol === `${scheme}s:` || (protocol === `${scheme}:` && isLoopback(hostname));

/** An address that a window, a code or a token may be sent to, without a user name; or nothing. */
export function safeAddress(address: string | URL | undefined): URL | undefined {
  try {
    const url = new URL(address as string);
    if (isSecure(url) && !url.username && !url.password) return url;
  } catch {
    // No address, then.
  }
  return undefined;
}

/** Where an API is: without a user name, query or fragment, and without slashes at the end. `null` for anything else. */
export function apiAddress(url: unknown, scheme: "http" | "ws"): string | null {
  try {
    const parsed = new URL(url as string);
    const { username, password, search, hash, href } = parsed;
    return isSecure(parsed, scheme) && !username && !password && !search && !hash ? href.replace(/\/+$/, "") : null;
  } catch {
    return null;
  }
}

/** Whether a path begins with a slash and leads to an address below `root`, which is what {@link apiAddress} gives. */
export function isPathBelow(root: string, path: unknown): path is string {
  try {
    return typeof path === "string" && path[0] === "/" && new URL(root + path).href.startsWith(`${root}/`);
  } catch {
    return false;
  }
}
