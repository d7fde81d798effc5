/** The time at the API, as far as its replies say it. A browser's clock may be wrong by any time. */
export class ServerClock {
  #ahead: number | undefined;

  /**
   * A reply has come.
   * @param date its header of that name, which a page of another origin reads only if the API exposes it
   * @param issuedAt when the token in it was made, in milliseconds since 1970
   */
  learn(date: string | null, issuedAt: number | null): void {
    const said = Date.parse(date ?? "");
    const now = Number.isNaN(said) ? issuedAt : said;
    if (now !== null) this.#ahead = now - Date.now();
  }

  /** In milliseconds since 1970, to a few seconds; `undefined` before the first reply that says it. */
  get now(): number | undefined {
    return this.#ahead === undefined ? undefined : Date.now() + this.#ahead;
  }

  /** By how many milliseconds it is ahead of this browser's; `undefined` before the first reply that says the time. */
  get ahead(): number | undefined {
    return this.#ahead;
  }
}
