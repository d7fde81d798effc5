/** x-bees: the web view of the vendor's app, the shell's imitation, and storage events. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";
import { xbeesHost } from "./xbees-host.mjs";

const lab = browserForThisFile();
const { hostPage, clientFrame } = xbeesHost(lab);

// --- the web view of the vendor's app -------------------------------------------------------------------------------------------------

/** The widget's page as React Native's web view shows it: on top, with an object that takes texts. */
const webview = (namespace, options, path = "/lab") =>
  lab
    .lab("widget", `${path}?iframeId=9`, () => {
      window.texts = [];
      window.ReactNativeWebView = { postMessage: (...texts) => window.texts.push(...texts) };
    })
    .then(async (page) => {
      await page.evaluate(
        async ([namespace, options]) => {
          const { Client } = await window.load("authframe/xbees");
          window.client = Client.getInstance({ namespace, ...options });
          window.tokens = [];
          window.themes = [];
          window.client.onPbxTokenChange((token) => window.tokens.push(token));
          window.client.onThemeChange(({ mode }) => window.themes.push(mode));
          window.bridge = await window.client.bridge;
          window.readiness = window.client.ready().then(
            (value) => ["resolved", value],
            (error) => ["rejected", error],
          );
          // As the app does it: a script that it runs in the page.
          window.app = (message) =>
            window.dispatchEvent(new MessageEvent("message", { data: typeof message === "string" ? message : JSON.stringify(message) }));
        },
        [namespace, options],
      );
      return page;
    });

test("S3 a foreign frame in the web view's page that posts and is gone in the same turn is not taken for the app; a frame of that name is no web view", async () => {
  const page = await webview(lab.freshNamespace(), { native: true }, "/frame-src/any/lab");
  await page.evaluate(() => window.app({ type: "xBeesReady", payload: "ok" }));
  const before = await page.evaluate(() => [bridge.session.status, bridge.rejected.source]);
  const evil = await addFrame(page, lab, lab.url("evil", "/frame-src/any/frame-ancestors/any/lab"));
  for (const text of [{ type: "xBeesUseTheme", payload: { mode: "evil" } }, { type: "xBeesLogout" }]) {
    const below = await (await evil.evaluateHandle(() => document.body.appendChild(document.createElement("iframe")))).contentFrame();
    await below
      .evaluate(
        ([text, target]) => {
          top.postMessage(JSON.stringify(text), target);
          frameElement.remove();
        },
        [text, lab.origin("widget")],
      )
      .catch(() => {}); // The frame in which this runs is gone.
  }
  await until(page, (count) => bridge.rejected.source === count, before[1] + 2);
  assert.deepEqual(await page.evaluate(() => [window.themes, bridge.session.status]), [[], before[0]]);

  const named = await lab.lab("widget", "/frame-src/any/lab?iframeId=9");
  await named.evaluate(async (namespace) => {
    const frame = document.createElement("iframe");
    frame.name = "ReactNativeWebView";
    document.body.append(frame);
    window.texts = [];
    frame.contentWindow.addEventListener("message", ({ data }) => window.texts.push(data));
    const { Client } = await window.load("authframe/xbees");
    const client = Client.getInstance({ namespace, native: true });
    window.readiness = client.ready().then(
      () => "resolved",
      () => "rejected",
    );
    window.bridge = await client.bridge;
  }, lab.freshNamespace());
  assert.deepEqual(await named.evaluate(async () => [await window.readiness, bridge.connection, window.texts]), [
    "rejected",
    "standalone",
    [],
  ]);
});

