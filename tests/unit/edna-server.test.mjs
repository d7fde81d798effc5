/** The edna server that other tests stand on, over real HTTP and real WebSockets. */
import assert from "node:assert/strict";
import { after, before, test as nodeTest } from "node:test";
import WebSocket from "ws";
import { ednaServer } from "../servers/edna.mjs";

/** A test that hangs fails, and does not keep the others from running. */
const test = (name, body) => nodeTest(name, { timeout: 30_000 }, body);

const server = ednaServer();
let [base, running, names] = ["", null, 0];
before(async () => {
  running = await server.listen();
  base = `127.0.0.1:${running.port}`;
});
after(() => running.close());

const fresh = () => {
  const name = `client${++names}`;
  return { name, edna: server.client(name) };
};
const call = async (path, headers = {}, init = {}) => {
  const response = await fetch(`http://${base}${path}`, { headers, ...init });
  const body = response.headers.get("content-type") === "application/json" ? await response.json() : null;
  return { ...body, status: response.status, headers: response.headers };
};
const post = (path, body) => call(path, {}, { method: "POST", body: JSON.stringify(body) });
const identity = (clientId, device = "null") => ({
  "X-Client-Token": encodeURIComponent(`${device}:${clientId}`),
  "X-Header-Encoding": "url",
});
const guestHistory = (name, id, more = "") => call(`/${name}/api/client/history/unauth?chatApiVersion=19&id=${id}${more}`);
const clientHistory = (name, id, device) => call(`/${name}/api/client/history?chatApiVersion=19`, identity(id, device));
const texts = ({ messages }) => messages.map(({ from, text }) => `${from}: ${text}`);

