import assert from "node:assert/strict";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import { load } from "./compile.mjs";
import { alive, failOnLeak, FakeElement, FakeFrame, FakePage, FakeWidget, SESSION, settle } from "./page.mjs";

const { embed, AuthframeError } = await load(`export * from "./js/host/index.js"`);
const SRC = "https://widget.example/chat";
const ADA = { account: { subject: "u-17", name: "Ada" } };
const authorized = (more = {}) => ({
  ...SESSION,
  status: "authorized",
  reason: "sign-in",
  account: { subject: "u-17", name: "Ada" },
  epoch: 3,
  writer: "0123456789abcdef",
  ...more,
});

let page, container, opened, far;
after(failOnLeak);
beforeEach(() => {
  page = new FakePage();
  container = new FakeElement();
  opened = [];
  far = [];
});
afterEach(async () => {
  for (const widget of opened) widget.close();
  for (const widget of far) widget.far?.close();
  await settle();
  assert.equal(page.window.listeners.size, 0, "listeners are left");
  assert.deepEqual(alive(), [], "timers or ports are left");
  page.leave();
});

/** Embeds and connects; `start` is what embed was given and gives, before anything else happens. */
const start = (options = {}) => {
  const promise = embed({ container, src: SRC, ...options });
  promise.then(
    (widget) => opened.push(widget),
    () => {},
  );
  const frame = container.children.at(-1);
  const peer = frame && new FakeWidget(page, frame);
  if (peer) far.push(peer);
  return { promise, frame, peer };
};
const connect = async (options, open) => {
  const { promise, frame, peer } = start(options);
  await peer.open(open);
  return { widget: await promise, frame, peer };
};
const history = (observe) => {
  const seen = [];
  observe((value) => seen.push(value));
  return seen;
};

describe("options", () => {
  const rejects = async (options, code) => {
    await assert.rejects(embed(options), (error) => {
      assert.ok(error instanceof AuthframeError && error instanceof Error);
      assert.equal(error.name, "AuthframeError");
      assert.equal(error.code, code);
      assert.ok(error.message.includes(code));
      return true;
    });
    assert.deepEqual(container.children, []);
    assert.equal(page.window.listeners.size, 0);
  };

  test("what is wrong with them is said at once, and nothing is inserted", async () => {
    await rejects(undefined, "CONFIG_INVALID");
    await rejects({}, "CONFIG_INVALID");
    await rejects({ container: null, src: SRC }, "CONFIG_INVALID");
    await rejects({ container, src: SRC, channel: "a".repeat(65) }, "CONFIG_INVALID");
    await rejects({ container, src: SRC, channel: 7 }, "CONFIG_INVALID");
    await rejects({ container: new FakeFrame(), src: SRC, allowOpaqueOrigin: true }, "CONFIG_INVALID");
    await rejects({ container, src: SRC, signal: AbortSignal.abort("enough") }, "ABORTED");
    for (const account of [
      "",
      "a".repeat(257),
      null,
      undefined,
      7,
      {},
      { subject: "" },
      { subject: "a", name: "a".repeat(257) },
      { subject: "a", name: 7 },
    ]) {
      await rejects({ container, src: SRC, identity: { account } }, "ACCOUNT_INVALID");
    }
    await rejects({ container, src: SRC, identity: { account: "a", accessToken: "a".repeat(16_385) } }, "TOKEN_INVALID");
    await rejects({ container, src: SRC, identity: { account: "a", expiresAt: NaN } }, "LIFETIME_INVALID");
  });

  test("D6 a sandbox without allow-same-origin is refused before anything is inserted", async () => {
    for (const sandbox of ["", "allow-scripts", "allow-scripts allow-forms"])
      await rejects({ container, src: SRC, sandbox }, "OPAQUE_ORIGIN");
    const adopted = new FakeFrame();
    adopted.src = SRC;
    adopted.setAttribute("sandbox", "allow-scripts");
    await rejects({ container: adopted }, "OPAQUE_ORIGIN");
  });

  test("they are the frame's attributes", async () => {
    const { frame } = await connect({ id: "chat", title: "Chat", allow: "microphone", sandbox: "allow-scripts allow-same-origin" });
    assert.deepEqual(Object.fromEntries(frame.attributes), {
      id: "chat",
      title: "Chat",
      allow: "microphone",
      sandbox: "allow-scripts allow-same-origin",
      referrerpolicy: "origin",
      src: SRC,
    });
  });

  test("a frame has a title always, and no attribute that was not asked for", async () => {
    const { frame } = await connect();
    assert.deepEqual(Object.fromEntries(frame.attributes), { title: "Embedded widget", referrerpolicy: "origin", src: SRC });
  });

  test("D6 an opaque widget gets its nonce in the fragment, and no knock, since there is no origin to name", async () => {
    const { promise, frame } = start({ allowOpaqueOrigin: true, sandbox: "allow-scripts" });
    const [, nonce] = /^https:\/\/widget\.example\/chat#authframe=([0-9a-f]{32})$/.exec(frame.src);
    const peer = new FakeWidget(page, frame, "null");
    far.push(peer);
    frame.load();
    assert.deepEqual(frame.posted, []);
    peer.hello({ nonce });
    await settle();
    peer.say({ type: "open", capabilities: [], session: SESSION });
    assert.equal((await promise).connection, "connected");
  });
});

