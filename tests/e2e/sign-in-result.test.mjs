/** Popup sign-in: what counts as its result, the popup's page, and what happens around it. In a browser that blocks popups that no click has asked for. */
import assert from "node:assert/strict";
import { addFrame, connectHere, embedHere, until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";
import { clickAndOpen, outcome, signInAs, widgetWithButton } from "./popups.mjs";
import { blankIn, failure, gone, rejected, session } from "./sign-in-page.mjs";

const lab = browserForThisFile({ blockPopups: true });

// --- D37, D25: what counts as a result ------------------------------------------------------------------------------------------------

/** A sign-in that ends on the blank page of the widget's site, where the test is the page's script. */
const blankCallback = () => ({ oauth: { redirectUri: lab.url("widget", "/lab?keep=1") } });

test("D25 the request has state, PKCE with S256 and what else was asked for; the response leaves the address and is redeemed once", async () => {
  const { frame, client } = await widgetWithButton(lab, {
    oauth: {
      redirectUri: lab.url("widget", "/lab?keep=1"),
      scope: "chat",
      parameters: { prompt: "login", state: "mine", client_id: "other" },
    },
  });
  const popup = await clickAndOpen(lab, frame);
  await popup.getByLabel("User name").waitFor();
  const asked = Object.fromEntries(new URL(popup.url()).searchParams);
  assert.match(asked.state, /^[0-9a-f]{32}$/);
  assert.match(asked.code_challenge, /^[\w-]{43}$/);
  const { state, code_challenge, ...rest } = asked;
  assert.deepEqual(rest, {
    response_type: "code",
    client_id: client,
    redirect_uri: lab.url("widget", "/lab?keep=1"),
    scope: "chat",
    prompt: "login",
    code_challenge_method: "S256",
  });
  await signInAs(popup);
  await blankIn(popup, /keep=1&.*code=/);
  const closed = gone(popup);
  const addresses = await popup.evaluate(
    async (openers) => {
      const { finish } = await window.load("authframe/popup");
      const [before, length] = [location.href, history.length];
      void finish({ openers });
      return [before, location.href, history.length - length];
    },
    [lab.origin("widget")],
  );
  assert.deepEqual(addresses.slice(1), [lab.url("widget", "/lab?keep=1"), 0]);
  assert.match(addresses[0], /code=code-/);
  assert.equal(await outcome(frame), "signed in");
  await closed;
  const [exchanged] = await frame.evaluate(() => window.exchanged.map(({ signal, ...result }) => ({ ...result, aborted: signal.aborted })));
  assert.match(exchanged.codeVerifier, /^[\w-]{43}$/);
  assert.deepEqual(
    [exchanged.state, exchanged.redirectUri, exchanged.data, exchanged.aborted],
    [state, lab.url("widget", "/lab?keep=1"), undefined, true],
  );
  assert.deepEqual(
    lab.server.signIn.client(client).requests.map(({ kind, outcome }) => `${kind} ${outcome}`),
    ["authorize 200", "code 200", "userinfo 200"],
  );
  const stored = await frame.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  for (const secret of [state, exchanged.codeVerifier, exchanged.code, "access-"]) assert.ok(!stored.includes(secret));
});

test("D25 a response in the fragment is read and removed as well", async () => {
  const { frame } = await widgetWithButton(lab, { oauth: { ...blankCallback().oauth, parameters: { response_mode: "fragment" } } });
  const popup = await clickAndOpen(lab, frame);
  await signInAs(popup);
  await blankIn(popup, /keep=1#.*code=/);
  const after = await popup.evaluate(
    async (openers) => {
      const { finish } = await window.load("authframe/popup");
      void finish({ openers });
      return location.href;
    },
    [lab.origin("widget")],
  );
  assert.equal(after, lab.url("widget", "/lab?keep=1"));
  assert.equal(await outcome(frame), "signed in");
});

for (const [what, wish, expected] of [
  ["another state", { switches: "/state/wrong" }, ["SIGN_IN_REFUSED", "another state"]],
  ["another issuer", { switches: "/iss/wrong" }, ["SIGN_IN_REFUSED", "another issuer"]],
  ["no issuer where one was asked for", { switches: "/iss/none" }, ["SIGN_IN_REFUSED", "another issuer"]],
  ["an OAuth error", { switches: "/answer/invalid_scope" }, ["SIGN_IN_REFUSED", "invalid_scope"]],
]) {
  test(`D25 the right popup with ${what} is a refusal, and nothing is redeemed`, async () => {
    const { frame, client } = await widgetWithButton(lab, wish);
    const popup = await clickAndOpen(lab, frame);
    await signInAs(popup);
    assert.deepEqual([await outcome(frame), (await failure(frame)).cause], expected);
    assert.equal(lab.server.signIn.client(client).count("code"), 0);
    await gone(popup);
  });
}

test("D37 a second delivery is ignored; of a flood of results the first counts", async () => {
  const { frame, client } = await widgetWithButton(lab, blankCallback());
  const popup = await clickAndOpen(lab, frame);
  await signInAs(popup);
  await blankIn(popup, /code=/);
  await popup.evaluate((widget) => {
    const { searchParams } = new URL(location.href);
    const message = { type: "authframe:sign-in", ...Object.fromEntries(searchParams) };
    for (const code of [message.code, message.code, "another"]) window.opener.postMessage({ ...message, code }, widget);
    window.opener.postMessage({ ...message, cancelled: true }, widget);
  }, lab.origin("widget"));
  assert.equal(await outcome(frame), "signed in");
  assert.equal(await frame.evaluate(() => window.exchanged.length), 1);
  assert.equal(lab.server.signIn.client(client).count("code"), 1);
});

test("D37 a result from another window or another origin is counted and ignored, even with the right state", async () => {
  const { page, frame } = await widgetWithButton(lab, blankCallback());
  const evil = await addFrame(page, lab, lab.url("evil", "/lab"));
  // The right origin, but not the window that was opened.
  const twin = await addFrame(page, lab, lab.url("widget", "/lab"));
  const popup = await clickAndOpen(lab, frame);
  await popup.getByLabel("User name").waitFor();
  const state = new URL(popup.url()).searchParams.get("state");
  const forge = (where, target) =>
    where.evaluate(
      ([target, state, widget]) => {
        const to = target === "opener" ? window.opener : window.parent.frames[0];
        for (const more of [{ code: "forged" }, { cancelled: true }, { error: "access_denied" }, { data: { account: "mallory" } }])
          to.postMessage({ type: "authframe:sign-in", state, iss: null, ...more }, widget);
      },
      [target, state, lab.origin("widget")],
    );
  await forge(evil, "sibling");
  await until(frame, () => window.bridge.rejected.source === 4);
  await forge(twin, "sibling");
  await until(frame, () => window.bridge.rejected.source === 8);
  // The right window, but a page of another origin in it.
  await forge(popup, "opener");
  await until(frame, () => window.bridge.rejected.source === 12);
  assert.equal(await session(frame), "authorizing sign-in");
  assert.deepEqual(await frame.evaluate(() => [window.outcome, window.exchanged]), [null, []]);
  await signInAs(popup);
  await blankIn(popup, /code=/);
  await popup.evaluate(async (openers) => void (await window.load("authframe/popup")).finish({ openers }), [lab.origin("widget")]);
  assert.equal(await outcome(frame), "signed in");
  assert.equal((await rejected(frame)).source, 12);
});

// --- D38: the popup's page ------------------------------------------------------------------------------------------------------------

test("D38 the popup page tells an opener that is not in its list nothing: not the evil page that opened it, not the host", async () => {
  for (const site of ["evil", "host"]) {
    const opener = await lab.lab(site);
    await opener.evaluate(
      (url) => {
        window.received = [];
        addEventListener("message", ({ data }) => window.received.push(data));
        const button = document.createElement("button");
        button.textContent = "Open";
        button.onclick = () => void (window.popup = window.open(url, "", "popup"));
        document.body.append(button);
      },
      lab.url("widget", "/lab?code=secret&state=s"),
    );
    const popup = await clickAndOpen(lab, opener.mainFrame(), "Open");
    await blankIn(popup, /lab/);
    const delivery = await popup.evaluate(
      async (openers) => (await window.load("authframe/popup")).finish({ openers, timeoutMs: 700 }),
      [lab.origin("widget"), "https://chat.example"],
    );
    assert.deepEqual(delivery, { outcome: "unacknowledged", response: { code: "secret", error: null, iss: null, state: "s" } });
    await lab.quiet();
    assert.deepEqual(await opener.evaluate(() => window.received), []);
    const targets = lab.seen.posts.filter(({ type }) => type === "authframe:sign-in").map(({ target }) => target);
    assert.deepEqual([...new Set(targets)].sort(), [lab.origin("widget"), "https://chat.example"].sort());
    assert.equal(popup.isClosed(), false);
  }
});

test("D38 no window is opened for an address that is no https address, and none is sent to one", async () => {
  const { frame } = await widgetWithButton(lab);
  const pages = lab.context.pages().length;
  const codes = await frame.evaluate(async () => {
    let opens = 0;
    const native = window.open;
    window.open = () => void opens++;
    const bad = [
      "javascript:alert(1)",
      "data:text/html,x",
      "blob:https://a.example/x",
      "http://login.example/",
      "https://user@login.example/",
      "https://user:pass@login.example/",
      "http://localhost:1@evil.example/",
      "http://localhost.evil.example/",
      "http://notlocalhost/",
      "//login.example/",
      "/sign-in",
      "",
      "about:blank",
      "ftp://login.example/",
      "file:///x",
      undefined,
      null,
      7,
      {},
    ];
    const codes = new Set();
    for (const url of bad) {
      codes.add(await window.bridge.signIn({ url }).catch((error) => error.code));
      codes.add(
        await window.bridge
          .signIn({ oauth: { authorizationEndpoint: url, clientId: "c", redirectUri: "https://a.example/" }, exchange() {} })
          .catch((error) => error.code),
      );
    }
    codes.add(await window.bridge.signIn().catch((error) => error.code));
    window.open = native;
    return [opens, ...codes];
  });
  assert.deepEqual(codes, [0, "CONFIG_INVALID"]);
  assert.equal(await session(frame), "unauthorized initial");
  const url = lab.url("login", "/lab");
  const oauth = { authorizationEndpoint: lab.url("login", "/authorize"), clientId: "c", redirectUri: lab.url("widget", "/callback.html") };
  for (const wish of [
    { oauth: { ...oauth, redirectUri: "javascript:alert(1)" } },
    { oauth: { ...oauth, clientId: "" } },
    { from: "http://login.example" },
    { from: "*" },
    { timeoutMs: 0 },
    { timeoutMs: NaN },
    { timeoutMs: 3_600_001 },
  ]) {
    await frame.evaluate((wish) => (window.next = wish), { url, oauth: null, ...wish });
    await frame.evaluate(() => (document.querySelector("button").onclick = () => window.begin(window.next)));
    const popup = await clickAndOpen(lab, frame);
    assert.equal(await outcome(frame), "CONFIG_INVALID", JSON.stringify(wish));
    await gone(popup);
  }
  assert.equal(lab.context.pages().length, pages);
});

// --- D39: the host page ---------------------------------------------------------------------------------------------------------------

for (const [what, wish] of [
  ["COEP require-corp", { hostPath: "/coep/require-corp/lab", widgetPath: "/coep/require-corp/lab" }],
  ["COEP credentialless", { hostPath: "/coep/credentialless/lab", widgetPath: "/coep/credentialless/lab" }],
  ["COOP noopener-allow-popups", { hostPath: "/coop/noopener-allow-popups/lab" }],
  ["COOP same-origin-allow-popups", { hostPath: "/coop/same-origin-allow-popups/lab" }],
]) {
  test(`D39 the sign-in works below a host page with ${what}`, async () => {
    const { page, frame } = await widgetWithButton(lab, wish);
    if (what.startsWith("COEP"))
      assert.ok(await page.evaluate(() => fetch(location.href).then(({ headers }) => headers.get("cross-origin-embedder-policy"))));
    const popup = await clickAndOpen(lab, frame);
    await signInAs(popup);
    assert.equal(await outcome(frame), "signed in");
  });
}

// --- a sign-in page of one's own ------------------------------------------------------------------------------------------------------

/** A sign-in page of the login site, without OAuth: the test is its script. */
const ownPage = async (wish = {}) => {
  const { page, frame, client } = await widgetWithButton(lab, { url: lab.url("login", "/lab?theme=dark"), ...wish });
  const popup = await clickAndOpen(lab, frame);
  await blankIn(popup, /theme=dark&state=[0-9a-f]{32}$/);
  const say = (verb, more) =>
    popup.evaluate(
      async ([verb, options]) => void (await window.load("authframe/popup"))[verb](options),
      [verb, { openers: ["https://other.example", lab.origin("widget")], ...more }],
    );
  return { page, frame, client, popup, say };
};

test("a sign-in page of one's own: data is the grant, and the window closes", async () => {
  const { frame, popup, say } = await ownPage();
  await say("finish", { data: { account: { subject: "grace", name: "Grace" }, accessToken: "t0ken" } });
  assert.equal(await outcome(frame), "signed in");
  assert.equal(await session(frame), "authorized sign-in grace");
  assert.equal(await frame.evaluate(() => window.bridge.accessToken()), "t0ken");
  await gone(popup);
});

test("a sign-in page of one's own: data that is no grant is ACCOUNT_INVALID; cancel() is SIGN_IN_CANCELLED", async () => {
  const first = await ownPage();
  await first.say("finish", { data: { account: "" } });
  assert.equal(await outcome(first.frame), "ACCOUNT_INVALID");
  assert.equal(await session(first.frame), "unauthorized user");
  const second = await ownPage();
  await second.say("cancel");
  assert.equal(await outcome(second.frame), "SIGN_IN_CANCELLED");
  await gone(second.popup);
});

test("what exchange throws: AuthRejected is a refusal, anything else a failure", async () => {
  for (const [name, code, reason] of [
    ["AuthRejected", "SIGN_IN_REFUSED", "refused"],
    ["Error", "SIGN_IN_FAILED", "user"],
  ]) {
    const { frame } = await widgetWithButton(lab, { url: lab.url("login", "/lab") });
    await frame.evaluate(
      (name) =>
        (document.querySelector("button").onclick = () =>
          window.begin({
            exchange: async () => {
              throw name === "Error" ? new Error("503") : new (await window.load("authframe")).AuthRejected("no");
            },
          })),
      name,
    );
    const popup = await clickAndOpen(lab, frame);
    await blankIn(popup, /state=/);
    await popup.evaluate(
      async (openers) => void (await window.load("authframe/popup")).finish({ openers, data: 1 }),
      [lab.origin("widget")],
    );
    assert.equal(await outcome(frame), code);
    assert.equal(await session(frame), `unauthorized ${reason}`);
  }
});

// --- with everything else ---------------------------------------------------------------------------------------------------------------

test("the user's own Cancel closes the popup; time that runs out does, too", async () => {
  const { frame } = await widgetWithButton(lab, { signIn: { timeoutMs: 1500 } });
  const first = await clickAndOpen(lab, frame);
  await first.getByLabel("User name").waitFor();
  await press(frame.getByRole("button", { name: "Cancel", exact: true }));
  assert.equal(await outcome(frame), "SIGN_IN_CANCELLED");
  await gone(first);
  const second = await clickAndOpen(lab, frame);
  assert.equal(await outcome(frame), "SIGN_IN_TIMEOUT");
  await gone(second);
  assert.equal(await session(frame), "unauthorized user");
});

test("the host and the other tabs see the sign-in; a failed one writes nothing", async () => {
  const namespace = lab.freshNamespace();
  const page = await lab.lab("host");
  const hears = page.evaluate(embedHere, { src: lab.url("widget", "/lab"), options: {} });
  await until(page, () => document.querySelector("iframe"));
  const frame = await page
    .locator("iframe")
    .elementHandle()
    .then((element) => element.contentFrame());
  await until(frame, () => window.labReady);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
  await hears;
  const other = await widgetWithButton(lab);
  await other.frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
  await frame.evaluate(
    (url) => {
      const button = document.body.appendChild(document.createElement("button"));
      button.textContent = "Sign in";
      window.writes = window.__e2e.writes.length;
      button.onclick = () => {
        window.cancelling = new AbortController();
        window.result = window.bridge.signIn({ url, signal: window.cancelling.signal }).then(
          () => "signed in",
          (error) => error.code,
        );
      };
    },
    lab.url("login", "/lab"),
  );
  const first = await clickAndOpen(lab, frame);
  await blankIn(first, /state=/);
  await until(page, () => window.widget.session.status === "authorizing");
  await frame.evaluate(() => window.cancelling.abort());
  assert.equal(await outcome(frame), "SIGN_IN_CANCELLED");
  await gone(first);
  await until(page, () => window.widget.session.status === "unauthorized");
  assert.equal(await frame.evaluate(() => window.__e2e.writes.length - window.writes), 0);
  assert.equal(await session(other.frame), "unauthorized initial");

  // Another tab signs in while the popup is open: that is what was wanted.
  const second = await clickAndOpen(lab, frame);
  await blankIn(second, /state=/);
  await other.frame.evaluate(() => window.bridge.authorize({ account: "ada" }));
  assert.equal(await outcome(frame), "signed in");
  await gone(second);
  assert.deepEqual(await page.evaluate(() => window.sessions.map(({ status }) => status)), [
    "unauthorized",
    "authorizing",
    "unauthorized",
    "authorizing",
    "authorized",
  ]);
});

test("a sign-in that comes to nothing does not undo the one that another tab has begun to share", async () => {
  const { frame } = await widgetWithButton(lab);
  const other = await widgetWithButton(lab);
  const namespace = lab.freshNamespace();
  await other.frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
  await frame.evaluate(
    async (options) => {
      const { connect } = await window.load("authframe");
      // Its server does not answer: what the other tab says is known, who it is not yet.
      window.bridge = await connect({ ...options, acquire: () => new Promise(() => {}) });
    },
    { hosts: [lab.origin("host")], namespace },
  );
  const popup = await clickAndOpen(lab, frame);
  await popup.getByLabel("User name").waitFor();
  await other.frame.evaluate(() => window.bridge.authorize({ account: "ada" }));
  await until(frame, () => window.bridge.session.reason === "other-tab");
  await press(frame.getByRole("button", { name: "Cancel", exact: true }));
  assert.equal(await outcome(frame), "SIGN_IN_CANCELLED");
  await lab.quiet();
  assert.deepEqual([await session(frame), await session(other.frame)], ["authorizing other-tab", "authorized sign-in ada"]);
});

test("D12 closing the bridge ends the sign-in, closes the popup, and leaves nothing alive", async () => {
  const { frame } = await widgetWithButton(lab);
  const popup = await clickAndOpen(lab, frame);
  await popup.getByLabel("User name").waitFor();
  const closed = gone(popup);
  const [code, live] = await frame.evaluate(async () => {
    window.bridge.close();
    const code = await window.result;
    return [code, window.__e2e.live()];
  });
  await closed;
  assert.equal(code, "CLOSED");
  // The rest are Playwright's.
  const ours = live.listeners.filter((name) => /message|storage|page|focus|visibility|abort/.test(name));
  assert.deepEqual([live.timers, ours, live.ports, live.channels], [[], [], 0, 0]);
});

test("D12 a sign-in that ended leaves no timer and no listener behind", async () => {
  const { frame } = await widgetWithButton(lab);
  const live = () => frame.evaluate(() => window.__e2e.live());
  const before = await live();
  const popup = await clickAndOpen(lab, frame);
  await signInAs(popup);
  assert.equal(await outcome(frame), "signed in");
  await gone(popup);
  await lab.quiet();
  const after = await live();
  assert.deepEqual([after.timers, after.listeners], [before.timers, before.listeners]);
});
