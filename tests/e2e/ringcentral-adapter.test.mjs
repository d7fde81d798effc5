/** RingCentral Embeddable below the vendor's adapter and the page of its guide, as `www/rc-adapter.js` and this file imitate them. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";
import { recordingHost, ringcentralHost, SERVICE } from "./ringcentral-host.mjs";

const lab = browserForThisFile();
const { pair, postToWidget, register, update, stands } = ringcentralHost(lab);

const LOGIN_NOTICE = "rc-login-status-notify";
const posted = (page, type) => page.evaluate((type) => window.posts.filter((post) => post.type === type), type);
const hasPosted = (page, type, count = 1) =>
  until(page, ([type, count]) => window.posts.filter((post) => post.type === type).length >= count, [type, count]);

/** In a page: the imitated adapter around this address. */
const wrap = (page, appUrl, options = {}) =>
  page.evaluate(
    async ([appUrl, options]) => {
      const { Adapter } = await import("/rc-adapter.js");
      window.RCAdapter = new Adapter({ appUrl, container: document.getElementById("stage"), ...options });
    },
    [appUrl, options],
  );

/**
 * A blank page with the imitated adapter around a blank page of the widget's site, and a bridge in that.
 * @param wish `prepare` runs in the widget's frame and sets `window.options`, with the login server's origin in `window.login`
 */
async function adapted({ namespace = lab.freshNamespace(), prepare = () => {}, adapter = {}, query = "" } = {}) {
  const page = await lab.lab("host");
  await page.evaluate(recordingHost);
  await wrap(page, lab.url("widget", `/lab${query}`), adapter);
  const frame = await (await page.waitForSelector("#rc-widget-adapter-frame", { state: "attached" })).contentFrame();
  await until(frame, () => window.labReady);
  await frame.evaluate((login) => {
    window.login = login;
    window.reported = [];
    window.reportError = (error) => {
      window.reportedAt = performance.now();
      window.reported.push(error.message);
    };
  }, lab.origin("login"));
  await frame.evaluate(prepare);
  await frame.evaluate(
    async ([host, namespace]) => {
      const { connect } = await window.load("authframe");
      window.bridge = await connect({ hosts: [{ origin: host, dialect: "ringcentral" }], namespace, ...window.options });
    },
    [lab.origin("host"), namespace],
  );
  await hasPosted(page, "rc-adapter-pushAdapterState");
  return { page, frame, namespace };
}

/** What the vendor's widget would have left: a user who is signed in. */
async function signedInBefore(namespace) {
  const { page, frame } = await pair({ namespace });
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await frame.evaluate(() => bridge.close());
  await page.close();
}

// --- R1: the first notice ------------------------------------------------------------------------------------------------------------

test("R1: login never settles: the host is notified within readyTimeoutMs all the same, registers as the guide has it, and login is named", async () => {
  const namespace = lab.freshNamespace();
  await signedInBefore(namespace);
  const prepare = () => {
    const login = () => {
      window.askedAt = performance.now();
      return new Promise(() => {});
    };
    window.options = { ringcentral: { readyTimeoutMs: 400, login } };
  };
  const { page, frame } = await adapted({ namespace, prepare });
  await page.evaluate((service) => {
    const registerOnce = () => {
      if (window.registered || !window.posts.some(({ type }) => type === "rc-login-status-notify")) return;
      window.registered = true;
      RCAdapter.post({ type: "rc-adapter-register-third-party-service", service });
    };
    addEventListener("message", registerOnce);
    registerOnce();
  }, SERVICE);
  await until(frame, () => bridge.ringcentral.service?.fields.name === "TestCRM");
  const [notice, ...more] = await posted(page, LOGIN_NOTICE);
  assert.deepEqual(
    [notice, more],
    [
      {
        type: LOGIN_NOTICE,
        loggedIn: true,
        loginNumber: "$undefined",
        contractedCountryCode: "$undefined",
        admin: false,
        features: {},
        isFreshLogin: false,
      },
      [],
    ],
  );
  const reported = await frame.evaluate(() => window.reported);
  assert.equal(reported.length, 1);
  assert.match(reported[0], /^CONFIG_INVALID: ringcentral\.login: no answer in time \(readyTimeoutMs is 400\)/);
  assert.ok((await frame.evaluate(() => window.reportedAt - window.askedAt)) < 2500, "in about 400 ms");
});

