/** Who embeds whom, in which order, under which policy; and what the two say to each other then. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { addFrame, blankPair, connectHere, embedded, embedHere, hostSees, rawPair, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";

const lab = browserForThisFile();
const root = fileURLToPath(new URL("../../", import.meta.url));

/** What `connect(options)` rejects with in a blank page, as plain data. */
const connectFails = (where, options) =>
  where.evaluate(async (options) => {
    const { connect, AuthframeError } = await window.load("authframe");
    try {
      await connect(options);
      return null;
    } catch (error) {
      return { code: error.code, typed: error instanceof AuthframeError };
    }
  }, options);

const embedFails = (page, options) =>
  page.evaluate(async (options) => {
    const { embed, AuthframeError } = await window.load("authframe/host");
    try {
      await embed({ container: document.getElementById("stage"), ...options });
      return null;
    } catch (error) {
      return { code: error.code, typed: error instanceof AuthframeError, frames: document.querySelectorAll("iframe").length };
    }
  }, options);

test("loading order: the host listens first, then the widget loads", async () => {
  const { page, frame } = await embedded(lab);
  assert.deepEqual(
    [await page.evaluate(() => widget.connection), await frame.evaluate(() => bridge.connection)],
    ["connected", "connected"],
  );
});

test("loading order: the widget has loaded long before the host adopts its iframe", async () => {
  const { page, frame } = await blankPair(lab);
  const hosts = [lab.origin("host")];
  await frame.evaluate(connectHere, { hosts, namespace: lab.freshNamespace() });
  await lab.quiet();
  assert.equal(await frame.evaluate(() => bridge.connection), "connecting");
  await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    window.widget = await embed({ container: document.querySelector("iframe") });
  });
  await until(frame, () => bridge.connection === "connected");
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
});

test("loading order: the host adopts an iframe whose widget connects only later", async () => {
  const { page, frame } = await blankPair(lab);
  await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    window.connecting = embed({ container: document.querySelector("iframe") }).then((widget) => (window.widget = widget));
  });
  await lab.quiet();
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  await page.evaluate(() => window.connecting.then(() => {}));
  await until(frame, () => bridge.connection === "connected");
});

test("reload of the widget: the host hears disconnected and connected, the session is the same", async () => {
  const { page } = await embedded(lab);
  await (await frameOf(page, lab.origin("widget"))).evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  await page.evaluate(() => {
    window.states.length = 0;
    widget.frame.src = widget.frame.src;
  });
  await until(page, () => window.states.join() === "disconnected,connected");
  const frame = await frameOf(page, lab.origin("widget"));
  await widgetSees(frame, "authorized");
  await hostSees(page, "authorized");
  assert.equal(await page.evaluate(() => widget.request("no such thing").catch((error) => error.code)), "NO_HANDLER", "it talks");
});

test("reload of the host page: the widget comes back signed in", async () => {
  const { page, src } = await embedded(lab);
  await (await frameOf(page, lab.origin("widget"))).evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  await page.reload();
  await until(page, () => window.labReady);
  await page.evaluate(embedHere, { src, options: {} });
  await hostSees(page, "authorized");
});

test("the host goes away and comes back without a reload: the widget hears disconnected and connected", async () => {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(() => (window.early = true));
  const adopt = () =>
    page.evaluate(async () => {
      const { embed } = await window.load("authframe/host");
      window.widget = await embed({ container: document.querySelector("iframe") });
    });
  const connecting = adopt();
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  await connecting;
  await until(frame, () => window.states.at(-1) === "connected");
  await page.evaluate(() => widget.close());
  await until(frame, () => window.states.at(-1) === "disconnected");
  assert.equal(await page.evaluate(() => document.querySelectorAll("iframe").length), 1, "an adopted frame stays");
  await adopt();
  await until(frame, () => window.states.at(-1) === "connected");
  assert.equal(await frame.evaluate(() => window.early), true, "the same document all the time");
});

