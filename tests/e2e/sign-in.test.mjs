/** Popup sign-in, in a browser that blocks popups nobody clicked for, from a widget in a cross-site frame, with a real sign-in server. */
import assert from "node:assert/strict";
import { browserForThisFile, press, test } from "./browser.mjs";
import { addFrame, connectHere, embedHere, until } from "./actors.mjs";
import { clickAndOpen, outcome, signInAs, widgetWithButton } from "./popups.mjs";

const lab = browserForThisFile({ blockPopups: true });

const failure = (frame) => frame.evaluate(() => window.failure);
const session = (frame) =>
  frame.evaluate(() =>
    `${window.bridge.session.status} ${window.bridge.session.reason} ${window.bridge.session.account?.subject ?? ""}`.trim(),
  );
const rejected = (frame) => frame.evaluate(() => window.bridge.rejected);
const gone = (popup) => (popup.isClosed() ? undefined : popup.waitForEvent("close"));
/** The blank page of a site inside the popup, in place of the sign-in page or of the page that it ends on. */
const blankIn = async (popup, url) => {
  await popup.waitForURL(url);
  await until(popup, () => window.labReady);
};

// --- the matrix: what the sign-in page is, what the user does, what must come of it -------------------------------------------------

const COOP = ["unsafe-none", "same-origin", "same-origin-allow-popups", "noopener-allow-popups"];
/** Each deed: what is before `/authorize`, and what the person does in the popup. */
const DEEDS = {
  success: ["", (popup) => signInAs(popup)],
  slow: ["/slow/1500", (popup) => signInAs(popup)],
  closed: [
    "",
    async (popup) => {
      await popup.getByLabel("User name").waitFor();
      await popup.close();
    },
  ],
  cancelled: ["", (popup) => press(popup.getByRole("button", { name: "Cancel" }))],
  refused: ["/answer/server_error", (popup) => signInAs(popup)],
};
/** While the opener is there. A window that is gone is never a cancelled sign-in: only the page's own word is. */
const IN_TOUCH = {
  success: "signed in",
  slow: "signed in",
  closed: "SIGN_IN_UNCONFIRMED",
  cancelled: "SIGN_IN_CANCELLED",
  refused: "SIGN_IN_REFUSED",
};
/** Behind COOP all look alike: the window reads as closed as soon as the sign-in page is there. */
const CUT_OFF = {
  success: "SIGN_IN_UNCONFIRMED",
  slow: "SIGN_IN_UNCONFIRMED",
  closed: "SIGN_IN_UNCONFIRMED",
  cancelled: "SIGN_IN_UNCONFIRMED",
  refused: "SIGN_IN_UNCONFIRMED",
};
/** With a `poll` all but the closed window come to their end; that one waits for the user to say so, or for the time to run out. */
const POLLED = {
  success: "signed in",
  slow: "signed in",
  closed: "SIGN_IN_TIMEOUT",
  cancelled: "SIGN_IN_REFUSED",
  refused: "SIGN_IN_REFUSED",
};

for (const coop of COOP) {
  for (const poll of [false, true]) {
    const expected = coop === "unsafe-none" ? { ...IN_TOUCH, ...(poll ? { closed: "SIGN_IN_TIMEOUT" } : {}) } : poll ? POLLED : CUT_OFF;
    for (const [deed, [switches, act]] of Object.entries(DEEDS)) {
      // With a poll, every deed once, and then where it makes a difference.
      if (poll && coop !== "same-origin" && deed !== (coop === "unsafe-none" ? "closed" : "success")) continue;
      test(`D36 popup matrix: sign-in page with COOP ${coop}, ${poll ? "poll" : "no poll"}, ${deed}: ${expected[deed]}`, async () => {
        const waits = expected[deed] === "SIGN_IN_TIMEOUT";
        const { frame, client } = await widgetWithButton(lab, {
          switches: `/coop/${coop}${switches}`,
          poll,
          signIn: waits ? { timeoutMs: 4000 } : {},
        });
        const popup = await clickAndOpen(lab, frame);
        await act(popup);
        assert.equal(await outcome(frame), expected[deed]);
        assert.equal(
          await session(frame),
          { "signed in": "authorized sign-in ada", SIGN_IN_REFUSED: "unauthorized refused" }[expected[deed]] ?? "unauthorized user",
        );
        assert.deepEqual(await rejected(frame), { source: 0, origin: 0, malformed: 0, rate: 0, replay: 0, storage: 0 });
        assert.equal(
          lab.server.signIn.client(client).count("code"),
          expected[deed] === "signed in" ? 1 : 0,
          "a code is redeemed once, or never",
        );
        if (coop === "unsafe-none") await gone(popup);
      });
    }
  }
}

