/** The Ethora server that other tests stand on, over real HTTP. */
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import { ethoraServer } from "../servers/ethora.mjs";
import { derivedKey, sign, verify } from "../servers/jwt.mjs";

/** A test that hangs fails, and does not keep the others from running. */
const test = (name, body) => nodeTest(name, { timeout: 30_000 }, body);

const server = ethoraServer();
let [base, running, apps] = ["", null, 0];
before(async () => {
  running = await server.listen();
  base = `http://127.0.0.1:${running.port}`;
});
after(() => running.close());

const fresh = () => server.app(`app${++apps}`);
const call = async (method, path, headers = {}, body) => {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
  const response = await fetch(base + path, { method, headers, ...json });
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return { ...(isJson && JSON.parse(text)), status: response.status, headers: response.headers, text };
};
const trade = (token, path = "/v1/users/client") => call("POST", path, { "x-custom-token": token });
const signIn = (app, userId = "u1") => trade(app.clientToken({ userId }));
const my = ({ token }) => call("GET", "/v1/users/my", { authorization: token });
const refresh = ({ refreshToken }) => call("POST", "/v1/users/login/refresh", { authorization: refreshToken }, {});
const chats = async ({ token }) => (await call("GET", "/v1/chats/my", { authorization: token })).items.map(({ uuid }) => uuid);
const join = ({ token }, names) => call("POST", "/v1/chats/join", { authorization: token }, names);
const asServer = (token) => ({ authorization: `Bearer ${token}`, "x-custom-token": token });
const backend = (app, method, path, body) => call(method, path, asServer(app.serverToken()), body);
/** An app with the user u1, who is signed in, and the chats `open` (public) and `shut` (private). */
const furnished = async () => {
  const app = fresh();
  await backend(app, "POST", "/v2/chats", { title: "Open", uuid: "open", type: "public" });
  await backend(app, "POST", "/v2/chats", { title: "Shut", uuid: "shut", type: "group" });
  return { app, user: await signIn(app) };
};
const giveAccess = (app, chatUuid, accessCode, more) =>
  backend(app, "POST", "/chat-access/", { chatUuid, userUuid: "u1", accessCode, ...more });

test("jwt: the derived key is the one of Ethora's kit, and a signature of HS256 is the one of RFC 7515", () => {
  assert.equal(
    derivedKey("test-secret-not-real-0123456789abcdef", "client"),
    "029af42bc9bd1ca066621b3155888fd5ea1eff1292b291e5374495813f79dbe6",
  );
  const example =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const key = Buffer.from("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", "base64url");
  assert.equal(verify(example, [key], 0).iss, "joe");
  assert.throws(() => verify(example, [key], 1_300_819_380_000), /expired/);
  assert.throws(() => verify(example.replace("dBj", "dBk"), [key], 0), /bad_signature/);
});

test("Ethora server: a nested and a flat client token get a user and session tokens, by the derived key and by the secret", async () => {
  const app = fresh();
  const nested = await signIn(app, "дуайт");
  assert.deepEqual(
    [nested.status, nested.user._id, nested.user.xmppUsername, nested.user.appId],
    [200, "дуайт", `${app.id}_дуайт`, app.id],
  );
  for (const [token, life] of [
    [nested.token, 900],
    [nested.refreshToken, 604_800],
  ]) {
    const [word, jwt] = token.split(" ");
    const payload = verify(jwt, [derivedKey(app.secret, "session")], Date.now());
    assert.deepEqual([word, payload.data, payload.exp - payload.iat], ["JWT", { userId: "дуайт", appId: app.id }, life]);
  }
  assert.equal((await my(nested)).user._id, "дуайт");
  assert.equal((await trade(app.clientToken({ userId: "дуайт", raw: true }))).user._id, "дуайт");

  await backend(app, "POST", "/v2/users/batch", { usersList: [{ uuid: "u7", email: "Dwight@acme.example", firstName: "Dwight" }] });
  const flat = await trade(app.clientToken({ email: "dwight@ACME.example" }));
  assert.deepEqual([flat.status, flat.user._id, flat.user.firstName], [200, "u7", "Dwight"], "one address, whatever its case");
  assert.deepEqual(
    app.users.map(({ userId }) => userId),
    ["дуайт", "u7"],
  );

  app.set({ rawSecret: false, makeUsers: false, xmppPassword: false });
  assert.equal((await trade(app.clientToken({ userId: "u7", raw: true }))).status, 401);
  assert.equal((await trade(app.clientToken({ email: "dwight@acme.example" }))).status, 401);
  assert.equal((await signIn(app, "nobody")).status, 403);
  const user = (await signIn(app, "u7")).user;
  assert.deepEqual(["xmppUsername" in user, "xmppPassword" in user], [true, false]);
});

