/** RingCentral Embeddable: several tabs, what is kept, and hosts that say what they should not. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";
import { recordingHost, ringcentralHost, SERVICE } from "./ringcentral-host.mjs";

const lab = browserForThisFile();
const { pair, begun, connect, postToWidget, register, update, stands, settled } = ringcentralHost(lab, { shareAuthorization: true });

// --- several tabs -----------------------------------------------------------------------------------------------------------------------

test("an update reaches every tab of this host that has registered this service; a registration, another service and another host are not touched; after a reload there is nothing until it registers", async () => {
  const namespace = lab.freshNamespace();
  const [one, two, late, renamed] = [
    await pair({ namespace }),
    await pair({ namespace }),
    await pair({ namespace }),
    await pair({ namespace }),
  ];
  // The same site, so it sees the same storage; but another origin.
  const other = await pair({ namespace, site: "sub.host" });
  for (const { page, frame } of [one, two, other]) {
    await register(page);
    await stands(frame, false);
  }
  await one.frame.evaluate((key) => localStorage.setItem(key, "1"), `${namespace}.shared`);
  await until(other.frame, (key) => localStorage.getItem(key) === "1", `${namespace}.shared`);
  await register(renamed.page, { ...SERVICE, name: "OtherCRM" });
  await stands(renamed.frame, false);
  await lab.quiet();
  await update(one.page, true, "ada@crm.example");
  await stands(two.frame, true);
  assert.deepEqual(await two.frame.evaluate(() => window.host.service), { fields: SERVICE, authorized: true, account: "ada@crm.example" });
  await lab.quiet();
  assert.deepEqual(
    await Promise.all([late, renamed, other].map(({ frame }) => frame.evaluate(() => window.host.service?.authorized ?? null))),
    [null, false, false],
  );
  // Every load of the documented page registers `authorized: false`: that holds for this tab alone.
  await register(late.page);
  await stands(late.frame, false);
  await lab.quiet();
  assert.deepEqual(await Promise.all([one, two, late].map(({ frame }) => frame.evaluate(() => window.host.service.authorized))), [
    true,
    true,
    false,
  ]);
  // The last update counts, from any tab: all three receive it.
  await update(late.page, false);
  for (const { frame } of [one, two, late]) await stands(frame, false);
  await update(two.page, true, "grace@crm.example");
  for (const { frame } of [one, two, late]) await until(frame, () => window.host.service.account === "grace@crm.example");
  // Reloaded: nothing is registered, whatever the others know.
  const { page } = one;
  await page.reload();
  await until(page, () => window.labReady);
  await page.evaluate(recordingHost);
  const frame = await addFrame(page, lab, lab.url("widget", "/frame-ancestors/any/lab"));
  await until(frame, () => window.labReady);
  await connect(frame, namespace, "host", {});
  await begun(page);
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => [window.host.service, window.services]), [null, [null]]);
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  assert.deepEqual(await settled(frame, 1), [["rejected", "NO_HANDLER"]]);
  await register(page);
  await stands(frame, false);
  await lab.quiet();
  await update(two.page, false);
  await update(two.page, true, "ada@crm.example");
  await stands(frame, true);
});

test("a login and a logout reach every tab, and each notifies its own host once", async () => {
  const namespace = lab.freshNamespace();
  const options = { login: { loginNumber: "+1*101" } };
  const [one, two] = [await pair({ namespace, options }), await pair({ namespace, options })];
  const notices = ({ page }) =>
    page.evaluate(() =>
      window.posts
        .filter(({ type }) => type === "rc-login-status-notify")
        .map(({ loggedIn, loginNumber, isFreshLogin }) => [loggedIn, loginNumber, isFreshLogin]),
    );
  await one.frame.evaluate(() => bridge.authorize({ account: "ada" }));
  for (const { page } of [one, two]) await until(page, () => window.posts.at(-1).loggedIn === true);
  await postToWidget(two.page, { type: "rc-adapter-logout" });
  for (const { page } of [one, two]) await until(page, () => window.posts.at(-1).loggedIn === false);
  await lab.quiet();
  const out = [false, "$undefined", null];
  assert.deepEqual(
    [await notices(one), await notices(two)],
    [
      [out, [true, "+1*101", true], out],
      [out, [true, "+1*101", false], out],
    ],
  );
});

test("after the storage was cleared the next update counts in every tab", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await pair({ namespace }), await pair({ namespace })];
  for (const { page, frame } of [one, two]) {
    await register(page);
    await stands(frame, false);
  }
  for (const authorized of [true, false, true]) {
    await update(one.page, authorized);
    await stands(two.frame, authorized);
  }
  await lab.quiet();
  await two.frame.evaluate((namespace) => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(namespace)) localStorage.removeItem(key);
  }, namespace);
  await lab.quiet();
  // In this very tab nothing says so; a look back at the page does.
  await two.frame.evaluate(() => window.dispatchEvent(new Event("pageshow")));
  await update(two.page, false);
  for (const { frame } of [one, two]) await stands(frame, false);
  await lab.quiet();
  assert.deepEqual(await Promise.all([one, two].map(({ frame }) => frame.evaluate(() => window.host.service.authorized))), [false, false]);
});

test("where the user has left the window is known at the next visit, below the same host; what is not well-formed is not kept", async () => {
  const namespace = lab.freshNamespace();
  const { page } = await pair({ namespace, options: { ringcentral: { size: { width: 400, height: 600 }, minimized: true } } });
  const state = (page) => page.evaluate(() => JSON.stringify(window.posts[0]));
  const pushed = (size, minimized, closed, position) =>
    JSON.stringify({
      type: "rc-adapter-pushAdapterState",
      size,
      minimized,
      closed,
      position,
      telephonyStatus: null,
      userStatus: null,
      dndStatus: null,
    });
  const nowhere = { translateX: null, translateY: null, minTranslateX: null, minTranslateY: null };
  assert.equal(await state(page), pushed({ width: 400, height: 600 }, true, false, nowhere));
  const position = { translateX: -10, translateY: 20, minTranslateX: 0, minTranslateY: 0 };
  await postToWidget(page, { type: "rc-adapter-syncMinimized", minimized: false });
  await postToWidget(page, { type: "rc-adapter-syncClosed", closed: true });
  await postToWidget(page, { type: "rc-adapter-syncSize", size: { width: 320, height: 480 }, minimized: "not its word" });
  await postToWidget(page, { type: "rc-adapter-syncPosition", position });
  await lab.quiet();
  for (const bad of [
    { size: null },
    { size: "large" },
    { size: { width: "1", height: 2 } },
    { position: "text" },
    { position: { translateX: {} } },
    { closed: "yes", minimized: 1 },
  ]) {
    for (const kind of ["Closed", "Minimized", "Size", "Position"])
      await postToWidget(page, { type: `rc-adapter-sync${kind}`, ...bad, more: "x".repeat(1000) });
  }
  await lab.quiet();
  assert.equal(await state((await pair({ namespace })).page), pushed({ width: 320, height: 480 }, false, true, position));
  assert.equal(await state((await pair({ namespace, site: "sub.host" })).page), pushed({ width: 300, height: 500 }, false, false, nowhere));
});

/** What a host has made the widget store: by the application's key, the record. */
const stored = (frame, namespace) =>
  frame.evaluate(
    (prefix) =>
      Object.entries(localStorage)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, text]) => [key.slice(prefix.length), text]),
    `${namespace}.app:ringcentral `,
  );

