/** Pages that are frozen, restored, and left; and what remains after `close()`. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { blankPair, connectHere, demo, embedded, evaluateInLostFrame, hostSees, shown, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";

const lab = browserForThisFile();

/** The demo paints this colour beside private messages and nowhere else (style.css, --private). */
const PRIVATE_COLOUR = [123, 77, 255];

/** Counts the pixels of the private colour in a screenshot, in a page of the browser. */
async function privatePixels(path) {
  const page = await lab.context.newPage();
  const data = `data:image/png;base64,${(await readFile(path)).toString("base64")}`;
  const count = await page.evaluate(
    async ([data, [r, g, b]]) => {
      const image = new Image();
      image.src = data;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, image.width, image.height).data;
      let found = 0;
      for (let i = 0; i < pixels.length; i += 4)
        if (Math.abs(pixels[i] - r) < 3 && Math.abs(pixels[i + 1] - g) < 3 && Math.abs(pixels[i + 2] - b) < 3) found += 1;
      return found;
    },
    [data, PRIVATE_COLOUR],
  );
  await page.close();
  return count;
}

/** Runs in every frame, before its own scripts: what the page shows from the very first instant after it was restored. */
function sampleAfterRestore() {
  window.samples = [];
  const sample = (when) => window.samples.push(`${when}: ${document.body.innerText.replace(/\s+/g, " ")}`);
  addEventListener(
    "pageshow",
    (event) => {
      if (!event.persisted) return;
      window.persisted = true;
      sample("pageshow");
      let left = 60;
      const next = () => {
        sample("frame");
        if (left-- > 0) requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    },
    { capture: true },
  );
}

for (const [name, query] of [
  ["a widget with acquire", {}],
  ["a widget without acquire", { acquire: "none" }],
]) {
  test(`D49: restored from the back/forward cache after a sign-out elsewhere, the page never shows the old account (${name})`, async () => {
    query.namespace = lab.freshNamespace();
    const page = await lab.context.newPage();
    await page.addInitScript(sampleAfterRestore);
    await page.goto(lab.url("host", `/?${new URLSearchParams(query)}`));
    const frame = page.frames().find((frame) => frame.parentFrame()) ?? (await page.waitForEvent("frameattached"));
    await until(frame, () => window.bridge?.connection === "connected");
    await press(frame.locator("text=Sign in as Ada"));
    await shown(page, "Signed in as Ada Lovelace");
    await until(frame, () => document.querySelectorAll("#messages li").length > 0);
    const label = query.acquire ?? "acquire";
    assert.ok(
      (await privatePixels(await lab.screenshot(page, `bfcache-${label}-1-before`))) > 0,
      "the private colour is seen while signed in",
    );

    const other = await demo(lab, { query });
    await widgetSees(other.frame, "authorized");
    await page.evaluate(() => (window.mark = "the same document"));
    await page.goto(lab.url("host", "/lab?elsewhere"));
    await press(other.page.locator("#sign-out"));
    await shown(other.page, "Signed out");

    await page.bringToFront();
    await page.evaluate(() => history.back());
    await until(page, () => window.mark === "the same document" && window.persisted === true);
    const shots = [];
    for (let i = 2; i < 5; i++) shots.push(await lab.screenshot(page, `bfcache-${label}-${i}-restored`));
    await shown(page, "Signed out");
    await until(page, () => window.samples.length > 10);

    const inWidget = JSON.parse(
      await evaluateInLostFrame(
        lab,
        page,
        lab.origin("widget"),
        "JSON.stringify({ samples, persisted: window.persisted, session: bridge.session })",
      ),
    );
    assert.equal(inWidget.persisted, true, "the widget's document was restored too");
    assert.equal(inWidget.session.status, "unauthorized");
    assert.ok(inWidget.samples.length > 0);
    const controls = /Account Ada Lovelace Grace Hopper/g; // The account to choose is not the account that is signed in.
    for (const sample of [...(await page.evaluate(() => window.samples)), ...inWidget.samples]) {
      const text = sample.replace(controls, "").replace(/Sign in as (Ada|Grace)/g, "");
      assert.doesNotMatch(text, /Signed in as|Ada|Invoice|analytical engine/, sample);
    }
    for (const shot of shots) assert.equal(await privatePixels(shot), 0, shot);
    assert.equal(
      await evaluateInLostFrame(lab, page, lab.origin("widget"), "bridge.request('x').catch((error) => error.code)"),
      "NO_HANDLER",
      "D48: restored with the library connected",
    );
  });
}

test("D49: the app hears suspended before it is frozen, and after the restore nothing but unknown until the shared record was read", async () => {
  const { page, frame } = await embedded(lab);
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  await frame.evaluate(() => {
    window.received = [];
    bridge.subscribe(({ status, reason }) => window.received.push(`${status} ${reason}`));
    addEventListener("pageshow", () => window.received.push("pageshow"));
  });
  await page.evaluate(() => {
    window.received = [];
    widget.subscribe(({ status, reason }) => window.received.push(`${status} ${reason}`));
    addEventListener("pageshow", (event) => (window.persisted = event.persisted));
  });
  await page.goto(lab.url("host", "/lab?elsewhere"));
  await page.evaluate(() => history.back());
  await until(page, () => window.persisted === true && widget.session.status === "authorized");
  const inWidget = JSON.parse(await evaluateInLostFrame(lab, page, lab.origin("widget"), "JSON.stringify(window.received)"));
  assert.equal(inWidget[1], "unknown suspended");
  const restored = inWidget.slice(inWidget.indexOf("unknown suspended") + 1).filter((word) => word !== "pageshow");
  assert.equal(restored[0], "unknown restored");
  assert.match(restored.at(-1), /^authorized /);
  const inHost = await page.evaluate(() => window.received);
  assert.match(inHost[1], /^unknown /, String(inHost));
});

test("a sign-in elsewhere while this page was frozen is there when it is restored", async () => {
  const namespace = lab.freshNamespace();
  const { page } = await embedded(lab, { namespace });
  await page.evaluate(() => addEventListener("pageshow", (event) => (window.persisted = event.persisted)));
  await page.goto(lab.url("host", "/lab?elsewhere"));
  const other = await embedded(lab, { namespace });
  await other.frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(other.page, "authorized");
  await page.evaluate(() => history.back());
  await until(page, () => window.persisted === true && widget.session.status === "authorized");
});

test("D48: neither half listens to unload or beforeunload", async () => {
  const { page, frame } = await embedded(lab);
  for (const where of [page, frame]) {
    const { listeners } = await where.evaluate(() => __e2e.live());
    assert.deepEqual(
      listeners.filter((entry) => /unload/.test(entry)),
      [],
    );
  }
});

/** In a page of the widget's own, on top: a server that gives out tokens of `life` seconds, and what it was asked. */
async function renewing({ namespace, life }) {
  const { connect } = await window.load("authframe");
  window.asked = [];
  const grant = () => ({ account: { subject: "ada" }, accessToken: `token ${window.asked.length}`, expiresIn: life });
  window.bridge = await connect({
    hosts: ["https://nobody.example"],
    namespace,
    async acquire({ reason }) {
      window.asked.push(reason);
      return grant();
    },
  });
  await bridge.authorize(grant());
}

/** In every document, before its own scripts: the wall clock can be set. The monotonic one goes on, as it does in a computer that sleeps. */
function settableClock() {
  const { now } = Date;
  window.offset = 0;
  Date.now = () => now() + window.offset;
}

for (const [name, minutes, requests] of [
  ["ten minutes on", 10, 0],
  ["ten minutes back", -10, 0],
  ["eight hours on, as after a sleep", 480, 1],
]) {
  test(`D27 the wall clock goes ${name}: ${requests ? "one renewal, and the old token is not given out" : "nothing happens"}`, async () => {
    const page = await lab.lab("widget", "/lab", settableClock);
    await page.evaluate(renewing, { namespace: lab.freshNamespace(), life: 3600 });
    await until(page, () => bridge.session.status === "authorized");
    assert.equal(await page.evaluate(() => bridge.accessToken()), "token 0");
    const before = await page.evaluate(() => window.asked.length);
    // As a browser says when the screen is back.
    await page.evaluate((minutes) => {
      window.offset = minutes * 60_000;
      dispatchEvent(new Event("focus"));
    }, minutes);
    const tokens = await page.evaluate(() => Promise.all(Array.from({ length: 10 }, () => bridge.accessToken())));
    await lab.quiet();
    const asked = await page.evaluate(() => window.asked);
    assert.deepEqual(asked.slice(before), Array(requests).fill("refresh"));
    assert.deepEqual(new Set(tokens), new Set([requests ? `token ${asked.length}` : "token 0"]));
    assert.equal(await page.evaluate(() => bridge.session.status), "authorized");
  });
}

// Playwright's own listeners, which it adds to every page it looks at.
const OWN = /__playwright|Window (auxclick|click|contextmenu|dblclick|mouse\w+|pointer\w+|touch\w+)$/;
const live = async (where) => {
  const found = await where.evaluate(async () => {
    const { held, pending } = await navigator.locks.query();
    return { ...__e2e.live(), locks: held.length + pending.length };
  });
  return { ...found, listeners: found.listeners.filter((entry) => !OWN.test(entry)) };
};

test("D12: after close() no listener, timer, port, channel or lock of the widget remains", async () => {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(() => window.load("authframe"));
  const before = await live(frame);
  const hosts = [lab.origin("host")];
  await frame.evaluate(connectHere, { hosts, namespace: lab.freshNamespace() });
  await page.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    window.widget = await embed({ container: document.querySelector("iframe") });
  });
  await until(frame, () => bridge.connection === "connected");
  await frame.evaluate(async () => {
    bridge.handle("x", () => {});
    await bridge.authorize({ account: "ada" });
    window.lost = bridge.request("never").catch((error) => error.code);
  });
  await hostSees(page, "authorized", "ada");
  const during = await live(frame);
  assert.ok(during.listeners.length > before.listeners.length && during.ports > before.ports, "the count sees it");
  await frame.evaluate(() => bridge.close());
  await lab.quiet();
  assert.deepEqual(await live(frame), before);
  assert.deepEqual(await frame.evaluate(() => [bridge.connection, window.states.at(-1)]), ["closed", "closed"]);
  await until(page, () => widget.connection === "disconnected");
  assert.equal(await frame.evaluate(() => bridge.request("x").catch((error) => error.code)), "CLOSED");
  await frame.evaluate(() => bridge.close());
});