test("the web view of the vendor's app: off unless an entry says so; then texts go both ways, an answer is known by its type, and no token is taken", async () => {
  const hosts = [lab.origin("host")];
  const off = await webview(lab.freshNamespace(), { hosts });
  assert.deepEqual(await off.evaluate(() => window.readiness), [
    "rejected",
    "xBeesConnect should be wrapped within iframe to perform the connection",
  ]);
  assert.deepEqual(await off.evaluate(() => [window.texts, bridge.connection]), [[], "standalone"]);

  const page = await webview(lab.freshNamespace(), { native: true });
  await until(page, () => window.texts.length === 1);
  await page.evaluate(() => window.app({ type: "xBeesReady", payload: "ok" }));
  assert.deepEqual(await page.evaluate(() => window.readiness), ["resolved", { type: "xBeesReady", payload: "ok" }]);
  // The application says nothing: the bridge does, in the end.
  await until(page, () => window.texts.length === 2);
  assert.deepEqual(await page.evaluate(() => window.texts), [
    '{"type":"xBeesReady","payload":{"version":"1.1.3"},"iframeId":"9"}',
    '{"type":"xBeesNotAuthorized","iframeId":"9"}',
  ]);
  assert.equal(await page.evaluate(() => bridge.connection), "connected");
  // Two who ask the same get the same answer; one that says what went wrong rejects.
  await page.evaluate(() => {
    window.both = Promise.all([client.getContext(), client.getContext()]);
    window.refused = client.startCall("+1").catch((error) => error);
  });
  await until(page, () => window.texts.length === 5);
  await page.evaluate(() => {
    window.app({ type: "xBeesContext", payload: { contact: {} } });
    window.app({ type: "xBeesStartCall", errorMessage: "busy" });
  });
  const answer = { type: "xBeesContext", payload: { contact: {} } };
  assert.deepEqual(await page.evaluate(() => window.both), [answer, answer]);
  assert.deepEqual(await page.evaluate(() => window.refused), { type: "xBeesStartCall", errorMessage: "busy" });
  // No credential, no object, and no other window.
  const before = await page.evaluate(() => bridge.rejected);
  await page.evaluate(() => {
    window.app({ type: "xBeesPbxToken", payload: "a token" });
    window.app({ type: "xBeesUseTheme", payload: { mode: "dark" } });
    window.dispatchEvent(new MessageEvent("message", { data: { type: "xBeesUseTheme", payload: { mode: "an object" } } }));
    window.app("{no json");
  });
  const child = await addFrame(page, lab, "about:blank");
  await child.evaluate(() => parent.postMessage(JSON.stringify({ type: "xBeesLogout" }), location.ancestorOrigins[0]));
  await lab.quiet();
  assert.deepEqual(await page.evaluate(() => [window.tokens, window.themes]), [[], ["dark"]]);
  assert.equal((await page.evaluate(() => bridge.rejected.source)) - before.source, 2);
  await page.evaluate(() => void client.isAuthorized().catch(() => {}));
  await until(page, () => window.texts.at(-1) === '{"type":"xBeesAuthorized","iframeId":"9"}');
  await page.evaluate(() => window.app({ type: "xBeesLogout" }));
  await until(page, () => window.texts.at(-1) === '{"type":"xBeesNotAuthorized","iframeId":"9"}');
  assert.equal(await page.evaluate(() => bridge.session.status), "unauthorized");
});

// --- the shell's imitation --------------------------------------------------------------------------------------------------------------

const shell = async () => {
  const page = await lab.tab("host", `/xbees.html?namespace=${lab.freshNamespace()}`);
  const reads = (id, text) => until(page, ([id, text]) => document.getElementById(id).textContent === text, [id, text]);
  return { page, reads };
};
const results = (page) => page.locator("#results li").allTextContents();

