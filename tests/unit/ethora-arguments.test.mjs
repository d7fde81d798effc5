// authframe/ethora-backend: what callers get wrong is an EthoraError that names it, in JavaScript and in the types.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { EthoraError, ethoraBackend, send } from "../../dist/ethora-backend.js";
import { root, vectors } from "./compile.mjs";

const { secret, appId } = vectors("ethora/tokens");
const ethora = await ethoraBackend({ appId, appSecret: secret });
const original = ethora.original("https://a.example");
const ann = { uuid: "u1", email: "ann@example.com", firstName: "Ann", lastName: "Lee" };

function thrown(call) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof EthoraError, `${call}: ${error}`);
    assert.equal(error.responsible, "app");
    return error;
  }
  assert.fail(`${call} throws nothing`);
}

/** Each is refused as CALL_INVALID, and the message begins with the name of the argument. */
function named(cases) {
  for (const [call, name] of cases) {
    const { code, message } = thrown(call);
    assert.equal(code, "CALL_INVALID", `${call}: ${message}`);
    assert.ok(message.startsWith(`${name} `), `${call}: ${message}`);
  }
}

test("E3: a number that is none, or outside its range, is never sent as something else", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    named([
      [() => original.setAccess({ uuid: 1 }, { uuid: "u" }, "0000", bad), "accessTimer"],
      [() => original.setAccess({ uuid: bad }, { uuid: "u" }, "0000"), "chat.uuid"],
      [() => original.createChat(bad), "uuid"],
      [() => ethora.clientToken("u", { expiresIn: bad }), "options.expiresIn"],
      [() => ethora.flatClientToken("u@a", { expiresIn: bad }), "options.expiresIn"],
      [() => ethora.serverToken({ expiresIn: bad }), "options.expiresIn"],
      [() => ethora.listUsers({ limit: bad }), "query.limit"],
      [() => ethora.listUsers({ offset: bad }), "query.offset"],
      [() => ethora.getUserChats("u", { limit: bad }), "query.limit"],
      [() => ethora.listChats({ offset: bad }), "query.offset"],
      [() => ethora.listApps({ limit: bad }), "query.limit"],
      [() => ethora.createChat("c", "t", "private", { order: bad }), "more.order"],
      [() => ethora.check({ status: bad, body: "" }), "reply.status"],
      [() => original.importUsers([{ age: bad }]), "body[0].age"],
    ]);
  }
  for (const bad of [-1, 1.5, "7", true, null, [], {}, 2 ** 53 + 0.5]) {
    named([
      [() => ethora.listUsers({ limit: typeof bad === "number" && bad > 2 ** 32 ? 2 ** 32 : bad }), "query.limit"],
      [() => ethora.listChats({ offset: typeof bad === "number" && bad > 2 ** 32 ? 2 ** 32 : bad }), "query.offset"],
    ]);
  }
  for (const bad of [-1, 1.5, "7", true, null, 1e300]) {
    named([
      [() => original.setAccess({ uuid: 1 }, { uuid: "u" }, "0000", bad), "accessTimer"],
      [() => original.createChat(bad), "uuid"],
    ]);
  }
  for (const bad of [1.5, "7", true, 1e300]) named([[() => ethora.clientToken("u", { expiresIn: bad }), "options.expiresIn"]]);
  assert.equal(thrown(() => original.setAccess({ uuid: 1 }, { uuid: "u" }, "0000", 0)).code, "TIME_INVALID");
  assert.equal(thrown(() => ethora.clientToken("u", { expiresIn: 0 })).code, "TIME_INVALID");
  assert.equal(JSON.parse(original.setAccess({ uuid: 1 }, { uuid: "u" }, "0000", 1).body).accessTimer, 1);
  assert.match(ethora.listUsers({ limit: 4_294_967_295, offset: 0 }).url, /limit=4294967295&offset=0$/);
});