describe("connecting", () => {
  test("the host listens before the frame is inserted", () => {
    let listening;
    container.append = (frame) => {
      listening = [...page.window.listeners].map(({ type }) => type);
      FakeElement.prototype.append.call(container, frame);
    };
    const stop = new AbortController();
    start({ signal: stop.signal });
    assert.ok(listening.includes("message"));
    stop.abort();
  });

  test("resolves when the widget has opened, with what it said", async () => {
    const { promise, peer, frame } = start();
    let done = false;
    promise.then(() => (done = true));
    peer.hello();
    await settle();
    assert.deepEqual(peer.got("welcome"), [{ type: "welcome", version: 1, nonce: peer.nonce, capabilities: [] }]);
    assert.equal(done, false);
    peer.say({ type: "open", capabilities: ["identity", "later"], session: authorized() });
    const widget = await promise;
    assert.equal(widget.frame, frame);
    assert.equal(widget.connection, "connected");
    assert.deepEqual(widget.capabilities, ["identity", "later"]);
    assert.deepEqual(widget.session, authorized());
    assert.ok(Object.isFrozen(widget.session) && Object.isFrozen(widget.session.account));
  });

  test("knocks at load and every second until connected, and not before the page is there", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const { promise, frame, peer } = start();
    t.mock.timers.tick(3000);
    assert.equal(frame.posted.length, 0);
    frame.load();
    assert.equal(frame.posted.length, 1);
    t.mock.timers.tick(3000);
    assert.equal(frame.posted.length, 4);
    assert.ok(frame.posted.every(({ origin }) => origin === "https://widget.example"));
    await peer.open();
    await promise;
    t.mock.timers.tick(5000);
    assert.equal(frame.posted.length, 4);
    // A new document may not know whom to greet.
    frame.load();
    assert.equal(frame.posted.length, 5);
    t.mock.timers.tick(5000);
    assert.equal(frame.posted.length, 5);
  });

  test("an adopted frame is knocked at at once, is not changed, and stays when the widget is closed", async () => {
    const frame = new FakeFrame();
    frame.src = SRC;
    container.append(frame);
    const before = [...frame.attributes];
    const promise = embed({ container: frame });
    assert.deepEqual(frame.posted, [{ message: { type: "authframe:knock", channel: "" }, origin: "https://widget.example" }]);
    const peer = new FakeWidget(page, frame);
    far.push(peer);
    await peer.open();
    (await promise).close();
    assert.deepEqual(container.children, [frame]);
    assert.deepEqual([...frame.attributes], before);
    assert.equal(frame.listeners.size, 0);
  });

  test("HANDSHAKE_TIMEOUT leaves nothing behind", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const { promise } = start({ timeoutMs: 2000 });
    t.mock.timers.tick(1999);
    assert.equal(container.children.length, 1);
    t.mock.timers.tick(1);
    await assert.rejects(promise, { code: "HANDSHAKE_TIMEOUT", responsible: "peer" });
    assert.deepEqual(container.children, []);
  });

  test("waits 15 s if not told otherwise", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const { promise } = start();
    t.mock.timers.tick(14_999);
    assert.equal(container.children.length, 1);
    t.mock.timers.tick(1);
    await assert.rejects(promise, { code: "HANDSHAKE_TIMEOUT" });
  });

  test("ABORTED, with the reason as its cause; a signal that aborts later closes the widget", async () => {
    const early = new AbortController();
    const { promise } = start({ signal: early.signal });
    early.abort("gone");
    await assert.rejects(promise, { code: "ABORTED", responsible: "app", cause: "gone" });
    assert.deepEqual(container.children, []);

    const late = new AbortController();
    const { widget } = await connect({ signal: late.signal });
    late.abort();
    assert.equal(widget.connection, "closed");
    assert.deepEqual(container.children, []);
  });

  test("D17 VERSION_MISMATCH: the widget hears it too", async () => {
    const { promise, peer } = start();
    peer.hello({ min: 2, max: 4 });
    await assert.rejects(promise, { code: "VERSION_MISMATCH", responsible: "peer" });
    await settle();
    assert.deepEqual(peer.heard[0], { type: "refuse", code: "VERSION_MISMATCH", min: 1, max: 1 });
  });

  test("D6 OPAQUE_ORIGIN: from a frame that lost its origin otherwise than by its sandbox attribute", async () => {
    const { promise, frame } = start();
    const peer = new FakeWidget(page, frame, "null");
    far.push(peer);
    peer.hello();
    await assert.rejects(promise, { code: "OPAQUE_ORIGIN", responsible: "app" });
    await settle();
    assert.deepEqual(peer.heard[0], { type: "refuse", code: "OPAQUE_ORIGIN", min: 1, max: 1 });
    assert.deepEqual(frame.posted, []);
  });

  test("D2 a message whose window is gone is not from the frame whose window is gone", async () => {
    const { widget, frame } = await connect();
    frame.contentWindow = null;
    page.deliver({ source: null, origin: "https://widget.example", data: { type: "authframe:hello" } });
    assert.deepEqual(widget.rejected, { source: 1, origin: 0, malformed: 0, rate: 0, replay: 0 });
  });
});

