/** What both halves of edna know of a visitor: what may go out with a request. What the vendor's widget drops in silence is dropped here too, and reported. */

import type { CookieOptions } from "./cookies.js";
import { field } from "../shared/read.js";

/** What connecting, settings and the chat's server can fail with. */
export type EdnaCode = "EDNA_HTTP_EXPIRED" | "EDNA_OFFLINE" | "EDNA_REFUSED" | "EDNA_SETTINGS" | "EDNA_VISITOR" | "EDNA_WS_EXPIRED";

/** What was left out of a visitor, and why; or, of `EDNA_CLIENT_ID_PERSONAL` and `EDNA_UNWATCHED`, what should be otherwise. */
export type EdnaFindingCode =
  | "EDNA_CLIENT_DATA"
  | "EDNA_CLIENT_ID"
  | "EDNA_CLIENT_ID_PERSONAL"
  | "EDNA_COOKIE"
  | "EDNA_COOKIE_NAME"
  | "EDNA_COOKIE_UNLISTED"
  | "EDNA_EXTENDED_AUTH"
  | "EDNA_GUEST_ID"
  | "EDNA_HEADER_NAME"
  | "EDNA_HEADER_UNLISTED"
  | "EDNA_HEADER_VALUE"
  | "EDNA_PROTOCOL"
  | "EDNA_SIGNATURE"
  | "EDNA_TOO_MANY"
  | "EDNA_UNWATCHED";

/** The form of `diagnose()`. No text has a value in it, only names. */
export interface EdnaFinding {
  readonly code: EdnaFindingCode;
  readonly problem: string;
  readonly remedy: string;
}

/** Who visits the page: only what is mapped, never the whole of `extendedAuth`. */
export interface Visitor {
  /** `null`: a guest. 1 to 1,024 characters. */
  readonly clientId: string | null;
  /** Also of a client: it counts again once the client has gone. 1 to 1,024 characters. */
  readonly guestId: string;
  /** A JSON text as the page wrote it, at most 65,536 characters. */
  readonly clientData: string | null;
  readonly signature: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** WebSocket sub-protocols, in their order. */
  readonly protocols: readonly string[];
  /** Names and values, not encoded. */
  readonly cookies: readonly (readonly [name: string, value: string])[];
  readonly cookieOptions: CookieOptions;
  /** The HTTP status and the close code that mean: `extendedAuth` has expired. */
  readonly codes: { readonly http: number | null; readonly ws: number | null };
}

/** The names that a widget lets its pages set: headers in lower case, cookies as they are. */
export interface Allowed {
  readonly headers: readonly string[];
  readonly cookies: readonly string[];
}

/** Takes a finding; `where` names what it is about. */
export type Note = (code: EdnaFindingCode, where?: string) => void;

export type Found = ReadonlyMap<string, readonly [code: EdnaFindingCode, where: string]>;

/** Collects findings: one for each code and place. A page may name anything, so their number and the length of a name are bounded. */
export function findings(): { readonly all: Found; readonly note: Note } {
  const all = new Map<string, readonly [EdnaFindingCode, string]>();
  return {
    all,
    note(code, where = "") {
      const name = where.slice(0, NAME);
      if (all.size < FINDINGS) all.set(code + name, [code, name]);
    },
  };
}

/** Of an id, a signature. */
const LONGEST = 1024;
const DATA = 65_536;
const VALUE = 8192;
/** Of a header, of a cookie; also as a finding names it. */
const NAME = 64;
/** So many findings are kept. */
const FINDINGS = 64;
/** So many names a widget may list, of headers and of cookies; and so many sub-protocols a visitor may have. */
const MOST = 16;

export const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const ISO_8859_1 = /^[\x20-\x7e\xa0-\xff]+$/;
const OWN = /^x-(client-token|header-encoding|ext-client-id)$/i;
/** Those of the connection, and those that browsers keep for themselves and leave out of a request in silence. */
const FORBIDDEN =
  /^(accept-(charset|encoding)|access-control-.*|connection|content-length|(set-)?cookie2?|date|dnt|expect|host|http2-settings|keep-alive|origin|referer|te|trailers?|transfer-encoding|upgrade|via|(proxy|sec)-.*)$/i;
/** Cookies of these names are the widget's own, with a promise by the browser. It takes them in any case of letters. */
const PREFIXED = /^__(host|secure|http)-/i;

/** What the vendor's documented settings use, and nothing else. */
const DOCUMENTED: Allowed = { headers: ["Header-Name", "X-Auth-Token", "X-Token-Type"], cookies: ["custom-property", "token", "type"] };

