/** What both applications say to each other, in a page. The rules alone: conversation.test.mjs. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADA, connect, page } from "./host-page.mjs";
import { SESSION, settle } from "./page.mjs";

describe("messages and requests", () => {
  test("both ways", async () => {
    const { widget, peer } = await connect();
    const received = [];
    widget.handle("news", (data) => void received.push(data));
    widget.handle("sum", async ([a, b]) => a + b);
    widget.send("hi", { a: 1 });
    const asked = widget.request("what", 7);
    peer.say({ type: "message", name: "news", data: "n" });
    peer.say({ type: "request", id: 9, name: "sum", data: [1, 2] });
    await settle();
    assert.deepEqual(peer.received.slice(1), [
      { type: "message", name: "hi", data: { a: 1 } },
      { type: "request", name: "what", data: 7, id: 1 },
      { type: "reply", id: 9, data: 3 },
    ]);
    peer.say({ type: "reply", id: 1, data: "that" });
    assert.equal(await asked, "that");
    assert.deepEqual(received, ["n"]);
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
    assert.equal(peer.received.at(-1).data, 2);
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
    const named = widget.setIdentity(ADA);
    await named;
    await peer.open();
    assert.deepEqual(peer.received.map(({ type }) => type).slice(0, 4), ["welcome", "identity", "request", "message"]);
    assert.deepEqual(
      peer.received.filter(({ name }) => name).map((message) => message.data.index),
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
