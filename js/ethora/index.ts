/**
 * A widget for pages that embed an Ethora chat: the page hands over a client token (`authframe/host/ethora`), and this trades it for a session at the chat's API, keeps that fresh, and
 * never shows one user's session to another. On the wire between page and widget it is authframe's own protocol: the vendor has none.
 *
 * @example
 * import { connectEthora } from "authframe/ethora";
 * const chat = await connectEthora({
 *   hosts: ["https://crm.example.com"], credentials: "sealed",
 *   appId: "646cc8dc96d4a4dc8f7b2f2d", baseUrl: "https://api.chat.ethora.com/v1",
 * });
 * chat.bridge.subscribe(({ status, account }) => show(status, account));
 * const rooms = await (await chat.fetch("/chats/my")).json();
 */
import { apiAddress } from "../shared/api-address.js";
import { type EthoraCode, lifetime, readClientToken } from "./token.js";
import {
  type AcquireRequest,
  AuthframeError,
  AuthRejected,
  type Bridge,
  connect,
  type ConnectOptions,
  type Responsible,
  type Grant,
  type Unsubscribe,
} from "../widget/index.js";
import { hand } from "../shared/listeners.js";

export { AuthframeError } from "../widget/index.js";

/** How the widget connects: what `connect` takes, and where the chat is. */
export interface EthoraOptions extends Omit<ConnectOptions, "acquire"> {
  /** Of the app in the vendor's panel. A token for another one is refused before it is sent. */
  readonly appId: string;
  /** Of the API with its version, https (or http on loopback): `"https://api.chat.ethora.com/v1"`. The host has no say in it: tokens go there. */
  readonly baseUrl: string;
}

/** A room, by the page's own number of it or by its address. */
export type Chat = { readonly uuid: number | string } | { readonly jid: string };

