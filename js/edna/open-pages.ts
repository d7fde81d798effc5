/** What the open pages of this origin's widgets say of their users: each holds a lock that says it. A page that is closed, or in the back/forward cache, says nothing. */
import { pause } from "../shared/pause.js";
import { checksum } from "./visitor.js";
import { areLocksGiven, type Hold, heldLocks, holdShared, withLock } from "./web-locks.js";

/** So long a page that is being closed may take to go, in milliseconds. */
const GOING = 1000;
/** It is looked for them so often, in milliseconds. */
const LOOK = 100;
/** So long what is decided about the absence of all users may take. */
const DECIDING = 3000;

export class OpenPages {
  readonly #prefix: string;
  readonly #deciding: string;
  readonly #life = new AbortController();
  #own: Hold | null = null;
  #said: Promise<void> = Promise.resolve();

  /** @param key begins the names of the locks */
  constructor(key: string) {
    this.#prefix = `${key}.page `;
    this.#deciding = `${key}.deciding`;
  }

  /** Says whom our page names: a user's subject, or `null`. Resolves when the others can know it, and none of them decides that there is no user. */
  say(subject: string | null): Promise<void> {
    const name = this.#nameOf(subject);
    if (this.#own?.name === name) return this.#said;
    this.#own?.release();
    const own = holdShared(name);
    this.#own = own;
    this.#said = own.held.then(() => (subject === null ? undefined : withLock(this.#deciding, DECIDING, this.#life.signal, () => {})));
    return this.#said;
  }

  /** Our page is hidden for good, or for now. */
  leave(): void {
    this.#own?.release();
    this.#own = null;
  }

  close(): void {
    this.leave();
    this.#life.abort();
  }

  /** Whether a page of another tab names another user than ours does, or none. */
  async disagree(): Promise<boolean> {
    const names = await heldLocks(this.#prefix);
    return names.some((name) => name !== this.#own?.name);
  }

  /**
   * Does the work if no page names another user than ours does. No page can name one until it is done, but for one that has waited for {@link DECIDING}.
   * Without locks nothing is known of other pages, and nothing is done. Resolves with whether it was.
   */
  async ifNoOtherUser(work: () => unknown): Promise<boolean> {
    if (!(await areLocksGiven()) || !(await this.#areOthersGone())) return false;
    let isDone = false;
    await withLock(this.#deciding, DECIDING, this.#life.signal, async (over) => {
      const isNamed = await this.#isOtherNamed();
      if (isNamed || over.aborted) return;
      await work();
      isDone = true;
    });
    return isDone;
  }

  #nameOf(subject: string | null): string {
    return this.#prefix + (subject === null ? "guest" : `user ${checksum(subject)}`);
  }

  async #isOtherNamed(): Promise<boolean> {
    const names = await heldLocks(this.#prefix);
    return names.some((name) => name !== this.#nameOf(null) && name !== this.#own?.name);
  }

  /**
   * Waits for pages that are being closed. It looks again and again, and waits for no lock: in Chromium a page's request of a shared lock is never granted if it stands behind one that gives up,
   * as long as another page has the lock.
   */
  async #areOthersGone(): Promise<boolean> {
    const { signal } = this.#life;
    for (let looks = GOING / LOOK; await this.#isOtherNamed(); looks--) {
      if (looks === 0 || signal.aborted) return false;
      await pause(LOOK, signal).catch(() => {});
    }
    return !signal.aborted;
  }
}
