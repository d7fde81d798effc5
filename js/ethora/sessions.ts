/** Sessions at the chat's API: traded for a client token, and refreshed. What fails and may pass is tried again by the core, with pauses that all tabs share. */
import type { AuthframeError } from "../shared/error.js";
import { isObject } from "../shared/input-check.js";
import { within } from "../shared/within.js";
import { type AcquireRequest, AuthRejected, type Credential, type Grant, RetryLater } from "../widget/index.js";
import type { ApiFailure } from "./failures.js";
import { LONGEST_TOKEN, pack, unpack } from "./kept-session.js";
import type { RefreshTokens } from "./options.js";
import { REST } from "./rest.js";
import type { ServerClock } from "./server-clock.js";
import type { Began, SessionAge } from "./session-age.js";
import { bareToken, issuedAt, lifetime, readClientToken } from "./token.js";
import { type EthoraUser, readUser, updateUser } from "./user.js";

/** How long the API, or a `refreshFunction`, may take, in milliseconds: less than the core waits for us. */
const PATIENCE = 20_000;
/** What a header can carry. */
const TOKEN = /^[\x21-\x7e][\x20-\x7e]*$/;
const LONGEST_REFRESH_TOKEN = 16_384;
/** For so long a refusal is remembered, in milliseconds. When the host is asked again after its rest, the token is sent again: a flat one is the same text each time, and the API may accept it by then. */
const REFUSED_FOR = REST / 2;

/** What the API answers both a trade and a refresh with. */
interface Tokens {
  readonly token: string;
  readonly refreshToken: string | null;
  readonly user: EthoraUser | null;
}

export interface SessionsOptions {
  readonly appId: string;
  /** Where the API is, without a slash at the end. */
  readonly base: string;
  readonly refreshTokens: RefreshTokens;
  readonly age: SessionAge;
  readonly clock: ServerClock;
  readonly failure: ApiFailure;
}

export class Sessions {
  readonly #options: SessionsOptions;
  /** The client token that the API did not accept, how it said so, and until when it is not sent again, by `performance.now()`. */
  #refused: { readonly token: string; readonly failure: AuthframeError; readonly until: number } | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** What the core asks for. */
  async acquire({ reason, identity, credential, signal }: AcquireRequest): Promise<Grant | null> {
    if (reason === "refresh" && credential) return this.#refresh(credential, signal);
    // Without a stored session only the host can say who it is: it hands its token to every tab.
    if (reason !== "sign-in" || !identity) return null;
    const { account, accessToken } = identity;
    const subject = typeof account === "string" ? account : account.subject;
    return this.#trade(subject, accessToken, signal);
  }

  async #refresh({ account, accessToken, refreshToken }: Credential, signal: AbortSignal): Promise<Grant | null> {
    const kept = unpack(accessToken ?? "");
    const isWanted = this.#options.refreshTokens.enabled && !this.#options.age.isOver(kept);
    const tokens = isWanted ? await this.#renew(refreshToken, signal) : null;
    if (!tokens) return null;
    // What is not said anew stays.
    const renewed = { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken, user: updateUser(kept.user, tokens.user) };
    return grantOf(account.subject, account.name, renewed, this.#options.age.goOn(kept));
  }

