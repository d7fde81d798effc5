import { AuthframeError, type ErrorCode, type Responsible } from "./error.js";

/** Makes the errors of one part: for each code who can fix it, and what to do. */
export const failuresOf =
  <Code extends ErrorCode>(texts: Readonly<Record<Code, readonly [responsible: Responsible, text: string]>>) =>
  (code: Code, cause?: unknown): AuthframeError => {
    const [responsible, text] = texts[code];
    return new AuthframeError(code, text, responsible, cause);
  };
