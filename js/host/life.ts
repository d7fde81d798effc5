import { isHidden } from "../shared/own-document.js";

/**
 * Notices a widget that has died without a word, as when its process crashed: a port says nothing of that in every browser. A widget that is only slow is asked twice before it counts as gone.
 *
 * It is asked every 30 s while the page is visible, and when a request got no answer.
 */
const INTERVAL = 30_000;
const PATIENCE = 5000;

export interface Life {
  begin(): void;
  /** Something came from it. */
  heard(): void;
  /** There is a reason to ask now. */
  doubt(): void;
  end(): void;
}

/**
 * @param canBeAsked whether it is connected, and says that it answers
 * @param ask rejects if it does not answer in this time
 * @param lost it has died
 */
export const signsOfLife = (canBeAsked: () => boolean, ask: (timeoutMs: number) => Promise<unknown>, lost: () => void): Life => {
  let timer: ReturnType<typeof setInterval> | undefined;
  let silent = false;
  let asking = false;

  const doubt = async (): Promise<void> => {
    if (asking || !canBeAsked()) return;
    asking = true;
    silent = true;
    // What came while the page itself was busy, or asleep, is heard before the second answer is due.
    for (let left = 2; left > 0 && silent && canBeAsked(); left--) await ask(PATIENCE).catch(() => {});
    asking = false;
    if (silent && canBeAsked()) lost();
  };

  return {
    begin() {
      clearInterval(timer);
      timer = setInterval(() => {
        if (!isHidden()) void doubt();
      }, INTERVAL);
    },
    heard() {
      silent = false;
    },
    doubt: () => void doubt(),
    end: () => clearInterval(timer),
  };
};
