/** What both halves of edna know of a visitor. What the vendor's widget drops in silence is dropped here too, and reported as a finding. */

/** What was left out of a visitor, and why; or, of `EDNA_CLIENT_ID_PERSONAL`, `EDNA_COOKIE_DIRECTIVE`, `EDNA_COOKIE_HOST`, `EDNA_PAGES_DISAGREE` and `EDNA_UNWATCHED`, what should be otherwise. */
export type EdnaFindingCode =
  | "EDNA_CLIENT_DATA"
  | "EDNA_CLIENT_ID"
  | "EDNA_CLIENT_ID_PERSONAL"
  | "EDNA_COOKIE"
  | "EDNA_COOKIE_DIRECTIVE"
  | "EDNA_COOKIE_HOST"
  | "EDNA_COOKIE_NAME"
  | "EDNA_COOKIE_UNLISTED"
  | "EDNA_EXTENDED_AUTH"
  | "EDNA_GLOBAL_UNKNOWN"
  | "EDNA_GUEST_ID"
  | "EDNA_HEADER_NAME"
  | "EDNA_HEADER_UNLISTED"
  | "EDNA_HEADER_VALUE"
  | "EDNA_PAGES_DISAGREE"
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

/** Values of cookie directives; `true`: the bare word, `false`: left out. */
export type CookieOptions = Readonly<Record<string, string | number | boolean | Date>>;

/** Who visits the page: only what is mapped, never the whole of `extendedAuth`. */
export interface Visitor {
  /** `null`: a guest. 1 to 1,024 characters. */
  readonly clientId: string | null;
  /** Also of a client: it counts again once the client has gone. 1 to 1,024 characters. */
  readonly guestId: string;
  /** The JSON text of an object as the page wrote it, at most 65,536 characters. */
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

/** Collects findings: one for each code and place. A page may name anything, so their number and the length of a name are bounded. */
export function findings(): { readonly all: Found; readonly note: Note } {
  const all = new Map<string, readonly [EdnaFindingCode, string]>();
  return {
    all,
    note(code, where = "") {
      const name = beginning(where, NAME);
      if (all.size < FINDINGS) all.set(code + name, [code, name]);
    },
  };
}

/** Of an id, a signature. */
const LONGEST = 1024;
/** Of what a finding names. */
const NAME = 64;
/** So many findings are kept. */
const FINDINGS = 64;

/** What names a visitor, or a visitor's browser: a text that is not blank and can be percent-encoded, so without half of a surrogate pair. */
export const isUsableId = (id: unknown): id is string =>
  typeof id === "string" && id.length <= LONGEST && /\S/.test(id) && !/\p{Cs}/u.test(id);

/**
 * Who a client is in the session, where a subject has at most 256 characters: the id itself, or of a longer one (an encrypted id, say) its beginning and a checksum of all of it.
 */
export const subjectOf = (clientId: string): string => (clientId.length <= 256 ? clientId : beginning(clientId, 230) + checksum(clientId));

/** Who a visitor is, in all tabs. */
export const identityOf = ({ clientId, guestId }: Visitor): string =>
  clientId === null ? `guest ${guestId}` : identityOfClient(subjectOf(clientId));

export const identityOfClient = (subject: string): string => `client ${subject}`;

/** At most so many characters of a text, without half of a surrogate pair at the end. */
export const beginning = (text: string, length: number): string => text.slice(0, length).replace(/[\ud800-\udbff]$/, "");

/** At most 21 characters; no secret can be made of it, nor is it one. */
export function checksum(text: string): string {
  let one = 5381;
  let two = 52711;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x5bd1e995);
  }
  return `${one >>> 0}.${two >>> 0}`;
}
