/** An Ethora widget's sessions, with a server of its own over real HTTP: what is traded, kept, renewed and ended. */
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import { ethoraServer } from "../servers/ethora.mjs";
import { load } from "./compile.mjs";

/** A test that hangs fails, and does not keep the others from running. */
const test = (name, body) => nodeTest(name, { timeout: 30_000 }, body);

const { Sessions, SessionAge, ServerClock, ApiFailure, pack, unpack, checkOptions } = await load(`
  export { Sessions } from "./js/ethora/sessions.ts";
  export { SessionAge } from "./js/ethora/session-age.ts";
  export { ServerClock } from "./js/ethora/server-clock.ts";
  export { ApiFailure } from "./js/ethora/failures.ts";
  export { pack, unpack } from "./js/ethora/kept-session.ts";
  export { checkOptions } from "./js/ethora/options.ts";
`);

const server = ethoraServer();
let [base, running, apps] = ["", null, 0];
before(async () => {
  running = await server.listen();
  base = `http://127.0.0.1:${running.port}/v1`;
});
after(() => running.close());

/** A widget of an app that no other test has. */
const fresh = ({ maxSessionAge = 2_592_000, refreshTokens = { enabled: true } } = {}) => {
  const app = server.app(`app${++apps}`);
  const [clock, failure] = [new ServerClock(), new ApiFailure()];
  const sessions = new Sessions({ appId: app.id, base, refreshTokens, age: new SessionAge(maxSessionAge, clock), clock, failure });
  const { signal } = new AbortController();
  const signIn = (accessToken, account = "ada") =>
    sessions.acquire({ reason: "sign-in", identity: { account, accessToken }, credential: null, signal });
  const refresh = ({ account, accessToken, refreshToken = null }) =>
    sessions.acquire({ reason: "refresh", identity: null, credential: { account, accessToken, refreshToken, expiresAt: null }, signal });
  const trades = () => app.count("/users/client");
  const refreshes = () => app.count("/users/login/refresh");
  return { app, clock, failure, signIn, refresh, trades, refreshes, token: app.clientToken({ userId: "ada" }) };
};
const refused = (code) => (error) => error.name === "AuthRejected" && error.cause.code === code;

test("E1: what the trade answers with is kept beside the token, and what a refresh leaves out stays", async () => {
  const { app, signIn, refresh, token } = fresh();
  const grant = await signIn(token);
  assert.deepEqual(Object.keys(grant).sort(), ["accessToken", "account", "expiresIn", "refreshToken"]);
  const kept = unpack(grant.accessToken);
  assert.match(kept.token, /^JWT /);
  assert.deepEqual([kept.user.xmppUsername, kept.user.xmppPassword, kept.user._id], [`${app.id}_ada`, "xmpp-of-ada", "ada"]);
  const renewed = unpack((await refresh(grant)).accessToken);
  assert.notEqual(renewed.token, kept.token);
  assert.deepEqual([renewed.user, renewed.since], [kept.user, kept.since]);
  app.set({ newPasswords: true });
  const another = unpack((await refresh(await signIn(token))).accessToken);
  assert.match(another.user.xmppPassword, /^xmpp-[\da-f-]{36}$/);
});

test("E1: a name is made of the wallet's address where the API gives none; the session's tokens are no part of the user", async () => {
  const { app, signIn, token } = fresh();
  app.set({
    trade: { xmppUsername: null, defaultWallet: { walletAddress: "0xAbC9" }, token: "t", refreshToken: "r", chatToken: { of: "later" } },
  });
  const { user } = unpack((await signIn(token)).accessToken);
  assert.equal(user.xmppUsername, "0x_ab_c9");
  assert.deepEqual(user.chatToken, { of: "later" }, "what is not known is passed on");
  assert.ok(!("token" in user) && !("refreshToken" in user));
  app.set({ trade: { xmppUsername: 7, xmppPassword: {}, defaultWallet: "none" } });
  const poor = unpack((await signIn(token)).accessToken).user;
  assert.deepEqual([poor.xmppUsername, poor.xmppPassword], [null, null]);
});

test("E1: a profile that is too long is left out, and what a login needs is not", async () => {
  const { app, signIn, token } = fresh();
  app.set({ trade: { profileImage: `data:image/png;base64,${"A".repeat(20_000)}` } });
  const { accessToken } = await signIn(token);
  assert.ok(accessToken.length <= 16_384);
  assert.deepEqual(unpack(accessToken).user, {
    xmppUsername: `${app.id}_ada`,
    xmppPassword: "xmpp-of-ada",
    _id: "ada",
    firstName: "User",
    lastName: "User",
  });
  app.set({ trade: { xmppPassword: "p".repeat(17_000) } });
  assert.equal(unpack((await signIn(token)).accessToken).user, null);
});

