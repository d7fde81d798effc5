import { isHidden } from "../shared/own-document.js";

/** How often a widget is asked for a sign of life while the page is visible, and how long it may take to answer. In milliseconds. */
const INTERVAL = 30_000;
const ANSWER_WAIT = 5000;
/** A widget that is only slow is asked so often before it counts as gone. */
const ATTEMPTS = 2;

/**
 * Notices a widget that has died without a word, as when its process crashed: a port does not say so in every browser. It is asked at an interval, and when a request got no answer.
 */
export class Liveness {
  readonly #canBeAsked: () => boolean;
  readonly #ask: (timeoutMs: number) => Promise<unknown>;
  readonly #lost: () => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #silent = false;
  #asking = false;

  /**
   * @param canBeAsked whether it is connected, and says that it answers
   * @param ask rejects if it does not answer in this time
   * @param lost it has died
   */
  constructor(canBeAsked: () => boolean, ask: (timeoutMs: number) => Promise<unknown>, lost: () => void) {
    this.#canBeAsked = canBeAsked;
    this.#ask = ask;
    this.#lost = lost;
  }

  begin(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (!isHidden()) this.check();
    }, INTERVAL);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** Something came from the widget. */
  received(): void {
    this.#silent = false;
  }

  /** There is a reason to ask now. */
  check(): void {
    if (!this.#asking && this.#canBeAsked()) void this.#checkNow();
  }

  async #checkNow(): Promise<void> {
    this.#asking = true;
    this.#silent = true;
    // What came while the page itself was busy, or asleep, is received before the second answer is due.
    for (let attempt = 0; attempt < ATTEMPTS && this.#silent && this.#canBeAsked(); attempt++) await this.#ask(ANSWER_WAIT).catch(() => {});
    this.#asking = false;
    if (this.#silent && this.#canBeAsked()) this.#lost();
  }
}
