/**
 * The host's answers to what was posted, each on a port of its own. In the web view of an app there are no ports, and hosts of the first years posted to the window: there an answer is
 * known by the type of what was posted.
 */

/** How long an answer is waited for, in milliseconds. */
export const PATIENCE = 10_000;

/** What the vendor's library rejects with, too. */
export interface Answer {
  readonly type?: string;
  readonly errorMessage?: unknown;
}

type Settle = (answer: Answer | null | undefined) => void;

export class Answers {
  readonly #waiting = new Set<Settle>();
  readonly #byType = new Map<string, Set<Settle>>();

  /**
   * Resolves and rejects with the whole answer, as the vendor's library does.
   * @param port where it comes; `null`: in a web view; anything else was thrown instead of being posted, and is thrown
   */
  async to(type: string, port: unknown): Promise<unknown> {
    if (port !== null && !(port instanceof MessagePort)) throw port;
    return new Promise((resolve, reject) => {
      const settle: Settle = (answer) => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        this.#byType.get(type)?.delete(settle);
        if (port) {
          port.onmessage = null;
          port.close();
        }
        if (answer?.errorMessage) reject(answer);
        else resolve(answer);
      };
      const timer = setTimeout(() => settle({ errorMessage: "timeout", type }), PATIENCE);
      this.#waiting.add(settle);
      if (port) port.onmessage = ({ data }) => settle(data as Answer);
      this.#ofType(type).add(settle);
    });
  }

  /** Rejects when the connection is closed before `settled` is called. */
  untilClosed(reject: (answer: unknown) => void): { settled(): void } {
    this.#waiting.add(reject);
    return { settled: () => this.#waiting.delete(reject) };
  }

  /** Takes a message of the window. One answer is for all that asked the same: the vendor's own way. */
  receive(type: string, message: object): void {
    for (const settle of [...(this.#byType.get(type) ?? [])]) settle(message);
  }

  close(): void {
    for (const settle of this.#waiting) settle({ errorMessage: "closed" });
  }

  #ofType(type: string): Set<Settle> {
    const all = this.#byType.get(type) ?? new Set();
    this.#byType.set(type, all);
    return all;
  }
}