test("messages and requests travel both ways, and what was sent too early arrives", async () => {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  await frame.evaluate(() => {
    bridge.handle("double", (number) => number * 2);
    bridge.handle("fail", () => {
      throw new TypeError("secret detail /home/user/app.js token=abc");
    });
    bridge.send("early", { n: 1 });
    window.answer = bridge.request("host name");
  });
  await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    window.got = [];
    window.widget = await embed({ container: document.querySelector("iframe") });
    widget.handle("early", (data) => window.got.push(data));
    widget.handle("host name", () => "Northwind");
  });
  await until(page, () => typeof widget === "object");
  assert.equal(await page.evaluate(() => widget.request("double", 21)), 42);
  assert.equal(await page.evaluate(() => widget.request("nobody handles this").catch((error) => error.code)), "NO_HANDLER");
  assert.equal(await frame.evaluate(() => bridge.request("nobody handles this").catch((error) => error.code)), "NO_HANDLER");
  const refused = await page.evaluate(() =>
    widget
      .request("fail")
      .catch((error) => JSON.stringify({ code: error.code, message: error.message, cause: String(error.cause), stack: "" })),
  );
  assert.match(refused, /HANDLER_FAILED/);
  assert.doesNotMatch(refused, /secret|home|token|TypeError/, "D11: only a code and a safe text");
  // The handler's own error is reported in its own page, where its author looks.
  await lab.quiet();
  assert.equal(lab.seen.errors.splice(0).filter((text) => text.includes("secret detail")).length <= 1, true);
});

test("each request has a timeout with a typed error, and so has embed()", async () => {
  const { page, frame } = await embedded(lab);
  await frame.evaluate(() => bridge.handle("never", () => new Promise(() => {})));
  assert.equal(await page.evaluate(() => widget.request("never", null, { timeoutMs: 50 }).catch((error) => error.code)), "REQUEST_TIMEOUT");
  await page.evaluate(() => widget.handle("never", () => new Promise(() => {})));
  assert.equal(
    await frame.evaluate(() => bridge.request("never", null, { timeoutMs: 50 }).catch((error) => error.code)),
    "REQUEST_TIMEOUT",
  );
  const silent = await embedFails(page, { src: lab.url("widget", "/lab"), timeoutMs: 400 });
  assert.deepEqual(silent, { code: "HANDSHAKE_TIMEOUT", typed: true, frames: 1 }, "and it leaves no frame behind");
});

test("a request under way when the widget is reloaded fails with DISCONNECTED, one made afterwards waits and succeeds", async () => {
  const { page, frame } = await embedded(lab);
  await frame.evaluate(() => bridge.handle("never", () => new Promise(() => {})));
  const lost = page.evaluate(() => widget.request("never").catch((error) => error.code));
  await lab.quiet();
  await page.evaluate(() => (widget.frame.src = widget.frame.src));
  assert.equal(await lost, "DISCONNECTED");
  assert.equal(await page.evaluate(() => widget.request("after").catch((error) => error.code)), "NO_HANDLER");
});

test("messages waiting for a connection have a limit on both sides, and none is lost silently", async () => {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  const fill = (peer) => {
    let sent = 0;
    try {
      for (; sent < 100; sent++) peer.send("n", sent);
    } catch (error) {
      return [sent, error.code];
    }
    return [sent, null];
  };
  assert.deepEqual(await frame.evaluate(`(${fill})(bridge)`), [32, "QUEUE_FULL"]);
  await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    window.got = [];
    const connecting = embed({ container: document.querySelector("iframe") });
    window.widget = await connecting;
    widget.handle("n", (n) => window.got.push(n));
  });
  await lab.quiet();
  assert.deepEqual(
    await page.evaluate(() => window.got),
    Array.from({ length: 32 }, (_, n) => n),
  );
});

test("the widget asks the page to sign in: yes, no, and a page that cannot", async () => {
  const { page, frame } = await embedded(lab, { options: {} });
  assert.equal(await frame.evaluate(() => bridge.requestSignIn().catch((error) => error.code)), "NO_HANDLER");
  await page.evaluate(() => widget.close());
  for (const [answer, expected] of [
    [{ account: "ada" }, true],
    [null, false],
  ]) {
    await page.evaluate(
      async ([src, answer]) => {
        const { embed } = await window.load("authframe/host");
        window.widget = await embed({ container: document.getElementById("stage"), src, onSignInRequest: async () => answer });
      },
      [lab.url("widget", `/?namespace=${lab.freshNamespace()}&acquire=none`), answer],
    );
    const frame = await frameOf(page, lab.origin("widget"));
    await until(frame, () => window.bridge?.connection === "connected");
    assert.equal(await frame.evaluate(() => bridge.requestSignIn()), expected);
    if (expected) await hostSees(page, "authorized", "ada");
    await page.evaluate(() => widget.close());
  }
});

