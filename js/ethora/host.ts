/**
 * authframe/host/ethora: embeds a widget that speaks to an Ethora chat (`authframe/ethora`), and hands it the client token that this site's server has signed. The names in
 * `config` are those of the vendor's chat component.
 *
 * @example
 * import { embedEthora } from "authframe/host/ethora";
 * const token = await (await fetch("/chat-token")).text();
 * const chat = await embedEthora({
 *   container: document.querySelector("#chat"), src: "https://chat.example/widget", title: "Chat",
 *   config: { appId: "646cc8dc96d4a4dc8f7b2f2d", jwtLogin: { enabled: true, token } },
 *   chat: { uuid: 1843 },
 *   getToken: async () => (await fetch("/chat-token")).text(),
 * });
 */

import { type EmbedOptions, embed, type Identity, type Widget } from "../host/index.js";
import { extend } from "../shared/extend.js";
import { isObject } from "../shared/input-check.js";
import { field } from "../shared/read.js";
import { shown } from "../shared/shown.js";
import { within } from "../shared/within.js";
import { configInvalid } from "./config-error.js";
import { type Chat, ROOM, roomOf } from "./room.js";
import { bareToken, readClientToken } from "./token.js";
import { removeVendorStorage, requireVendorStorage } from "./vendor-storage.js";

export { AuthframeError } from "../host/index.js";
export type { Chat } from "./room.js";

/**
 * What the vendor's component is configured with; what is not named here means nothing in a frame and is ignored. But `userLogin` or `customLogin` that is
 * `enabled` without `jwtLogin` is refused: who uses the chat is said by a client token here.
 */
export interface EthoraConfig {
  /** The token has to be for this app, and so has the widget. */
  readonly appId: string;
  /**
   * Who uses the chat: a client token, signed on your server; white space around it and the prefix `JWT ` are taken off. Not `enabled`: no user, and the one before is signed out. Left out: not known yet.
   */
  readonly jwtLogin?: { readonly enabled: true; readonly token: string } | { readonly enabled: false; readonly token?: string };
}

export interface EthoraEmbedOptions extends Omit<EmbedOptions, "identity" | "onSignInRequest"> {
  readonly config: EthoraConfig;
  /** Which room to show first. */
  readonly chat?: Chat | null;
  /**
   * Gets a fresh client token, where the widget's session has come to its end. Default: the token that is configured. `null`: no user is signed in here any more. Anything that it throws, and 20 s, is a
   * failure: the widget asks again, after 0.5 to 1 s, then after up to twice as long each time, up to a minute.
   */
  readonly getToken?: () => string | null | PromiseLike<string | null>;
  /** Whether what the vendor's component has left in clear in this page's storage is removed; see `docs/dialects/ethora.md`. Default `"remove"`. `"keep"`: that component is in use here too. */
  readonly vendorStorage?: "remove" | "keep";
}

/** The widget as its page sees it. */
export interface EthoraWidget extends Widget {
  /**
   * Another user, another token, or no user. A token of the same user changes nothing while they are signed in; one of another user signs the first one out in every tab, and then the other one in.
   * Rejects as `setIdentity`, and as {@link embedEthora} for a token that is none.
   */
  setConfig(config: EthoraConfig): Promise<void>;
  /**
   * Names the room to show; `null`: the widget's own choice.
   * @throws AuthframeError `CONFIG_INVALID` unless it is exactly one of `uuid` and `jid`
   */
  setChat(chat: Chat | null): void;
}

/** How long `getToken` may take, in milliseconds: less than the widget waits for us. */
const TOKEN_WAIT = 20_000;
/** How else the page says at the vendor's component who uses the chat. */
const OTHER_LOGINS = ["userLogin", "customLogin"];

/**
 * Embeds the widget, and resolves when it is connected.
 *
 * Rejects as `embed` does, with `CONFIG_INVALID` for an option of Ethora's that cannot be used, and for a token that cannot be one, before anything is sent: `JWT_MALFORMED`, `JWT_ALG` (not HS256), `JWT_AMBIGUOUS`, `JWT_TYPE` (a server token, say),
 * `JWT_APP`, `JWT_NO_SUBJECT`, and, if it is a day out by this browser's clock, `JWT_EXPIRED`, `JWT_NOT_YET_VALID`.
 */
