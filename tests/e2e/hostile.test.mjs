/** D1 to D18 as far as they speak of a browser: other people's messages, and what they must not achieve. */
import assert from "node:assert/strict";
import { addFrame, blankPair, embedded, hostSees, rawPair, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";
import { fuzz } from "./fuzz.mjs";

const lab = browserForThisFile();

/** A hello that would be right if its sender were; in a page. */
const helloOf = (nonce, extra = {}) => ({ type: "authframe:hello", channel: "", min: 1, max: 1, nonce, ...extra });
const NONCES = Array.from({ length: 16 }, (_, i) => i.toString(16).repeat(32));

/** Runs in each document before its own scripts: the clock can be put forward. */
function fakeClock() {
  let ahead = 0;
  const [now, date] = [performance.now.bind(performance), Date.now.bind(Date)];
  performance.now = () => now() + ahead;
  Date.now = () => date() + ahead;
  window.advance = (ms) => (ahead += ms);
}

const hostState = (page) =>
  page.evaluate(() => ({ session: widget.session, connection: widget.connection, rejected: { ...widget.rejected } }));
const widgetState = (frame) =>
  frame.evaluate(() => ({ session: bridge.session, connection: bridge.connection, rejected: { ...bridge.rejected } }));

/** In a page: posts a message with a port, and keeps what comes back on it. */
const postWithPort = ([path, message, origin]) => {
  window.replies ??= [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => window.replies.push(data);
  const target = path.reduce((from, step) => from[step], window);
  target.postMessage(message, { targetOrigin: origin, transfer: [port2] });
};

test("D1: a hello from an origin that is not the widget's changes nothing at the host, gets no reply, and counts once", async () => {
  const { page, frame } = await embedded(lab);
  // The host's own frame, taken to another origin: right window, wrong origin.
  await page.evaluate((src) => (widget.frame.src = src), lab.url("evil", "/lab"));
  await until(page, () => widget.connection === "disconnected");
  const evil = await frameOf(page, lab.origin("evil"));
  await until(evil, () => window.labReady);
  await lab.quiet();
  const before = await hostState(page);
  await evil.evaluate(postWithPort, [["parent"], helloOf(NONCES[1]), lab.origin("host")]);
  await lab.quiet();
  const after = await hostState(page);
  assert.deepEqual(after, { ...before, rejected: { ...before.rejected, origin: before.rejected.origin + 1 } });
  assert.deepEqual(await evil.evaluate(() => window.replies), []);
  assert.ok(frame.isDetached() || frame.url().startsWith(lab.origin("evil")));
});

test("D1: a knock from a page that is not in hosts changes nothing at the widget, gets no reply, and counts once", async () => {
  // The widget is below an allowed host; then the parent window speaks with another origin: imitated, since a document cannot change its own.
  const { frame } = await rawPair(lab);
  const before = await widgetState(frame);
  await frame.evaluate((origin) => {
    dispatchEvent(
      new MessageEvent("message", { data: { type: "authframe:knock", channel: "" }, origin, source: __e2e.real(window.parent) }),
    );
  }, lab.origin("evil"));
  await lab.quiet();
  const after = await widgetState(frame);
  assert.deepEqual(after, { ...before, rejected: { ...before.rejected, origin: before.rejected.origin + 1 } });
});

test("D2: a sibling frame, even of the widget's own origin, is not the widget", async () => {
  const { page } = await embedded(lab);
  for (const site of ["widget", "evil"]) {
    const sibling = await addFrame(page, lab, lab.url(site, "/lab"));
    const before = await hostState(page);
    await sibling.evaluate(postWithPort, [["parent"], helloOf(NONCES[2]), lab.origin("host")]);
    await lab.quiet();
    const after = await hostState(page);
    assert.deepEqual({ ...after, rejected: null }, { ...before, rejected: null }, site);
    assert.equal(after.rejected.source, before.rejected.source + 1, site);
    assert.deepEqual(await sibling.evaluate(() => window.replies), [], site);
  }
});

test("D2: another window of the host's own origin is not the widget's parent", async () => {
  const { page, frame } = await embedded(lab);
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void window.open("/lab?popup"))]);
  await until(popup, () => window.labReady);
  const [before, hellos] = [await widgetState(frame), lab.seen.posts.length];
  await popup.evaluate((origin) => {
    for (const message of [
      { type: "authframe:knock", channel: "" },
      { type: "identity", id: 1, identity: { account: { subject: "mallory" } } },
    ]) {
      window.opener.frames[0].postMessage(message, origin);
    }
  }, lab.origin("widget"));
  await lab.quiet();
  const after = await widgetState(frame);
  assert.deepEqual({ ...after, rejected: null }, { ...before, rejected: null });
  assert.equal(after.rejected.source, before.rejected.source + 1, "what looks like ours is counted, and nothing else");
  assert.equal(
    lab.seen.posts.filter(({ type }) => type === "authframe:hello").length,
    lab.seen.posts.slice(0, hellos).filter(({ type }) => type === "authframe:hello").length,
    "no new hello",
  );
});