test("S10: a host that registers service after service, with long names and accounts, fills no storage; the oldest goes out, and the newest are shared", async () => {
  const { page, frame, namespace } = await pair();
  const two = await pair({ namespace });
  const huge = "x".repeat(900_000);
  // By their order: what is too long is not shared, the account is left out.
  for (let n = 0; n < 20; n++) {
    await register(page, { name: `CRM ${n}`, authorizationPath: "/a", info: huge });
    await update(page, true, n % 2 ? huge : { huge });
    await until(
      frame,
      ([prefix, name]) => Object.entries(localStorage).some(([key, text]) => key.startsWith(prefix) && JSON.parse(text).name === name),
      [`${namespace}.app:ringcentral `, `CRM ${n}`],
    );
  }
  await register(page, { name: "y".repeat(2000), authorizationPath: "/a" });
  await update(page, true, "ada@crm.example");
  await stands(frame, true);
  await lab.quiet();
  const records = await stored(frame, namespace);
  const names = records.map(([, text]) => JSON.parse(text).name);
  assert.deepEqual(names.sort(), Array.from({ length: 8 }, (_, n) => `CRM ${n + 12}`).sort());
  assert.ok(
    records.every(([key, text]) => key.length < 64 && text.length <= 4096),
    JSON.stringify(records.map(([, text]) => text.length)),
  );
  // The application has its storage.
  assert.equal(
    await frame.evaluate(() =>
      bridge.storage.set("draft", "z".repeat(1_000_000)).then(
        () => "kept",
        ({ code }) => code,
      ),
    ),
    "kept",
  );
  // Another tab learns of the newest, both ways; an account that is too long counts as none, and in every tab.
  await register(page, { ...SERVICE, name: "CRM 19" });
  await register(two.page, { ...SERVICE, name: "CRM 19" });
  for (const each of [frame, two.frame]) await stands(each, false);
  await lab.quiet();
  await update(two.page, true, "a".repeat(257));
  for (const each of [frame, two.frame]) {
    await stands(each, true);
    assert.equal(await each.evaluate(() => window.host.service.account), null);
  }
  await update(page, true, "a".repeat(256));
  for (const each of [frame, two.frame]) await until(each, () => window.host.service.account?.length === 256);
});

