/** Waits that end. */
export class Deadlines {
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** What the promise brings; what `late` gives if that takes longer, in milliseconds. */
  within<T>(ms: number, promise: Promise<T>, late: () => T): Promise<T> {
    let timer: ReturnType<typeof setTimeout>;
    const tooLate = new Promise<T>((resolve) => {
      timer = setTimeout(() => resolve(late()), ms);
      this.#timers.add(timer);
    });
    return Promise.race([promise, tooLate]).finally(() => this.#forget(timer));
  }

  /** No one waits any more. */
  endAll(): void {
    for (const timer of this.#timers) this.#forget(timer);
  }

  #forget(timer: ReturnType<typeof setTimeout>): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}