test("E3: a clock that gives no time is refused, and so is what ends after the year 9999", async () => {
  for (const now of [() => NaN, () => -1, () => Infinity, () => "1700000000000", () => undefined]) {
    await assert.rejects(ethoraBackend({ appId, appSecret: secret, now }), { code: "CALL_INVALID", message: /^now\(\) / });
  }
  assert.equal(thrown(() => ethora.clientToken("u", { expiresIn: 2 ** 52 })).code, "TIME_INVALID");
});

test("E4: an unknown field is named, wherever it stands; what the vendor knows exists", async () => {
  named([
    [() => ethora.listUsers({ chatNam: "123_c" }), "query.chatNam"],
    [() => ethora.createUsers([ann, { ...ann, profileImag: "x" }]), "users[1].profileImag"],
    [() => ethora.createUsers([ann], { bypass: true }), "options.bypass"],
    [() => ethora.updateUsers([{ xmppUsername: "123_u1", email: "x@y" }]), "users[0].email"],
    [() => ethora.updateChat("c", { titel: "t" }), "update.titel"],
    [() => ethora.getUserChats("u", { includeMember: true }), "query.includeMember"],
    [() => ethora.listChats({ page: 1 }), "query.page"],
    [() => ethora.listApps({ orderby: "createdAt" }), "query.orderby"],
    [() => ethora.createApp({ displayName: "Co", domain: "co" }), "app.domain"],
    [() => ethora.createAppToken({ name: "CI" }), "options.name"],
    [() => ethora.rotateAppToken("t", { name: "CI" }), "options.name"],
    [() => ethora.provisionApp({ rooms: [{ title: "a", name: "b" }] }), "provision.rooms[0].name"],
    [() => ethora.updateAppBot({ isRag: true }), "update.isRag"],
    [() => ethora.broadcastToAppChats({ text: "a", chatName: ["b"] }), "broadcast.chatName"],
    [() => ethora.clientToken("u", { expiresin: 1 }), "options.expiresin"],
    [() => ethora.serverToken({ tenant: "t" }), "options.tenant"],
    [() => ethora.original("https://a.example", { create: "POST" }), "settings.create"],
    [() => ethora.original("https://a.example", { createUser: { method: "POST", url: "/a" } }), "settings.createUser.url"],
    [() => original.setAccess({ uuid: 1, id: 2 }, { uuid: "u" }, "0000"), "chat.id"],
  ]);
  await assert.rejects(ethoraBackend({ appId, appSecret: secret, perapp: true }), { code: "CALL_INVALID", message: /^options\.perapp / });
  assert.match(ethora.listUsers({ chatName: "123_c" }).url, /\?chatName=123_c$/);
  const [user] = JSON.parse(ethora.createUsers([{ ...ann, profileImage: "https://a.example/1", description: "d" }]).body).usersList;
  assert.deepEqual([user.profileImage, user.description], ["https://a.example/1", "d"]);
  assert.equal(JSON.parse(ethora.updateChat("c", { description: "d" }).body).description, "d");
  assert.equal(JSON.parse(ethora.createUsers([ann], { bypassEmailConfirmation: false }).body).bypassEmailConfirmation, false);
});

test("E5: what the vendor's types make mandatory is mandatory", () => {
  for (const name of ["uuid", "email", "firstName", "lastName"]) {
    const { [name]: _, ...rest } = ann;
    named([[() => ethora.createUsers([rest]), `users[0].${name}`]]);
  }
  named([
    [() => ethora.updateUsers([{ firstName: "Ann" }]), "users[0].xmppUsername"],
    [() => ethora.createApp({}), "app.displayName"],
    [() => ethora.broadcastToAppChats({ allRooms: true }), "broadcast.text"],
  ]);
});

