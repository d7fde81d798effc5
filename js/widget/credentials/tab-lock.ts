import type { StoreLock } from "../../shared/words.js";

/** The Web Lock by which one tab of a namespace refreshes for all. */
export class TabLock {
  readonly #locks: LockManager | undefined;
  readonly #name: string;
  #release: (() => void) | undefined;

  constructor(locks: LockManager | undefined, namespace: string) {
    this.#locks = locks;
    this.#name = `authframe ${namespace}`;
  }

  /** Held until it is given back or the tab dies: so a free lock proves that its last holder is gone. */
  take(): Promise<StoreLock> {
    return new Promise((resolve) => {
      if (this.#release) return resolve("held");
      if (!this.#locks) return resolve("unsupported");
      this.#locks
        .request(this.#name, { ifAvailable: true }, (lock) => {
          resolve(lock ? "held" : "elsewhere");
          if (!lock) return undefined;
          return new Promise<void>((done) => {
            this.#release = done;
          });
        })
        .catch(() => resolve("unsupported"));
    });
  }

  /** Gives it back, if we hold it. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