test("Ethora server: a client token that is not right is refused, and says why", async () => {
  const [app, other] = [fresh(), fresh()];
  const [key, now] = [derivedKey(app.secret, "client"), Date.now() / 1000];
  const data = { type: "client", userId: "u1", appId: app.id };
  const good = app.clientToken({ userId: "u1" });
  const wrong = {
    "another key": [sign({ data }, derivedKey(other.secret, "client")), 401, "bad_signature"],
    "the key of servers": [sign({ data }, derivedKey(app.secret, "server")), 401, "bad_signature"],
    "a changed payload": [
      good.replace(/\.[^.]+\./, `.${sign({ data: { ...data, userId: "boss" } }, key).split(".")[1]}.`),
      401,
      "bad_signature",
    ],
    "no signature": [sign({ data }, null), 401, "bad_signature"],
    "alg none": [sign({ data }, null, { alg: "none" }), 401, "alg_not_allowed"],
    "alg nOnE, signed": [sign({ data }, key, { alg: "nOnE" }), 401, "alg_not_allowed"],
    "alg HS512": [sign({ data }, key, { alg: "HS512" }), 401, "alg_not_allowed"],
    "another app's name": [sign({ data: { ...data, appId: other.id } }, key), 401, "bad_signature"],
    "a number for an app": [sign({ data: { ...data, appId: 7 } }, key), 401, /names an app/],
    expired: [app.clientToken({ userId: "u1", claims: { exp: now - 1 } }), 401, "expired"],
    "not yet": [app.clientToken({ userId: "u1", claims: { nbf: now + 60 } }), 401, "not_yet_valid"],
    "exp is text": [app.clientToken({ userId: "u1", claims: { exp: "9999999999" } }), 401, "malformed"],
    "two shapes": [app.clientToken({ userId: "u1", claims: { type: "server" } }), 401, "ambiguous_shape"],
    "flat by the derived key": [app.clientToken({ email: "a@b.example", raw: false }), 401, "bad_signature"],
    nameless: [sign({ data: { ...data, userId: "" } }, key), 401, "no_subject"],
    "a server's payload": [sign({ data: { ...data, type: "server" } }, key), 403, /not a client token/],
    "no JWT": ["token", 401, /names an app/],
    "a prefix": [`JWT ${good}`, 401, /names an app/],
  };
  for (const [what, [token, status, error]] of Object.entries(wrong)) {
    const reply = await trade(token);
    assert.equal(reply.status, status, what);
    assert.match(reply.error, new RegExp(error), what);
    assert.equal(reply.token, undefined, what);
  }
  assert.deepEqual([app.users, other.users], [[], []], "no user was created");
  assert.equal((await trade(good, `/app/${other.id}/v1/users/client`)).status, 403);
  assert.equal((await trade(good, `/app/${app.id}/v1/users/client`)).status, 200);
  assert.equal((await trade(app.clientToken({ userId: "u1", claims: { exp: now + 60, nbf: now - 60 } }))).status, 200);
});

test("Ethora server: with a list of apps there are no others", async () => {
  const few = ethoraServer({ apps: ["mine"] });
  const { port, close } = await few.listen();
  const ask = async (app) => {
    const headers = { "x-custom-token": app.clientToken({ userId: "u1" }) };
    const response = await fetch(`http://127.0.0.1:${port}/v2/users/client`, { method: "POST", headers });
    return [response.status, (await response.json()).error];
  };
  assert.deepEqual(await ask(few.app("mine")), [200, undefined]);
  assert.deepEqual(await ask(few.app("other")), [401, "no such app"]);
  assert.deepEqual(
    few.app("").requests.map(({ status }) => status),
    [401],
  );
  await close();
});

