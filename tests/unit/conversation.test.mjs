/** js/shared/conversation.ts, below each of the halves that have it: what one half does with the application's messages, the other does too. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { load } from "./compile.mjs";
import { SESSION, settle } from "./page.mjs";

const { HostConversation } = await load(`export * from "./js/host/conversation.js"`);
const { converse, failure } = await load(`export * from "./js/widget/conversation.js"; export { failure } from "./js/widget/failure.js"`);

/** Keeps what is posted, which has to be copied for that, as by a real port. The handshake is none of this. */
const recording = (posted) => (message) => {
  if (!["welcome", "bye"].includes(message.type)) posted.push(structuredClone(message));
};

/** Each half: `peer` is the application's end, `posted` what went to the other side in this connection, and `receive` takes what comes from there. */
const HALVES = {
  host() {
    const conversation = new HostConversation({}, undefined);
    let port;
    const half = {
      peer: conversation.widget,
      posted: [],
      connect(capabilities = []) {
        half.posted = [];
        const own = { postMessage: recording(half.posted), close() {}, onmessage: null, onclose: null };
        port = own;
        conversation.attach(own, { type: "welcome" });
        half.receive = (data) => own.onmessage?.({ data });
        half.receive({ type: "open", capabilities, session: SESSION });
      },
      disconnect: () => port.onclose(),
      close: () => conversation.widget.close(),
      malformed: () => conversation.widget.rejected.malformed,
    };
    return half;
  },
  widget() {
    let malformed = 0;
    let closed = false;
    const conversation = converse((message) => recording(half.posted)(message));
    const half = {
      peer: conversation,
      posted: [],
      connect(capabilities = []) {
        half.posted = [];
        conversation.changed("connected", { capabilities });
      },
      receive(message) {
        if (!conversation.receive(message)) malformed++;
      },
      disconnect: () => conversation.changed("disconnected"),
      close() {
        if (!closed) conversation.changed("closed");
        closed = true;
      },
      malformed: () => malformed,
    };
    return half;
  },
};

let reported;
const before = globalThis.reportError;
beforeEach(() => {
  reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
});
afterEach(() => {
  globalThis.reportError = before;
});

