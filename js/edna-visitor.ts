/** What both halves of edna know of a visitor: what may go out with a request. What the vendor's widget drops in silence is dropped here too, and said. */

import type { CookieOptions } from "./edna-cookies.js";

/** What connecting, settings and the chat's server can fail with. */
export type EdnaCode = "EDNA_HTTP_EXPIRED" | "EDNA_OFFLINE" | "EDNA_REFUSED" | "EDNA_SETTINGS" | "EDNA_VISITOR" | "EDNA_WS_EXPIRED";

/** What was left out of a visitor, and why; or, of `EDNA_CLIENT_ID_PERSONAL` and `EDNA_UNWATCHED`, what should be otherwise. */
export type EdnaFindingCode =
  | "EDNA_CLIENT_DATA" | "EDNA_CLIENT_ID" | "EDNA_CLIENT_ID_PERSONAL" | "EDNA_COOKIE" | "EDNA_EXTENDED_AUTH" | "EDNA_GUEST_ID" | "EDNA_HEADER_NAME" | "EDNA_HEADER_VALUE"
  | "EDNA_PROTOCOL" | "EDNA_SIGNATURE" | "EDNA_UNWATCHED";

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
  /** Also of a client, for when he has gone. 1 to 1,024 characters. */
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

/** Takes a finding; `where` names what it is about. */
export type Note = (code: EdnaFindingCode, where?: string) => void;

export type Found = ReadonlyMap<string, readonly [code: EdnaFindingCode, where: string]>;

/** Collects findings: one for each code and place. */
export function findings(): { readonly all: Found; readonly note: Note } {
  const all = new Map<string, readonly [EdnaFindingCode, string]>();
  // Whoever chose the name may have chosen a long one.
  return { all, note: (code, where = "") => void all.set(code + where, [code, where.slice(0, 64)]) };
}

/** Of an id, a signature. */
const LONGEST = 1024;
const DATA = 65_536;
const VALUE = 8192;

export const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const ISO_8859_1 = /^[\x20-\x7e\xa0-\xff]+$/;
const OWN = /^x-(client-token|header-encoding|ext-client-id)$/i;

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
  for (let at = 0; at < clientId.length; at++) [one, two] = [Math.imul(one ^ clientId.charCodeAt(at), 0x01000193), Math.imul(two ^ clientId.charCodeAt(at), 0x5bd1e995)];
  return `${clientId.slice(0, 230)}${one >>> 0}.${two >>> 0}`;
}

/**
 * A frozen copy of what may go out, or `null` if this is no visitor. Both halves ask: the page's to say what is wrong where it can be mended, the widget's because it trusts no page.
 * @param checkCookies of `edna-cookies.ts`, which a widget loads for a visitor with cookies
 */
export function checkVisitor(said: unknown, note: Note, checkCookies: (cookies: unknown, options: unknown, note: Note) => Pick<Visitor, "cookies" | "cookieOptions">): Visitor | null {
  const { clientId, guestId, clientData, signature, headers, protocols, cookies, cookieOptions, codes } = Object(said) as { readonly [K in keyof Visitor]?: unknown };
  if (!usable(guestId) || (clientId !== null && !usable(clientId))) return null;
  if (clientId !== null && personal(clientId)) note("EDNA_CLIENT_ID_PERSONAL", "clientId");
  if (clientId === guestId) note("EDNA_GUEST_ID");

  const optional = (value: unknown, fine: (text: string) => boolean, code: EdnaFindingCode) => {
    if (value == null || (typeof value === "string" && fine(value))) return value ?? null;
    note(code);
    return null;
  };
  const names = new Set<string>();
  const kept = Object.entries(Object(headers) as object).filter(([name, value]) => {
    const once = name.toLowerCase();
    const named = TOKEN.test(name) && !OWN.test(name) && !names.has(once);
    const valued = typeof value === "string" && value.length <= VALUE && ISO_8859_1.test(value);
    if (!named || !valued) note(named ? "EDNA_HEADER_VALUE" : "EDNA_HEADER_NAME", name);
    else names.add(once);
    return named && valued;
  });
  const offered = new Set<string>();
  list(protocols).forEach((value, place) => {
    if (typeof value === "string" && value.length <= VALUE && TOKEN.test(value) && !offered.has(value)) offered.add(value);
    else note("EDNA_PROTOCOL", `${place + 1}`);
  });
  const status = (code: unknown) => (Number.isInteger(code) ? (code as number) : null);
  const { http, ws } = Object(codes) as { http?: unknown; ws?: unknown };
  return Object.freeze({
    clientId,
    guestId,
    clientData: optional(clientData, text => text.length <= DATA && json(text), "EDNA_CLIENT_DATA"),
    signature: optional(signature, usable, "EDNA_SIGNATURE"),
    headers: Object.fromEntries(kept) as Record<string, string>,
    protocols: [...offered],
    ...checkCookies(cookies, cookieOptions, note),
    codes: { http: status(http), ws: status(ws) },
  }) as Visitor;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