describe("losing the widget", () => {
  test("a reload: disconnected, then connected; the session is unknown in between and keeps its epoch", async () => {
    const { widget, peer } = await connect({}, { session: authorized() });
    const states = history(widget.onConnection);
    const sessions = history(widget.subscribe);
    peer.hello();
    assert.equal(widget.connection, "disconnected");
    assert.deepEqual(widget.capabilities, []);
    assert.deepEqual(widget.session, { ...authorized(), status: "unknown", reason: "starting", account: null });
    await settle();
    peer.say({ type: "open", capabilities: ["identity"], session: authorized({ reason: "restore" }) });
    await settle();
    assert.deepEqual(states, ["connected", "disconnected", "connected"]);
    assert.deepEqual(
      sessions.map(({ reason }) => reason),
      ["sign-in", "starting", "restore"],
    );
  });

  test("the old port is closed and told so", async () => {
    const { peer } = await connect();
    const old = peer.heard;
    peer.hello();
    await settle();
    assert.deepEqual(old.at(-1), { type: "bye" });
  });

  test("bye, or the end of the port, is disconnected; then the host knocks again", async (t) => {
    for (const leave of [(peer) => peer.say({ type: "bye" }), (peer) => peer.far.close()]) {
      t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
      const { widget, peer, frame } = await connect();
      leave(peer);
      await settle();
      assert.equal(widget.connection, "disconnected");
      assert.equal(frame.posted.length, 0);
      t.mock.timers.tick(2000);
      assert.equal(frame.posted.length, 2);
      await peer.open();
      assert.equal(widget.connection, "connected");
      widget.close();
      t.mock.timers.reset();
    }
  });

  test("a hello on whose welcome nothing followed gives way to a new one", async () => {
    const { promise, peer } = start();
    peer.hello();
    await settle();
    await peer.open();
    assert.equal((await promise).connection, "connected");
  });

  test("a widget reloaded into another version: disconnected and reported, and it can come back", async () => {
    const { widget, peer } = await connect();
    peer.hello({ min: 2, max: 2 });
    assert.equal(widget.connection, "disconnected");
    assert.equal(page.reported[0].code, "VERSION_MISMATCH");
    await peer.open();
    assert.equal(widget.connection, "connected");
  });

  test("D1 D6 D15 a frame that is elsewhere now changes nothing and learns nothing", async () => {
    const { widget, frame } = await connect({}, { session: authorized() });
    const session = widget.session;
    for (const origin of ["https://evil.example", "null"]) {
      const evil = new FakeWidget(page, frame, origin);
      far.push(evil);
      evil.hello();
      await settle();
      assert.deepEqual(evil.heard, []);
    }
    assert.equal(widget.connection, "connected");
    assert.equal(widget.session, session);
    assert.equal(widget.rejected.origin, 2);
  });

  test("pagehide: no account is left to be painted when the page comes back; the widget's next word is taken", async () => {
    const { widget, peer } = await connect({}, { session: authorized() });
    const sessions = history(widget.subscribe);
    page.dispatch("pagehide");
    assert.deepEqual([widget.session.status, widget.session.reason, widget.session.account], ["unknown", "suspended", null]);
    assert.equal(widget.connection, "connected");
    page.dispatch("pageshow");
    peer.say({ type: "session", session: authorized() });
    await settle();
    assert.deepEqual(
      sessions.map(({ reason }) => reason),
      ["sign-in", "suspended", "sign-in"],
    );
  });

  test("D48 nothing listens to unload", async () => {
    await connect();
    assert.deepEqual([...page.window.listeners].map(({ type }) => type).sort(), ["message", "pagehide", "pageshow"]);
  });
});

