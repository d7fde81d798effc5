/**
 * A sign-in and token server for tests and the demo: real HTTP, Node's own modules only. It asks for no password: never put it on a network.
 *
 *   GET  /authorize      the sign-in page; then back to `redirect_uri` with `code`, `state`, `iss`, or with `error`
 *                        (response_type=code, client_id, redirect_uri, state, scope, code_challenge, code_challenge_method=S256, response_mode=query|fragment)
 *   POST /token          grant_type=authorization_code or refresh_token → {access_token, token_type, expires_in, refresh_token, scope}
 *   POST /revoke         token=…
 *   GET  /userinfo       Authorization: Bearer …  → {sub, name}
 *   GET  /control?client=…                          → what `control` replies
 *   POST /control {client, reset?, set?, fail?, revoke?}  → {settings, requests, families}; see script.mjs and `control` below
 *
 * Switches, put in front of a path (they may be combined: `/coop/same-origin/slow/500/authorize`):
 *   /coop/<value>/…      the sign-in page with this Cross-Origin-Opener-Policy
 *   /slow/<ms>/…         the page comes so much later
 *   /answer/<error>/…    "Sign in" leads to this OAuth error (`server_error`)
 *   /state/wrong/…       the answer has another `state`
 *   /iss/wrong/… /iss/none/…   the answer has another `iss`, or none
 *
 * Any origin may read the replies.
 *
 *   node tests/servers/sign-in.mjs         listens on PORT or 8090
 */

import { realpathSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { signInPage, wrongPage } from "./pages.mjs";
import { scriptedClients } from "./script.mjs";
import { Refused, tokenStore } from "./tokens.mjs";

const NAMES = { ada: "Ada Lovelace", grace: "Grace Hopper" };
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-allow-methods": "GET, POST",
  // Without this a page cannot see the server's clock.
  "access-control-expose-headers": "date, retry-after",
  "access-control-max-age": "600",
  "cross-origin-resource-policy": "cross-origin",
};

/**
 * @returns `handle(request, response)` for a server of yours; `client(id)` (see script.mjs) and `control(wish)` to script it;
 * `listen(port)`, which resolves with `{port, close}`.
 */
