// authframe/ethora-backend beside the vendor's SDK: every call goes over real HTTP to a server that writes down what comes, and is compared with what the SDK has sent to the same
// (tests/vectors/ethora/make.mjs).
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { ethoraBackend, send } from "../../dist/ethora-backend.js";
import { vectors } from "./compile.mjs";

const { secret, appId, iat, names, methods, requests } = vectors("ethora/requests");

const came = [];
const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  came.push({ method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(parts).toString() || null });
  response.end("{}");
});
let baseUrl;
before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  baseUrl = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

const backend = (more = {}) => ethoraBackend({ appId, appSecret: secret, baseUrl, now: () => iat * 1000 + 999, ...more });

const ann = { uuid: "u1", email: "ann@example.com", firstName: "Ann", lastName: "Lee", password: 'x9 "ü"' };
const bo = { uuid: "u2", email: "bo@example.com", firstName: "Bo", lastName: "Ek" };
const picture = "https://a.example/ann.png";
const title = 'Häuser & "Co"';
const lines = "in two\nlines";

const OWN = {
  create_user: (ethora) => ethora.createUsers([ann]),
  create_user_picture: (ethora) => ethora.createUsers([{ ...ann, profileImage: picture, description: lines }]),
  import_job: (ethora) => ethora.importJob("job-1"),
  delete_users: (ethora) => ethora.deleteUsers(["u1", "u2"]),
  list_users: (ethora) => ethora.listUsers(),
  list_users_query: (ethora) =>
    ethora.listUsers({ chatName: "123_a b&c", xmppUsername: "123_ü", userId: "u/1~*'()!", limit: 10, offset: 0 }),
  create_chat: (ethora) => ethora.createChat("c1", title),
  create_chat_fields: (ethora) => ethora.createChat("c1", title, "private", { description: lines, pinned: true }),
  delete_chat: (ethora) => ethora.deleteChat("c1"),
  add_members: (ethora) => ethora.addMembers("c1", ["u1", "u2"]),
  remove_members: (ethora) => ethora.removeMembers("c1", ["u1"]),
  update_users: (ethora) =>
    ethora.updateUsers([
      { xmppUsername: ethora.nameOf("u1"), firstName: "Ann", lastName: "Lee", username: "ann", profileImage: picture },
      { xmppUsername: "123_u2", firstName: "Bo" },
    ]),
  user_by_name: (ethora) => ethora.getAppUserByXmppUsername("123_ü/1~*()!"),
  user_chats: (ethora) => ethora.getUserChats("u1"),
  user_chats_query: (ethora) => ethora.getUserChats("u1", { limit: 20, offset: 40, includeMembers: true }),
  update_chat: (ethora) => ethora.updateChat("c1", { title, description: lines }),
  update_chat_title: (ethora) => ethora.updateChat("123_c1", { title: "Co" }),
  list_chats: (ethora) => ethora.listChats(),
  list_chats_query: (ethora) => ethora.listChats({ limit: 20, offset: 40, includeMembers: false }),
  list_apps: (ethora) => ethora.listApps(),
  list_apps_query: (ethora) => ethora.listApps({ limit: 20, offset: 40, order: "desc", orderBy: "createdAt" }),
  get_app: (ethora) => ethora.getApp("123"),
  create_app: (ethora) => ethora.createApp({ displayName: title }),
  create_app_fields: (ethora) =>
    ethora.createApp({
      displayName: "Co",
      domainName: "co",
      appTagline: "Ours",
      logoImage: "https://a.example/1.png",
      sublogoImage: "https://a.example/2.png",
      primaryColor: "#112233",
      bundleId: "example.co",
      more: { plan: { seats: 5 } },
    }),
  delete_app: (ethora) => ethora.deleteApp("123"),
  list_app_tokens: (ethora) => ethora.listAppTokens(),
  create_app_token: (ethora) => ethora.createAppToken(),
  create_app_token_label: (ethora) => ethora.createAppToken({ label: "CI" }),
  rotate_app_token: (ethora) => ethora.rotateAppToken("t-1"),
  rotate_app_token_label: (ethora) => ethora.rotateAppToken("t-1", { label: "CI" }),
  revoke_app_token: (ethora) => ethora.revokeAppToken("t-1"),
  provision_app: (ethora) => ethora.provisionApp(),
  provision_app_rooms: (ethora) =>
    ethora.provisionApp({
      rooms: [
        { title: "Häuser", pinned: true },
        { title: "Co", more: { colour: "red" } },
      ],
      more: { welcome: ["a", 1, null] },
    }),
  get_app_bot: (ethora) => ethora.getAppBot(),
  update_app_bot: (ethora) =>
    ethora.updateAppBot({
      status: "on",
      trigger: "any_message",
      prompt: lines,
      greetingMessage: "Hello",
      chatId: "c1",
      isRAG: true,
      botFirstName: "Bo",
      botLastName: "Bot",
      more: { model: "m" },
    }),
  broadcast: (ethora) => ethora.broadcastToAppChats({ text: lines, allRooms: true }),
  broadcast_fields: (ethora) =>
    ethora.broadcastToAppChats({
      text: "Hello",
      allRooms: false,
      chatNames: ["123_c1"],
      chatIds: ["c2"],
      metadata: { by: "ann", deep: { x: [1] } },
      dryRun: true,
      more: { colour: "red" },
    }),
  broadcast_job: (ethora) => ethora.getAppBroadcastJob("job-1"),
};

