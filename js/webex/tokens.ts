/** The token endpoint as a page may ask it: without a secret. A backend that has one: `authframe::webex::TokenEndpoint` in Rust. */
import { retryAfter } from "../shared/retry-after.js";
import { AuthRejected, type Credential } from "../widget/index.js";
import { LONGEST_PAUSE } from "./backoff.js";

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

/** Posts a form, and resolves with the reply's JSON. Throws {@link AuthRejected} if the server refuses (400, 401), else an error: it may be tried again, after {@link Unavailable} when the server says so. */
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
  if (response.status === 400 || response.status === 401)
    throw new AuthRejected(String((Object(reply) as { error?: unknown }).error ?? response.status));
  if (response.status === 429 || response.status === 503)
    throw new Unavailable(response.status, retryAfter(response.headers.get("retry-after"), LONGEST_PAUSE));
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return reply;
}

/** The tokens of a reply, as a session takes them. @param before what is kept where the reply has no refresh token */
export function readTokens(reply: unknown, before?: Credential) {
  const { access_token: given, expires_in: life, refresh_token: next } = Object(reply) as Partial<TokenReply>;
  if (typeof given !== "string" || !given) throw new Error("the token endpoint answered without an access token");
  const refreshToken = typeof next === "string" && next ? next : before?.refreshToken;
  return {
    // The vendor's SDK knows it with its type before it.
    accessToken: given.slice(given.indexOf(" ") + 1),
    ...(typeof life === "number" && life > 0 ? { expiresIn: life } : {}),
    ...(refreshToken ? { refreshToken } : {}),
  };
}