export function signInServer() {
  const tokens = tokenStore();
  const { client: clientOf } = scriptedClients();

  /** @param {{client: string, reset?: boolean, set?: object, fail?: object[], revoke?: string | true}} wish `revoke` names a user; `true`: all */
  const control = ({ client: id, reset, set, fail, revoke }) => {
    if (typeof id !== "string") throw new TypeError("name a client");
    const client = clientOf(id);
    if (reset) client.reset();
    if (set) client.set(set);
    if (fail) client.fail(...fail);
    if (revoke) tokens.revokeUser(id, revoke === true ? undefined : revoke);
    return { settings: client.settings, requests: client.requests, families: tokens.familiesOf(id) };
  };

  const handle = (request, response) => {
    route(request, response).catch((error) => {
      if (error instanceof Gone) return;
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end();
      console.error(error);
    });
  };

  async function route(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const { path, switches } = readSwitches(pathname);
    response.sendDate = false;
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("date", new Date().toUTCString());
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const call = `${request.method} ${path}`;
    if (call === "GET /control") return json(response, 200, control({ client: searchParams.get("client") }));
    if (call === "POST /control") return changed(response, await body(request));
    if (call === "GET /authorize" || call === "POST /authorize") return authorize(request, response, searchParams, switches);
    if (call === "POST /token") return token(request, response);
    if (call === "POST /revoke") return revoke(request, response);
    if (call === "GET /userinfo") return userinfo(request, response, searchParams);
    return json(response, 404, { error: "not_found" });
  }

  function changed(response, text) {
    try {
      return json(response, 200, control(JSON.parse(text)));
    } catch (error) {
      return json(response, 400, { error: "invalid_request", error_description: error.message });
    }
  }

  /** Carries a request out as the test's script wants it. `work` gives the reply's body, or throws `Refused`. */
  async function scripted(request, response, client, kind, user, work) {
    const { request: record, fault } = client.begin(kind, user);
    const done = (outcome) => Object.assign(record, { outcome, doneAt: Date.now() });
    const gone = new AbortController();
    response.on("close", () => {
      if (record.outcome === null) done("gone");
      gone.abort();
    });
    const pause = (ms) =>
      wait(ms, undefined, { signal: gone.signal }).catch(() => {
        throw new Gone();
      });
    const drop = () => {
      done("dropped");
      request.socket.destroy();
    };
    const now = () => Date.now() + client.settings.skewMs;
    response.setHeader("date", new Date(now()).toUTCString());

    if (fault.delayMs) await pause(fault.delayMs);
    if (fault.drop === "before") return drop();
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
    let [status, reply] = [fault.status ?? 400, { error: fault.error ?? "server_error" }];
    if (!fault.status && !fault.error) {
      try {
        [status, reply] = [200, work(now())];
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        [status, reply] = [error.status, { error: error.error, error_description: error.message }];
      }
    }
    if (fault.holdMs) await pause(fault.holdMs);
    if (fault.drop === "after") return drop();
    done(status);
    json(response, status, reply);
  }

  async function token(request, response) {
    const form = new URLSearchParams(await body(request));
    const id = form.get("client_id") ?? "";
    const client = clientOf(id);
    const [code, refreshToken] = [form.get("code"), form.get("refresh_token")];
    switch (form.get("grant_type")) {
      case "authorization_code":
        return scripted(request, response, client, "code", tokens.userOf(code), (now) =>
          tokens.redeem(
            { code, client: id, redirectUri: form.get("redirect_uri"), verifier: form.get("code_verifier") },
            client.settings,
            now,
          ),
        );
      case "refresh_token":
        return scripted(request, response, client, "refresh", tokens.userOf(refreshToken), (now) =>
          tokens.refresh({ token: refreshToken, client: id }, client.settings, now),
        );
    }
    return json(response, 400, { error: "unsupported_grant_type" });
  }

  async function revoke(request, response) {
    const form = new URLSearchParams(await body(request));
    const given = form.get("token");
    return scripted(request, response, clientOf(form.get("client_id") ?? ""), "revoke", tokens.userOf(given), () => {
      tokens.revoke(given);
      return {};
    });
  }

  /** The client stands in the query (`client_id`), else the request is noted for the client `""`. */
  function userinfo(request, response, query) {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    return scripted(request, response, clientOf(query.get("client_id") ?? ""), "userinfo", tokens.userOf(given), (now) => {
      const { user } = tokens.check(given, now);
      return { sub: user, name: nameOf(user) };
    });
  }

  async function authorize(request, response, query, switches) {
    const [id, redirectUri, challenge] = [query.get("client_id"), readRedirect(query.get("redirect_uri")), query.get("code_challenge")];
    const wrong =
      (!id && "client_id is missing") ||
      (!redirectUri && "redirect_uri is not an http(s) address without a fragment") ||
      (query.get("response_type") !== "code" && "response_type must be code") ||
      (challenge !== null && query.get("code_challenge_method") !== "S256" && "code_challenge_method must be S256");
    if (switches.coop) response.setHeader("cross-origin-opener-policy", switches.coop);
    // Here, and not at redirect_uri: an address that is wrong must not be visited.
    if (wrong) return html(response, 400, wrongPage(wrong));

    const client = clientOf(id);
    if (request.method === "GET") {
      const { request: record } = client.begin("authorize", null);
      if (switches.slow) await wait(Number(switches.slow), undefined, { ref: false });
      Object.assign(record, { outcome: 200, doneAt: Date.now() });
      return html(response, 200, signInPage({ client: id, users: Object.entries(NAMES) }));
    }
    const form = new URLSearchParams(await body(request));
    const user = (form.get("user") ?? "").trim();
    const answer = { state: query.get("state") };
    if (form.get("do") === "cancel") answer.error = "access_denied";
    else if (switches.answer) answer.error = switches.answer;
    else if (!user || user.length > 64)
      return html(response, 400, signInPage({ client: id, users: Object.entries(NAMES), problem: "Enter a user name." }));
    else
      answer.code = tokens.makeCode(
        { client: id, redirectUri: query.get("redirect_uri"), user, scope: query.get("scope") ?? "", challenge },
        Date.now() + client.settings.skewMs,
      );
    if (switches.state) answer.state = "another";
    if (switches.iss !== "none") answer.iss = switches.iss === "wrong" ? "https://another.example" : `http://${request.headers.host}`;
    const fragment = query.get("response_mode") === "fragment";
    const parameters = fragment ? new URLSearchParams() : redirectUri.searchParams;
    for (const [name, value] of Object.entries(answer)) if (value !== null) parameters.set(name, value);
    if (fragment) redirectUri.hash = parameters.toString();
    response.writeHead(303, { location: redirectUri.href }).end();
  }

  return {
    handle,
    client: clientOf,
    control,
    async listen(port = 0) {
      const server = createServer(handle);
      await new Promise((resolve, reject) => server.once("error", reject).listen({ port, host: "127.0.0.1" }, resolve));
      return {
        port: server.address().port,
        async close() {
          server.closeAllConnections();
          await new Promise((done) => server.close(done));
        },
      };
    },
  };
}

/** The other side hung up. */
class Gone extends Error {}

function readSwitches(pathname) {
  const switches = {};
  let path = pathname;
  for (;;) {
    const match = /^\/(coop|slow|answer|state|iss)\/([\w-]+)(\/.*)$/.exec(path);
    if (!match) return { path, switches };
    switches[match[1]] = match[2];
    path = match[3];
  }
}

function readRedirect(text) {
  const url = URL.canParse(text ?? "") ? new URL(text) : null;
  return url && /^https?:$/.test(url.protocol) && !text.includes("#") ? url : null;
}

async function body(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 65_536) throw new Error("the body is too long");
  }
  return text;
}

const nameOf = (user) => (Object.hasOwn(NAMES, user) ? NAMES[user] : user);

function json(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function html(response, status, { page, policy }) {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
  });
  response.end(page);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { port } = await signInServer().listen(Number(process.env.PORT ?? 8090));
  console.log(`sign-in server for tests: http://127.0.0.1:${port}/`);
}
