// Makes tokens.json with Node's own crypto, and requests.json by running the vendor's sdk against a server that writes down what comes:
// `npm i @ethora/sdk-backend@26.8.1` in an empty folder, then `node make.mjs <that folder>`.
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const SECRET = "test-secret-not-real-0123456789abcdef";
const IAT = 1700000000;
const EXP = IAT + 300;

const save = (file, content) => writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(content, null, 2)}\n`);

const hmac = (key, text) => createHmac("sha256", key).update(text);
const derived = (purpose) => hmac(SECRET, `ethora:${purpose}:v1`).digest("hex");
const encode = (text) => Buffer.from(text).toString("base64url");
function token(kind, given, key, payload) {
  const signed = `${encode('{"alg":"HS256","typ":"JWT"}')}.${encode(payload)}`;
  return { kind, ...given, key, payload, token: `${signed}.${hmac(key, signed).digest("base64url")}` };
}
const client = derived("client");
const server = derived("server");
const mail = "dwight.schrute@acme.com";
const flat = `{"email":"${mail}","type":"client","appId":"123"`;
const nested = '{"data":{"type":"client","userId":"u1","appId":"123"}';
/** Tokens that are wrong in one thing, at 1700000100. */
function wrong(code, payload, { key = client, header = '{"alg":"HS256","typ":"JWT"}', signature } = {}) {
  const signed = `${encode(header)}.${encode(payload)}`;
  return { code, token: `${signed}.${signature ?? hmac(key, signed).digest("base64url")}` };
}
const none = '{"alg":"none","typ":"JWT"}';
const odd = 'Jürgen "J" \\ 東京 😀';
save("tokens.json", {
  secret: SECRET,
  appId: "123",
  tokens: [
    token("flat", { subject: mail }, SECRET, `${flat}}`),
    token("flat", { subject: mail, iat: IAT }, SECRET, `${flat},"iat":${IAT}}`),
    token("flat", { subject: mail, iat: IAT, exp: EXP }, SECRET, `${flat},"iat":${IAT},"exp":${EXP}}`),
    token("flat", { subject: mail, exp: EXP }, SECRET, `${flat},"exp":${EXP}}`),
    token("nested", { subject: "u1", iat: IAT }, client, `${nested},"iat":${IAT}}`),
    token("nested", { subject: "u1", iat: IAT, exp: EXP }, client, `${nested},"iat":${IAT},"exp":${EXP}}`),
    token("nested", { subject: odd, iat: IAT }, client, `{"data":{"type":"client","userId":${JSON.stringify(odd)},"appId":"123"},"iat":${IAT}}`),
    token("server", { iat: IAT }, server, `{"data":{"appId":"123","type":"server"},"iat":${IAT}}`),
    token("server", { subject: "t1", iat: IAT }, server, `{"data":{"appId":"123","type":"server","tenantId":"t1"},"iat":${IAT}}`),
    token("server", { iat: IAT, exp: EXP }, server, `{"data":{"appId":"123","type":"server"},"iat":${IAT},"exp":${EXP}}`),
  ],
  wrong: [
    { code: "JWT_MALFORMED", token: "" },
    { code: "JWT_MALFORMED", token: "JWT " },
    { code: "JWT_MALFORMED", token: "a.b" },
    { code: "JWT_MALFORMED", token: "a.b.c.d" },
    wrong("JWT_MALFORMED", "[1]"),
    wrong("JWT_MALFORMED", "{"),
    wrong("JWT_MALFORMED", `${nested},"exp":"soon"}`),
    wrong("JWT_MALFORMED", `${nested},"iat":-1}`),
    wrong("JWT_ALG", `${nested}}`, { header: none }),
    wrong("JWT_ALG", `${nested}}`, { header: none, signature: "" }),
    wrong("JWT_ALG", `${nested}}`, { header: '{"alg":"HS512","typ":"JWT"}' }),
    wrong("JWT_SIGNATURE", `${nested}}`, { key: server }),
    wrong("JWT_SIGNATURE", `${nested}}`, { signature: "" }),
    wrong("JWT_SIGNATURE", `${flat}}`, { key: client }),
    wrong("JWT_AMBIGUOUS", `${nested},"appId":"124"}`),
    wrong("JWT_AMBIGUOUS", `${nested},"type":"server"}`),
    wrong("JWT_TYPE", '{"data":{"type":"user","userId":"u1","appId":"123"}}', { key: SECRET }),
    wrong("JWT_TYPE", '{"email":"a@b","type":"server","appId":"123"}', { key: SECRET }),
    wrong("JWT_APP", '{"data":{"type":"client","userId":"u1","appId":"124"}}'),
    wrong("JWT_APP", '{"data":{"type":"client","userId":"u1","appId":123}}'),
    wrong("JWT_NO_SUBJECT", '{"data":{"type":"client","userId":"","appId":"123"}}'),
    wrong("JWT_NO_SUBJECT", '{"data":{"type":"client","email":"a@b","appId":"123"}}'),
    wrong("JWT_EXPIRED", `${nested},"exp":1700000100}`),
    wrong("JWT_NOT_YET_VALID", `${nested},"nbf":1700000101}`),
  ],
});

const user = { email: "ann@example.com", firstName: "Ann", lastName: "Lee", password: "x9 \"ü\"" };
const other = { uuid: "u2", email: "bo@example.com", firstName: "Bo", lastName: "Ek" };
const users = { bypassEmailConfirmation: true, usersList: [{ uuid: "u1", ...user }, other] };
const query = { chatName: "123_a b&c", xmppUsername: "123_ü", userId: "u/1~*'()!", limit: 10, offset: 0 };
const room = { title: "Häuser & \"Co\"" };
const CALLS = {
  create_user: (sdk) => sdk.createUser("u1", user),
  create_user_picture: (sdk) => sdk.createUser("u1", { ...user, profileImage: "https://a.example/ann.png", description: "in two\nlines" }),
  create_users_per_app: (sdk) => sdk.createUsersInApp("123", users),
  import_job: (sdk) => sdk.getUsersBatchJob("123", "job-1"),
  delete_users: (sdk) => sdk.deleteUsers(["u1", "u2"]),
  delete_users_per_app: (sdk) => sdk.deleteUsersInApp("123", ["u1"]),
  list_users: (sdk) => sdk.getUsers(),
  list_users_query: (sdk) => sdk.getUsers(query),
  create_chat: (sdk) => sdk.createChatRoom("c1", room),
  create_chat_per_app: (sdk) => sdk.createChatRoomInApp("123", "c1", { ...room, type: "public" }),
  delete_chat: (sdk) => sdk.deleteChatRoom("c1"),
  delete_chat_per_app: (sdk) => sdk.deleteChatRoomInApp("123", "123_c1"),
  add_members: (sdk) => sdk.grantUserAccessToChatRoom("c1", ["u1", "u2"]),
  add_members_per_app: (sdk) => sdk.grantUserAccessToChatRoomInApp("123", "123_c1", ["123_u1", "123zzz"]),
  remove_members: (sdk) => sdk.removeUserAccessFromChatRoom("c1", ["u1"]),
  remove_members_per_app: (sdk) => sdk.removeUserAccessFromChatRoomInApp("123", "c1", ["u1"]),
  update_users: (sdk) => sdk.updateUsers([{ xmppUsername: "123_u1", firstName: "Ann", lastName: "Lee", username: "ann", profileImage: "https://a.example/ann.png" }, { xmppUsername: "123_u2", firstName: "Bo" }]),
  user_by_name: (sdk) => sdk.getAppUserByXmppUsername("123_ü/1~*()!"),
  user_chats: (sdk) => sdk.getUserChats("u1"),
  user_chats_query: (sdk) => sdk.getUserChats("u1", { limit: 20, offset: 40, includeMembers: true }),
  update_chat: (sdk) => sdk.updateChatRoom("c1", { title: "Häuser & \"Co\"", description: "in two\nlines" }),
  update_chat_title: (sdk) => sdk.updateChatRoom("123_c1", { title: "Co" }),
  list_chats: (sdk) => sdk.listChatsInApp("123"),
  list_chats_query: (sdk) => sdk.listChatsInApp("123", { limit: 20, offset: 40, includeMembers: false }),
  create_chat_fields: (sdk) => sdk.createChatRoom("c1", { ...room, description: "in two\nlines", pinned: true }),
  list_apps: (sdk) => sdk.listApps(),
  list_apps_query: (sdk) => sdk.listApps({ limit: 20, offset: 40, order: "desc", orderBy: "createdAt" }),
  get_app: (sdk) => sdk.getApp("123"),
  create_app: (sdk) => sdk.createApp({ displayName: "Häuser & \"Co\"" }),
  create_app_fields: (sdk) => sdk.createApp({ displayName: "Co", domainName: "co", appTagline: "Ours", logoImage: "https://a.example/1.png", sublogoImage: "https://a.example/2.png", primaryColor: "#112233", bundleId: "example.co", plan: { seats: 5 } }),
  delete_app: (sdk) => sdk.deleteApp("123"),
  list_app_tokens: (sdk) => sdk.listAppTokens("123"),
  create_app_token: (sdk) => sdk.createAppToken("123"),
  create_app_token_label: (sdk) => sdk.createAppToken("123", { label: "CI" }),
  rotate_app_token: (sdk) => sdk.rotateAppToken("123", "t-1"),
  rotate_app_token_label: (sdk) => sdk.rotateAppToken("123", "t-1", { label: "CI" }),
  revoke_app_token: (sdk) => sdk.revokeAppToken("123", "t-1"),
  provision_app: (sdk) => sdk.provisionApp("123"),
  provision_app_rooms: (sdk) => sdk.provisionApp("123", { rooms: [{ title: "Häuser", pinned: true }, { title: "Co", colour: "red" }], welcome: ["a", 1, null] }),
  get_app_bot: (sdk) => sdk.getAppBot("123"),
  update_app_bot: (sdk) => sdk.updateAppBot("123", { status: "on", trigger: "any_message", prompt: "in two\nlines", greetingMessage: "Hello", chatId: "c1", isRAG: true, botFirstName: "Bo", botLastName: "Bot", model: "m" }),
  broadcast: (sdk) => sdk.broadcastToAppChats("123", { text: "in two\nlines", allRooms: true }),
  broadcast_fields: (sdk) => sdk.broadcastToAppChats("123", { text: "Hello", allRooms: false, chatNames: ["123_c1"], chatIds: ["c2"], metadata: { by: "ann", deep: { x: [1] } }, dryRun: true, colour: "red" }),
  broadcast_job: (sdk) => sdk.getAppBroadcastJob("123", "job-1"),
  // A parent's token, a child's path.
  child_create_users: (sdk) => sdk.createUsersInApp("child", users),
  child_import_job: (sdk) => sdk.getUsersBatchJob("child", "job-1"),
  child_delete_users: (sdk) => sdk.deleteUsersInApp("child", ["u1"]),
  child_user_chats: (sdk) => sdk.getUserChatsInApp("child", "u1", { limit: 20 }),
  child_create_chat: (sdk) => sdk.createChatRoomInApp("child", "c1", room),
  child_update_chat: (sdk) => sdk.updateChatRoomInApp("child", "c1", { title: "Co" }),
  child_update_chat_jid: (sdk) => sdk.updateChatRoomInApp("child", "a-b@conference.example.com", { title: "Co" }),
  child_list_chats: (sdk) => sdk.listChatsInApp("child"),
  child_delete_chat: (sdk) => sdk.deleteChatRoomInApp("child", "c1"),
  child_add_members: (sdk) => sdk.grantUserAccessToChatRoomInApp("child", "c1", "u1"),
  child_remove_members: (sdk) => sdk.removeUserAccessFromChatRoomInApp("child", "c1", ["u1"]),
  child_get_app: (sdk) => sdk.getApp("child"),
  child_delete_app: (sdk) => sdk.deleteApp("child"),
  child_list_app_tokens: (sdk) => sdk.listAppTokens("child"),
  child_get_app_bot: (sdk) => sdk.getAppBot("child"),
  child_broadcast_job: (sdk) => sdk.getAppBroadcastJob("child", "job-1"),
};

const folder = process.argv[2];
if (folder !== undefined) {
  // What the sdk sets; the others are those of any HTTP client.
  const ours = ["Authorization", "x-custom-token", "Content-Type"];
  const requests = [];
  const recorder = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const raw = request.rawHeaders;
      const pairs = ours.map((name) => [name, raw[raw.indexOf(name) + 1]]);
      const body = Buffer.concat(parts).toString();
      requests.push({ method: request.method, path: request.url, headers: pairs, body: body === "" ? null : body });
      response.setHeader("content-type", "application/json");
      response.end("{}");
    });
  });
  await new Promise((listening) => recorder.listen(0, "127.0.0.1", listening));
  process.env.ETHORA_CHAT_API_URL = `http://127.0.0.1:${recorder.address().port}`;
  Date.now = () => IAT * 1000;
  const { getEthoraSDKService } = createRequire(path.resolve(folder, "x.js"))("@ethora/sdk-backend");
  const sdk = getEthoraSDKService({ chatAppId: "123", chatAppSecret: SECRET });
  const named = [];
  for (const [call, send] of Object.entries(CALLS)) {
    // Which method of the sdk it is: the first that is called.
    let method;
    const watched = new Proxy(sdk, { get: (target, name) => (method ??= name, target[name].bind(target)) });
    await send(watched);
    named.push({ call, sdk: method, ...requests.pop() });
  }
  recorder.close();
  // Every method that sends: the others make a name or a token, or are the sdk's own.
  const own = ["constructor", "createChatName", "createChatUserJwtToken", "getHeaders", "createScopedChatName", "createScopedMembers", "buildQueryString", "makeRequest"];
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(sdk)).filter((name) => !own.includes(name));
  const names = [sdk.createChatName("c1"), sdk.createChatName("c1", false)];
  save("requests.json", { secret: SECRET, appId: "123", iat: IAT, names, methods, requests: named });
}
