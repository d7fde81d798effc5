/**
 * A widget that signs in at Webex and keeps a line of Webex Calling: signed in by a popup, registered once for all tabs, however many are open.
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
import { safeAddress } from "../shared/address.js";
import { AuthframeError, type Bridge, connect } from "../widget/index.js";
import { type OpenLine, openLine } from "./line.js";
import type { WebexOAuth, WebexOptions } from "./options.js";
import { signOut } from "./sign-out.js";
import { type KnownTokens, NO_INFO, type TokenInfo } from "./token-info.js";
import type { TokenSource } from "./token-source.js";
import type { Line } from "./types.js";

export { AuthframeError, AuthRejected, RetryLater } from "../widget/index.js";
export type { WebexOAuth, WebexOptions } from "./options.js";
export type { TokenInfo } from "./token-info.js";
export { TokenRefused } from "./token-refused.js";
export type { TokenReply } from "./tokens.js";
export {
  type CallingError,
  type ErrorDetails,
  type ILine,
  LINE_MESSAGE,
  type Line,
  type LineEvents,
  type LineNews,
  type LineOptions,
  type LineProperties,
  type Registrar,
} from "./types.js";

export interface CallingClient {
  /** The one line, by its `lineId`. It is there from the start. */
  getLines(): Record<string, Line>;
}

export interface Webex {
  /** The bridge below: `signIn()`, the session, `environment()`, `diagnose()`. */
  readonly bridge: Bridge;
  /** As the vendor's guide gets at the line. */
  readonly callingClient: CallingClient;
  /** The same as `callingClient.getLines()`. */
  getLines(): Record<string, Line>;
  /** The granted scope, the refresh token's end, and why the token endpoint refused last: no token. */
  getTokenInfo(): TokenInfo;
  /** Gives the line up, revokes what can be revoked, and signs the user out in all tabs: also where the revocation fails, which is reported, or takes longer than ten seconds. `bridge.signOut()` does only the last of these. */
  signOut(): Promise<void>;
}

const AUTHORIZE = "https://webexapis.com/v1/authorize";
const TOKEN = "https://webexapis.com/v1/access_token";
const SCOPE = "spark:webrtc_calling spark:calls_read spark:calls_write spark:xsi spark:kms";

/**
 * Connects. Rejects as `connect` does; `CONFIG_INVALID` also without `oauth.clientId`, `oauth.redirectUri` or `line.registrar`, if nothing says whose token it is, or with an endpoint that is not https (or http on loopback).
 */
export async function connectWebex(given: WebexOptions): Promise<Webex> {
  requireOptions(given);
  const { oauth, exchange, refresh, revoke, account, line: lineOptions, signIn, credentials = "sealed", acquire, ...options } = given;
  const { authorizationEndpoint = AUTHORIZE, tokenEndpoint = TOKEN, revocationEndpoint, scope = SCOPE, ...more } = oauth;
  const { registrar } = lineOptions;
  const known: KnownTokens = { info: NO_INFO, canRenew: true };
  const sourceOptions = {
    clientId: more.clientId,
    redirectUri: more.redirectUri,
    scope,
    tokenEndpoint,
    revocationEndpoint,
    exchange,
    refresh,
    revoke,
    // Without it the registrar is an object: see requireOptions().
    account: account ?? (() => ({ subject: typeof registrar === "object" ? registrar.userId : "", name: null })),
  };
  let made: TokenSource | undefined;
  // Loaded at the first sign-in or refresh.
  const source = async () => {
    const { TokenSource } = await import("./token-source.js");
    made ??= new TokenSource(sourceOptions, known);
    return made;
  };
  const bridge = await connect({
    ...options,
    credentials,
    acquire: async (request) => (request.reason === "refresh" ? (await source()).refresh(request) : acquire ? acquire(request) : null),
    signIn: {
      ...signIn,
      oauth: { ...more, authorizationEndpoint, scope },
      exchange: async ({ code, codeVerifier, signal }) => (await source()).exchange(code!, codeVerifier, signal),
    },
  });
  bridge.subscribe(({ status }) => {
    // What is left is why.
    if (status === "unauthorized") known.info = { ...NO_INFO, refusal: known.info.refusal };
  });
  let opened: OpenLine;
  try {
    opened = await openLine({
      bridge,
      key: `${options.namespace ?? "authframe"}.line`,
      options: lineOptions,
      signOut: () => signOut(bridge, revoke || revocationEndpoint ? source : null),
      canRenew: () => known.canRenew,
    });
  } catch (error) {
    bridge.close();
    throw error;
  }
  const { line } = opened;
  const getLines = () => ({ [line.lineId]: line });
  return { bridge, callingClient: { getLines }, getLines, getTokenInfo: () => known.info, signOut: opened.signOut };
}

function requireOptions({ oauth, line, account }: WebexOptions): void {
  const { clientId, redirectUri, tokenEndpoint = TOKEN, revocationEndpoint } = Object(oauth) as Partial<WebexOAuth>;
  const { registrar } = Object(line) as Partial<WebexOptions["line"]>;
  if (!clientId || !redirectUri || !registrar || !(account || typeof registrar === "object")) {
    throw new AuthframeError(
      "CONFIG_INVALID",
      "oauth.clientId, oauth.redirectUri, line.registrar and, unless that is an object, account are required",
      "app",
    );
  }
  // Codes and tokens go there.
  if (!safeAddress(tokenEndpoint) || (revocationEndpoint !== undefined && !safeAddress(revocationEndpoint))) {
    throw new AuthframeError(
      "CONFIG_INVALID",
      "oauth.tokenEndpoint and oauth.revocationEndpoint are https addresses without a user name",
      "app",
    );
  }
}
