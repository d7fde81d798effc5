import { type Post, refuse } from "../shared/handlers.js";
import { SENT_A_SECOND, TAKEN_AT_ONCE } from "../shared/limits.js";
import { rateLimit } from "../shared/rate-limit.js";
import { count, field } from "../shared/read.js";

/** Who is signed in, and answers, always pass. What the application says by itself, and types that we do not know, share a limit. */
const UNLIMITED = ["open", "session", "reply", "error", "dropped", "ping", "bye"];

export interface IncomingLimit {
  /** A connection begins: what was dropped before counts no more. */
  reset(): void;
  /** Whether this message may pass. If not, its sender learns it: of a request at once, of the rest whenever there are twice as many as last time. */
  admits(type: string, message: unknown, post: Post): boolean;
}

/** How much the widget's application may send: the same rule as in its core. */
export const incomingLimit = (): IncomingLimit => {
  const pass = rateLimit(SENT_A_SECOND, TAKEN_AT_ONCE);
  let dropped = 0;
  return {
    reset() {
      dropped = 0;
    },
    admits(type, message, post) {
      if (UNLIMITED.includes(type) || pass(performance.now())) return true;
      dropped++;
      const id = field(message, "id", count);
      if (id !== undefined) refuse("RATE_LIMITED", id, post);
      else if (Number.isInteger(Math.log2(dropped))) post({ type: "dropped", count: dropped });
      return false;
    },
  };
};
