/** What an `AuthframeError` is made of, where its class is not at hand: advice.ts. */
import type { ErrorCode, Responsible } from "../shared/error.js";

export class Problem extends Error {
  constructor(
    readonly code: ErrorCode,
    text: string,
    readonly responsible: Responsible,
    cause?: unknown,
  ) {
    super(text, { cause });
  }
}
