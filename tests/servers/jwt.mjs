/** JSON Web Tokens as Ethora uses them: HS256, keys are text. No clock: the time is an argument, in ms since 1970. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** What is wrong with a token: `malformed`, `alg_not_allowed`, `bad_signature`, `expired` or `not_yet_valid`. */
export class BadToken extends Error {}

const hmac = (key, text) => createHmac("sha256", key).update(text);
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signature = (text, key) => hmac(key, text).digest("base64url");

/** The key that Ethora's kit for backends signs with. `purpose`: `client` or `server`. */
export const derivedKey = (secret, purpose) => hmac(secret, `ethora:${purpose}:v1`).digest("hex");

/** A signed token. `key` null leaves the signature empty, and `header` may be anything: for tokens that must be refused. */
export function sign(payload, key, header = { alg: "HS256", typ: "JWT" }) {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${key === null ? "" : signature(text, key)}`;
}

/** Header and payload; nothing is checked but the form. */
export function read(token) {
  const match = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(token ?? "");
  const [header, payload] = match ? [object(match[1]), object(match[2])] : [];
  if (!header || !payload) throw new BadToken("malformed");
  return { header, payload };
}

/** The payload of a token that is signed with one of the `keys` and good at this time. */
export function verify(token, keys, now) {
  const { header, payload } = read(token);
  if (header.alg !== "HS256") throw new BadToken("alg_not_allowed");
  const cut = token.lastIndexOf(".");
  const [text, given] = [token.slice(0, cut), Buffer.from(token.slice(cut + 1))];
  const fits = (key) => {
    const right = Buffer.from(signature(text, key));
    return right.length === given.length && timingSafeEqual(right, given);
  };
  if (!keys.some(fits)) throw new BadToken("bad_signature");
  const { exp, nbf } = payload;
  for (const time of [exp, nbf]) if (time !== undefined && !Number.isFinite(time)) throw new BadToken("malformed");
  if (exp !== undefined && exp * 1000 <= now) throw new BadToken("expired");
  if (nbf !== undefined && nbf * 1000 > now) throw new BadToken("not_yet_valid");
  return payload;
}

function object(text) {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "base64url")));
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