  /** `null`: the session has ended, or nothing renews it. */
  async #renew(refreshToken: string | null, signal: AbortSignal): Promise<Tokens | null> {
    const { refreshFunction } = this.#options.refreshTokens;
    if (refreshFunction) return this.#refreshBy(refreshFunction);
    return refreshToken === null ? null : this.#ask("/users/login/refresh", { authorization: refreshToken }, "{}", signal);
  }

  async #refreshBy(refreshFunction: NonNullable<RefreshTokens["refreshFunction"]>): Promise<Tokens | null> {
    const said = await within(PATIENCE, Promise.resolve(refreshFunction()));
    if (said === null) return null;
    const tokens = readTokens({ token: said?.accessToken, refreshToken: said?.refreshToken });
    if (!tokens) throw this.#options.failure.set("ETHORA_BAD_REPLY");
    this.#options.failure.clear();
    return tokens;
  }

  async #trade(subject: string, given: unknown, signal: AbortSignal): Promise<Grant> {
    const token = bareToken(given) as string;
    this.#requireFit(token, subject);
    if (this.#refused?.token === token && performance.now() < this.#refused.until) throw this.#refuse(this.#refused.failure);
    try {
      const tokens = await this.#ask("/users/client", { "x-custom-token": token }, null, signal);
      this.#refused = undefined;
      return grantOf(subject, null, tokens, this.#options.age.begin());
    } catch (error) {
      const failure = this.#options.failure.value;
      if (signal.aborted || failure?.code !== "ETHORA_UNAUTHORIZED") throw error;
      // With the time of its reply it may be plain why.
      this.#requireFit(token, subject);
      this.#refused = { token, failure, until: performance.now() + REFUSED_FOR };
      throw error;
    }
  }

  #requireFit(token: unknown, subject: string): void {
    try {
      readClientToken(token, this.#options.appId, subject, this.#options.clock.now);
    } catch (error) {
      throw this.#refuse(error as AuthframeError);
    }
  }

  #refuse(failure: AuthframeError): AuthRejected {
    this.#options.failure.value = failure;
    return refusal(failure);
  }

  /** Asks the API; rejects with what the answer means for the session. */
  async #ask(path: string, headers: Record<string, string>, body: string | null, signal: AbortSignal): Promise<Tokens> {
    const { status, retryAfter, said } = await this.#send(path, headers, body, signal);
    if (status === 401) throw refusal(this.#options.failure.set("ETHORA_UNAUTHORIZED"));
    if (status === 403) throw refusal(this.#options.failure.set("ETHORA_FORBIDDEN"));
    if (status >= 500 || status === 408 || status === 429) {
      const cause = this.#options.failure.set("ETHORA_UNAVAILABLE");
      throw Object.assign(new RetryLater(retryAfter), { cause });
    }
    if (status >= 400) throw this.#options.failure.set("ETHORA_REJECTED");
    const tokens = readTokens(said);
    if (!tokens) throw this.#options.failure.set("ETHORA_BAD_REPLY");
    this.#options.failure.clear();
    return tokens;
  }

  async #send(path: string, headers: Record<string, string>, body: string | null, signal: AbortSignal) {
    const own = new AbortController();
    const stop = () => own.abort();
    const timer = setTimeout(stop, PATIENCE);
    signal.addEventListener("abort", stop, { signal: own.signal });
    try {
      if (signal.aborted) stop();
      // Neither token goes anywhere else, and no reply is kept for another user.
      const response = await fetch(this.#options.base + path, {
        method: "POST",
        headers: body === null ? headers : { "content-type": "application/json", ...headers },
        body,
        signal: own.signal,
        redirect: "error",
        cache: "no-store",
      });
      const said: unknown = response.ok ? await response.json().catch(() => null) : null;
      if (own.signal.aborted) throw own.signal.reason;
      const token = readTokens(said)?.token;
      this.#options.clock.learn(response.headers.get("date"), token === undefined ? null : issuedAt(token));
      return { status: response.status, retryAfter: response.headers.get("retry-after"), said };
    } catch (cause) {
      // It is not wanted any more: that is no failure.
      throw signal.aborted ? cause : this.#options.failure.set("ETHORA_OFFLINE", cause);
    } finally {
      clearTimeout(timer);
      stop();
    }
  }
}

/** `undefined` where there is no token that can be used. */
function readTokens(said: unknown): Tokens | undefined {
  if (!isObject(said)) return undefined;
  const { token, refreshToken, user } = said as { token?: unknown; refreshToken?: unknown; user?: unknown };
  const isToken = (token: unknown, longest: number): token is string =>
    typeof token === "string" && token.length <= longest && TOKEN.test(token);
  if (!isToken(token, LONGEST_TOKEN)) return undefined;
  if (refreshToken == null) return { token, refreshToken: null, user: readUser(user) };
  return isToken(refreshToken, LONGEST_REFRESH_TOKEN) ? { token, refreshToken, user: readUser(user) } : undefined;
}

function grantOf(subject: string, nameBefore: string | null, { token, refreshToken, user }: Tokens, began: Began): Grant {
  const called = [user?.firstName, user?.lastName].filter((part) => typeof part === "string" && part).join(" ");
  // As it is, "JWT " and all: so it is sent back.
  const expiresIn = lifetime(token);
  return {
    account: { subject, name: (called || nameBefore || "").slice(0, 256) || null },
    accessToken: pack({ token, user, ...began }),
    ...(refreshToken === null ? {} : { refreshToken }),
    ...(expiresIn === null ? {} : { expiresIn }),
  };
}

/** The refusal that the core knows, with ours as its cause. */
const refusal = (cause: unknown) => Object.assign(new AuthRejected("refused"), { cause });
