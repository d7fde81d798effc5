/** A widget that was embedded: how it is lost and comes back, what its listeners get, and how it is closed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADA, authorized, connect, container, far, history, page, start } from "./host-page.mjs";
import { alive, FakeWidget, settle } from "./page.mjs";

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
    const old = peer.received;
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
      assert.deepEqual(evil.received, []);
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
    assert.deepEqual(peer.received, []);
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
    assert.deepEqual(peer.received.at(-1), { type: "bye" });
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
