/**
 * Lets so many pass in a second, and after a quiet while as many at once as pass in `seconds`: the same rule as `src/session/rate.rs`, and
 * `tests/vectors/rate-limit.json` holds for both.
 *
 * @returns whether one more may pass now, in milliseconds of a clock that never goes back
 */
export function rateLimit(perSecond: number, seconds = 1): (now: number) => boolean {
  // In microseconds: what one takes, and when the bucket is full again.
  const share = Math.floor(1_000_000 / perSecond);
  let full = 0;
  return (now) => {
    const time = Math.floor(now) * 1000;
    const next = Math.max(full, time) + share;
    const some = next - time <= seconds * 1_000_000;
    if (some) full = next;
    return some;
  };
}
