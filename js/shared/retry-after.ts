/**
 * How long a server wants to be left alone: in milliseconds from now, 0 to `longest`; `null` if that is not known.
 *
 * @param after seconds, or the value of a `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date as HTTP writes it. Across origins a script reads it only if the server exposes it.
 */
export function retryAfter(after: number | string | null | undefined, longest: number, now = Date.now()): number | null {
  const wait = typeof after === "number" ? after * 1000 : typeof after === "string" ? waitOf(after.trim(), now) : NaN;
  return Number.isNaN(wait) ? null : Math.min(longest, Math.max(0, wait));
}

function waitOf(header: string, now: number): number {
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  // The form without a time zone would be taken for local time.
  return /^[A-Z][a-z]+, .* GMT$/.test(header) ? Date.parse(header) - now : NaN;
}
