/**
 * authframe/host/edna: embeds a widget that speaks to an edna chat (`authframe/edna`), below a page that was made for the vendor's own: the same settings.json names the same globals, and
 * what they say is handed to the widget, but only what the settings map.
 *
 * @example
 * import { embedEdna } from "authframe/host/edna";
 * window.clientId = "user-1";
 * window.clientData = JSON.stringify({ name: "Ada Lovelace", phone: "+44 20 7946 0000" });
 * window.extendedAuth = { token };
 * const chat = await embedEdna({
 *   container: document.querySelector("#chat"), src: "https://chat.example/widget", title: "Chat", settings: "/settings.json",
 * });
 * window.extendedAuth = { token: next }; // Noticed by itself.
 * window.clientId = "user-2"; await chat.refresh();
 */

import { type EmbedOptions, embed, type Identity, type Widget } from "../host/index.js";
import { AuthframeError } from "../shared/error.js";
import { extend } from "../shared/extend.js";
import { report } from "../shared/report.js";
import { type EdnaSettingsFile, loadSettings } from "./settings-file.js";
import { worded } from "./texts.js";
import type { EdnaFinding } from "./visitor.js";
import { type EdnaExpired, VisitorLink } from "./visitor-link.js";
import { withLock } from "./web-locks.js";

export { AuthframeError } from "../host/index.js";
export type { EdnaSettings } from "./settings.js";
export type { EdnaSettingsFile } from "./settings-file.js";
export type { CookieOptions, EdnaFinding, EdnaFindingCode } from "./visitor.js";
export type { EdnaExpired } from "./visitor-link.js";

declare global {
  interface Window {
    // The names of the vendor's settings; a page whose settings map others declares those.
    clientId?: unknown;
    clientData?: unknown;
    extendedAuth?: unknown;
  }
}

/** So long a tab waits for the others, in milliseconds: each needs less than one. */
const GUEST_WAIT = 2000;

export interface EdnaEmbedOptions extends Omit<EmbedOptions, "identity" | "onSignInRequest"> {
  /** As the vendor's embed takes them: the address of a settings.json, which is fetched anew, or its content. */
  readonly settings: string | URL | EdnaSettingsFile;
  /** Brings the globals up to date before they are read because another tab has signed a user in or out. It may take 20 s. What it throws is reported, and they are read as they are. */
  readonly update?: () => unknown;
  /** The chat's server says that `extendedAuth` has expired (`httpTokenExpiredCode`, `wsTokenExpiredCode`): replace it. */
  readonly onExpired?: (expired: EdnaExpired) => unknown;
}

/** The widget as its page sees it. */
export interface EdnaWidget extends Widget {
  /**
   * What of the page's globals and settings had to be left out when they were read last, and what about them is not safe. Also what the widget has left out, such as a header that it does
   * not list in `hostHeaders`: that is here once the widget has answered.
   */
  readonly findings: readonly EdnaFinding[];
  /** Reads the globals again: another user, or none, or other data. A client whom this page named and names no more is signed out, in every tab. Resolves when the widget has taken it. Rejects as `setIdentity`. */
  refresh(): Promise<void>;
  /**
   * As the vendor's: notifies the chat's server that the client is not there any more (`CLIENT_OFFLINE`), if the widget has a socket. Who visits stays as it is. A client who is signed out needs no such call.
   * Rejects as `request`.
   */
  clientLogout(): Promise<void>;
  /**
   * As the vendor's: sets globals, by the names that the settings give them, and reads all again. `undefined` keeps one, `null` clears it. With `settings`, these hold from now on.
   * What was called later counts: then neither the settings nor the globals of this call are taken.
   * Rejects as {@link refresh} and, for settings, as {@link embedEdna}.
   */
  reInit(next: { readonly settings?: string | URL | EdnaSettingsFile; readonly [global: string]: unknown }): Promise<void>;
}

/**
 * Embeds the widget, and resolves when it is connected. A page whose globals name no user is a guest's, and takes nothing from a page in another tab that names one. What is left of the session
 * of a user whose pages have all gone is ended.
 *
 * Rejects as `embed` does, with `CONFIG_INVALID` if `update` or `onExpired` is no function, and with `EDNA_SETTINGS` if the settings cannot be loaded or are no object. What is wrong with a
 * global rejects nothing: see {@link EdnaWidget.findings}.
 */
export async function embedEdna(given: EdnaEmbedOptions): Promise<EdnaWidget> {
  if (typeof document === "undefined") throw new AuthframeError("ENV_UNSUPPORTED", "call this in a browser window", "app");
  const { settings, update, onExpired, ...options } = Object(given) as EdnaEmbedOptions;
  for (const [name, option] of Object.entries({ update, onExpired })) {
    if (option !== undefined && typeof option !== "function")
      throw new AuthframeError("CONFIG_INVALID", `${name}: give a function, or leave it out`, "app");
  }
  const loaded = await loadSettings(settings);
  const link = await oneTabAtATime(() => new VisitorLink(loaded, update));
  const identity = link.identity();
  const widget = await embedFor(link, identity, options);
  link.attach(widget, onExpired);
  // It is another one by now.
  if (link.isStale) await nameUser(link, widget, identity !== null);
  return withFace(widget, link);
}

/** Of several tabs that are opened at once the first one makes the guest's id, and the others find it. */
async function oneTabAtATime<T>(work: () => T): Promise<T> {
  let made: { readonly value: T } | undefined;
  const make = () => {
    made = { value: work() };
  };
  await withLock("authframe.edna.guest", GUEST_WAIT, new AbortController().signal, make);
  return made!.value;
}

async function embedFor(link: VisitorLink, identity: Identity | null, options: EmbedOptions): Promise<Widget> {
  try {
    return await embed({
      ...options,
      ...(identity ? { identity } : {}),
      async onSignInRequest() {
        await link.updated();
        return link.identity();
      },
    });
  } catch (error) {
    link.page.close();
    throw error;
  }
}

async function nameUser(link: VisitorLink, widget: Widget, isNaming: boolean): Promise<void> {
  try {
    await link.send(undefined, isNaming);
  } catch (error) {
    if (widget.connection === "connected") report(error);
  }
}

function withFace(widget: Widget, link: VisitorLink): EdnaWidget {
  let calls = 0;
  const face: Pick<EdnaWidget, "clientLogout" | "refresh" | "reInit"> = {
    clientLogout: () => link.clientLogout(),
    refresh() {
      calls++;
      return link.send();
    },
    async reInit(given) {
      const { settings, ...globals } = Object(given) as typeof given;
      calls++;
      const call = calls;
      const loaded = settings === undefined ? null : await loadSettings(settings);
      // The user that was named while they were loaded stays.
      if (call === calls) link.page.reset(loaded, globals);
      await link.send();
    },
  };
  return Object.defineProperty(extend(widget, face), "findings", {
    get: () => worded(link.found),
    enumerable: true,
  }) as EdnaWidget;
}