test("D12: a widget closed before its handshake leaves nothing either", async () => {
  const { frame } = await blankPair(lab);
  await frame.evaluate(() => window.load("authframe"));
  const before = await live(frame);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  await frame.evaluate(() => {
    bridge.send("waits");
    window.lost = bridge.request("waits too").catch((error) => error.code);
    bridge.close();
  });
  assert.equal(await frame.evaluate(() => window.lost), "CLOSED");
  await lab.quiet();
  assert.deepEqual(await live(frame), before);
});

test("a widget that is mounted and closed a thousand times does not fill the memory, though each has a listener that holds it", async (t) => {
  const { frame } = await blankPair(lab);
  const mount = (times) =>
    frame.evaluate(
      async ([times, hosts, namespace]) => {
        const { connect } = await window.load("authframe");
        for (let count = 0; count < times; count++) {
          const bridge = await connect({ hosts, namespace, acquire: async () => bridge && null });
          bridge.subscribe(() => bridge);
          bridge.handle("x", () => bridge);
          await bridge.authorize({ account: "ada", accessToken: "x".repeat(1000) });
          bridge.close();
        }
      },
      [times, [lab.origin("host")], lab.freshNamespace()],
    );
  const session = await lab.context.newCDPSession(frame);
  const memory = async () => {
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return { heap: usedSize, wasm: await frame.evaluate(() => __e2e.wasmMemory()) };
  };
  await mount(100);
  const before = await memory();
  await mount(1000);
  const after = await memory();
  t.diagnostic(`heap ${before.heap} → ${after.heap}, wasm memory ${before.wasm} → ${after.wasm}`);
  assert.ok(after.heap - before.heap < 1e6, `heap grew by ${after.heap - before.heap}`);
  assert.ok(before.wasm > 0 && after.wasm - before.wasm <= 4 << 16, `wasm memory grew by ${after.wasm - before.wasm}`);
}, 120_000);

