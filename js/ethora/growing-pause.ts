/** The pauses of docs/credentials.md, "When something fails", for what the core does not try again by itself. */

const FIRST = 1000;
const LONGEST = 60_000;
/** So soon after a failure nothing is tried again, whatever happens. */
const SOONEST = 1000;

export class GrowingPause {
  #failures = 0;
  #failedAt = -Infinity;

  /** It has failed. Gives how long to wait, in milliseconds: at most a second at first, then at most twice as long each time, up to a minute; between half and the whole of that. */
  fail(): number {
    const longest = Math.min(LONGEST, FIRST * 2 ** this.#failures);
    this.#failures += 1;
    this.#failedAt = performance.now();
    return longest * (0.5 + Math.random() / 2);
  }

  /** There is a reason to try at once. Gives how long to wait all the same. */
  hurry(): number {
    return Math.max(0, this.#failedAt + SOONEST - performance.now());
  }

  reset(): void {
    this.#failures = 0;
  }
}
