/**
 * A widget that signs in at Webex and keeps a line of Webex Calling: signed in by a popup, registered once for all tabs, whoever opens however many.
 *
 * @example
 * import { connectWebex } from "authframe/webex";
 * const webex = await connectWebex({
 *   hosts: ["https://crm.example.com"],
 *   oauth: { clientId: "C1…", redirectUri: "https://phone.example/callback" },
 *   exchange: ({ code, redirectUri, codeVerifier }) => askOurServer("/exchange", { code, redirectUri, codeVerifier }),
 *   refresh: ({ refreshToken }) => askOurServer("/refresh", { refreshToken }),
 *   line: { registrar: ({ accessToken }) => findRegistrar(accessToken) },
 *   account: ({ accessToken }) => whoIs(accessToken),
 * });
 * signInButton.onclick = () => webex.bridge.signIn();
 * const [line] = Object.values(webex.getLines());
 * line.on("registered", ({ phoneNumber }) => show(phoneNumber));
 * line.register();
 */
import {
  type Account,
  type AcquireRequest,
  AuthframeError,
  type Bridge,
  connect,
  type ConnectOptions,
  type Grant,
  type OAuthRequest,
  RetryLater,
  type SignInOptions,
} from "../widget/index.js";
import { safe } from "../widget/sign-in/open.js";
import { type Line, type LineOptions, openLine } from "./line.js";
import { post, type TokenReply, tokens, Unavailable } from "./tokens.js";

export { AuthframeError, AuthRejected } from "../widget/index.js";
export {
  type Line,
  LINE_MESSAGE,
  type LineEvents,
  type LineFailure,
  type LineNews,
  type LineOptions,
  type LineProperties,
  type Registrar,
} from "./line.js";
export type { TokenReply } from "./tokens.js";

/** Where and as what the app is registered. */
export interface WebexOAuth extends Omit<OAuthRequest, "authorizationEndpoint"> {
  /** Default `"https://webexapis.com/v1/authorize"`. */
  readonly authorizationEndpoint?: string | URL;
  /**
   * Asked where there is no `exchange` and no `refresh`. Default `"https://webexapis.com/v1/access_token"`. After 429 or 503 with a `Retry-After` that a script may read, no tab asks it
   * for a refresh before that time, an hour at most: see `RetryLater`.
   */
  readonly tokenEndpoint?: string | URL;
  /** RFC 7009, asked at {@link Webex.signOut}. The vendor documents none: default none. */
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
   * Throw {@link AuthRejected} if the endpoint refuses. Without PKCE `codeVerifier` is `null`.
   */
  readonly exchange?: (what: {
    readonly code: string;
    readonly redirectUri: string;
    readonly codeVerifier: string | null;
    readonly signal: AbortSignal;
  }) => TokenReply | PromiseLike<TokenReply>;
  /** The same with a refresh token. */
  readonly refresh?: (what: { readonly refreshToken: string; readonly signal: AbortSignal }) => TokenReply | PromiseLike<TokenReply>;
  /** The same with a refresh token that is to be revoked, at {@link Webex.signOut}. */
  readonly revoke?: (what: { readonly refreshToken: string }) => unknown;
  /** Says whose token it is. Default: the registrar's `userId`, if that is known beforehand. */
  readonly account?: (who: { readonly accessToken: string; readonly signal: AbortSignal }) => Account | PromiseLike<Account>;
  readonly line: LineOptions;
  /** Default `"sealed"`: whichever tab holds the line needs the token. With `"memory"` only the tab that signed in has one. */
  readonly credentials?: "memory" | "sealed" | "dangerous-plaintext";
}

export interface Webex {
  /** The bridge below: `signIn()`, the session, `environment()`, `diagnose()`. */
  readonly bridge: Bridge;
  /** The one line, by its `lineId`. It is there from the start. */
  getLines(): Readonly<Record<string, Line>>;
  /** Gives the line up, revokes what can be revoked, and signs the user out in all tabs. `bridge.signOut()` does only the last of these. */
  signOut(): Promise<void>;
}

const AUTHORIZE = "https://webexapis.com/v1/authorize";
const TOKEN = "https://webexapis.com/v1/access_token";
const SCOPE = "spark:webrtc_calling spark:calls_read spark:calls_write spark:xsi spark:kms";
const PATIENCE = 5000;

