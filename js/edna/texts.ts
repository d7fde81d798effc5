/** Findings about a visitor, in words. The widget's half loads them when it is asked to `diagnose()`. */
import type { EdnaFinding, EdnaFindingCode, Found } from "./visitor.js";

const TEXTS: Readonly<Record<EdnaFindingCode, readonly [problem: string, remedy: string]>> = {
  EDNA_CLIENT_ID: [
    "no usable id of a user, so this is a guest",
    "Use a text of 1 to 1024 characters that is not blank, or a finite number other than 0.",
  ],
  EDNA_CLIENT_ID_PERSONAL: [
    "looks like a phone number or an e-mail address",
    "Use an id that is hard to guess: anyone who knows it can read the history.",
  ],
  EDNA_GLOBAL_UNKNOWN: [
    "given to reInit(), and no global that the settings name, so it was not set",
    "Use the names in the settings; without them they are clientId, unauthClientId, clientData and extendedAuth.",
  ],
  EDNA_GUEST_ID: ["no usable id of a guest", "Use another text than the client's: the same one mixes their histories."],
  EDNA_CLIENT_DATA: [
    "left out: it is not the JSON text of an object",
    "Give JSON.stringify(data), of an object, in at most 65536 characters.",
  ],
  EDNA_SIGNATURE: ["left out", "Give a text of 1 to 1024 characters."],
  EDNA_COOKIE_DIRECTIVE: ["unknown directive of a cookie: it is written as it is", "If the browser ignores it, compare its spelling."],
  EDNA_COOKIE_HOST: [
    "no cookie of extendedAuth is sent to this host, where the chat's server is",
    "Serve the API and the socket on the widget's own host, or give cookie.options a Domain that both are in; or use headers and sub-protocols instead.",
  ],
  EDNA_COOKIE_NAME: [
    "cookie left out: its prefix keeps it for the widget's own server",
    "Give it a name that does not begin with __Host-, __Secure- or __Http-.",
  ],
  EDNA_COOKIE_UNLISTED: [
    "cookie left out: the widget does not let a page set it",
    "Set only what the widget lists; the widget lists names in hostCookies of connectEdna().",
  ],
  EDNA_EXTENDED_AUTH: ["has no effect", "Compare its type and range with the documentation; enabled must be exactly true."],
  EDNA_HEADER_NAME: ["header left out", "Its name must be a token, unique, and neither the widget's own nor one that browsers forbid."],
  EDNA_HEADER_UNLISTED: [
    "header left out: the widget does not let a page set it",
    "Map only what the widget lists; the widget lists names in hostHeaders of connectEdna().",
  ],
  EDNA_HEADER_VALUE: ["header left out", "Give a text of 1 to 8192 ISO-8859-1 characters without control characters."],
  EDNA_PAGES_DISAGREE: [
    "a page in another tab names another user than this one, or one of the two names none: each keeps its own, but where cookies are involved only the user who signed in last is a visitor",
    "Name the same user on all pages, and give embedEdna() an update that brings the globals up to date. Between pages with and pages without a user it may be meant.",
  ],
  EDNA_PROTOCOL: ["sub-protocol left out", "Give a token of at most 8192 characters, different from the others."],
  EDNA_COOKIE: [
    "cookie or directive left out, or not kept by the browser",
    "The options are an object; each name once; at most 4096 bytes, and with n names in the widget's hostCookies at most 6144 / n; no HttpOnly; a Path and Domain that this page can read back.",
  ],
  EDNA_TOO_MANY: [
    "left out: there are too many of its kind",
    "A visitor has at most 16 sub-protocols, and at most 16 directives for all cookies.",
  ],
  EDNA_UNWATCHED: ["cannot be watched: it was declared with var, or has a getter", "Assign to window, or call refresh()."],
};

/** No text has a value in it, only names. */
export const worded = (found: Found): EdnaFinding[] =>
  Array.from(found.values(), ([code, where]) => {
    const [problem, remedy] = TEXTS[code];
    return { code, problem: where ? `${where}: ${problem}` : problem, remedy };
  });

/** A code that has words here: the other half may be of a later version. */
export const isFindingCode = (code: unknown): code is EdnaFindingCode => typeof code === "string" && Object.hasOwn(TEXTS, code);