test("the shell: inactive, it leaves panel and search and says so; Sign in opens the dialog on the sign-in page; signed in it is back; a logout ends it", async () => {
  const { page, reads } = await shell();
  await reads("state", "inactive");
  assert.deepEqual([await page.locator("#frame").isVisible(), await results(page)], [false, ["Emmy Noether · colleagues"]]);
  await page.getByRole("status").getByText("Northwind is inactive and needs activation.").waitFor();
  await press(page.getByRole("button", { name: "Sign in" }));
  const dialog = page.frameLocator("#dialog-frame iframe");
  await press(dialog.getByRole("button", { name: "Sign in as Ada" }));
  await reads("state", "active");
  assert.deepEqual(
    [await page.locator("#frame").isVisible(), await page.locator("#notice").isVisible(), await page.locator("#dialog").isVisible()],
    [true, false, false],
  );
  assert.deepEqual(await results(page), ["Emmy Noether · colleagues", "Emmy Noether · Northwind"]);
  await page.frameLocator("#frame iframe").getByText("Signed in as Ada Lovelace").waitFor();
  await page.reload();
  await reads("state", "active");
  await press(page.getByRole("button", { name: "Log out of x-bees" }));
  await reads("state", "inactive");
});

test('the shell: after ready("web") its mobile mode does not start the integration', async () => {
  const { page, reads } = await shell();
  await reads("state", "inactive");
  await press(page.getByRole("button", { name: "Mobile mode" }));
  await reads("state", "inactive");
  await press(page.getByRole("button", { name: "Mobile mode" }));
  await press(page.getByRole("button", { name: 'ready("web")' }));
  await reads("state", "inactive");
  await press(page.getByRole("button", { name: "Mobile mode" }));
  await reads("state", "not started");
  assert.equal(await page.locator("iframe").count(), 0);
  await page.getByText("On mobile this integration is not started.").waitFor();
});

test("the widget by itself: signed out a welcome with a button, as a dialog the sign-in page at once", async () => {
  const page = await hostPage();
  const namespace = lab.freshNamespace();
  const open = async (variant) =>
    addFrame(page, lab, lab.url("widget", `/widget.html?dialect=xbees&acquire=none&namespace=${namespace}&variant=${variant}`));
  const info = await open("info-frame");
  await press(info.getByRole("button", { name: "Sign in", exact: true }));
  await info.getByRole("button", { name: "Sign in as Ada" }).waitFor();
  const dialog = await open("dialog");
  await dialog.getByRole("button", { name: "Sign in as Ada" }).waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Sign in", exact: true }).count(), 0);
});

for (const width of [360, 1440]) {
  test(`the shell fits into ${width} px`, async () => {
    const { page, reads } = await shell();
    await page.setViewportSize({ width, height: 900 });
    await reads("state", "inactive");
    const fits = async (name) => {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, name);
      await lab.screenshot(page, `xbees-${width}-${name}`, { fullPage: true });
    };
    await fits("inactive");
    await press(page.getByRole("button", { name: "Sign in" }));
    const dialog = page.frameLocator("#dialog-frame iframe");
    await dialog.getByRole("button", { name: "Sign in as Ada" }).waitFor();
    await fits("dialog");
    await press(dialog.getByRole("button", { name: "Sign in as Ada" }));
    await reads("state", "active");
    await fits("active");
  });
}

// --- storage events: what one says is read again ----------------------------------------------------------------------------------------

