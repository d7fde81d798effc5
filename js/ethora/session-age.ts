/** How long a session may last in all, however often it is refreshed. */
import type { KeptSession } from "./kept-session.js";
import type { ServerClock } from "./server-clock.js";

/** What the vendor's component has, in seconds: 30 days. */
export const USUAL_AGE = 2_592_000;

/** What is kept with a session of its age. */
export type Began = Pick<KeptSession, "since" | "ahead">;

export class SessionAge {
  /** @param longest in seconds */
  constructor(
    private readonly longest: number,
    private readonly clock: ServerClock,
  ) {}

  /** Of a session that begins now. */
  begin(): Began {
    return { since: this.#now(null), ahead: this.clock.ahead ?? null };
  }

  /** Of one that goes on. */
  goOn({ since, ahead }: Began): Began {
    return { since, ahead: this.clock.ahead ?? ahead };
  }

  isOver(began: Began): boolean {
    return this.left(began) <= 0;
  }

  /** How much is left, in milliseconds; below 0 if it is over. Without end if it is not known when the session began. */
  left({ since, ahead }: Began): number {
    return since === null ? Infinity : since + this.longest * 1000 - this.#now(ahead);
  }

  /** By the server's clock; before its first reply after a reload, by how far it was ahead before; else by this browser's. */
  #now(ahead: number | null): number {
    return this.clock.now ?? Date.now() + (ahead ?? 0);
  }
}