test("a page that is not in hosts embeds the widget: HOST_NOT_ALLOWED, and not one message", async () => {
  const { frame } = await blankPair(lab, { site: "evil", widgetPath: "/frame-ancestors/any/lab" });
  assert.deepEqual(await connectFails(frame, { hosts: [lab.origin("host")] }), { code: "HOST_NOT_ALLOWED", typed: true });
  await lab.quiet();
  assert.deepEqual(lab.seen.posts, []);
  // It says which page that is.
  const message = await frame.evaluate(
    async (hosts) => {
      const { connect } = await window.load("authframe");
      return connect({ hosts }).catch((error) => error.message);
    },
    [lab.origin("host")],
  );
  assert.ok(message.includes(`is of "${lab.origin("evil")}", which is not in hosts`), message);
});

test("what acquire threw is the cause of what fails here, and diagnose() shows it; no uncaught error is made of it", async () => {
  const { frame } = await blankPair(lab, { widgetPath: "/frame-ancestors/any/lab" });
  const said = await frame.evaluate(
    async (hosts) => {
      const { connect } = await window.load("authframe");
      const bridge = await connect({
        hosts,
        acquire() {
          throw new Error("the database is down");
        },
      });
      await bridge.authorize({ account: "ada", accessToken: "t", expiresIn: 0 });
      const error = await bridge.accessToken().catch((error) => error);
      const { failure } = bridge;
      const found = (await bridge.diagnose()).find(({ code }) => code === "ACQUIRE_FAILED");
      const reason = await bridge.signOut({ reason: "because" }).catch(({ message }) => message);
      await bridge.signOut();
      const after = bridge.failure;
      bridge.close();
      return [error.code, String(error.cause), error.message, failure.code, String(failure.cause), found.problem, after, reason];
    },
    [lab.origin("host")],
  );
  const [code, cause, message, failure, failureCause, problem, after, reason] = said;
  assert.deepEqual([code, failure, after], ["REFRESH_FAILED", "ACQUIRE_FAILED", null]);
  assert.deepEqual([cause, failureCause], Array(2).fill("Error: the database is down"));
  assert.match(message, /^REFRESH_FAILED: .*for refresh it threw: the database is down/);
  assert.match(problem, /for refresh it threw: the database is down/);
  assert.match(reason, /^CONFIG_INVALID: the reason is "because": give user, refused or expired/);
});

test("D5: no allow-list, or one with a star, is a typed error at construction; so is a pattern that is not one whole label (D4)", async () => {
  const page = await lab.lab("widget");
  assert.deepEqual(await connectFails(page, {}), { code: "CONFIG_ORIGIN_REQUIRED", typed: true });
  assert.deepEqual(await connectFails(page, { hosts: [] }), { code: "CONFIG_ORIGIN_REQUIRED", typed: true });
  assert.match((await connectFails(page, { hosts: [""] })).code, /^CONFIG_ORIGIN_(REQUIRED|INVALID)$/, "an empty text is no host");
  for (const host of [
    "*",
    "https://*",
    "https://a*.example.com",
    "https://*.*.example.com",
    "https://host.example/path",
    "host.example",
    "null",
  ]) {
    assert.deepEqual(await connectFails(page, { hosts: [host] }), { code: "CONFIG_ORIGIN_INVALID", typed: true }, host);
  }
});

test("D6: a sandbox without allow-same-origin is refused with OPAQUE_ORIGIN on both sides", async () => {
  const page = await lab.lab("host");
  assert.deepEqual(await embedFails(page, { src: lab.url("widget", "/lab"), sandbox: "allow-scripts" }), {
    code: "OPAQUE_ORIGIN",
    typed: true,
    frames: 0,
  });
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"), { sandbox: "allow-scripts" });
  assert.equal(await frame.evaluate(() => origin), "null");
  await until(frame, () => window.labReady);
  assert.deepEqual(await connectFails(frame, { hosts: [lab.origin("host")] }), { code: "OPAQUE_ORIGIN", typed: true });
});

test("D6: only one side opted in: still refused", async () => {
  const page = await lab.lab("host");
  // The host opts in, the widget does not: it says OPAQUE_ORIGIN to its own page and nothing to the host.
  const host = page.evaluate(
    async (src) => {
      const { embed } = await window.load("authframe/host");
      return embed({
        container: document.getElementById("stage"),
        src,
        sandbox: "allow-scripts",
        allowOpaqueOrigin: true,
        timeoutMs: 2500,
      }).catch((error) => error.code);
    },
    lab.url("widget", "/lab"),
  );
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.labReady);
  assert.deepEqual(await connectFails(frame, { hosts: [lab.origin("host")] }), { code: "OPAQUE_ORIGIN", typed: true });
  assert.equal(await host, "HANDSHAKE_TIMEOUT");

  // The widget opts in, the host does not: it adopted a frame whose sandbox it can see, or cannot.
  const other = await blankPair(lab, { sandbox: "allow-scripts" });
  assert.equal(
    await other.page.evaluate(async () => {
      const { embed } = await window.load("authframe/host");
      return embed({ container: document.querySelector("iframe") }).catch((error) => error.code);
    }),
    "OPAQUE_ORIGIN",
  );
});