test("the demo's attacker beside the widget: the counters rise on both sides, and receives nothing", async () => {
  const page = await lab.tab("host", `/?namespace=${lab.freshNamespace()}`);
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.bridge?.connection === "connected");
  await press(page.locator("#forge"));
  const evil = await frameOf(page, lab.origin("evil"));
  await until(evil, () => /\d+ forged messages sent/.test(document.getElementById("status").textContent));
  await lab.quiet();
  assert.equal(await evil.textContent("#received"), "Answers received: none");
  assert.equal(await frame.evaluate(() => bridge.session.status), "unauthorized");
  assert.ok((await frame.evaluate(() => bridge.rejected.source)) >= 1);
  await until(page, () =>
    /by this page: source [1-9].* by the widget: source [1-9]/.test(document.querySelector("[data-part=rejected]").textContent),
  );
});

test("D7: what a message says about its own origin, sender or version is not believed", async () => {
  const { page } = await embedded(lab);
  const evil = await addFrame(page, lab, lab.url("evil", "/lab"));
  const claims = { origin: lab.origin("widget"), source: "widget", sender: "widget", version: 1, trusted: true, isTrusted: true };
  const before = await hostState(page);
  await evil.evaluate(postWithPort, [["parent"], helloOf(NONCES[3], claims), lab.origin("host")]);
  await lab.quiet();
  const after = await hostState(page);
  assert.deepEqual({ ...after, rejected: null }, { ...before, rejected: null });
  assert.deepEqual(await evil.evaluate(() => window.replies), []);

  // A host that is believed to be version 1 cannot make itself another by a word.
  const raw = await rawPair(lab, { accept: false });
  await raw.page.evaluate(() => window.welcome({ version: 99, origin: "https://trusted.example" }));
  await lab.quiet();
  assert.equal(await raw.frame.evaluate(() => bridge.connection), "connecting");
});

test("D8: more than 200 messages a second on the window are dropped and counted, and the widget lives on", async () => {
  const { page, frame } = await rawPair(lab);
  await page.evaluate((origin) => {
    const target = document.querySelector("iframe").contentWindow;
    for (let i = 0; i < 2000; i++) target.postMessage({ type: "authframe:knock", channel: "" }, origin);
  }, lab.origin("widget"));
  await until(frame, () => bridge.rejected.rate > 1000);
  await page.evaluate(() => window.say({ type: "request", id: 1, name: "anybody?" }));
  await until(page, () => window.received.some(({ type, id }) => type === "error" && id === 1));
});

/** In a page: its clocks stand still, so that a flood is one however slow the machine; `clocks.pass(1000)` makes a second pass. */
function stopClocks() {
  const [at, wall] = [performance.now(), Date.now()];
  let passed = 0;
  window.clocks = { pass: (millis) => void (passed += millis) };
  performance.now = () => at + passed;
  Date.now = () => wall + passed;
  Object.defineProperty(Event.prototype, "timeStamp", { get: () => at + passed });
}

