// The registrar and the OAuth provider that the tests and the demo use: what they refuse.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { oidcServer } from "../servers/oidc.mjs";
import { registrar } from "../servers/registrar.mjs";

let [lines, at, self] = [];
let [oidc, issuer, server] = [];
const REDIRECT = "http://widget.localhost/callback.html";
const HEADERS = {
  authorization: "Bearer token-ada",
  "cisco-device-url": "https://wdm.example/1",
  "spark-user-agent": "webex-calling/beta",
  trackingid: "webex-web-client_3f2504e0-4f89-41d3-9a0c-0305e82c3301",
  "content-type": "application/json",
};
const BODY = { userId: "ada", clientDeviceUri: "https://wdm.example/1", serviceData: { indicator: "calling", domain: "" } };

before(async () => {
  const made = registrar();
  lines = await made.listen();
  at = `http://127.0.0.1:${lines.port}/one/api/v1/`;
  self = made.named("one");
  server = createServer((request, response) => oidc.handle(request, response));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  issuer = `http://127.0.0.1:${server.address().port}`;
  oidc = oidcServer({ issuer, redirectUris: [REDIRECT] });
});
after(async () => {
  await lines.close();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  self.reset();
  oidc.reset();
});

const ask = async (method, path, { headers = HEADERS, body } = {}) => {
  const reply = await fetch(at + path, { method, headers, body: body && JSON.stringify(body) });
  return [reply.status, await reply.json().catch(() => null)];
};
const register = (body = BODY, headers = HEADERS) => ask("POST", "calling/web/device", { body, headers });

test("the registrar takes what the SDK sends, and nothing else", async () => {
  const [status, { device, keepaliveInterval }] = await register();
  assert.deepEqual([status, keepaliveInterval, device.uri], [200, 30, `${at}calling/web/devices/${device.deviceId}`]);
  assert.deepEqual(await ask("POST", `calling/web/devices/${device.deviceId}/status`), [200, {}]);
  assert.equal((await ask("GET", "calling/web/devices?userid=ada"))[1].devices.length, 1);
  assert.deepEqual(await ask("DELETE", `calling/web/devices/${device.deviceId}`), [200, {}]);
  for (const path of [`calling/web/devices/${device.deviceId}/status`, "calling/web/nothing"])
    assert.equal((await ask("POST", path))[0], 404);
  assert.equal((await fetch(`${at}ping`)).status, 200);
  for (const body of [
    {},
    { ...BODY, more: 1 },
    { ...BODY, clientDeviceUri: "https://wdm.example/2" },
    { ...BODY, serviceData: { indicator: "x", domain: "" } },
    { ...BODY, serviceData: { indicator: "calling" } },
  ])
    assert.equal((await register(body))[0], 400);
  for (const [name, expected] of [
    ["authorization", 401],
    ["spark-user-agent", 400],
    ["cisco-device-url", 400],
    ["trackingid", 400],
  ]) {
    const { [name]: _, ...rest } = HEADERS;
    assert.equal((await register(BODY, rest))[0], expected, name);
  }
  assert.equal((await register(BODY, { ...HEADERS, authorization: "Bearer stolen" }))[0], 401);
});

test("the same device registers in its own place; another one finds the limit, or puts it out", async () => {
  const other = { ...BODY, clientDeviceUri: "https://wdm.example/2" };
  const headers = { ...HEADERS, "cisco-device-url": "https://wdm.example/2" };
  const [, { device }] = await register();
  await register();
  assert.deepEqual([self.devices.size, self.most], [1, 1]);
  self.set({ limit: 1 });
  const [status, refusal] = await register(other, headers);
  assert.deepEqual([status, refusal.errorCode, refusal.devices.length, refusal.devices[0].user], [403, 101, 1, undefined]);
  self.set({ limit: 2, supersede: true });
  const [first] = self.devices.keys();
  await register(other, headers);
  assert.deepEqual(
    [
      (await ask("POST", `calling/web/devices/${first}/status`))[0],
      (await ask("POST", `calling/web/devices/${device.deviceId}/status`))[0],
    ],
    [409, 404],
  );
});

