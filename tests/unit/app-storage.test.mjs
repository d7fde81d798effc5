import assert from "node:assert/strict";
import { test } from "node:test";
import { load, vectors } from "./compile.mjs";
import { FakePage, settle } from "./page.mjs";

const { Store, appStorage, AuthframeError } = await load(
  `export * from "./js/widget/storage/storage.js"; export * from "./js/widget/storage/app-storage.js"; export * from "./js/shared/error.js"`,
);

/** A storage area that can be broken: `fail` is what every access or every write throws, `forgets` takes and does not keep. */
class FakeArea {
  values = new Map();
  fail = {};
  forgets = false;

  #may(kind) {
    if (this.fail[kind]) throw new DOMException("broken by the test", this.fail[kind]);
  }
  getItem(name) {
    this.#may("read");
    return this.values.get(name) ?? null;
  }
  setItem(name, text) {
    this.#may("write");
    if (!this.forgets) this.values.set(name, text);
  }
  removeItem(name) {
    this.#may("write");
    this.values.delete(name);
  }
}

/** A page with both areas; `bridge.say("closed")` closes. */
const stage = (t, { local = new FakeArea(), session = new FakeArea() } = {}) => {
  const page = new FakePage();
  globalThis.window = { localStorage: local, sessionStorage: session };
  t.after(() => {
    page.leave();
    delete globalThis.window;
  });
  const states = new Set();
  const bridge = {
    onConnection(listener) {
      states.add(listener);
      listener("connecting");
      return () => states.delete(listener);
    },
    say: (state) => states.forEach((listener) => listener(state)),
  };
  const storageEvent = (key, newValue = null) => page.window.dispatchEvent(Object.assign(new Event("storage"), { key, newValue }));
  return { page, local, session, bridge, storageEvent, open: (namespace = "n") => new Store(namespace, bridge.onConnection) };
};
const codeOf = (act) => {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof AuthframeError, String(error));
    assert.equal(error.responsible, vectors("errors").codes.find(({ code }) => code === error.code).responsible);
    return error.code;
  }
  return null;
};
const received = (store, key, control = new AbortController()) => {
  const values = [];
  store.subscribe(key, (value) => values.push(value), control.signal);
  return values;
};

test("values come back, as copies, and are gone when deleted", (t) => {
  const { open, local } = stage(t);
  const store = open();
  for (const value of [null, false, 0, "", "text", [1, [2]], { a: { b: "é\u{1F600}\ud800" } }]) {
    store.set("k", JSON.stringify(value));
    assert.deepEqual(store.get("k"), value);
  }
  assert.notEqual(store.get("k"), store.get("k"));
  assert.deepEqual([...local.values.keys()], ["n.app:k"], "and the probe is gone");
  store.delete("k");
  store.delete("k");
  assert.equal(store.get("k"), undefined);
  assert.equal(local.values.size, 0);
});

test("no two namespaces, and no register, share a stored key", (t) => {
  const namespaces = ["a", "a.app", "a.app.app", "app", "a.authframe", "a.app.authframe", "A", "-", "."];
  const keys = ["k", "app:k", ".app:k", "app.k", ":k", "authframe", ".authframe", "a.authframe", "app:authframe"];
  const taken = new Set(namespaces.map((namespace) => `${namespace}.authframe`));
  const { open, local } = stage(t);
  for (const namespace of namespaces) {
    const store = open(namespace);
    for (const key of keys) {
      local.values.clear();
      store.set(key, "1");
      const [name] = local.values.keys();
      assert.ok(!taken.has(name), name);
      taken.add(name);
    }
  }
  assert.equal(taken.size, namespaces.length * (keys.length + 1));
});

test("a key has 1 to 128 characters", (t) => {
  const store = stage(t).open();
  for (const key of ["", "k".repeat(129), 5, null, undefined, ["k"], {}]) {
    for (const act of [() => store.get(key), () => store.set(key, "1"), () => store.delete(key), () => received(store, key)])
      assert.equal(codeOf(act), "NAME_INVALID", String(key));
  }
  for (const key of ["k".repeat(128), "__proto__", "a b\n", "ключ", "."]) {
    store.set(key, '"v"');
    assert.equal(store.get(key), "v");
  }
});

