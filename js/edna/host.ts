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
import { cookieOf, cookieText, writeCookie } from "./cookies.js";
import { type EdnaSettings, globalNames, guestCookie, idOf, newGuestId, readVisitor } from "./settings.js";
import { known, worded } from "./texts.js";
import { type EdnaFinding, type Found, findings, subjectOf, usable, type Visitor } from "./visitor.js";
import { text } from "../shared/read.js";
import { AuthframeError, embed, type EmbedOptions, type Identity, type Widget } from "../host/index.js";

export { AuthframeError } from "../host/index.js";
export type { CookieOptions } from "./cookies.js";
export type { EdnaSettings } from "./settings.js";
export type { EdnaFinding, EdnaFindingCode } from "./visitor.js";

/** A settings.json: what counts is its `webchat`, or all of it if it has none. */
export type EdnaSettingsFile = EdnaSettings & { readonly webchat?: EdnaSettings };

export interface EdnaEmbedOptions extends Omit<EmbedOptions, "identity" | "onSignInRequest"> {
  /** As the vendor's embed takes them: the address of a settings.json, which is fetched anew, or its content. */
  readonly settings: string | URL | EdnaSettingsFile;
  /** Brings the globals up to date before they are read because another tab has signed somebody in or out. What it throws is reported, and they are read as they are. */
  readonly update?: () => unknown;
  /** The chat's server says that `extendedAuth` has expired (`httpTokenExpiredCode`, `wsTokenExpiredCode`): replace it. */
  readonly onExpired?: (expired: EdnaExpired) => void;
}

export interface EdnaExpired {
  readonly type: "HTTP" | "WS";
  /** The status, or the close code. */
  readonly status: number;
}

/** The widget as its page sees it. */
export interface EdnaWidget extends Widget {
  /**
   * What of the page's globals and settings had to be left out when they were read last, and what about them is not safe. Also what the widget has left out, such as a header that it does
   * not list in `hostHeaders`: that is here once the widget has answered.
   */
  readonly findings: readonly EdnaFinding[];
  /** Reads the globals again: another user, or nobody, or other data. Resolves when the widget has taken it. Rejects as `setIdentity`. */
  refresh(): Promise<void>;
  /**
   * As the vendor's: sets globals, by the names that the settings give them, and reads all again. `undefined` keeps one, `null` clears it. With `settings`, these hold from now on.
   * What was called later counts: then neither the settings nor the globals of this call are taken.
   * Rejects as {@link refresh} and, for settings, as {@link embedEdna}.
   */
  reInit(next: { readonly settings?: string | URL | EdnaSettingsFile; readonly [global: string]: unknown }): Promise<void>;
}

const VISITOR = "edna:visitor";
const EXPIRED = "edna:expired";
const FOUND = "edna:findings";
const GUEST = "unauthorizedId";

/**
 * Embeds the widget, and resolves when it is connected. Nobody in the globals means that nobody is signed in, in any tab.
 *
 * Rejects as `embed` does, with `CONFIG_INVALID` if `update` or `onExpired` is no function, and with `EDNA_SETTINGS` if the settings cannot be loaded or are no object. What is wrong with a
 * global rejects nothing: see {@link EdnaWidget.findings}.
 */