/**
 * Connects. Rejects as `connect` does; `CONFIG_INVALID` also without `oauth.clientId`, `oauth.redirectUri` or `line.registrar`, if nobody can say whose token it is, or with an endpoint that is not https (or http on loopback).
 */
export async function connectWebex({
  oauth,
  exchange,
  refresh,
  revoke,
  account,
  line: lineOptions,
  signIn,
  credentials = "sealed",
  acquire: others,
  ...options
}: WebexOptions): Promise<Webex> {
  const {
    authorizationEndpoint = AUTHORIZE,
    tokenEndpoint = TOKEN,
    revocationEndpoint,
    scope = SCOPE,
    ...more
  } = Object(oauth) as WebexOAuth;
  const { clientId, redirectUri } = more;
  const registrar = Object(lineOptions).registrar as LineOptions["registrar"] | undefined;
  if (!clientId || !redirectUri || !registrar || !(account || typeof registrar === "object")) {
    throw new AuthframeError(
      "CONFIG_INVALID",
      "oauth.clientId, oauth.redirectUri, line.registrar and, unless that is an object, account are required",
      "app",
    );
  }
  // Codes and tokens go there.
  if (!safe(tokenEndpoint) || (revocationEndpoint !== undefined && !safe(revocationEndpoint))) {
    throw new AuthframeError(
      "CONFIG_INVALID",
      "oauth.tokenEndpoint and oauth.revocationEndpoint are https addresses without a user name",
      "app",
    );
  }
  const namespace = options.namespace ?? "authframe";
  const whose = account ?? (() => ({ subject: (registrar as { userId: string }).userId, name: null }));
  const client = { client_id: clientId };
  const form = { ...client, redirect_uri: redirectUri };
  /** What is renewed next is revoked instead. */
  let revoking = false;

  const exchanged = async (code: string, codeVerifier: string | null, signal: AbortSignal): Promise<Grant> => {
    const reply = exchange
      ? await exchange({ code, redirectUri, codeVerifier, signal })
      : await post(
          tokenEndpoint,
          { grant_type: "authorization_code", ...form, code, ...(codeVerifier === null ? {} : { code_verifier: codeVerifier }) },
          signal,
        );
    const grant = tokens(reply);
    return { ...grant, account: await whose({ accessToken: grant.accessToken, signal }) };
  };

  /** When the endpoint may be asked again, the bridge decides, for all tabs. */
  const refreshed = async (refreshToken: string, signal: AbortSignal): Promise<unknown> => {
    try {
      return await post(tokenEndpoint, { grant_type: "refresh_token", ...client, refresh_token: refreshToken }, signal);
    } catch (error) {
      throw error instanceof Unavailable && error.wait !== null ? new RetryLater(error.wait / 1000) : error;
    }
  };

  const acquire = async (request: AcquireRequest): Promise<Grant | null> => {
    const { reason, credential, signal } = request;
    if (reason !== "refresh") return others ? others(request) : null;
    const refreshToken = credential?.refreshToken;
    if (!refreshToken) {
      if (revoking) throw new Error("there is nothing to revoke");
      return null;
    }
    if (revoking) {
      await (revoke
        ? revoke({ refreshToken })
        : post(revocationEndpoint!, { token: refreshToken, token_type_hint: "refresh_token", ...client }, signal));
      throw new Error("revoked");
    }
    const reply = refresh ? await refresh({ refreshToken, signal }) : await refreshed(refreshToken, signal);
    return { ...tokens(reply, credential), account: credential.account };
  };

  const bridge = await connect({
    ...options,
    credentials,
    acquire,
    signIn: {
      ...signIn,
      oauth: { ...more, authorizationEndpoint, scope },
      exchange: ({ code, codeVerifier, signal }) => exchanged(code!, codeVerifier, signal),
    },
  });

  const end = async () => {
    revoking = (!!revoke || !!revocationEndpoint) && bridge.session.status === "authorized";
    // Under the lease, so that nobody renews what is revoked. It fails, one way or the other.
    if (revoking)
      await Promise.race([
        bridge.accessToken({ minValidity: Infinity }).catch(() => {}),
        new Promise((done) => setTimeout(done, PATIENCE)),
      ]);
    revoking = false;
    await bridge.signOut();
  };
  const { line, signOut } = await openLine({ bridge, key: `${namespace}.line`, options: lineOptions, signOut: end }).catch(
    (error: unknown) => {
      bridge.close();
      throw error;
    },
  );
  return { bridge, getLines: () => ({ [line.lineId]: line }), signOut };
}
