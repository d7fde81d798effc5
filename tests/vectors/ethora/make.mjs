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
});

const user = { email: "ann@example.com", firstName: "Ann", lastName: "Lee", password: "x9 \"ü\"" };
const other = { uuid: "u2", email: "bo@example.com", firstName: "Bo", lastName: "Ek" };
const users = { bypassEmailConfirmation: true, usersList: [{ uuid: "u1", ...user }, other] };
const query = { chatName: "123_a b&c", xmppUsername: "123_ü", userId: "u/1~*'()!", limit: 10, offset: 0 };
const room = { title: "Häuser & \"Co\"" };
const CALLS = {
  create_user: (sdk) => sdk.createUser("u1", user),
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
    await send(sdk);
    named.push({ call, ...requests.pop() });
  }
  recorder.close();
  save("requests.json", { secret: SECRET, appId: "123", iat: IAT, requests: named });
}