for (const [name, make] of Object.entries(HALVES)) {
  describe(`the ${name}'s half`, () => {
    let half;
    beforeEach(() => {
      half = make();
    });
    afterEach(() => half.close());

    const asked = () => half.posted.at(-1).id;
    const failsWith = (promise, code, message) => assert.rejects(promise, { name: "AuthframeError", code, ...(message && { message }) });
    const throwsCode = (call, code) => assert.throws(call, { name: "AuthframeError", code });

    test("sends, asks and is answered", async () => {
      half.connect();
      half.peer.send("news", { a: 1 });
      const answer = half.peer.request("what", 7);
      assert.deepEqual(half.posted, [
        { type: "message", name: "news", data: { a: 1 } },
        { type: "request", name: "what", data: 7, id: 1 },
      ]);
      half.receive({ type: "reply", id: 1, data: "that" });
      assert.equal(await answer, "that");
    });

    test("what a handler returns at once is posted at once; a promise's result when it is there", async () => {
      half.connect();
      half.peer.handle("sum", ([a, b]) => a + b);
      half.peer.handle("slow", async (data) => data);
      half.receive({ type: "request", id: 1, name: "sum", data: [1, 2] });
      assert.deepEqual(half.posted, [{ type: "reply", id: 1, data: 3 }]);
      half.receive({ type: "request", id: 2, name: "slow", data: "s" });
      await settle();
      assert.deepEqual(half.posted[1], { type: "reply", id: 2, data: "s" });
    });

    test("whatever goes wrong in a handler is reported here, and only its code goes over there", async () => {
      half.connect();
      const handlers = {
        throws: () => {
          throw new Error("thrown");
        },
        rejects: async () => {
          throw new Error("rejected");
        },
        uncloneable: () => () => {},
        "getter of then": () => ({
          get then() {
            throw new Error("then");
          },
        }),
      };
      for (const [name, handler] of Object.entries(handlers)) {
        half.peer.handle(name, handler);
        half.receive({ type: "request", id: 5, name });
      }
      half.receive({ type: "request", id: 5, name: "nobody" });
      await settle();
      assert.deepEqual(half.posted.map(({ code }) => code).sort(), [
        "HANDLER_FAILED",
        "HANDLER_FAILED",
        "HANDLER_FAILED",
        "HANDLER_FAILED",
        "NO_HANDLER",
      ]);
      assert.ok(half.posted.every(({ type, id, code, message }) => type === "error" && id === 5 && code === message));
      assert.equal(reported.length, 4);
    });

    test("a handler of a message that fails is reported, whether it throws or rejects", async () => {
      half.connect();
      half.peer.handle("throws", () => {
        throw new Error("thrown");
      });
      half.peer.handle("rejects", async () => {
        throw new Error("rejected");
      });
      for (const name of ["throws", "rejects", "nobody"]) half.receive({ type: "message", name });
      await settle();
      assert.deepEqual(reported, ["thrown", "rejected"]);
      assert.deepEqual(half.posted, []);
    });

    test("the last handler of a name wins; the end of an older one does not remove it", () => {
      half.connect();
      const stop = half.peer.handle("a", () => 1);
      const stopLast = half.peer.handle("a", () => 2);
      stop();
      half.receive({ type: "request", id: 1, name: "a" });
      stopLast();
      stopLast();
      half.receive({ type: "request", id: 2, name: "a" });
      assert.deepEqual(
        half.posted.map(({ data, code }) => data ?? code),
        [2, "NO_HANDLER"],
      );
    });

    test("an answer goes to the document that asked, not to the one that came since", async () => {
      half.connect();
      let finish;
      half.peer.handle("slow", () => new Promise((resolve) => (finish = resolve)));
      half.receive({ type: "request", id: 1, name: "slow" });
      half.disconnect();
      half.connect();
      finish("late");
      await settle();
      assert.deepEqual(half.posted, []);
    });

    test("C5 a duration is 1 to 600,000 ms, and anything else is CONFIG_INVALID with what was given", async () => {
      half.connect();
      for (const timeoutMs of [Infinity, 3e9, -5, NaN, 0, "5", null])
        await failsWith(half.peer.request("a", null, { timeoutMs }), "CONFIG_INVALID", /timeoutMs is .*1 to 600000 milliseconds/);
      assert.deepEqual(half.posted, []);
    });

    test("a name is looked at first, and shown whatever it is", async () => {
      for (const name of ["", "a".repeat(65), undefined, 7, 10n, Symbol("s"), {}]) {
        throwsCode(() => half.peer.send(name), "NAME_INVALID");
        throwsCode(() => half.peer.handle(name, () => {}), "NAME_INVALID");
        await failsWith(half.peer.request(name, null, { timeoutMs: -1 }), "NAME_INVALID", /was given/);
      }
    });

    test("REQUEST_TIMEOUT after 10 s or what was asked for; a late answer is ignored", async (t) => {
      t.mock.timers.enable({ apis: ["setTimeout"] });
      half.connect();
      const usual = failsWith(half.peer.request("a"), "REQUEST_TIMEOUT");
      const quick = failsWith(half.peer.request("b", 1, { timeoutMs: 5 }), "REQUEST_TIMEOUT");
      t.mock.timers.tick(5);
      await quick;
      t.mock.timers.tick(9995);
      await usual;
      half.receive({ type: "reply", id: 1, data: "late" });
      assert.equal(half.malformed(), 0);
    });

    test("C15 a refusal's code is one of ours, and the other side's words are shown as its own", async () => {
      half.connect();
      const refused = (message) => {
        const answer = half.peer.request("a");
        half.receive({ type: "error", id: asked(), ...message });
        return answer;
      };
      await failsWith(refused({ code: "NO_HANDLER", message: "NO_HANDLER" }), "NO_HANDLER");
      await failsWith(refused({ code: "RATE_LIMITED", message: "RATE_LIMITED" }), "RATE_LIMITED");
      await failsWith(refused({ code: "MADE_UP", message: "a text" }), "HANDLER_FAILED", /the (host|widget) says "a text"/);
      assert.equal(half.malformed(), 0);
    });

    test("what became of a request says which one it was, whose fault it is and what to do", async (t) => {
      t.mock.timers.enable({ apis: ["setTimeout"] });
      half.connect();
      for (const [code, text] of Object.entries({
        NO_HANDLER: /^NO_HANDLER: the (host|widget) has no handler for "search": it has to call handle\("search", …\)$/,
        HANDLER_FAILED: /^HANDLER_FAILED: the (host|widget) has failed to answer "search": the console of its page says why$/,
        RATE_LIMITED: /^RATE_LIMITED: the (host|widget) has dropped "search": it takes 20000 messages/,
      })) {
        const answer = half.peer.request("search");
        half.receive({ type: "error", id: asked(), code, message: code });
        await failsWith(answer, code, text);
      }
      const late = half.peer.request("search", 1, { timeoutMs: 5 });
      t.mock.timers.tick(5);
      await failsWith(late, "REQUEST_TIMEOUT", /^REQUEST_TIMEOUT: the (host|widget) has not answered "search" in time: /);
      const lost = half.peer.request("search");
      half.disconnect();
      await failsWith(lost, "DISCONNECTED", /the (host|widget) has gone before it answered "search": it may have done what was asked/);
    });

    test("a refusal in broken words is counted, and refuses all the same", async () => {
      half.connect();
      for (const broken of [{}, { code: 7, message: "m" }, { code: "NO_HANDLER" }, { code: "NO_HANDLER", message: "m".repeat(257) }]) {
        const answer = half.peer.request("a");
        half.receive({ type: "error", id: asked(), ...broken });
        await assert.rejects(answer, { code: broken.code === "NO_HANDLER" ? "NO_HANDLER" : "HANDLER_FAILED" });
      }
      assert.equal(half.malformed(), 4);
    });

    test("what is broken is counted and dropped; a type of a later version is not", () => {
      half.connect();
      const broken = [
        { type: "reply" },
        { type: "error", code: "NO_HANDLER", message: "m" },
        { type: "request", name: "a" },
        { type: "request", id: 1 },
        { type: "message" },
        { type: "message", name: "a".repeat(65) },
        { type: "dropped" },
        { type: "dropped", count: -1 },
      ];
      for (const message of broken) half.receive(message);
      half.receive({ type: "later" });
      assert.equal(half.malformed(), broken.length);
      assert.deepEqual(half.posted, []);
    });

    test("an answer to no request, twice, or with a foreign id is ignored", async () => {
      half.connect();
      const answer = half.peer.request("a");
      for (const id of [2, 1, 1]) half.receive({ type: "reply", id, data: id });
      assert.equal(await answer, 1);
      half.receive({ type: "error", id: 1, code: "NO_HANDLER", message: "" });
      assert.equal(half.malformed(), 0);
    });

    test("32 wait for a connection and are sent as they were, in their order; the next is QUEUE_FULL", async () => {
      const data = { index: 0 };
      const answer = half.peer.request("first", data);
      for (data.index = 1; data.index < 32; data.index++) half.peer.send("next", data);
      throwsCode(() => half.peer.send("next"), "QUEUE_FULL");
      await failsWith(half.peer.request("next"), "QUEUE_FULL");
      // A mistake of the application is one whether there is room or not.
      throwsCode(() => half.peer.send("next", () => {}), "DATA_NOT_CLONEABLE");
      half.connect();
      assert.deepEqual(
        half.posted.map(({ data }) => data.index),
        [...Array(32).keys()],
      );
      half.receive({ type: "reply", id: 1, data: "yes" });
      assert.equal(await answer, "yes");
    });

    test("a request that waits times out too, and is then not sent", async (t) => {
      t.mock.timers.enable({ apis: ["setTimeout"] });
      const waiting = failsWith(half.peer.request("a"), "REQUEST_TIMEOUT");
      t.mock.timers.tick(10_000);
      await waiting;
      half.connect();
      assert.deepEqual(half.posted, []);
    });

    test("DATA_NOT_CLONEABLE, connected or not", async () => {
      for (let round = 0; round < 2; round++) {
        throwsCode(() => half.peer.send("a", () => {}), "DATA_NOT_CLONEABLE");
        await failsWith(half.peer.request("a", { f() {} }), "DATA_NOT_CLONEABLE");
        half.connect();
      }
    });

    test("DISCONNECTED: what was under way fails, each with an error of its own, and what was waiting goes on", async () => {
      half.connect();
      const underWay = [half.peer.request("a"), half.peer.request("b")].map((answer) => answer.catch((error) => error));
      half.disconnect();
      const lost = await Promise.all(underWay);
      assert.deepEqual(
        lost.map(({ code }) => code),
        ["DISCONNECTED", "DISCONNECTED"],
      );
      assert.notEqual(lost[0], lost[1]);
      const waits = half.peer.request("c");
      half.connect();
      half.receive({ type: "reply", id: asked(), data: 1 });
      assert.equal(await waits, 1);
    });

    test("CLOSED: what was under way, what was waiting, and everything afterwards", async () => {
      const waiting = failsWith(half.peer.request("a"), "CLOSED");
      half.connect();
      const underWay = failsWith(half.peer.request("b"), "CLOSED");
      half.close();
      await Promise.all([waiting, underWay]);
      throwsCode(() => half.peer.send("a"), "CLOSED");
      // Nothing is worse than that.
      throwsCode(() => half.peer.send("a", () => {}), "CLOSED");
      await failsWith(half.peer.request("a"), "CLOSED");
    });

    test("D63 20,000 messages and requests pass in a second, and one more is RATE_LIMITED; so it is while there is no connection", async (t) => {
      t.mock.method(performance, "now", () => 10_000_000);
      half.connect();
      for (let index = 0; index < 20_000; index++) half.peer.send("m", index);
      throwsCode(() => half.peer.send("m"), "RATE_LIMITED");
      await failsWith(half.peer.request("m"), "RATE_LIMITED");
      half.disconnect();
      throwsCode(() => half.peer.send("m"), "RATE_LIMITED");
      performance.now.mock.mockImplementation(() => 10_001_000);
      half.peer.send("m");
    });

    test("`undelivered` is what the other side says, and `capabilities` what it announced, of this connection alone", () => {
      assert.deepEqual([half.peer.undelivered, half.peer.capabilities], [0, []]);
      const announced = ["later"];
      half.connect(announced);
      half.receive({ type: "dropped", count: 4 });
      assert.deepEqual([half.peer.undelivered, half.peer.capabilities], [4, ["later"]]);
      assert.ok(Object.isFrozen(half.peer.capabilities));
      half.disconnect();
      assert.deepEqual(half.peer.capabilities, []);
      half.connect();
      assert.deepEqual([half.peer.undelivered, half.peer.capabilities], [0, []]);
    });

    test("what the application holds can be taken apart", async () => {
      half.connect();
      const { send, request, handle } = half.peer;
      handle("a", () => 1);
      send("b");
      const answer = request("c");
      half.receive({ type: "reply", id: asked(), data: 2 });
      assert.equal(await answer, 2);
    });
  });
}

