/** What became of what one side asked the other for, in words. Part of widget/advice.ts and host/advice.ts, which is loaded when it failed. */
import type { ErrorCode } from "./error-codes.js";
import { SENT_A_SECOND } from "./limits.js";

type Peer = "host" | "widget";

/**
 * @param peer the other side
 * @param what was asked for: the quoted name of a request, or the call that asks
 * @param said by the other side, in its own words
 */
export function outcome(peer: Peer, code: ErrorCode, what: string, said: string | undefined): string | undefined {
  const text = TEXTS[code]?.(peer, what);
  if (text === undefined || said === undefined) return text;
  return `${text}; the ${peer} says ${JSON.stringify(said)}`;
}

const TEXTS: { readonly [code in ErrorCode]?: (peer: Peer, what: string) => string } = {
  ACCOUNT_INVALID: notTaken,
  ACQUIRE_FAILED: (peer, what) =>
    `${notTaken(peer, what)}: its acquire refused the user, found none or failed, or its server has said when to come again; the console of its page says more. After a failure it asks again by itself: watch session. After a refusal name the user again, with another token`,
  CLOSED: (_, what) => `close() was called before there was an answer to ${what}`,
  DISCONNECTED: (peer, what) => `the ${peer} has gone before it answered ${what}: it may have done what was asked all the same`,
  HANDLER_FAILED: (peer, what) => `the ${peer} has failed to answer ${what}: the console of its page says why`,
  LIFETIME_INVALID: notTaken,
  NO_HANDLER: (peer, what) =>
    what.startsWith("requestSignIn")
      ? "the host signs no user in: it has to give onSignInRequest to embed()"
      : `the ${peer} has no handler for ${what}: it has to call handle(${what}, …)`,
  RATE_LIMITED: (peer, what) =>
    `the ${peer} has dropped ${what}: it takes ${SENT_A_SECOND} messages and requests in a second. Send less often, or several values in one message`,
  REQUEST_TIMEOUT: (peer, what) => `the ${peer} has not answered ${what} in time: it may have done what was asked all the same`,
  TOKEN_INVALID: notTaken,
};

function notTaken(peer: Peer, what: string): string {
  return `the ${peer} has not taken ${what}`;
}