test("D8: more than 20,000 messages a second on the port are dropped and counted, on both sides, and the connection stands", async () => {
  const raw = await rawPair(lab);
  await raw.frame.evaluate(stopClocks);
  await raw.page.evaluate(() => {
    for (let i = 0; i < 40_100; i++) window.say({ type: "unheard of" });
  });
  await until(raw.frame, () => bridge.rejected.rate > 50);
  await raw.frame.evaluate(() => window.clocks.pass(1000));
  await raw.page.evaluate(() => window.say({ type: "request", id: 1, name: "anybody?" }));
  await until(raw.page, () => window.received.some(({ type, id }) => type === "error" && id === 1));

  const { page, frame } = await embedded(lab);
  await page.evaluate(stopClocks);
  await frame.evaluate(() => {
    // A widget that does not keep to its own limit: for it, each message is a second later.
    const clock = performance.now.bind(performance);
    let seconds = 0;
    performance.now = () => clock() + seconds++ * 1000;
    for (let i = 0; i < 40_100; i++) bridge.send("flood");
    performance.now = () => clock() + seconds * 1000;
  });
  await until(page, () => widget.rejected.rate > 50);
  await page.evaluate(() => window.clocks.pass(1000));
  await until(page, () => widget.request("nobody").catch((error) => error.code === "NO_HANDLER"));
});

test("D8: each field's length and each array's is limited; what is over is dropped and counted as shape", async () => {
  const { page, frame } = await rawPair(lab);
  const bad = [
    { type: "request", id: 1, name: "n".repeat(65) },
    { type: "message", name: "n".repeat(65), data: 1 },
    { type: "identity", id: 2, identity: { account: { subject: "s".repeat(257) } } },
    { type: "identity", id: 3, identity: { account: { subject: "s", name: "n".repeat(257) } } },
    { type: "identity", id: 4, identity: { account: { subject: "s" }, accessToken: "t".repeat(16_385) } },
    { type: "identity", id: 5, identity: { account: { subject: "" } } },
    { type: "identity", id: 6 },
    { type: "request", id: -1, name: "n" },
    { type: "request", id: 1.5, name: "n" },
    { type: "request", id: "1", name: "n" },
    { type: "request", id: 2 ** 53, name: "n" },
  ];
  const before = await widgetState(frame);
  await page.evaluate((bad) => bad.forEach((message) => window.say(message)), bad);
  await lab.quiet();
  const after = await widgetState(frame);
  assert.deepEqual(after.session, before.session);
  assert.equal(after.connection, "connected");
  assert.equal(after.rejected.malformed - before.rejected.malformed, bad.length, "each of them once");
  assert.equal(
    await page.evaluate(() => window.received.some(({ type, id }) => type === "reply" || (type === "error" && !(id > 0)))),
    false,
    "none was treated as a question",
  );
  // What is no message at all: counted or not, nothing happens.
  await page.evaluate(() =>
    [{ type: "t".repeat(65) }, { type: 7 }, { type: {} }, "text", 5, null, [], [["type", "request"]]].forEach((message) =>
      window.say(message),
    ),
  );
  await lab.quiet();
  assert.deepEqual((await widgetState(frame)).session, before.session);
  // At the limit it is good.
  await page.evaluate(() =>
    window.say({
      type: "identity",
      id: 9,
      identity: { account: { subject: "s".repeat(256), name: "n".repeat(256) }, accessToken: "t".repeat(16_384) },
    }),
  );
  await widgetSees(frame, "authorized", "s".repeat(256));

  const capabilities = await rawPair(lab, { accept: false });
  await capabilities.page.evaluate(() => window.welcome({ capabilities: Array.from({ length: 33 }, (_, i) => `word ${i}`) }));
  await lab.quiet();
  assert.notEqual(await capabilities.frame.evaluate(() => bridge.connection), "connected");
  assert.equal(await capabilities.frame.evaluate(() => bridge.rejected.malformed), 1);
});

