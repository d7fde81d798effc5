/** What the host half throws: the code, who is responsible, and what was given or seen. What the code means and what to do stands in advice.ts, which is loaded when something is wrong. */
import { AuthframeError, type ErrorCode } from "../shared/error.js";

export const failure = (code: ErrorCode, detail = "", cause?: unknown): AuthframeError => {
  const responsible = /^(DI|HA|NO_|REQ|V)/.test(code) ? "peer" : "app";
  return new AuthframeError(code, `${code} (${responsible})${detail && `: ${detail}`}`, responsible, cause);
};

/** What is wrong in words, where it can be loaded. */
export const advice = (): Promise<typeof import("./advice.js") | undefined> => import("./advice.js").catch(() => undefined);