/** By the paths that name the own app. */
const PER_APP = {
  create_users_per_app: (app) => app.createUsers([ann, bo]),
  delete_users_per_app: (app) => app.deleteUsers(["u1"]),
  create_chat_per_app: (app) => app.createChat("c1", title, "public"),
  delete_chat_per_app: (app) => app.deleteChat("123_c1"),
  add_members_per_app: (app) => app.addMembers("123_c1", ["123_u1", "123zzz"]),
  remove_members_per_app: (app) => app.removeMembers("c1", ["u1"]),
};

/** Of a child app; `parent` is what signs. */
const CHILD = {
  child_create_users: (child) => child.createUsers([ann, bo]),
  child_import_job: (child) => child.importJob("job-1"),
  child_delete_users: (child) => child.deleteUsers(["u1"]),
  child_user_chats: (child) => child.getUserChats("u1", { limit: 20 }),
  child_create_chat: (child) => child.createChat("c1", title),
  child_update_chat: (child) => child.updateChat("c1", { title: "Co" }),
  child_update_chat_jid: (child) => child.updateChat("a-b@conference.example.com", { title: "Co" }),
  child_list_chats: (child) => child.listChats(),
  child_delete_chat: (child) => child.deleteChat("c1"),
  child_add_members: (child) => child.addMembers("c1", ["u1"]),
  child_remove_members: (child) => child.removeMembers("c1", ["u1"]),
  child_get_app: (_child, parent) => parent.getApp("child"),
  child_delete_app: (_child, parent) => parent.deleteApp("child"),
  child_list_app_tokens: (child) => child.listAppTokens(),
  child_get_app_bot: (child) => child.getAppBot(),
  child_broadcast_job: (child) => child.getAppBroadcastJob("job-1"),
};

const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

/** Sends what a call gives, and compares what has arrived with what the SDK has sent. */
async function compare(call, request) {
  const recorded = requests.find((entry) => entry.call === call);
  assert.ok(recorded, call);
  assert.equal((await send(request)).status, 200);
  const { method, path, headers, body } = came.pop();
  assert.deepEqual([method, path], [recorded.method, recorded.path], call);
  assert.equal(body, recorded.body, call);
  assert.equal(headers["content-type"], "application/json");
  const custom = headers["x-custom-token"];
  assert.equal(headers.authorization, `Bearer ${custom}`);
  const theirs = claims(recorded.headers.find(([name]) => name === "x-custom-token")[1]);
  // Theirs never ends.
  assert.deepEqual(claims(custom), { ...theirs, exp: iat + 60 }, call);
  return recorded.sdk;
}

test("E8: every call of the vendor's SDK by method, path, query, body and claims, over HTTP", async () => {
  const ethora = await backend();
  const compared = new Set();
  for (const [call, make] of Object.entries(OWN)) compared.add(await compare(call, make(ethora)));
  for (const app of [await backend({ perApp: true }), ethora.inApp(appId)]) {
    for (const [call, make] of Object.entries(PER_APP)) compared.add(await compare(call, make(app)));
  }
  for (const [call, make] of Object.entries(CHILD)) compared.add(await compare(call, make(ethora.inApp("child"), ethora)));
  assert.deepEqual([...compared].sort(), [...methods].sort(), "every method that sends");
  const calls = Object.keys({ ...OWN, ...PER_APP, ...CHILD });
  assert.deepEqual(calls.sort(), requests.map(({ call }) => call).sort(), "every recording");
  assert.deepEqual([ethora.chatJid("c1"), ethora.nameOf("c1")], names);
});

