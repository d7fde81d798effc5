// authframe/ethora-backend, the built package in Node: the tokens of the Rust half once more, and a whole life of users and chats at the local server.
// The requests are in ethora-sdk-calls.test.mjs, what callers get wrong in ethora-arguments.test.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareUsers, EthoraError, ethoraBackend, send } from "../../dist/ethora-backend.js";
import { ethoraServer } from "../servers/ethora.mjs";
import { vectors } from "./compile.mjs";

const { secret, appId, tokens, wrong } = vectors("ethora/tokens");
const at = (seconds) => () => seconds * 1000 + 999;

test("the tokens are those of the vectors, byte for byte", async () => {
  const ethora = await ethoraBackend({ appId, appSecret: secret, now: at(1_700_000_000) });
  let compared = 0;
  for (const { kind, subject, iat, exp, token } of tokens) {
    if (iat !== 1_700_000_000) continue;
    const expiresIn = exp === undefined ? null : exp - iat;
    const tenant = subject === undefined ? {} : { tenantId: subject };
    if (kind === "server") assert.equal(ethora.serverToken({ expiresIn, ...tenant }), token);
    else assert.equal((kind === "nested" ? ethora.clientToken : ethora.flatClientToken)(subject, { expiresIn }), token);
    compared++;
  }
  assert.ok(compared >= 8, String(compared));
});

test("E2: a token is verified with white space around it and the prefix JWT; what is wrong is named, alg none as JWT_ALG", async () => {
  const ethora = await ethoraBackend({ appId, appSecret: secret, now: at(1_700_000_100) });
  for (const { kind, subject = null, iat = null, exp = null, token } of tokens) {
    const bearer = {
      flat: { type: "client", email: subject },
      nested: { type: "client", userId: subject },
      server: { type: "server", tenantId: subject },
    }[kind];
    const expected = { ...bearer, key: kind === "flat" ? "secret" : "derived", issuedAt: iat, expiresAt: exp };
    for (const given of [token, `${token}\n`, ` JWT ${token} `]) assert.deepEqual(ethora.verifyToken(given), expected);
  }
  assert.ok(wrong.length > 20);
  for (const { token, code } of wrong)
    assert.throws(() => ethora.verifyToken(token), { name: "EthoraError", code, responsible: "app" }, token);
  assert.throws(() => ethora.verifyToken(7n), { code: "CALL_INVALID", message: /^token / });
});

test("users, chats and access at the local server", async (context) => {
  const server = ethoraServer();
  const { port, close } = await server.listen(0);
  context.after(close);
  const app = server.app("shop");
  const ethora = await ethoraBackend({ appId: "shop", appSecret: app.secret, baseUrl: `http://127.0.0.1:${port}` });
  const done = async (request) => {
    const reply = await send(request);
    ethora.check(reply);
    return reply;
  };
  const ada = { uuid: "u1", email: "ada@example.com", firstName: "Ada", lastName: "Lovelace" };
  const bo = { uuid: "u2", email: "bo@example.com", firstName: "Bo", lastName: "Ek" };
  await done(ethora.createUsers([ada, bo]));
  await assert.rejects(done(ethora.createUsers([ada])), { name: "EthoraError", code: "ALREADY_EXISTS" });
  const { jid, status } = ethora.readCreatedChat("c1", await send(ethora.createChat("c1", "Support")));
  assert.deepEqual([jid, status], ["shop_c1@conference.xmpp.chat.ethora.com", "200"]);
  await done(ethora.addMembers("c1", ["u1"]));
  assert.deepEqual(app.chats[0].access, { u1: "0011" });
  await done(ethora.removeMembers("c1", ["u1"]));
  assert.deepEqual(app.chats[0].access, {});
  // The original API: its rights, and their time.
  const original = ethora.original(`http://127.0.0.1:${port}`);
  const made = original.readCreatedChat(await send(original.createChat(7)));
  assert.equal(made.jid, "shop_7@conference.xmpp.chat.ethora.com");
  await done(original.setAccess({ uuid: 7 }, { uuid: "u1" }, "0011"));
  await done(original.setAccess({ jid: made.jid }, { uuid: "u1" }, "1111", 60));
  assert.equal(app.chats.find(({ uuid }) => uuid === "7").access.u1, "1111");
  await done(original.setAccess({ uuid: 7 }, { uuid: "u1" }, "0000"));
  await done(original.deleteChat({ uuid: 7 }));
  await done(ethora.deleteChat("c1"));
  await assert.rejects(done(ethora.deleteChat("c1")), { code: "NOT_FOUND" });
  await done(ethora.deleteUsers(["u2"]));
  assert.deepEqual(
    app.users.map(({ userId }) => userId),
    ["u1"],
  );
  // A client's token signs the user in there.
  const traded = await fetch(`http://127.0.0.1:${port}/v1/users/client`, {
    method: "POST",
    headers: { "x-custom-token": ethora.clientToken("u1") },
  });
  assert.equal((await traded.json()).user.firstName, "Ada");
  for (const [status, code] of [
    [401, "UNAUTHORIZED"],
    [403, "FORBIDDEN"],
    [503, "SERVER_FAILED"],
  ]) {
    app.fail({ status });
    await assert.rejects(done(ethora.listUsers()), { code });
  }
});

