/** D57: one namespace has one bridge and one frame has one owner, also across two copies of the library; what is being closed is waited for, and a beginning can be taken back. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { build } from "esbuild";
import { addFrame, blankPair, embedHere, failure, rawHost, until } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";
import { throttledServer } from "./throttled-server.mjs";

const lab = browserForThisFile();
let site;
before(async () => {
  site = await throttledServer();
});
after(() => site.close());

/** What "at once" is here: no timer of the handshake is that short, and no machine that runs these tests that slow. */
const AT_ONCE = 1500;

// --- React ------------------------------------------------------------------------------------------------------------------------

/** How people write it: the body of an effect. `options`, `setStatus` and the package are there. */
const WAYS = {
  "close when it has come": `
    const connecting = connect(options);
    connecting.then((bridge) => { setStatus("ok"); window.bridge = bridge; }, (error) => setStatus("failed " + error.code));
    return () => { connecting.then((bridge) => bridge.close(), () => {}); };`,
  "a flag": `
    let gone = false, bridge;
    connect(options).then((made) => { if (gone) return made.close(); bridge = made; window.bridge = made; setStatus("ok"); }, (error) => gone || setStatus("failed " + error.code));
    return () => { gone = true; bridge?.close(); };`,
  "a signal": `
    const controller = new AbortController();
    connect({ ...options, signal: controller.signal }).then((bridge) => { window.bridge = bridge; setStatus("ok"); }, (error) => error.code === "ABORTED" ? window.aborted++ : setStatus("failed " + error.code));
    return () => controller.abort();`,
  "init before, connectSync in the effect": `
    const bridge = connectSync(options);
    window.bridge = bridge;
    setStatus("ok");
    return () => bridge.close();`,
};

