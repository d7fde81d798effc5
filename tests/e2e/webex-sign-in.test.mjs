/** Webex: signed in at a certified provider; tokens are renewed, refused and revoked. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { press, test } from "./browser.mjs";
import {
  alive,
  another,
  events,
  fresh,
  keepalives,
  lab,
  phone,
  provider,
  registered,
  seen,
  session,
  signIn,
  status,
} from "./webex-phones.mjs";

test("with PKCE: the code is exchanged by the page, the line is registered, kept alive and shown; the host receives it", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await phone(at);
  await session(one.widget, "unauthorized");
  const before = await one.widget.evaluate(() => [
    Object.keys(webex.getLines()).length,
    line.lineId,
    line.status,
    line.getStatus(),
    line.phoneNumber,
    line.sipAddresses,
  ]);
  assert.deepEqual([before[0], before.slice(2)], [1, ["inactive", "IDLE", "+1 202 555 0117", []]]);
  assert.match(before[1], /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  await signIn(one);
  await session(one.widget, "authorized");
  await status(one.widget, "active");
  const [exchange] = oidc.requests;
  assert.deepEqual(
    [
      exchange.path,
      exchange.form.grant_type,
      exchange.form.client_id,
      exchange.form.client_secret,
      exchange.form.redirect_uri,
      exchange.status,
    ],
    ["/token", "authorization_code", "pkce-widget", undefined, lab.url("widget", "/callback.html"), 200],
  );
  assert.match(exchange.form.code_verifier, /^[\w-]{43}$/);
  assert.deepEqual(await one.widget.evaluate(() => window.events), [
    ["connecting", "IDLE", null],
    ["registered", "active", "line"],
  ]);
  await until(one.page, () => window.news.length === 2);
  const news = await one.page.evaluate(() => window.news);
  const first = await one.page.evaluate(() => window.first);
  assert.deepEqual([first.event, first.status, first.line.lineId, first.line.phoneNumber], [null, "IDLE", before[1], "+1 202 555 0117"]);
  assert.deepEqual(
    news.map(({ event, status, line }) => [event, status, line.status]),
    [
      ["connecting", "IDLE", "inactive"],
      ["registered", "active", "active"],
    ],
  );
  assert.equal(JSON.stringify(news).includes("token"), false);
  const [register] = at.registrar.requests;
  assert.deepEqual(register.body, {
    userId: "ada",
    clientDeviceUri: `${lab.origin("webex-login")}/devices/1`,
    serviceData: { indicator: "calling", domain: "" },
  });
  const [{ deviceId }] = [...at.registrar.devices.values()];
  const shown = await one.widget.evaluate(() => ({ ...line, on: undefined }));
  assert.deepEqual(
    [
      shown.mobiusDeviceId,
      shown.status,
      shown.keepaliveInterval,
      shown.callKeepaliveInterval,
      shown.rehomingIntervalMin,
      shown.rehomingIntervalMax,
      shown.voicePortalNumber,
      shown.voicePortalExtension,
      shown.sipAddresses,
    ],
    [deviceId, "active", 1, 10, 60, 120, 5550100, 100, ["sip:ada@calling.example"]],
  );
  await seen(at.registrar, () => keepalives(at) >= 2);
  assert.deepEqual([alive(at), at.registrar.most, await events(one.widget)], [1, 1, ["connecting", "registered"]]);
  // Nothing that opens a door lies where every script of this origin can read it.
  assert.equal(await one.widget.evaluate(() => /access|refresh/i.test(JSON.stringify({ ...localStorage }))), false);
});

test("without PKCE: the backend has the secret, and sends the five documented fields", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await phone(at, { client: "backend" });
  await session(one.widget, "unauthorized");
  await signIn(one);
  await status(one.widget, "active");
  const given = Object.fromEntries(Object.entries(oidc.requests[0].form).filter(([, value]) => value !== undefined));
  assert.deepEqual(Object.keys(given).sort(), ["client_id", "client_secret", "code", "grant_type", "redirect_uri"]);
});

test("a wrong verifier is refused by the provider, and no user is signed in; a cancel is one", async () => {
  const at = fresh();
  await provider();
  const one = await phone(at);
  await session(one.widget, "unauthorized");
  await one.widget.evaluate(() => {
    const real = window.fetch;
    window.fetch = (address, init) => {
      if (init?.body instanceof URLSearchParams && init.body.has("code_verifier")) init.body.set("code_verifier", "x".repeat(43));
      return real(address, init);
    };
  });
  await signIn(one);
  await until(one.widget, () => window.signInFailure);
  assert.deepEqual(await one.widget.evaluate(() => [signInFailure.code, signInFailure.cause.message, webex.bridge.session.status]), [
    "SIGN_IN_REFUSED",
    "invalid_grant",
    "unauthorized",
  ]);
  await one.widget.evaluate(() => void (window.signInFailure = null));
  await signIn(one, { choice: "Cancel" });
  await until(one.widget, () => window.signInFailure);
  assert.deepEqual([await one.widget.evaluate(() => signInFailure.code), at.registrar.requests.length], ["SIGN_IN_CANCELLED", 0]);
});

test("tokens are renewed while the line is kept alive, before their time and after it", async () => {
  const at = fresh();
  const oidc = await provider();
  oidc.settings.accessTokenSeconds = 8;
  const one = await registered(at);
  const refreshes = () => oidc.requests.filter(({ form }) => form.grant_type === "refresh_token").length;
  await Promise.race([
    oidc.until(() => refreshes() >= 2),
    new Promise((_, reject) => setTimeout(() => reject(new Error("no refresh")), 40_000).unref()),
  ]);
  const tokens = new Set(at.registrar.requests.map(({ token }) => token));
  assert.ok(tokens.size >= 2, "the current token goes with each request");
  assert.ok(
    at.registrar.requests.every(({ status }) => status === 200 || status === null),
    "none was refused",
  );
  // The server ends one early: the same keepalive goes out again with the next token.
  oidc.settings.accessTokenSeconds = 3600;
  const known = at.registrar.requests.length;
  oidc.expireAccess("ada");
  await seen(at.registrar, () => at.registrar.requests.slice(known).some(({ status }) => status === 401));
  await seen(at.registrar, () => at.registrar.requests.at(-1).status === 200 && at.registrar.requests.slice(known).length > 1);
  assert.deepEqual([await events(one.widget), alive(at)], [["connecting", "registered"], 1]);
  const refresh = oidc.requests.find(({ form }) => form.grant_type === "refresh_token");
  assert.deepEqual(
    Object.entries(refresh.form)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name)
      .sort(),
    ["client_id", "grant_type", "refresh_token"],
  );
});

test("a token that is over while the provider is out of order is a missed keepalive, not the end", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await registered(at);
  oidc.settings.fail = [503, 503];
  oidc.expireAccess("ada");
  await until(one.widget, () => window.events.at(-1)[0] === "reconnected");
  const all = await events(one.widget);
  assert.deepEqual(
    [all.slice(0, 3), all.includes("error"), await one.widget.evaluate(() => webex.bridge.session.status)],
    [["connecting", "registered", "reconnecting"], false, "authorized"],
  );
});

test("a refresh token that was revoked: all tabs are signed out, with a reason, and nothing more is sent", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await registered(at);
  const two = await another(at);
  oidc.revokeAll("ada");
  for (const { page, widget } of [one, two]) {
    await session(widget, "unauthorized");
    assert.equal(await widget.evaluate(() => webex.bridge.session.reason), "refused");
    await until(widget, () => line.getStatus() !== "active");
    await until(page, () => window.news.at(-1)?.event === "unregistered");
  }
  await lab.quiet();
  const sent = at.registrar.requests.length;
  await one.widget.evaluate(() => new Promise((done) => setTimeout(done, 2500)));
  assert.equal(at.registrar.requests.length, sent);
  // Without a token there is no line, and that is said at once.
  await one.widget.evaluate(() => {
    window.events = [];
    line.register();
  });
  await until(one.widget, () => window.events.length === 1);
  assert.deepEqual(await one.widget.evaluate(() => [events[0][0], events[0][2].status, events[0][2].type, events[0][2].msg]), [
    "error",
    "inactive",
    "tokenError",
    "Token expired. Authentication/Authorization error.",
  ]);
});

test("signing out: the device goes first, then what can be revoked, then all tabs; no token stands in an address", async () => {
  const addresses = [];
  const note = (request) => addresses.push(request.url());
  lab.context.on("request", note);
  for (const client of [{}, { client: "backend" }]) {
    const at = fresh();
    const oidc = await provider();
    const one = await registered(at, client);
    const two = await another(at, client);
    // The one that does not hold the line.
    await press(two.widget.getByRole("button", { name: "Sign out everywhere" }));
    for (const { widget } of [one, two]) await session(widget, "unauthorized");
    assert.equal(alive(at), 0);
    const last = at.registrar.requests.at(-1);
    assert.deepEqual([last.method, last.status], ["DELETE", 200]);
    const [revocation] = oidc.requests.filter(({ path }) => path.endsWith("/revocation"));
    assert.ok(revocation.status === 200 && revocation.form.token && last.doneAt <= revocation.at + 5);
    assert.equal(await oidc.userOf(last.token), null, "the grant is over, access token included");
    assert.deepEqual(
      [await two.widget.evaluate(() => webex.bridge.session.reason), (await events(one.widget)).at(-1)],
      ["user", "unregistered"],
    );
    const secrets = [last.token, ...oidc.requests.flatMap(({ form }) => [form.token, form.refresh_token])].filter(Boolean);
    assert.ok(secrets.length >= 2 && addresses.length > 10);
    assert.deepEqual(
      addresses.filter((address) => secrets.some((secret) => address.includes(secret))),
      [],
    );
    await one.page.close();
    await two.page.close();
  }
  lab.context.off("request", note);
});

for (const [status, seconds, client] of [
  [503, 20, {}],
  [429, 6, {}],
  [429, 6, { client: "backend" }],
  [503, 6, { client: "backend" }],
])
  test(`W3: ${client.client ?? "page"}: a token endpoint that says ${status} with Retry-After: ${seconds} is asked again then and not before, by no tab`, async () => {
    await putOff(status, seconds, client);
  });

async function putOff(status, seconds, client) {
  const at = fresh({ keepaliveInterval: seconds === 20 ? 8 : 2 });
  const oidc = await provider();
  const one = await registered(at, client);
  const two = await another(at, client);
  oidc.settings.fail = [{ status, headers: { "retry-after": String(seconds) } }];
  const known = oidc.requests.length;
  oidc.expireAccess("ada");
  const asked = (test) =>
    Promise.race([
      oidc.until(test),
      new Promise((_, reject) => setTimeout(() => reject(new Error("the provider was not asked")), 60_000).unref()),
    ]);
  await asked(() => oidc.failed.length === 1);
  // Another tab wants a newer one, and has to do without it.
  await two.widget.evaluate(() => webex.bridge.accessToken({ minValidity: Infinity }).catch(() => {}));
  await asked(() => oidc.requests.length > known);
  const waited = oidc.requests[known].at - oidc.failed[0].at;
  assert.ok(waited >= seconds * 1000, `after ${waited} ms`);
  assert.deepEqual([oidc.failed.length, oidc.requests[known].form.grant_type, oidc.requests[known].status], [1, "refresh_token", 200]);
  // It was not the end of the line.
  await until(one.widget, () => window.events.at(-1)[0] === "reconnected");
  assert.deepEqual(
    [await one.widget.evaluate(() => [webex.bridge.session.status, line.getStatus()]), at.registrar.count("/device")],
    [["authorized", "active"], 1],
  );
}
