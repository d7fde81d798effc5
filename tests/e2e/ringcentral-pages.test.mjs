/** RingCentral Embeddable: a login that the host carries through, the page that the vendor's guide describes, and the demo. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";
import { REGISTER, recordingHost, ringcentralHost, UPDATE } from "./ringcentral-host.mjs";

const lab = browserForThisFile();
const { pair, begun, postToWidget, register, stands, settled } = ringcentralHost(lab);

// --- a login that the host carries through ------------------------------------------------------------------------------------------

/** A widget that would sign in by OAuth, with these options and this query. */
const loginPair = async (query, ringcentral) => {
  const { page, frame } = await pair({ query, options: { signIn: {} } });
  await frame.evaluate(() => bridge.close());
  await page.evaluate(() => (window.posts.length = 0));
  await frame.evaluate(
    async ([host, namespace, login, ringcentral]) => {
      const { connect } = await window.load("authframe");
      window.exchanged = [];
      window.asked = 0;
      window.bridge = await connect({
        hosts: [{ origin: host, dialect: "ringcentral" }],
        namespace,
        ringcentral,
        signIn: {
          oauth: { authorizationEndpoint: `${login}/authorize`, clientId: "phone", redirectUri: `${login}/callback` },
          exchange: ({ code }) => (window.exchanged.push(code), { account: "mallory" }),
        },
      });
      bridge.ringcentral.on("rc-adapter-login", () => window.asked++);
    },
    [lab.origin("host"), lab.freshNamespace(), lab.origin("login"), ringcentral],
  );
  await begun(page);
  return { page, frame };
};
const popups = (page) => page.evaluate(() => window.posts.filter(({ type }) => type === "rc-login-popup-notify").length);

test("S11: a host begins no sign-in without a click and brings no code of its own, whatever it writes into the address, unless the widget lets it", async () => {
  for (const [query, options] of [
    ["?disableLoginPopup=1", {}],
    ["?disableLoginPopup=1", { disableLoginPopup: false }],
    ["", { disableLoginPopup: "by-host" }],
    ["?disableLoginPopup=", { disableLoginPopup: "by-host" }],
  ]) {
    const { page, frame } = await loginPair(query, options);
    await postToWidget(page, { type: "rc-adapter-login" });
    await postToWidget(page, { type: "rc-adapter-authorization-code", callbackUri: `${lab.origin("login")}/callback?code=forged` });
    await postToWidget(page, { callbackUri: `${lab.origin("login")}/callback?code=forged&state=${"0".repeat(32)}` });
    await until(frame, () => window.asked === 1);
    await lab.quiet();
    assert.deepEqual(
      [await popups(page), await frame.evaluate(() => [bridge.session.status, window.exchanged])],
      [0, ["unauthorized", []]],
      `${query} ${JSON.stringify(options)}`,
    );
    await page.close();
  }
  for (const [query, options] of [
    ["?disableLoginPopup=1", { disableLoginPopup: "by-host" }],
    ["", { disableLoginPopup: true }],
  ]) {
    const { page, frame } = await loginPair(query, options);
    await postToWidget(page, { type: "rc-adapter-login" });
    // Before there is an address, what comes without a state belongs to nothing.
    await postToWidget(page, { callbackUri: `${lab.origin("login")}/callback?code=forged` });
    await until(page, () => window.posts.some(({ type }) => type === "rc-login-popup-notify"));
    assert.deepEqual(await frame.evaluate(() => [bridge.session.status, window.exchanged]), ["authorizing", []]);
    await page.close();
  }
});

test("a call with a page of its own is not one by OAuth: the host gets no window to open, and nothing of the default's way is taken", async () => {
  const { page, frame } = await loginPair("", { disableLoginPopup: true });
  await frame.evaluate(
    (url) => {
      const button = Object.assign(document.createElement("button"), { textContent: "Own page" });
      button.onclick = () => (window.outcome = bridge.signIn({ url }).catch(({ code }) => code));
      document.body.append(button);
    },
    lab.url("login", "/lab"),
  );
  const opened = lab.context.waitForEvent("page");
  await press(frame.getByRole("button", { name: "Own page" }));
  const popup = await opened;
  await popup.waitForURL(/\/lab\?state=/);
  await popup.close();
  assert.equal(await frame.evaluate(() => window.outcome), "SIGN_IN_UNCONFIRMED");
  assert.deepEqual([await popups(page), await frame.evaluate(() => window.exchanged)], [0, []]);
});