test("D8: deep nesting in the application's own data is passed through unread, in protocol fields it is refused", async () => {
  const { page, frame } = await rawPair(lab);
  await frame.evaluate(() => {
    window.depth = 0;
    bridge.handle("deep", (data) => {
      for (let at = data; at; at = at.next) window.depth += 1;
    });
  });
  const before = await widgetState(frame);
  await page.evaluate(() => {
    let deep = null;
    for (let i = 0; i < 2000; i++) deep = { next: deep };
    window.say({ type: "message", name: "deep", data: deep });
    window.say({ type: "identity", id: 1, identity: deep });
    window.say({ type: "message", name: deep });
  });
  await until(frame, () => window.depth === 2000);
  await lab.quiet();
  const after = await widgetState(frame);
  assert.equal(after.rejected.malformed - before.rejected.malformed, 2);
  assert.deepEqual(after.session, before.session);
});

// AUTHFRAME_FUZZ=1000000 for the long run.
const COUNT = Number(process.env.AUTHFRAME_FUZZ ?? 100_000);

test(`D8: ${COUNT} random structured-clone values: no throw out of a listener, memory stays bounded, the widget works afterwards`, async (t) => {
  // The clock is the test's, or the rate limit would keep most values from being read at all.
  const { page, frame } = await rawPair(lab, { prepare: fakeClock });
  await page.evaluate(() => {
    // Answers to random requests are not kept, or the memory measured were the test's own.
    window.ports.at(-1).onmessage = ({ data }) => data?.id === 4_000_000_000 && window.received.push(data);
  });
  const session = await lab.context.newCDPSession(frame);
  const memory = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return { heap: usedSize, wasm: await frame.evaluate(() => __e2e.wasmMemory()) };
  };
  await frame.evaluate(fuzz, { count: 20_000, seed: 7, host: lab.origin("host") });
  const before = await memory();
  const started = performance.now();
  const result = await frame.evaluate(fuzz, { count: COUNT, seed: 20_261, host: lab.origin("host") });
  const seconds = (performance.now() - started) / 1000;
  const after = await memory();
  t.diagnostic(
    `${COUNT} values in ${seconds.toFixed(1)} s; heap ${before.heap} → ${after.heap}, wasm memory ${before.wasm} → ${after.wasm}; rejected ${JSON.stringify(result.rejected)}`,
  );
  assert.deepEqual([result.window + result.port, result.thrown], [COUNT, 0]);
  assert.ok(result.rejected.rate < COUNT / 100, "nearly all of them were read");
  assert.ok(result.rejected.malformed > COUNT / 100, "many were broken messages of ours");
  assert.ok(after.heap - before.heap < 8e6, `heap grew by ${after.heap - before.heap}`);
  assert.ok(before.wasm > 0 && after.wasm - before.wasm <= 1 << 20, `wasm memory grew by ${after.wasm - before.wasm}`);
  await page.evaluate(() => window.say({ type: "request", id: 4_000_000_000, name: "still there?" }));
  await until(page, () => window.received.some(({ type, code }) => type === "error" && code === "NO_HANDLER"));
}, 180_000);

test("D8: a message that is no object leaves nothing behind in the wasm", async () => {
  const { frame } = await rawPair(lab, { prepare: fakeClock });
  const memory = (values) =>
    frame.evaluate(
      ([values, host]) => {
        const source = __e2e.real(window.parent);
        const port = __e2e.ports().at(-1);
        for (let i = 0; i < 40_000; i++) {
          if (i % 100 === 0) window.advance(1000);
          const data = [5, "text", null, undefined, true][i % values];
          if (i % 2 === 0) window.dispatchEvent(new MessageEvent("message", { data, origin: host, source }));
          else port.dispatchEvent(new MessageEvent("message", { data }));
        }
        return __e2e.wasmMemory();
      },
      [values, lab.origin("host")],
    );
  const before = await memory(5);
  assert.ok(before > 0);
  assert.equal(await memory(5), before);
});