test("R1: a later login waits for login() too, and ends; what comes after that is not posted; after close() no timer is left", async () => {
  const prepare = () => {
    window.answers = [];
    window.options = { ringcentral: { readyTimeoutMs: 300, login: () => new Promise((resolve) => window.answers.push(resolve)) } };
  };
  const { page, frame } = await adapted({ prepare });
  await hasPosted(page, LOGIN_NOTICE);
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hasPosted(page, LOGIN_NOTICE, 2);
  await frame.evaluate(() => window.answers[0]({ loginNumber: "too late" }));
  await frame.evaluate(() => bridge.signOut());
  await hasPosted(page, LOGIN_NOTICE, 3);
  await frame.evaluate(() => bridge.authorize({ account: "grace" }));
  await until(frame, () => window.answers.length === 2);
  await frame.evaluate(() => window.answers[1]({ loginNumber: "in time" }));
  await hasPosted(page, LOGIN_NOTICE, 4);
  assert.deepEqual(
    (await posted(page, LOGIN_NOTICE)).map(({ loggedIn, loginNumber }) => [loggedIn, loginNumber]),
    [
      [false, "$undefined"],
      [true, "$undefined"],
      [false, "$undefined"],
      [true, "in time"],
    ],
  );
  await frame.evaluate(() => bridge.signOut());
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await until(frame, () => window.answers.length === 3);
  await frame.evaluate(() => bridge.close());
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => window.__e2e.live().timers), []);
});

test("what login() gives that no notice has is named, a number is shown as text, and the rest counts", async () => {
  const prepare = () => {
    window.options = {
      ringcentral: {
        login: () => ({ loginNumber: 101, admin: "yes", number: "+1", features: { sms: true }, contractedCountryCode: "US" }),
      },
    };
  };
  const { page, frame } = await adapted({ prepare });
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hasPosted(page, LOGIN_NOTICE, 2);
  const [, { loginNumber, admin, features, contractedCountryCode }] = await posted(page, LOGIN_NOTICE);
  assert.deepEqual([loginNumber, admin, features, contractedCountryCode], ["101", false, { sms: true }, "US"]);
  const reported = await frame.evaluate(() => window.reported);
  assert.equal(reported.length, 1, reported.join());
  assert.match(reported[0], /^CONFIG_INVALID: ringcentral\.login: .*"number".*admin is "yes"/);
});

// --- R2: the host opens the window ----------------------------------------------------------------------------------------------------

const withOAuth = () => {
  window.exchanged = [];
  window.options = {
    ringcentral: { disableLoginPopup: true },
    signIn: {
      oauth: { authorizationEndpoint: `${window.login}/authorize`, clientId: "phone", redirectUri: `${window.login}/callback` },
      exchange: ({ code }) => (window.exchanged.push(code), { account: "ada" }),
    },
  };
};

