/** What the host half throws: the code, who is at fault, and what to do. */
import { AuthframeError, type ErrorCode, type Fault } from "../error.js";

/** What to do, and who is at fault if not the application. A detail in front says what was given or seen. */
const TEXTS: Partial<Record<ErrorCode, readonly [text: string, fault?: Fault]>> = {
  ABORTED: ["the signal was aborted"],
  ACCOUNT_INVALID: ["name a user, such as {account: {subject: \"u-17\"}}"],
  ACQUIRE_FAILED: ["the widget's acquire gave no account for this user", "widget"],
  CLOSED: ["this widget was closed: call embed() again"],
  CONFIG_INVALID: ["an option is out of its range"],
  CONFIG_ORIGIN_INVALID: ["src is an https or http address, origin an exact origin such as https://chat.example"],
  DATA_NOT_CLONEABLE: ["send what structuredClone takes"],
  DISCONNECTED: ["the connection ended before the answer came: whether the widget did it is not known", "peer"],
  ENV_UNSUPPORTED: ["call it in a page"],
  FRAME_IN_USE: ["this iframe is embedded already: close that widget first"],
  HANDLER_FAILED: ["the widget's handler failed", "peer"],
  HANDSHAKE_TIMEOUT: ["", "peer"],
  NAME_INVALID: ["a name is a text of 1 to 64 characters"],
  NO_HANDLER: ["the widget has no handler for this", "peer"],
  OPAQUE_ORIGIN: ["add allow-same-origin to the sandbox, or set opaque on both sides"],
  QUEUE_FULL: ["32 messages wait for the connection already"],
  RATE_LIMITED: ["more than 20000 messages and requests in a second: wait, or put several values into one message"],
  REQUEST_TIMEOUT: ["the widget did not answer in time", "peer"],
  VERSION_MISMATCH: ["update the older of authframe and authframe/host", "peer"],
};

/** @param detail what was given, what was seen */
export const failure = (code: ErrorCode, detail = "", cause?: unknown): AuthframeError => {
  const [text, fault = "app"] = TEXTS[code] ?? [""];
  return new AuthframeError(code, `${code} (${fault})${[detail, text].filter(Boolean).map((part) => `: ${part}`).join("")}`, fault, cause);
};
