/** The application's own storage in a real browser: tabs, quota, denial, frames without an origin, and what is left of it. */
import assert from "node:assert/strict";
import { addFrame, blankPair, connectHere, embedded, evaluateInLostFrame, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, frameOf, launch, test } from "./browser.mjs";

const lab = browserForThisFile();
const FILE = /\/authframe\/storage\.js$/;

/** A widget's frame with a bridge; what its listener on `key` receives is in `received`, text by text. */
async function withBridge(namespace, { key = "draft", where = lab, prepare } = {}) {
  const { page, frame } = await blankPair(where);
  if (prepare) await frame.evaluate(prepare);
  await frame.evaluate(connectHere, { hosts: [where.origin("host")], namespace });
  await listen(frame, key);
  return { page, frame };
}

/** Resolves when the listener is there: calls are carried out in their order. */
const listen = (frame, key) =>
  frame.evaluate(async (key) => {
    window.received = [];
    window.stop = bridge.storage.subscribe(key, (value) => window.received.push(value === undefined ? "undefined" : JSON.stringify(value)));
    await bridge.storage.get(key);
  }, key);

const received = (frame) => frame.evaluate(() => window.received);
const hears = (frame, ...values) => until(frame, (values) => JSON.stringify(window.received) === values, JSON.stringify(values));

/** Runs `act` in the frame and gives the code of what it rejects with. */
const codeOf = (frame, act, arg) => frame.evaluate(`(${rejection})(${act}, ${JSON.stringify(arg)})`);
async function rejection(act, arg) {
  const { AuthframeError } = await window.load("authframe");
  const error = await act(arg).then(
    () => null,
    (error) => error,
  );
  return error && (error instanceof AuthframeError ? error.code : `untyped: ${error}`);
}

test("two tabs and the own tab hear every change once; the same value again is no change; a sign-out deletes nothing", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [(await withBridge(namespace)).frame, (await withBridge(namespace)).frame];
  await one.evaluate(() => bridge.storage.set("draft", { text: "a", at: [1, null] }));
  assert.deepEqual(await received(one), ['{"text":"a","at":[1,null]}'], "before the promise resolves");
  await hears(two, '{"text":"a","at":[1,null]}');
  assert.deepEqual(await two.evaluate(() => bridge.storage.get("draft")), { text: "a", at: [1, null] });
  assert.equal(await one.evaluate((name) => localStorage.getItem(name), `${namespace}.app:draft`), '{"text":"a","at":[1,null]}');

  await two.evaluate(async () => {
    await bridge.storage.set("draft", { text: "a", at: [1, null] });
    await bridge.storage.set("other", 1);
    await bridge.authorize({ account: "ada" });
    await bridge.signOut();
    await bridge.storage.set("draft", 2);
    await bridge.storage.delete("draft");
    await bridge.storage.delete("draft");
  });
  await until(one, () => window.received.at(-1) === "undefined");
  await lab.quiet();
  assert.deepEqual(await received(two), ['{"text":"a","at":[1,null]}', "2", "undefined"]);
  // Both changes may have been there when the first event came.
  assert.ok(
    ['"2","undefined"', '"undefined"'].includes(JSON.stringify((await received(one)).slice(1)).slice(1, -1)),
    String(await received(one)),
  );
  assert.equal(await two.evaluate(() => bridge.storage.get("other")), 1);
});

test("two tabs write at one instant, again and again: in the end every listener knows what is stored", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await lab.lab("widget"), await lab.lab("widget")];
  for (const page of [one, two]) {
    await page.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
    await listen(page, "draft");
  }
  assert.equal(await lab.separateProcesses(one, two), true, "two renderer processes");
  for (let round = 0; round < 20; round++) {
    const act = async ([at, value]) => {
      while (Date.now() < at);
      await bridge.storage.set("draft", value);
    };
    const at = Date.now() + 30;
    await Promise.all([one.evaluate(act, [at, `one ${round}`]), two.evaluate(act, [at, `two ${round}`])]);
    const state = () =>
      Promise.all(
        [one, two].map((page) => page.evaluate(async () => [window.received.at(-1), JSON.stringify(await bridge.storage.get("draft"))])),
      );
    const deadline = Date.now() + 3000;
    let seen;
    do seen = new Set((await state()).flat());
    while (seen.size > 1 && Date.now() < deadline);
    assert.equal(seen.size, 1, `round ${round}: ${[...seen]}`);
  }
});