test("R2: a button that calls bridge.signIn() opens no window under disableLoginPopup: the host gets rc-login-popup-notify and brings the code; a second press begins anew", async () => {
  const { page, frame } = await adapted({ prepare: withOAuth });
  await hasPosted(page, LOGIN_NOTICE);
  const pages = lab.context.pages().length;
  await frame.evaluate(() => {
    const button = Object.assign(document.createElement("button"), { textContent: "Sign in" });
    window.outcomes = [];
    button.onclick = () =>
      bridge.signIn().then(
        () => window.outcomes.push("signed in"),
        ({ code }) => window.outcomes.push(code),
      );
    document.body.append(button);
  });
  const button = page.frameLocator("#rc-widget-adapter-frame").getByRole("button", { name: "Sign in" });
  await press(button);
  await hasPosted(page, "rc-login-popup-notify");
  // The host's window was lost: only the new one counts.
  await press(button);
  await hasPosted(page, "rc-login-popup-notify", 2);
  const [first, second] = (await posted(page, "rc-login-popup-notify")).map(({ oAuthUri }) => new URL(oAuthUri));
  assert.equal(first.origin, lab.origin("login"));
  assert.notEqual(first.searchParams.get("state"), second.searchParams.get("state"));
  const back = (state) =>
    page.evaluate(
      (callbackUri) => RCAdapter.post({ type: "rc-adapter-authorization-code", callbackUri }),
      `${lab.origin("login")}/callback?code=the-code&state=${state}`,
    );
  await back(first.searchParams.get("state"));
  await back(second.searchParams.get("state"));
  await until(frame, () => bridge.session.account?.subject === "ada" && window.outcomes.length === 2);
  assert.deepEqual(await frame.evaluate(() => [window.outcomes, window.exchanged]), [["SIGN_IN_CANCELLED", "signed in"], ["the-code"]]);
  assert.equal(lab.context.pages().length, pages, "no window was opened");
  await hasPosted(page, LOGIN_NOTICE, 2);
});

test("R2: what signIn() is given counts there too: its signal cancels, its timeoutMs ends the wait for the host", async () => {
  const { page, frame } = await adapted({ prepare: withOAuth });
  await frame.evaluate(() => {
    window.failed = (promise) =>
      promise.then(
        () => "signed in",
        ({ code }) => code,
      );
    window.controller = new AbortController();
    window.cancelled = failed(bridge.signIn({ signal: controller.signal }));
  });
  await hasPosted(page, "rc-login-popup-notify");
  const codes = await frame.evaluate(async () => {
    controller.abort();
    return [await cancelled, await failed(bridge.signIn({ signal: AbortSignal.abort() })), await failed(bridge.signIn({ timeoutMs: 100 }))];
  });
  assert.deepEqual(codes, ["SIGN_IN_CANCELLED", "SIGN_IN_CANCELLED", "SIGN_IN_TIMEOUT"]);
  assert.equal(await frame.evaluate(() => bridge.session.status), "unauthorized");
  await hasPosted(page, "rc-login-popup-notify", 2);
});

// --- R3: what the host asks --------------------------------------------------------------------------------------------------------------

test("R3: the adapter's popup button is alive: a widget that does not handle the window says so, and the adapter opens one and minimizes", async () => {
  const popupPageUri = lab.url("host", "/lab");
  const { page } = await adapted({ adapter: { enablePopup: true, popupPageUri }, query: "?a=1" });
  await hasPosted(page, LOGIN_NOTICE);
  const popup = page.waitForEvent("popup");
  await press(page.getByRole("button", { name: "Pop out" }));
  assert.equal((await popup).url(), `${popupPageUri}?a=1`);
  await until(page, () => RCAdapter.minimized);
  assert.deepEqual(
    (await posted(page, "rc-adapter-message-response")).map(({ response }) => response),
    [false],
  );
});

test("R3: a widget that handles /check-popup-window keeps its window: the adapter opens none", async () => {
  const { page, frame } = await adapted({ adapter: { enablePopup: true } });
  await frame.evaluate(() => {
    window.asked = [];
    bridge.handle("/check-popup-window", (body) => (window.asked.push(body), true));
  });
  const pages = lab.context.pages().length;
  await press(page.getByRole("button", { name: "Pop out" }));
  await hasPosted(page, "rc-adapter-message-response");
  await lab.quiet();
  assert.deepEqual(
    [await frame.evaluate(() => window.asked), lab.context.pages().length, await page.evaluate(() => RCAdapter.minimized)],
    [[{ alert: true }], pages, false],
  );
});

