import { isHidden } from "../shared/own-document.js";

/** How often a widget is asked for a sign of life while the page is visible, and how long it may take to answer. In milliseconds. */
const INTERVAL = 30_000;
const ANSWER_WAIT = 5000;
/** A widget that is only slow is asked so often before it counts as gone. */
const ATTEMPTS = 2;

export interface Liveness {
  begin(): void;
  end(): void;
  /** Something came from the widget. */
  received(): void;
  /** There is a reason to ask now. */
  check(): void;
}

/**
 * Notices a widget that has died without a word, as when its process crashed: a port does not say so in every browser. It is asked at an interval, and when a request got no answer.
 *
 * @param canBeAsked whether it is connected, and says that it answers
 * @param ask rejects if it does not answer in this time
 * @param lost it has died
 */
export const watchLiveness = (canBeAsked: () => boolean, ask: (timeoutMs: number) => Promise<unknown>, lost: () => void): Liveness => {
  let timer: ReturnType<typeof setInterval> | undefined;
  let silent = false;
  let asking = false;

  const check = async () => {
    if (asking || !canBeAsked()) return;
    asking = true;
    silent = true;
    // What came while the page itself was busy, or asleep, is received before the second answer is due.
    for (let attempt = 0; attempt < ATTEMPTS && silent && canBeAsked(); attempt++) await ask(ANSWER_WAIT).catch(() => {});
    asking = false;
    if (silent && canBeAsked()) lost();
  };

  return {
    begin() {
      clearInterval(timer);
      timer = setInterval(() => {
        if (!isHidden()) void check();
      }, INTERVAL);
    },
    end: () => clearInterval(timer),
    received() {
      silent = false;
    },
    check: () => void check(),
  };
};