/** As a browser without JavaScript would sign in. Gives the parameters of the response. */
async function authorize(query) {
  const jar = new Map();
  const go = async (url, init = {}) => {
    const reply = await fetch(new URL(url, issuer), {
      redirect: "manual",
      ...init,
      headers: { cookie: [...jar].map((pair) => pair.join("=")).join("; ") },
    });
    for (const line of reply.headers.getSetCookie()) jar.set(...line.split(";")[0].split("="));
    return reply;
  };
  let reply = await go(
    `/auth?${new URLSearchParams({ response_type: "code", redirect_uri: REDIRECT, scope: "spark:kms", state: "s", ...query })}`,
  );
  for (;;) {
    const next = reply.headers.get("location");
    if (next === null) return { status: reply.status };
    if (next.startsWith(REDIRECT)) return Object.fromEntries(new URL(next).searchParams);
    reply = next.startsWith("/interaction/")
      ? await go(next, { method: "POST", body: new URLSearchParams({ user: "ada", do: "sign-in" }) })
      : await go(next);
  }
}
const token = async (form) => {
  const reply = await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(form) });
  return [reply.status, await reply.json()];
};
const SECRET = { client_id: "backend-app", client_secret: "backend-secret" };

test("the provider wants PKCE of a public client, its verifier, and each code once", async () => {
  const missing = await authorize({ client_id: "pkce-widget" });
  assert.equal(missing.error, "invalid_request");
  // RFC 7636, appendix B.
  const challenge = {
    client_id: "pkce-widget",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  };
  const { code, iss, state } = await authorize(challenge);
  assert.deepEqual([iss, state], [issuer, "s"]);
  const form = { grant_type: "authorization_code", client_id: "pkce-widget", redirect_uri: REDIRECT, code };
  assert.equal((await token({ ...form, code_verifier: "x".repeat(43) }))[1].error, "invalid_grant");
  const again = (await authorize(challenge)).code;
  const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const [status, tokens] = await token({ ...form, code: again, code_verifier: verifier });
  assert.deepEqual([status, tokens.token_type, tokens.expires_in, await oidc.userOf(tokens.access_token)], [200, "Bearer", 3600, "ada"]);
  assert.equal((await token({ ...form, code: again, code_verifier: verifier }))[1].error, "invalid_grant");
  assert.equal(await oidc.userOf(tokens.access_token), null, "a code that is used twice ends what came of it");
});

test("the provider gives each refresh token's successor once, and none after a revocation", async () => {
  oidc.settings.accessTokenSeconds = 7;
  const { code } = await authorize({ client_id: "backend-app" });
  assert.equal(
    (await token({ grant_type: "authorization_code", client_id: "backend-app", client_secret: "wrong", redirect_uri: REDIRECT, code }))[0],
    401,
  );
  const [, first] = await token({ grant_type: "authorization_code", ...SECRET, redirect_uri: REDIRECT, code });
  assert.equal(first.expires_in, 7);
  const [status, second] = await token({ grant_type: "refresh_token", ...SECRET, refresh_token: first.refresh_token });
  assert.deepEqual([status, second.refresh_token === first.refresh_token], [200, false]);
  const revoked = await fetch(`${issuer}/token/revocation`, {
    method: "POST",
    body: new URLSearchParams({ ...SECRET, token: second.refresh_token }),
  });
  assert.equal(revoked.status, 200);
  assert.deepEqual(
    [
      (await token({ grant_type: "refresh_token", ...SECRET, refresh_token: second.refresh_token }))[1].error,
      await oidc.userOf(second.access_token),
    ],
    ["invalid_grant", null],
  );
  oidc.settings.fail.push(503);
  assert.equal((await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(SECRET) })).status, 503);
  assert.deepEqual(
    oidc.requests.map(({ path, status }) => [path, status]),
    [
      ["/token", 401],
      ["/token", 200],
      ["/token", 200],
      ["/token/revocation", 200],
      ["/token", 400],
    ],
  );
});