test("R3: every path that the vendor's widget answers by itself is refused in the form that its callers look at, without a handler and when the handler fails", async () => {
  const { page, frame } = await adapted();
  const ask = () =>
    page.evaluate(async () => ({
      popup: await RCAdapter.isWindowPoppedUp(),
      alert: await RCAdapter.alertMessage({ message: "m", level: "info", ttl: 1 }),
      dismiss: (await RCAdapter.dismissMessage("1")) === "ok",
      meeting: await RCAdapter.scheduleMeeting({ topic: "t" }),
      template: (await RCAdapter.createSMSTemplate("a", "b")) === "ok",
      calls: await RCAdapter.getUnloggedCalls(10, 1),
      log: await RCAdapter.getCallLog({ sessionId: "1" }),
      login: await RCAdapter.request("/refresh-login-session", { force: true }),
      other: await RCAdapter.request("/mine"),
      inherited: await RCAdapter.request("constructor"),
    }));
  const error = "not available in this widget";
  const refused = {
    popup: false,
    alert: null,
    dismiss: false,
    meeting: { error },
    template: false,
    calls: { calls: [], hasMore: false, error },
    log: { call: null, error },
    login: { result: "error", message: error },
    other: { data: "no matched path" },
    inherited: { data: "no matched path" },
  };
  assert.deepEqual(await ask(), refused);
  await frame.evaluate(() => {
    for (const path of [
      "/check-popup-window",
      "/custom-alert-message",
      "/dismiss-alert-message",
      "/schedule-meeting",
      "/create-sms-template",
      "/unlogged-calls",
      "/get-call-log",
      "/refresh-login-session",
      "/mine",
    ])
      bridge.handle(path, async () => {
        throw Object.assign(new Error("secret"), { code: path });
      });
  });
  assert.deepEqual(await ask(), { ...refused, other: { error: "failed" } });
  assert.equal(await frame.evaluate(() => window.reported.length), 9);
});

test("R3: an alert in the form of version 1, whose fields stand beside the path, reaches the handler as one of version 2", async () => {
  const { page, frame } = await adapted();
  await frame.evaluate(() => {
    window.alerts = [];
    bridge.handle("/custom-alert-message", (alert) => `alert ${window.alerts.push(alert)}`);
  });
  await page.evaluate(() =>
    RCAdapter.post({
      type: "rc-adapter-message-request",
      requestId: "1",
      path: "/custom-alert-message",
      alertMessage: "Test info message",
      alertLevel: "info",
      ttl: 5000,
    }),
  );
  assert.equal(await page.evaluate(() => RCAdapter.alertMessage({ message: "two", level: "danger" })), "alert 2");
  const [one, two] = await frame.evaluate(() => window.alerts);
  assert.deepEqual([one, two.message, two.level], [{ message: "Test info message", level: "info", ttl: 5000 }, "two", "danger"]);
});

// --- R4: tabs ------------------------------------------------------------------------------------------------------------------------------

test("R4: a tab speaks for itself unless the widget asks to share: a host that toggles its own flag sees each press", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await adapted({ namespace }), await adapted({ namespace })];
  for (const { page, frame } of [one, two]) {
    await page.evaluate((service) => {
      window.authorized = false;
      addEventListener("message", ({ data }) => {
        if (data.type !== "rc-post-message-request") return;
        RCAdapter.post({ type: "rc-post-message-response", responseId: data.requestId, response: { data: "ok" } });
        window.authorized = !window.authorized;
        RCAdapter.post({ type: "rc-adapter-update-authorization-status", authorized: window.authorized, authorizedAccount: "ada" });
      });
      RCAdapter.post({ type: "rc-adapter-register-third-party-service", service });
    }, SERVICE);
    await until(frame, () => bridge.ringcentral.service?.authorized === false);
  }
  await lab.quiet();
  const press = ({ frame }) => frame.evaluate(() => bridge.ringcentral.pressAuthorization());
  const shown = () => Promise.all([one, two].map(({ frame }) => frame.evaluate(() => bridge.ringcentral.service.authorized)));
  await press(one);
  await until(one.frame, () => bridge.ringcentral.service.authorized);
  await lab.quiet();
  assert.deepEqual(await shown(), [true, false]);
  await press(two);
  await until(two.frame, () => bridge.ringcentral.service.authorized);
  assert.deepEqual(await shown(), [true, true]);
  const kept = await one.frame.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("ringcentral service")));
  assert.deepEqual(kept, [], "and nothing of it is stored");
});

