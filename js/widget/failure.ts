/** What the widget half throws, beside what core/load.ts and index.ts say for themselves. */
import { AuthframeError, type ErrorCode, type Responsible } from "../shared/error.js";
import { LONGEST_QUEUE, SENT_A_SECOND } from "../shared/limits.js";
import { CORE_ERRORS, type CoreCode } from "../shared/words.js";

interface Failure {
  /** What is wrong and what to do. Empty: `request-outcome.ts` says it. */
  readonly text: string;
  readonly responsible: Responsible;
}

/** Those that the core does not know: what only TypeScript finds out. */
const OWN_FAILURES = {
  ABORTED: { text: "the signal was aborted", responsible: "app" },
  DISCONNECTED: {
    text: "no connection to the host",
    responsible: "peer",
  },
  HANDLER_FAILED: { text: "", responsible: "peer" },
  NAME_INVALID: { text: "a name is a text of 1 to 64 characters", responsible: "app" },
  NAMESPACE_IN_USE: { text: "close the other bridge of this namespace first, or give this one another namespace", responsible: "app" },
  NO_HANDLER: { text: "the host takes nothing of this kind", responsible: "peer" },
  QUEUE_FULL: { text: `${LONGEST_QUEUE} messages wait for the connection already: send the next one when it stands`, responsible: "app" },
  RATE_LIMITED: {
    text: `more than ${SENT_A_SECOND} messages and requests in a second: wait, or put several values into one message`,
    responsible: "app",
  },
  REQUEST_TIMEOUT: { text: "", responsible: "peer" },
} as const satisfies { [code in ErrorCode]?: Failure };

const FAILURES = { ...CORE_ERRORS, ...OWN_FAILURES };
export type FailureCode = keyof typeof FAILURES;

/** @param detail what was given, what is meant: goes in front of what the code alone says */
export function failure(code: FailureCode, detail = "", cause?: unknown): AuthframeError {
  const { text, responsible } = FAILURES[code];
  return new AuthframeError(code, detail ? `${detail} (${text})` : text, responsible, cause);
}

/** Calls the core. What it throws is the code of an error; anything else is wasm's own. */
export function checked<T>(call: () => T, detail?: string): T {
  try {
    return call();
  } catch (thrown) {
    throw typeof thrown === "string" ? failure(thrown as CoreCode, detail) : thrown;
  }
}

/** What is wrong in words, where it can be loaded. */
export const advice = (): Promise<typeof import("./advice.js") | undefined> => import("./advice.js").catch(() => undefined);

/** A duration that cannot be used. */
export const durationFailure = async (name: string, given: unknown, most: number, least?: number): Promise<AuthframeError> =>
  failure("CONFIG_INVALID", (await advice())?.durationProblem(name, given, most, least) ?? name);