/** The host page's own policy: only `same-origin` makes a difference, and then whatever the sign-in page's is. */
for (const host of ["same-origin", "same-origin-allow-popups", "noopener-allow-popups"]) {
  for (const coop of COOP) {
    if (host === "same-origin") {
      test(`D35 D36 popup matrix: host with COOP ${host}, sign-in page with COOP ${coop}: SIGN_IN_BLOCKED, and no second window`, async () => {
        const { frame } = await widgetWithButton(lab, { hostPath: `/coop/${host}/lab`, switches: `/coop/${coop}` });
        const before = lab.context.pages().length;
        await press(frame.getByRole("button", { name: "Sign in", exact: true }));
        assert.equal(await outcome(frame), "SIGN_IN_BLOCKED");
        await lab.quiet();
        assert.ok(lab.context.pages().length <= before + 1);
      });
      continue;
    }
    const expected = coop === "unsafe-none" ? IN_TOUCH : CUT_OFF;
    for (const deed of ["success", "slow", "closed"]) {
      const [switches, act] = DEEDS[deed];
      test(`D36 D39 popup matrix: host with COOP ${host}, sign-in page with COOP ${coop}, ${deed}: ${expected[deed]}`, async () => {
        const { frame } = await widgetWithButton(lab, { hostPath: `/coop/${host}/lab`, switches: `/coop/${coop}${switches}` });
        const popup = await clickAndOpen(lab, frame);
        await act(popup);
        assert.equal(await outcome(frame), expected[deed]);
      });
    }
  }
}

test("feature 3: a popup that the user closes is noticed within about a second", async () => {
  const { frame } = await widgetWithButton(lab);
  const popup = await clickAndOpen(lab, frame);
  await popup.getByLabel("User name").waitFor();
  await popup.close();
  const start = performance.now();
  assert.equal(await outcome(frame), "SIGN_IN_UNCONFIRMED");
  const took = performance.now() - start;
  assert.ok(took < 1500, `${took} ms`);
});

test("D36 behind COOP the page that the sign-in ends on is told that it has no opener, and that is what the user reads", async () => {
  const { frame } = await widgetWithButton(lab, { switches: "/coop/same-origin" });
  const popup = await clickAndOpen(lab, frame);
  await signInAs(popup);
  await until(popup, () => window.outcome === "no-opener");
  assert.match(await popup.getByRole("status").textContent(), /go back to the page you came from/);
  assert.equal(new URL(popup.url()).search, "", "D25: nothing of the response is left in the address");
  assert.equal(await outcome(frame), "SIGN_IN_UNCONFIRMED");
});

test("D36 a poll that finds nothing is repeated, rests longer each time, and ends with the user's own Cancel", async () => {
  const { frame } = await widgetWithButton(lab, { switches: "/coop/same-origin", poll: true });
  const popup = await clickAndOpen(lab, frame);
  await popup.getByLabel("User name").waitFor();
  await until(frame, () => window.polls === 3);
  assert.equal(await session(frame), "authorizing sign-in");
  await press(frame.getByRole("button", { name: "Cancel", exact: true }));
  assert.equal(await outcome(frame), "SIGN_IN_CANCELLED");
  assert.equal(await session(frame), "unauthorized user");
});