test("D6: a sandboxed widget works when both sides opted in: storage tier memory, and its nonce is good once", async () => {
  const page = await lab.lab("host");
  const connecting = page.evaluate(
    async (src) => {
      const { embed } = await window.load("authframe/host");
      window.states = [];
      window.widget = await embed({ container: document.getElementById("stage"), src, sandbox: "allow-scripts", allowOpaqueOrigin: true });
      widget.onConnection((state) => window.states.push(state));
    },
    lab.url("widget", "/lab"),
  );
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.labReady);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], allowOpaqueOrigin: true });
  await connecting;
  await until(frame, () => bridge.connection === "connected");
  const { storage } = await frame.evaluate(() => bridge.environment());
  assert.equal(storage, "memory");
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  const hellos = lab.seen.posts.filter(({ type }) => type === "authframe:hello").map(({ body }) => JSON.parse(body).nonce);
  assert.deepEqual(new Set(hellos).size, 1, "it says hello with the nonce it was given");
  assert.ok((await page.evaluate(() => widget.frame.src)).endsWith(`#authframe=${hellos[0]}`));
});

test("D40: a page whose policy lacks wasm-unsafe-eval gets WASM_BLOCKED_BY_CSP, not a hang", async () => {
  lab.allowViolations(({ directive, blocked }) => directive === "script-src" && blocked === "wasm-eval");
  const { frame } = await blankPair(lab, { widgetPath: "/csp/no-wasm/lab" });
  assert.deepEqual(await connectFails(frame, { hosts: [lab.origin("host")] }), { code: "WASM_BLOCKED_BY_CSP", typed: true });
});

test("a second try after a failed load works: the loader forgets a failure", async () => {
  const { page, frame } = await blankPair(lab);
  assert.deepEqual(await connectFails(frame, { hosts: [lab.origin("host")], wasm: "/authframe/there-is-no-such.wasm" }), {
    code: "WASM_LOAD_FAILED",
    typed: true,
  });
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    window.widget = await embed({ container: document.querySelector("iframe") });
  });
  await until(frame, () => bridge.connection === "connected");
});

/** The names of the package's files that a frame has fetched so far. */
const fetched = (frame) =>
  frame.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => name.split("/authframe/")[1])
      .filter(Boolean)
      .sort(),
  );

test("a widget fetches the core that its options need, and no other; two bridges of one page may need both", async () => {
  const hosts = [lab.origin("host")];
  const { frame } = await blankPair(lab);
  await frame.evaluate(connectHere, { hosts, namespace: lab.freshNamespace() });
  assert.deepEqual(await fetched(frame), ["authframe.wasm", "index.js"]);
  const kept = { hosts, credentials: "sealed", namespace: lab.freshNamespace() };
  const before = await frame.evaluate(async (options) => {
    const { connectSync, init } = await window.load("authframe");
    const failure = await (async () => connectSync(options))().catch((error) => error.code);
    const loading = init(undefined, options);
    const same = loading === init(undefined, options) && loading !== init();
    await loading;
    window.kept = connectSync(options);
    return [failure, same];
  }, kept);
  assert.deepEqual(before, ["NOT_INITIALIZED", true]);
  await frame.evaluate(() => window.kept.authorize({ account: "ada", accessToken: "a" }));
  await until(frame, () => window.kept.session.status === "authorized");
  assert.deepEqual(await fetched(frame), [
    "authframe-credentials.wasm",
    "authframe.wasm",
    "core-credentials.js",
    "credential-store.js",
    "index.js",
  ]);
  assert.equal(await frame.evaluate(() => bridge.session.status), "unauthorized", "the other bridge has its own core");

  const other = await blankPair(lab);
  await other.frame.evaluate(connectHere, { ...kept, namespace: lab.freshNamespace() });
  assert.deepEqual(
    (await fetched(other.frame)).filter((name) => name !== "credential-store.js"),
    ["authframe-credentials.wasm", "core-credentials.js", "index.js"],
  );

  // With another system's host in the list, whichever page embeds it.
  const foreign = await blankPair(lab);
  await foreign.frame.evaluate(connectHere, {
    hosts: [...hosts, { origin: "https://crm.example", dialect: "ringcentral" }],
    namespace: lab.freshNamespace(),
  });
  assert.deepEqual(await fetched(foreign.frame), ["authframe-all.wasm", "core-all.js", "index.js"]);
});

