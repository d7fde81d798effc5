/** Every host page carries these texts, so they are short: the code, who is at fault, and what to do where the code does not say it. */
import { AuthframeError, type ErrorCode } from "../error.js";

export const failure = (code: ErrorCode, hint = "", cause?: unknown): AuthframeError => {
  const fault = /^(DI|HA|NO_|RE|V)/.test(code) ? "peer" : "app";
  return new AuthframeError(code, `${code} (${fault}) ${hint}`, fault, cause);
};