// --- D35: the click -----------------------------------------------------------------------------------------------------------------

test("D35 the window opens before signIn returns, once, and on an empty page", async () => {
  const { frame } = await widgetWithButton(lab);
  await frame.evaluate(() => {
    window.opened = [];
    const native = window.open;
    window.open = (...args) => (window.opened.push(args), native(...args));
    const begin = window.begin;
    window.begin = () => {
      begin();
      window.openedInTheCall = window.opened.length;
    };
  });
  const popup = await clickAndOpen(lab, frame);
  await popup.getByLabel("User name").waitFor();
  assert.deepEqual(await frame.evaluate(() => [window.openedInTheCall, window.opened]), [1, [["", "", "popup,width=480,height=640"]]]);
  assert.deepEqual(await popup.evaluate(() => [innerWidth, innerHeight]), [480, 640]);
});

/** Calls signIn when the activation that the test itself has given to the page is over. */
const signInWithoutClick = (frame) =>
  frame.evaluate(
    () =>
      new Promise((resolve) => {
        window.opens = 0;
        const native = window.open;
        window.open = (...args) => (window.opens++, native(...args));
        const look = setInterval(() => {
          if (navigator.userActivation.isActive) return;
          clearInterval(look);
          window.begin();
          window.result.then(resolve);
        }, 50);
      }),
  );

test("D35 blocked: without a click the browser opens no window; it is told apart, and not tried again", async () => {
  const { frame } = await widgetWithButton(lab);
  const pages = lab.context.pages().length;
  assert.equal(await signInWithoutClick(frame), "SIGN_IN_BLOCKED");
  assert.deepEqual([await frame.evaluate(() => window.opens), lab.context.pages().length], [1, pages]);
  assert.equal(await session(frame), "unauthorized initial", "nothing was begun");
  // The next click works.
  const popup = await clickAndOpen(lab, frame);
  await signInAs(popup);
  assert.equal(await outcome(frame), "signed in");
});

test("D35 severed: below a host with COOP same-origin a window opens, but is nobody's; no second one is opened", async () => {
  const { frame } = await widgetWithButton(lab, { hostPath: "/coop/same-origin/lab" });
  const pages = lab.context.pages().length;
  const popup = await clickAndOpen(lab, frame);
  assert.equal(await outcome(frame), "SIGN_IN_BLOCKED");
  assert.deepEqual([popup.url(), lab.context.pages().length], ["about:blank", pages + 1]);
});

test("D35 D44 blocked: a sandbox without allow-popups", async () => {
  const { frame } = await widgetWithButton(lab, { sandbox: "allow-scripts allow-same-origin" });
  await press(frame.getByRole("button", { name: "Sign in" }));
  assert.equal(await outcome(frame), "SIGN_IN_BLOCKED");
});

test("one at a time: a second call opens nothing, and the first goes on", async () => {
  const { frame } = await widgetWithButton(lab);
  const popup = await clickAndOpen(lab, frame);
  const pages = lab.context.pages().length;
  const second = await frame.evaluate(() => window.bridge.signIn({ url: "https://login.example/" }).catch((error) => error.code));
  assert.equal(second, "SIGN_IN_PENDING");
  assert.equal(lab.context.pages().length, pages);
  assert.equal(await session(frame), "authorizing sign-in");
  await signInAs(popup);
  assert.equal(await outcome(frame), "signed in");
  await gone(popup);
  await press(frame.getByRole("button", { name: "Sign in" }));
  assert.equal(await outcome(frame), "INVALID_STATE");
  assert.equal(await session(frame), "authorized sign-in ada");
});

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
        window.heard = [];
        addEventListener("message", ({ data }) => window.heard.push(data));
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
    assert.deepEqual(await opener.evaluate(() => window.heard), []);
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
