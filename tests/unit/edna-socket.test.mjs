// What takes longer than a browser test may: a server that does not answer, one that closes again and again.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { load } from "./compile.mjs";

const { ChatSocket } = await load('export * from "./js/edna/socket.ts";');
const { connectSocket } = await load('export * from "./js/edna/lazy-socket.ts";');
const { CookieJar } = await load('export * from "./js/edna/cookie-jar.ts";');

const VISITOR = {
  clientId: "user-1",
  guestId: "guest-1",
  clientData: null,
  signature: null,
  headers: {},
  protocols: [],
  cookies: [],
  cookieOptions: {},
  codes: { http: 401, ws: 4001 },
};

let sockets;
class FakeSocket {
  sent = [];
  constructor(address, protocols) {
    this.protocols = protocols;
    sockets.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1005) {
    queueMicrotask(() => this.onclose?.({ code }));
  }
  answer(data) {
    this.onmessage({ data: JSON.stringify({ correlationId: this.sent.at(-1).correlationId, data }) });
  }
}
globalThis.WebSocket = FakeSocket;
Object.defineProperty(globalThis, "navigator", { value: { language: "en" }, configurable: true });

let reports;
let owner;
let changed;
let logout;
const start = (visitor = VISITOR) => {
  reports = [];
  owner = {
    server: { socketAddress: "wss://a.example/ws", appMarker: null },
    visitor,
    deviceUid: "this-browser",
    deviceAddress: "d",
    isSuspended: false,
    withNewestValues: async () => {},
    onClientLogout: (listener) => {
      logout = listener;
      return () => {};
    },
    onVisitor: (listener) => {
      changed = (now) => {
        const before = owner.visitor;
        owner.visitor = now;
        listener(now, before);
      };
      return () => {};
    },
    works: () => reports.push("works"),
    lost: (code) => reports.push(code),
  };
  return new ChatSocket(
    owner,
    () => {},
    (ready) => reports.push(ready),
  );
};
const settle = () => new Promise(setImmediate);
const introduce = () => {
  const own = sockets.at(-1);
  own.onopen();
  own.answer({ deviceAddress: "d" });
  own.answer({ messageId: "m" });
  return own;
};