describe("the widget's half alone", () => {
  const connected = (capabilities, post = () => {}) => {
    const conversation = converse(post);
    conversation.changed("connected", { capabilities });
    return conversation;
  };

  test("a host that cannot sign users in is not asked, be it connected or awaited", async () => {
    const posted = [];
    const conversation = converse((message) => posted.push(message));
    const early = assert.rejects(conversation.requestSignIn(), {
      message: "NO_HANDLER: the host signs no user in: it has to give onSignInRequest to embed()",
    });
    conversation.send("m");
    conversation.changed("connected", { capabilities: [] });
    await early;
    await assert.rejects(conversation.requestSignIn(), { code: "NO_HANDLER", message: /^NO_HANDLER: no sign-in: .*onSignInRequest/ });
    assert.deepEqual(
      posted.map(({ type }) => type),
      ["message"],
    );
  });

  test("resolves with whether the host named a user", async () => {
    const posted = [];
    const conversation = connected(["sign-in"], (message) => posted.push(message));
    for (const [data, named] of [
      [true, true],
      [false, false],
      ["yes", false],
    ]) {
      const answer = conversation.requestSignIn();
      conversation.receive({ type: "reply", id: posted.at(-1).id, data });
      assert.equal(await answer, named);
    }
  });

  test("in a page that is not embedded nothing waits", async () => {
    const conversation = converse(() => {});
    conversation.changed("standalone");
    assert.throws(() => conversation.send("m"), { code: "DISCONNECTED", message: /not embedded/ });
    assert.throws(() => conversation.send("m", () => {}), { code: "DATA_NOT_CLONEABLE" });
    await assert.rejects(conversation.request("m"), { code: "DISCONNECTED" });
  });

  test("the core's own reason for not posting comes through", () => {
    const conversation = converse(() => {
      throw failure("REENTRANT_CALL");
    });
    conversation.changed("connected", { capabilities: [] });
    assert.throws(() => conversation.send("m"), { code: "REENTRANT_CALL" });
  });
});
