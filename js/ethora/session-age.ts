/** How long a session may last in all, however often it is refreshed. */
import type { ServerClock } from "./server-clock.js";

/** What the vendor's component has, in seconds: 30 days. */
export const USUAL_AGE = 2_592_000;

export class SessionAge {
  /** @param longest in seconds */
  constructor(
    private readonly longest: number,
    private readonly clock: ServerClock,
  ) {}

  /** By the server's clock, if that is known. */
  get now(): number {
    return this.clock.now ?? Date.now();
  }

  /** @param since when it began, in milliseconds since 1970; `null`: that is not known */
  isOver(since: number | null): boolean {
    return since !== null && this.now - since >= this.longest * 1000;
  }
}