beforeEach(() => {
  sockets = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

test("a server that does not say who we are within 20 s is left, and asked again", async () => {
  const socket = start();
  sockets[0].onopen();
  mock.timers.tick(19_999);
  await settle();
  assert.deepEqual([reports, sockets.length], [[], 1]);
  mock.timers.tick(1);
  await settle();
  assert.deepEqual(reports, [1005]);
  mock.timers.tick(1000);
  await settle();
  assert.equal(sockets.length, 2);
  // Also after it has answered the first of two questions.
  sockets[1].onopen();
  sockets[1].answer({ deviceAddress: "d" });
  mock.timers.tick(20_000);
  await settle();
  assert.equal(reports.length, 2);
  socket.close();
  mock.timers.tick(100_000);
  assert.equal(sockets.length, 2);
});

test("a socket that was opened too late for us is not spoken on", () => {
  const socket = start();
  const [late] = sockets;
  socket.close();
  late.onopen();
  late.onmessage({
    get data() {
      throw new Error("a made-up event's own");
    },
  });
  assert.deepEqual(late.sent, []);
});

test("a made-up event throws nothing out of the socket's listeners", async () => {
  const socket = start();
  const [own] = sockets;
  own.onopen();
  own.onmessage({
    get data() {
      throw new Error("a made-up event's own");
    },
  });
  own.onmessage({ data: { toString: 1, valueOf: 1 } });
  own.onclose({
    get code() {
      throw new Error("a made-up event's own");
    },
  });
  assert.equal(reports.length, 1);
  socket.close();
});

test("a server that takes us and closes at once is asked less and less; one that was steady for 30 s, soon again", async () => {
  const socket = start();
  const waits = [];
  for (let n = 0; n < 8; n++) {
    const own = introduce();
    own.close(1006);
    await settle();
    let waited = 0;
    for (const count = sockets.length; sockets.length === count; waited += 100) {
      mock.timers.tick(100);
      await settle();
    }
    waits.push(waited);
  }
  const longest = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000];
  for (const [n, most] of longest.entries()) assert.ok(waits[n] >= most / 2 && waits[n] <= most + 100, `${waits}`);
  const own = introduce();
  mock.timers.tick(30_000);
  own.close(1006);
  await settle();
  mock.timers.tick(1000);
  await settle();
  assert.equal(sockets.length, 10);
  socket.close();
});

const said = (own) => own.sent.map(({ action, data }) => data.content?.type ?? action);
const GUEST = { ...VISITOR, clientId: null };

test("D11: CLIENT_INFO of a visitor without data has no data", () => {
  const socket = start();
  assert.deepEqual(Object.keys(introduce().sent[1].data.content), [
    "type",
    "clientId",
    "threadId",
    "appMarker",
    "chatApiVersion",
    "authorized",
  ]);
  changed({ ...VISITOR, clientData: "{}" });
  assert.equal(introduce().sent[1].data.content.data, "{}");
  socket.close();
});

test("D4: a client who is signed out is offline for the server; a guest, other values and a page that is hidden are not", () => {
  const socket = start();
  const client = introduce();
  changed(null);
  assert.deepEqual(said(client), ["registerDevice", "CLIENT_INFO", "CLIENT_OFFLINE"]);
  const { data } = client.sent[2];
  assert.deepEqual(data.content, {
    type: "CLIENT_OFFLINE",
    clientId: "user-1",
    threadId: null,
    appMarker: null,
    chatApiVersion: "19",
    authorized: true,
  });
  assert.equal(data.deviceAddress, "d");
  changed(GUEST);
  const guest = introduce();
  changed(VISITOR);
  assert.deepEqual(said(guest), ["registerDevice", "CLIENT_INFO"]);
  const again = introduce();
  changed({ ...VISITOR, protocols: ["next"] });
  assert.deepEqual(said(again), ["registerDevice", "CLIENT_INFO"]);
  const other = introduce();
  changed({ ...VISITOR, clientId: "user-2" });
  assert.deepEqual(said(other).at(-1), "CLIENT_OFFLINE");
  assert.equal(other.sent[2].data.content.clientId, "user-1");
  const hidden = introduce();
  owner.isSuspended = true;
  changed(null);
  assert.deepEqual(said(hidden), ["registerDevice", "CLIENT_INFO"]);
  socket.close();
});

test("D4: clientLogout() notifies the server, and the visitor stays; before it knows them there is nothing to say", () => {
  const socket = start();
  sockets[0].onopen();
  logout();
  assert.deepEqual(said(sockets[0]), ["registerDevice"]);
  sockets[0].answer({ deviceAddress: "d" });
  sockets[0].answer({ messageId: "m" });
  logout();
  assert.deepEqual([said(sockets[0]).at(-1), sockets.length, socket.close()], ["CLIENT_OFFLINE", 1, undefined]);
});

test("D5: a socket that was lost is opened with the values that the page has by then, once", async () => {
  const socket = start({ ...VISITOR, protocols: ["t1"] });
  owner.withNewestValues = async () => changed({ ...VISITOR, protocols: ["t2"] });
  const own = introduce();
  own.close(1006);
  await settle();
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual([sockets.length, sockets[1].protocols], [2, ["t2"]]);
  // Closed while the page is asked.
  owner.withNewestValues = async () => socket.close();
  introduce().close(1006);
  await settle();
  mock.timers.tick(30_000);
  await settle();
  assert.equal(sockets.length, 2);
});

test("D5: a socket that was lost is opened again when only a header, or nothing that a socket has, is another one by then", async () => {
  const socket = start();
  owner.withNewestValues = async () => changed({ ...VISITOR, headers: { "X-Auth-Token": "t2" } });
  introduce().close(1006);
  await settle();
  mock.timers.tick(1000);
  await settle();
  assert.equal(sockets.length, 2);
  // While it waits to be opened.
  introduce().close(1006);
  await settle();
  owner.withNewestValues = async () => {};
  changed({ ...VISITOR, headers: { "X-Auth-Token": "t3" } });
  mock.timers.tick(2000);
  await settle();
  assert.equal(sockets.length, 3);
  // The values that have expired are not offered again.
  owner.withNewestValues = async () => {
    changed({ ...VISITOR, protocols: ["t4"] });
    sockets.at(-1).onclose({ code: 4001 });
  };
  introduce().close(1006);
  await settle();
  mock.timers.tick(30_000);
  await settle();
  assert.equal(sockets.length, 4);
  socket.close();
});

test("a device's address that no server would give is not kept, and the socket is closed", async () => {
  for (const deviceAddress of [7, null, "", " ", "\ud83d", "x".repeat(1025)]) {
    const socket = start();
    const own = sockets.at(-1);
    own.onopen();
    own.answer({ deviceAddress });
    await settle();
    assert.deepEqual([own.sent.length, owner.deviceAddress, reports], [1, "d", [1005]], JSON.stringify(deviceAddress));
    socket.close();
  }
  const socket = start();
  sockets.at(-1).onopen();
  sockets.at(-1).answer({ deviceAddress: "\u{1f642}".repeat(512) });
  assert.equal(owner.deviceAddress.length, 1024);
  socket.close();
});

test("code of a socket that cannot be loaded is loaded again, after 1 s at first and 30 s at last, until the socket is closed", async () => {
  const failures = [];
  let loads = 0;
  let made = 0;
  let isThere = false;
  class Made {
    constructor() {
      made++;
    }
    close() {}
  }
  const current = { bridge: { connection: "connected" } };
  const connected = () =>
    connectSocket(
      {},
      current,
      { set: (...failure) => failures.push(failure) },
      () => {},
      undefined,
      async () => {
        loads++;
        if (!isThere) throw new Error("no network");
        return { ChatSocket: Made };
      },
    );
  const socket = connected();
  await settle();
  for (const wait of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    const before = loads;
    mock.timers.tick(wait - 1);
    await settle();
    assert.equal(loads, before);
    mock.timers.tick(1);
    await settle();
    assert.equal(loads, before + 1);
  }
  assert.deepEqual([failures.length, failures[0][0], failures[0][1].message, made], [8, "EDNA_OFFLINE", "no network", 0]);
  isThere = true;
  mock.timers.tick(30_000);
  await settle();
  assert.deepEqual([made, loads, failures.length], [1, 9, 8]);
  socket.close();
  // Closed while it waits; and with the widget.
  isThere = false;
  const closed = connected();
  await settle();
  closed.close();
  connected();
  await settle();
  current.bridge.connection = "closed";
  mock.timers.tick(30_000);
  await settle();
  assert.deepEqual([loads, failures.length, made], [11, 10, 1]);
});

/** A page's cookies, each with the line that wrote it, by name, path and domain; and a localStorage. */
function page() {
  const cookies = new Map();
  const store = new Map();
  globalThis.document = {
    get cookie() {
      return [...cookies.values()].join("; ");
    },
    set cookie(line) {
      const [pair, ...directives] = line.split("; ");
      const [name] = pair.split("=", 1);
      const said = (key) => directives.findLast((directive) => directive.toLowerCase().startsWith(`${key}=`)) ?? "";
      const place = `${name} ${said("path").slice(5)} ${said("domain").slice(7)}`;
      if (/; Max-Age=0$/.test(line)) cookies.delete(place);
      else cookies.set(place, pair);
    },
  };
  globalThis.localStorage = {
    getItem: (key) => store.get(key) ?? null,
    setItem: (key, value) => store.set(key, value),
    removeItem: (key) => store.delete(key),
  };
  return { cookies, store };
}

test("S7: a cookie of a name is one cookie, whatever Path and Domain the page says next, in this tab and another", () => {
  const { cookies, store } = page();
  const of = (cookieOptions) => ({ ...VISITOR, cookies: [["token", "v"]], cookieOptions });
  for (let n = 0; n < 200; n++) {
    const jar = new CookieJar("k");
    jar.keep(of({ Path: `/a${n}` }), false, 1, () => {});
    jar.keep(of({ Path: `/b${n}`, Domain: "a.example" }), true, 1, () => {});
  }
  assert.deepEqual([[...cookies.keys()], Object.keys(JSON.parse(store.get("k"))).length], [["token /b199 a.example"], 1]);
  new CookieJar("k").forget(2);
  assert.deepEqual([cookies.size, store.size], [0, 0]);
});

test("a list of cookies that is damaged writes none", () => {
  for (const text of [
    "{",
    '"session=x"',
    '["session=x"]',
    "7",
    "null",
    '{"session=forged; path=/":1,"b":"x"}',
    '{"a=1; path=/; Max-Age=0":1}',
  ]) {
    const { cookies, store } = page();
    cookies.set("session / ", "session=own");
    store.set("k", text);
    const jar = new CookieJar("k");
    assert.equal(jar.any(), false, text);
    jar.forget(9);
    assert.deepEqual([...cookies.values()], ["session=own"], text);
  }
});

test("a tab that is behind does not write its user's cookies over those of the next user", () => {
  const { store } = page();
  const [behind, ahead] = [new CookieJar("k"), new CookieJar("k")];
  const of = (value) => ({ ...VISITOR, cookies: [["token", value]] });
  behind.keep(of("adas"), false, 1, () => {});
  ahead.forget(2);
  ahead.keep(of("graces"), false, 2, () => {});
  behind.keep(of("adas"), false, 1, () => assert.fail("nothing is written that could fail"));
  assert.equal(document.cookie, "token=graces");
  ahead.forget(3);
  assert.equal(document.cookie, "");
  assert.deepEqual([behind.any(), store.size], [false, 0]);
});