test("D33: clear() and foreign writes by another tab, an own-tab echo (as WebKit sends), foreign keys, text that is not JSON", async () => {
  const namespace = lab.freshNamespace();
  const name = `${namespace}.app:draft`;
  const { frame } = await withBridge(namespace);
  const { frame: meddler } = await blankPair(lab);
  await frame.evaluate((name) => {
    void bridge.storage.set("draft", 1).then(() => {
      const echo = (init) => dispatchEvent(new StorageEvent("storage", { storageArea: localStorage, url: location.href, ...init }));
      echo({ key: name, oldValue: null, newValue: "1" });
      echo({ key: name, oldValue: "1", newValue: '"overwritten before it arrived"' });
      echo({ key: "react-devtools", oldValue: null, newValue: "x".repeat(100_000) });
    });
  }, name);
  await lab.quiet();
  await hears(frame, "1");
  await meddler.evaluate((name) => localStorage.setItem(name, "{{{"), name);
  await hears(frame, "1", "undefined");
  assert.equal(await frame.evaluate(() => bridge.storage.get("draft")), undefined);
  await meddler.evaluate((name) => localStorage.setItem(name, '{"__proto__":{"polluted":1}}'), name);
  await hears(frame, "1", "undefined", '{"__proto__":{"polluted":1}}');
  assert.equal(await frame.evaluate(() => ({}).polluted), undefined);
  await meddler.evaluate(() => localStorage.clear());
  await hears(frame, "1", "undefined", '{"__proto__":{"polluted":1}}', "undefined");
  await frame.evaluate(() => bridge.storage.set("draft", 2));
  await lab.quiet();
  assert.equal((await received(frame)).at(-1), "2");
});

function fill() {
  for (let size = 2 ** 22, n = 0; size >= 1; ) {
    try {
      localStorage.setItem(`fill${n++}`, "x".repeat(size));
    } catch {
      size /= 2;
    }
  }
}
function makeRoom() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("fill")) localStorage.removeItem(name);
}

test("quota: STORAGE_QUOTA when localStorage is really full; old values stay, nothing goes elsewhere, and it works again when there is room", async (t) => {
  const namespace = lab.freshNamespace();
  const { frame } = await withBridge(namespace);
  t.after(() => blankPair(lab).then(({ frame }) => frame.evaluate(makeRoom)));
  await frame.evaluate(() => bridge.storage.set("draft", "old"));
  await frame.evaluate(fill);
  assert.equal(await codeOf(frame, () => bridge.storage.set("draft", "n".repeat(1000))), "STORAGE_QUOTA");
  assert.equal(await codeOf(frame, () => bridge.storage.set("new", "n".repeat(1000))), "STORAGE_QUOTA");
  assert.equal(await codeOf(frame, () => bridge.storage.set("draft", "n".repeat(1_048_575))), "STORAGE_QUOTA");
  const look = () =>
    frame.evaluate(async () => [
      await bridge.storage.get("draft"),
      await bridge.storage.get("new"),
      sessionStorage.length,
      window.received,
    ]);
  assert.deepEqual(await look(), ["old", undefined, 0, ['"old"']]);
  await frame.evaluate(() => bridge.storage.set("draft", "odd"));
  assert.deepEqual(await look(), ["odd", undefined, 0, ['"old"', '"odd"']], "what does not grow can be written");

  // A page that finds it full can still read, and make room.
  const { frame: later } = await withBridge(namespace);
  assert.equal(await later.evaluate(() => bridge.storage.get("draft")), "odd");
  assert.equal(await codeOf(later, () => bridge.storage.set("new", "n".repeat(1000))), "STORAGE_QUOTA");
  await later.evaluate(() => bridge.storage.delete("draft"));
  await hears(frame, '"old"', '"odd"', "undefined");
  await frame.evaluate(makeRoom);
  await later.evaluate(() => bridge.storage.set("draft", "n".repeat(1_048_574)));
  await until(frame, () => window.received.length === 4);
  assert.equal(await frame.evaluate(async () => (await bridge.storage.get("draft")).length), 1_048_574);
});

