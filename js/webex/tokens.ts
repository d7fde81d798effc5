/** The token endpoint as a page may ask it: without a secret. Loaded when it is asked, or when your backend has answered. A backend that has one: `authframe::webex::TokenEndpoint` in Rust. */
import { retryAfter } from "../shared/retry-after.js";
import type { Credential } from "../widget/index.js";
import { LONGEST_PAUSE } from "./backoff.js";
import type { TokenInfo } from "./token-info.js";
import { TokenRefused } from "./token-refused.js";

/** A reply of a token endpoint, as the vendor documents it. Also what your own backend returns. */
export interface TokenReply {
  readonly access_token: string;
  /** Seconds. Never assumed: without it the token is taken to last. */
  readonly expires_in?: number;
  /** Missing in the reply to a refresh: the one before goes on being good. */
  readonly refresh_token?: string;
  readonly refresh_token_expires_in?: number;
  /** Default `Bearer`. */
  readonly token_type?: string;
  readonly scope?: string;
}

/** The server cannot answer now (429, 503). */
export class Unavailable extends Error {
  /** @param wait what its `Retry-After` says, in milliseconds; `null` if it says nothing */
  constructor(
    status: number,
    readonly wait: number | null,
  ) {
    super(`HTTP ${status}${wait === null ? "" : `: to be asked again in ${Math.ceil(wait / 1000)} s`}`);
  }
}

/** Posts a form, and resolves with the reply's JSON. Throws {@link TokenRefused} if the server refuses (400, 401), else an error: it may be tried again, after {@link Unavailable} when the server says so. */
export async function postForm(endpoint: string | URL, fields: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<unknown> {
  // Neither code nor token goes anywhere else, and never into an address.
  const response = await fetch(endpoint, {
    method: "POST",
    body: new URLSearchParams(fields),
    signal: signal ?? null,
    redirect: "error",
    cache: "no-store",
    credentials: "omit",
  });
  const reply: unknown = await response.json().catch(() => null);
  if (response.status === 400 || response.status === 401) throw refusal(reply, response.status);
  if (response.status === 429 || response.status === 503)
    throw new Unavailable(response.status, retryAfter(response.headers.get("retry-after"), LONGEST_PAUSE));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return reply;
}

function refusal(reply: unknown, status: number): TokenRefused {
  const { error = status, error_description = null, error_uri = null } = Object(reply) as Readonly<Record<string, unknown>>;
  const line = (value: unknown) => (typeof value === "string" ? value.slice(0, 1024) : null);
  return new TokenRefused(line(error) ?? String(status), line(error_description), line(error_uri));
}

/** @param before what is kept where the reply does not say */
export function readInfo(reply: unknown, before: TokenInfo): TokenInfo {
  const { scope, refresh_token_expires_in: life } = Object(reply) as Partial<TokenReply>;
  return {
    scope: typeof scope === "string" && scope ? scope : before.scope,
    refreshTokenExpiresAt: isLife(life) ? Date.now() + life * 1000 : before.refreshTokenExpiresAt,
    refusal: null,
  };
}

const isLife = (seconds: unknown): seconds is number => Number.isFinite(seconds) && (seconds as number) > 0;

/** The tokens of a reply, as a session takes them. @param before what is kept where the reply has no refresh token */
export function readTokens(reply: unknown, before?: Credential) {
  const { access_token: given, expires_in: life, refresh_token: next } = Object(reply) as Partial<TokenReply>;
  if (typeof given !== "string" || !given) throw new Error("the token endpoint answered without an access token");
  const refreshToken = typeof next === "string" && next ? next : before?.refreshToken;
  return {
    // The vendor's SDK knows it with its type before it.
    accessToken: given.slice(given.indexOf(" ") + 1),
    ...(isLife(life) ? { expiresIn: life } : {}),
    ...(refreshToken ? { refreshToken } : {}),
  };
}
