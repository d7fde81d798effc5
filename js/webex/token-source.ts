/** Where a widget's tokens come from, loaded at the first sign-in or refresh: a code is exchanged, a refresh token used or revoked, at your backend or by the page itself. */
import { within } from "../shared/within.js";
import { type AcquireRequest, type Bridge, type Grant, RetryLater } from "../widget/index.js";
import type { WebexOptions } from "./options.js";
import { type KnownTokens, NO_INFO } from "./token-info.js";
import { TokenRefused } from "./token-refused.js";
import { postForm, readInfo, readTokens, Unavailable } from "./tokens.js";

export interface TokenSourceOptions {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly tokenEndpoint: string | URL;
  readonly revocationEndpoint: string | URL | undefined;
  readonly exchange: WebexOptions["exchange"];
  readonly refresh: WebexOptions["refresh"];
  readonly revoke: WebexOptions["revoke"];
  readonly account: NonNullable<WebexOptions["account"]>;
}

const REVOCATION_PATIENCE = 5000;
/** A token that is over when it gets to the session counts as a wrong clock, after which the session waits. */
const ON_THE_WAY = 1000;

export class TokenSource {
  readonly #options: TokenSourceOptions;
  readonly #known: KnownTokens;
  /** `revoke`: the refresh token that is to be used next is revoked instead. */
  #next: "refresh" | "revoke" = "refresh";

  constructor(options: TokenSourceOptions, known: KnownTokens) {
    this.#options = options;
    this.#known = known;
  }

  async exchange(code: string, codeVerifier: string | null, signal: AbortSignal): Promise<Grant> {
    const { clientId, redirectUri, tokenEndpoint, scope, exchange, account } = this.#options;
    const form = { grant_type: "authorization_code", client_id: clientId, redirect_uri: redirectUri, code };
    const reply = exchange
      ? await exchange({ code, redirectUri, codeVerifier, signal })
      : await postForm(tokenEndpoint, codeVerifier === null ? form : { ...form, code_verifier: codeVerifier }, signal);
    const grant = readTokens(reply);
    this.#known.info = readInfo(reply, { ...NO_INFO, scope });
    this.#known.canRenew = grant.refreshToken !== undefined;
    return { ...grant, account: await account({ accessToken: grant.accessToken, signal }) };
  }

  async refresh({ credential, signal }: AcquireRequest): Promise<Grant | null> {
    const refreshToken = credential?.refreshToken;
    if (this.#next === "revoke") {
      if (!refreshToken) throw new Error("there is nothing to revoke");
      await this.#postRevocation(refreshToken, signal);
      throw new Error("revoked");
    }
    this.#known.canRenew = Boolean(refreshToken);
    if (!credential) return null;
    // Nothing renews it, but it is good until its end.
    if (!refreshToken) return credential.expiresAt === null || credential.expiresAt > Date.now() + ON_THE_WAY ? credential : null;
    const reply = await this.#postRefresh(refreshToken, signal);
    this.#known.info = readInfo(reply, this.#known.info);
    return { ...readTokens(reply, credential), account: credential.account };
  }

  /** Revokes what the user has. Under the lease of a refresh, so that no tab renews what is revoked; and that refresh fails, one way or the other. */
  async revoke(bridge: Bridge): Promise<void> {
    this.#next = "revoke";
    try {
      await within(REVOCATION_PATIENCE, bridge.accessToken({ minValidity: Infinity }));
    } catch {
      // It was revoked, or could not be.
    } finally {
      this.#next = "refresh";
    }
  }

  async #postRevocation(refreshToken: string, signal: AbortSignal): Promise<void> {
    const { clientId, revocationEndpoint, revoke } = this.#options;
    if (revoke) await revoke({ refreshToken });
    else if (revocationEndpoint)
      await postForm(revocationEndpoint, { token: refreshToken, token_type_hint: "refresh_token", client_id: clientId }, signal);
  }

  async #postRefresh(refreshToken: string, signal: AbortSignal): Promise<unknown> {
    const { clientId, tokenEndpoint, refresh } = this.#options;
    try {
      if (refresh) return await refresh({ refreshToken, signal });
      return await postForm(tokenEndpoint, { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken }, signal);
    } catch (error) {
      if (error instanceof TokenRefused) this.#known.info = { ...this.#known.info, refusal: error };
      // When the endpoint may be asked again, the bridge decides, for all tabs.
      throw error instanceof Unavailable && error.wait !== null ? new RetryLater(error.wait / 1000) : error;
    }
  }
}