export async function embedEthora(given: EthoraEmbedOptions): Promise<EthoraWidget> {
  requireOptions(given);
  const { config, chat = null, getToken, vendorStorage = "remove", ...options } = given;
  requireVendorStorage(vendorStorage);
  let current = config;
  let room = checked(chat);
  const identity = identityOf(config);
  if (vendorStorage === "remove") removeVendorStorage();

  /** What this page says now of who uses the chat. */
  const askForToken = async () => {
    if (!getToken) return;
    const asked = current;
    const token = await within(TOKEN_WAIT, Promise.resolve(getToken()));
    // The page may have said something else meanwhile: that counts.
    if (current !== asked) return;
    const next: EthoraConfig = { appId: current.appId, jwtLogin: token === null ? { enabled: false } : { enabled: true, token } };
    identityOf(next);
    current = next;
  };
  const widget: Widget = await embed({
    ...options,
    ...(identity ? { identity } : {}),
    async onSignInRequest() {
      await askForToken();
      const identity = identityOf(current);
      try {
        // No user, too, so that none is named to a widget that is loaded anew. What the widget makes of it is no error of this page's.
        await widget.setIdentity(identity);
        return identity;
      } catch {
        return null;
      }
    },
  });
  // Before anything is waited for: the widget asks as soon as it is connected.
  widget.handle(ROOM, () => room);
  if (config.jwtLogin?.enabled === false) await widget.setIdentity(null);
  return extend(widget, {
    async setConfig(config: EthoraConfig) {
      const identity = identityOf(config);
      current = config;
      await widget.setIdentity(identity);
    },
    setChat(chat: Chat | null) {
      room = checked(chat);
      widget.send(ROOM, room);
    },
  });
}

function requireOptions(given: unknown): asserts given is EthoraEmbedOptions {
  if (!isObject(given)) throw configInvalid(`the options are ${shown(given)}: give an object with container, src and config`);
  const { getToken, identity, onSignInRequest } = given as { getToken?: unknown; identity?: unknown; onSignInRequest?: unknown };
  if (getToken !== undefined && typeof getToken !== "function") throw configInvalid(`getToken is ${shown(getToken)}: give a function`);
  if (identity !== undefined || onSignInRequest !== undefined)
    throw configInvalid("identity and onSignInRequest are Ethora's own here: give config.jwtLogin and getToken");
}

function identityOf(config: EthoraConfig): Identity | null {
  const { appId, jwtLogin } = readConfig(config);
  if (!jwtLogin?.enabled) return null;
  const token = bareToken(jwtLogin.token) as string;
  return { account: readClientToken(token, appId).subject, accessToken: token };
}

/** @throws AuthframeError `CONFIG_INVALID` */
function readConfig(config: EthoraConfig): EthoraConfig {
  if (!isObject(config)) throw configInvalid(`config is ${shown(config)}: give an object with appId and jwtLogin`);
  const { appId, jwtLogin } = config;
  if (typeof appId !== "string" || !appId)
    throw configInvalid(`config.appId is ${shown(appId)}: give the App ID of the vendor's panel, as text`);
  if (jwtLogin !== undefined && typeof Object(jwtLogin).enabled !== "boolean")
    throw configInvalid("config.jwtLogin is { enabled: true, token } or { enabled: false }");
  const other = jwtLogin ? undefined : OTHER_LOGINS.find((name) => field<{ enabled?: unknown }>(config, name)?.enabled);
  if (other) throw configInvalid(`config.${other} is enabled, and does nothing here: give a client token in config.jwtLogin`);
  return config;
}

function checked(chat: Chat | null): Chat | null {
  const room = roomOf(chat ?? null);
  if (room !== undefined) return room;
  const { uuid, jid } = Object(chat) as { uuid?: unknown; jid?: unknown };
  throw configInvalid(
    `a chat has exactly one of uuid (a whole number or a text) and jid (a text); this has uuid ${shown(uuid)} and jid ${shown(jid)}`,
  );
}