test("E11: ids that are numbers or BigInts, things that are missing or of another type", async () => {
  named([
    [() => ethora.clientToken(7n), "userId"],
    [() => ethora.clientToken(7), "userId"],
    [() => ethora.clientToken(), "userId"],
    [() => ethora.clientToken("u", null), "options"],
    [() => ethora.clientToken("u", 300), "options"],
    [() => ethora.flatClientToken(7n), "email"],
    [() => ethora.createUsers([{ ...ann, uuid: 7n }]), "users[0].uuid"],
    [() => ethora.createUsers([{ ...ann, uuid: 7 }]), "users[0].uuid"],
    [() => ethora.createUsers([{ ...ann, email: null }]), "users[0].email"],
    [() => ethora.createUsers(ann), "users"],
    [() => ethora.createUsers(), "users"],
    [() => ethora.createUsers([undefined]), "users[0]"],
    [() => ethora.deleteUsers([1, 2]), "userIds[0]"],
    [() => ethora.deleteUsers(["a", 2n]), "userIds[1]"],
    [() => ethora.addMembers(1n, ["u"]), "chatId"],
    [() => ethora.addMembers("c", "u"), "userIds"],
    [() => ethora.createChat(42n, "t"), "chatId"],
    [() => ethora.createChat("c", Symbol("t")), "title"],
    [() => ethora.createChat("c", "t", "private", []), "more"],
    [() => ethora.createChat("c", "t", "group"), "access"],
    [() => ethora.importJob(7n), "jobId"],
    [() => ethora.getUserChats(7n), "userId"],
    [() => ethora.inApp(7n), "appId"],
    [() => ethora.getApp(), "appId"],
    [() => ethora.deleteApp(7), "appId"],
    [() => original.createChat(7n), "uuid"],
    [() => original.deleteChat({ uuid: 7n }), "chat.uuid"],
    [() => original.deleteChat(), "chat"],
    [() => original.setAccess({ uuid: 1 }, { uuid: 7 }, "0001"), "user.uuid"],
    [() => original.createUser(), "body"],
    [() => original.createUser({ run: () => {} }), "body.run"],
    [() => ethora.check(), "reply.status"],
    [() => ethora.check({ status: 200 }), "reply.body"],
    [() => ethora.readUserIds(null), "reply.status"],
    [() => ethora.readCreatedChat("c"), "reply.status"],
    [() => ethora.original(), "baseUrl"],
  ]);
  for (const request of [undefined, null, "https://a.example", {}, { url: "https://a.example" }]) {
    await assert.rejects(send(request), { name: "EthoraError", code: "CALL_INVALID", message: /^request / });
  }
  const circular = {};
  circular.circular = circular;
  assert.equal(thrown(() => original.createUser(circular)).code, "CALL_INVALID");
  for (const both of [{ uuid: 1, jid: "a@b" }, {}]) {
    assert.equal(thrown(() => original.deleteChat(both)).code, "NOT_EXACTLY_ONE");
    assert.equal(thrown(() => original.setAccess(both, { uuid: "u" }, "0001")).code, "NOT_EXACTLY_ONE");
  }
  for (const options of [undefined, null, 7, { appId }, { appId: 7n, appSecret: secret }, { appId, appSecret: secret, now: 7 }]) {
    await assert.rejects(ethoraBackend(options), { name: "EthoraError", code: "CALL_INVALID" });
  }
});

test("E11: what is refused in a list is named by its place", () => {
  const long = "x".repeat(1025);
  for (const [call, code, name] of [
    [() => ethora.createUsers([ann, { ...ann, email: "" }]), "USER_INVALID", "users[1]"],
    [() => ethora.createUsers([ann, ann, { ...ann, description: "a\0b" }]), "TEXT_INVALID", "users[2]"],
    [() => ethora.createUsers([{ ...ann, more: { uuid: "u2" } }]), "FIELD_REPEATED", "users[0]"],
    [() => ethora.updateUsers([{ xmppUsername: "123_u1", firstName: "Ann" }, { xmppUsername: "123_u2" }]), "NOTHING_TO_CHANGE", "users[1]"],
    [() => ethora.deleteUsers(["u1", long]), "USER_INVALID", "userIds[1]"],
    [() => ethora.addMembers("c", ["u1", "u2", ""]), "USER_INVALID", "userIds[2]"],
    [() => ethora.removeMembers("c", ["a\nb"]), "USER_INVALID", "userIds[0]"],
  ]) {
    const error = thrown(call);
    assert.equal(error.code, code);
    assert.ok(error.message.startsWith(`${name}: `), error.message);
  }
  assert.equal(thrown(() => ethora.addMembers("", ["u1"])).code, "CHAT_INVALID");
});

