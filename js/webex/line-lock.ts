/** The Web Lock of a line: the tab that has it holds the line. */

import { pause } from "../shared/pause.js";
import { report } from "../shared/report.js";
import { backoff, RETRY_LIMIT } from "./backoff.js";
import type { TabState } from "./tab-state.js";
import { isUnusable, requestLock, wasGivenUp } from "./web-lock.js";

export interface LineLockContext {
  readonly locks: LockManager | undefined;
  readonly key: string;
  readonly state: TabState;
  acquired(): void;
  /** Called before the lock is given back. */
  lost(): void;
}

export class LineLock {
  readonly #context: LineLockContext;
  #held = false;
  /** The part of this tab's life in which it got the lock. */
  #life: AbortSignal | undefined;
  #release = () => {};

  constructor(context: LineLockContext) {
    this.#context = context;
  }

  get isHeld(): boolean {
    return this.#held;
  }

  /** Waits for the lock, and holds it until it is dropped; again and again until the signal is aborted. */
  async compete(signal: AbortSignal): Promise<void> {
    const { locks, key, state } = this.#context;
    let failures = 0;
    while (!signal.aborted) {
      if (!locks || state.sharing === "alone") return this.#hold(signal);
      try {
        // It is waited for again and again, so that no request for one waits for ever.
        await requestLock(locks, key, { patience: RETRY_LIMIT, signal }, () => this.#hold(signal));
        failures = 0;
      } catch (error) {
        // A script has stolen the lock. What goes on here would be a second line.
        if (this.#held && this.#life === signal) this.drop();
        if (wasGivenUp(error)) continue;
        if (isUnusable(error)) state.sharing = "alone";
        else {
          report(error);
          // Aborted, it is over: the loop ends.
          await pause(backoff(failures++), signal).catch(() => {});
        }
      }
    }
  }

  drop(): void {
    this.#held = false;
    this.#context.lost();
    this.#release();
  }

  #hold(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const released = new Promise<void>((resolve) => {
      this.#release = resolve;
    });
    this.#held = true;
    this.#life = signal;
    this.#context.acquired();
    return released;
  }
}
