/** How long to wait after failures on this side of the registrar. */

export const RETRY_LIMIT = 60_000;

/** After so many failures before this one, in milliseconds: 1 s, 2 s, and so on, a minute at most. */
export const backoff = (failures: number) => Math.min(RETRY_LIMIT, 1000 * 2 ** Math.min(failures, 6));

export const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
