/**
 * Whose cookies this origin has: one visitor's at a time, in all tabs. A tab that has a visitor holds a lock which names that visitor and says whether they have cookies. Before the cookies change, the
 * tabs of every other visitor have to let go of theirs, and they do so when their requests and sockets are ended. So no request of one visitor ever carries a cookie of another one.
 * Visitors without cookies do not disturb each other.
 */
import { checksum, identityOf, type Visitor } from "./visitor.js";
import { type Hold, heldLocks, holdShared, isFreeWithin, takeAway, withLock } from "./web-locks.js";

/** So long the tabs of another visitor may take to end what is under way, in milliseconds. Then they lose their visitor. */
const PATIENCE = 10_000;
/** So long a tab waits for its turn: longer than four tabs before it may wait, each for others that do nothing. */
const TURN = 45_000;

export class CookieTurn {
  readonly #with: string;
  readonly #without: string;
  #hold: Hold | null = null;

  /**
   * @param key begins the names of the locks
   * @param onLost called when another tab has waited for too long: this one's visitor must not go on
   */
  constructor(
    private readonly key: string,
    private readonly onLost: () => void,
  ) {
    this.#with = `${key}.with `;
    this.#without = `${key}.without `;
  }

  /** Whether it is this visitor's turn, here. */
  isOf(visitor: Visitor): boolean {
    return this.#hold?.name === this.#nameFor(visitor);
  }

  /**
   * Waits until no tab has a visitor whom the cookies of this one, or the other way round, would go out with; writes them; and keeps all others waiting until {@link release}.
   * Without effect if the signal is aborted meanwhile, but for what has been written. A turn that another tab has taken away is waited for again.
   */
  async take(visitor: Visitor, write: () => void, signal: AbortSignal): Promise<void> {
    let isTaken = false;
    while (!isTaken && !signal.aborted)
      await withLock(`${this.key}.turn`, TURN, signal, async (over) => {
        isTaken = await this.#taken(visitor, write, over);
      });
  }

  /** Resolves with whether it was done before the turn was over. */
  async #taken(visitor: Visitor, write: () => void, over: AbortSignal): Promise<boolean> {
    const others = (await this.#disturbing(visitor)).map((name) => this.#end(name, over));
    await Promise.all(others);
    if (over.aborted) return false;
    // Held before they are written, so that a tab which takes the turn away meanwhile waits for this one.
    const hold = holdShared(this.#nameFor(visitor), () => this.#lost(hold));
    await hold.held;
    if (over.aborted) {
      hold.release();
      return false;
    }
    write();
    this.release();
    this.#hold = hold;
    return true;
  }

  /** This tab has no visitor any more: nothing is under way. */
  release(): void {
    this.#hold?.release();
    this.#hold = null;
  }

  #nameFor(visitor: Visitor): string {
    return (visitor.cookies.length > 0 ? this.#with : this.#without) + nameOf(visitor);
  }

  async #disturbing(visitor: Visitor): Promise<string[]> {
    const own = [this.#with, this.#without].map((kind) => kind + nameOf(visitor));
    const kinds = visitor.cookies.length > 0 ? [this.#with, this.#without] : [this.#with];
    const held = await Promise.all(kinds.map(heldLocks));
    return held.flat().filter((name) => !own.includes(name));
  }

  async #end(name: string, signal: AbortSignal): Promise<void> {
    if ((await isFreeWithin(name, PATIENCE, signal)) || signal.aborted) return;
    await takeAway(name);
  }

  #lost(hold: Hold): void {
    if (this.#hold !== hold) return;
    this.#hold = null;
    this.onLost();
  }
}

/** No id in clear text: names of locks may be listed. */
const nameOf = (visitor: Visitor): string => checksum(identityOf(visitor));