export async function embedEdna(given: EdnaEmbedOptions): Promise<EdnaWidget> {
  if (typeof document === "undefined") throw new AuthframeError("ENV_UNSUPPORTED", "call this in a browser window", "app");
  const { settings: source, update, onExpired, ...options } = Object(given) as EdnaEmbedOptions;
  for (const [name, option] of Object.entries({ update, onExpired })) {
    if (option !== undefined && typeof option !== "function")
      throw new AuthframeError("CONFIG_INVALID", `${name}: give a function, or leave it out`, "app");
  }
  let settings = await load(source);
  let found = findings();
  /** What the widget has found: it has its own list of names, and the last word on what is sent. */
  let refused: Found = new Map();
  let unwatch = watch();
  let guest = startGuest();
  let visitor = look();
  let widget: Widget | undefined;
  /** What the page changes meanwhile is told as the answer. */
  let updating = 0;
  /** Whom `embed` tells to a widget that was loaded anew. */
  let told: string | null = null;

  /** The guest's id: the page's own, or the one that this browser has kept, or a new one. Its life begins anew. */
  function startGuest(): { readonly id: string; readonly kept: boolean } {
    const names = globalNames(settings);
    const given = idOf(global(names.unauthClientId), quiet, "EDNA_GUEST_ID", "");
    const client = idOf(global(names.clientId), quiet, "EDNA_CLIENT_ID", "");
    // One id for both would mix their histories.
    const id = [given, cookieOf(GUEST)].find((id) => usable(id) && id !== client) ?? newGuestId();
    writeCookie(cookieText(GUEST, id, guestCookie(settings, location.protocol === "https:", quiet)));
    return { id, kept: cookieOf(GUEST) === id };
  }

  function look(): Visitor {
    found = findings();
    const { note } = found;
    const { unauthClientId, extendedAuth } = globalNames(settings);
    guestCookie(settings, true, note);
    const given = idOf(global(unauthClientId), note, "EDNA_GUEST_ID", unauthClientId);
    if (given !== null && given !== guest.id) note("EDNA_GUEST_ID", unauthClientId);
    if (!guest.kept) note("EDNA_COOKIE", GUEST);
    if (!unwatch) note("EDNA_UNWATCHED", extendedAuth);
    const visitor = readVisitor(settings, global, guest.id, note);
    if (visitor.clientId !== guest.id) return visitor;
    // One id for both would mix their histories.
    guest = startGuest();
    return { ...visitor, guestId: guest.id };
  }

  /** Hears that the object is replaced; a change within it is not one. */
  function watch() {
    // Whatever else the page changes in the same breath belongs to it.
    return watchGlobal(globalNames(settings).extendedAuth, () =>
      queueMicrotask(() => void (updating || tell(visitor.clientId).catch(reportError))),
    );
  }

  /** Says what the globals say now; who it is only if that is not `known`. */
  async function tell(known?: string | null): Promise<void> {
    visitor = look();
    if (!widget) return;
    // First, because the widget asks for the user that it is about to sign in. A widget that is being loaded asks by itself.
    if (widget.connection === "connected") widget.send(VISITOR, visitor);
    if (visitor.clientId !== known) await widget.setIdentity(named(visitor));
  }

  async function again(): Promise<Visitor> {
    updating++;
    try {
      await inTime(update?.());
    } catch (error) {
      reportError(error);
    }
    updating--;
    return (visitor = look());
  }

  function named({ clientId, clientData }: Visitor): Identity | null {
    told = clientId;
    if (clientId === null) return null;
    const { name } = Object(JSON.parse(clientData ?? "{}")) as { name?: unknown };
    return { account: { subject: subjectOf(clientId), name: typeof name === "string" ? name.slice(0, 256) : null } };
  }

  const identity = named(visitor);
  try {
    widget = await embed({ ...options, ...(identity ? { identity } : {}), onSignInRequest: async () => named(await again()) });
  } catch (error) {
    unwatch?.();
    throw error;
  }
  const { setIdentity } = widget;
  widget.handle(VISITOR, again);
  widget.handle(EXPIRED, (said) => {
    const { type, status } = Object(said) as { type?: unknown; status?: unknown };
    if ((type === "HTTP" || type === "WS") && Number.isInteger(status)) onExpired?.({ type, status: status as number });
  });
  widget.handle(FOUND, (said) => void (refused = heard(said)));
  widget.onConnection((state) => {
    if (state === "closed") unwatch?.();
    // The page may name another one by now, because another tab has told it so.
    if (state === "disconnected" && visitor.clientId !== told) void setIdentity(named(visitor)).catch(quiet);
  });
  // Nobody here is nobody anywhere; or it is another one by now.
  if (!identity || visitor.clientId !== told)
    await setIdentity(named(visitor)).catch((error: unknown) => widget!.connection === "connected" && reportError(error));

  let calls = 0;
  const face: Pick<EdnaWidget, "refresh" | "reInit"> = {
    refresh: () => (calls++, tell()),
    async reInit(given) {
      const { settings: next, ...globals } = Object(given) as typeof given;
      const call = ++calls;
      if (next !== undefined) {
        const loaded = await load(next);
        // The user that was named while they were loaded stays.
        if (call !== calls) return tell();
        unwatch?.();
        settings = loaded;
        unwatch = watch();
      }
      const names = Object.values(globalNames(settings));
      for (const [name, value] of Object.entries(globals))
        if (value !== undefined && names.includes(name)) (window as unknown as Globals)[name] = value;
      guest = startGuest();
      await tell();
    },
  };
  return Object.defineProperty(Object.assign(widget, face), "findings", {
    get: () => worded(new Map([...found.all, ...refused])),
    enumerable: true,
  }) as EdnaWidget;
}

const quiet = () => {};

/** The widget's findings, as far as this half knows their words. */
function heard(said: unknown): Found {
  const { all, note } = findings();
  for (const entry of Array.isArray(said) ? (said as unknown[]) : []) {
    const [code, where] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (known(code)) note(code, text(64)(where) ?? "");
  }
  return all;
}

/** So long the page may take to bring its globals up to date. */
const PATIENCE = 20_000;

/** One that never ends would keep its widget waiting for ever. */
async function inTime(work: unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("update() did not end within 20 s: what the globals say by then counts")), PATIENCE);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

type Globals = Record<string, unknown>;

function global(name: string): unknown {
  try {
    return (window as unknown as Globals)[name];
  } catch {
    return undefined;
  }
}

async function load(source: string | URL | EdnaSettingsFile): Promise<EdnaSettings> {
  try {
    let file: unknown = source;
    if (typeof source === "string" || source instanceof URL) {
      const response = await fetch(source, { cache: "no-store" });
      if (!response.ok) throw new Error(`status ${response.status}`);
      file = await response.json();
    }
    const part = (file as EdnaSettingsFile).webchat ?? file;
    if (typeof part !== "object" || Array.isArray(part)) throw new TypeError("no object");
    return part as EdnaSettings;
  } catch (cause) {
    throw new AuthframeError("EDNA_SETTINGS", "settings: give the object, or an address that it can be read from", "app", cause);
  }
}

/** What is watched: several widgets of one page watch the same global. */
const watched = new Map<string, Set<() => void>>();

/** Calls after every assignment to a global. `null` if the browser does not let it be watched. */
function watchGlobal(name: string, listener: () => void): (() => void) | null {
  const set = watched.get(name) ?? new Set();
  if (!watched.has(name)) {
    // A getter of the page's own stays.
    if (Object.getOwnPropertyDescriptor(window, name)?.get) return null;
    let value = global(name);
    try {
      Object.defineProperty(window, name, {
        configurable: true,
        enumerable: true,
        get: () => value,
        set(next) {
          value = next;
          for (const told of [...set]) told();
        },
      });
    } catch {
      return null;
    }
    watched.set(name, set);
  }
  set.add(listener);
  return () => {
    if (!set.delete(listener) || set.size > 0) return;
    watched.delete(name);
    try {
      Object.defineProperty(window, name, { configurable: true, enumerable: true, writable: true, value: global(name) });
    } catch {
      // The page has made something else of it meanwhile.
    }
  };
}
