// What is closed holds nothing of the application's: a listener may hold what it listens to, and the end of its own subscription.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import v8 from "node:v8";
import vm from "node:vm";
import { load } from "./compile.mjs";
import { settle } from "./page.mjs";

const { open, HostConversation, Emitter, xbees, ringcentral } = await load(`
  export { conversation as xbees } from "./js/dialect/xbees/conversation.js";
  export { conversation as ringcentral } from "./js/dialect/ringcentral/conversation.js";
  export { open } from "./js/widget/bridge.js";
  export { HostConversation } from "./js/host/conversation.js";
  export { Emitter } from "./js/shared/emitter.js";
`);

v8.setFlagsFromString("--expose-gc");
const collect = vm.runInNewContext("gc");

/** Those of these that are still there when everything was collected that can be. */
async function left(refs) {
  await settle();
  collect();
  return Object.keys(refs).filter((name) => refs[name].deref() !== undefined);
}

// In a scope in which there is nothing to hold.
const makeFunction = () => () => null;

/** Calls it with a function for each name, and keeps none. */
function watched(names, use) {
  const functions = Object.fromEntries(names.map((name) => [name, makeFunction()]));
  use(functions);
  return Object.fromEntries(names.map((name) => [name, new WeakRef(functions[name])]));
}

const listeners = new Set();
beforeEach(() => {
  globalThis.addEventListener = (type) => listeners.add(type);
  globalThis.removeEventListener = (type) => listeners.delete(type);
});
afterEach(() => {
  delete globalThis.addEventListener;
  delete globalThis.removeEventListener;
  listeners.clear();
});

const FACTS = {
  id: "0123456789abcdef",
  tier: "local",
  host: null,
  deadOnArrival: 0,
  rejected: { source: 0, origin: 1, malformed: 2, rate: 0, replay: 0, storage: 0 },
};
const CLAIM = { opened() {}, closed() {} };

/** As much of a core as a bridge needs; after the end everything is `CLOSED`, as in `src/browser/driver.rs`. */
class FakeCore {
  calls = [];
  #sink;
  #isClosed = false;

