/**
 * What a browser may check of an Ethora client token before it is sent anywhere: its shape, not its signature, whose key no page has. Two shapes are known, the flat one of the
 * original guide, `{email, type, appId}`, and the nested one of the vendor's SDK, `{data: {type, userId, appId}}`.
 */

import { AuthframeError } from "../shared/error.js";
import type { EthoraErrorCode } from "../shared/error-codes.js";

/** The user that a client token names. */
export interface ClientToken {
  /** The host's own id of the user; of a flat token the e-mail address, in lower case. */
  readonly subject: string;
  /** When it ends, if it says so. */
  readonly expiresAt: number | null;
}

/** The server's time, as its replies say it, is known to so many milliseconds. */
const LEEWAY = 60_000;
/** A browser's clock may be wrong by so much, and nothing shows it: the server judges by its own. */
const LEEWAY_OF_A_BROWSER = 86_400_000;
const LONGEST = 16_384;
const SUBJECT = 256;

const TEXTS = {
  JWT_MALFORMED: "this is no JWT with a JSON object in it: give what your server's clientToken() returned",
  JWT_ALG: "client tokens are signed with HS256",
  JWT_AMBIGUOUS: "the token says one thing in `data` and another beside it",
  JWT_TYPE: "its type is not `client`: a server token must never be in a page",
  JWT_APP: "it is for another appId",
  JWT_SUBJECT: "it names another user than the page does",
  JWT_NO_SUBJECT: "it names no user: set data.userId, or email",
  JWT_EXPIRED: "it has expired: sign a new one",
  JWT_NOT_YET_VALID: "it is not valid yet: compare the clocks",
} as const satisfies Partial<Record<EthoraErrorCode, string>>;

/** What is sent: white space around a token and the prefix `JWT `, both of which the vendor's component takes, are no part of it. What is no text stays as it is. */
export const bareToken = (token: unknown): unknown => (typeof token === "string" ? token.trim().replace(/^JWT\s+/, "") : token);

/**
 * Reads a client token.
 * @param named the user that it has to name, if that is known
 * @param now by the server's clock, to a minute. Left out: by this browser's, which may be a day wrong
 * @throws AuthframeError `JWT_MALFORMED`, `JWT_ALG`, `JWT_AMBIGUOUS`, `JWT_TYPE`, `JWT_APP`, `JWT_NO_SUBJECT`, `JWT_SUBJECT`, `JWT_EXPIRED`, `JWT_NOT_YET_VALID`. No text of theirs has the token in it.
 */
export function readClientToken(token: unknown, appId: string, named?: string, now?: number): ClientToken {
  const { header, payload, isSigned } = parts(token) ?? {};
  if (!header || !payload) throw refuse("JWT_MALFORMED");
  // First, because a token that says `none` has no signature.
  if (header["alg"] !== "HS256") throw refuse("JWT_ALG");
  if (!isSigned) throw refuse("JWT_MALFORMED");
  const { data, exp = null, nbf = null } = payload;
  const nested = object(data);
  const { type, appId: app } = nested ?? payload;
  const differs = (key: string) => nested && key in payload && payload[key] !== nested[key];
  if (["type", "appId", "userId"].some(differs)) throw refuse("JWT_AMBIGUOUS");
  if (type !== "client") throw refuse("JWT_TYPE");
  if (app !== appId) throw refuse("JWT_APP");
  const said = nested ? nested["userId"] : payload["email"];
  if (typeof said !== "string" || !said || said.length > SUBJECT) throw refuse("JWT_NO_SUBJECT");
  // For comparison only: what is sent is the token.
  const subject = nested ? said : said.normalize("NFC").toLowerCase();
  if (named !== undefined && named !== subject) throw refuse("JWT_SUBJECT");
  const moment = (seconds: unknown) => {
    if (seconds !== null && !Number.isFinite(seconds)) throw refuse("JWT_MALFORMED");
    return seconds === null ? null : (seconds as number) * 1000;
  };
  const [expiresAt, from] = [moment(exp), moment(nbf)];
  const [clock, leeway] = now === undefined ? [Date.now(), LEEWAY_OF_A_BROWSER] : [now, LEEWAY];
  if (expiresAt !== null && expiresAt + leeway <= clock) throw refuse("JWT_EXPIRED");
  if (from !== null && from - leeway > clock) throw refuse("JWT_NOT_YET_VALID");
  return { subject, expiresAt };
}

const refuse = (code: keyof typeof TEXTS) => new AuthframeError(code, TEXTS[code], "host");

/** How long a token lives from its making on, in seconds, if it says so: that needs no clock. */
export function lifetime(token: string): number | null {
  const { payload } = parts(token) ?? {};
  const life = Number(payload?.["exp"]) - Number(payload?.["iat"]);
  return life > 0 ? life : null;
}

/** When a token was made, in milliseconds since 1970, if it says so. */
export function issuedAt(token: string): number | null {
  const iat = parts(token)?.payload?.["iat"];
  return Number.isFinite(iat) ? (iat as number) * 1000 : null;
}

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json | null =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;

interface Parts {
  readonly header: Json | null;
  readonly payload: Json | null;
  readonly isSigned: boolean;
}

function parts(given: unknown): Parts | null {
  const token = bareToken(given);
  if (typeof token !== "string" || token.length > LONGEST) return null;
  const encoded = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(token);
  if (!encoded) return null;
  const read = (part: string) => {
    try {
      const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
      return object(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    } catch {
      return null;
    }
  };
  return { header: read(encoded[1]!), payload: read(encoded[2]!), isSigned: encoded[3] !== "" };
}