test("an application that fills its storage does not drive the shared record out of localStorage: sign-in and sign-out still reach other tabs", async (t) => {
  const namespace = lab.freshNamespace();
  const [one, two] = [(await withBridge(namespace)).frame, (await withBridge(namespace)).frame];
  t.after(() => blankPair(lab).then(({ frame }) => frame.evaluate(() => localStorage.clear())));
  const free = await one.evaluate(async () => {
    for (let size = 2 ** 20 - 2, n = 0; size >= 1; ) {
      await bridge.storage.set(`${n++}`, "x".repeat(size)).catch(() => (size = Math.floor(size / 2)));
    }
    const room = (size) => {
      try {
        localStorage.setItem("room", "x".repeat(size));
        return true;
      } catch {
        return false;
      } finally {
        localStorage.removeItem("room");
      }
    };
    return [room(4000), room(8000)];
  });
  assert.deepEqual(free, [true, false]);
  for (const status of ["authorized", "unauthorized"]) {
    await one.evaluate((status) => (status === "authorized" ? bridge.authorize({ account: "a".repeat(256) }) : bridge.signOut()), status);
    await widgetSees(two, status);
    assert.equal((await one.evaluate(() => bridge.environment())).storage, "local");
  }
});

test("typed errors: keys, values, after close(); the value is copied at once; a listener that throws disturbs nobody", async () => {
  const { frame } = await withBridge(lab.freshNamespace());
  for (const key of ["", "k".repeat(129), null]) {
    for (const method of ["get", "delete"])
      assert.equal(await codeOf(frame, ([method, key]) => bridge.storage[method](key), [method, key]), "NAME_INVALID");
    assert.equal(await codeOf(frame, (key) => bridge.storage.set(key, 1), key), "NAME_INVALID");
  }
  for (const act of [
    () => bridge.storage.set("a", () => {}),
    () => bridge.storage.set("a", 1n),
    () => bridge.storage.set("a", window),
    () => bridge.storage.set("a"),
  ]) {
    assert.equal(await codeOf(frame, act), "DATA_NOT_CLONEABLE", String(act));
  }
  await frame.evaluate(async () => {
    window.rejections = [];
    addEventListener("unhandledrejection", (event) => (event.preventDefault(), window.rejections.push(event.reason.code)));
    bridge.storage.subscribe("", () => {})();
    bridge.storage.subscribe("", () => {});
    bridge.storage.subscribe("draft", () => {
      throw new Error("a listener throws");
    });
    bridge.storage.subscribe("draft", (value) => (window.also = value));
    const draft = ["kept"];
    const done = bridge.storage.set("draft", draft);
    draft.length = 0;
    await done;
  });
  await hears(frame, '["kept"]');
  assert.deepEqual(await frame.evaluate(() => [window.also, window.rejections]), [["kept"], ["NAME_INVALID", "NAME_INVALID"]]);
  await frame.evaluate(() => {
    window.early = bridge.storage.get("draft").catch((error) => error.code);
    bridge.close();
  });
  assert.equal(await frame.evaluate(() => window.early), "CLOSED");
  for (const act of [() => bridge.storage.get("draft"), () => bridge.storage.set("draft", 1), () => bridge.storage.delete("draft")])
    assert.equal(await codeOf(frame, act), "CLOSED");
  await lab.quiet();
  const reported = lab.seen.errors.splice(0);
  assert.ok(reported.length === 1 && reported[0].includes("a listener throws"), String(reported));
});

