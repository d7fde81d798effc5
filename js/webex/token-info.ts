/** What a token endpoint says beside the tokens. */
import type { TokenRefused } from "./token-refused.js";

/** What is known of the tokens beside themselves. */
export interface TokenInfo {
  /** Words with spaces between them: what the endpoint has granted, else what was asked for. `null`: this tab has not asked it. */
  readonly scope: string | null;
  /** In milliseconds since 1970. The vendor's server prolongs it at each use without saying so. `null`: not known. */
  readonly refreshTokenExpiresAt: number | null;
  /** Why the endpoint refused when this tab asked last. */
  readonly refusal: TokenRefused | null;
}

export const NO_INFO: TokenInfo = { scope: null, refreshTokenExpiresAt: null, refusal: null };

/** What this tab has seen of the tokens. */
export interface KnownTokens {
  info: TokenInfo;
  /** Whether there is a refresh token, as far as it is known. */
  canRenew: boolean;
}