/** A chat that a page embeds. */
export interface Ethora {
  /** The bridge below: the session, `environment()`, `diagnose()`. */
  readonly bridge: Bridge;
  /**
   * What went wrong last with the host's token or the API, or `null`: `JWT_…` (see `authframe/host/ethora`), `ETHORA_UNAUTHORIZED` (401), `ETHORA_FORBIDDEN` (403), `ETHORA_UNAVAILABLE` (5xx),
   * `ETHORA_OFFLINE` (no answer at all), `ETHORA_REJECTED` (any other 4xx), `ETHORA_BAD_REPLY`. While the API is down, the token is tried again.
   */
  readonly failure: AuthframeError | null;
  /** Which room the page wants to see, or `null`. */
  readonly chat: Chat | null;
  /** Called at once with the room and whenever the page names another one. */
  onChat(listener: (chat: Chat | null) => void): Unsubscribe;
  /**
   * Asks the API as whoever is signed in: `path` begins with a slash and stays below `baseUrl`, else it is `CONFIG_INVALID`. No redirect is followed, and nothing cached. After a 401 the session is refreshed, by one tab for all, and the request sent once more.
   * Rejects as `bridge.accessToken()` and `fetch` do, and with `NOT_AUTHORIZED` if he has left meanwhile, whoever came instead: then no answer is his. What the API answers is no error.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

const ROOM = "ethora:chat";
/** Fresher than any token is: a new one. */
const NEW = Infinity;
const FIRST_WAIT = 1000;
/** The host is not asked more often by itself. */
const LAST_WAIT = 30_000;
/** How long the API may take, and how long its texts may be. */
const PATIENCE = 20_000;
const TOKEN = /^[\x21-\x7e][\x20-\x7e]{0,16383}$/;

const TEXTS = {
  ETHORA_BAD_REPLY: ["peer", "the API answered without a session"],
  ETHORA_FORBIDDEN: ["peer", "the API forbids it (403)"],
  ETHORA_OFFLINE: ["network", "the API did not answer"],
  ETHORA_REJECTED: ["app", "the API knows no such request: look at baseUrl"],
  ETHORA_UNAUTHORIZED: ["host", "the API does not accept the token (401): look at the secret and the appId it was signed with"],
  ETHORA_UNAVAILABLE: ["network", "the API is out of order"],
} as const satisfies Partial<Record<EthoraCode, readonly [Responsible, string]>>;

/**
 * Connects. The host is the only one who signs a user in; `bridge.signOut()` signs him out.
 *
 * Rejects as `connect` does; `CONFIG_INVALID` also without `appId` or with a `baseUrl` that is not https.
 */
export async function connectEthora({ appId, baseUrl, ...options }: EthoraOptions): Promise<Ethora> {
  const base = apiAddress(baseUrl, "http");
  if (!base || typeof appId !== "string" || !appId)
    throw new AuthframeError("CONFIG_INVALID", "appId and an https baseUrl are required", "app");
  const listeners = new Set<(chat: Chat | null) => void>();
  let failure: AuthframeError | null = null;
  let chat: Chat | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;

  const failed = (code: keyof typeof TEXTS, cause?: unknown) => (failure = new AuthframeError(code, TEXTS[code][1], TEXTS[code][0], cause));

  /** Sends to the API; resolves with a session, and rejects with what that means for it. */
  const ask = async (path: string, headers: Record<string, string>, body: string | null, signal: AbortSignal): Promise<Session> => {
    const own = new AbortController();
    const stop = () => own.abort();
    const timer = setTimeout(stop, PATIENCE);
    signal.addEventListener("abort", stop, { signal: own.signal });
    let status: number;
    let reply: Session | null;
    try {
      if (signal.aborted) stop();
      // Neither token goes anywhere else, and no reply is kept for somebody else.
      const response = await fetch(base + path, {
        method: "POST",
        headers: body === null ? headers : { "content-type": "application/json", ...headers },
        body,
        signal: own.signal,
        redirect: "error",
        cache: "no-store",
      });
      ({ status } = response);
      reply = response.ok ? ((await response.json().catch(() => null)) as Session | null) : null;
      if (own.signal.aborted) throw own.signal.reason;
    } catch (cause) {
      // Nobody wants it any more: that is no failure.
      throw signal.aborted ? cause : failed("ETHORA_OFFLINE", cause);
    } finally {
      clearTimeout(timer);
      stop();
    }
    if (status === 401) throw rejected(failed("ETHORA_UNAUTHORIZED"));
    if (status === 403) throw rejected(failed("ETHORA_FORBIDDEN"));
    if (status >= 500 || status === 408 || status === 429) throw failed("ETHORA_UNAVAILABLE");
    if (status >= 400) throw failed("ETHORA_REJECTED");
    const fits = (token: unknown) => typeof token === "string" && TOKEN.test(token);
    if (!fits(reply?.token) || !(reply?.refreshToken == null || fits(reply.refreshToken))) throw failed("ETHORA_BAD_REPLY");
    failure = null;
    return reply as Session;
  };

  const grant = (subject: string, { token, refreshToken, user }: Session, name?: string | null): Grant => {
    const called = [user?.firstName, user?.lastName].filter((part) => typeof part === "string" && part).join(" ");
    // As it is, "JWT " and all: so it is sent back.
    const expiresIn = lifetime(token.replace(/^JWT /, ""));
    return {
      account: { subject, name: (called || name || "").slice(0, 256) || null },
      accessToken: token,
      ...(typeof refreshToken === "string" ? { refreshToken } : {}),
      ...(expiresIn === null ? {} : { expiresIn }),
    };
  };

  const acquire = async ({ reason, identity, credential, signal }: AcquireRequest): Promise<Grant | null> => {
    if (reason === "refresh" && credential) {
      if (!credential.refreshToken) return null;
      return grant(
        credential.account.subject,
        await ask("/users/login/refresh", { authorization: credential.refreshToken }, "{}", signal),
        credential.account.name,
      );
    }
    // Without a stored session only the host can say who it is: it hands its token to every tab.
    if (reason !== "sign-in" || !identity) return null;
    const token = identity.accessToken;
    const named = typeof identity.account === "string" ? identity.account : identity.account.subject;
    try {
      readClientToken(token, appId, AuthframeError, named);
    } catch (error) {
      failure = error as AuthframeError;
      throw rejected(error);
    }
    for (let wait = FIRST_WAIT; ; wait *= 2) {
      try {
        return grant(named, await ask("/users/client", { "x-custom-token": token! }, null, signal));
      } catch (error) {
        if (signal.aborted || !down()) throw error;
        await pause(wait, signal);
      }
    }
  };
  const down = () => failure?.code === "ETHORA_OFFLINE" || failure?.code === "ETHORA_UNAVAILABLE";

  // The host may know who it is although the API did not, or not yet: it is asked for its token, now and then.
  let asked = -Infinity;
  const askHost = () => {
    const now = performance.now();
    if (now - asked < LAST_WAIT) return;
    asked = now;
    bridge.requestSignIn().catch(() => {});
  };
  /** Nobody has left by himself: the core has waited half a minute for the API. */
  const waits = ({ status, reason } = bridge.session) => status === "unauthorized" && /^acquire_/.test(reason) && down();
  const later = (wait = LAST_WAIT) => {
    clearTimeout(again);
    if (!waits() || bridge.connection === "closed") return;
    again = setTimeout(() => {
      askHost();
      later();
    }, wait);
  };

  // A session of another app, or of another server, is none here.
  const namespace = `${options.namespace ?? "ethora"}`.slice(0, 48) + "." + hash(`${appId} ${base}`);
  const bridge = await connect({ ...options, namespace, acquire });
  const back = () => later(0);
  addEventListener("online", back);
  const take = (said: unknown) => {
    const next = room(said);
    if (next === undefined) return;
    chat = next;
    for (const listener of [...listeners]) hand(listener, chat);
  };
  bridge.handle(ROOM, take);
  let before = bridge.session.status;
  bridge.subscribe(({ status, reason, writer }) => {
    // What was kept has come to its end, or the host's token was too old: the host may have another one. One tab asks.
    const ended =
      before === "authorized" && writer === bridge.id && /^(refused|expired|refresh_outcome_unknown|credential_lost)$/.test(reason);
    const tooOld = before === "authorizing" && (failure?.code === "JWT_EXPIRED" || failure?.code === "ETHORA_UNAUTHORIZED");
    before = status;
    if (status === "unauthorized" && (ended || tooOld)) askHost();
    // Whoever has left by himself is not brought back.
    if (status === "unauthorized" && !waits() && down()) failure = null;
    later();
  });
  bridge.onConnection((state) => {
    if (state === "connected") bridge.request(ROOM).then(take, () => {});
    if (state !== "closed") return;
    clearTimeout(again);
    removeEventListener("online", back);
  });

  return {
    bridge,
    get failure() {
      return failure;
    },
    get chat() {
      return chat;
    },
    onChat(listener) {
      const own = (chat: Chat | null) => listener(chat);
      listeners.add(own);
      hand(own, chat);
      return () => void listeners.delete(own);
    },
    async fetch(path, init) {
      const { href } = new URL(base + path);
      if (path[0] !== "/" || !href.startsWith(base + "/"))
        throw new AuthframeError("CONFIG_INVALID", "a path begins with a slash and stays below baseUrl", "app");
      let epoch: number | undefined;
      /** Whoever it was that asked is still there. */
      const still = async <T>(coming: Promise<T>) => {
        const came = await coming;
        const { session } = bridge;
        if (session.epoch !== (epoch ??= session.epoch)) throw new AuthframeError("NOT_AUTHORIZED", "he who asked has left", "user");
        return came;
      };
      const send = (token: string) => {
        const headers = new Headers(init?.headers);
        headers.set("authorization", token);
        return still(fetch(href, { ...init, headers, redirect: "error", cache: "no-store" }));
      };
      const token = await still(bridge.accessToken());
      const response = await send(token);
      if (response.status !== 401) return response;
      // Unless somebody else has renewed it meanwhile.
      const current = await still(bridge.accessToken());
      return send(current === token ? await still(bridge.accessToken({ minValidity: NEW })) : current);
    },
  };
}

interface Session {
  readonly token: string;
  readonly refreshToken?: unknown;
  readonly user?: { readonly firstName?: unknown; readonly lastName?: unknown } | null;
}

/** Eight letters that tell two apart: nothing here has to withstand anybody. */
function hash(text: string): string {
  let sum = 5381;
  for (const character of text) sum = (Math.imul(sum, 33) ^ character.codePointAt(0)!) >>> 0;
  return sum.toString(36);
}

/** The refusal that the core knows, with ours as its cause. */
const rejected = (cause: unknown) => Object.assign(new AuthRejected("refused"), { cause });

/** What names a room; `undefined` for anything else. */
function room(said: unknown): Chat | null | undefined {
  if (said === null) return null;
  const { uuid, jid } = Object(said) as { uuid?: unknown; jid?: unknown };
  const text = (value: unknown): value is string => typeof value === "string" && value.length > 0 && value.length <= 1024;
  if ((Number.isSafeInteger(uuid) || text(uuid)) && jid === undefined) return { uuid: uuid as number | string };
  return text(jid) && uuid === undefined ? { jid } : undefined;
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