test("Ethora server: a refresh token is good once, within grace it gives the same successor", async () => {
  const app = fresh();
  const first = await signIn(app);
  const second = await refresh(first);
  assert.equal(second.status, 200);
  assert.notEqual(second.refreshToken, first.refreshToken);
  assert.equal((await my(second)).status, 200);
  const spent = await refresh(first);
  assert.deepEqual([spent.status, spent.error, spent.token], [401, "the refresh token is spent", undefined]);
  app.set({ graceMs: 60_000 });
  const again = await refresh(first);
  assert.deepEqual([again.token, again.refreshToken], [second.token, second.refreshToken]);
  app.set({ skewMs: 60_000 });
  assert.equal((await refresh(first)).status, 401, "grace is over");
  assert.equal((await refresh(second)).status, 200);
});

test("Ethora server: session tokens end, each is for its own purpose, and a user who is gone has none", async () => {
  const app = fresh();
  app.set({ accessSeconds: 0.25 });
  const first = await signIn(app);
  const { exp, iat } = JSON.parse(Buffer.from(first.token.split(".")[1], "base64url"));
  assert.ok(exp - iat < 1.25 && exp * 1000 <= Date.now() + 250, "a life below a second");
  app.set({ skewMs: 250 });
  assert.deepEqual([(await my(first)).status, (await my(first)).error], [401, "expired"]);

  app.set({ accessSeconds: 900 });
  const second = await refresh(first);
  assert.equal((await my(second)).status, 200);
  assert.equal((await my({ token: second.refreshToken })).status, 401);
  assert.equal((await refresh({ refreshToken: second.token })).status, 401);
  assert.equal((await my({ token: second.token.replace("JWT ", "Bearer ") })).status, 401, "the token stands there as it is");
  assert.equal((await my({ token: app.clientToken({ userId: "u1" }) })).status, 401);

  app.expireTokens();
  assert.equal((await my(second)).status, 401);
  const third = await refresh(second);
  assert.equal((await my(third)).status, 200, "what comes after that is good");
  app.expireTokens("refresh");
  assert.equal((await refresh(third)).status, 401);

  const fourth = await signIn(app);
  assert.equal((await backend(app, "DELETE", "/v1/users/batch", { usersIdList: ["u1"] })).status, 200);
  assert.deepEqual([(await my(fourth)).error, (await refresh(fourth)).error], ["the user is gone", "the user is gone"]);
});

test("Ethora server: the backend must prove itself in both headers", async () => {
  const [app, other] = [fresh(), fresh()];
  const [token, key] = [app.serverToken(), derivedKey(app.secret, "server")];
  const ask = (headers, path = "/v2/chats") => call("POST", path, headers, { uuid: "c1" }).then(({ status }) => status);
  assert.equal(await ask({ "x-custom-token": token }), 401);
  assert.equal(await ask({ authorization: `Bearer ${token}` }), 401);
  assert.equal(await ask({ authorization: token, "x-custom-token": token }), 401);
  assert.equal(await ask(asServer(sign({ data: { appId: app.id, type: "server" } }, derivedKey(app.secret, "client")))), 401);
  assert.equal(await ask(asServer(sign({ data: { appId: app.id, type: "client" } }, key))), 403);
  assert.equal(await ask({ authorization: (await signIn(app)).token }), 401);
  assert.equal(await ask(asServer(token), `/v2/apps/${other.id}/chats`), 403);
  assert.deepEqual(app.chats, []);
  assert.equal(await ask(asServer(token), `/v2/apps/${app.id}/chats`), 200);
  assert.equal(await ask(asServer(token)), 422, "it exists already");
  assert.equal((await call("POST", "/v1/users/batch", { ...asServer(token), "content-type": "application/json" })).status, 422);
  assert.equal((await fetch(`${base}/v2/chats`, { method: "POST", headers: asServer(token), body: "{" })).status, 400);
});