// --- R5, R8: what is registered ------------------------------------------------------------------------------------------------------------

test("R5: a number is shown as text: a name, an account at registration and in an update, a license", async () => {
  const { page, frame } = await pair();
  await register(page, { ...SERVICE, name: 7, displayName: 12, authorized: true, authorizedAccount: 4711 });
  await stands(frame, true);
  const shown = () =>
    frame.evaluate(() => {
      const { fields, account } = window.host.service;
      return [fields.name, fields.displayName, fields.licenseStatus, account];
    });
  assert.deepEqual(await shown(), ["7", "12", undefined, "4711"]);
  await update(page, true, 815);
  await until(frame, () => window.host.service.account === "815");
  await postToWidget(page, { type: "rc-adapter-refresh-license-status", licenseStatus: 3 });
  await until(frame, () => window.host.service.fields.licenseStatus === "3");
  // The same service: what a later registration leaves out stays.
  await register(page, { name: "7", authorizationPath: "/authorize" });
  await stands(frame, false);
  assert.deepEqual(await shown(), ["7", "12", undefined, null]);
  for (const name of [0, NaN, -1, 1.5, {}, true]) await register(page, { ...SERVICE, name });
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => [window.host.service.fields.name, bridge.rejected.malformed]), ["7", 6]);
});

test("R8: only images from https or in data get through as a logo, only web addresses as a link", async () => {
  const { page, frame } = await pair();
  const fields = async (more) => {
    await register(page, { ...SERVICE, ...more, info: JSON.stringify(more) });
    await until(frame, (info) => window.host.service?.fields.info === info, JSON.stringify(more));
    return frame.evaluate(() => window.host.service.fields);
  };
  for (const authorizationLogo of ["https://crm.example/logo.png", "data:image/png;base64,AA==", "HTTPS://crm.example/a.svg"])
    assert.equal((await fields({ authorizationLogo })).authorizationLogo, authorizationLogo);
  for (const authorizationLogo of [
    "javascript:alert(1)",
    " javascript:alert(1)",
    "http://crm.example/logo.png",
    "data:text/html,<script>",
    "/logo.png",
    7,
    {},
  ])
    assert.equal("authorizationLogo" in (await fields({ authorizationLogo })), false, String(authorizationLogo));
  const rest = await fields({
    contactIcon: "javascript:1",
    authorizationLinks: [
      { label: "Help", uri: "https://crm.example/help" },
      { label: "Bad", uri: "javascript:alert(1)" },
      { label: "None" },
      "no link",
    ],
    buttons: [
      { id: "1", icon: "javascript:1", label: "One" },
      { id: "2", icon: "data:image/png,a" },
    ],
    settings: [
      { id: "a", type: "externalLink", uri: "javascript:1" },
      {
        id: "g",
        type: "group",
        items: [
          { id: "b", uri: "https://crm.example" },
          { id: "c", uri: "file:///etc" },
        ],
        value: 3,
      },
    ],
  });
  assert.deepEqual(
    [rest.contactIcon, rest.authorizationLinks, rest.buttons, rest.settings],
    [
      undefined,
      [{ label: "Help", uri: "https://crm.example/help" }],
      [
        { id: "1", label: "One" },
        { id: "2", icon: "data:image/png,a" },
      ],
      [
        { id: "a", type: "externalLink" },
        { id: "g", type: "group", items: [{ id: "b", uri: "https://crm.example" }, { id: "c" }], value: 3 },
      ],
    ],
  );
});

