/** Popup sign-in, in a browser that blocks popups that no click has asked for, from a widget in a cross-site frame, with a real sign-in server. */
import assert from "node:assert/strict";
import { blankPair, until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";
import { clickAndOpen, outcome, signInAs, widgetWithButton } from "./popups.mjs";
import { gone, rejected, session } from "./sign-in-page.mjs";

const lab = browserForThisFile({ blockPopups: true });

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

// --- the default of connect ---------------------------------------------------------------------------------------------------------

/** A widget with a default by a page of the origin "login", which also polls for its user, and a button that says itself how. */
async function withDefaultWay(own) {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(
    async ({ host, namespace, url, own }) => {
      const { connect } = await window.load("authframe");
      const poll = () => ({ account: "user-of-the-default" });
      window.bridge = await connect({ hosts: [host], namespace, signIn: { url, poll, width: 300, height: 400 } });
      const button = Object.assign(document.createElement("button"), { textContent: "Sign in" });
      button.onclick = () => {
        window.result = window.bridge.signIn(own).then(
          () => "signed in",
          ({ code }) => code,
        );
      };
      document.body.append(button);
    },
    { host: lab.origin("host"), namespace: lab.freshNamespace(), url: lab.url("login", "/lab?default"), own },
  );
  return { page, frame };
}

test("a call that says how takes nothing of the default's way: its own page opens, and the default's poll signs no user in", async () => {
  const { frame } = await withDefaultWay({ url: lab.url("login", "/lab?own") });
  const popup = await clickAndOpen(lab, frame);
  await popup.waitForURL(/\/lab\?own=&state=/);
  assert.deepEqual(await popup.evaluate(() => [innerWidth, innerHeight]), [300, 400], "how it looks is still the default's");
  await popup.close();
  assert.equal(await outcome(frame), "SIGN_IN_UNCONFIRMED");
  assert.equal(await session(frame), "unauthorized user");
});

test("a call that does not say how takes the default whole, and goes before it option by option", async () => {
  const { frame } = await withDefaultWay({ width: 500 });
  const popup = await clickAndOpen(lab, frame);
  await popup.waitForURL(/\/lab\?default=&state=/);
  assert.deepEqual(await popup.evaluate(() => [innerWidth, innerHeight]), [500, 400]);
  await popup.close();
  assert.equal(await outcome(frame), "signed in");
  assert.equal(await session(frame), "authorized sign-in user-of-the-default");
});