/** The widget's own lists, or in words what is wrong with them. */
export function allowedNames(headers: unknown = DOCUMENTED.headers, cookies: unknown = DOCUMENTED.cookies): Allowed | string {
  const problem = (option: string, names: unknown, wrong: (name: string) => string | false) => {
    if (!Array.isArray(names)) return `${option}: give an array of names`;
    if (names.length > MOST) return `${option}: ${names.length} names, at most ${MOST}`;
    for (const name of names as unknown[]) {
      const shown = `${option}: ${typeof name === "string" ? JSON.stringify(name.slice(0, NAME)) : typeof name}`;
      if (typeof name !== "string" || !name || name.length > NAME || /\p{Cs}/u.test(name))
        return `${shown} is no name: give texts of 1 to ${NAME} characters`;
      const why = wrong(name);
      if (why) return `${shown} ${why}`;
    }
    return "";
  };
  return (
    problem("hostHeaders", headers, (name) =>
      !TOKEN.test(name)
        ? "is no name of a header: use letters, digits and -"
        : FORBIDDEN.test(name)
          ? "belongs to the browser or the connection: leave it out"
          : OWN.test(name) && "is what this widget itself says of its visitor: leave it out",
    ) ||
    problem(
      "hostCookies",
      cookies,
      (name) => PREFIXED.test(name) && "has a prefix that keeps it for the widget's own server: leave it out",
    ) || { headers: (headers as string[]).map((name) => name.toLowerCase()), cookies: [...(cookies as string[])] }
  );
}

/** What names a visitor: a text that can be percent-encoded, so without half of a surrogate pair. */
export const usable = (id: unknown): id is string => typeof id === "string" && id !== "" && id.length <= LONGEST && !/\p{Cs}/u.test(id);

const personal = (id: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(id) || /^(\+\d{7,15}|\d{10,15})$/.test(id.replace(/[\s().-]/g, ""));

function json(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Who a client is in the session, where a subject has at most 256 characters: the id itself, or of a longer one (an encrypted id, say) its beginning and a checksum of all of it.
 */
export function subjectOf(clientId: string): string {
  if (clientId.length <= 256) return clientId;
  let [one, two] = [5381, 52711];
  for (let at = 0; at < clientId.length; at++)
    [one, two] = [Math.imul(one ^ clientId.charCodeAt(at), 0x01000193), Math.imul(two ^ clientId.charCodeAt(at), 0x5bd1e995)];
  return `${clientId.slice(0, 230)}${one >>> 0}.${two >>> 0}`;
}

/** Of `cookies.ts`. `names`: those that the widget lists, `null` in the page's half, which does not know them. */
export type CheckCookies = (
  cookies: unknown,
  options: unknown,
  note: Note,
  names: readonly string[] | null,
) => Pick<Visitor, "cookies" | "cookieOptions">;

/**
 * A frozen copy of what may go out, or `null` if this is no visitor. Both halves ask: the page's to report what is wrong where it can be corrected, the widget's because it trusts no page.
 * @param allowed the names that the widget lists; `null` in the page's half, which does not know them
 */
export function checkVisitor(said: unknown, note: Note, checkCookies: CheckCookies, allowed: Allowed | null): Visitor | null {
  const from = (key: keyof Visitor) => field(said, key);
  const [clientId, guestId] = [from("clientId"), from("guestId")];
  if (!usable(guestId) || (clientId !== null && !usable(clientId))) return null;
  if (clientId !== null && personal(clientId)) note("EDNA_CLIENT_ID_PERSONAL", "clientId");
  if (clientId === guestId) note("EDNA_GUEST_ID");

  const optional = (value: unknown, fine: (text: string) => boolean, code: EdnaFindingCode) => {
    if (value == null || (typeof value === "string" && fine(value))) return value ?? null;
    note(code);
    return null;
  };
  const headers = new Map<string, readonly [name: string, value: string]>();
  const given = from("headers");
  for (const name of Object.keys(Object(given) as object)) {
    const once = name.toLowerCase();
    const value = field(given, name);
    if (!TOKEN.test(name) || OWN.test(name) || FORBIDDEN.test(name) || headers.has(once)) note("EDNA_HEADER_NAME", name);
    else if (allowed && !allowed.headers.includes(once)) note("EDNA_HEADER_UNLISTED", name);
    else if (typeof value !== "string" || value.length > VALUE || !ISO_8859_1.test(value)) note("EDNA_HEADER_VALUE", name);
    else headers.set(once, [name, value]);
  }
  const offered = new Set<string>();
  list(from("protocols")).forEach((value, place) => {
    const fine = typeof value === "string" && value.length <= VALUE && TOKEN.test(value) && !offered.has(value);
    if (!fine) note("EDNA_PROTOCOL", `${place + 1}`);
    else if (offered.size === MOST) note("EDNA_TOO_MANY", `sub-protocol ${place + 1}`);
    else offered.add(value);
  });
  const codes = from("codes");
  const status = (key: "http" | "ws") => field(codes, key, (code) => (Number.isInteger(code) ? (code as number) : undefined)) ?? null;
  return Object.freeze({
    clientId,
    guestId,
    clientData: optional(from("clientData"), (text) => text.length <= DATA && json(text), "EDNA_CLIENT_DATA"),
    signature: optional(from("signature"), usable, "EDNA_SIGNATURE"),
    headers: Object.fromEntries(headers.values()),
    protocols: [...offered],
    ...checkCookies(from("cookies"), from("cookieOptions"), note, allowed && allowed.cookies),
    codes: { http: status("http"), ws: status("ws") },
  }) as Visitor;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