test("the host opens the window: it gets the address with state and PKCE, and only what comes back to our redirect address with our state signs in", async () => {
  const { page, frame } = await pair({ query: "?disableLoginPopup=1", options: { signIn: {} } });
  await frame.evaluate(() => bridge.close());
  await frame.evaluate(
    async ([host, namespace, login]) => {
      const { connect } = await window.load("authframe");
      window.failures = [];
      window.exchanged = [];
      window.bridge = await connect({
        hosts: [{ origin: host, dialect: "ringcentral" }],
        namespace,
        ringcentral: {
          disableLoginPopup: "by-host",
          onLoginFailed({ code }) {
            window.failures.push(code);
            throw new Error("the application's own");
          },
        },
        signIn: {
          oauth: { authorizationEndpoint: `${login}/authorize`, clientId: "phone", redirectUri: `${login}/callback` },
          exchange: ({ code, codeVerifier }) => (window.exchanged.push([code, codeVerifier.length]), { account: "ada" }),
        },
      });
    },
    [lab.origin("host"), lab.freshNamespace(), lab.origin("login")],
  );
  const asked = async (count) => {
    await until(page, (count) => window.posts.filter(({ type }) => type === "rc-login-popup-notify").length === count, count);
    return new URL((await page.evaluate(() => window.posts.findLast(({ type }) => type === "rc-login-popup-notify"))).oAuthUri);
  };
  const back = (state, { origin = lab.origin("login"), rest = "code=the-code" } = {}) =>
    postToWidget(page, { type: "rc-adapter-authorization-code", callbackUri: `${origin}/callback?${rest}&state=${state}` });
  // One that was not asked for.
  await back("0".repeat(32));
  await postToWidget(page, { type: "rc-adapter-login" });
  const first = await asked(1);
  const { searchParams } = first;
  assert.deepEqual(
    [
      first.origin,
      searchParams.get("response_type"),
      searchParams.get("client_id"),
      searchParams.get("code_challenge_method"),
      searchParams.get("state").length,
    ],
    [lab.origin("login"), "code", "phone", "S256", 32],
  );
  // The window was lost and the host asks again: only the new one counts.
  await postToWidget(page, { type: "rc-adapter-login" });
  const second = await asked(2);
  assert.notEqual(second.searchParams.get("state"), searchParams.get("state"));
  await back(second.searchParams.get("state"), { origin: lab.origin("evil") });
  await back(searchParams.get("state"));
  await postToWidget(page, { callbackUri: "no address" });
  await postToWidget(page, { type: { a: 1 }, callbackUri: { toString: 1 } });
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => [bridge.session.status, window.failures, window.exchanged]), ["authorizing", [], []]);
  await back(second.searchParams.get("state"));
  await until(frame, () => bridge.session.account?.subject === "ada");
  assert.deepEqual(await frame.evaluate(() => [window.failures, window.exchanged]), [[], [["the-code", 43]]]);
  await until(page, () => window.posts.at(-1).loggedIn === true);
  // What the server refuses ends it, and the application learns of it; that it fails over that ends nothing.
  await frame.evaluate(() => (window.reportError = (error) => window.failures.push(error.message)));
  for (const [rest, code] of [
    ["error=server_error", "SIGN_IN_REFUSED"],
    ["error=access_denied", "SIGN_IN_CANCELLED"],
  ]) {
    await frame.evaluate(() => bridge.signOut());
    const before = await page.evaluate(() => window.posts.filter(({ type }) => type === "rc-login-popup-notify").length);
    await postToWidget(page, { type: "rc-adapter-login" });
    await back((await asked(before + 1)).searchParams.get("state"), { rest });
    await until(frame, (code) => window.failures.at(-1) === "the application's own" && window.failures.at(-2) === code, code);
    assert.equal(await frame.evaluate(() => bridge.session.status), "unauthorized");
  }
  assert.deepEqual(
    lab.seen.posts.filter(({ target }) => target === "*"),
    [],
  );
});

