/** What may go out of what a page says of its visitor. Both halves ask: the page's to report what is wrong where it can be corrected, the widget's because it trusts no page. */
import { field } from "../shared/read.js";
import { type Allowed, isHeaderName, TOKEN } from "./allowed-names.js";
import { checkCookies } from "./cookies.js";
import { type EdnaFindingCode, isUsableId, type Note, type Visitor } from "./visitor.js";

/** Longest `clientData`. */
const DATA = 65_536;
/** Longest value of a header, longest sub-protocol. */
const VALUE = 8192;
const MOST_PROTOCOLS = 16;
const ISO_8859_1 = /^[\x20-\x7e\xa0-\xff]+$/;

/**
 * A frozen copy of what may go out, or `null` if this is no visitor.
 * @param allowed the names that the widget lists; `null` in the page's half, which does not know them
 */
export function checkVisitor(said: unknown, note: Note, allowed: Allowed | null): Visitor | null {
  const from = (key: keyof Visitor) => field(said, key);
  const clientId = from("clientId");
  const guestId = from("guestId");
  if (!isUsableId(guestId) || (clientId !== null && !isUsableId(clientId))) return null;
  if (clientId !== null && isPersonal(clientId)) note("EDNA_CLIENT_ID_PERSONAL", "clientId");
  if (clientId === guestId) note("EDNA_GUEST_ID");
  const headers = checkHeaders(from("headers"), note, allowed);
  const protocols = checkProtocols(from("protocols"), note);
  return Object.freeze({
    clientId,
    guestId,
    clientData: optionalText(from("clientData"), isClientData, "EDNA_CLIENT_DATA", note),
    signature: optionalText(from("signature"), isUsableId, "EDNA_SIGNATURE", note),
    headers,
    protocols,
    ...checkCookies(from("cookies"), from("cookieOptions"), note, allowed?.cookies ?? null),
    codes: { http: codeOf(from("codes"), "http"), ws: codeOf(from("codes"), "ws") },
  });
}

function checkHeaders(given: unknown, note: Note, allowed: Allowed | null): Record<string, string> {
  const headers = new Map<string, readonly [name: string, value: string]>();
  for (const name of Object.keys(Object(given) as object)) {
    const lowerCase = name.toLowerCase();
    const value = field(given, name);
    if (!isHeaderName(name) || headers.has(lowerCase)) note("EDNA_HEADER_NAME", name);
    else if (allowed && !allowed.headers.includes(lowerCase)) note("EDNA_HEADER_UNLISTED", name);
    else if (typeof value !== "string" || value.length > VALUE || !ISO_8859_1.test(value)) note("EDNA_HEADER_VALUE", name);
    else headers.set(lowerCase, [name, value]);
  }
  return Object.fromEntries(headers.values());
}

function checkProtocols(given: unknown, note: Note): string[] {
  const protocols = new Set<string>();
  const values = Array.isArray(given) ? (given as unknown[]) : [];
  values.forEach((value, place) => {
    const fine = typeof value === "string" && value.length <= VALUE && TOKEN.test(value) && !protocols.has(value);
    if (!fine) note("EDNA_PROTOCOL", `${place + 1}`);
    else if (protocols.size === MOST_PROTOCOLS) note("EDNA_TOO_MANY", `sub-protocol ${place + 1}`);
    else protocols.add(value);
  });
  return [...protocols];
}

/** Absent and `null` are the same. */
function optionalText(value: unknown, isFine: (text: string) => boolean, code: EdnaFindingCode, note: Note): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && isFine(value)) return value;
  note(code);
  return null;
}

function isClientData(text: string): boolean {
  if (text.length > DATA) return false;
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === "object" && data !== null && !Array.isArray(data);
  } catch {
    return false;
  }
}

/** The range of what can be a status, or a close code. */
const RANGES = { http: [100, 599], ws: [1000, 4999] } as const;

const codeOf = (codes: unknown, key: "http" | "ws"): number | null => {
  const code = field(codes, key);
  return isCode(key, code) ? code : null;
};

export function isCode(key: "http" | "ws", code: unknown): code is number {
  const [least, most] = RANGES[key];
  return Number.isInteger(code) && (code as number) >= least && (code as number) <= most;
}

/** An e-mail address or a phone number, which others can guess. */
const isPersonal = (id: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(id) || /^(\+\d{7,15}|\d{10,15})$/.test(id.replace(/[\s().-]/g, ""));
