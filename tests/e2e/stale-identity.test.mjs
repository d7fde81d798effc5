/** D53: an identity that a host page keeps is named again to a frame that was reloaded, but only while the session lives that it led to; a relative lifetime counts from when it was first given. */
import assert from "node:assert/strict";
import { embedHere, hostSees, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";

const lab = browserForThisFile();
const USER = { account: { subject: "u1", name: "Ada" } };

/** A host page that names the user when it embeds, as any page that a server renders does; the widget below it, signed in. */
async function named({ namespace, identity = USER, query = {} }) {
  const page = await lab.lab("host");
  await page.evaluate(() => {
    const second = document.createElement("div");
    second.id = "second";
    document.body.append(second);
  });
  const src = lab.url("widget", `/?${new URLSearchParams({ namespace, acquire: "none", ...query })}`);
  await page.evaluate(embedHere, { src, options: { identity } });
  const tab = { page, frame: await frameOf(page, lab.origin("widget")) };
  await widgetSees(tab.frame, "authorized", "u1");
  await hostSees(page, "authorized", "u1");
  return tab;
}

/** The frame loads anew; resolves with the new document once it is connected and has looked at its register. */
async function again(tab, how) {
  await tab.frame.evaluate(() => (window.before = true)).catch(() => {});
  await tab.page.evaluate((how) => {
    window.states.length = 0;
    if (how === "moved") document.getElementById("second").append(widget.frame);
    else widget.frame.src = widget.frame.src;
  }, how);
  await until(tab.page, () => window.states.at(-1) === "connected");
  // Playwright gives a frame that was moved a new object.
  tab.frame = await frameOf(tab.page, lab.origin("widget"));
  await until(tab.frame, () => !window.before && window.bridge?.connection === "connected" && bridge.session.status !== "unknown");
  // What the host says at every connection has been taken: an answer comes after it.
  await tab.page.evaluate(() => widget.request("anybody?").catch(() => {}));
  await lab.quiet();
}

const states = (tabs) =>
  Promise.all(
    tabs.map(async ({ page, frame }) => [
      await page.evaluate(() => widget.session.status),
      await frame.evaluate(() => bridge.session.status),
    ]),
  );
const signedOut = (tabs) =>
  Promise.all(tabs.flatMap(({ page, frame }) => [hostSees(page, "unauthorized", null), widgetSees(frame, "unauthorized", null)]));

for (const [who, signOut] of [
  ["the host of another tab", ({ page }) => page.evaluate(() => widget.signOut())],
  ["the widget of another tab", ({ frame }) => frame.evaluate(() => bridge.signOut())],
]) {
  for (const how of ["moved", "loaded again"]) {
    test(`D53: two tabs name u1, ${who} signs out, then the first tab's frame is ${how}: both stay signed out`, async () => {
      const namespace = lab.freshNamespace();
      const [one, two] = [await named({ namespace }), await named({ namespace })];
      await signOut(two);
      await signedOut([one, two]);
      const epoch = await one.page.evaluate(() => widget.session.epoch);
      await again(one, how);
      assert.deepEqual(await states([one, two]), [
        ["unauthorized", "unauthorized"],
        ["unauthorized", "unauthorized"],
      ]);
      assert.equal(await two.frame.evaluate(() => bridge.session.epoch), epoch, "nobody was signed in meanwhile");
    });
  }
}

test("D53: the widget of this very tab signs out, then its frame is loaded again: it stays signed out", async () => {
  const tab = await named({ namespace: lab.freshNamespace() });
  await tab.frame.evaluate(() => bridge.signOut());
  await signedOut([tab]);
  await again(tab);
  assert.deepEqual(await states([tab]), [["unauthorized", "unauthorized"]]);
});

test("D53: a sign-out elsewhere while the frame was away: when it is back, nobody is signed in again", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await named({ namespace }), await named({ namespace })];
  const src = await one.page.evaluate(
    (blank) => {
      const { src } = widget.frame;
      widget.frame.src = blank;
      return src;
    },
    lab.url("widget", "/lab"),
  );
  await until(one.page, () => widget.connection === "disconnected");
  await two.frame.evaluate(() => bridge.signOut());
  await signedOut([two]);
  await one.page.evaluate((src) => (widget.frame.src = src), src);
  await until(one.page, () => widget.connection === "connected");
  one.frame = await frameOf(one.page, lab.origin("widget"));
  await until(one.frame, () => window.bridge?.connection === "connected");
  await one.page.evaluate(() => widget.request("anybody?").catch(() => {}));
  await lab.quiet();
  assert.deepEqual(await states([one, two]), [
    ["unauthorized", "unauthorized"],
    ["unauthorized", "unauthorized"],
  ]);
});

test("D53: another user signed in elsewhere: a frame that is loaded again does not bring the first one back", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await named({ namespace }), await named({ namespace })];
  await two.page.evaluate(() => widget.setIdentity({ account: { subject: "u2" } }));
  await hostSees(two.page, "authorized", "u2");
  await until(one.page, (epoch) => widget.session.epoch === epoch, await two.page.evaluate(() => widget.session.epoch));
  await again(one);
  await hostSees(two.page, "authorized", "u2");
  assert.equal(await two.frame.evaluate(() => bridge.session.account?.subject), "u2");
});

test("D53: while the session lives, the host's identity is told again to a frame that was loaded again", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await named({ namespace }), await named({ namespace })];
  for (const how of ["loaded again", "moved"]) {
    await again(one, how);
    await widgetSees(one.frame, "authorized", "u1");
    await hostSees(one.page, "authorized", "u1");
    assert.equal(await one.frame.evaluate(() => bridge.session.account.name), "Ada");
  }
  assert.deepEqual(await states([one, two]), [
    ["authorized", "authorized"],
    ["authorized", "authorized"],
  ]);
});

