/** What can go wrong in a widget of edna. */

import { AuthframeError, type Responsible } from "../shared/error.js";
import type { EdnaErrorCode } from "../shared/error-codes.js";

/** Who is responsible. What each code means is said at `Edna.failure`. */
const RESPONSIBLE = {
  EDNA_HTTP_EXPIRED: "host",
  EDNA_OFFLINE: "network",
  EDNA_REFUSED: "peer",
  EDNA_VISITOR: "host",
  EDNA_WS_EXPIRED: "host",
} as const satisfies Partial<Record<EdnaErrorCode, Responsible>>;

/** What went wrong last. */
export class LastFailure {
  value: AuthframeError | null = null;

  /** Notes it, and gives it to be thrown. */
  set(code: keyof typeof RESPONSIBLE, cause?: unknown): AuthframeError {
    this.value = new AuthframeError(code, `${code} (${RESPONSIBLE[code]})`, RESPONSIBLE[code], cause);
    return this.value;
  }

  clear(): void {
    this.value = null;
  }
}

export const invalid = (text: string) => new AuthframeError("CONFIG_INVALID", text, "app");
export const closed = () => new AuthframeError("CLOSED", "the bridge is closed", "app");
export const noVisitor = () => new AuthframeError("NOT_AUTHORIZED", "no visitor, or another one", "user");
