/** Calls of the application that take effect later: the core says by their numbers when. */

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

export class Commands {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  /** Gives the core a command, and resolves once what it asks for holds. What `give` throws is thrown. */
  give(give: (number: number) => void): Promise<void> {
    this.#last += 1;
    const number = this.#last;
    const holds = new Promise<void>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    try {
      give(number);
    } catch (error) {
      this.#waiting.delete(number);
      throw error;
    }
    return holds;
  }

  settle(number: number): void {
    this.#waiting.get(number)?.resolve();
    this.#waiting.delete(number);
  }

  failAll(error: unknown): void {
    for (const { reject } of [...this.#waiting.values()]) reject(error);
    this.#waiting.clear();
  }
}