test("what cannot be sent is a typed error without a secret in it", async () => {
  const ethora = await ethoraBackend({ appId, appSecret: secret });
  const code = (call) => {
    try {
      return call();
    } catch (error) {
      assert.ok(error instanceof EthoraError && !error.message.includes(secret), String(error));
      return error.code;
    }
  };
  assert.deepEqual(
    [
      () => ethora.clientToken(""),
      () => ethora.clientToken(7),
      () => ethora.clientToken("u", { expiresIn: -1 }),
      () => ethora.clientToken("u", { expiresIn: NaN }),
      () => ethora.flatClientToken("u", { expiresIn: Infinity }),
      () => ethora.createUsers([]),
      () => ethora.createUsers([{}]),
      () => ethora.createChat("c", ""),
      () => ethora.createChat("c", "t", "secret"),
      () => ethora.original("https://a.example").createChat(1.5),
      () => ethora.original("https://a.example").createChat(2 ** 53),
      () => ethora.original("nowhere").createChat(1),
      () => ethora.original("https://a.example").setAccess({ uuid: 1, jid: "a@b" }, { uuid: "u" }, "0001"),
      () => ethora.original("https://a.example").setAccess({ uuid: 1 }, {}, "0001"),
      () => ethora.original("https://a.example").setAccess({ uuid: 1 }, { uuid: "u" }, "1"),
      () => ethora.original("https://a.example").setAccess({ uuid: 1 }, { uuid: "u" }, "0001", 0),
      () => ethora.original("https://a.example", { createChat: "PEEK" }).createChat(1),
      () => ethora.readUserIds({ status: 200, body: "{}" }),
    ].map(code),
    [
      "USER_INVALID",
      "CALL_INVALID",
      "TIME_INVALID",
      "CALL_INVALID",
      "CALL_INVALID",
      "LIST_EMPTY",
      "CALL_INVALID",
      "CHAT_INVALID",
      "CALL_INVALID",
      "CALL_INVALID",
      "CHAT_INVALID",
      "BASE_INVALID",
      "NOT_EXACTLY_ONE",
      "NOT_EXACTLY_ONE",
      "ACCESS_CODE_INVALID",
      "TIME_INVALID",
      "SETTINGS_INVALID",
      "REPLY_INVALID",
    ],
  );
  for (const [options, code] of [
    [{ appId: "" }, "APP_ID_INVALID"],
    [{ appSecret: "" }, "SECRET_INVALID"],
    [{ baseUrl: "ftp://a" }, "BASE_INVALID"],
    [{ baseUrl: "https://api.example/v1" }, "BASE_INVALID"],
    [{ appId: 7 }, "CALL_INVALID"],
  ]) {
    await assert.rejects(ethoraBackend({ appId, appSecret: secret, ...options }), { code });
  }
});

test("two lists of users are compared, and nothing is sent", () => {
  assert.deepEqual(compareUsers(["bob", "ann", "bob"], ["eve", "bob"]), { missing: ["ann"], extra: ["eve"] });
});