test("a wasm file that does not fit the options is WASM_LOAD_FAILED, an unknown policy CONFIG_INVALID", async () => {
  const { frame } = await blankPair(lab);
  const hosts = [lab.origin("host")];
  assert.deepEqual(await connectFails(frame, { hosts, wasm: "/authframe/authframe-credentials.wasm" }), {
    code: "WASM_LOAD_FAILED",
    typed: true,
  });
  assert.deepEqual(await connectFails(frame, { hosts, credentials: "sealed", wasm: "/authframe/authframe.wasm" }), {
    code: "WASM_LOAD_FAILED",
    typed: true,
  });
  assert.deepEqual(await connectFails(frame, { hosts, credentials: "engraved" }), { code: "CONFIG_INVALID", typed: true });
});

test("several bridges in one widget page, told apart by channel, do not disturb each other", async () => {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(
    async ([host, one, two]) => {
      const { connect } = await window.load("authframe");
      window.one = await connect({ hosts: [host], channel: "one", namespace: one });
      window.two = await connect({ hosts: [host], channel: "two", namespace: two });
    },
    [lab.origin("host"), lab.freshNamespace(), lab.freshNamespace()],
  );
  await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    const container = document.querySelector("iframe");
    [window.one, window.two] = await Promise.all([embed({ container, channel: "one" }), embed({ container, channel: "two" })]);
  });
  await frame.evaluate(() => window.one.authorize({ account: "ada" }));
  await until(page, () => window.one.session.account?.subject === "ada");
  assert.equal(await page.evaluate(() => window.two.session.status), "unauthorized");
  await page.evaluate(() => window.one.close());
  await until(frame, () => window.one.connection === "disconnected");
  await frame.evaluate(() => {
    window.one.close();
    window.two.authorize({ account: "grace" });
  });
  await until(page, () => window.two.session.account?.subject === "grace");
});

test("D17: a widget of a version that this host does not know is refused with VERSION_MISMATCH, in both applications", async () => {
  const { page, frame } = await blankPair(lab);
  // A widget by hand, which speaks when it receives the host's knock.
  await frame.evaluate((host) => {
    window.refusal = new Promise((resolve) => {
      addEventListener(
        "message",
        () => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => resolve(data);
          window.parent.postMessage(
            { type: "authframe:hello", channel: "", min: 7, max: 9, nonce: "0123456789abcdef0123456789abcdef" },
            host,
            [port2],
          );
        },
        { once: true },
      );
    });
  }, lab.origin("host"));
  const host = await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    return embed({ container: document.querySelector("iframe") }).catch((error) => error.code);
  });
  const refusal = await frame.evaluate(() => window.refusal);
  assert.deepEqual(refusal, { type: "refuse", code: "VERSION_MISMATCH", min: 1, max: 1 });
  assert.equal(host, "VERSION_MISMATCH");

  const newer = await rawPair(lab, { accept: false });
  await newer.page.evaluate(() => window.say({ type: "refuse", code: "VERSION_MISMATCH", min: 7, max: 9 }));
  await lab.quiet();
  const findings = await newer.frame.evaluate(() => bridge.diagnose());
  assert.ok(
    findings.some(({ code }) => code === "VERSION_MISMATCH"),
    JSON.stringify(findings),
  );
});

test("import is safe in Node and in server rendering, and a call there is a typed error", async () => {
  const script = `
    const widget = await import("authframe");
    const host = await import("authframe/host");
    await import("authframe/host/element");
    const codes = [];
    for (const call of [() => widget.connect({ hosts: ["https://host.example"] }), () => host.embed({ container: {}, src: "https://widget.example" })]) {
      try { await call(); codes.push(null); } catch (error) { codes.push(error.code); }
    }
    console.log(JSON.stringify(codes));`;
  // Self-reference: inside the package, its own name resolves through its own exports.
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: root });
  assert.deepEqual(JSON.parse(stdout), ["ENV_UNSUPPORTED", "ENV_UNSUPPORTED"]);
});
