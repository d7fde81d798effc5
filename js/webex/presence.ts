/** Which tabs are open: each has a key in localStorage, and a Web Lock of that name as long as it lives. */
import { report } from "../shared/report.js";
import type { LineStorage } from "./storage.js";
import { isUnusable, wasGivenUp } from "./web-lock.js";

/** So many tabs are looked after with one request to the registrar. */
const MOST_PROBES = 64;

export class Presence {
  readonly #storage: LineStorage;
  readonly #locks: LockManager | undefined;
  readonly #prefix: string;
  readonly #own: string;

  /** @param tab names this one */
  constructor(storage: LineStorage, locks: LockManager | undefined, key: string, tab: string) {
    this.#storage = storage;
    this.#locks = locks;
    this.#prefix = `${key}.tab.`;
    this.#own = this.#prefix + tab;
  }

  /** This tab is there until the signal is aborted. */
  join(signal: AbortSignal): void {
    this.#write();
    this.#locks
      ?.request(this.#own, { signal }, () => {
        // Another tab may have looked before the lock was ours.
        this.#write();
        return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      })
      .catch((error) => {
        if (!wasGivenUp(error) && !isUnusable(error)) report(error);
      });
  }

  leave(): void {
    this.#storage.removeItem(this.#own);
  }

  /** The names of the other tabs. */
  others(): string[] {
    return this.#storage.keys().filter((name) => name.startsWith(this.#prefix) && name !== this.#own);
  }

  /** Removes the keys of tabs that ended without a word. A tab whose lock can be had is gone: `navigator.locks.query()` may be denied where `request()` is not. */
  sweep(): void {
    for (const name of this.others().slice(0, MOST_PROBES)) {
      this.#locks
        ?.request(name, { ifAvailable: true }, (lock) => {
          if (lock) this.#storage.removeItem(name);
        })
        .catch(() => {});
    }
  }

  #write(): void {
    this.#storage.setItem(this.#own, "");
  }
}