test("G8: onStorage passes on what storage itself shows; what is made up, or of another area, is neither passed on nor thrown", async () => {
  const namespace = lab.freshNamespace();
  const page = await hostPage();
  const [listens, writes] = [await clientFrame(page, namespace, "info-frame"), await clientFrame(page, namespace, "daemon")];
  // The vendor's storage has no prefix, and one test does not reach another.
  const [user, draft] = [`user-${namespace}`, `draft-${namespace}`];
  await writes.evaluate(() => localStorage.clear());
  await lab.quiet();
  await listens.evaluate(() => {
    window.received = [];
    window.stop = client.onStorage((event) =>
      window.received.push([
        event.key,
        event.oldValue,
        event.newValue,
        event.url,
        event.storageArea === localStorage,
        event instanceof StorageEvent,
        event.type,
      ]),
    );
  });
  const received = () => listens.evaluate(() => window.received.splice(0));
  await listens.evaluate(
    ([user, draft]) => {
      localStorage.setItem(draft, "mine");
      const at = { storageArea: localStorage, url: location.href };
      const throwing = (name, init) =>
        Object.defineProperty(new StorageEvent("storage", init), name, {
          get: () => {
            throw new Error(`the getter of ${name}`);
          },
        });
      const lie = (name, value, init) => Object.defineProperty(new StorageEvent("storage", init), name, { get: () => value });
      const real = { ...at, key: draft, newValue: "mine" };
      for (const event of [
        new Event("storage"),
        new CustomEvent("storage", { detail: { key: draft, newValue: "mine" } }),
        new StorageEvent("storage"),
        // It says that everything is gone.
        new StorageEvent("storage", at),
        // What storage does not show.
        new StorageEvent("storage", { ...at, key: user, newValue: "another partition's" }),
        new StorageEvent("storage", { ...at, key: draft, newValue: "another's" }),
        new StorageEvent("storage", { ...at, key: draft, oldValue: "mine", newValue: null }),
        // It is true, but of no area, or another one.
        new StorageEvent("storage", { key: draft, newValue: "mine" }),
        new StorageEvent("storage", { ...real, storageArea: sessionStorage }),
        lie("key", 7, real),
        lie("key", { toString: () => draft }, real),
        lie("newValue", ["mine"], real),
      ])
        window.dispatchEvent(event);
      window.throwing = () => ["key", "newValue", "storageArea"].map((name) => throwing(name, real));
    },
    [user, draft],
  );
  assert.deepEqual(await received(), []);
  // What is said beside the value may be missing.
  await listens.evaluate((draft) => {
    const init = { storageArea: localStorage, key: draft, newValue: "mine" };
    const event = new StorageEvent("storage", init);
    for (const name of ["oldValue", "url"])
      Object.defineProperty(event, name, {
        get: () => {
          throw new Error(`the getter of ${name}`);
        },
      });
    window.dispatchEvent(event);
  }, draft);
  assert.deepEqual(await received(), [[draft, null, "mine", "", true, true, "storage"]]);

  const url = await writes.evaluate(() => location.href);
  const next = async () => {
    await until(listens, () => window.received.length > 0);
    return received();
  };
  await writes.evaluate((user) => client.saveToStorage(user, "ada"), user);
  assert.deepEqual(await next(), [[user, null, "ada", url, true, true, "storage"]]);
  await writes.evaluate((user) => client.saveToStorage(user, "bob"), user);
  assert.deepEqual(await next(), [[user, "ada", "bob", url, true, true, "storage"]]);
  await writes.evaluate((user) => client.deleteFromStorage(user), user);
  assert.deepEqual(await next(), [[user, "bob", null, url, true, true, "storage"]]);
  await listens.evaluate((user) => client.saveToStorage(user, "eve"), user);
  // Everything is gone, and something is written at once: both are received.
  await writes.evaluate((draft) => {
    localStorage.clear();
    localStorage.setItem(draft, "new");
  }, draft);
  await until(listens, () => window.received.length > 1);
  assert.deepEqual(
    (await received()).map(([key, , value]) => [key, value]),
    [
      [null, null],
      [draft, "new"],
    ],
  );
  await writes.evaluate(() => localStorage.clear());
  assert.deepEqual(
    (await next()).map(([key, , value]) => [key, value]),
    [[null, null]],
  );
  // Alone: what the core's own listener does with such an event is tested elsewhere.
  await listens.evaluate((draft) => {
    bridge.close();
    localStorage.setItem(draft, "mine");
    for (const event of window.throwing()) window.dispatchEvent(event);
  }, draft);
  assert.deepEqual(await received(), []);
  await writes.evaluate((user) => client.saveToStorage(user, "zoe"), user);
  assert.deepEqual(
    (await next()).map(([key, , value]) => [key, value]),
    [[user, "zoe"]],
  );
  await listens.evaluate(() => window.stop());
  await writes.evaluate((user) => client.saveToStorage(user, "no one receives it"), user);
  await lab.quiet();
  assert.deepEqual(await received(), []);
});
