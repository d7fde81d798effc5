import type { ErrorCode } from "./error-codes.js";

export type { ErrorCode } from "./error-codes.js";

/**
 * Who can fix it: `app` the code that called authframe, `host` the embedding page, `widget` the page in the iframe,
 * `peer` the other side of the connection, `user` the person at the screen, `network` none of these.
 */
export type Responsible = "app" | "host" | "widget" | "peer" | "user" | "network";

/**
 * What every authframe function throws or rejects with. `message` is the code, a colon, and what was given, what is meant and what to do: of an uncaught error the console shows nothing but
 * `AuthframeError: message`, and the code is what a developer looks up.
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

  /** @param text without the code; `""` if the code says it all */
  constructor(code: ErrorCode, text: string, responsible: Responsible, cause?: unknown) {
    super(text ? `${code}: ${text}` : code, { cause });
    this.code = code;
    this.responsible = responsible;
  }
}
