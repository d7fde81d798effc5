// https, or http on this very machine; no user name before the host. For an address as `URL` writes it.
const SAFE = /^(https:\/\/[^@/]+|http:\/\/([^@/]+\.)?(localhost|127\.0\.0\.1|\[::1])(:\d+)?)\//;

/** An address that a window, a code or a token may be sent to, or nothing. */
export const safeAddress = (address: string | URL | undefined): URL | undefined => {
  try {
    const url = new URL(address as string);
    if (SAFE.test(url.href)) return url;
  } catch {
    // No address, then.
  }
  return undefined;
};