test("S10: a service whose record went out begins anew, and is shared again at its next update", async () => {
  const { page, frame, namespace } = await pair();
  const [two, other] = [await pair({ namespace }), await pair({ namespace })];
  for (const each of [{ page, frame }, two]) {
    await register(each.page);
    await stands(each.frame, false);
  }
  await lab.quiet();
  await update(page, true, "ada");
  await stands(two.frame, true);
  for (let n = 0; n < 8; n++) {
    await register(other.page, { name: `CRM ${n}`, authorizationPath: "/a" });
    await update(other.page, true);
    await until(
      other.frame,
      ([prefix, name]) => Object.entries(localStorage).some(([key, text]) => key.startsWith(prefix) && JSON.parse(text).name === name),
      [`${namespace}.app:ringcentral `, `CRM ${n}`],
    );
  }
  await until(
    frame,
    (prefix) => !Object.entries(localStorage).some(([key, text]) => key.startsWith(prefix) && JSON.parse(text).name === "TestCRM"),
    `${namespace}.app:ringcentral `,
  );
  await lab.quiet();
  // It was not withdrawn.
  assert.deepEqual(await Promise.all([frame, two.frame].map((each) => each.evaluate(() => window.host.service.authorized))), [true, true]);
  await update(two.page, false);
  for (const each of [frame, two.frame]) await stands(each, false);
  await update(page, true, "grace");
  for (const each of [frame, two.frame]) await until(each, () => window.host.service.account === "grace");
});

test("S10: what is kept of windows is bounded too: of the hosts that were here last", async () => {
  const { page, frame, namespace } = await pair();
  const prefix = `${namespace}.app:ringcentral window `;
  await frame.evaluate((prefix) => {
    for (let n = 1; n <= 8; n++)
      localStorage.setItem(
        `${prefix}${n}`,
        JSON.stringify({ host: `https://host${n}.example`, used: n === 3 ? 1 : 1000 + n, closed: true }),
      );
  }, prefix);
  await postToWidget(page, { type: "rc-adapter-syncMinimized", minimized: true, more: "x".repeat(10_000) });
  await until(frame, ([key, host]) => JSON.parse(localStorage.getItem(key)).host === host, [`${prefix}3`, lab.origin("host")]);
  const records = (await stored(frame, namespace)).filter(([key]) => key.startsWith("window"));
  assert.deepEqual([records.length, records.filter(([, text]) => text.length > 4096)], [8, []]);
});