test("D53: setIdentity after a sign-out elsewhere is a new word of the application: it signs in again, in every tab, and is told again after a reload", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await named({ namespace }), await named({ namespace })];
  await two.frame.evaluate(() => bridge.signOut());
  await signedOut([one, two]);
  await one.page.evaluate((user) => widget.setIdentity(user), USER);
  await hostSees(one.page, "authorized", "u1");
  await hostSees(two.page, "authorized");
  await again(one);
  await widgetSees(one.frame, "authorized", "u1");
  await hostSees(one.page, "authorized", "u1");
  await hostSees(two.page, "authorized");
});

test("D53: an identity that is set while the frame is away is told when it is back, also after a sign-out elsewhere", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await named({ namespace }), await named({ namespace })];
  await two.frame.evaluate(() => bridge.signOut());
  await signedOut([one, two]);
  const src = await one.page.evaluate(() => widget.frame.src);
  await one.page.evaluate((blank) => (widget.frame.src = blank), lab.url("widget", "/lab"));
  await until(one.page, () => widget.connection === "disconnected");
  await one.page.evaluate(() => widget.setIdentity({ account: { subject: "u3" } }));
  await one.page.evaluate((src) => (widget.frame.src = src), src);
  await hostSees(one.page, "authorized", "u3");
  await hostSees(two.page, "authorized");
});

// A widget whose frame has no origin cannot come back after a reload (its nonce is spent): the same tier with an origin is one whose storage is refused.
test("D53: where the widget keeps nothing (its storage is refused), the identity is told again after a reload, until the session has ended", async () => {
  const tab = await named({ namespace: lab.freshNamespace(), query: { storage: "denied" } });
  assert.equal(await tab.frame.evaluate(() => bridge.environment().storage), "memory");
  for (const how of ["loaded again", "moved"]) {
    await again(tab, how);
    await widgetSees(tab.frame, "authorized", "u1");
    await hostSees(tab.page, "authorized", "u1");
  }
  await tab.frame.evaluate(() => bridge.signOut());
  await signedOut([tab]);
  await again(tab);
  assert.deepEqual(await states([tab]), [["unauthorized", "unauthorized"]]);
});

test("D53: where the widget keeps nothing and has no origin, it is embedded anew with its identity, and signed in", async () => {
  for (let visit = 0; visit < 2; visit++) {
    const page = await lab.lab("host");
    const connecting = page.evaluate(embedHere, {
      src: lab.url("widget", "/lab"),
      options: { identity: USER, sandbox: "allow-scripts", allowOpaqueOrigin: true },
    });
    const frame = await frameOf(page, lab.origin("widget"));
    await until(frame, () => window.labReady);
    await frame.evaluate(async (host) => {
      window.bridge = await (await window.load("authframe")).connect({ hosts: [host], allowOpaqueOrigin: true });
    }, lab.origin("host"));
    await connecting;
    await hostSees(page, "authorized", "u1");
    assert.equal(await frame.evaluate(() => bridge.environment().storage), "memory");
  }
});

const token = ({ frame }) => frame.evaluate(() => bridge.accessToken({ minValidity: 0 }).catch((error) => error.code));

test("D53: a token that lasts three seconds from when it was named is not handed out again after a reload", async () => {
  const tab = await named({ namespace: lab.freshNamespace(), identity: { ...USER, accessToken: "T-3s", expiresIn: 3 } });
  assert.equal(await token(tab), "T-3s");
  await until(tab.frame, () => bridge.session.expiresAt <= Date.now());
  assert.equal(await token(tab), "TOKEN_EXPIRED");
  await again(tab);
  assert.equal(await token(tab), "TOKEN_EXPIRED");
});

test("D53: expiresIn counts from when the application gave it: a reload moves nothing, and a frame that comes late gets what is left", async () => {
  const identity = { ...USER, accessToken: "T", expiresIn: 600 };
  const tab = await named({ namespace: lab.freshNamespace(), identity });
  const before = await tab.frame.evaluate(() => bridge.session.expiresAt);
  await tab.frame.evaluate(() => new Promise((done) => setTimeout(done, 2000)));
  await again(tab);
  const after = await tab.frame.evaluate(() => bridge.session.expiresAt);
  assert.ok(Math.abs(after - before) < 1000, `the end has moved by ${after - before} ms`);

  // Named two seconds before the widget is there.
  const page = await lab.lab("host");
  await page.evaluate(() => window.load("authframe/host"));
  const start = await page.evaluate(() => Date.now());
  const connecting = page.evaluate(embedHere, { src: lab.url("widget", "/lab"), options: { identity } });
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.labReady);
  await frame.evaluate(() => new Promise((done) => setTimeout(done, 2000)));
  await frame.evaluate(
    async (options) => {
      window.bridge = await (await window.load("authframe")).connect(options);
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace() },
  );
  await connecting;
  await widgetSees(frame, "authorized", "u1");
  const end = await frame.evaluate(() => bridge.session.expiresAt);
  assert.ok(Math.abs(end - start - 600_000) < 1500, `it ends ${end - start} ms after it was named`);
});

test("D53: a new identity brings a new lifetime", async () => {
  const tab = await named({ namespace: lab.freshNamespace(), identity: { ...USER, accessToken: "T-1", expiresIn: 2 } });
  await until(tab.frame, () => bridge.session.expiresAt <= Date.now());
  await tab.page.evaluate((user) => widget.setIdentity({ ...user, accessToken: "T-2", expiresIn: 600 }), USER);
  assert.equal(await token(tab), "T-2");
  await again(tab);
  await widgetSees(tab.frame, "authorized", "u1");
  assert.equal(await token(tab), "T-2");
});
