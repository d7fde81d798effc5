import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { load, vectors } from "./compile.mjs";
import { SESSION } from "./page.mjs";

const { field, words, session, account, count, word, text } = await load(
  `export * from "./js/shared/read.js"; export * from "./js/host/session-rules.js"`,
);
const { HostConversation } = await load(`export * from "./js/host/conversation.js"`);
const { judge } = await load(`export * from "./js/host/handshake.js"`);
globalThis.reportError ??= (error) => {
  throw error;
};

const open = [];
afterEach(() => {
  for (const widget of open.splice(0)) widget.close();
});

/** A port that is only looked at. */
const fakePort = () => ({
  posted: [],
  postMessage(message) {
    this.posted.push(message);
  },
  close() {},
  onmessage: null,
  onclose: null,
});
const connected = (handlers = {}) => {
  const conversation = new HostConversation({}, () => null);
  const { widget } = conversation;
  open.push(widget);
  const port = fakePort();
  conversation.attach(port, { type: "welcome" });
  const say = (data) => port.onmessage({ data });
  for (const [name, handler] of Object.entries(handlers)) widget.handle(name, handler);
  say({ type: "open", capabilities: ["identity"], session: SESSION });
  assert.equal(widget.connection, "connected");
  return { widget, port, say };
};

test("D9 only own properties are found, and a throwing getter reads as absent", () => {
  for (const key of ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length"])
    assert.equal(field({}, key), undefined, key);
  assert.equal(field(Object.create({ type: "inherited" }), "type"), undefined);
  assert.equal(field(JSON.parse('{"__proto__": {"type": "hello"}}'), "type"), undefined);
  for (const from of [null, undefined, 1, "text", true, Symbol("s"), () => {}]) assert.equal(field(from, "type"), undefined);
  const hostile = {
    get type() {
      throw new Error("no");
    },
  };
  assert.equal(field(hostile, "type"), undefined);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.equal(field(proxy, "type"), undefined);
  assert.equal(field({ list: proxy }, "list", words), undefined);
  assert.equal(
    session({
      ...SESSION,
      get epoch() {
        throw new Error("no");
      },
    }),
    undefined,
  );
});

test("D8 each field has its limit", () => {
  const edge = (rule, make, most) => {
    assert.notEqual(rule(make(most)), undefined, `${most} is still good`);
    assert.equal(rule(make(most + 1)), undefined, `${most + 1} is too much`);
  };
  const a = (length) => "a".repeat(length);
  edge(word, a, 64);
  edge(text(256), a, 256);
  edge(words, (length) => Array(length).fill("a"), 32);
  edge(words, (length) => [a(length)], 64);
  edge(account, (length) => ({ subject: a(length), name: null }), 256);
  edge(account, (length) => ({ subject: "s", name: a(length) }), 256);
  edge(session, (length) => ({ ...SESSION, reason: a(length) }), 64);
  edge(session, (length) => ({ ...SESSION, writer: a(length) }), 64);
  edge(session, (length) => ({ ...SESSION, account: { subject: a(length) } }), 256);
  edge(count, (number) => number, Number.MAX_SAFE_INTEGER);
  for (const number of [-1, 1.5, NaN, Infinity, "1", 1n, null, undefined, [1]]) assert.equal(count(number), undefined);
  assert.equal(word("\u{1F600}".repeat(33)), undefined, "lengths are in UTF-16 code units");
});

test("a session is rebuilt field by field, validated and frozen", () => {
  const good = {
    status: "authorized",
    reason: "sign-in",
    account: { subject: "u", name: "Ada", admin: true },
    expiresAt: 5,
    epoch: 1,
    sequence: 2,
    writer: "w",
    accessToken: "secret",
  };
  const read = session(good);
  assert.deepEqual(read, {
    status: "authorized",
    reason: "sign-in",
    account: { subject: "u", name: "Ada" },
    expiresAt: 5,
    epoch: 1,
    sequence: 2,
    writer: "w",
  });
  assert.ok(Object.isFrozen(read) && Object.isFrozen(read.account));
  assert.equal(session({ ...good, account: { subject: "u" } }).account.name, null);
  for (const status of ["unknown", "unauthorized", "authorizing", "authorized"])
    assert.equal(session({ ...SESSION, status }).status, status);
  assert.equal(session({ ...SESSION, reason: "of_a_later_version" }).reason, "other", "D59: a peer's word is no reason of ours");
  const bad = {
    status: ["", "Authorized", "authorized ", "root", "ununknown", null, 1, ["authorized"]],
    reason: [null, 7],
    account: ["u", {}, { subject: "" }, { subject: 7 }, { subject: "u", name: 7 }, []],
    expiresAt: ["5", NaN, Infinity, {}],
    epoch: [-1, "1", null],
    sequence: [0.5, null],
    writer: [null, 7],
  };
  for (const [key, values] of Object.entries(bad))
    for (const value of values) assert.equal(session({ ...good, [key]: value }), undefined, `${key}: ${JSON.stringify(value)}`);
});

/** At this moment of the page's clock. */
const at = (now, action) => {
  const clock = performance.now;
  performance.now = () => now;
  try {
    return action();
  } finally {
    performance.now = clock;
  }
};

test("D8 more than 20,000 messages a second on the port are counted and dropped; what two seconds hold may come at once", () => {
  let received = 0;
  const { widget, say } = connected({ tick: () => void received++ });
  for (const second of [10_000_000, 10_001_000])
    at(second, () => {
      for (let index = 0; index < 50_000; index++) say({ type: "message", name: "tick" });
    });
  assert.equal(received, 60_000);
  assert.equal(widget.rejected.rate, 40_000);
});

test("D63 a widget whose messages are dropped learns it; sessions and answers share no limit with them", () => {
  const { widget, port, say } = connected();
  at(10_000_000, () => {
    for (let index = 0; index < 40_005; index++) say({ type: "message", name: "m" });
    port.posted.length = 0;
    say({ type: "request", id: 3, name: "r" });
    say({ type: "message", name: "m" });
    say({ type: "message", name: "m" });
    assert.deepEqual(port.posted, [
      { type: "error", id: 3, code: "RATE_LIMITED", message: "RATE_LIMITED" },
      { type: "dropped", count: 8 },
    ]);
    say({ type: "session", session: { ...SESSION, epoch: 9 } });
    assert.equal(widget.session.epoch, 9);
    say({ type: "dropped", count: 4 });
    assert.equal(widget.undelivered, 4);
  });
});

test("D63 both halves have one rule: tests/vectors/rate-limit.json", async () => {
  const { rateLimit } = await load(`export * from "./js/shared/rate-limit.js"`);
  for (const { perSecond, seconds, steps } of vectors("rate-limit").limits) {
    const pass = rateLimit(perSecond, seconds);
    for (const { now, ask, pass: expected } of steps) {
      let passed = 0;
      for (let index = 0; index < ask; index++) passed += pass(now);
      assert.equal(passed, expected, `${perSecond} at ${now}`);
    }
  }
});

test("D59 a code of the peer's own making is none of ours", async () => {
  const { widget, port, say } = connected();
  const answer = widget.request("x");
  say({ type: "error", id: port.posted.at(-1).id, code: "WIDGET_SAYS_ANYTHING", message: "a text" });
  await assert.rejects(answer, { code: "HANDLER_FAILED", responsible: "peer", message: /a text/ });
});

// AUTHFRAME_FUZZ=1000000 for the long run.
const FUZZ = Number(process.env.AUTHFRAME_FUZZ ?? 100_000);

test(`D8 ${FUZZ} random values: no throw, no answer that was not asked for, bounded memory`, () => {
  let seed = 42;
  const random = (below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
  const pick = (list) => list[random(list.length)];
  const keys = [
    "type",
    "id",
    "name",
    "data",
    "session",
    "capabilities",
    "code",
    "message",
    "nonce",
    "channel",
    "min",
    "max",
    "status",
    "account",
    "subject",
    "__proto__",
    "constructor",
    "length",
    "0",
  ];
  const leaves = [
    () =>
      pick([
        "open",
        "session",
        "sign-in",
        "request",
        "reply",
        "error",
        "message",
        "bye_",
        "welcome",
        "authframe:hello",
        "authframe:knock",
        "__proto__",
        "",
        "a".repeat(300),
      ]),
    () => random(100),
    () => -1,
    () => 0.5,
    () => NaN,
    () => null,
    () => undefined,
    () => true,
    () => 10n,
    () => new Date(0),
    () => new Map([[1, 2]]),
    () => new Set([1]),
    () => new Uint8Array(4),
    () => /x/,
    () => new Error("x"),
    () => "0".repeat(32),
  ];
  const value = (depth) => {
    const kind = random(depth > 3 ? 1 : 4);
    if (kind < 2) return pick(leaves)();
    if (kind === 2) return Array.from({ length: random(4) }, () => value(depth + 1));
    const object = {};
    for (let index = random(5); index >= 0; index--)
      Object.defineProperty(object, pick(keys), { value: value(depth + 1), enumerable: true, configurable: true, writable: true });
    return object;
  };
  const { widget, port, say } = connected();
  const decide = judge("", "https://widget.example", [], "");
  const cyclic = {};
  cyclic.type = cyclic;
  let deep = {};
  for (let index = 0; index < 10_000; index++) deep = { type: deep, data: deep, session: deep };
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let welcomes = 0;
  for (let index = 0; index < FUZZ; index++) {
    const data = index === 7 ? cyclic : index === 8 ? deep : value(0);
    say(data);
    const verdict = decide(index * 10, true, "https://widget.example", data, 1, false);
    if (typeof verdict === "object") welcomes++;
    port.posted.length = 0;
  }
  assert.deepEqual(Object.keys(widget.rejected), ["source", "origin", "malformed", "rate", "replay"]);
  for (const number of Object.values(widget.rejected)) assert.ok(Number.isSafeInteger(number));
  assert.ok(widget.rejected.malformed > FUZZ / 10);
  assert.equal(welcomes, 0);
  assert.equal({}.polluted, undefined);
  assert.equal(widget.connection, "connected");
  assert.ok(process.memoryUsage().heapUsed - before < 200_000_000);
  widget.close();
});

test("D8 fields that nobody asked for are never visited", () => {
  let visited = 0;
  const trap = { get: () => (visited++, trap), ownKeys: () => (visited++, []) };
  const { say } = connected({ a: () => {} });
  const message = (fields) => Object.defineProperty(fields, "extra", { enumerable: true, get: () => visited++ });
  say(message({ type: "session", session: message({ ...SESSION }) }));
  say(message({ type: "message", name: "a", data: new Proxy({}, trap) }));
  say(message({ type: "later" }));
  judge("", "https://widget.example", [], "")(
    0,
    true,
    "https://widget.example",
    message({ type: "authframe:hello", channel: "", min: 1, max: 1, nonce: "0".repeat(32) }),
    1,
    false,
  );
  assert.equal(visited, 0);
});