test("a made-up message whose getters throw is no message: nothing is thrown, and the next one counts", async () => {
  const { page, frame } = await pair();
  await frame.evaluate((origin) => {
    const trap = () => {
      throw new Error("a made-up message's own");
    };
    const names = ["callbackUri", "authorizedAccount", "responseId", "response", "path", "requestId", "licenseStatus", "size", "more"];
    const traps = Object.fromEntries(names.map((name) => [name, { get: trap, enumerable: true }]));
    const types = [
      "rc-adapter-register-third-party-service",
      "rc-adapter-update-authorization-status",
      "rc-post-message-response",
      "rc-adapter-message-request",
      "rc-adapter-login",
      "rc-adapter-refresh-license-status",
      "rc-adapter-syncSize",
      "rc-other",
    ];
    const service = Object.defineProperties({ name: "TrapCRM" }, { ...traps, authorizationPath: { get: trap, enumerable: true } });
    for (const type of types) {
      const event = new MessageEvent("message", { data: Object.defineProperties({ type, service }, traps), origin });
      Object.defineProperty(event, "source", { value: window.parent });
      window.dispatchEvent(event);
    }
  }, lab.origin("host"));
  await lab.quiet();
  await register(page);
  await until(frame, () => window.host.service?.fields.name === "TestCRM");
});