test("D9: __proto__, constructor and prototype never resolve to inherited members, in payloads and in names", async () => {
  const { page, frame } = await embedded(lab);
  for (const name of ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"]) {
    assert.equal(await page.evaluate((name) => widget.request(name).catch((error) => error.code), name), "NO_HANDLER", name);
    assert.equal(await frame.evaluate((name) => bridge.request(name).catch((error) => error.code), name), "NO_HANDLER", name);
  }
  const raw = await rawPair(lab);
  const before = await widgetState(raw.frame);
  await raw.page.evaluate(() => {
    for (const text of [
      '{"__proto__": {"type": "sign-out", "id": 1}}',
      '{"type": "identity", "id": 1, "identity": {"__proto__": {"account": {"subject": "mallory"}}}}',
      '{"type": "identity", "id": 2, "identity": {"account": {"__proto__": {"subject": "mallory"}}}}',
      '{"type": "request", "id": 3, "constructor": {"name": "x"}, "prototype": {"name": "x"}}',
    ])
      window.say(JSON.parse(text));
  });
  await lab.quiet();
  const after = await widgetState(raw.frame);
  assert.deepEqual(after.session, before.session);
  assert.equal(await raw.frame.evaluate(() => ({}).type ?? {}.polluted ?? null), null);
});

test("D9: members that the widget page itself inherits are not read as fields", async () => {
  const { page, frame } = await rawPair(lab);
  await frame.evaluate(() => {
    Object.prototype.identity = { account: { subject: "mallory" } };
    Object.prototype.account = { subject: "mallory" };
  });
  await page.evaluate(() => {
    window.say({ type: "identity", id: 1 });
    window.say({ type: "identity", id: 2, identity: {} });
  });
  await lab.quiet();
  assert.equal(
    await frame.evaluate(() => {
      delete Object.prototype.identity;
      delete Object.prototype.account;
      return bridge.session.status;
    }),
    "unauthorized",
  );
});

test("D10: unknown types and other libraries' traffic are ignored in silence", async () => {
  const foreign = [
    { source: "react-devtools-bridge", payload: { event: "x" } },
    { source: "react-devtools-content-script", hello: true },
    { type: "webpackOk" },
    { type: "rc-adapter-message-request", requestId: "1", path: "/x" },
    { type: "login-status", loggedIn: true },
    { type: "authframe:something-from-the-future", channel: "" },
    { type: "authframe:knock", channel: "another" },
    { penpal: "syn" },
    "setImmediate$0.5$1",
    "webpackHotUpdate",
    42,
    null,
  ];
  const { page, frame } = await embedded(lab);
  const before = [await hostState(page), await widgetState(frame)];
  await frame.evaluate(
    ([foreign, origin]) => foreign.forEach((message) => window.parent.postMessage(message, origin)),
    [foreign, lab.origin("host")],
  );
  await page.evaluate(
    ([foreign, origin]) => foreign.forEach((message) => widget.frame.contentWindow.postMessage(message, origin)),
    [foreign, lab.origin("widget")],
  );
  await lab.quiet();
  assert.deepEqual([await hostState(page), await widgetState(frame)], before);
});