test("D12: a connect() that fails leaves nothing", async () => {
  const { frame } = await blankPair(lab, { site: "evil", widgetPath: "/frame-ancestors/any/lab" });
  await frame.evaluate(() => window.load("authframe"));
  const before = await live(frame);
  const code = await frame.evaluate(
    async (host) => (await window.load("authframe")).connect({ hosts: [host] }).catch((error) => error.code),
    lab.origin("host"),
  );
  assert.equal(code, "HOST_NOT_ALLOWED");
  await lab.quiet();
  assert.deepEqual(await live(frame), before);
});

test("D12: after close() no listener, timer, port or channel of the host remains, and its frame is gone", async () => {
  const page = await lab.lab("host");
  await page.evaluate(() => window.load("authframe/host"));
  const before = await live(page);
  for (const state of ["connected", "with a request under way", "disconnected", "timed out", "aborted"]) {
    const src =
      state === "timed out" || state === "aborted"
        ? lab.url("widget", "/lab")
        : lab.url("widget", `/?namespace=${lab.freshNamespace()}&acquire=none`);
    await page.evaluate(
      async ([src, state, evil]) => {
        const { embed } = await window.load("authframe/host");
        const abort = new AbortController();
        const connecting = embed({
          container: document.getElementById("stage"),
          src,
          timeoutMs: state === "timed out" ? 300 : 15_000,
          signal: abort.signal,
        });
        if (state === "aborted") abort.abort();
        const widget = await connecting.catch((error) => error.code);
        if (typeof widget === "string") return;
        if (state === "with a request under way") void widget.request("x").catch(() => {});
        if (state === "disconnected") {
          widget.frame.src = evil;
          await new Promise((resolve) => widget.onConnection((now) => now === "disconnected" && resolve()));
        }
        widget.subscribe(() => {});
        widget.handle("y", () => {});
        widget.close();
        widget.close();
      },
      [src, state, lab.url("evil", "/lab")],
    );
    await lab.quiet();
    assert.deepEqual(await live(page), before, state);
    assert.equal(await page.evaluate(() => document.querySelectorAll("iframe").length), 0, state);
  }
});