test("D12: after close() no timer, port or listener is left, and what was asked is settled", async () => {
  const { page, frame } = await pair();
  await register(page);
  await stands(frame, false);
  await lab.quiet();
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  await frame.evaluate(() => bridge.close());
  assert.deepEqual(await settled(frame, 1), [["rejected", "CLOSED"]]);
  await register(page);
  await lab.quiet();
  const live = await frame.evaluate(() => window.__e2e.live());
  const ours = live.listeners.filter((name) => /message|storage|page|focus|visibility/.test(name));
  assert.deepEqual([live.timers, ours, live.ports], [[], [], 0]);
});

// --- the page of the guide, and the demo ------------------------------------------------------------------------------------------------

test("the guide's own page runs unmodified: it registers after the first login notice, answers, and posts the result, all to *", async () => {
  const page = await lab.lab("host");
  const types = [REGISTER, UPDATE, "rc-post-message-response"];
  await page.evaluate(
    (src) => {
      window.authorized = false;
      window.addEventListener("message", (e) => {
        const data = e.data;
        if (!data) return;
        const phone = document.querySelector("#rc-widget-adapter-frame").contentWindow;
        switch (data.type) {
          case "rc-login-status-notify":
            phone.postMessage(
              {
                type: "rc-adapter-register-third-party-service",
                service: {
                  name: "TestService",
                  authorizationPath: "/authorize",
                  authorizedTitle: "Unauthorize",
                  unauthorizedTitle: "Authorize",
                  authorized: false,
                  authorizedAccount: "test@email.com",
                  authorizationLogo: "https://your_brand_picture/logo.png",
                  showAuthRedDot: true,
                  info: "Some description about authorization",
                },
              },
              "*",
            );
            break;
          case "rc-post-message-request":
            if (data.path === "/authorize") {
              phone.postMessage({ type: "rc-post-message-response", responseId: data.requestId, response: { data: "ok" } }, "*");
              window.authorized = !window.authorized;
              phone.postMessage(
                { type: "rc-adapter-update-authorization-status", authorized: window.authorized, authorizedAccount: "test@email.com" },
                "*",
              );
            }
        }
      });
      const frame = Object.assign(document.createElement("iframe"), { id: "rc-widget-adapter-frame", src });
      frame.sandbox = "allow-same-origin allow-scripts allow-forms allow-popups allow-downloads allow-popups-to-escape-sandbox";
      document.body.append(frame);
    },
    lab.url("widget", `/widget.html?dialect=ringcentral&acquire=none&namespace=${lab.freshNamespace()}`),
  );
  const phone = page.frameLocator("#rc-widget-adapter-frame");
  // R8: its logo is within the policy (checked after each test), whether or not there is such a server.
  await press(phone.getByRole("tab", { name: "Settings" }));
  await phone.getByRole("heading", { name: "TestService" }).waitFor();
  await phone.getByText("Some description about authorization").waitFor();
  await press(phone.getByRole("button", { name: "Authorize", exact: true }));
  await phone.getByText("Connected as test@email.com").waitFor();
  await press(phone.getByRole("button", { name: "Unauthorize", exact: true }));
  await phone.getByRole("button", { name: "Authorize", exact: true }).waitFor();
  assert.equal(await phone.getByText("Connected as test@email.com").isVisible(), false);
  const stars = lab.seen.posts.filter(({ target }) => target === "*");
  assert.deepEqual([...new Set(stars.map(({ type }) => type))].sort(), [...types].sort(), "only the page itself posts to *");
  lab.seen.posts.length = 0;
});

/** The demo's CRM page, its phone on the settings. */
async function crm(namespace) {
  const page = await lab.tab("host", `/crm.html?namespace=${namespace}`);
  const phone = page.frameLocator("#rc-widget-adapter-frame");
  await press(phone.getByRole("tab", { name: "Settings" }));
  await phone.getByRole("button", { name: "Connect to TestCRM" }).waitFor();
  return { page, phone };
}

