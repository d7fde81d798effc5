import type { AuthframeError } from "./error.js";

/** What went wrong last in one part of a widget. */
export class LastFailure<Code> {
  value: AuthframeError | null = null;

  /** @param make as of `failuresOf` */
  constructor(private readonly make: (code: Code, cause?: unknown) => AuthframeError) {}

  /** Notes it, and gives it to be thrown. */
  set(code: Code, cause?: unknown): AuthframeError {
    this.value = this.make(code, cause);
    return this.value;
  }

  clear(): void {
    this.value = null;
  }
}