describe("identity", () => {
  test("is told at the connection and again after a reload, the newest only", async () => {
    const tokens = { accessToken: "t", refreshToken: "r" };
    const { widget, peer } = await connect({ identity: { account: "u-1", ...tokens, expiresAt: 5, expiresIn: 3600, serverTime: 4 } });
    await settle();
    const [{ identity, ...told }] = peer.got("identity");
    const { expiresAt, ...rest } = identity;
    assert.deepEqual({ told, rest }, { told: { type: "identity", id: 1 }, rest: { account: { subject: "u-1", name: null }, ...tokens } });
    // D53: a lifetime is absolute from the moment it was received.
    assert.ok(Math.abs(expiresAt - Date.now() - 3_600_000) < 5000);
    peer.say({ type: "bye" });
    await settle();
    await widget.setIdentity({ account: "u-2" });
    await widget.setIdentity(ADA);
    await peer.open();
    const none = { accessToken: null, refreshToken: null, expiresAt: null };
    assert.deepEqual(
      peer.got("identity").map(({ identity }) => identity),
      [{ account: ADA.account, ...none }],
    );
  });

  test("setIdentity resolves when the widget has taken it, and rejects with its refusal", async () => {
    const { widget, peer } = await connect();
    const taken = widget.setIdentity(ADA);
    await settle();
    peer.say({ type: "reply", id: peer.got("identity")[0].id });
    assert.equal(await taken, undefined);
    const refused = widget.setIdentity({ account: "u-2" });
    await settle();
    peer.say({ type: "error", id: peer.got("identity")[1].id, code: "ACQUIRE_FAILED", message: "not now" });
    await assert.rejects(refused, { code: "ACQUIRE_FAILED", message: /not now/ });
    await assert.rejects(widget.setIdentity({ account: "" }), { code: "ACCOUNT_INVALID" });
    const lost = widget.setIdentity({ account: "u-3" });
    peer.hello();
    await assert.rejects(lost, { code: "DISCONNECTED", responsible: "peer" });
    await settle();
    peer.say({ type: "open", capabilities: ["identity"], session: SESSION });
    await settle();
    assert.equal(peer.got("identity")[0].identity.account.subject, "u-3");
    assert.deepEqual(page.reported, []);
  });

  test("D55 the host waits for the widget's answer to an identity longer than the widget waits for its acquire", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const { widget } = await connect({}, { capabilities: ["identity"] });
    let outcome = "waits";
    widget.setIdentity(ADA).then(
      () => (outcome = "taken"),
      ({ code }) => (outcome = code),
    );
    await settle();
    t.mock.timers.tick(39_999);
    await settle();
    assert.equal(outcome, "waits");
    t.mock.timers.tick(1);
    await settle();
    assert.equal(outcome, "REQUEST_TIMEOUT");
    widget.close();
    t.mock.timers.reset();
  });

  test("D53 a user is forgotten once the session that they led to has ended, and named again while it lives", async () => {
    const { peer } = await connect({ identity: ADA });
    await settle();
    peer.say({ type: "session", session: authorized({ epoch: 5 }) });
    peer.say({ type: "reply", id: peer.got("identity")[0].id });
    await settle();
    await peer.open({ session: authorized({ epoch: 5, reason: "restore" }) });
    assert.deepEqual(
      peer.got("identity").map(({ epoch }) => epoch),
      [5],
    );
    // Signed out in another tab; then this widget is loaded anew.
    peer.say({ type: "session", session: { ...SESSION, status: "unauthorized", reason: "user", epoch: 6 } });
    await settle();
    await peer.open({ session: { ...SESSION, status: "unauthorized", reason: "user", epoch: 6 } });
    assert.deepEqual(peer.got("identity"), []);
  });

  test("D53 a user whom the widget refused is not named again once somebody else is signed in over there", async () => {
    const { widget, peer } = await connect();
    const named = widget.setIdentity({ account: "u1" });
    await settle();
    peer.say({ type: "error", id: peer.got("identity")[0].id, code: "ACQUIRE_FAILED", message: "x" });
    await assert.rejects(named, { code: "ACQUIRE_FAILED" });
    const other = authorized({ epoch: 9, account: { subject: "u2", name: null } });
    peer.say({ type: "session", session: other });
    await settle();
    await peer.open({ session: other });
    assert.deepEqual(peer.got("identity"), []);
  });

  test("a sign-in request ends with its connection, and after its longest wait", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    let calls = 0;
    const { peer, widget } = await connect({ onSignInRequest: () => (calls++, new Promise(() => {})) });
    peer.say({ type: "sign-in", id: 1 });
    await settle();
    peer.say({ type: "bye" });
    await settle();
    await peer.open();
    peer.say({ type: "sign-in", id: 2 });
    await settle();
    assert.equal(calls, 2);
    t.mock.timers.tick(600_000);
    await settle();
    assert.equal(peer.heard.filter(({ type, data }) => type === "reply" && data === false).length, 1);
    widget.close();
    t.mock.timers.reset();
  });

  test("S9 one sign-in request at a time: the others share its answer", async () => {
    let calls = 0;
    let finish;
    const { peer } = await connect({ onSignInRequest: () => (calls++, new Promise((resolve) => (finish = resolve))) });
    for (let id = 1; id <= 3000; id++) peer.say({ type: "sign-in", id });
    await settle();
    assert.equal(calls, 1);
    finish(null);
    await settle();
    assert.equal(peer.heard.filter(({ type, data }) => type === "reply" && data === false).length, 3000);
  });

  test("signOut is said until it is answered, and then no more", async () => {
    const { widget, peer } = await connect({ identity: ADA });
    const out = widget.signOut();
    peer.hello();
    await assert.rejects(out, { code: "DISCONNECTED" });
    await settle();
    peer.say({ type: "open", capabilities: ["identity"], session: SESSION });
    await settle();
    assert.deepEqual(peer.got("identity"), []);
    const [{ id }] = peer.got("sign-out");
    peer.say({ type: "reply", id });
    await settle();
    await peer.open();
    assert.deepEqual([...peer.got("sign-out"), ...peer.got("identity")], []);
  });

  test("a widget that takes no identity is not told", async () => {
    const { widget, peer } = await connect({ identity: ADA }, { capabilities: [] });
    await assert.rejects(widget.setIdentity(ADA), { code: "NO_HANDLER" });
    await assert.rejects(widget.signOut(), { code: "NO_HANDLER" });
    assert.deepEqual(
      peer.heard.map(({ type }) => type),
      ["welcome"],
    );
    assert.deepEqual(
      page.reported.map(({ code }) => code),
      ["NO_HANDLER"],
    );
  });

  test("sign-in: the identity goes first, then the answer", async () => {
    let user = ADA;
    const { peer } = await connect({ onSignInRequest: async () => user });
    assert.deepEqual(peer.got("welcome")[0].capabilities, ["sign-in"]);
    peer.say({ type: "sign-in", id: 1 });
    await settle();
    peer.say({ type: "reply", id: peer.got("identity")[0].id });
    await settle();
    user = null;
    peer.say({ type: "sign-in", id: 2 });
    await settle();
    assert.deepEqual(
      peer.heard.slice(1).map(({ type, id, data }) => [type, id, data]),
      [
        ["identity", 1, undefined],
        ["reply", 1, true],
        ["reply", 2, false],
      ],
    );
  });

  test("D11 sign-in: a failure says its code and nothing else; the page's own report has it all", async () => {
    const broken = [
      () => {
        throw new Error("secret path /etc");
      },
      async () => {
        throw new Error("secret path /etc");
      },
      () => ({ account: "" }),
    ];
    for (const onSignInRequest of broken) {
      const { peer } = await connect({ onSignInRequest });
      peer.say({ type: "sign-in", id: 1 });
      await settle();
      assert.deepEqual(peer.heard.at(-1), { type: "error", id: 1, code: "HANDLER_FAILED", message: "HANDLER_FAILED" });
    }
    assert.equal(page.reported.length, 3);
    assert.match(page.reported[0].message, /secret/);
  });

  test("sign-in at a host that cannot: not announced, and refused", async () => {
    const { peer } = await connect();
    assert.deepEqual(peer.got("welcome")[0].capabilities, []);
    peer.say({ type: "sign-in", id: 1 });
    await settle();
    assert.equal(peer.heard.at(-1).code, "NO_HANDLER");
  });
});

