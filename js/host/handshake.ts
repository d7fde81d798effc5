/** The host's half of the handshake (docs/protocol.md, section 2), without a window: facts in, a verdict out. */
import { rateLimit } from "../shared/rate-limit.js";
import { count, field, shape, text, word } from "../shared/read.js";

/** Why a message was dropped. */
export type Counter = "source" | "origin" | "malformed" | "rate" | "replay";

/** What is posted on the port that came with a hello, and nowhere else. */
export type Answer =
  | {
      readonly type: "welcome";
      readonly code?: never;
      readonly version: number;
      readonly nonce: string;
      readonly capabilities: readonly string[];
    }
  | { readonly type: "refuse"; readonly code: "VERSION_MISMATCH" | "OPAQUE_ORIGIN"; readonly min: number; readonly max: number };

/** Drop the message and count why; or answer it; or, if it is another script's, do nothing. */
export type Verdict = Counter | Answer | undefined;

/**
 * @param now milliseconds of a clock that never goes back
 * @param fromFrame whether the message's source is the frame's window
 * @param ports how many ports came with it
 * @param pending whether the application still waits for its first connection
 */
export type Judge = (now: number, fromFrame: boolean, origin: string, data: unknown, ports: number, pending: boolean) => Verdict;

const readHello = shape({ min: count, max: count, nonce: text(32, /^[\da-f]{32}$/) });

/**
 * @param channel separates several bridges in one widget page
 * @param pinned the widget's only origin; `"null"` if both sides opted in to a widget without one
 * @param capabilities what this host announces
 * @param only the only nonce that a widget without an origin can use
 */
export const judge = (channel: string, pinned: string, capabilities: readonly string[], only: string, min = 1, max = 1): Judge => {
  const pass = rateLimit(200);
  const seen = new Set<string>();
  const refuse = (code: "VERSION_MISMATCH" | "OPAQUE_ORIGIN"): Answer => ({ type: "refuse", code, min, max });

  return (now, fromFrame, origin, data, ports, pending) => {
    // What is not even meant to look like ours is another script's, and counts for nothing.
    if (!fromFrame) return field(data, "type", word)?.startsWith("authframe:") ? "source" : undefined;
    // A frame of ours that has lost its origin gets an answer: both applications shall learn why nothing works.
    const wrong = origin === pinned ? undefined : "origin";
    if (wrong && origin !== "null") return wrong;
    if (!pass(now)) return wrong ?? "rate";
    if (field(data, "type") !== "authframe:hello" || field(data, "channel") !== channel) return wrong;
    const hello = readHello(data);
    if (!hello || ports !== 1) return wrong ?? "malformed";
    if (wrong) return pending ? refuse("OPAQUE_ORIGIN") : wrong;

    if (seen.has(hello.nonce) || (only && only !== hello.nonce)) return "replay";
    // Bounded: only the widget can fill the set, and a hello of its own past gains it nothing.
    if (seen.size > 64) seen.clear();
    seen.add(hello.nonce);
    const version = Math.min(max, hello.max);
    return version < min || version < hello.min
      ? refuse("VERSION_MISMATCH")
      : { type: "welcome", version, nonce: hello.nonce, capabilities };
  };
};
