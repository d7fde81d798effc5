/** How many are remembered: an application need not answer. */
const MOST = 100;

/** The host's searches that are not answered yet: which one an answer without a query belongs to. */
export class OpenSearches {
  #open: string[] = [];
  /** How many were answered without a query: which ones, is not known. */
  #unnamed = 0;
  #running: string | undefined;

  /** Begins a search, and calls the application's callback for it. */
  run<T>(query: string, callback: () => T): T {
    this.#open.push(query);
    if (this.#open.length > MOST) this.#open.shift();
    this.#running = query;
    try {
      return callback();
    } finally {
      this.#running = undefined;
    }
  }

  /** The one whose callback is running; else the only one that is open; `undefined` if it could be another one. */
  get answered(): string | undefined {
    if (this.#running !== undefined) return this.#running;
    return this.#unnamed === 0 && new Set(this.#open).size === 1 ? this.#open[0] : undefined;
  }

  /** One of them is answered. */
  end(query: string | undefined): void {
    if (query === undefined) this.#unnamed += 1;
    else {
      const place = this.#open.indexOf(query);
      if (place >= 0) this.#open.splice(place, 1);
    }
    if (this.#unnamed < this.#open.length) return;
    this.#open = [];
    this.#unnamed = 0;
  }
}