test("E11: no text that was given is in a message", () => {
  for (const call of [
    () => ethora.createUsers([{ ...ann, password: ["s3cret"] }]),
    () => ethora.createUsers([{ ...ann, password: "s3cret\n" }]),
    () => ethora.listUsers({ limit: "s3cret" }),
    () => ethora.listApps({ order: "s3cret" }),
    () => ethora.createChat("c", "t", "s3cret"),
  ]) {
    assert.ok(!thrown(call).message.includes("s3cret"));
  }
});

test("E11: no number that was given for a text is in a message: it may be a password; one for a number is", async () => {
  await assert.rejects(ethoraBackend({ appId, appSecret: 271828 }), /^EthoraError: options.appSecret is a number: it is meant to be text$/);
  for (const call of [
    () => ethora.createUsers([{ ...ann, password: 271828 }]),
    () => ethora.createUsers([{ ...ann, more: 271828 }]),
    () => ethora.createUsers(271828),
    () => ethora.verifyToken(271828),
    () => ethora.listApps({ order: 271828 }),
  ]) {
    assert.ok(!thrown(call).message.includes("271828"));
  }
  assert.match(thrown(() => ethora.listUsers({ limit: -271828 })).message, /^query.limit is -271828: /);
});

test("E11: what JSON would write as something else, and what cannot be read, is named", () => {
  const throwing = (key) => Object.defineProperty({}, key, { enumerable: true, get: () => assert.fail("mine") });
  const chat = (more) => () => ethora.createChat("c", "t", "private", more);
  const selfish = {};
  selfish.self = selfish;
  const hole = [1, 2, 3];
  delete hole[1];
  named([
    [chat({ x: new Map([["a", 1]]) }), "more.x"],
    [chat({ x: [new Set()] }), "more.x[0]"],
    [chat({ x: /a/ }), "more.x"],
    [chat({ x: new Uint8Array(2) }), "more.x"],
    [chat({ x: new Date(NaN) }), "more.x"],
    [chat({ x: [undefined] }), "more.x[0]"],
    [chat({ x: hole }), "more.x[1]"],
    [chat({ x: { y: "\ud800" } }), "more.x.y"],
    [chat({ x: { "\udc00": 1 } }), "more.x"],
    [chat({ x: throwing("y") }), "more.x.y"],
    [chat({ x: throwing("toJSON") }), "more.x"],
    [chat(selfish), `more${".self".repeat(101)}`],
    [() => ethora.clientToken("\ud800"), "userId"],
    [() => ethora.inApp("\ud800").createUsers([ann]), "appId"],
    [() => ethora.createUsers([throwing("uuid")]), "users[0].uuid"],
    [() => ethora.check(throwing("status")), "reply"],
    [() => ethora.createUsers(new Proxy({}, { get: () => assert.fail("mine") })), "users"],
  ]);
  const { at, face, nothing, ...rest } = JSON.parse(chat({ at: new Date(0), none: undefined, face: "\u{1f600}", nothing: null })().body);
  assert.deepEqual([at, face, nothing, "none" in rest], ["1970-01-01T00:00:00.000Z", "\u{1f600}", null, false]);
});

test("REPLY_INVALID says what was expected and what came, and nothing of it", () => {
  const users = (results) => JSON.stringify({ results });
  for (const [call, body, words] of [
    ["readUserIds", "", /^readUserIds reads the reply to listUsers\(\), .*; what came is status 200 with nothing$/],
    ["readUserIds", "<p>s3cret", /with 9 bytes that are not JSON$/],
    ["readUserIds", '{"users":["s3cret"]}', /with an object with other fields$/],
    ["readUserIds", '["s3cret"]', /with a list$/],
    ["readUserIds", users([{ xmppUsername: `${appId}_a` }, { uuid: "s3cret" }]), /results\[1\] has no xmppUsername$/],
    ["readUserIds", users([{ xmppUsername: "s3cret_a" }]), /results\[0\]\.xmppUsername does not begin with this appId and _$/],
  ])
    assert.throws(
      () => ethora[call]({ status: 200, body }),
      ({ code, responsible, message }) =>
        code === "REPLY_INVALID" && responsible === "peer" && words.test(message) && !message.includes("s3cret"),
      String(words),
    );
  assert.throws(() => original.readCreatedChat({ status: 200, body: "{}" }), /readCreatedChat reads .* an object without fields$/);
  assert.throws(() => ethora.check({ status: 302, body: "" }), /status of 200 to 299.* status 302 with nothing$/);
});