test("D11: what a peer hears of a failure is a code and a fixed text: no stack, no path, no token, no user data", async () => {
  const raw = await rawPair(lab);
  await raw.frame.evaluate(() => {
    bridge.handle("fail", () => {
      throw new RangeError("private: ada@example.com token=eyJhbGciOi at /srv/app/secret.js:12");
    });
    bridge.handle("reject", () => Promise.reject({ token: "eyJhbGciOi", user: "ada@example.com" }));
  });
  await raw.page.evaluate(() => {
    window.say({ type: "request", id: 1, name: "fail" });
    window.say({ type: "request", id: 2, name: "reject" });
    window.say({ type: "request", id: 3, name: "nobody" });
    window.say({ type: "identity", id: 4, identity: { account: { subject: "" }, accessToken: "eyJhbGciOi" } });
  });
  await until(raw.page, () => window.received.filter(({ type }) => type === "error").length === 4);
  const errors = await raw.page.evaluate(() => window.received.filter(({ type }) => type === "error"));
  for (const error of errors) {
    assert.deepEqual(Object.keys(error).sort(), ["code", "id", "message", "type"]);
    assert.match(error.code, /^[A-Z_]+$/);
    assert.doesNotMatch(JSON.stringify(error), /private|eyJ|ada@|srv|secret|RangeError|\bat\b.*:\d/);
  }
  assert.deepEqual(errors.map(({ code }) => code).sort(), ["ACCOUNT_INVALID", "HANDLER_FAILED", "HANDLER_FAILED", "NO_HANDLER"]);
  await lab.quiet();
  // Reported in the widget's own page, to its author; nowhere else.
  lab.seen.errors.splice(0);
});

test("D14: the first hello carries no user data, no method list, no token; D16: its nonce has 128 bits and is new each time", async () => {
  const namespace = lab.freshNamespace();
  const { page, frame } = await embedded(lab, { namespace });
  await frame.evaluate(() => bridge.authorize({ account: { subject: "ada-secret", name: "Ada" }, accessToken: "token-secret" }));
  await hostSees(page, "authorized");
  for (let i = 0; i < 3; i++) {
    await page.evaluate(() => {
      window.states.length = 0;
      widget.frame.src = widget.frame.src;
    });
    await until(page, () => window.states.at(-1) === "connected");
  }
  const hellos = lab.seen.posts.filter(({ type }) => type === "authframe:hello");
  assert.ok(hellos.length >= 4);
  for (const { body, target, transfers } of hellos) {
    const hello = JSON.parse(body);
    assert.deepEqual(Object.keys(hello).sort(), ["channel", "max", "min", "nonce", "type"]);
    assert.deepEqual([hello.type, hello.channel, hello.min, hello.max], ["authframe:hello", "", 1, 1]);
    assert.match(hello.nonce, /^[\da-f]{32}$/);
    assert.deepEqual([target, transfers], [lab.origin("host"), 1]);
  }
  assert.equal(new Set(hellos.map(({ body }) => JSON.parse(body).nonce)).size, hellos.length);
  for (const { body } of lab.seen.posts) assert.doesNotMatch(body, /secret/, "nothing private was ever posted on a window");
});

for (const adopted of [false, true]) {
  test(`D15: the ${adopted ? "adopted " : ""}frame navigates to another origin mid-session: disconnected, and the next send goes nowhere`, async () => {
    let page;
    if (adopted) {
      ({ page } = await blankPair(lab, { widgetPath: `/?namespace=${lab.freshNamespace()}&acquire=none` }));
      await page.evaluate(async () => {
        const { embed } = await window.load("authframe/host");
        window.widget = await embed({ container: document.querySelector("iframe") });
      });
    } else {
      ({ page } = await embedded(lab));
    }
    await page.evaluate((src) => (widget.frame.src = src), lab.url("evil", "/lab"));
    await until(page, () => widget.connection === "disconnected");
    const evil = await frameOf(page, lab.origin("evil"));
    await until(evil, () => window.labReady);
    await evil.evaluate(() => {
      window.got = [];
      addEventListener("message", ({ data }) => window.got.push(data));
    });
    assert.equal(await page.evaluate(() => widget.session.status), "unknown");
    await page.evaluate(() => {
      widget.send("private news", { secret: true });
      widget.setIdentity({ account: "ada", accessToken: "secret" }).catch(() => {});
    });
    await new Promise((done) => setTimeout(done, 1300));
    assert.deepEqual(await evil.evaluate(() => window.got), [], "not even a knock arrives there");
    await page.evaluate(() => widget.close());
  });
}