describe("messages and requests", () => {
  test("both ways", async () => {
    const { widget, peer } = await connect();
    const heard = [];
    widget.handle("news", (data) => void heard.push(data));
    widget.handle("sum", async ([a, b]) => a + b);
    widget.send("hi", { a: 1 });
    const asked = widget.request("what", 7);
    peer.say({ type: "message", name: "news", data: "n" });
    peer.say({ type: "request", id: 9, name: "sum", data: [1, 2] });
    await settle();
    assert.deepEqual(peer.heard.slice(1), [
      { type: "message", name: "hi", data: { a: 1 } },
      { type: "request", name: "what", data: 7, id: 1 },
      { type: "reply", id: 9, data: 3 },
    ]);
    peer.say({ type: "reply", id: 1, data: "that" });
    assert.equal(await asked, "that");
    assert.deepEqual(heard, ["n"]);
  });

  test("an answer to nobody, twice, or with a foreign id is ignored", async () => {
    const { widget, peer } = await connect();
    const asked = widget.request("a");
    await settle();
    for (const id of [2, 1, 1]) peer.say({ type: "reply", id, data: id });
    assert.equal(await asked, 1);
    peer.say({ type: "error", id: 1, code: "NO_HANDLER", message: "" });
    await settle();
    assert.equal(widget.rejected.malformed, 0);
  });

  test("REQUEST_TIMEOUT after 10 s or what was asked for", async (t) => {
    const { widget } = await connect();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const usual = assert.rejects(widget.request("a"), { code: "REQUEST_TIMEOUT", responsible: "peer" });
    const quick = assert.rejects(widget.request("a", 1, { timeoutMs: 5 }), { code: "REQUEST_TIMEOUT" });
    t.mock.timers.tick(5);
    await quick;
    t.mock.timers.tick(9_995);
    await usual;
  });

  test("NO_HANDLER and HANDLER_FAILED, there and here", async () => {
    const { widget, peer } = await connect();
    widget.handle("throws", () => {
      throw new Error("inner");
    });
    widget.handle("rejects", async () => {
      throw new Error("inner");
    });
    widget.handle("uncloneable", () => () => {});
    const stop = widget.handle("stopped", () => 1);
    stop();
    stop();
    for (const [id, name] of ["throws", "rejects", "uncloneable", "stopped", "__proto__", "constructor", ""].entries())
      peer.say({ type: "request", id, name });
    await settle();
    assert.deepEqual(
      peer
        .got("error")
        .map(({ id, code }) => [id, code])
        .sort(),
      [
        [0, "HANDLER_FAILED"],
        [1, "HANDLER_FAILED"],
        [2, "HANDLER_FAILED"],
        [3, "NO_HANDLER"],
        [4, "NO_HANDLER"],
        [5, "NO_HANDLER"],
        [6, "NO_HANDLER"],
      ],
    );
    assert.equal(page.reported.length, 3);
    for (const code of ["NO_HANDLER", "HANDLER_FAILED"]) {
      const asked = widget.request("a");
      await settle();
      peer.say({ type: "error", id: peer.got("request").at(-1).id, code, message: "m" });
      await assert.rejects(asked, { code, responsible: "peer" });
    }
  });

  test("the last handler of a name wins; the stop of an older one does not remove it", async () => {
    const { widget, peer } = await connect();
    const stop = widget.handle("a", () => 1);
    widget.handle("a", () => 2);
    stop();
    peer.say({ type: "request", id: 1, name: "a" });
    await settle();
    assert.equal(peer.heard.at(-1).data, 2);
  });

  test("NAME_INVALID and DATA_NOT_CLONEABLE, connected or not", async () => {
    const { widget, peer } = await connect();
    for (let round = 0; round < 2; round++) {
      for (const name of ["", "a".repeat(65), undefined, 7]) {
        assert.throws(() => widget.send(name), { code: "NAME_INVALID", responsible: "app" });
        assert.throws(() => widget.handle(name, () => {}), { code: "NAME_INVALID" });
        await assert.rejects(widget.request(name), { code: "NAME_INVALID" });
      }
      assert.throws(() => widget.send("a", () => {}), { code: "DATA_NOT_CLONEABLE" });
      await assert.rejects(widget.request("a", { f() {} }), { code: "DATA_NOT_CLONEABLE" });
      peer.say({ type: "bye" });
      await settle();
    }
  });

  test("32 wait for a connection and are sent in their order, as they were; the next is QUEUE_FULL", async () => {
    const { widget, peer } = await connect();
    peer.say({ type: "bye" });
    await settle();
    const data = { index: 0 };
    const asked = widget.request("first", data);
    for (data.index = 1; data.index < 32; data.index++) widget.send("next", data);
    assert.throws(() => widget.send("next"), { code: "QUEUE_FULL", responsible: "app" });
    await assert.rejects(widget.request("next"), { code: "QUEUE_FULL" });
    const told = widget.setIdentity(ADA);
    await told;
    await peer.open();
    assert.deepEqual(peer.heard.map(({ type }) => type).slice(0, 4), ["welcome", "identity", "request", "message"]);
    assert.deepEqual(
      peer.heard.filter(({ name }) => name).map((message) => message.data.index),
      [...Array(32).keys()],
    );
    peer.say({ type: "reply", id: peer.got("request")[0].id, data: "yes" });
    assert.equal(await asked, "yes");
  });

  test("a request that waits times out too, and is then not sent", async (t) => {
    const { widget, peer } = await connect();
    peer.say({ type: "bye" });
    await settle();
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const asked = assert.rejects(widget.request("a"), { code: "REQUEST_TIMEOUT" });
    t.mock.timers.tick(10_000);
    await asked;
    t.mock.timers.reset();
    await peer.open();
    assert.deepEqual(peer.got("request"), []);
  });

  test("DISCONNECTED: what was under way fails, what was waiting goes on", async () => {
    const { widget, peer } = await connect();
    const lost = widget.request("a");
    peer.hello();
    await assert.rejects(lost, { code: "DISCONNECTED", responsible: "peer" });
    const waits = widget.request("b");
    await settle();
    peer.say({ type: "open", capabilities: [], session: SESSION });
    await settle();
    peer.say({ type: "reply", id: peer.got("request")[0].id, data: 1 });
    assert.equal(await waits, 1);
  });

  test("an answer goes to the document that asked, not to the one that came since", async () => {
    const { widget, peer } = await connect();
    let finish;
    widget.handle("slow", () => new Promise((resolve) => (finish = resolve)));
    peer.say({ type: "request", id: 1, name: "slow" });
    await settle();
    await peer.open();
    finish("late");
    await settle();
    assert.deepEqual(peer.got("reply"), []);
  });
});

