/** How a page's globals become a visitor: the page's half alone reads them. Names and defaults are those of the vendor's settings.json. */
import { randomHex } from "../shared/random.js";
import { field } from "../shared/read.js";
import { TOKEN } from "./allowed-names.js";
import { checkVisitor, isCode } from "./check-visitor.js";
import { directives } from "./cookies.js";
import { type CookieOptions, isUsableId, type Note, type Visitor } from "./visitor.js";

/** In the vendor's form: 8 characters of base 36, then 32 hexadecimal digits. */
export const newGuestId = (): string => {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => (byte % 36).toString(36));
  return digits.join("") + randomHex();
};

/** The part of settings.json that says who visits. Everything else in it means nothing here. */
export interface EdnaSettings {
  /** The names of globals, not their values. Defaults: `"clientId"`, `"unauthClientId"`, `"clientData"`; no `signature`. */
  readonly clientId?: string;
  readonly unauthClientId?: string;
  readonly clientData?: string;
  readonly signature?: string;
  readonly backend?: {
    readonly rootUrl?: string;
    /** Of the guest's cookie. Default: `{"Max-Age": 15552000}`, 180 days. */
    readonly unauthorizedHistory?: { readonly cookie?: CookieOptions };
  };
  /** Where older settings have it. It counts first, unless `backend` has a `rootUrl`. */
  readonly unauthorizedHistory?: { readonly cookie?: CookieOptions };
  readonly extendedAuth?: {
    /** Default `"extendedAuth"`. */
    readonly dataKey?: string;
    readonly http?: { readonly enabled: boolean; readonly headersMap: Readonly<Record<string, string>> };
    readonly ws?: { readonly enabled: boolean; readonly dataMap: readonly string[] | Readonly<Record<string, string>> };
    readonly cookie?: { readonly enabled: boolean; readonly options?: CookieOptions };
    /** A status, 100 to 599. */
    readonly httpTokenExpiredCode?: number;
    /** A close code, 1000 to 4999. */
    readonly wsTokenExpiredCode?: number;
  };
}

/** 180 days in seconds: what the vendor's widget takes. Its documentation says an hour. */
const GUEST_LIFE = 15_552_000;

type Loose = Readonly<Record<string, unknown>>;

const object = (value: unknown): Loose => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {});
const named = (name: unknown, fallback: string): string => (typeof name === "string" && name ? name : fallback);

/** Which globals the settings name. */
export function globalNames(settings: EdnaSettings) {
  const { clientId, unauthClientId, clientData, signature } = settings;
  return {
    clientId: named(clientId, "clientId"),
    unauthClientId: named(unauthClientId, "unauthClientId"),
    clientData: named(clientData, "clientData"),
    signature: named(signature, ""),
    extendedAuth: named(object(settings.extendedAuth)["dataKey"], "extendedAuth"),
  };
}

/** The directives of the guest's cookie, as they are configured. */
export function guestCookie(settings: EdnaSettings, secure: boolean, note: Note): CookieOptions {
  const backend = object(settings.backend);
  const cookieIn = (part: Loose) => object(part["unauthorizedHistory"])["cookie"];
  const older = typeof backend["rootUrl"] === "string" ? undefined : cookieIn(settings as Loose);
  const options = directives(older ?? cookieIn(backend) ?? { "Max-Age": GUEST_LIFE }, note);
  const has = (name: RegExp) => Object.keys(options).some((key) => name.test(key));
  return { ...options, ...(has(/^samesite$/i) ? {} : { SameSite: "Lax" }), ...(has(/^secure$/i) || !secure ? {} : { Secure: true }) };
}

/** A text or a number that names a user, as text; `null` for what names none. */
export function idOf(value: unknown, note: Note, code: "EDNA_CLIENT_ID" | "EDNA_GUEST_ID", name: string): string | null {
  // The vendor takes these for no user, and so may a page that clears its globals.
  if (value == null || value === "" || value === 0 || value === false) return null;
  const text = Number.isFinite(value) ? String(value) : value;
  if (isUsableId(text)) return text;
  note(code, name);
  return null;
}

/**
 * What the globals say.
 * @param read gives the global of a name, `undefined` if there is none
 * @param guestId of this browser, also while a client is signed in
 */
export function readVisitor(settings: EdnaSettings, read: (name: string) => unknown, guestId: string, note: Note): Visitor {
  const names = globalNames(settings);
  const auth = object(settings.extendedAuth);
  const [http, ws, cookie] = [object(auth["http"]), object(auth["ws"]), object(auth["cookie"])];
  const enabled = [on(http, "http", note), on(ws, "ws", note), !!cookie["enabled"]];
  const given = read(names.extendedAuth);
  const data = object(given);
  const usable = data === given;
  if (enabled.includes(true) && !usable) note("EDNA_EXTENDED_AUTH", names.extendedAuth);
  const [byHeaders, byProtocols, byCookies] = enabled.map((on) => on && usable);
  // The page's own object: a getter of it that throws is a property that is not there.
  const own = (name: unknown) => (typeof name === "string" ? field(data, name) : undefined);

  const headers = byHeaders ? entries(http["headersMap"], "headersMap", note) : [];
  const { dataMap } = ws;
  const offered = !byProtocols
    ? []
    : Array.isArray(dataMap)
      ? (dataMap as unknown[])
      : entries(dataMap, "dataMap", note).map(([, name]) => name);
  const protocols = offered.flatMap((entry): string[] => {
    const value = typeof entry === "string" ? own(entry.trim()) : undefined;
    if (typeof value === "string" && TOKEN.test(value)) return [value];
    note("EDNA_PROTOCOL", Object(entry) === entry ? typeof entry : String(entry));
    return [];
  });
  const plain = (value: unknown) => (/^(string|number|boolean)$/.test(typeof value) ? String(value) : undefined);
  const code = (key: "http" | "ws") => {
    const name = `${key}TokenExpiredCode`;
    const given = [auth, http, ws, cookie].map((part) => part[name]).filter((value) => value !== undefined && value !== null);
    const usable = given.find((value) => isCode(key, value));
    if (given.length > 0 && usable === undefined) note("EDNA_EXTENDED_AUTH", name);
    return usable ?? null;
  };
  return checkVisitor(
    {
      clientId: idOf(read(names.clientId), note, "EDNA_CLIENT_ID", names.clientId),
      guestId,
      // An empty one is none.
      clientData: read(names.clientData) || null,
      signature: names.signature ? (read(names.signature) ?? "") : null,
      // The vendor skips a blank name.
      headers: Object.fromEntries(headers.map(([name, property]) => [name.trim(), own(property)] as const).filter(([name]) => name)),
      protocols,
      cookies: byCookies ? Object.keys(data).map((name) => [name, plain(own(name))]) : [],
      cookieOptions: byCookies ? cookie["options"] : {},
      codes: { http: code("http"), ws: code("ws") },
    },
    note,
    null,
  )!;
}

/** Exactly `true`, as the vendor has it. */
function on(part: Loose, name: string, note: Note): boolean {
  if (part["enabled"] && part["enabled"] !== true) note("EDNA_EXTENDED_AUTH", name);
  return part["enabled"] === true;
}

function entries(map: unknown, name: string, note: Note): [string, unknown][] {
  if (object(map) !== map) note("EDNA_EXTENDED_AUTH", name);
  return Object.entries(object(map));
}