test("the CRM: the phone shows the service as the vendor's settings do, and every tab agrees on it", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await crm(namespace), await crm(namespace)];
  const { page, phone } = one;
  // Playwright waits long for a button in a page behind another one.
  await page.bringToFront();
  const logo = await phone.locator("#service-logo").boundingBox();
  assert.ok(logo.height === 30 && logo.width < 85, JSON.stringify(logo));
  const dots = (phone) => phone.locator("[data-dot]").evaluateAll((all) => all.map((dot) => dot.checkVisibility()));
  assert.deepEqual(await dots(phone), [true, true], "on the tab and on the button");
  await press(phone.getByRole("button", { name: "Load contacts" }));
  await phone.getByText("NOT_AUTHORIZED").waitFor();
  await press(phone.getByRole("button", { name: "Connect to TestCRM" }));
  for (const { phone } of [one, two]) {
    await phone.getByText("Connected as ada@testcrm.example").waitFor();
    await phone.getByRole("button", { name: "Disconnect" }).waitFor();
    assert.deepEqual(await dots(phone), [false, false]);
  }
  await press(phone.getByRole("button", { name: "Load contacts" }));
  await phone.getByText("Emmy Noether").waitFor();
  // The other page withdraws it: here the contacts are gone.
  await two.page.bringToFront();
  await press(two.page.getByRole("button", { name: "Disconnect it" }));
  await page.bringToFront();
  await phone.getByRole("button", { name: "Connect to TestCRM" }).waitFor();
  assert.equal(await phone.getByText("Emmy Noether").count(), 0);
  // Late: the phone says that there was no answer, and the status comes all the same.
  await page.getByLabel("Answer after four seconds").check();
  await press(phone.getByRole("button", { name: "Connect to TestCRM" }));
  assert.equal(await phone.locator("#authorization").isDisabled(), true);
  await phone.getByText("REQUEST_TIMEOUT").waitFor();
  await phone.getByText("Connected as ada@testcrm.example").waitFor();
  // The phone's own user is another matter.
  await press(page.getByRole("button", { name: "Ask for a login" }));
  await press(phone.getByRole("button", { name: "Sign in as Ada" }));
  await page.getByText("logged in: +16505550100*ada").waitFor();
  await press(page.getByRole("button", { name: "Log out", exact: true }));
  await page.getByText("no user is logged in").waitFor();
  await press(phone.getByRole("tab", { name: "Settings" }));
  await phone.getByText("Connected as ada@testcrm.example").waitFor();
});

for (const width of [360, 1440]) {
  test(`the CRM fits into ${width} px`, async () => {
    const { page, phone } = await crm(lab.freshNamespace());
    await page.setViewportSize({ width, height: 900 });
    const widget = await frameOf(page, lab.origin("widget"));
    const fits = async (name) => {
      for (const where of [page, widget])
        assert.equal(await where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, name);
      await lab.screenshot(page, `crm-${width}-${name}`, { fullPage: true });
    };
    await fits("not-connected");
    await press(phone.getByRole("button", { name: "Connect to TestCRM" }));
    await phone.getByText("Connected as ada@testcrm.example").waitFor();
    await fits("connected");
  });
}

test("another host page can be pointed at the demo's widget: &hosts= lets it in, in the widget and in the server's policy", async () => {
  const page = await lab.context.newPage();
  // A site that is in neither list.
  await page.goto(`http://127.0.0.1:${lab.server.port}/frame-src/any/lab`);
  await until(page, () => window.labReady);
  await page.evaluate(recordingHost);
  const src = (more) => lab.url("widget", `/widget.html?dialect=ringcentral&acquire=none&namespace=${lab.freshNamespace()}${more}`);
  await page.evaluate(
    (src) => {
      document.getElementById("stage").append(Object.assign(document.createElement("iframe"), { src }));
    },
    src(`&hosts=${encodeURIComponent(`http://127.0.0.1:${lab.server.port}`)}`),
  );
  await begun(page);
});