/** A socket; `next()` gives the next frame, `ask` sends one and gives the next, `closed` is the close code or, if it never opened, the status. */
const connect = async (name, { protocols = [], ...headers } = {}) => {
  const socket = new WebSocket(`ws://${base}/${name}/ws`, protocols, { headers });
  const [frames, waiting] = [[], []];
  socket.on("message", (data) => {
    const frame = JSON.parse(data);
    waiting.length > 0 ? waiting.shift()(frame) : frames.push(frame);
  });
  const closed = new Promise((resolve) => {
    socket.on("close", resolve);
    socket.on("unexpected-response", (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.on("error", (error) => resolve(error.code ?? error.message));
  });
  await Promise.race([closed, new Promise((resolve) => socket.once("open", resolve))]);
  const next = () => (frames.length > 0 ? Promise.resolve(frames.shift()) : new Promise((resolve) => waiting.push(resolve)));
  const ask = (action, data, correlationId = "c1") => {
    socket.send(JSON.stringify({ action, sendImmediately: true, data, correlationId }));
    return next();
  };
  return { socket, next, ask, closed };
};
/** A socket that has said who it is. */
const present = async (name, clientId, authorized, data = null) => {
  const link = await connect(name);
  const { deviceAddress } = (await link.ask("registerDevice", { clientId, deviceAddress: null })).data;
  const say = (content) => link.ask("sendMessage", { content, important: false, deviceAddress });
  await say({ type: "CLIENT_INFO", data, clientId, authorized });
  return { ...link, deviceAddress, say, text: (text) => say({ type: "MESSAGE", text }) };
};

test("edna server: a client registers, says who it is, and writes; the operator sees it and answers", async () => {
  const { name, edna } = fresh();
  const link = await connect(name);
  const registered = await link.ask("registerDevice", { clientId: "user-1", deviceAddress: null, osName: "WEB" }, "first");
  assert.deepEqual([registered.action, registered.correlationId], ["registerDevice", "first"]);
  const { deviceAddress } = registered.data;
  const content = { type: "CLIENT_INFO", data: '{"name":"Ada"}', clientId: "user-1", authorized: true };
  assert.equal((await link.ask("sendMessage", { content, deviceAddress })).action, "sendMessage");
  await link.ask("sendMessage", { content: { type: "MESSAGE", text: "Hello" }, deviceAddress });

  const [person] = (await call(`/operator?client=${name}`)).people;
  assert.deepEqual([person.kind, person.id, person.online, person.info], ["client", "user-1", true, '{"name":"Ada"}']);
  assert.equal((await post("/operator/say", { client: name, id: "user-1", text: "Good day" })).status, 200);
  const received = await link.next();
  assert.deepEqual(
    [received.action, received.data.from, received.data.content],
    ["message", "operator", { type: "MESSAGE", text: "Good day" }],
  );
  assert.deepEqual(texts(await clientHistory(name, "user-1", deviceAddress)), ["client: Hello", "operator: Good day"]);

  const [socket] = edna.sockets;
  assert.deepEqual([socket.path, socket.frames.map(({ action }) => action)], ["/ws", ["registerDevice", "sendMessage", "sendMessage"]]);
  assert.equal(socket.sent.length, 4);
  link.socket.close(1000);
  await edna.until(() => socket.closed !== null);
  assert.deepEqual([socket.closed, edna.people[0].online], [1000, false]);
});

test("edna server: what a frame has wrong is said, and does nothing", async () => {
  const { name, edna } = fresh();
  const link = await connect(name);
  const refused = async (action, data, message) => {
    const reply = await link.ask(action, data, "x");
    assert.deepEqual([reply.action, reply.correlationId], ["error", "x"]);
    assert.match(reply.data.message, message);
  };
  await refused("toString", {}, /no such action/);
  await refused("sendMessage", { content: { type: "MESSAGE", text: "?" }, deviceAddress: null }, /not registered/);
  await refused("registerDevice", { clientId: null }, /clientId/);
  const { deviceAddress } = (await link.ask("registerDevice", { clientId: "user-1" })).data;
  await refused("sendMessage", { content: { type: "MESSAGE", text: "?" }, deviceAddress }, /CLIENT_INFO/);
  await refused("sendMessage", { content: { type: "CLIENT_INFO", clientId: "user-2", authorized: true }, deviceAddress }, /another id/);
  await refused(
    "sendMessage",
    { content: { type: "CLIENT_INFO", clientId: "user-1", authorized: true }, deviceAddress: "device-0" },
    /device/,
  );
  link.socket.send("no JSON");
  assert.equal((await link.next()).action, "error");
  assert.deepEqual([edna.people, edna.sockets[0].frames.at(-1)], [[], "no JSON"]);
  link.socket.close();
});

test("edna server: guests and clients have histories apart, each by its own id", async () => {
  const { name, edna } = fresh();
  const [guest, client, other] = [
    await present(name, "id-1", false),
    await present(name, "id-1", true),
    await present(name, "id-2", false),
  ];
  await guest.text("as a guest");
  await client.text("as a client");
  await other.text("another guest");
  assert.deepEqual(texts(await guestHistory(name, "id-1")), ["client: as a guest"]);
  assert.deepEqual(texts(await clientHistory(name, "id-1")), ["client: as a client"]);
  assert.deepEqual(texts(await guestHistory(name, "id-2")), ["client: another guest"]);
  const halfway = await present(name, "id-4", "true");
  assert.deepEqual(
    edna.people.map(({ kind, id }) => `${kind} ${id}`),
    ["guest id-1", "client id-1", "guest id-2", "guest id-4"],
  );
  assert.deepEqual([texts(await guestHistory(name, "id-3")), texts(await clientHistory(name, "id-2"))], [[], []]);
  assert.deepEqual(texts(await guestHistory(fresh().name, "id-1")), [], "another root path is another world");
  edna.say("id-1", "to the client", "client");
  assert.deepEqual([(await client.next()).data.content.text, texts(await guestHistory(name, "id-1")).length], ["to the client", 1]);
  assert.equal((await guestHistory(name, "")).status, 400);
  assert.equal((await call(`/${name}/api/client/history`)).status, 401);

  const mixed = fresh();
  mixed.edna.set({ mix: true });
  for (const authorized of [false, true]) {
    const link = await present(mixed.name, "same", authorized);
    await link.text(String(authorized));
    link.socket.close();
  }
  assert.deepEqual(texts(await guestHistory(mixed.name, "same")), ["client: false", "client: true"]);
  for (const { socket } of [guest, client, other, halfway]) socket.close();
});

test("edna server: count, unread, the other tab, and CLIENT_OFFLINE", async () => {
  const { name, edna } = fresh();
  const [first, second] = [await present(name, "g", false), await present(name, "g", false)];
  const unread = async () => (await call(`/${name}/api/client/history/unauth/unread?id=g`)).count;
  for (let turn = 1; turn <= 12; turn++) await first.text(`m${turn}`);
  for (let turn = 1; turn <= 12; turn++) assert.equal((await second.next()).data.content.text, `m${turn}`, "the other tab sees it");
  assert.equal((await guestHistory(name, "g")).messages.length, 10);
  assert.deepEqual(texts(await guestHistory(name, "g", "&count=2")), ["client: m11", "client: m12"]);
  edna.say("g", "seen");
  assert.equal(await unread(), 0);
  for (const { say } of [first, second]) {
    while ((await say({ type: "CLIENT_OFFLINE" })).action === "message");
  }
  assert.equal(edna.people[0].online, false);
  edna.say("g", "not seen");
  assert.equal(await unread(), 1);
  await guestHistory(name, "g");
  assert.equal(await unread(), 0, "the history was read");
  assert.equal((await post("/operator/say", { client: name, id: "unknown", text: "?" })).status, 404);
  for (const { socket } of [first, second]) socket.close();
});

test("edna server: X-Client-Token is a device of this client, or its signature", async () => {
  const { name, edna } = fresh();
  const [ada, grace] = [await present(name, "ada:1", true), await present(name, "grace", true)];
  const status = async (headers) => (await call(`/${name}/api/client/history/unread`, headers)).status;
  assert.equal(await status(identity("ada:1")), 200);
  assert.equal(await status(identity("ada:1", ada.deviceAddress)), 200);
  assert.equal(await status(identity("ada:1", grace.deviceAddress)), 403);
  assert.equal(await status(identity("ada:1", "device-0")), 403);
  assert.equal(await status({ ...identity("ada:1"), "X-Header-Encoding": "none" }), 403, "the colon is encoded");
  assert.equal(await status({ "X-Client-Token": "null:grace" }), 200);
  assert.equal(await status({ "X-Client-Token": "%", "X-Header-Encoding": "url" }), 403);
  edna.set({ signatures: { "ada:1": "sig:of:ada" } });
  assert.equal(await status(identity("ada:1", "sig:of:ada")), 200);
  for (const [id, device] of [
    ["ada:1", "null"],
    ["ada:1", ada.deviceAddress],
    ["grace", "sig:of:ada"],
  ]) {
    assert.equal(await status(identity(id, device)), 403, `${device}:${id}`);
  }

  const again = await connect(name);
  const address = async (clientId) =>
    (await again.ask("registerDevice", { clientId, deviceAddress: ada.deviceAddress })).data.deviceAddress;
  assert.equal(await address("ada:1"), ada.deviceAddress);
  assert.notEqual(await address("grace"), ada.deviceAddress, "a device stays with its client");
  for (const { socket } of [ada, grace, again]) socket.close();
});

test("edna server: required headers and cookies, on every request, and their order in the record", async () => {
  const { name, edna } = fresh();
  edna.set({
    headers: { "X-Auth-Token": "some token value", "X-Token-Type": ["a", "b"] },
    cookies: { token: "tok 1;x" },
    httpTokenExpiredCode: 419,
  });
  const good = { "X-Auth-Token": "some token value", "X-Token-Type": "b", cookie: "other=1; token=tok%201%3Bx" };
  const status = async (changes, path = "chat/config?auth=true") => (await call(`/${name}/api/${path}`, { ...good, ...changes })).status;
  assert.equal(await status({}), 200);
  assert.equal(await status({ "X-Auth-Token": "another" }), 419);
  assert.equal(await status({ "X-Token-Type": "c" }), 419);
  assert.equal(await status({ cookie: "token=tok" }), 419);
  assert.equal(await status({ cookie: "" }), 419);
  assert.equal((await guestHistory(name, "g")).status, 419);
  assert.equal(await status(identity("user-1"), "client/history/unread"), 200);
  edna.set({ headers: { "X-Auth-Token": "the next one" } });
  assert.deepEqual([await status({}), await status({ "X-Auth-Token": "the next one" })], [419, 200]);

  const [first] = edna.requests;
  assert.deepEqual([first.method, first.path, first.query, first.status], ["GET", "/api/chat/config", { auth: "true" }, 200]);
  assert.deepEqual(first.cookies, { other: "1", token: "tok 1;x" });
  const sent = first.headers.map(([header]) => header).filter((header) => /^x-/i.test(header));
  assert.deepEqual(sent, ["X-Auth-Token", "X-Token-Type"], "as they were written and in their order");
  assert.equal(await status({}, "chat/nothing"), 419, "without the headers nothing is said");
  assert.equal(await status({ "X-Auth-Token": "the next one" }, "chat/nothing"), 404);
});

test("edna server: required sub-protocols and cookies of a socket; the close code, or no handshake", async () => {
  const { name, edna } = fresh();
  edna.set({ protocols: ["tok123", "Bearer"], cookies: { token: "c" }, wsTokenExpiredCode: 4777 });
  const good = await connect(name, { protocols: ["tok123", "Bearer"], cookie: "token=c" });
  assert.equal(good.socket.protocol, "tok123");
  const wrong = [
    { protocols: ["Bearer", "tok123"], cookie: "token=c" },
    { protocols: ["tok123"], cookie: "token=c" },
    { cookie: "token=c" },
    { protocols: ["tok123", "Bearer"], cookie: "token=old" },
    { protocols: ["tok123", "Bearer"] },
  ];
  for (const offer of wrong) assert.equal(await (await connect(name, offer)).closed, 4777, JSON.stringify(offer));
  const offered = ["tok123,Bearer", "Bearer,tok123", "tok123", "", "tok123,Bearer", "tok123,Bearer"];
  assert.deepEqual(
    edna.sockets.map(({ protocols }) => protocols.join()),
    offered,
  );
  assert.deepEqual(
    edna.sockets.map(({ cookies }) => cookies.token),
    ["c", "c", "c", "c", "old", undefined],
  );

  edna.expire({ protocols: ["tok456"] });
  assert.equal(await good.closed, 4777, "what was open is closed");
  const next = await connect(name, { protocols: ["tok456"], cookie: "token=c" });
  assert.equal((await next.ask("registerDevice", { clientId: "u" })).action, "registerDevice");
  edna.close(1012);
  assert.equal(await next.closed, 1012);

  edna.set({ wsTokenExpiredCode: null });
  assert.equal(await (await connect(name, wrong[0])).closed, 401);
  assert.deepEqual([edna.count("/ws"), edna.requests.at(-1).status, edna.sockets.length], [8, 401, 7]);
});

test("edna server: a given origin reads with cookies, another does not and opens no socket", async () => {
  const { name, edna } = fresh();
  edna.set({ origins: ["http://widget.localhost:8080"], setCookies: ["seen=1; Path=/; SameSite=Lax"] });
  const cors = async (origin, init) => {
    const { headers } = await call(
      `/${name}/api/chat/config`,
      { origin, "access-control-request-headers": "x-auth-token,x-client-token" },
      init,
    );
    return ["origin", "credentials", "headers"].map((what) => headers.get(`access-control-allow-${what}`));
  };
  const allowed = ["http://widget.localhost:8080", "true", "x-auth-token,x-client-token"];
  assert.deepEqual(await cors("http://widget.localhost:8080"), allowed);
  assert.deepEqual(await cors("http://widget.localhost:8080", { method: "OPTIONS" }), allowed);
  assert.deepEqual(await cors("http://evil.localhost:8080"), [null, null, null]);
  assert.deepEqual(await cors("http://evil.localhost:8080", { method: "OPTIONS" }), [null, null, null]);
  assert.deepEqual((await call(`/${name}/api/chat/config`)).headers.getSetCookie(), ["seen=1; Path=/; SameSite=Lax"]);
  assert.equal(edna.requests.length, 3, "a preflight is not noted");
  assert.equal(await (await connect(name, { origin: "http://evil.localhost:8080" })).closed, 403);
  const { socket } = await connect(name, { origin: "http://widget.localhost:8080" });
  assert.deepEqual([socket.readyState, edna.sockets.map(({ origin }) => origin)], [WebSocket.OPEN, ["http://widget.localhost:8080"]]);
  socket.close();
  edna.set({ origins: null });
  assert.equal((await cors("http://evil.localhost:8080"))[0], "http://evil.localhost:8080");
});

test("edna server: failures as scripted, of requests and of handshakes, and /control over HTTP", async () => {
  const { name, edna } = fresh();
  const control = (wish) => post("/control", { client: name, ...wish });
  const [config503, ws500] = [
    { path: "/chat/config", status: 503 },
    { path: "/ws", status: 500 },
  ];
  await control({ fail: [config503, ws500, { path: "/ws", drop: "before" }, { path: "/config", drop: "before" }] });
  const config = () =>
    call(`/${name}/api/chat/config`).then(
      ({ status }) => status,
      () => "cut",
    );
  assert.deepEqual([await config(), await config(), await config()], [503, "cut", 200]);
  assert.deepEqual([await (await connect(name)).closed, await (await connect(name)).closed], [500, "ECONNRESET"]);
  const link = await present(name, "u", true, "{}");
  const read = await control({});
  assert.deepEqual(
    read.requests.map(({ status }) => status),
    [503, "dropped", 200, 500, "dropped", 101],
  );
  assert.deepEqual([read.sockets[0].frames.length, read.people[0].info], [2, "{}"]);

  assert.deepEqual((await control({ expire: { protocols: ["next"] } })).settings.protocols, ["next"]);
  assert.equal(await link.closed, 4001);
  const empty = await control({ reset: true });
  assert.deepEqual([empty.requests, empty.sockets, empty.people, empty.settings.protocols], [[], [], [], null]);
  assert.equal((await control({ set: { colour: "red" } })).status, 400);
  assert.equal((await call("/control")).status, 400);
  assert.equal((await call("/operator")).status, 400);
  assert.throws(() => edna.fail({ explode: true }), TypeError);
});

test("edna server: a widget's own server may take its upgrades and requests", async () => {
  const { createServer } = await import("node:http");
  const own = createServer(server.handle).on("upgrade", server.upgrade);
  await new Promise((resolve) => own.listen(0, "127.0.0.1", resolve));
  const { name } = fresh();
  const socket = new WebSocket(`ws://127.0.0.1:${own.address().port}/${name}/ws`);
  await new Promise((resolve) => socket.once("open", resolve));
  assert.equal((await fetch(`http://127.0.0.1:${own.address().port}/${name}/chat/config`)).status, 200);
  socket.terminate();
  own.closeAllConnections();
  await new Promise((resolve) => own.close(resolve));
});