describe("listeners", () => {
  test("are called at once, then on every change, with the same object as `session`, until stopped", async () => {
    const { widget, peer } = await connect();
    const seen = [];
    const stop = widget.subscribe((session) => seen.push(session === widget.session && session.epoch));
    peer.say({ type: "session", session: authorized({ epoch: 1 }) });
    await settle();
    stop();
    stop();
    peer.say({ type: "session", session: authorized({ epoch: 2 }) });
    await settle();
    assert.deepEqual(seen, [0, 1]);
    assert.equal(widget.session.epoch, 2);
  });

  test("one that is stopped by another is not called any more", async () => {
    const { widget, peer } = await connect();
    let stop;
    widget.subscribe((session) => session.epoch && stop());
    const seen = [];
    stop = widget.subscribe((session) => seen.push(session.epoch));
    peer.say({ type: "session", session: authorized() });
    await settle();
    assert.deepEqual(seen, [0]);
  });

  test("closing while a reloaded widget says hello: its port is closed, unanswered", async () => {
    const { widget, peer } = await connect();
    widget.onConnection((state) => state === "disconnected" && widget.close());
    peer.hello();
    let ended = false;
    peer.far.on("close", () => (ended = true));
    await settle();
    assert.deepEqual(peer.heard, []);
    assert.equal(ended, true);
  });

  test("one that throws does not disturb the others", async () => {
    const { widget, peer } = await connect();
    widget.subscribe(() => {
      throw new Error("mine");
    });
    const seen = history(widget.subscribe);
    peer.say({ type: "session", session: authorized() });
    await settle();
    assert.equal(seen.length, 2);
    assert.equal(page.reported.length, 2);
  });

  test("session and connection are both new before anybody hears of one", async () => {
    const { widget, peer } = await connect({}, { session: authorized() });
    const seen = [];
    widget.subscribe(() => seen.push([widget.connection, widget.session.status, widget.capabilities.length]));
    widget.onConnection(() => seen.push([widget.connection, widget.session.status, widget.capabilities.length]));
    seen.length = 0;
    peer.say({ type: "bye" });
    await settle();
    assert.deepEqual(seen, [
      ["disconnected", "unknown", 0],
      ["disconnected", "unknown", 0],
    ]);
  });

  test("closing in any callback is legal, and the others hear the end once", async () => {
    const ways = [
      (widget) => widget.onConnection((state) => state === "disconnected" && widget.close()),
      (widget) => widget.subscribe((session) => session.status === "unknown" && widget.close()),
    ];
    for (const way of ways) {
      for (const leave of [(peer) => peer.say({ type: "bye" }), (peer) => peer.hello()]) {
        const { widget, peer } = await connect({}, { session: authorized() });
        way(widget);
        const states = history(widget.onConnection);
        leave(peer);
        await settle();
        assert.deepEqual(states.at(-1), "closed");
        assert.equal(states.filter((state) => state === "closed").length, 1);
        assert.equal(page.window.listeners.size, 0);
      }
    }
    const { widget, peer } = await connect();
    widget.handle("close", () => widget.close());
    peer.say({ type: "request", id: 1, name: "close" });
    await settle();
    assert.equal(widget.connection, "closed");
  });
});