test("without the code for the storage the adapter and the host are notified all the same, and the bridge may be closed at any moment", async () => {
  const page = await lab.lab("host");
  await page.evaluate(recordingHost);
  // The server does not answer for that file, ever.
  await lab.context.route(/authframe\/storage\.js/, () => {});
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  await connect(frame, lab.freshNamespace(), "host", {});
  await register(page);
  await update(page, true);
  await begun(page);
  await stands(frame, true);
  await frame.evaluate(() => bridge.close());
  // Closed before it has begun, and while a handler is at work.
  await lab.context.unroute(/authframe\/storage\.js/);
  const second = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(second, () => window.labReady);
  await second.evaluate(
    async ([host, namespace]) => {
      const { connect } = await window.load("authframe");
      const options = { hosts: [{ origin: host, dialect: "ringcentral" }], namespace };
      (await connect(options)).close();
      window.bridge = await connect(options);
      window.slow = new Promise((resolve) => (window.finish = resolve));
      window.asked = new Promise((resolve) => bridge.handle("/slow", (body) => (resolve(body), window.slow)));
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  const post = (message) =>
    page.evaluate(
      ([message, origin]) => document.querySelectorAll("iframe")[1].contentWindow.postMessage(message, origin),
      [message, lab.origin("widget")],
    );
  await post({ type: "rc-adapter-message-request", requestId: "1", path: "/slow", body: 1 });
  await second.evaluate(() => window.asked);
  await second.evaluate(() => {
    bridge.close();
    window.finish("too late");
  });
  await lab.quiet();
});

test("nothing that a host posts is thrown anywhere, whatever its type", async () => {
  const { page, frame } = await pair();
  await register(page);
  await stands(frame, false);
  await page.evaluate((origin) => {
    const { contentWindow } = document.querySelector("iframe");
    const odd = [
      undefined,
      null,
      0,
      1n,
      "",
      "x".repeat(100_000),
      [],
      {},
      { toString: 1, valueOf: 1 },
      new Map([[1, 2]]),
      new Date(),
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
    ];
    const types = [
      "rc-adapter-register-third-party-service",
      "rc-adapter-update-authorization-status",
      "rc-post-message-response",
      "rc-adapter-message-request",
      "rc-adapter-login",
      "rc-adapter-authorization-code",
      "rc-adapter-syncSize",
      "rc-adapter-syncPosition",
      "rc-adapter-syncClosed",
      "rc-adapter-refresh-license-status",
      "rc-other",
    ];
    for (const value of odd) {
      contentWindow.postMessage(value, origin);
      contentWindow.postMessage({ type: value, callbackUri: "x" }, origin);
      for (const type of types) {
        contentWindow.postMessage(
          {
            type,
            service: value,
            authorized: value,
            authorizedAccount: value,
            responseId: value,
            response: value,
            requestId: value,
            path: value,
            callbackUri: value,
            size: value,
            position: value,
            closed: value,
            licenseStatus: value,
          },
          origin,
        );
        contentWindow.postMessage(
          {
            type,
            service: {
              name: "TestCRM",
              authorizationPath: value,
              authorized: value,
              authorizedAccount: value,
              contactsPath: value,
              displayName: value,
            },
          },
          origin,
        );
      }
    }
    const { port1 } = new MessageChannel();
    contentWindow.postMessage({ type: "rc-adapter-message-request", requestId: port1, path: "/x" }, origin, [port1]);
  }, lab.origin("widget"));
  await lab.quiet();
  await register(page, { ...SERVICE, name: "AfterAll" });
  await until(frame, () => window.host.service.fields.name === "AfterAll");
  await update(page, true, "ada");
  await until(frame, () => window.host.service.account === "ada");
});

test("an option out of its range leaves nothing behind", async () => {
  const page = await lab.lab("host");
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  const codes = await frame.evaluate(
    async ([host, namespace]) => {
      const { connect } = await window.load("authframe");
      const codes = [];
      const wrong = [
        null,
        7,
        { readyTimeoutMs: "1" },
        { readyTimeoutMs: Infinity },
        { size: null },
        { size: { width: NaN, height: 1 } },
        { size: { width: 1 } },
        { minimized: 1 },
        { closed: "no" },
        { login: {} },
        { onLoginFailed: 1 },
        { disableLoginPopup: "yes" },
        { disableLoginPopup: 1 },
      ];
      for (const [dialect, bad] of [
        ["ringcentral", { ringcentral: { readyTimeoutMs: -1 } }],
        ["xbees", { xbees: { readyTimeoutMs: 1.5 } }],
        ...wrong.map((options) => ["ringcentral", { ringcentral: options }]),
        ["ringcentral", {}],
      ]) {
        codes.push(
          await connect({ hosts: [{ origin: host, dialect }], namespace, ...bad }).then(
            (bridge) => ((window.bridge = bridge), "connected"),
            (error) => error.code,
          ),
        );
      }
      return codes;
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  assert.deepEqual(codes, [...Array(15).fill("CONFIG_INVALID"), "connected"]);
});

test("without the code that is loaded at the start, the host is notified within readyTimeoutMs, and registers", async () => {
  const page = await lab.lab("host");
  await page.evaluate(recordingHost);
  // The server does not answer for that file, ever.
  await lab.context.route(/authframe\/ringcentral-start\.js/, () => {});
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  await frame.evaluate(() => (window.reportError = () => {}));
  await connect(frame, lab.freshNamespace(), "host", { ringcentral: { readyTimeoutMs: 300 }, login: { loginNumber: "+1*101" } });
  // Both on the clock of the computer.
  await page.evaluate(() => {
    window.loggedInAt = new Promise((resolve) =>
      addEventListener("message", ({ data }) => data?.loggedIn && resolve(performance.timeOrigin + performance.now())),
    );
  });
  const signedInAt = await frame.evaluate(() => {
    const at = performance.timeOrigin + performance.now();
    void bridge.authorize({ account: "ada" });
    return at;
  });
  const waited = (await page.evaluate(() => window.loggedInAt)) - signedInAt;
  assert.ok(waited < 2500, `the host was notified after ${waited} ms, as if nothing were set`);
  await register(page);
  await stands(frame, false);
  await frame.evaluate(() => bridge.close());
  await lab.context.unroute(/authframe\/ringcentral-start\.js/);
});
