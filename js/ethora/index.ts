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
 * chat.onUser((user) => (user ? startChat(user) : stopChat())); // an XMPP client: docs/dialects/ethora.md
 * const rooms = await (await chat.fetch("/chats/my")).json();
 */
import { isPathBelow } from "../shared/address.js";
import { Emitter } from "../shared/emitter.js";
import { AuthframeError } from "../shared/error.js";
import { safely } from "../shared/safely.js";
import { type Bridge, connect, type Unsubscribe } from "../widget/index.js";
import { CurrentUser } from "./current-user.js";
import { ApiFailure } from "./failures.js";
import { LazySessions } from "./lazy-sessions.js";
import { checkOptions, type EthoraOptions } from "./options.js";
import { type Chat, isSameRoom, ROOM, roomOf } from "./room.js";
import { ServerClock } from "./server-clock.js";
import { SessionAge } from "./session-age.js";
import { TokenRenewal } from "./token-renewal.js";
import type { EthoraUser } from "./user.js";
import { removeVendorStorage } from "./vendor-storage.js";

export { AuthframeError, AuthRejected, RetryLater } from "../widget/index.js";
export type { EthoraOptions, RefreshTokens } from "./options.js";
export type { Chat } from "./room.js";
export type { EthoraUser } from "./user.js";

/** A chat that a page embeds. */
export interface Ethora {
  /** The bridge below: the session, `environment()`, `diagnose()`. Its `accessToken()` resolves with the API's token, as `authorization` takes it. */
  readonly bridge: Bridge;
  /**
   * The user who is signed in, with the name and the password for XMPP: what the API said when the session began, and after it has said something anew, that. Kept as tokens are (`credentials`), and
   * destroyed with them in every tab. Ask each time that a chat client logs in, also when it connects again.
   * Rejects as `bridge.accessToken()`, and with `ETHORA_BAD_REPLY` if the session came without a user.
   */
  user(): Promise<EthoraUser>;
  /**
   * Called at once, and whenever another user, or none (`null`), uses the chat: with `null` as soon as the user has left in any tab, before another one comes, and while the page is hidden away.
   * A refresh of the session calls nothing.
   */
  onUser(listener: (user: EthoraUser | null) => void): Unsubscribe;
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
   * Asks the API as the user who is signed in: `path` begins with a slash and stays below `baseUrl`, else it is `CONFIG_INVALID`. No redirect is followed, and nothing cached. After a 401 the session is refreshed, by one tab for all, and the request sent once more (not with `refreshTokens: { enabled: false }`).
   * Rejects as `bridge.accessToken()` and `fetch` do, and with `NOT_AUTHORIZED` if that user has left meanwhile, even if another one came: then no answer is theirs. What the API answers is no error.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

/** Fresher than any token is: a new one. */
const NEW = Infinity;

/**
 * Connects. The host is the only one that signs a user in; `bridge.signOut()` signs the user out.
 *
 * Rejects as `connect` does; `CONFIG_INVALID` also without `appId`, with a `baseUrl` that is not https, or with another option of Ethora's that cannot be used.
 */
export async function connectEthora(given: EthoraOptions): Promise<Ethora> {
  const { appId, base, refreshTokens, maxSessionAge, vendorStorage, connect: options } = checkOptions(given);
  if (vendorStorage === "remove") removeVendorStorage();
  const failure = new ApiFailure();
  const clock = new ServerClock();
  const age = new SessionAge(maxSessionAge, clock);
  const sessions = new LazySessions({ appId, base, refreshTokens, age, clock, failure });
  // A session of another app, or of another server, is none here.
  const namespace = `${String(options.namespace ?? "ethora").slice(0, 48)}.${hash(`${appId} ${base}`)}`;
  const bridge = await connect({ ...options, namespace, acquire: (request) => sessions.acquire(request) });
  const user = new CurrentUser(bridge, age);
  const room = new Room(bridge);
  new TokenRenewal(bridge, failure).start();
  user.start();
  return {
    bridge,
    get failure() {
      return failure.value;
    },
    user: () => user.get(),
    onUser: (listener) => user.on(listener),
    get chat() {
      return room.value;
    },
    onChat(listener) {
      const stop = room.changed.on(listener);
      safely(() => listener(room.value));
      return stop;
    },
    fetch: (path, init) => fetchAsUser(bridge, base, refreshTokens.enabled, path, init),
  };
}

/** Which room the page wants to see. */
class Room {
  value: Chat | null = null;
  readonly changed = new Emitter<[chat: Chat | null]>();

  constructor(bridge: Bridge) {
    bridge.handle(ROOM, (said) => this.#take(said));
    bridge.onConnection((state) => {
      if (state === "connected")
        bridge.request(ROOM).then(
          (said) => this.#take(said),
          () => {},
        );
    });
  }

  #take(said: unknown): void {
    const next = roomOf(said);
    // It is asked for at every connection: what is known already is no news.
    if (next === undefined || isSameRoom(next, this.value)) return;
    this.value = next;
    this.changed.emit(next);
  }
}

async function fetchAsUser(bridge: Bridge, base: string, renews: boolean, path: string, init?: RequestInit): Promise<Response> {
  if (!isPathBelow(base, path)) throw new AuthframeError("CONFIG_INVALID", "a path begins with a slash and stays below baseUrl", "app");
  const { href } = new URL(base + path);
  let epoch: number | undefined;
  /** Rejects once the user that asked has left. */
  const ofSameUser = async <T>(coming: Promise<T>): Promise<T> => {
    const result = await coming;
    epoch ??= bridge.session.epoch;
    if (bridge.session.epoch !== epoch) throw new AuthframeError("NOT_AUTHORIZED", "the user who asked has left", "user");
    return result;
  };
  const send = (token: string) => {
    const headers = new Headers(init?.headers);
    headers.set("authorization", token);
    return ofSameUser(fetch(href, { ...init, headers, redirect: "error", cache: "no-store" }));
  };
  const token = await ofSameUser(bridge.accessToken());
  const response = await send(token);
  if (response.status !== 401 || !renews) return response;
  // Unless it was renewed meanwhile.
  const current = await ofSameUser(bridge.accessToken());
  return send(current === token ? await ofSameUser(bridge.accessToken({ minValidity: NEW })) : current);
}

/** Eight letters that set two apart: nothing here has to withstand an attack. */
function hash(text: string): string {
  let sum = 5381;
  for (const character of text) sum = (Math.imul(sum, 33) ^ character.codePointAt(0)!) >>> 0;
  return sum.toString(36);
}
