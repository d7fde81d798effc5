import type { ErrorCode } from "./error-codes.js";

export type { ErrorCode } from "./error-codes.js";

/**
 * Who can fix it: `app` the code that called authframe, `host` the embedding page, `widget` the page in the iframe,
 * `peer` the other side of the connection, `user` the person at the screen, `network` none of these.
 */
export type Responsible = "app" | "host" | "widget" | "peer" | "user" | "network";

/**
 * What every authframe function throws or rejects with.
 *
 * @example
 * try { await embed(options); } catch (error) {
 *   if (error instanceof AuthframeError && error.code === "HANDSHAKE_TIMEOUT") showRetry();
 * }
 */
export class AuthframeError extends Error {
  override readonly name = "AuthframeError";
  declare readonly code: ErrorCode;
  declare readonly responsible: Responsible;

  constructor(code: ErrorCode, message: string, responsible: Responsible, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.responsible = responsible;
  }
}