test("D12: its code is loaded when it is first used; after close() no listener is left, and none is called", async () => {
  const namespace = lab.freshNamespace();
  const { frame } = await blankPair(lab);
  const live = () => frame.evaluate(() => __e2e.live());
  const loaded = () =>
    frame.evaluate(
      (chunk) => performance.getEntriesByType("resource").filter(({ name }) => new RegExp(chunk).test(name)).length,
      FILE.source,
    );
  await frame.evaluate(() => window.load("authframe"));
  const before = await live();
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
  assert.equal(await loaded(), 0);
  const without = (await live()).listeners;
  await listen(frame, "draft");
  assert.equal(await loaded(), 1);
  assert.deepEqual((await live()).listeners.length - without.length, 3);
  await frame.evaluate(() => {
    bridge.storage.subscribe("draft", () => bridge.close());
    bridge.storage.subscribe("draft", (value) => window.received.push(value));
    return bridge.storage.set("draft", 1);
  });
  assert.deepEqual(await received(frame), ["1"], "nobody after the one that closed");
  const other = await withBridge(namespace);
  await other.frame.evaluate(() => bridge.storage.set("draft", 2));
  await lab.quiet();
  assert.deepEqual([await received(frame), await live()], [["1"], before]);

  // Closed while its code is on the way.
  const slow = await blankPair(lab);
  await slow.frame.evaluate(() => window.load("authframe"));
  const still = await slow.frame.evaluate(() => __e2e.live());
  await slow.frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
  const code = await slow.frame.evaluate(() => {
    bridge.storage.subscribe("draft", () => {});
    const code = bridge.storage.set("draft", 3).catch((error) => error.code);
    bridge.close();
    return code;
  });
  await lab.quiet();
  assert.deepEqual([code, await slow.frame.evaluate(() => __e2e.live())], ["CLOSED", still]);
  assert.equal(await other.frame.evaluate(() => bridge.storage.get("draft")), 2);
});

test("stop() ends one listener at once, also before the code has come", async () => {
  const { frame } = await blankPair(lab);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  const seen = await frame.evaluate(async () => {
    const seen = [];
    const listen = (name) => bridge.storage.subscribe("k", (value) => seen.push([name, value]));
    const [early, late] = [listen("early"), listen("late"), listen("stays")];
    early();
    await bridge.storage.set("k", 1);
    const done = bridge.storage.set("k", 2);
    late();
    late();
    await done;
    return seen;
  });
  assert.deepEqual(seen, [
    ["late", 1],
    ["stays", 1],
    ["stays", 2],
  ]);
});

test("several bridges of one page: namespaces that begin alike share no value and hear nothing of each other", async () => {
  const base = lab.freshNamespace();
  const { frame } = await blankPair(lab);
  const result = await frame.evaluate(
    async ([base, host]) => {
      const { connect } = await window.load("authframe");
      const names = [base, `${base}.app`, `${base}.app.app`, `${base}.authframe`];
      const bridges = await Promise.all(names.map((namespace, i) => connect({ hosts: [host], namespace, channel: String(i) })));
      const seen = [];
      for (const [i, { storage }] of bridges.entries())
        for (const key of ["k", "app.k", "app:k", "authframe"]) storage.subscribe(key, (value) => seen.push(`${i} ${key} ${value}`));
      for (const [i, { storage }] of bridges.entries())
        for (const key of ["k", "app.k", "app:k", "authframe"]) await storage.set(key, `${i} ${key}`);
      const read = [];
      for (const { storage } of bridges) for (const key of ["k", "app.k", "app:k", "authframe"]) read.push(await storage.get(key));
      await bridges[1].authorize({ account: "ada" });
      bridges[0].close();
      await bridges[1].storage.set("k", "after");
      return {
        seen,
        read,
        names: names.flatMap((name, i) =>
          ["k", "app.k", "app:k", "authframe"].map((key) => [localStorage.getItem(`${name}.app:${key}`), `${i} ${key}`]),
        ),
      };
    },
    [base, lab.origin("host")],
  );
  const all = [0, 1, 2, 3].flatMap((i) => ["k", "app.k", "app:k", "authframe"].map((key) => `${i} ${key}`));
  assert.deepEqual(result.read, all);
  assert.deepEqual(result.seen, [...all.map((value) => `${value} ${value}`), "1 k after"]);
  for (const [stored, value] of result.names.filter(([, value]) => value !== "1 k")) assert.equal(stored, JSON.stringify(value));
});