test("bad input never loses the session: listeners that throw, and wrong arguments, are typed errors or reported", async () => {
  const { page, frame } = await embedded(lab);
  await frame
    .evaluate(() => {
      bridge.subscribe(() => {
        throw new Error("a subscriber throws");
      });
      bridge.onConnection(() => {
        throw new Error("a subscriber throws");
      });
    })
    .catch(() => {});
  const wrong = await frame.evaluate(async () => {
    const codes = [];
    for (const call of [
      () => bridge.authorize(),
      () => bridge.authorize({}),
      () => bridge.authorize({ account: "" }),
      () => bridge.authorize({ account: { subject: "x".repeat(257) } }),
      () => bridge.authorize({ account: "a", accessToken: 5 }),
      () => bridge.signOut({ reason: "because" }),
      () => bridge.request(""),
      () => bridge.request("n".repeat(65)),
      () => bridge.request("x", () => {}),
      () => bridge.send("x", () => {}),
    ]) {
      try {
        await call();
        codes.push(null);
      } catch (error) {
        codes.push(error.code ?? `untyped: ${error}`);
      }
    }
    return codes;
  });
  assert.deepEqual(wrong, [
    "ACCOUNT_INVALID",
    "ACCOUNT_INVALID",
    "ACCOUNT_INVALID",
    "ACCOUNT_INVALID",
    "TOKEN_INVALID",
    "CONFIG_INVALID",
    "NAME_INVALID",
    "NAME_INVALID",
    "DATA_NOT_CLONEABLE",
    "DATA_NOT_CLONEABLE",
  ]);
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  await lab.quiet();
  const reported = lab.seen.errors.splice(0);
  assert.ok(
    reported.every((text) => text.includes("a subscriber throws")),
    String(reported),
  );
});
