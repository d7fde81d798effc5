/** embed: its options, and the way to the first connection. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADA, AuthframeError, authorized, connect, container, embed, far, page, SRC, start } from "./host-page.mjs";
import { FakeElement, FakeFrame, FakeWidget, SESSION, settle } from "./page.mjs";

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
    assert.deepEqual(peer.received[0], { type: "refuse", code: "VERSION_MISMATCH", min: 1, max: 1 });
  });

  test("D6 OPAQUE_ORIGIN: from a frame that lost its origin otherwise than by its sandbox attribute", async () => {
    const { promise, frame } = start();
    const peer = new FakeWidget(page, frame, "null");
    far.push(peer);
    peer.hello();
    await assert.rejects(promise, { code: "OPAQUE_ORIGIN", responsible: "app" });
    await settle();
    assert.deepEqual(peer.received[0], { type: "refuse", code: "OPAQUE_ORIGIN", min: 1, max: 1 });
    assert.deepEqual(frame.posted, []);
  });

  test("a container that does not take the frame: its error comes through, and nothing is left", async () => {
    container.append = () => {
      throw new TypeError("not here");
    };
    await assert.rejects(embed({ container, src: SRC, identity: ADA }), { name: "TypeError", message: "not here" });
    assert.equal(page.window.listeners.size, 0);
    delete container.append;
    await connect();
  });

  test("D2 a message whose window is gone is not from the frame whose window is gone", async () => {
    const { widget, frame } = await connect();
    frame.contentWindow = null;
    page.deliver({ source: null, origin: "https://widget.example", data: { type: "authframe:hello" } });
    assert.deepEqual(widget.rejected, { source: 1, origin: 0, malformed: 0, rate: 0, replay: 0 });
  });
});
