/** The time at the API, as far as its replies say it. A browser's clock may be wrong by any time. */
import { issuedAt } from "./token.js";

export class ServerClock {
  /** By how many milliseconds it is ahead of this browser's. */
  #ahead: number | undefined;

  /** @param token that the API has made just now */
  learn(headers: Headers, token?: string): void {
    // A page of another origin reads this header only if the API exposes it.
    const date = Date.parse(headers.get("date") ?? "");
    const now = Number.isNaN(date) && token !== undefined ? issuedAt(token) : date;
    if (now !== null && Number.isFinite(now)) this.#ahead = now - Date.now();
  }

  /** In milliseconds since 1970, to a few seconds; `undefined` before the first reply that says it. */
  get now(): number | undefined {
    return this.#ahead === undefined ? undefined : Date.now() + this.#ahead;
  }
}