test("E11: compareUsers before anything is loaded", () => {
  const module = pathToFileURL(path.join(root, "dist/ethora-backend.js"));
  const program = `import { compareUsers } from ${JSON.stringify(module)};
    console.log(JSON.stringify(compareUsers(["a", "b"], ["b", "c"])));
    try { compareUsers("a", []); } catch (error) { console.log(error.name, error.code, error.message); }`;
  const [compared, refused] = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" }).split("\n");
  assert.deepEqual(JSON.parse(compared), { missing: ["a"], extra: ["c"] });
  assert.match(refused, /^EthoraError CALL_INVALID host /);
});

test("the types are those of a program for Node: lib ES2022 and @types/node, no DOM", (context) => {
  const folder = mkdtempSync(path.join(root, "tests/artifacts-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const declarations = path.join(root, "dist/ethora/backend.js");
  const program = `import { ethoraBackend, send } from ${JSON.stringify(declarations)};
const ethora = await ethoraBackend({ appId: "a", appSecret: "s", wasm: new Uint8Array(8) });
export const reply: { status: number; body: string } = await send(ethora.listUsers());
`;
  writeFileSync(path.join(folder, "server.mts"), program);
  const options = [
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--lib",
    "ES2022",
    "--types",
    "node",
    "--target",
    "es2022",
    "--module",
    "nodenext",
  ];
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, "server.mts"], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("E5, E11: the types say what is mandatory, what is exactly one, and what is not known", (context) => {
  const folder = mkdtempSync(path.join(tmpdir(), "authframe-types-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const declarations = path.join(root, "dist/ethora/backend.js");
  // Every line marked so must be an error, and no other one is.
  const program = `import { ethoraBackend, type ById, type NewUser } from ${JSON.stringify(declarations)};
const ethora = await ethoraBackend({ appId: "a", appSecret: "s", tenantId: "t" });
const ann: NewUser = { uuid: "u", email: "a@b", firstName: "Ann", lastName: "Lee" };
ethora.createUsers([ann]);
// @ts-expect-error
ethora.createUsers([{ uuid: "u", firstName: "Ann", lastName: "Lee" }]);
// @ts-expect-error
ethora.createUsers([{ uuid: "u", email: "a@b", lastName: "Lee" }]);
// @ts-expect-error
ethora.createUsers([{ uuid: "u", email: "a@b", firstName: "Ann" }]);
// @ts-expect-error
ethora.createUsers([{ email: "a@b", firstName: "Ann", lastName: "Lee" }]);
const chat: ById<number> = { uuid: 1 };
ethora.original("https://a").deleteChat(chat);
ethora.original("https://a").deleteChat({ jid: "a@b" });
// @ts-expect-error
ethora.original("https://a").deleteChat({ uuid: 1, jid: "a@b" });
// @ts-expect-error
ethora.original("https://a").deleteChat({});
// @ts-expect-error
ethora.original("https://a").createChat(1n);
// @ts-expect-error
ethora.clientToken(7);
// @ts-expect-error
ethora.listUsers({ chatNam: "a" });
// @ts-expect-error
ethora.updateUsers([{ firstName: "Ann" }]);
// @ts-expect-error
ethora.createApp({});
// @ts-expect-error
ethora.broadcastToAppChats({ allRooms: true });
// @ts-expect-error
ethora.listApps({ order: "up" });
// @ts-expect-error
ethora.inApp("child").listUsers();
ethora.inApp("child").createUsers([ann]).url.length;
`;
  writeFileSync(path.join(folder, "calls.mts"), program);
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--types", "", "--skipLibCheck"];
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, "calls.mts"], { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