test("Ethora server: users are created and deleted, at once and as a job", async () => {
  const app = fresh();
  const made = await backend(app, "POST", "/v2/users/batch", { usersList: [{ uuid: "u1", email: "u1@acme.example" }, { uuid: "u2" }] });
  assert.deepEqual([made.status, made.results.map(({ xmppUsername }) => xmppUsername)], [200, [`${app.id}_u1`, `${app.id}_u2`]]);
  assert.equal((await backend(app, "POST", "/v2/users/batch", { usersList: [{ uuid: "u3" }, { uuid: "u1" }] })).status, 422);
  assert.equal((await backend(app, "POST", "/v2/users/batch", { usersList: [{ uuid: "u3", email: "u1@acme.example" }] })).status, 422);
  const twice = [
    { uuid: "u3", email: "u3@acme.example" },
    { uuid: "u4", email: "u3@acme.example" },
  ];
  assert.equal((await backend(app, "POST", "/v2/users/batch", { usersList: twice })).status, 422);
  const job = await backend(app, "POST", `/v2/apps/${app.id}/users/batch`, { usersList: [{ uuid: "u3" }] });
  assert.equal(job.status, 202);
  assert.equal((await backend(app, "GET", `/v2/apps/${app.id}/users/batch/${job.jobId}`)).results[0].uuid, "u3");
  assert.deepEqual(
    app.users.map(({ userId }) => userId),
    ["u1", "u2", "u3"],
    "a list with one that is taken creates no user",
  );
  const unknown = await backend(app, "DELETE", "/v1/users/batch", { usersIdList: ["u2", "u9"] });
  assert.deepEqual([unknown.status, unknown.text], [422, "User not found"]);
  assert.equal((await backend(app, "DELETE", "/v1/users/batch", { usersIdList: ["u2", `${app.id}_u3`] })).status, 200);
  assert.deepEqual(
    app.users.map(({ userId }) => userId),
    ["u1"],
  );
});

test("Ethora server: anybody joins a public chat, only who was added a private one", async () => {
  let { app, user } = await furnished();
  const [open, shut] = app.chats;
  assert.equal(shut.jid, `${app.id}_shut@conference.xmpp.chat.ethora.com`);
  assert.deepEqual(await chats(user), ["open"]);
  assert.equal((await join(user, { uuid: "shut" })).status, 403);
  assert.equal((await join(user, { uuid: "nowhere" })).status, 404);
  assert.equal((await join(user, { uuid: "open", jid: shut.jid })).status, 422);
  assert.equal((await join(user, { jid: open.jid })).result.accessCode, "0011");

  const members = { chatName: shut.name, members: [`${app.id}_u1`] };
  assert.equal((await backend(app, "POST", "/v2/chats/users-access", members)).status, 200);
  assert.deepEqual(await chats(user), ["open", "shut"]);
  assert.equal((await join(user, { uuid: "shut" })).status, 200);
  assert.deepEqual(
    app.chats.map(({ access }) => access),
    [{ u1: "0011" }, { u1: "0011" }],
  );
  assert.equal((await join(await signIn(app, "u2"), { uuid: "shut" })).status, 403, "that was for u1");
  assert.equal((await backend(app, "DELETE", "/v2/chats/users-access", members)).status, 200);
  assert.equal((await join(user, { uuid: "shut" })).status, 403);
  await backend(app, "POST", "/v2/chats/users-access", members);
  await backend(app, "DELETE", "/v1/users/batch", { usersIdList: ["u1"] });
  user = await signIn(app);
  assert.equal((await join(user, { uuid: "shut" })).status, 403, "a new user of an old name was not added");

  assert.equal((await backend(app, "DELETE", "/v1/chats", { name: open.name })).status, 200);
  const gone = await backend(app, "DELETE", "/v1/chats", { name: open.name });
  assert.deepEqual([gone.status, gone.text], [422, "Chat not found"]);
  assert.deepEqual(await chats(user), []);
});

