/** What `connectWebex` is given. */
import type { CredentialPolicy } from "../shared/words.js";
import type { Account, ConnectOptions, OAuthRequest, SignInOptions } from "../widget/index.js";
import type { TokenReply } from "./tokens.js";
import type { LineOptions } from "./types.js";

/** Where and as what the app is registered. */
export interface WebexOAuth extends Omit<OAuthRequest, "authorizationEndpoint"> {
  /** Default `"https://webexapis.com/v1/authorize"`. */
  readonly authorizationEndpoint?: string | URL;
  /**
   * Asked where there is no `exchange` and no `refresh`. Default `"https://webexapis.com/v1/access_token"`. After 429 or 503 with a `Retry-After` that a script may read, no tab asks it
   * for a refresh before that time, an hour at most: see `RetryLater`.
   */
  readonly tokenEndpoint?: string | URL;
  /** RFC 7009, asked at `signOut()`. The vendor documents none: default none. */
  readonly revocationEndpoint?: string | URL;
  /** Default: what a line needs, `"spark:webrtc_calling spark:calls_read spark:calls_write spark:xsi spark:kms"`. */
  readonly scope?: string;
}

export interface WebexOptions extends Omit<ConnectOptions, "credentials" | "signIn"> {
  readonly oauth: WebexOAuth;
  /** Of the popup. */
  readonly signIn?: Omit<SignInOptions, "oauth" | "url" | "exchange">;
  /**
   * Exchanges a code at your backend, which has the app's secret: what the token endpoint answered. Without it the page asks the endpoint itself, with PKCE and no secret.
   * Throw `AuthRejected` if the endpoint refuses. Without PKCE `codeVerifier` is `null`.
   */
  readonly exchange?: (request: {
    readonly code: string;
    readonly redirectUri: string;
    readonly codeVerifier: string | null;
    readonly signal: AbortSignal;
  }) => TokenReply | PromiseLike<TokenReply>;
  /**
   * The same with a refresh token. Throw `RetryLater` with the endpoint's `Retry-After` after 429 or 503. It is not called where there is no refresh token: the access token is good until its end
   * then, and a registrar that refuses it before fails the line and leaves the session.
   */
  readonly refresh?: (request: { readonly refreshToken: string; readonly signal: AbortSignal }) => TokenReply | PromiseLike<TokenReply>;
  /** The same with a refresh token that is to be revoked, at `signOut()`. */
  readonly revoke?: (request: { readonly refreshToken: string }) => unknown;
  /** Says whose token it is. Default: the registrar's `userId`, if that is known beforehand. */
  readonly account?: (user: { readonly accessToken: string; readonly signal: AbortSignal }) => Account | PromiseLike<Account>;
  readonly line: LineOptions;
  /** Default `"sealed"`: the tab that holds the line needs the token, whichever that is. With `"memory"` only the tab that signed in has one. */
  readonly credentials?: CredentialPolicy;
}