test("E6: a child's calls carry the parent's token and name the child; tenantId and serverToken", async () => {
  const parent = await backend();
  const child = parent.inApp("child");
  const { url, headers, body } = child.addMembers("c1", ["u1"]);
  assert.equal(url, `${baseUrl}/v2/apps/child/chats/users-access`);
  assert.deepEqual(JSON.parse(body), { chatName: "child_c1", members: ["child_u1"] });
  const [, [, token]] = headers;
  assert.deepEqual(claims(token).data, { appId, type: "server" });
  assert.equal(child.readCreatedChat("c1", { status: 201, body: "" }).jid, "child_c1@conference.xmpp.chat.ethora.com");
  assert.deepEqual([child.nameOf("u1"), parent.nameOf("u1")], ["child_u1", "123_u1"]);

  assert.deepEqual(claims(parent.serverToken()), { data: { appId, type: "server" }, iat, exp: iat + 60 });
  assert.deepEqual(claims(parent.serverToken({ expiresIn: null })), { data: { appId, type: "server" }, iat });
  const tenant = await backend({ tenantId: "t1" });
  const withTenant = { appId, type: "server", tenantId: "t1" };
  assert.deepEqual(claims(tenant.serverToken()).data, withTenant);
  assert.deepEqual(claims(tenant.serverToken({ tenantId: "t2" })).data, { ...withTenant, tenantId: "t2" });
  assert.deepEqual(claims(tenant.inApp("child").listChats().headers[1][1]).data, withTenant);
  assert.deepEqual(claims(tenant.clientToken("u1")).data, { type: "client", userId: "u1", appId });
});

test("E13: the original API of the guide, whole", async () => {
  const ethora = await backend();
  const { base, requests: known } = vectors("ethora/original");
  const original = ethora.original(base);
  const [jid, userJid] = ["42@conference.example.com", "u1@example.com"];
  const made = {
    create_chat: () => original.createChat(42),
    create_chat_public: () => original.createChat(9_007_199_254_740_991, "public"),
    delete_chat_by_uuid: () => original.deleteChat({ uuid: 42 }),
    delete_chat_by_jid: () => original.deleteChat({ jid }),
    access_jid_jid: () => original.setAccess({ jid }, { jid: userJid }, "0011"),
    access_jid_uuid: () => original.setAccess({ jid }, { uuid: "u1" }, "0111", 3600),
    access_uuid_jid: () => original.setAccess({ uuid: 42 }, { jid: userJid }, "1111"),
    access_uuid_uuid: () => original.setAccess({ uuid: 42 }, { uuid: "u1" }, "0000"),
  };
  assert.deepEqual(Object.keys(made).sort(), known.map(({ call }) => call).sort());
  for (const { call, method, path, body } of known) {
    const request = made[call]();
    assert.deepEqual([request.method, request.url, request.body], [method, base + path, body], call);
  }
  const user = { uuid: "u1", any: ["thing", null] };
  for (const [request, method, path] of [
    [original.createUser(user), "POST", "/users/"],
    [original.deleteUser(user), "DELETE", "/users/"],
    [original.importUsers(user), "POST", "/import-users/"],
  ]) {
    assert.deepEqual([request.method, request.url], [method, base + path]);
    assert.deepEqual(JSON.parse(request.body), user);
  }
  const elsewhere = ethora.original(base, {
    headers: [["Authorization", "JWT {token}"]],
    createUser: { method: "PUT", path: "/user-create" },
    deleteUser: { method: "POST", path: "/user-delete" },
    importUsers: { method: "PATCH", path: "/import" },
  });
  const [created, deleted, imported] = [elsewhere.createUser({}), elsewhere.deleteUser({}), elsewhere.importUsers([user])];
  assert.deepEqual([created.method, created.url], ["PUT", `${base}/user-create`]);
  assert.deepEqual([deleted.method, deleted.url], ["POST", `${base}/user-delete`]);
  assert.deepEqual([imported.method, imported.url], ["PATCH", `${base}/import`]);
  assert.match(created.headers[0].join(" "), /^Authorization JWT eyJ/);
});
