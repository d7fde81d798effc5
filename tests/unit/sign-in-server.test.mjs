/** The sign-in server that other tests stand on, over real HTTP. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { signInServer } from "../servers/sign-in.mjs";
import { challengeOf } from "../servers/tokens.mjs";

const server = signInServer();
const REDIRECT = "https://widget.example/callback?keep=1";
let [base, running, clients] = ["", null, 0];
before(async () => {
  running = await server.listen();
  base = `http://127.0.0.1:${running.port}`;
});
after(() => running.close());

const fresh = () => `client-${++clients}`;
const address = (client, more = {}, switches = "") =>
  `${base}${switches}/authorize?${new URLSearchParams({ response_type: "code", client_id: client, redirect_uri: REDIRECT, state: "s1", ...more })}`;
const decide = async (url, form) => {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
  return new URL(response.headers.get("location"));
};
const post = async (path, form) => {
  const response = await fetch(base + path, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, headers: response.headers, ...(await response.json()) };
};
const codeFor = async (client, more) => (await decide(address(client, more), { user: "ada", do: "sign-in" })).searchParams.get("code");
const redeem = (client, code, more = {}) =>
  post("/token", { grant_type: "authorization_code", client_id: client, redirect_uri: REDIRECT, code, ...more });
const signIn = async (client) => redeem(client, await codeFor(client));
const refresh = (client, { refresh_token }) => post("/token", { grant_type: "refresh_token", client_id: client, refresh_token });
const userinfo = (client, { access_token }) =>
  fetch(`${base}/userinfo?client_id=${client}`, { headers: { authorization: `Bearer ${access_token}` } });

test("sign-in server: the page, the way back, the code, the tokens, who it is", async () => {
  const client = fresh();
  const page = await fetch(address(client));
  assert.equal(page.status, 200);
  assert.match(await page.text(), /Sign in/);
  const back = await decide(address(client), { user: "ada", do: "sign-in" });
  assert.equal(back.origin + back.pathname, "https://widget.example/callback");
  assert.equal(back.searchParams.get("keep"), "1");
  assert.equal(back.searchParams.get("state"), "s1");
  assert.equal(back.searchParams.get("iss"), base);
  const tokens = await redeem(client, back.searchParams.get("code"));
  assert.deepEqual([tokens.status, tokens.token_type, tokens.expires_in], [200, "Bearer", 3600]);
  assert.equal(tokens.headers.get("cache-control"), "no-store");
  assert.equal(tokens.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(await (await userinfo(client, tokens)).json(), { sub: "ada", name: "Ada Lovelace" });
});

test("sign-in server: cancel, another error, the fragment, and the switches that lie", async () => {
  const client = fresh();
  const said = (url, form = { user: "ada", do: "sign-in" }) => decide(url, form);
  assert.equal((await said(address(client), { do: "cancel" })).searchParams.get("error"), "access_denied");
  assert.equal((await said(address(client, {}, "/answer/server_error"))).searchParams.get("error"), "server_error");
  assert.equal((await said(address(client, {}, "/state/wrong"))).searchParams.get("state"), "another");
  assert.equal((await said(address(client, {}, "/iss/wrong"))).searchParams.get("iss"), "https://another.example");
  assert.equal((await said(address(client, {}, "/iss/none"))).searchParams.has("iss"), false);
  const fragment = await said(address(client, { response_mode: "fragment" }));
  assert.match(fragment.hash, /code=code-/);
  assert.equal(fragment.searchParams.has("code"), false);
  assert.equal((await fetch(address(client, {}, "/coop/same-origin/slow/5"))).headers.get("cross-origin-opener-policy"), "same-origin");
});

test("sign-in server: a request that is wrong gets a page and no redirect", async () => {
  const client = fresh();
  for (const more of [
    { redirect_uri: "javascript:alert(1)" },
    { redirect_uri: "https://a.example/#x" },
    { response_type: "token" },
    { client_id: "" },
    { code_challenge: "x", code_challenge_method: "plain" },
  ]) {
    const response = await fetch(address(client, more), { redirect: "manual" });
    assert.equal(response.status, 400, JSON.stringify(more));
  }
});

test("sign-in server: a code is good once, for its client, its redirect_uri and its PKCE verifier", async () => {
  const client = fresh();
  const verifier = randomBytes(32).toString("base64url");
  const pkce = { code_challenge: challengeOf(verifier), code_challenge_method: "S256" };
  assert.equal((await redeem(client, await codeFor(client, pkce))).error, "invalid_grant");
  assert.equal((await redeem(client, await codeFor(client, pkce), { code_verifier: "another" })).error, "invalid_grant");
  assert.equal((await redeem(fresh(), await codeFor(client))).error, "invalid_grant");
  assert.equal((await redeem(client, await codeFor(client), { redirect_uri: "https://widget.example/other" })).error, "invalid_grant");
  const code = await codeFor(client, pkce);
  const tokens = await redeem(client, code, { code_verifier: verifier });
  assert.equal(tokens.status, 200);
  assert.equal((await redeem(client, code, { code_verifier: verifier })).error, "invalid_grant");
  assert.equal((await userinfo(client, tokens)).status, 401, "the second use takes the tokens back");
});

test("sign-in server, strict: a refresh token used twice ends the whole family", async () => {
  const client = fresh();
  const first = await signIn(client);
  const second = await refresh(client, first);
  assert.equal(second.status, 200);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.deepEqual([(await refresh(client, first)).error, (await refresh(client, second)).error], ["invalid_grant", "invalid_grant"]);
  assert.equal((await userinfo(client, second)).status, 401);
  assert.deepEqual(server.control({ client }).families, [{ user: "ada", revoked: "refresh token used twice" }]);
});

test("sign-in server, grace: within the window a used refresh token gives the same successor, after it the family ends", async () => {
  const client = fresh();
  server.client(client).set({ reuse: "grace", graceMs: 60_000 });
  const first = await signIn(client);
  const [second, again] = [await refresh(client, first), await refresh(client, first)];
  assert.deepEqual([again.status, again.refresh_token, again.access_token], [200, second.refresh_token, second.access_token]);
  assert.equal((await refresh(client, second)).status, 200);
  server.client(client).set({ graceMs: -1 });
  assert.equal((await refresh(client, first)).error, "invalid_grant");
  assert.equal(server.control({ client }).families[0].revoked, "refresh token used twice");
});

test("sign-in server: scripted failures, in order, and what was asked when", async () => {
  const client = fresh();
  const { fail, requests, count } = server.client(client);
  const tokens = await signIn(client);
  fail(
    { status: 503, times: 2, headers: { "retry-after": "1" } },
    { error: "invalid_grant" },
    { kind: "refresh", drop: "before" },
    { kind: "refresh", user: "grace", status: 500 },
  );
  for (let turn = 0; turn < 2; turn++) {
    const refused = await refresh(client, tokens);
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  }
  assert.deepEqual([(await refresh(client, tokens)).error, await refresh(client, tokens).catch(() => "cut")], ["invalid_grant", "cut"]);
  const next = await refresh(client, tokens);
  assert.equal(next.status, 200, "nothing of that used the token up");
  fail({ drop: "after" });
  assert.equal(await refresh(client, next).catch(() => "cut"), "cut");
  assert.equal((await refresh(client, next)).error, "invalid_grant", "this one was carried out before the cut");
  assert.equal(count("refresh"), 7);
  assert.deepEqual(
    requests.map(({ kind, user, outcome }) => `${kind} ${user} ${outcome}`),
    [
      "code ada 200",
      "refresh ada 503",
      "refresh ada 503",
      "refresh ada 400",
      "refresh ada dropped",
      "refresh ada 200",
      "refresh ada dropped",
      "refresh ada 400",
    ],
  );
  for (const { at, doneAt } of requests) assert.ok(at <= doneAt && doneAt <= Date.now());
  assert.throws(() => fail({ explode: true }), TypeError);
});

test("sign-in server: one who hangs up while the reply waits is noted; seen() tells when a request came", async () => {
  const client = fresh();
  const tokens = await signIn(client);
  server.client(client).fail({ holdMs: 60_000 }, { delayMs: 60_000 });
  for (const used of [true, false]) {
    const stop = new AbortController();
    const asked = server.client(client).seen("refresh", used ? 1 : 2);
    const request = fetch(`${base}/token`, {
      method: "POST",
      signal: stop.signal,
      body: new URLSearchParams({ grant_type: "refresh_token", client_id: client, refresh_token: tokens.refresh_token }),
    });
    await asked;
    stop.abort();
    await assert.rejects(request);
    while (server.client(client).requests.at(-1).outcome === null) await new Promise(setImmediate);
    assert.equal(server.client(client).requests.at(-1).outcome, "gone");
  }
});

test("sign-in server: clock skew, lifetimes, revocation and /control over HTTP", async () => {
  const client = fresh();
  const control = async (wish) => {
    const response = await fetch(`${base}/control`, { method: "POST", body: JSON.stringify({ client, ...wish }) });
    return { status: response.status, ...(await response.json()) };
  };
  const tenMinutes = 600_000;
  assert.equal((await control({ set: { skewMs: tenMinutes, accessSeconds: 5 } })).settings.skewMs, tenMinutes);
  const tokens = await signIn(client);
  assert.equal(tokens.expires_in, 5);
  assert.ok(Math.abs(Date.parse(tokens.headers.get("date")) - Date.now() - tenMinutes) < 5000);
  assert.match(tokens.headers.get("access-control-expose-headers"), /date/);
  assert.equal((await userinfo(client, tokens)).status, 200);
  await control({ set: { skewMs: tenMinutes + 6000 } });
  assert.equal((await userinfo(client, tokens)).status, 401);
  const next = await refresh(client, tokens);
  assert.equal((await post("/revoke", { client_id: client, token: next.refresh_token })).status, 200);
  assert.equal((await refresh(client, next)).error, "invalid_grant");
  const other = await signIn(client);
  assert.deepEqual(
    (await control({ revoke: "ada" })).families.map(({ revoked }) => revoked),
    ["revoked", "revoked"],
  );
  assert.equal((await refresh(client, other)).error, "invalid_grant");
  const read = await (await fetch(`${base}/control?client=${client}`)).json();
  assert.deepEqual(
    read.requests.map(({ kind }) => kind),
    ["code", "userinfo", "userinfo", "refresh", "revoke", "refresh", "code", "refresh"],
  );
  assert.deepEqual((await control({ reset: true })).requests, []);
  assert.equal((await control({ set: { colour: "red" } })).status, 400);
});

test("sign-in server: any origin may ask first", async () => {
  const response = await fetch(`${base}/token`, {
    method: "OPTIONS",
    headers: { origin: "https://widget.example", "access-control-request-method": "POST" },
  });
  assert.deepEqual([response.status, response.headers.get("access-control-allow-origin")], [204, "*"]);
});
