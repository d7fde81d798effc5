/**
 * Every code that an `AuthframeError` can have. Who is responsible, and which half it comes from, is in `tests/vectors/errors.json`. Codes are stable: test for them, not for texts.
 * They stand here, and not with the parts that throw them, so that `error.code` is a closed set and what all share imports no part.
 */
import type { CoreCode } from "./words.js";

export type ErrorCode = BridgeErrorCode | EdnaErrorCode | EthoraErrorCode | StorageAccessCode;

/** Of the two halves, and of a sign-in. */
export type BridgeErrorCode =
  | CoreCode
  | "ABORTED"
  | "DISCONNECTED"
  | "HANDLER_FAILED"
  | "HANDSHAKE_TIMEOUT"
  | "FRAME_IN_USE"
  | "NAMESPACE_IN_USE"
  | "NAME_INVALID"
  | "NOT_INITIALIZED"
  | "NO_HANDLER"
  | "QUEUE_FULL"
  | "RATE_LIMITED"
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
  | "WASM_BLOCKED_BY_CSP"
  | "WASM_LOAD_FAILED"
  | "WASM_UNSUPPORTED";

/** What connecting, the settings and the chat's server can fail with. */
export type EdnaErrorCode = "EDNA_HTTP_EXPIRED" | "EDNA_OFFLINE" | "EDNA_REFUSED" | "EDNA_SETTINGS" | "EDNA_VISITOR" | "EDNA_WS_EXPIRED";

/** What can be wrong with a client token, and with the API that takes it. */
export type EthoraErrorCode =
  | "JWT_ALG"
  | "JWT_AMBIGUOUS"
  | "JWT_APP"
  | "JWT_EXPIRED"
  | "JWT_MALFORMED"
  | "JWT_NOT_YET_VALID"
  | "JWT_NO_SUBJECT"
  | "JWT_SUBJECT"
  | "JWT_TYPE"
  | "ETHORA_BAD_REPLY"
  | "ETHORA_FORBIDDEN"
  | "ETHORA_OFFLINE"
  | "ETHORA_REJECTED"
  | "ETHORA_UNAUTHORIZED"
  | "ETHORA_UNAVAILABLE";

/** Why the browser gives no storage access. */
export type StorageAccessCode =
  | "STORAGE_ACCESS_DENIED"
  | "STORAGE_ACCESS_NO_GESTURE"
  | "STORAGE_ACCESS_POLICY"
  | "STORAGE_ACCESS_SANDBOXED"
  | "STORAGE_ACCESS_UNSUPPORTED";
