/** Callers of `accessToken()` that wait for a refresh. */
import type { CoreCode } from "../shared/words.js";
import type { Core } from "./core/core.js";
import { checked, failure } from "./failure.js";

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

export class TokenRequests {
  #waiting: Waiting[] = [];

  constructor(private readonly core: Core) {}

  /** A token that is good for so many milliseconds more. */
  async get(minValidity: number): Promise<string> {
    let validity = minValidity;
    for (;;) {
      const token = checked(() => this.core.accessToken(validity));
      if (token !== undefined) return token;
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
      // The next one is as fresh as can be.
      validity = 0;
    }
  }

  /** All that wait may ask again, or learn why not. */
  settleAll(code: CoreCode | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject } of waiting) {
      if (code === undefined) resolve();
      else reject(failure(code));
    }
  }
}