test("what changed while the page was in the back/forward cache is told when it is restored", async () => {
  const namespace = lab.freshNamespace();
  // Chromium hands over the event after the restore, others do not: this frame never gets one.
  const prepare = () => addEventListener("storage", (event) => event.stopImmediatePropagation(), true);
  const { page, frame } = await embedded(lab, { namespace, prepare });
  await listen(frame, "draft");
  await page.evaluate(() => addEventListener("pageshow", (event) => (window.persisted = event.persisted)));
  await page.goto(lab.url("host", "/lab?elsewhere"));
  const other = await withBridge(namespace);
  await other.frame.evaluate(() => bridge.storage.set("draft", "while you were away"));
  await page.evaluate(() => history.back());
  await until(page, () => window.persisted === true);
  await lab.quiet();
  assert.equal(
    await evaluateInLostFrame(lab, page, lab.origin("widget"), "JSON.stringify(window.received)"),
    JSON.stringify(['"while you were away"']),
  );
});

test("its code cannot be loaded: the call rejects, the bridge lives, and a later call tries again", async () => {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  await page.route(FILE, (route) => route.abort());
  assert.equal(await frame.evaluate(() => bridge.storage.get("k").catch((error) => error.name)), "TypeError");
  await page.unroute(FILE);
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  assert.equal(
    await frame.evaluate(() =>
      bridge.storage.set("k", 1).then(
        () => bridge.storage.get("k"),
        (error) => error.name,
      ),
    ),
    1,
  );
});

test("D6: in a frame without an origin it works in memory", async () => {
  const page = await lab.lab("host");
  const connecting = page.evaluate(
    async (src) => {
      const { embed } = await window.load("authframe/host");
      window.widget = await embed({ container: document.getElementById("stage"), src, sandbox: "allow-scripts", allowOpaqueOrigin: true });
    },
    lab.url("widget", "/lab"),
  );
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.labReady);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], allowOpaqueOrigin: true });
  await connecting;
  await worksInMemory(frame);
});

test("denied: third-party cookies blocked and no partitioned storage: it works in memory", async () => {
  const denied = await launch({
    preferences: { profile: { cookie_controls_mode: 1 } },
    disableFeatures: ["ThirdPartyStoragePartitioning"],
  });
  try {
    const { frame } = await withBridge("denied", { where: denied });
    assert.equal(
      await frame.evaluate(() => {
        try {
          return window.localStorage.length;
        } catch (error) {
          return error.name;
        }
      }),
      "SecurityError",
      "the browser does deny it",
    );
    await worksInMemory(frame);
    await denied.checkClean();
  } finally {
    await denied.close();
  }
});

async function worksInMemory(frame) {
  await listen(frame, "k");
  assert.equal((await frame.evaluate(() => bridge.environment())).storage, "memory");
  await frame.evaluate(() => bridge.storage.set("k", { a: 1 }));
  assert.deepEqual(await frame.evaluate(() => bridge.storage.get("k")), { a: 1 });
  await frame.evaluate(() => bridge.storage.delete("k"));
  assert.deepEqual(await received(frame), ['{"a":1}', "undefined"]);
  assert.equal(await codeOf(frame, () => bridge.storage.set("k", 1n)), "DATA_NOT_CLONEABLE");
}

test("D32: only localStorage fails: sessionStorage, and another frame of the tab hears", async () => {
  const { page, frame } = await withBridge("session-tier", {
    prepare: () =>
      Object.defineProperty(window, "localStorage", {
        get: () => {
          throw new DOMException("broken by the test", "SecurityError");
        },
      }),
  });
  assert.equal((await frame.evaluate(() => bridge.environment())).storage, "session");
  await frame.evaluate(() => bridge.storage.set("draft", 1));
  assert.equal(await frame.evaluate(() => sessionStorage.getItem("session-tier.app:draft")), "1");
  // Another frame of the same tab shares it, and receives.
  const twin = await addFrame(page, lab, lab.url("widget", "/lab?twin"));
  await twin.evaluate(() => sessionStorage.setItem("session-tier.app:draft", "2"));
  await hears(frame, "1", "2");
});
