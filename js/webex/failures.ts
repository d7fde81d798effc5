/** What goes wrong with a line. */
import type { LineFailure } from "./types.js";

/** In words: the guide's type and text, and the SDK's. */
type Words = readonly [type: string, msg: string, sdkType: string, sdkMessage: string];

const make = (
  cause: LineFailure["cause"],
  [type, msg, sdkType, message]: Words,
  code: number,
  errorCode: number | null,
  fatal: boolean,
): LineFailure => ({
  status: "inactive",
  type: type as LineFailure["type"],
  msg,
  code,
  errorCode,
  fatal,
  cause,
  sdk: { type: sdkType, message, status: "inactive" },
});

/** The registrar has refused, or has not answered. */
export const ofRegistrar = (words: Words, code: number, errorCode: number | null, fatal: boolean): LineFailure =>
  make("registrar", words, code, errorCode, fatal);

const unknown = (cause: LineFailure["cause"], msg: string): LineFailure =>
  make(cause, ["registrationError", msg, "default_error", "Unknown error"], 0, null, true);

/** `line.registrar` did not find one. */
export const NO_REGISTRAR = unknown("registrar-unknown", "It is not known where the line is registered. Wait a moment and try again.");

/** No user is signed in here, or the provider has ended their session. */
export const NO_TOKEN = make(
  "token",
  [
    "tokenError",
    "Token expired. Authentication/Authorization error.",
    "token_error",
    "User is unauthorized due to an expired token. Sign out, then sign back in.",
  ],
  401,
  null,
  true,
);

/** The tab that holds the Web Lock `key` has not answered within `milliseconds`. */
export const unacknowledged = (key: string, milliseconds: number): LineFailure =>
  unknown(
    "unacknowledged",
    `The tab that holds the line has not answered within ${milliseconds / 1000} s: it is busy, or another script of this origin holds the Web Lock "${key}". Close that tab or end that script, then call register(), deregister() or takeOver() again.`,
  );