test("R5: what the page says of its service later is shown too: settings and banner as new ones, the rest stays", async () => {
  const { page, frame } = await pair();
  await postToWidget(page, { type: "rc-adapter-update-third-party-settings", settings: [{ id: "early" }] });
  await register(page, { ...SERVICE, settings: [{ id: "a" }] });
  await stands(frame, false);
  await postToWidget(page, {
    type: "rc-adapter-update-third-party-settings",
    settings: [{ id: "b", type: "externalLink", uri: "javascript:1" }],
    name: "Mallory",
  });
  await postToWidget(page, { type: "rc-adapter-update-customized-banner", banner: { id: "1", message: "m" }, settings: [] });
  await until(frame, () => window.host.service.fields.banner?.message === "m");
  assert.deepEqual(await frame.evaluate(() => window.host.service.fields), {
    ...SERVICE,
    settings: [{ id: "b", type: "externalLink" }],
    banner: { id: "1", message: "m" },
  });
});

// --- R6: the size ----------------------------------------------------------------------------------------------------------------------------

test("R6: what the widget itself says of its window is kept for the next visit, as what the adapter says", async () => {
  const namespace = lab.freshNamespace();
  const { page, frame } = await adapted({ namespace });
  await frame.evaluate(() => {
    bridge.ringcentral.notify("rc-adapter-syncSize", { size: { width: 600, height: 540 } });
    bridge.ringcentral.notify("rc-adapter-syncMinimized", { minimized: true });
  });
  await until(page, () => RCAdapter.minimized && RCAdapter.frame.style.width === "600px");
  await until(frame, async () => {
    const kept = await bridge.storage.get("ringcentral window 1");
    return kept?.size?.width === 600 && kept.minimized;
  });
  await page.close();
  const again = await adapted({ namespace });
  const [{ size, minimized }] = await posted(again.page, "rc-adapter-pushAdapterState");
  assert.deepEqual([size, minimized], [{ width: 600, height: 540 }, true]);
});

test("a size or position beyond reason is not kept", async () => {
  const namespace = lab.freshNamespace();
  const { page } = await adapted({ namespace });
  await page.evaluate(() => {
    RCAdapter.post({ type: "rc-adapter-syncSize", size: { width: 320, height: 480 } });
    for (const side of [-1, 1e9, Infinity]) RCAdapter.post({ type: "rc-adapter-syncSize", size: { width: side, height: 480 } });
    const position = { translateX: 1e9, translateY: 0, minTranslateX: 0, minTranslateY: 0 };
    RCAdapter.post({ type: "rc-adapter-syncPosition", position });
  });
  await lab.quiet();
  await page.close();
  const [{ size, position }] = await posted((await adapted({ namespace })).page, "rc-adapter-pushAdapterState");
  assert.deepEqual([size, position.translateX], [{ width: 320, height: 480 }, null]);
});

// --- R7: the first notices ------------------------------------------------------------------------------------------------------------------

test("R7: the adapter's menu has words before the application says anything", async () => {
  const { page } = await adapted();
  await hasPosted(page, LOGIN_NOTICE);
  await press(page.getByRole("button", { name: "Presence" }));
  const items = await page.locator(".rc-menu button").allTextContents();
  assert.deepEqual(items, ["Available", "Busy", "Do not disturb", "Invisible"]);
  assert.equal((await posted(page, "rc-adapter-pushLocale"))[0].locale, "en-US");
});

