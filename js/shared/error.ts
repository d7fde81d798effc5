import type { EdnaCode } from "../edna/visitor.js";
import type { EthoraCode } from "../ethora/token.js";
import type { StorageAccessCode } from "../storage-access/index.js";

/** Every code, with who is responsible and the half it comes from, is in `tests/vectors/errors.json`. Codes are stable: test for them, not for texts. */
export type ErrorCode =
  | "ABORTED"
  | "ACCOUNT_INVALID"
  | "ACQUIRE_FAILED"
  | "REENTRANT_CALL"
  | "CLOSED"
  | "CONFIG_INVALID"
  | "CONFIG_ORIGIN_INVALID"
  | "CONFIG_ORIGIN_REQUIRED"
  | "CREDENTIAL_DAMAGED"
  | "DATA_NOT_CLONEABLE"
  | "DISCONNECTED"
  | "ENV_UNSUPPORTED"
  | "HANDLER_FAILED"
  | "HANDSHAKE_TIMEOUT"
  | "HOST_NOT_ALLOWED"
  | "FRAME_IN_USE"
  | "INVALID_STATE"
  | "LIFETIME_INVALID"
  | "NAMESPACE_IN_USE"
  | "NAME_INVALID"
  | "NOT_AUTHORIZED"
  | "NOT_INITIALIZED"
  | "NO_HANDLER"
  | "OPAQUE_ORIGIN"
  | "PARENT_UNKNOWN"
  | "QUEUE_FULL"
  | "RATE_LIMITED"
  | "REFRESH_FAILED"
  | "REQUEST_TIMEOUT"
  | "SIGN_IN_BLOCKED"
  | "SIGN_IN_CANCELLED"
  | "SIGN_IN_FAILED"
  | "SIGN_IN_PENDING"
  | "SIGN_IN_REFUSED"
  | "SIGN_IN_TIMEOUT"
  | "SIGN_IN_UNCONFIRMED"
  | "STORAGE_DENIED"
  | "STORAGE_QUOTA"
  | "TOKEN_EXPIRED"
  | "TOKEN_INVALID"
  | "CREDENTIAL_STORE_UNAVAILABLE"
  | "VERSION_MISMATCH"
  | "WASM_BLOCKED_BY_CSP"
  | "WASM_LOAD_FAILED"
  | "WASM_UNSUPPORTED"
  | EdnaCode
  | EthoraCode
  | StorageAccessCode;

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