test("Ethora server, the older form: a chat is private if nothing else is said; what is wrong is refused", async () => {
  const { app, user } = await furnished();
  const made = await backend(app, "POST", "/chats/", { UUID: 7 });
  assert.deepEqual([made.status, made.jid, made.result.type], [200, `${app.id}_7@conference.xmpp.chat.ethora.com`, "private"]);
  assert.equal((await join(user, { uuid: "7" })).status, 403);
  assert.equal((await backend(app, "POST", "/chats/", { access: "public", UUID: 8 })).status, 200);
  assert.equal((await join(user, { uuid: "8" })).status, 200);
  for (const wrong of [{ access: "secret", UUID: 9 }, { UUID: "9" }, { UUID: 9.5 }, { UUID: 7 }]) {
    assert.equal((await backend(app, "POST", "/chats/", wrong)).status, 422, JSON.stringify(wrong));
  }

  const both = { chatUuid: 7, chatJid: made.jid, userUuid: "u1", userJid: `${app.id}_u1`, accessCode: "0001" };
  assert.equal((await backend(app, "POST", "/chat-access/", both)).status, 200);
  const { userJid, userUuid, ...unnamed } = both;
  const wrong = [
    { ...both, chatUuid: 8 },
    unnamed,
    ...["1", "00011", "0021", "", 11, undefined].map((accessCode) => ({ ...both, accessCode })),
    ...[0, -1, 1.5, "60", null].map((accessTimer) => ({ ...both, accessTimer })),
  ];
  for (const body of wrong) assert.equal((await backend(app, "POST", "/chat-access/", body)).status, 422, JSON.stringify(body));
  assert.equal((await backend(app, "POST", "/chat-access/", { ...unnamed, userUuid: "u9" })).status, 404);
  assert.deepEqual(app.chats.find(({ uuid }) => uuid === "7").access, { u1: "0001" }, "nothing of that counted");
  assert.equal((await backend(app, "DELETE", "/chats/", { UUID: 7 })).status, 200);
});

test("Ethora server: 0000 removes; a right without read shows nothing", async () => {
  const { app, user } = await furnished();
  for (const chat of ["open", "shut"]) {
    await giveAccess(app, chat, "1111");
    assert.equal((await join(user, { uuid: chat })).status, 200);
    for (const code of ["0000", "1110"]) {
      assert.equal((await giveAccess(app, chat, code)).status, 200);
      assert.equal((await join(user, { uuid: chat })).status, 403, `${chat} ${code}`);
    }
  }
  assert.deepEqual(await chats(user), []);
  await giveAccess(app, "shut", "0011");
  assert.deepEqual(await chats(user), ["shut"]);
});

test("Ethora server: when accessTimer is over, the earlier access is back", async () => {
  let time = Date.now();
  const timed = ethoraServer({ now: () => time });
  const { port, close } = await timed.listen();
  const app = timed.app("a");
  const ask = async (method, path, headers, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    assert.equal(response.status, 200);
    return response.json();
  };
  const give = (accessCode, accessTimer) =>
    ask("POST", "/chat-access/", asServer(app.serverToken()), { chatUuid: 1, userUuid: "u1", accessCode, accessTimer });
  await ask("POST", "/chats/", asServer(app.serverToken()), { UUID: 1 });
  const { token } = await ask("POST", "/v1/users/client", { "x-custom-token": app.clientToken({ userId: "u1" }) });
  const seen = async () => (await ask("GET", "/v1/chats/my", { authorization: token })).items[0]?.accessCode;

  await give("0001", 10);
  time += 9_999;
  assert.equal(await seen(), "0001");
  time += 1;
  assert.equal(await seen(), undefined, "there was no access before");
  await give("0011");
  await give("1111", 20);
  await give("0000", 5);
  assert.equal(await seen(), undefined);
  time += 5_000;
  assert.equal(await seen(), "1111", "this one is not over yet");
  time += 15_000;
  assert.equal(await seen(), "0011");
  await give("1111", 5);
  await give("0000", 60);
  time += 60_000;
  assert.deepEqual(app.chats[0].access, { u1: "0011" });
  assert.equal(await seen(), "0011", "what was over meanwhile does not come back");
  await give("0000", 5);
  await give("0001");
  time += 5_000;
  assert.equal(await seen(), "0001", "without a timer it is for good");
  assert.deepEqual(app.chats[0].access, { u1: "0001" });
  await close();
});