test("D32 the tiers: what is denied, empty, forgets or fails at reading is left for the next; what is full is not", (t) => {
  const broken = (wish) => Object.assign(new FakeArea(), wish);
  const ways = {
    "no area": null,
    "reads throw": broken({ fail: { read: "UnknownError" } }),
    "writes throw": broken({ fail: { write: "UnknownError" } }),
    "writes are forgotten": broken({ forgets: true }),
  };
  for (const [way, area] of Object.entries(ways)) {
    const { open, session } = stage(t, { local: area });
    open().set("k", "1");
    assert.deepEqual([...session.values.keys()], ["n.app:k"], way);
    stage(t, { local: area, session: area });
    const store = open();
    store.set("k", "2");
    assert.equal(store.get("k"), 2, way);
    assert.equal(open().get("k"), 2, "memory lasts as long as the page");
    assert.equal(open("other").get("k"), undefined);
    store.delete("k");
  }
  const denied = stage(t);
  Object.defineProperty(globalThis.window, "localStorage", {
    get: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });
  denied.open().set("k", "1");
  assert.equal(denied.session.values.size, 1);
  for (const name of ["QuotaExceededError", "NS_ERROR_DOM_QUOTA_REACHED"]) {
    const local = broken({ values: new Map([["n.app:k", '"old"']]), fail: { write: name } });
    const full = stage(t, { local });
    const store = full.open();
    assert.equal(store.get("k"), "old");
    assert.equal(
      codeOf(() => store.set("k", '"new"')),
      "STORAGE_QUOTA",
    );
    assert.equal(store.get("k"), "old");
    assert.equal(full.session.values.size, 0, "nothing is put elsewhere");
  }
});

test("a reserve stays free, and is not left behind", (t) => {
  const { open, local } = stage(t);
  const store = open();
  const most = 10_000;
  const setItem = local.setItem.bind(local);
  local.setItem = (name, text) => {
    const others = [...local.values].reduce((sum, [key, value]) => sum + (key === name ? 0 : key.length + value.length), 0);
    if (others + name.length + text.length > most) throw new DOMException("full", "QuotaExceededError");
    setItem(name, text);
  };
  store.set("k", `"${"x".repeat(5000)}"`);
  assert.equal(
    codeOf(() => store.set("k", `"${"x".repeat(6000)}"`)),
    "STORAGE_QUOTA",
  );
  assert.equal(
    codeOf(() => store.set("l", `"${"x".repeat(1000)}"`)),
    "STORAGE_QUOTA",
  );
  assert.deepEqual([store.get("k").length, [...local.values.keys()]], [5000, ["n.app:k"]]);
  local.setItem("somebody", "x".repeat(4900));
  assert.equal(
    codeOf(() => store.set("l", "1")),
    "STORAGE_QUOTA",
  );
  store.set("k", `"${"y".repeat(5000)}"`);
  store.set("k", "1");
  assert.deepEqual([store.get("k"), [...local.values.keys()]], [1, ["n.app:k", "somebody"]]);
});

test("a tier that fails later is STORAGE_DENIED, is not left, and listeners are not told that their value is gone", (t) => {
  const { open, local, session, storageEvent } = stage(t);
  const store = open();
  store.set("k", "1");
  const values = received(store, "k");
  for (const [fail, forgets] of [
    [{ read: "SecurityError", write: "SecurityError" }, false],
    [{}, true],
  ]) {
    Object.assign(local, { fail, forgets });
    if (fail.read)
      assert.equal(
        codeOf(() => store.get("k")),
        "STORAGE_DENIED",
      );
    if (fail.write)
      assert.equal(
        codeOf(() => store.delete("k")),
        "STORAGE_DENIED",
      );
    assert.equal(
      codeOf(() => store.set("k", "2")),
      "STORAGE_DENIED",
    );
    storageEvent(null);
  }
  Object.assign(local, { fail: {}, forgets: false });
  assert.equal(store.get("k"), 1, "it works again");
  assert.deepEqual(values, []);
  assert.equal(session.values.size, 0);
});

test("D33 what is not JSON, or too long, reads as missing, and the next set replaces it", (t) => {
  const { open, local, storageEvent } = stage(t);
  const store = open();
  const values = received(store, "k");
  for (const text of ["", "{{{", "undefined", "[".repeat(200_000), `"${"x".repeat(1_048_576)}"`]) {
    local.values.set("n.app:k", text);
    storageEvent("n.app:k", text);
    assert.equal(store.get("k"), undefined, text.slice(0, 20));
    store.set("k", "7");
    assert.equal(store.get("k"), 7);
  }
  assert.deepEqual(values, Array(5).fill([undefined, 7]).flat());
  const edge = (length) => `"${"x".repeat(length - 2)}"`;
  store.set("k", edge(1_048_576));
  assert.equal(store.get("k").length, 1_048_574);
  assert.equal(
    codeOf(() => store.set("k", edge(1_048_577))),
    "STORAGE_QUOTA",
  );
  assert.equal(store.get("k").length, 1_048_574);
  assert.equal({}.polluted, undefined);
});

