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
import { AuthframeError } from "../shared/error.js";
import { extend } from "../shared/extend.js";
import { type Chat, ROOM, roomOf } from "./room.js";
import { readClientToken } from "./token.js";

export { AuthframeError } from "../host/index.js";
export type { Chat } from "./room.js";

/** What the vendor's component is configured with; what is not named here means nothing in a frame and is ignored. */
export interface EthoraConfig {
  /** The token has to be for this app, and so has the widget. */
  readonly appId: string;
  /** Who uses the chat: a client token, signed on your server. Not `enabled`: no user, and the one before is signed out. Left out: not known yet. */
  readonly jwtLogin?: { readonly enabled: true; readonly token: string } | { readonly enabled: false; readonly token?: string };
}

export interface EthoraEmbedOptions extends Omit<EmbedOptions, "identity" | "onSignInRequest"> {
  readonly config: EthoraConfig;
  /** Which room to show first. */
  readonly chat?: Chat | null;
  /** Gets a fresh client token, where the widget's session has come to its end. Default: the token that is configured. `null`: no user is signed in here any more. */
  readonly getToken?: () => string | null | PromiseLike<string | null>;
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

/**
 * Embeds the widget, and resolves when it is connected.
 *
 * Rejects as `embed` does, and for a token that cannot be one, before anything is sent: `JWT_MALFORMED`, `JWT_ALG` (not HS256), `JWT_AMBIGUOUS`, `JWT_TYPE` (a server token, say),
 * `JWT_APP`, `JWT_NO_SUBJECT`, `JWT_EXPIRED`, `JWT_NOT_YET_VALID`.
 */
export async function embedEthora({ config, chat = null, getToken, ...options }: EthoraEmbedOptions): Promise<EthoraWidget> {
  let current = config;
  let room = checked(chat);
  const identity = identityOf(config);
  const widget: Widget = await embed({
    ...options,
    ...(identity ? { identity } : {}),
    async onSignInRequest() {
      const asked = current;
      const token = getToken && (await getToken());
      // The page may have said something else meanwhile: that counts.
      if (token !== undefined && current === asked)
        current = { appId: current.appId, jwtLogin: token === null ? { enabled: false } : { enabled: true, token } };
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
  if (config.jwtLogin?.enabled === false) await widget.setIdentity(null);
  widget.handle(ROOM, () => room);
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

function identityOf({ appId, jwtLogin }: EthoraConfig): Identity | null {
  if (!jwtLogin?.enabled) return null;
  return { account: readClientToken(jwtLogin.token, appId).subject, accessToken: jwtLogin.token };
}

function checked(chat: Chat | null): Chat | null {
  const room = roomOf(chat ?? null);
  if (room === undefined) throw new AuthframeError("CONFIG_INVALID", "a chat has either uuid or jid", "app");
  return room;
}
