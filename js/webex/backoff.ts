/** How long to wait after failures on this side of the registrar. */

/** No server is left alone for longer, whatever its `Retry-After` says: an hour, in milliseconds. As `LONGEST_PAUSE` of `src/webex/retry.rs`. */
export const LONGEST_PAUSE = 3_600_000;

export const RETRY_LIMIT = 60_000;

/** After so many failures before this one, in milliseconds: 1 s, 2 s, and so on, a minute at most. */
export const backoff = (failures: number) => Math.min(RETRY_LIMIT, 1000 * 2 ** Math.min(failures, 6));
