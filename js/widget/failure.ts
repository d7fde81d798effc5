/** What the widget half throws, beside what core/load.ts and index.ts say for themselves. */
import { AuthframeError, type ErrorCode, type Responsible } from "../shared/error.js";
import type { Problem } from "./problem.js";

/** Code, what to do, and who is responsible, if not the application. The core names its own, the first ones, by their place: `src/session/error.rs`. */
const FAILURES: readonly (readonly [code: ErrorCode, text: string, responsible?: Responsible])[] = [
  [
    "ACQUIRE_FAILED",
    "acquire gave no account: it failed, found nobody signed in, took longer than 30 s, was overtaken, or a server has said not to come yet (RetryLater)",
  ],
  ["ACCOUNT_INVALID", "an account has a subject of 1 to 256 characters and, if it has one, a name of at most 256"],
  ["REENTRANT_CALL", "the bridge was called from inside a getter that it was reading: call it later"],
  ["CLOSED", "the bridge is closed: call connect() again"],
  ["CONFIG_INVALID", "an option is out of its range"],
  [
    "CONFIG_ORIGIN_INVALID",
    "an entry of hosts is an exact origin, such as https://crm.example.com, or https://*.example.com for one whole label",
  ],
  ["CONFIG_ORIGIN_REQUIRED", "list in hosts the origins of the pages that may embed this widget"],
  ["CREDENTIAL_DAMAGED", "the stored credential could not be read, and everybody was signed out: sign in again", "user"],
  ["DATA_NOT_CLONEABLE", "the data holds something that cannot be copied to another window: send what structuredClone takes"],
  ["ENV_UNSUPPORTED", "there is no browser window here: call this in a page"],
  ["HOST_NOT_ALLOWED", "the page that embeds this widget is not in hosts: add its exact origin"],
  ["INVALID_STATE", "somebody is signed in: sign out first"],
  [
    "LIFETIME_INVALID",
    "expiresIn is 0 to 3155760000 seconds; expiresAt and serverTime are milliseconds from 1970 on, at most 8640000000000000",
  ],
  ["NOT_AUTHORIZED", "nobody is signed in, or this tab has no access token: sign in first", "user"],
  ["OPAQUE_ORIGIN", "the frame has no origin: add allow-same-origin to its sandbox, or set allowOpaqueOrigin on both sides"],
  ["PARENT_UNKNOWN", "this browser does not say who embeds the page: give hosts one exact origin"],
  ["REFRESH_FAILED", "the access token has expired and the last acquire failed: it is tried again by itself", "network"],
  ["TOKEN_EXPIRED", "the access token has expired and there is no acquire to renew it: authorize again, or give acquire"],
  ["TOKEN_INVALID", "an access or refresh token has 1 to 16384 characters: leave it out if there is none"],
  [
    "CREDENTIAL_STORE_UNAVAILABLE",
    "the place for stored credentials failed: until it works again, credentials last until the tab closes",
    "user",
  ],
  ["VERSION_MISMATCH", "no protocol version in common: update the older of authframe and authframe/host", "peer"],
  ["ABORTED", "the signal was aborted"],
  [
    "DISCONNECTED",
    "no connection to the host: if it ended before the answer came, the host may have done what was asked all the same",
    "peer",
  ],
  ["HANDLER_FAILED", "the host's handler failed", "peer"],
  ["NAME_INVALID", "a name is a text of 1 to 64 characters"],
  ["NAMESPACE_IN_USE", "close the other bridge of this namespace first, or give this one another namespace"],
  ["NO_HANDLER", "the host has no handler for this", "peer"],
  ["QUEUE_FULL", "32 messages wait for the connection already: send the next one when it stands"],
  ["RATE_LIMITED", "more than 20000 messages and requests in a second: wait, or put several values into one message"],
  ["REQUEST_TIMEOUT", "the host did not answer in time", "peer"],
];

/** @param detail what was given, what is meant: goes in front of what the code alone says */
export function failure(which: ErrorCode | number, detail = "", cause?: unknown): AuthframeError {
  const [code, text, responsible = "app"] = FAILURES.find(([code], place) => code === which || place === which)!;
  return new AuthframeError(code, detail ? `${detail} (${text})` : text, responsible, cause);
}

/** What is wrong in words, where it can be loaded. */
export const advice = (): Promise<typeof import("./advice.js") | undefined> => import("./advice.js").catch(() => undefined);

/** The error of a problem that advice.ts names. */
export const worded = ({ code, message, responsible, cause }: Problem): AuthframeError =>
  new AuthframeError(code, message, responsible, cause);

/** A duration that cannot be used. */
export const durationFailure = async (name: string, given: unknown, most: number, least?: number): Promise<AuthframeError> =>
  failure("CONFIG_INVALID", (await advice())?.durationProblem(name, given, most, least) ?? name);
