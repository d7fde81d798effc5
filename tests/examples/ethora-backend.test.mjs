/** `npm run test:examples`: the backend that signs an Ethora chat's tokens, before an imitation of the chat's server. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ethoraServer } from "../servers/ethora.mjs";
import { BadToken, derivedKey, verify } from "../servers/jwt.mjs";
import { runBackend } from "./backend.mjs";

const server = ethoraServer();
const app = server.app("646cc8dc96d4a4dc8f7b2f2d");
let chat;
let backend;

before(async () => {
  chat = await server.listen();
  backend = await runBackend("ethora-backend", {
    ETHORA_CHAT_APP_ID: app.id,
    ETHORA_CHAT_APP_SECRET: app.secret,
    ETHORA_CHAT_API_URL: `http://127.0.0.1:${chat.port}`,
  });
});

after(async () => {
  await backend?.close();
  await chat?.close();
});

const as = (user, init = {}) => ({ ...init, headers: { "x-user": user } });
const room = (id, user) => backend.call(`/api/chats/${id}`, as(user, { method: "POST" }));

test("ethora-backend: a user gets a client token of their own, for five minutes, and it is not kept", async () => {
  const reply = await backend.call("/api/chat-token", as("u-17"));
  assert.deepEqual([reply.status, reply.headers.get("cache-control")], [200, "no-store"]);
  const token = await reply.text();

  const { iat, exp, data } = verify(token, [derivedKey(app.secret, "client")], Date.now());
  assert.deepEqual(data, { type: "client", userId: "u-17", appId: app.id });
  assert.equal(exp - iat, 300);
  assert.ok(Math.abs(iat - Date.now() / 1000) < 60, `${iat}`);
  // It is neither a server's token, nor signed with the secret itself.
  for (const key of [derivedKey(app.secret, "server"), app.secret]) assert.throws(() => verify(token, [key], Date.now()), BadToken);
});

test("ethora-backend: the chat's server takes the token", async () => {
  app.createUsers({ usersList: [{ uuid: "u-18" }] });
  const token = await (await backend.call("/api/chat-token", as("u-18"))).text();
  const reply = await fetch(`http://127.0.0.1:${chat.port}/v1/users/client`, { method: "POST", headers: { "x-custom-token": token } });
  assert.equal(reply.status, 200);
  assert.equal((await reply.json()).user.uuid, "u-18");
});

test("ethora-backend: a caller who is not signed in gets nothing", async () => {
  for (const init of [{}, as("")]) {
    const reply = await backend.call("/api/chat-token", init);
    assert.deepEqual([reply.status, await reply.text()], [403, ""]);
  }
  assert.equal((await backend.call("/api/chats/order-1906", { method: "POST" })).status, 403);
  assert.equal((await backend.call("/api/chat-token", as("u-17", { method: "POST" }))).status, 405);
});

test("ethora-backend: a name that no user or chat can have is refused, and the chat's server is not asked", async () => {
  const asked = app.requests.length;
  const long = "u".repeat(257);
  const reply = await backend.call("/api/chat-token", as(long));
  assert.equal(reply.status, 400);
  assert.ok(!(await reply.text()).includes(app.secret));
  assert.equal((await room("u-17", long)).status, 400);
  assert.equal((await room(long, "u-17")).status, 400);
  assert.equal((await room("two%0Alines", "u-17")).status, 400);
  assert.equal(app.requests.length, asked);
});

test("ethora-backend: a room is made, its user let in, and once more is no error", async () => {
  app.createUsers({ usersList: [{ uuid: "ada" }, { uuid: "grace" }] });
  assert.equal((await room("order-1906", "ada")).status, 204);
  assert.equal((await room("order-1906", "grace")).status, 204);
  const made = app.chats.find(({ uuid }) => uuid === "order-1906");
  assert.deepEqual([made.type, made.access], ["group", { ada: "0011", grace: "0011" }]);
});

test("ethora-backend: what the chat's server refuses is 502, without a secret or a token", async () => {
  const unknown = await room("order-1907", "nobody");
  app.fail({ path: "/chats", status: 500 });
  const failed = await room("order-1908", "nobody");
  for (const reply of [unknown, failed]) {
    assert.equal(reply.status, 502);
    const text = await reply.text();
    assert.ok(text !== "" && !text.includes(app.secret) && !text.includes("eyJ"), text);
  }
});