describe("close", () => {
  test("D12 says bye and leaves no listener, timer, port or frame; what is under way is CLOSED", async () => {
    const { widget, peer, frame } = await connect();
    const states = history(widget.onConnection);
    const asked = widget.request("a");
    widget.close();
    widget.close();
    await assert.rejects(asked, { code: "CLOSED", responsible: "app" });
    await settle();
    assert.deepEqual(peer.heard.at(-1), { type: "bye" });
    assert.deepEqual(states, ["connected", "closed"]);
    assert.deepEqual([widget.connection, widget.session.status, widget.capabilities], ["closed", "unknown", []]);
    assert.deepEqual(container.children, []);
    assert.equal(frame.listeners.size, 0);
    assert.equal(page.window.listeners.size, 0);
    assert.deepEqual(alive(), []);
  });

  test("D12 while disconnected too: waiting requests are CLOSED", async () => {
    const { widget, peer } = await connect();
    peer.say({ type: "bye" });
    await settle();
    const asked = widget.request("a");
    widget.close();
    await assert.rejects(asked, { code: "CLOSED" });
    assert.deepEqual(alive(), []);
  });

  test("everything afterwards is CLOSED", async () => {
    const { widget } = await connect();
    widget.close();
    assert.throws(() => widget.send("a"), { code: "CLOSED" });
    await assert.rejects(widget.request("a"), { code: "CLOSED" });
    await assert.rejects(widget.setIdentity(ADA), { code: "CLOSED" });
    await assert.rejects(widget.signOut(), { code: "CLOSED" });
    assert.deepEqual(history(widget.onConnection), ["closed"]);
  });

  test("a hundred lives leave nothing", async () => {
    for (let life = 0; life < 100; life++) {
      const { widget, peer } = await connect({ identity: ADA, onSignInRequest: () => null });
      if (life % 2) await peer.open();
      widget.close();
      peer.far.close();
    }
    await settle();
    assert.deepEqual(page.reported, []);
  });
});
