/** `Retry-After` (RFC 9110 section 10.2.3), bounded: a server that wants to be left alone is, but not for ever. */

/** An hour. As `LONGEST_PAUSE` of `src/webex/retry.rs`. */
export const LONGEST_PAUSE = 3_600_000;

/**
 * Seconds, or a date as HTTP writes it: in milliseconds from now, at most {@link LONGEST_PAUSE}. `null` if it is missing or neither. Across origins a script reads it only if the server exposes it.
 */
export function retryAfter(header: string | null, now = Date.now()): number | null {
  if (header === null) return null;
  const given = header.trim();
  // The form without a time zone would be taken for local time.
  const milliseconds = /^\d+$/.test(given) ? Number(given) * 1000 : /^[A-Z][a-z]+, .* GMT$/.test(given) ? Date.parse(given) - now : NaN;
  return Number.isNaN(milliseconds) ? null : Math.min(LONGEST_PAUSE, Math.max(0, milliseconds));
}
