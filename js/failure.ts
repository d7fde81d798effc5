/** What the widget half throws, beside what load.ts and index.ts say for themselves. */
import { AuthframeError, type ErrorCode, type Fault } from "./error.js";

/** Code, what to do, and who is at fault if not the application. The core names its own, the first ones, by their place: `src/core/error.rs`. */
const FAILURES: readonly (readonly [code: ErrorCode, text: string, fault?: Fault])[] = [
  ["ACQUIRE_FAILED", "acquire gave no account"],
  ["ACCOUNT_INVALID", "a subject has 1 to 256 characters, a token at most 16384"],
  ["BUSY", "called inside a getter"],
  ["CLOSED", "the bridge is closed"],
  ["CONFIG_INVALID", "an option is out of range"],
  ["CONFIG_ORIGIN_INVALID", "hosts are https://crm.example.com or https://*.example.com"],
  ["CONFIG_ORIGIN_REQUIRED", "list in hosts who may embed this widget"],
  ["CREDENTIAL_DAMAGED", "the stored credential is damaged", "user"],
  ["DATA_NOT_CLONEABLE", "data must survive structuredClone"],
  ["ENV_UNSUPPORTED", "there is no browser window here"],
  ["HOST_NOT_ALLOWED", "add the host's origin to hosts"],
  ["ILLEGAL_MOVE", "sign out first"],
  ["NOT_AUTHORIZED", "sign in first", "user"],
  ["OPAQUE_ORIGIN", "add allow-same-origin to the sandbox, or opaque on both sides"],
  ["PARENT_UNKNOWN", "give hosts one exact origin"],
  ["REFRESH_FAILED", "acquire failed; it is tried again", "network"],
  ["TOKEN_EXPIRED", "authorize again, or give acquire"],
  ["VAULT_UNAVAILABLE", "credentials last until the tab closes", "user"],
  ["VERSION_MISMATCH", "update the older of authframe and authframe/host", "peer"],
  ["DISCONNECTED", "the connection ended; outcome unknown", "peer"],
  ["HANDLER_FAILED", "the host's handler failed", "peer"],
  ["NAME_INVALID", "a name has 1 to 64 characters"],
  ["NAMESPACE_IN_USE", "close the other bridge of this namespace first"],
  ["NO_HANDLER", "the host does not answer this", "peer"],
  ["QUEUE_FULL", "32 messages wait for the connection"],
  ["REQUEST_TIMEOUT", "no answer in time", "peer"],
];

/** @param where goes in front of the text */
export function failure(which: ErrorCode | number, where = "", cause?: unknown): AuthframeError {
  const [code, text, fault = "app"] = FAILURES.find(([code], place) => code === which || place === which)!;
  return new AuthframeError(code, where + text, fault, cause);
}