/** The page of a widget in React's development build, in StrictMode: every effect runs, is cleaned up, and runs again. */
async function strictPage(path, way) {
  const sync = way.startsWith("init");
  const contents = `
import * as React from "react";
import { createRoot } from "react-dom/client";
import { connect, connectSync, init } from "/authframe/index.js";
window.effects = 0;
window.aborted = 0;
const options = { hosts: [${JSON.stringify(lab.origin("host"))}], namespace: ${JSON.stringify(lab.freshNamespace())} };
function App() {
  const [status, setStatus] = React.useState("…");
  React.useEffect(() => { window.effects++; ${WAYS[way]} }, []);
  return React.createElement("p", { id: "status" }, status);
}
${sync ? "await init();" : ""}
createRoot(document.getElementById("root")).render(React.createElement(React.StrictMode, null, React.createElement(App)));`;
  const built = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: "jsx" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["/authframe/*"],
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "warning",
  });
  site.put(`${path}.js`, built.outputFiles[0].text);
  site.put(
    path,
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>Strict</title><link rel="icon" href="data:,"><body><div id="root"></div><script type="module" src="${path}.js"></script></body></html>`,
  );
}

for (const way of Object.keys(WAYS)) {
  test(`D57: React StrictMode, ${way}: the widget ends connected at the host`, async () => {
    const path = `/strict-${Object.keys(WAYS).indexOf(way)}`;
    await strictPage(path, way);
    const page = await lab.lab("host", "/frame-src/any/lab");
    const connecting = failure(page.evaluate(embedHere, { src: site.url(path), options: {} }));
    const frame = await frameOf(page, site.origin);
    await until(frame, () => /ok|failed/.test(document.getElementById("status")?.textContent));
    assert.equal(await frame.textContent("#status"), "ok");
    assert.equal(await frame.evaluate(() => window.effects), 2, "this is StrictMode's development build");
    assert.equal(await connecting, null);
    await until(frame, () => window.bridge.connection === "connected");
    assert.equal(await page.evaluate(() => widget.connection), "connected");
    await frame.evaluate(() => bridge.handle("ping", (data) => data));
    assert.equal(await page.evaluate(() => widget.request("ping", 7)), 7);
    await frame.evaluate(() => bridge.authorize({ account: "ada" }));
    await until(page, () => widget.session.account?.subject === "ada");
    if (way === "a signal") assert.equal(await frame.evaluate(() => window.aborted), 1, "the first one learns that it was taken back");
  });
}

// --- one namespace, one bridge -----------------------------------------------------------------------------------------------------

test("D57: connect, close when it has come, and connect again without waiting: the second one waits for the first to close", async () => {
  const { frame } = await blankPair(lab);
  const outcome = await frame.evaluate(
    async (options) => {
      const { connect } = await window.load("authframe");
      const first = connect(options).then((bridge) => (bridge.close(), bridge));
      const second = await connect(options).catch((error) => error.code);
      return [(await first).connection, second.connection ?? second];
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace() },
  );
  assert.deepEqual(outcome, ["closed", "connecting"]);
});

test("D57: five times in a row, each closed when it has come: the last one stands, and no other", async () => {
  const { frame } = await blankPair(lab);
  const outcome = await frame.evaluate(
    async (options) => {
      const { connect } = await window.load("authframe");
      const closed = Array.from({ length: 5 }, () =>
        connect(options).then(
          (bridge) => (bridge.close(), bridge.connection),
          (error) => error.code,
        ),
      );
      const last = await connect(options).catch((error) => error.code);
      return [await Promise.all(closed), last.connection ?? last];
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace() },
  );
  assert.deepEqual(outcome, [Array(5).fill("closed"), "connecting"]);
});

test("D57: the first one fails: the second one is not kept from beginning", async () => {
  const { frame } = await blankPair(lab);
  const outcome = await frame.evaluate(
    async (options) => {
      const { connect } = await window.load("authframe");
      const first = connect({ ...options, wasm: "/authframe/there-is-no-such.wasm" }).catch((error) => error.code);
      const second = connect(options).catch((error) => error.code);
      return [await first, (await second).connection ?? (await second)];
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace() },
  );
  // Both share one load of the core, so that the second may fail with it; it must not learn that the namespace is in use.
  assert.equal(outcome[0], "WASM_LOAD_FAILED");
  assert.ok(["connecting", "WASM_LOAD_FAILED"].includes(outcome[1]), outcome[1]);
  assert.equal(
    await frame.evaluate(async (options) => (await (await window.load("authframe")).connect(options)).connection, {
      hosts: [lab.origin("host")],
      namespace: lab.freshNamespace(),
    }),
    "connecting",
  );
});

test("D57: connecting twice with the first one kept open rejects at once with NAMESPACE_IN_USE, and the first one works on", async () => {
  const page = await lab.lab("host");
  const connecting = page.evaluate(embedHere, { src: lab.url("widget", "/lab"), options: {} });
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.labReady);
  const outcome = await frame.evaluate(
    async (options) => {
      const { connect, AuthframeError } = await window.load("authframe");
      const [first, second] = [connect(options), connect(options)].map((made) =>
        made.then(
          (bridge) => ({ bridge, at: performance.now() }),
          (error) => ({ error, at: performance.now() }),
        ),
      );
      window.bridge = (await first).bridge;
      const { error, at } = await second;
      const start = performance.now();
      const third = await connect(options).catch((error) => error);
      return {
        second: error?.code,
        typed: error instanceof AuthframeError,
        after: at - (await first).at,
        third: third.code,
        thirdAfter: performance.now() - start,
      };
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace() },
  );
  assert.deepEqual([outcome.second, outcome.typed, outcome.third], ["NAMESPACE_IN_USE", true, "NAMESPACE_IN_USE"]);
  assert.ok(outcome.after < AT_ONCE && outcome.thirdAfter < AT_ONCE, `after ${outcome.after} ms and ${outcome.thirdAfter} ms`);
  await connecting;
  assert.deepEqual(await page.evaluate(() => window.states), ["connected"]);
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await until(page, () => widget.session.account?.subject === "ada");
});

/** The second address of the same files: a module instance of its own, as a second bundle has. */
const COPY = "/authframe//index.js";
const HOST_COPY = "/authframe//host/index.js";

for (const order of ["at the same time", "one after the other"]) {
  test(`D57: two copies of the library in one widget page, ${order}: the second one gets NAMESPACE_IN_USE, and the host hears of one widget`, async () => {
    const page = await lab.lab("host");
    const connecting = page.evaluate(embedHere, { src: lab.url("widget", "/lab"), options: {} });
    const frame = await frameOf(page, lab.origin("widget"));
    await until(frame, () => window.labReady);
    const outcome = await frame.evaluate(
      async ([copy, order, options]) => {
        const [one, two] = [await window.load("authframe"), await window.load(copy)];
        const settled = (made) =>
          made.then(
            (bridge) => ({ bridge }),
            (error) => ({ code: error.code }),
          );
        const first = settled(one.connect(options));
        if (order === "one after the other") await first;
        const start = performance.now();
        const second = settled(two.connect(options));
        window.bridge = (await first).bridge;
        const { code = "none" } = await second;
        return { copies: one.connect !== two.connect, code, after: performance.now() - start, connection: Boolean(window.bridge) };
      },
      [COPY, order, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() }],
    );
    assert.deepEqual([outcome.copies, outcome.code, outcome.connection], [true, "NAMESPACE_IN_USE", true]);
    assert.ok(outcome.after < 2 * AT_ONCE, `after ${outcome.after} ms`);
    await connecting;
    await frame.evaluate(() => bridge.authorize({ account: "ada" }));
    await until(page, () => widget.session.account?.subject === "ada");
    await lab.quiet();
    assert.deepEqual(await page.evaluate(() => window.states), ["connected"]);
  });
}

test("D57: once the first one is closed, the other copy of the library may have the namespace", async () => {
  const { frame } = await blankPair(lab);
  const outcome = await frame.evaluate(
    async ([copy, options]) => {
      const [one, two] = [await window.load("authframe"), await window.load(copy)];
      const first = await one.connect(options);
      const refused = await two.connect(options).then(
        () => "a second bridge",
        (error) => error.code,
      );
      first.close();
      const second = await two.connect(options).catch((error) => error.code);
      // Named with another namespace it never was in the way.
      const third = await one.connect({ ...options, namespace: `${options.namespace}-2`, channel: "2" }).catch((error) => error.code);
      return [refused, second.connection ?? second, third.connection ?? third];
    },
    [COPY, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() }],
  );
  assert.deepEqual(outcome, ["NAMESPACE_IN_USE", "connecting", "connecting"]);
});

test("D57: connected by one copy of the library, closed when it has come, and connected by the other without waiting: the second one waits", async () => {
  const { frame } = await blankPair(lab);
  const outcome = await frame.evaluate(
    async ([copy, options]) => {
      const [one, two] = [await window.load("authframe"), await window.load(copy)];
      const first = one.connect(options).then((bridge) => (bridge.close(), bridge.connection));
      const second = await two.connect(options).catch((error) => error.code);
      return [await first, second.connection ?? second];
    },
    [COPY, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() }],
  );
  assert.deepEqual(outcome, ["closed", "connecting"]);
});

// --- a beginning that is taken back ------------------------------------------------------------------------------------------------

test("D57: connect with a signal that is aborted already rejects with ABORTED, and leaves the namespace free", async () => {
  const { page, frame } = await blankPair(lab);
  await page.evaluate(rawHost);
  const outcome = await frame.evaluate(
    async (options) => {
      const { connect, AuthframeError } = await window.load("authframe");
      const reason = new Error("not wanted any more");
      const error = await connect({ ...options, signal: AbortSignal.abort(reason) }).catch((error) => error);
      const next = await connect(options).catch((error) => error.code);
      return [error.code, error instanceof AuthframeError, error.cause === reason, next.connection ?? next];
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace() },
  );
  assert.deepEqual(outcome, ["ABORTED", true, true, "connecting"]);
  await until(page, () => window.hellos.length > 0);
  assert.equal(await page.evaluate(() => window.hellos.length), 1, "only the one that was wanted said hello");
});

test("D57: aborted while it loads, connect rejects with ABORTED, says no hello, and leaves the namespace free", async () => {
  const { page, frame } = await blankPair(lab);
  await page.evaluate(rawHost);
  const outcome = await frame.evaluate(
    async (options) => {
      const { connect } = await window.load("authframe");
      const controller = new AbortController();
      const connecting = connect({ ...options, signal: controller.signal }).catch((error) => error);
      controller.abort();
      const next = connect(options).catch((error) => error.code);
      return [(await connecting).code, (await next).connection ?? (await next)];
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace() },
  );
  assert.deepEqual(outcome, ["ABORTED", "connecting"]);
  await until(page, () => window.hellos.length > 0);
  assert.equal(await page.evaluate(() => window.hellos.length), 1);
});

test("D57: aborted later, the signal closes the bridge, and the host hears of it", async () => {
  const page = await lab.lab("host");
  const connecting = page.evaluate(embedHere, { src: lab.url("widget", "/lab"), options: {} });
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.labReady);
  const options = { hosts: [lab.origin("host")], namespace: lab.freshNamespace() };
  await frame.evaluate(async (options) => {
    window.controller = new AbortController();
    window.bridge = await (await window.load("authframe")).connect({ ...options, signal: window.controller.signal });
  }, options);
  await connecting;
  await until(frame, () => bridge.connection === "connected");
  assert.deepEqual(
    await frame.evaluate(async (options) => {
      window.controller.abort();
      const next = await (await window.load("authframe")).connect(options).catch((error) => error.code);
      return [bridge.connection, await bridge.request("x").catch((error) => error.code), next.connection ?? next];
    }, options),
    ["closed", "CLOSED", "connecting"],
  );
  await until(page, () => window.states.includes("disconnected"));
  // The one that was closed by hand has nothing to be aborted any more.
  await frame.evaluate(() => window.controller.abort());
});

// --- one frame, one owner ----------------------------------------------------------------------------------------------------------

/** A host page with a frame of its own in which the demo's widget is. In the page: `target`. */
async function adoptable() {
  const page = await lab.lab("host");
  const frame = await addFrame(page, lab, lab.url("widget", `/?namespace=${lab.freshNamespace()}&acquire=none`));
  await until(frame, () => window.bridge);
  await frame.evaluate(() => bridge.handle("ping", (data) => data));
  await page.evaluate(() => (window.target = document.querySelector("iframe")));
  return { page, frame };
}

for (const copies of [1, 2]) {
  const by = copies === 1 ? "by one copy of authframe/host" : "by two copies of authframe/host";
  for (const order of ["at the same time", "one after the other"]) {
    test(`D57: one iframe embedded twice, ${by}, ${order}: the second one rejects at once with FRAME_IN_USE, and the first one stays connected`, async () => {
      const { page, frame } = await adoptable();
      const outcome = await page.evaluate(
        async ([copies, copy, order]) => {
          const one = await window.load("authframe/host");
          const two = copies === 1 ? one : await window.load(copy);
          window.states = [];
          const first = one.embed({ container: window.target }).then(
            (widget) => {
              window.widget = widget;
              widget.onConnection((state) => window.states.push(state));
              return "connected";
            },
            (error) => error.code,
          );
          if (order === "one after the other") await first;
          const start = performance.now();
          const error = await two.embed({ container: window.target, timeoutMs: 4000 }).then(
            () => ({ code: "connected" }),
            (error) => error,
          );
          return { code: error.code, typed: error instanceof two.AuthframeError, after: performance.now() - start, first: await first };
        },
        [copies, HOST_COPY, order],
      );
      assert.deepEqual([outcome.code, outcome.typed, outcome.first], ["FRAME_IN_USE", true, "connected"]);
      assert.ok(outcome.after < AT_ONCE, `after ${outcome.after} ms`);
      assert.equal(await page.evaluate(() => widget.request("ping", 5)), 5);
      await lab.quiet();
      assert.deepEqual(await page.evaluate(() => window.states), ["connected"]);
      assert.equal(await frame.evaluate(() => bridge.connection), "connected");
    });
  }

  test(`D57: after close() the frame can be embedded again, ${by}; likewise after a beginning that failed or was taken back`, async () => {
    const { page, frame } = await adoptable();
    const codes = await page.evaluate(
      async ([copies, copy, evil]) => {
        const one = await window.load("authframe/host");
        const two = copies === 1 ? one : await window.load(copy);
        const use = (by, options = {}) =>
          by.embed({ container: window.target, ...options }).then(
            (widget) => ((window.widget = widget), "connected"),
            (error) => error.code,
          );
        const said = [];
        said.push(await use(one));
        said.push(await use(two));
        window.widget.close();
        said.push(await use(two));
        window.widget.close();
        // No one answers there.
        said.push(await use(one, { origin: evil, timeoutMs: 300 }));
        const controller = new AbortController();
        const aborted = use(two, { origin: evil, signal: controller.signal });
        controller.abort();
        said.push(await aborted);
        said.push(await use(one));
        return said;
      },
      [copies, HOST_COPY, lab.origin("evil")],
    );
    assert.deepEqual(codes, ["connected", "FRAME_IN_USE", "connected", "HANDSHAKE_TIMEOUT", "ABORTED", "connected"]);
    await until(frame, () => bridge.connection === "connected");
    assert.equal(await page.evaluate(() => widget.request("ping", 9)), 9);
  });
}

test("D57: the frame that embed() made has an owner too: adopting it is FRAME_IN_USE", async () => {
  const page = await lab.lab("host");
  await page.evaluate(embedHere, { src: lab.url("widget", `/?namespace=${lab.freshNamespace()}&acquire=none`), options: {} });
  const code = await page.evaluate(async () =>
    (await window.load("authframe/host")).embed({ container: widget.frame, timeoutMs: 4000 }).then(
      () => "connected",
      (error) => error.code,
    ),
  );
  assert.equal(code, "FRAME_IN_USE");
  assert.deepEqual(await page.evaluate(() => window.states), ["connected"]);
});

test("a bridge that is closed leaves no listener on the signal that it was made with, whatever became of the options", async () => {
  const { frame } = await blankPair(lab);
  const left = await frame.evaluate(
    async ([host, namespace]) => {
      const { connect } = await window.load("authframe");
      const { signal } = new AbortController();
      const listeners = new Set();
      signal.addEventListener = (_, listener) => listeners.add(listener);
      signal.removeEventListener = (_, listener) => listeners.delete(listener);
      const options = { hosts: [host], namespace, signal };
      const bridge = await connect(options);
      const before = listeners.size;
      options.signal = new AbortController().signal;
      bridge.close();
      return [before, listeners.size];
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  assert.deepEqual(left, [1, 0]);
});