test("R7: presence, brand and locale: the dot, the logo and the menu as the application has them, in the order that the vendor's widget has", async () => {
  const prepare = () => {
    window.options = {
      ringcentral: {
        presence: { userStatus: "Available", dndStatus: "TakeAllCalls", presenceOption: "Available" },
        brand: { logoUri: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>" },
        locale: { locale: "de-DE", strings: { availableBtn: "Verfügbar", busyBtn: "Beschäftigt" } },
      },
    };
  };
  const { page, frame } = await adapted({ prepare });
  await hasPosted(page, LOGIN_NOTICE);
  const dot = () => page.locator(".rc-presence").getAttribute("data-presence");
  assert.deepEqual(
    (await page.evaluate(() => window.posts)).map(({ type }) => type),
    ["rc-adapter-pushAdapterState", "rc-adapter-pushLocale", "rc-brand-assets-notify", "rc-adapter-syncPresence", LOGIN_NOTICE],
  );
  const [out] = await posted(page, "rc-adapter-syncPresence");
  assert.deepEqual(out, {
    type: "rc-adapter-syncPresence",
    telephonyStatus: null,
    userStatus: null,
    dndStatus: null,
    presenceOption: null,
  });
  assert.equal(await dot(), "");
  assert.equal(await page.locator(".rc-logo").isVisible(), true);
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await until(page, () => document.querySelector(".rc-presence").dataset.presence === "Available TakeAllCalls");
  await press(page.getByRole("button", { name: "Presence" }));
  assert.deepEqual(await page.locator(".rc-menu button").allTextContents(), ["Verfügbar", "Beschäftigt", "Do not disturb", "Invisible"]);
  // The documented way to follow what the user picks there.
  await frame.evaluate(() =>
    bridge.ringcentral.on("rc-adapter-presenceItemClicked", ({ presenceType }) =>
      bridge.ringcentral.notify("rc-adapter-syncPresence", {
        telephonyStatus: null,
        userStatus: presenceType,
        dndStatus: null,
        presenceOption: presenceType,
      }),
    ),
  );
  await press(page.getByRole("button", { name: "Beschäftigt" }));
  await until(page, () => document.querySelector(".rc-presence").dataset.presence === "Busy");
  await frame.evaluate(() => bridge.signOut());
  await until(page, () => document.querySelector(".rc-presence").dataset.presence === "");
});

test("R7: options that cannot be used are named, with what was given and what is meant", async () => {
  const { frame } = await pair();
  const messages = await frame.evaluate(async (host) => {
    const { connect } = await window.load("authframe");
    const wrong = [
      { presence: { status: "Available" } },
      { presence: { userStatus: 1 } },
      { brand: { logoUri: "javascript:1" } },
      { brand: "https://crm.example" },
      { locale: { strings: { available: "x" } } },
      { locale: 7 },
      { size: { width: 1, height: Infinity } },
      { size: { width: 1, height: 2, depth: 3 } },
      { shareAuthorization: "yes" },
      { presense: {} },
    ];
    const messages = [];
    for (const ringcentral of wrong)
      await connect({ hosts: [{ origin: host, dialect: "ringcentral" }], namespace: "wrong", ringcentral }).catch(({ code, message }) =>
        messages.push(`${code}: ${message}`),
      );
    return messages;
  }, lab.origin("host"));
  const meant = [
    /ringcentral\.presence has no field "status": it has telephonyStatus, userStatus, dndStatus, presenceOption/,
    /ringcentral\.presence\.userStatus is 1: give a text of 1 to 64 characters, or null/,
    /ringcentral\.brand\.logoUri is "javascript:1": give an address that begins with https:\/\/ or data:image\//,
    /ringcentral\.brand is "https:\/\/crm\.example": give an object with logoUri, iconUri/,
    /ringcentral\.locale\.strings has no field "available"/,
    /ringcentral\.locale is 7: give an object with locale, strings/,
    /ringcentral\.size\.height is Infinity: give CSS pixels from 0 to 100000/,
    /ringcentral\.size has no field "depth": it has width, height/,
    /ringcentral\.shareAuthorization is "yes": give true or false/,
    /ringcentral has no option "presense"/,
  ];
  assert.equal(messages.length, meant.length);
  for (const [place, pattern] of meant.entries()) assert.match(messages[place], pattern);
  assert.ok(messages.every((message) => message.startsWith("CONFIG_INVALID")));
});
