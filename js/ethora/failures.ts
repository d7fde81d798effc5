/** What can go wrong in a widget of Ethora. */

import { AuthframeError, type Responsible } from "../shared/error.js";
import type { EthoraErrorCode } from "../shared/error-codes.js";

const TEXTS = {
  ETHORA_BAD_REPLY: ["peer", "the API answered without a session"],
  ETHORA_FORBIDDEN: ["peer", "the API forbids it (403)"],
  ETHORA_OFFLINE: ["network", "the API did not answer"],
  ETHORA_REJECTED: ["app", "the API knows no such request: look at baseUrl"],
  ETHORA_UNAUTHORIZED: ["host", "the API does not accept the token (401): look at the secret and the appId it was signed with"],
  ETHORA_UNAVAILABLE: ["network", "the API is out of order"],
} as const satisfies Partial<Record<EthoraErrorCode, readonly [Responsible, string]>>;

/** What went wrong last. */
export class LastFailure {
  value: AuthframeError | null = null;

  /** Notes it, and gives it to be thrown. */
  set(code: keyof typeof TEXTS, cause?: unknown): AuthframeError {
    const [responsible, text] = TEXTS[code];
    this.value = new AuthframeError(code, text, responsible, cause);
    return this.value;
  }

  clear(): void {
    this.value = null;
  }

  /** The API is out of reach: that passes. */
  get isOutage(): boolean {
    return this.value?.code === "ETHORA_OFFLINE" || this.value?.code === "ETHORA_UNAVAILABLE";
  }
}
