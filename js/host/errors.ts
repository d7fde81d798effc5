/** What the host half throws: the code, who is responsible, and what was given or seen. What the code means and what to do stands in advice.ts, which is loaded when something is wrong. */
import { AuthframeError, type ErrorCode } from "../shared/error.js";

/** For what the other side did or did not do. For every other code it is the application that called us. */
const PEER: readonly ErrorCode[] = [
  "DISCONNECTED",
  "HANDLER_FAILED",
  "HANDSHAKE_TIMEOUT",
  "NO_HANDLER",
  "REQUEST_TIMEOUT",
  "VERSION_MISMATCH",
];

export const failure = (code: ErrorCode, detail = "", cause?: unknown): AuthframeError =>
  new AuthframeError(code, detail, PEER.includes(code) ? "peer" : "app", cause);

/** What is wrong in words, where it can be loaded. */
export const advice = (): Promise<typeof import("./advice.js") | undefined> => import("./advice.js").catch(() => undefined);

/** A duration that cannot be used. */
export const durationFailure = async (name: string, given: unknown, most: number): Promise<AuthframeError> =>
  failure("CONFIG_INVALID", (await advice())?.durationProblem(name, given, most));

/** A user that cannot be used. */
export const identityFailure = async (given: unknown): Promise<AuthframeError> => {
  const [code, text] = (await advice())?.grantProblem(given) ?? (["ACCOUNT_INVALID", ""] as const);
  return failure(code, text);
};
