/** What goes wrong with a line on this side of the registrar, in the form of the registrar's own errors. */
import type { LineFailure } from "./types.js";

/** `line.registrar` did not find one. */
export const NO_REGISTRAR: LineFailure = {
  status: "inactive",
  type: "registrationError",
  msg: "It is not known where the line is registered. Wait a moment and try again.",
  code: 0,
  errorCode: null,
  fatal: true,
  cause: "registrar-unknown",
  sdk: { type: "default_error", message: "Unknown error", status: "inactive" },
};

/** No user is signed in here. */
export const NO_TOKEN: LineFailure = {
  status: "inactive",
  type: "tokenError",
  msg: "Token expired. Authentication/Authorization error.",
  code: 401,
  errorCode: null,
  fatal: true,
  cause: "token",
  sdk: { type: "token_error", message: "User is unauthorized due to an expired token. Sign out, then sign back in.", status: "inactive" },
};

/** The tab that holds the Web Lock `key` has not answered within `milliseconds`. */
export const unacknowledged = (key: string, milliseconds: number): LineFailure => ({
  ...NO_REGISTRAR,
  msg: `The tab that holds the line has not answered within ${milliseconds / 1000} s: it is busy, or another script of this origin holds the Web Lock "${key}". Close that tab or end that script, then call register(), deregister() or takeOver() again.`,
  cause: "unacknowledged",
});