test("Ethora server: failures as scripted, in order, and a record of what was asked", async () => {
  const app = fresh();
  const user = await signIn(app);
  app.fail(
    { path: "/users/my", status: 503, times: 2, headers: { "retry-after": "1" } },
    { status: 500 },
    { path: "/login/refresh", drop: "before" },
    { method: "POST", path: "/users/my", status: 403 },
  );
  for (let turn = 0; turn < 2; turn++) {
    const { status, headers } = await my(user);
    assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
  }
  assert.deepEqual([(await my(user)).status, (await my(user)).status], [500, 200]);
  assert.equal(await refresh(user).catch(() => "cut"), "cut");
  const next = await refresh(user);
  assert.equal(next.status, 200, "the token was not spent");
  app.fail({ drop: "after" });
  assert.equal(await refresh(next).catch(() => "cut"), "cut");
  assert.equal((await refresh(next)).status, 401, "this one was carried out before the cut");
  assert.throws(() => app.fail({ explode: true }), TypeError);

  assert.deepEqual(
    app.requests.map(({ method, path, status }) => `${method} ${path} ${status}`),
    [
      "POST /v1/users/client 200",
      "GET /v1/users/my 503",
      "GET /v1/users/my 503",
      "GET /v1/users/my 500",
      "GET /v1/users/my 200",
      "POST /v1/users/login/refresh dropped",
      "POST /v1/users/login/refresh 200",
      "POST /v1/users/login/refresh dropped",
      "POST /v1/users/login/refresh 401",
    ],
  );
  assert.equal(app.requests[1].headers.authorization, user.token);
  assert.deepEqual(app.requests[5].body, {});
  for (const { at, doneAt } of app.requests) assert.ok(at <= doneAt && doneAt <= Date.now());
});

test("Ethora server: a reply can wait; who hangs up is noted", async () => {
  const app = fresh();
  app.fail({ delay: 60_000 }, { hold: 60_000 });
  const headers = { "x-custom-token": app.clientToken({ userId: "u1" }) };
  for (const [turn, users] of [0, 1].entries()) {
    const stop = new AbortController();
    const asked = fetch(`${base}/v1/users/client`, { method: "POST", signal: stop.signal, headers });
    await app.seen("/users/client", turn + 1);
    stop.abort();
    await assert.rejects(asked);
    await app.until(() => app.requests[turn].status !== null);
    assert.deepEqual([app.requests[turn].status, app.users.length], ["gone", users]);
  }
});

test("Ethora server: /control over HTTP, and one app does not disturb another", async () => {
  const [app, other] = [fresh(), fresh()];
  const control = (wish) => call("POST", "/control", {}, { app: app.id, ...wish });
  const { token, settings } = await control({
    token: { userId: "u1" },
    set: { accessSeconds: 5, skewMs: 600_000 },
    fail: [{ status: 503 }],
  });
  assert.deepEqual([settings.accessSeconds, other.settings.accessSeconds], [5, 900]);
  assert.equal((await signIn(other)).status, 200);
  assert.equal((await trade(token)).status, 503);
  const user = await trade(token);
  assert.ok(Math.abs(Date.parse(user.headers.get("date")) - Date.now() - 600_000) < 5000);
  assert.equal((await my(user)).status, 200);
  await control({ expire: true });
  assert.equal((await my(user)).status, 401);
  const read = await call("GET", `/control?app=${app.id}`);
  assert.deepEqual([read.requests.map(({ status }) => status), read.users.length, read.chats], [[503, 200, 200, 401], 1, []]);
  const empty = await control({ reset: true });
  assert.deepEqual([empty.requests, empty.users, empty.settings.accessSeconds], [[], [], 900]);
  assert.equal((await refresh(user)).status, 401, "reset forgets the tokens");
  assert.equal((await control({ set: { colour: "red" } })).status, 400);
  assert.equal((await call("GET", "/control")).status, 400);
  assert.equal(other.users.length, 1);
});

test("Ethora server: any origin may ask first", async () => {
  const headers = {
    origin: "https://widget.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "x-custom-token",
  };
  const response = await fetch(`${base}/v1/users/client`, { method: "OPTIONS", headers });
  assert.deepEqual([response.status, response.headers.get("access-control-allow-origin")], [204, "*"]);
  assert.match(response.headers.get("access-control-allow-headers"), /authorization, content-type, x-custom-token/);
});