test("E1: names that are too long are left out before what a login needs", () => {
  const login = { xmppUsername: "ada", xmppPassword: "secret", _id: "u-17" };
  const began = { since: 5, ahead: 0 };
  const kept = pack({ token: "t".repeat(8000), user: { ...login, firstName: "F".repeat(9000) }, ...began });
  assert.deepEqual(unpack(kept).user, login);
});

test("E1: what is no packed session is a token alone", () => {
  for (const text of ["JWT a.b.c", "", "{", "[1]", "null", '{"token":7}', '"x"'])
    assert.deepEqual(unpack(text), { token: text, user: null, since: null, ahead: null });
  for (const [user, since] of [
    [[], "5"],
    ["ada", null],
    [null, undefined],
  ])
    assert.deepEqual(unpack(JSON.stringify({ token: "t", user, since, ahead: since })), {
      token: "t",
      user: null,
      since: null,
      ahead: null,
    });
  const kept = { token: "t", user: { xmppUsername: "a", xmppPassword: null, x: { y: [1] } }, since: 5, ahead: -3 };
  assert.deepEqual(unpack(pack(kept)), kept);
});

test("E2: the token is sent without what stands around it", async () => {
  const { app, signIn, token } = fresh();
  await signIn(` JWT ${token}\n`);
  assert.equal(app.requests[0].headers["x-custom-token"], token);
});

test("E11: a token that the API does not accept is traded once; another one, and after a 403 the same, is tried", async () => {
  const { app, failure, signIn, trades, token } = fresh();
  app.fail({ path: "/users/client", status: 401, times: 9 });
  for (let turn = 0; turn < 3; turn++) {
    await assert.rejects(signIn(token), refused("ETHORA_UNAUTHORIZED"));
    assert.equal(failure.value.code, "ETHORA_UNAUTHORIZED");
  }
  assert.equal(trades(), 1);
  app.heal();
  await signIn(app.clientToken({ userId: "ada", claims: { jti: "2" } }));
  assert.equal(failure.value, null);
  await signIn(token);
  assert.equal(trades(), 3, "what was refused once is known no more");
  app.fail({ path: "/users/client", status: 403 });
  await assert.rejects(signIn(token), refused("ETHORA_FORBIDDEN"));
  await signIn(token);
});

test("E11: a refusal is forgotten before the host is asked again: a flat token is the same text each time", async (context) => {
  const { app, signIn, trades } = fresh();
  const token = app.clientToken({ email: "ada@example.com" });
  const again = () => signIn(token, "ada@example.com");
  app.fail({ path: "/users/client", status: 401 });
  await assert.rejects(again(), refused("ETHORA_UNAUTHORIZED"));
  await assert.rejects(again(), refused("ETHORA_UNAUTHORIZED"));
  assert.equal(trades(), 1);
  const later = performance.now() + 29_000;
  context.mock.method(performance, "now", () => later);
  await again();
  assert.equal(trades(), 2);
});

test("E14: the server's time comes from its replies: a token that is too old by it is not sent, one that is good by it is", async () => {
  for (const dateHeader of [true, false]) {
    const { app, clock, signIn, trades } = fresh();
    app.set({ skewMs: -400_000, dateHeader });
    const seconds = Math.floor(app.now() / 1000);
    const good = app.clientToken({ userId: "ada", claims: { exp: seconds + 300 } });
    const old = app.clientToken({ userId: "ada", claims: { exp: seconds - 300 } });
    assert.equal(clock.now, undefined);
    await signIn(good);
    assert.ok(Math.abs(clock.now - app.now()) < 3000, String(dateHeader));
    await assert.rejects(signIn(old), refused("JWT_EXPIRED"));
    assert.equal(trades(), 1);
  }
});

test("E14: with the time of a refusal it is plain why: the token had expired", async () => {
  const { app, failure, signIn } = fresh();
  const seconds = Math.floor(app.now() / 1000);
  await assert.rejects(signIn(app.clientToken({ userId: "ada", claims: { exp: seconds - 300 } })), refused("JWT_EXPIRED"));
  assert.equal(failure.value.code, "JWT_EXPIRED");
});

test("E14: a session ends at its age, however often it was refreshed, by the server's clock", async () => {
  const { app, signIn, refresh, refreshes, token } = fresh({ maxSessionAge: 3600 });
  let grant = await signIn(token);
  const { since } = unpack(grant.accessToken);
  assert.ok(Math.abs(since - app.now()) < 3000);
  app.set({ skewMs: 3_590_000 });
  grant = await refresh(grant);
  assert.equal(unpack(grant.accessToken).since, since);
  app.set({ skewMs: 3_700_000 });
  // Its reply says the time, and the next refresh is not asked for.
  grant = await refresh(grant);
  assert.equal(await refresh(grant), null);
  assert.equal(refreshes(), 2);
  const age = new SessionAge(60, new ServerClock());
  const isOver = (since, ahead = null) => age.isOver({ since, ahead });
  assert.deepEqual([isOver(null), isOver(Date.now() - 59_000), isOver(Date.now() - 60_000)], [false, false, true]);
  assert.deepEqual([isOver(Date.now() - 60_000, -10_000), isOver(Date.now() - 55_000, 10_000)], [false, true]);
});