  constructor(sink) {
    this.#sink = sink;
  }
  allow(origin) {
    if (!origin.startsWith("https:")) throw "CONFIG_ORIGIN_INVALID";
  }
  start() {
    this.#sink.session({ status: "unauthorized", reason: "initial", account: null });
    this.#sink.connection("standalone");
  }
  facts() {
    if (this.#isClosed) throw "CLOSED";
    if (this.isBorrowed) throw "REENTRANT_CALL";
    return FACTS;
  }
  close() {
    this.calls.push("close");
    if (this.#isClosed) return;
    this.#sink.connection("closed");
    this.#isClosed = true;
  }
  acquired() {}
  acquireFailed() {}
}

function bridgeWith(options) {
  let core;
  const make = (_, sink) => {
    core = new FakeCore(sink);
    return core;
  };
  const bridge = open({ open: make }, { hosts: ["https://a.example"], ...options }, [], CLAIM);
  return { bridge, core };
}

test("a closed bridge holds no function of the application, though the application holds the bridge and every subscription", async () => {
  const kept = [];
  const names = ["acquire", "exchange", "poll", "session", "connection", "handler", "value"];
  const refs = watched(names, ({ acquire, exchange, poll, session, connection, handler, value }) => {
    const { bridge, core } = bridgeWith({ acquire, signIn: { exchange, poll } });
    kept.push(bridge, core, bridge.subscribe(session), bridge.onConnection(connection), bridge.handle("x", handler));
    kept.push(bridge.storage, bridge.storage.subscribe("key", value));
  });
  assert.deepEqual(await left(refs), names, "as long as it is open");
  kept[0].close();
  assert.deepEqual(await left(refs), []);
  assert.equal(kept[0].connection, "closed");
});

test("what listens to a closed bridge is called at once, and not kept", async () => {
  const { bridge } = bridgeWith();
  bridge.close();
  const seen = [];
  bridge.onConnection((state) => seen.push(state))();
  assert.deepEqual(seen, ["closed"]);
  const kept = [];
  const refs = watched(["session", "handler"], ({ session, handler }) => {
    kept.push(bridge.subscribe(session), bridge.handle("x", handler));
  });
  assert.deepEqual(await left(refs), []);
  bridge.close();
});

test("every listener is notified of the end, in whatever it closes the bridge", async () => {
  const { bridge, core } = bridgeWith();
  const seen = [];
  bridge.onConnection((state) => seen.push(`first ${state}`));
  bridge.onConnection((state) => seen.push(`second ${state}`));
  bridge.close();
  assert.deepEqual(seen.slice(2), ["first closed", "second closed"]);
  assert.deepEqual(core.calls, ["close"]);
});

test("a bridge that cannot begin is closed: the core does not keep it", () => {
  let core;
  const make = (_, sink) => {
    core = new FakeCore(sink);
    return core;
  };
  assert.throws(() => open({ open: make }, { hosts: ["ftp://a.example"] }, [], CLAIM), { code: "CONFIG_ORIGIN_INVALID" });
  assert.deepEqual([core.calls, listeners.size], [["close"], 0]);
});

test("what the core cannot be asked for now is as it was last: inside a getter, and after the end", () => {
  const { bridge, core } = bridgeWith();
  core.isBorrowed = true;
  assert.deepEqual(bridge.rejected, FACTS.rejected);
  core.isBorrowed = false;
  bridge.close();
  assert.deepEqual(bridge.rejected, FACTS.rejected);
});

test("a closed widget holds no function of the application, and no user, though the application holds the widget", async () => {
  const kept = [];
  const names = ["signIn", "session", "connection", "handler"];
  const refs = watched(names, ({ signIn, session, connection, handler }) => {
    const { widget } = new HostConversation({}, signIn);
    kept.push(widget, widget.subscribe(session), widget.onConnection(connection), widget.handle("x", handler));
  });
  assert.deepEqual(await left(refs), names, "as long as it is open");
  kept[0].close();
  assert.deepEqual(await left(refs), []);
});

/** What a dialect works with, and what closes it. */
function below() {
  let close;
  const parts = {
    facts: () => ({ id: "1", host: "https://host.example" }),
    onConnection(listener) {
      close = () => listener("closed");
    },
    notifyCore() {},
    bridge: () => ({ session: { status: "unauthorized" }, storage: { get: async () => undefined, subscribe: () => () => {} } }),
    invalid: (problem) => new Error(problem),
    failed: (code) => new Error(code),
  };
  return { parts, close: () => close() };
}

test("a closed bridge holds none of a dialect's either", async () => {
  globalThis.location = { search: "" };
  const kept = [];
  const names = ["on", "onLogout", "login", "onLoginFailed", "subscribe", "onMessage", "handler"];
  const { parts, close } = below();
  const { parts: others, close: closeOther } = below();
  const refs = watched(names, ({ on, onLogout, login, onLoginFailed, subscribe, onMessage, handler }) => {
    const { face } = xbees({ xbees: { manualReady: true } }, parts);
    kept.push(face, face.xbees.on("x", on), face.xbees.onLogout(onLogout));
    const { face: other } = ringcentral({ ringcentral: { login, onLoginFailed } }, others);
    const host = other.ringcentral;
    kept.push(other, host.subscribe(subscribe), host.on("x", onMessage), host.handle("/x", handler));
  });
  await settle();
  close();
  closeOther();
  assert.deepEqual(await left(refs), []);
  const late = watched(["on", "onMessage"], ({ on, onMessage }) => {
    kept.push(kept[0].xbees.on("x", on), kept[3].ringcentral.on("x", onMessage));
  });
  assert.deepEqual(await left(late), []);
  delete globalThis.location;
});

test("who holds the end of a subscription does not hold what has listened", async () => {
  const emitter = new Emitter();
  const kept = [];
  const refs = watched(["one", "two"], ({ one, two }) => kept.push(emitter.on(one), emitter.on(two)));
  kept[0]();
  assert.deepEqual(await left(refs), ["two"]);
  emitter.clear();
  assert.deepEqual(await left(refs), []);
});
