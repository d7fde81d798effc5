/**
 * The demo's stand-in for a vendor's login server: who is signed in, by an opaque cookie, in memory.
 *
 *   GET    /api/session              → 200 {account: {subject, name}, accessToken, expiresAt} or 204: nobody
 *   POST   /api/session {subject}    → the same, signed in                (the demo asks for no password)
 *   POST   /api/session {hostToken}  → the same, for the user whom the host page's token names; 403 if the token is not one of ours
 *   DELETE /api/session              → 204, signed out
 *
 * The cookie is Partitioned, so that a widget below host.localhost and one below other.localhost have separate ones, as their
 * storage has. Browsers treat http://*.localhost as secure, so `Secure` and the `__Host-` prefix work without https.
 */
import { randomBytes } from "node:crypto";

const COOKIE = "__Host-demo";
const ACCOUNTS = { ada: "Ada Lovelace", grace: "Grace Hopper" };
const HOUR = 3_600_000;

export function sessionApi() {
  const sessions = new Map();
  return async function session(request, response) {
    // Another site can make the browser send a request, but not with this header.
    if (request.headers["sec-fetch-site"] && request.headers["sec-fetch-site"] !== "same-origin") return reply(response, 403, null);
    const id = readCookie(request.headers.cookie);
    if (request.method === "GET") return reply(response, sessions.has(id) ? 200 : 204, sessions.get(id));
    if (request.method === "DELETE") {
      sessions.delete(id);
      return reply(response, 204, null, `${COOKIE}=; Max-Age=0`);
    }
    if (request.method !== "POST" || request.headers["content-type"] !== "application/json") return reply(response, 405, null);
    const body = await readJson(request);
    const subject = body?.subject ?? subjectOf(body?.hostToken);
    if (typeof subject !== "string" || !Object.hasOwn(ACCOUNTS, subject)) return reply(response, 403, null);
    const fresh = randomBytes(16).toString("hex");
    const signedIn = {
      account: { subject, name: ACCOUNTS[subject] },
      accessToken: `demo-access-${randomBytes(12).toString("hex")}`,
      expiresAt: Date.now() + HOUR,
    };
    if (sessions.size > 1000) sessions.clear();
    sessions.delete(id);
    sessions.set(fresh, signedIn);
    return reply(response, 200, signedIn, `${COOKIE}=${fresh}; Max-Age=86400`);
  };
}

/** The host page of the demo hands out `demo-host-<subject>`; a real one would be signed by the host's backend and checked here. */
function subjectOf(hostToken) {
  return typeof hostToken === "string" ? /^demo-host-(\w+)$/.exec(hostToken)?.[1] : undefined;
}

function readCookie(header = "") {
  for (const part of header.split(";")) {
    const [name, value] = part.trim().split("=");
    if (name === COOKIE) return value;
  }
  return undefined;
}

async function readJson(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 4096) return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reply(response, status, body, cookie) {
  const headers = { "cache-control": "private, no-cache", "content-type": "application/json" };
  if (cookie) headers["set-cookie"] = `${cookie}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned`;
  response.writeHead(status, headers);
  response.end(body ? JSON.stringify(body) : undefined);
}