test("listeners hear own and foreign changes once, deletions and clear() as undefined, and nothing that changed nothing", (t) => {
  const { page, open, local, storageEvent } = stage(t);
  const store = open();
  const [values, others] = [received(store, "k"), received(store, "other")];
  const foreign = (text) => {
    if (text === null) local.values.delete("n.app:k");
    else local.values.set("n.app:k", text);
    storageEvent("n.app:k", text);
  };
  store.set("k", "1");
  storageEvent("n.app:k", "1"); // WebKit's echo
  store.set("k", "1");
  assert.deepEqual(values.splice(0), [1]);
  foreign('{"a":2}');
  foreign('{"a":2}');
  assert.deepEqual(values.splice(0), [{ a: 2 }]);
  storageEvent("n.app:k", '"too late"'); // Overwritten by this page before the event came.
  storageEvent("n.authframe", "1");
  storageEvent("m.app:k", "1");
  assert.deepEqual(values, []);
  foreign(null);
  store.delete("k");
  store.set("k", "3");
  store.delete("k");
  storageEvent("n.app:k", null);
  assert.deepEqual(values.splice(0), [undefined, 3, undefined]);
  store.set("k", "4");
  local.values.clear();
  storageEvent(null);
  storageEvent(null);
  assert.deepEqual(values.splice(0), [4, undefined]);
  // Missed while the page was frozen.
  local.values.set("n.app:k", "5");
  page.dispatch("pageshow");
  local.values.set("n.app:k", "6");
  page.dispatch("visibilitychange");
  assert.deepEqual([values, others], [[5, 6], []]);
});

test("each listener gets its own copy; one that throws is reported; stop and close() work from within", (t) => {
  const { page, open, bridge } = stage(t);
  const store = open();
  const [first, second, third] = Array.from({ length: 3 }, () => new AbortController());
  const got = [];
  const shared = (value) => {
    got.push(value.list.length);
    value.list.push("mine");
    if (got.length === 2) third.abort();
    throw new Error("a listener throws");
  };
  for (const { signal } of [first, second, third]) store.subscribe("k", shared, signal);
  store.set("k", '{"list":[]}');
  assert.deepEqual(got.splice(0), [0, 0]);
  assert.deepEqual(
    page.reported.splice(0).map(({ message }) => message),
    Array(2).fill("a listener throws"),
  );
  first.abort();
  second.abort();
  second.abort();
  store.set("k", '{"list":[1]}');
  assert.deepEqual(got, [], "nobody is left");

  const [closing, after] = [[], []];
  store.subscribe(
    "k",
    (value) => {
      closing.push(value);
      bridge.say("closed");
    },
    new AbortController().signal,
  );
  store.subscribe("k", (value) => after.push(value), new AbortController().signal);
  store.set("k", "8");
  assert.deepEqual([closing, after], [[8], []]);
});

test("D12 after close() no listener is left, and every call is CLOSED", (t) => {
  const { page, open, bridge, storageEvent, local } = stage(t);
  const store = open();
  store.set("k", "1");
  const stop = new AbortController();
  const values = received(store, "k", stop);
  assert.equal(page.window.listeners.size, 3);
  bridge.say("closed");
  assert.equal(page.window.listeners.size, 0);
  stop.abort();
  local.values.clear();
  storageEvent(null);
  assert.deepEqual([values, received(store, "k")], [[], []]);
  for (const act of [() => store.get("k"), () => store.set("k", "1"), () => store.delete("k")]) assert.equal(codeOf(act), "CLOSED");
  assert.equal(open().get("k"), undefined, "the next bridge of this namespace");
});

test("the face: in order, copied at once, typed errors, nothing after stop()", async (t) => {
  const { bridge, local, page } = stage(t);
  const storage = appStorage("n", bridge.onConnection);
  assert.equal(page.window.listeners.size, 0, "nothing before it is used");
  const [values, stopped] = [[], []];
  storage.subscribe("k", (value) => values.push(value));
  const stop = storage.subscribe("k", (value) => stopped.push(value));
  const draft = { text: "a" };
  const done = [storage.set("k", draft), storage.get("k"), storage.delete("k"), storage.get("k")];
  draft.text = "b";
  stop();
  stop();
  assert.deepEqual(await Promise.all(done), [undefined, { text: "a" }, undefined, undefined]);
  assert.deepEqual([values, stopped], [[{ text: "a" }, undefined], []]);
  const cycle = {};
  cycle.self = cycle;
  for (const value of [
    undefined,
    () => {},
    Symbol("s"),
    1n,
    cycle,
    { deep: [2n] },
    {
      toJSON() {
        throw new Error("no");
      },
    },
  ]) {
    await assert.rejects(
      storage.set("k", value),
      (error) => error instanceof AuthframeError && error.code === "DATA_NOT_CLONEABLE" && error.responsible === "app",
    );
  }
  await assert.rejects(storage.set("k", 1n), ({ cause }) => cause instanceof TypeError);
  assert.equal(local.values.size, 0);
  await storage.set("k", { when: new Date(0), nothing: undefined, not: NaN });
  assert.deepEqual(await storage.get("k"), { when: "1970-01-01T00:00:00.000Z", not: null }, "as JSON has it");
  const late = storage.get("k");
  bridge.say("closed");
  await assert.rejects(late, { code: "CLOSED" });
  await assert.rejects(storage.get("k"), { code: "CLOSED" });
  storage.subscribe("k", () => {});
  await settle();
  assert.equal(page.window.listeners.size, 0);
});
