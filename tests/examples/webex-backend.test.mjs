/** `npm run test:examples`: the backend that has a Webex app's secret, before an imitation of the token endpoint. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { bodyOf, listener, send } from "../servers/http.mjs";
import { runBackend } from "./backend.mjs";

const SECRET = "the app's secret & more";
const TOKENS = {
  access_token: "access-1",
  token_type: "Bearer",
  expires_in: 1_209_599,
  refresh_token: "refresh-1",
  refresh_token_expires_in: 7_775_999,
  scope: "spark:webrtc_calling",
};

/** What came, and what is to be replied. */
let asked;
let reply;
const endpoint = listener(async (request, response) => {
  asked.push({ method: request.method, path: request.url, form: Object.fromEntries(new URLSearchParams(await bodyOf(request))) });
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  send(response, reply.status, reply.body);
});
let provider;
let backend;

before(async () => {
  provider = await endpoint.listen();
  backend = await runBackend("webex-backend", {
    WEBEX_CLIENT_ID: "C1",
    WEBEX_CLIENT_SECRET: SECRET,
    WEBEX_TOKEN_URL: `http://127.0.0.1:${provider.port}/v1/access_token`,
  });
});

beforeEach(() => {
  asked = [];
  reply = { status: 200, body: TOKENS };
});

after(async () => {
  await backend?.close();
  await provider?.close();
});

const post = (path, body, type = "application/json") =>
  backend.call(path, { method: "POST", headers: { "content-type": type }, body: JSON.stringify(body) });
const CODE = { code: "code-1", redirectUri: "https://chat.example/callback", codeVerifier: "verifier-1" };
const exchange = () => post("/api/webex/exchange", CODE);
const refresh = () => post("/api/webex/refresh", { refreshToken: "refresh-0" });

test("webex-backend: a code is exchanged with the app's secret, and the tokens are not kept", async () => {
  const answer = await exchange();
  assert.deepEqual([answer.status, answer.headers.get("cache-control"), await answer.json()], [200, "no-store", TOKENS]);
  const form = {
    grant_type: "authorization_code",
    client_id: "C1",
    client_secret: SECRET,
    code: "code-1",
    redirect_uri: "https://chat.example/callback",
    code_verifier: "verifier-1",
  };
  assert.deepEqual(asked, [{ method: "POST", path: "/v1/access_token", form }]);
});

test("webex-backend: a refresh token is exchanged", async () => {
  const answer = await refresh();
  assert.deepEqual([answer.status, await answer.json()], [200, TOKENS]);
  const form = { grant_type: "refresh_token", client_id: "C1", client_secret: SECRET, refresh_token: "refresh-0" };
  assert.deepEqual(
    asked.map((request) => request.form),
    [form],
  );
});

test("webex-backend: a body that is not the documented one is refused, and the provider is not asked", async () => {
  const { redirectUri, ...short } = CODE;
  assert.equal((await post("/api/webex/exchange", short)).status, 422);
  assert.equal((await post("/api/webex/refresh", { refreshToken: 7 })).status, 422);
  assert.equal((await post("/api/webex/refresh", { refreshToken: "r" }, "text/plain")).status, 415);
  const broken = { method: "POST", headers: { "content-type": "application/json" }, body: "{" };
  assert.equal((await backend.call("/api/webex/refresh", broken)).status, 400);
  assert.equal((await backend.call("/api/webex/refresh")).status, 405);
  assert.deepEqual(asked, []);
});

test("webex-backend: no other site's page can make a browser ask it", async () => {
  // The type that it insists on needs a preflight, which it does not answer with leave.
  const preflight = await backend.call("/api/webex/exchange", {
    method: "OPTIONS",
    headers: { origin: "https://other.example", "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
  });
  assert.deepEqual([preflight.ok, preflight.headers.get("access-control-allow-origin")], [false, null]);
});

test("webex-backend: what the provider refuses is 400 with its error alone", async () => {
  for (const status of [400, 401]) {
    reply = { status, body: { error: "invalid_grant", error_description: `${SECRET} is wrong` } };
    const answer = await refresh();
    assert.deepEqual([answer.status, await answer.json()], [400, { error: "invalid_grant" }]);
  }
});

test("webex-backend: what cannot be answered now is 503 with the provider's Retry-After, or five seconds", async () => {
  for (const [status, headers, seconds] of [
    [429, { "retry-after": "17" }, "17"],
    [503, {}, "5"],
    [500, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, "5"],
  ]) {
    reply = { status, headers, body: {} };
    const answer = await exchange();
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [503, seconds]);
  }
});

test("webex-backend: an answer without a token, or a redirect, is no tokens, and the secret goes to no other address", async () => {
  reply = { status: 200, body: { hello: "world" } };
  assert.equal((await exchange()).status, 502);
  reply = { status: 307, headers: { location: `http://127.0.0.1:${provider.port}/elsewhere` }, body: {} };
  assert.equal((await exchange()).status, 503);
  assert.deepEqual(
    asked.map(({ path }) => path),
    ["/v1/access_token", "/v1/access_token"],
  );
});