test("D16: a recorded hello is worth nothing the second time, to the host", async () => {
  const { page, frame, src } = await embedded(lab);
  const recorded = JSON.parse(lab.seen.posts.find(({ type, href }) => type === "authframe:hello" && href === src).body);
  const before = await hostState(page);
  await frame.evaluate(postWithPort, [["parent"], recorded, lab.origin("host")]);
  await lab.quiet();
  const after = await hostState(page);
  assert.deepEqual(after, { ...before, rejected: { ...before.rejected, replay: before.rejected.replay + 1 } });
  assert.deepEqual(await frame.evaluate(() => window.replies), []);
});

test("D16: a welcome with another nonce, a second one, and one after 60 seconds are refused by the widget", async () => {
  const { page, frame } = await rawPair(lab, { accept: false, prepare: fakeClock });
  const replays = () => frame.evaluate(() => bridge.rejected.replay);
  await page.evaluate((nonce) => window.welcome({ nonce }), NONCES[5]);
  await lab.quiet();
  assert.deepEqual([await frame.evaluate(() => bridge.connection), await replays()], ["connecting", 1]);

  await frame.evaluate(() => window.advance(60_001));
  await page.evaluate(() => window.welcome());
  await lab.quiet();
  assert.deepEqual([await frame.evaluate(() => bridge.connection), await replays()], ["connecting", 2]);

  // A knock brings a new hello, and that one is good, once.
  const knock = () =>
    page.evaluate(
      (origin) => document.querySelector("iframe").contentWindow.postMessage({ type: "authframe:knock", channel: "" }, origin),
      lab.origin("widget"),
    );
  const count = await page.evaluate(() => window.hellos.length);
  await knock();
  await until(page, (count) => window.hellos.length > count, count);
  await page.evaluate(() => window.welcome());
  await until(frame, () => bridge.connection === "connected");
  await page.evaluate(() => window.welcome());
  await lab.quiet();
  assert.deepEqual([await frame.evaluate(() => bridge.connection), await replays()], ["connected", 3]);
});

test("D17: where the host speaks native, no other dialect's hello lowers the protocol", async () => {
  const { page, frame } = await rawPair(lab, { accept: false });
  const before = await widgetState(frame);
  await page.evaluate((origin) => {
    const target = document.querySelector("iframe").contentWindow;
    for (const message of [
      { type: "rc-adapter-init" },
      { type: "rc-adapter-message-request", path: "/authorize", requestId: "1", body: { token: "x" } },
      { type: "WIDGET_IN_USE", action: "login", token: "x" },
      { action: "PHONEBOOK", payload: {} },
      { type: "ethora-login", jwt: "x" },
      { type: "authframe:hello", channel: "", min: 0, max: 0, nonce: "0".repeat(32) },
      { type: "identity", id: 1, identity: { account: { subject: "mallory" } } },
      { type: "welcome", version: 1, nonce: window.hellos.at(-1).nonce, capabilities: [] },
    ])
      target.postMessage(message, origin);
  }, lab.origin("widget"));
  await lab.quiet();
  assert.deepEqual(await widgetState(frame), before);
  assert.equal(await page.evaluate(() => window.received.length), 0);
});

test("D18: an identity on the window, or from anybody but the pinned parent, signs nobody in", async () => {
  const { page, frame } = await rawPair(lab);
  const identity = { type: "identity", id: 1, identity: { account: { subject: "mallory" }, accessToken: "x" } };
  await page.evaluate(
    ([identity, origin]) => document.querySelector("iframe").contentWindow.postMessage(identity, origin),
    [identity, lab.origin("widget")],
  );
  const evil = await addFrame(page, lab, lab.url("evil", "/lab"));
  await evil.evaluate(([identity, origin]) => window.parent.frames[0].postMessage(identity, origin), [identity, lab.origin("widget")]);
  await lab.quiet();
  assert.equal(await frame.evaluate(() => bridge.session.status), "unauthorized");
  // On the port of this handshake it counts.
  await page.evaluate((identity) => window.say(identity), identity);
  await widgetSees(frame, "authorized", "mallory");
});
