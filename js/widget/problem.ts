/** What an `AuthframeError` is made of, where its class is not at hand: advice.ts. */
import type { ErrorCode, Fault } from "../shared/error.js";

export class Problem extends Error {
  constructor(
    readonly code: ErrorCode,
    text: string,
    readonly fault: Fault,
    cause?: unknown,
  ) {
    super(text, { cause });
  }
}