test("E14: how far the server's clock is ahead is kept with the session, and stays where a reply says no time", async () => {
  const { app, signIn, refresh, token } = fresh();
  app.set({ skewMs: -360_000 });
  const grant = await signIn(token);
  const { ahead } = unpack(grant.accessToken);
  assert.ok(Math.abs(ahead + 360_000) < 3000, String(ahead));
  // After a reload, by a way of the application's own.
  const later = fresh({ refreshTokens: { enabled: true, refreshFunction: async () => ({ accessToken: "JWT new" }) } });
  assert.equal(unpack((await later.refresh(grant)).accessToken).ahead, ahead);
  assert.ok(Math.abs(unpack((await refresh(grant)).accessToken).ahead + 360_000) < 3000);
});

test("E14: tokens are not renewed where that is switched off, and by the application's own way where it gives one", async () => {
  const off = fresh({ refreshTokens: { enabled: false } });
  assert.equal(await off.refresh(await off.signIn(off.token)), null);
  assert.equal(off.refreshes(), 0);
  let answer = async () => ({ accessToken: "JWT new", refreshToken: "r2" });
  const own = fresh({ refreshTokens: { enabled: true, refreshFunction: () => answer() } });
  const grant = await own.signIn(own.token);
  const renewed = await own.refresh(grant);
  assert.deepEqual([unpack(renewed.accessToken).token, renewed.refreshToken], ["JWT new", "r2"]);
  assert.equal(unpack(renewed.accessToken).user.xmppPassword, "xmpp-of-ada");
  answer = async () => ({ accessToken: "JWT newer" });
  assert.equal((await own.refresh(renewed)).refreshToken, "r2", "a token that is not said anew stays");
  answer = async () => null;
  assert.equal(await own.refresh(renewed), null);
  for (const bad of [undefined, {}, { accessToken: 7 }, { accessToken: "a\nb" }, { accessToken: "a", refreshToken: 7 }]) {
    answer = async () => bad;
    await assert.rejects(own.refresh(renewed), { code: "ETHORA_BAD_REPLY" });
  }
  answer = () => {
    throw new RangeError("mine");
  };
  await assert.rejects(own.refresh(renewed), { name: "RangeError" });
  assert.equal(own.refreshes(), 0);
});

test("C10: what the API says of when to come again is passed on to the core, for a trade and for a refresh", async () => {
  const { app, failure, signIn, refresh, token } = fresh();
  const grant = await signIn(token);
  for (const [path, ask] of [
    ["/users/client", () => signIn(token)],
    ["/users/login/refresh", () => refresh(grant)],
  ])
    for (const [status, headers, seconds] of [
      [429, { "retry-after": "30" }, 30],
      [503, {}, null],
    ]) {
      app.fail({ path, status, headers });
      await assert.rejects(ask(), { name: "RetryLater", seconds });
      assert.equal(failure.value.code, "ETHORA_UNAVAILABLE");
    }
});

test("E11, E14: an option that cannot be used is named, with what is meant", () => {
  const good = { hosts: [], appId: "1", baseUrl: "https://a.example/v1" };
  assert.deepEqual(checkOptions(good), {
    appId: "1",
    base: "https://a.example/v1",
    refreshTokens: { enabled: true },
    maxSessionAge: 2_592_000,
    vendorStorage: "remove",
    connect: { hosts: [] },
  });
  for (const [given, words] of [
    [undefined, /options/],
    [null, /options/],
    [{ ...good, appId: 7n }, /appId is 7/],
    [{ ...good, appId: "" }, /appId is ""/],
    [{ ...good, baseUrl: "http://a.example" }, /baseUrl is "http:/],
    [{ ...good, acquire: () => null }, /acquire/],
    [{ ...good, vendorStorage: true }, /vendorStorage is true/],
    ...[0, 59, -1, NaN, Infinity, "60", 3_155_760_001, 100n].map((maxSessionAge) => [{ ...good, maxSessionAge }, /maxSessionAge is/]),
    ...[null, true, {}, { enabled: 1 }, { enabled: true, refreshFunction: {} }].map((refreshTokens) => [
      { ...good, refreshTokens },
      /refreshTokens is/,
    ]),
    [{ ...good, refreshTokens: { enabled: true, refresh: 1 } }, /no field "refresh"/],
  ])
    assert.throws(
      () => checkOptions(given),
      (error) => error.code === "CONFIG_INVALID" && error.responsible === "app" && words.test(error.message),
      String(words),
    );
});
