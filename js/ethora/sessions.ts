/** Sessions at the chat's API: traded for a client token, and refreshed. */
import { pause } from "../shared/pause.js";
import { type AcquireRequest, AuthRejected, type Grant } from "../widget/index.js";
import type { ApiFailure } from "./failures.js";
import { lifetime, readClientToken } from "./token.js";

/** How long the API may take. */
const PATIENCE = 20_000;
const FIRST_WAIT = 1000;
/** What a header can carry. */
const TOKEN = /^[\x21-\x7e][\x20-\x7e]{0,16383}$/;

interface Session {
  readonly token: string;
  readonly refreshToken?: unknown;
  readonly user?: { readonly firstName?: unknown; readonly lastName?: unknown } | null;
}

interface Reply {
  readonly status: number;
  /** `null` unless the status says that all went well, and the body is JSON. */
  readonly session: Session | null;
}

export class Sessions {
  constructor(
    private readonly appId: string,
    private readonly base: string,
    private readonly failure: ApiFailure,
  ) {}

  /** What the core asks for. */
  async acquire({ reason, identity, credential, signal }: AcquireRequest): Promise<Grant | null> {
    if (reason === "refresh" && credential) return this.#refresh(credential, signal);
    // Without a stored session only the host can say who it is: it hands its token to every tab.
    if (reason !== "sign-in" || !identity) return null;
    const { account, accessToken } = identity;
    const subject = typeof account === "string" ? account : account.subject;
    this.#requireFit(accessToken, subject);
    return this.#trade(subject, accessToken!, signal);
  }

  async #refresh({ account, refreshToken }: NonNullable<AcquireRequest["credential"]>, signal: AbortSignal): Promise<Grant | null> {
    if (!refreshToken) return null;
    const session = await this.#ask("/users/login/refresh", { authorization: refreshToken }, "{}", signal);
    return grantOf(account.subject, session, account.name);
  }

  #requireFit(token: unknown, subject: string): void {
    try {
      readClientToken(token, this.appId, subject);
    } catch (error) {
      this.failure.value = error as ApiFailure["value"];
      throw refusal(error);
    }
  }

  /** Tries again while the API is down. */
  async #trade(subject: string, token: string, signal: AbortSignal): Promise<Grant> {
    for (let wait = FIRST_WAIT; ; wait *= 2) {
      try {
        return grantOf(subject, await this.#ask("/users/client", { "x-custom-token": token }, null, signal));
      } catch (error) {
        if (signal.aborted || !this.failure.isOutage) throw error;
        await pause(wait, signal);
      }
    }
  }

  /** Asks the API; resolves with a session, and rejects with what the answer means for it. */
  async #ask(path: string, headers: Record<string, string>, body: string | null, signal: AbortSignal): Promise<Session> {
    const { status, session } = await this.#send(path, headers, body, signal);
    if (status === 401) throw refusal(this.failure.set("ETHORA_UNAUTHORIZED"));
    if (status === 403) throw refusal(this.failure.set("ETHORA_FORBIDDEN"));
    if (status >= 500 || status === 408 || status === 429) throw this.failure.set("ETHORA_UNAVAILABLE");
    if (status >= 400) throw this.failure.set("ETHORA_REJECTED");
    if (!isSession(session)) throw this.failure.set("ETHORA_BAD_REPLY");
    this.failure.clear();
    return session;
  }

  async #send(path: string, headers: Record<string, string>, body: string | null, signal: AbortSignal): Promise<Reply> {
    const own = new AbortController();
    const stop = () => own.abort();
    const timer = setTimeout(stop, PATIENCE);
    signal.addEventListener("abort", stop, { signal: own.signal });
    try {
      if (signal.aborted) stop();
      // Neither token goes anywhere else, and no reply is kept for another user.
      const response = await fetch(this.base + path, {
        method: "POST",
        headers: body === null ? headers : { "content-type": "application/json", ...headers },
        body,
        signal: own.signal,
        redirect: "error",
        cache: "no-store",
      });
      const session = response.ok ? ((await response.json().catch(() => null)) as Session | null) : null;
      if (own.signal.aborted) throw own.signal.reason;
      return { status: response.status, session };
    } catch (cause) {
      // It is not wanted any more: that is no failure.
      throw signal.aborted ? cause : this.failure.set("ETHORA_OFFLINE", cause);
    } finally {
      clearTimeout(timer);
      stop();
    }
  }
}

function isSession(said: Session | null): said is Session {
  const isToken = (token: unknown) => typeof token === "string" && TOKEN.test(token);
  return isToken(said?.token) && (said?.refreshToken == null || isToken(said.refreshToken));
}

function grantOf(subject: string, { token, refreshToken, user }: Session, name?: string | null): Grant {
  const called = [user?.firstName, user?.lastName].filter((part) => typeof part === "string" && part).join(" ");
  // As it is, "JWT " and all: so it is sent back.
  const expiresIn = lifetime(token.replace(/^JWT /, ""));
  return {
    account: { subject, name: (called || name || "").slice(0, 256) || null },
    accessToken: token,
    ...(typeof refreshToken === "string" ? { refreshToken } : {}),
    ...(expiresIn === null ? {} : { expiresIn }),
  };
}

/** The refusal that the core knows, with ours as its cause. */
const refusal = (cause: unknown) => Object.assign(new AuthRejected("refused"), { cause });
