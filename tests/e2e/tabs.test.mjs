/** Several tabs, one session: driven through the demo's own buttons, as a person would. */
import assert from "node:assert/strict";
import { serve } from "../../www/serve.mjs";
import { addFrame, connectHere, demo, embedded, hostSees, shown, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";

const lab = browserForThisFile();

const bothSay = async (tabs, status, subject, words) => {
  for (const { page, frame } of tabs) {
    await widgetSees(frame, status, subject);
    await shown(page, words);
  }
};

test("two tabs: a sign-in in one widget reaches the other widget and both host pages, a sign-out by a host too", async () => {
  const query = { namespace: lab.freshNamespace() };
  const tabs = [await demo(lab, { query }), await demo(lab, { query })];
  await bothSay(tabs, "unauthorized", null, "Signed out");

  await press(tabs[0].frame.locator("text=Sign in as Ada"));
  await bothSay(tabs, "authorized", "ada", "Signed in as Ada Lovelace");
  const sessions = await Promise.all(tabs.map(({ frame }) => frame.evaluate(() => [bridge.session.epoch, bridge.session.writer])));
  assert.deepEqual(sessions[1], sessions[0], "both tabs hold the same version");
  assert.equal(sessions[0][1], await tabs[0].frame.evaluate(() => bridge.id), "the first tab wrote it");

  await press(tabs[1].page.locator("#sign-out"));
  await bothSay(tabs, "unauthorized", null, "Signed out");
  assert.equal(
    await tabs[0].frame.evaluate(() => bridge.session.writer),
    await tabs[1].frame.evaluate(() => bridge.id),
    "the second tab wrote it",
  );
});

test("two tabs: a sign-in by a host reaches the other tab, a sign-out in a widget too", async () => {
  const query = { namespace: lab.freshNamespace() };
  const tabs = [await demo(lab, { query }), await demo(lab, { query })];
  await tabs[0].page.check("input[value=grace]");
  await press(tabs[0].page.locator("#sign-in"));
  await bothSay(tabs, "authorized", "grace", "Signed in as Grace Hopper");
  await press(tabs[1].frame.locator("#leave"));
  await bothSay(tabs, "unauthorized", null, "Signed out");
});

test("three tabs: one that is opened later starts right, signed in or signed out", async () => {
  const query = { namespace: lab.freshNamespace() };
  const first = await demo(lab, { query });
  await press(first.frame.locator("text=Sign in as Ada"));
  await widgetSees(first.frame, "authorized", "ada");
  const second = await demo(lab, { query });
  const third = await demo(lab, { query });
  await bothSay([second, third], "authorized", "ada", "Signed in as Ada Lovelace");
  await press(third.page.locator("#sign-out"));
  await bothSay([first, second, third], "unauthorized", null, "Signed out");
  await bothSay([await demo(lab, { query })], "unauthorized", null, "Signed out");
});

test("account switch: another user is a sign-out and then a sign-in, in every tab, with a higher epoch (D18)", async () => {
  const query = { namespace: lab.freshNamespace() };
  const tabs = [await demo(lab, { query }), await demo(lab, { query })];
  await press(tabs[0].page.locator("#sign-in"));
  await bothSay(tabs, "authorized", "ada", "Signed in as Ada Lovelace");
  const before = await tabs[1].frame.evaluate(() => bridge.session.epoch);
  for (const { frame } of tabs) {
    await frame.evaluate(() => {
      window.statuses = [];
      bridge.subscribe(({ status, account }) => window.statuses.push(`${status} ${account?.subject ?? "nobody"}`));
    });
  }

  await press(tabs[0].page.locator("#switch"));
  await bothSay(tabs, "authorized", "grace", "Signed in as Grace Hopper");
  for (const { frame } of tabs) {
    const statuses = await frame.evaluate(() => window.statuses);
    assert.equal(statuses[0], "authorized ada");
    assert.equal(statuses.at(-1), "authorized grace");
    assert.ok(
      statuses.some((status) => !status.startsWith("authorized")),
      `between two users nobody is signed in: ${statuses}`,
    );
    assert.ok(await frame.evaluate((before) => bridge.session.epoch > before, before));
  }
});

test("account switch by a host whose widget needs no token: the app hears nobody between the two (D18)", async () => {
  const { page, frame } = await embedded(lab);
  await page.evaluate(() => widget.setIdentity({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  await frame.evaluate(() => {
    window.statuses = [];
    bridge.subscribe(({ status, reason, account }) => window.statuses.push(`${status} ${reason} ${account?.subject ?? "nobody"}`));
  });
  await page.evaluate(() => widget.setIdentity({ account: "grace" }));
  await hostSees(page, "authorized", "grace");
  const statuses = await frame.evaluate(() => window.statuses);
  assert.ok(statuses.includes("unauthorized account-switch nobody"), String(statuses));
});

test("two widgets in one page agree, and each goes on when the other is removed", async () => {
  const query = { namespace: lab.freshNamespace() };
  const { page, frame } = await demo(lab, { query });
  await press(page.locator("#add"));
  await until(page, () => document.querySelectorAll(".card iframe").length === 2);
  const element = await page.$(".card:nth-of-type(2) iframe");
  const second = await element.contentFrame();
  await until(second, () => window.bridge?.connection === "connected");
  // A frame of another site that is out of sight has no animation frames, and a click would wait for them.
  await element.scrollIntoViewIfNeeded();
  await press(second.locator("text=Sign in as Grace"));
  await bothSay(
    [
      { page, frame },
      { page, frame: second },
    ],
    "authorized",
    "grace",
    "Signed in as Grace Hopper",
  );
  await press(page.locator("#remove"));
  await press(page.locator("#sign-out"));
  await bothSay([{ page, frame }], "unauthorized", null, "Signed out");
});

test("each change is exactly one write, and no tab writes what it learned", async () => {
  const namespace = lab.freshNamespace();
  const tabs = [];
  for (let i = 0; i < 3; i++) tabs.push(await embedded(lab, { namespace }));
  const writes = () =>
    Promise.all(tabs.map(({ frame }) => frame.evaluate(() => __e2e.writes.filter(([, key]) => key?.endsWith(".authframe")).length)));
  const before = await writes();
  await tabs[0].frame.evaluate(() => bridge.authorize({ account: "ada" }));
  for (const { frame, page } of tabs) {
    await widgetSees(frame, "authorized");
    await hostSees(page, "authorized");
  }
  await lab.quiet();
  assert.deepEqual(
    (await writes()).map((count, i) => count - before[i]),
    [1, 0, 0],
  );
  await tabs[2].frame.evaluate(() => bridge.signOut());
  for (const { frame, page } of tabs) {
    await widgetSees(frame, "unauthorized");
    await hostSees(page, "unauthorized");
  }
  await lab.quiet();
  assert.deepEqual(
    (await writes()).map((count, i) => count - before[i]),
    [1, 0, 1],
  );
});

test("a tab without acquire learns the status from another tab, but not the account: the snapshot holds no name", async () => {
  const namespace = lab.freshNamespace();
  const first = await embedded(lab, { namespace });
  const second = await embedded(lab, { namespace });
  await first.frame.evaluate(() =>
    bridge.authorize({ account: { subject: "ada-lovelace-1815", name: "Ada" }, accessToken: "token-in-memory-only" }),
  );
  await hostSees(first.page, "authorized", "ada-lovelace-1815");
  await hostSees(second.page, "authorized", null);
  const stored = await second.frame.evaluate((key) => JSON.parse(localStorage.getItem(key)), `${namespace}.authframe`);
  assert.deepEqual(Object.keys(stored).sort(), ["epoch", "expiresAt", "reason", "sequence", "status", "subjectTag", "v", "writer"]);
  const everything = await second.frame.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!/ada-lovelace|token-in-memory/.test(everything), "D19: no account and no token in storage");
});

test("D29: a widget below another host site is not reached, and environment() says so", async () => {
  const query = { namespace: lab.freshNamespace() };
  const here = await demo(lab, { query });
  const there = await demo(lab, { site: "other", query });
  const top = await lab.tab("widget", `/?${new URLSearchParams(query)}`);
  await until(top, () => window.bridge?.connection === "standalone");
  await press(here.frame.locator("text=Sign in as Ada"));
  await shown(here.page, "Signed in as Ada Lovelace");
  await lab.quiet();
  await shown(there.page, "Signed out");
  assert.equal(await there.frame.evaluate(() => bridge.session.status), "unauthorized");
  assert.equal(await top.evaluate(() => bridge.session.status), "unauthorized");

  const [one, two, alone] = [
    await here.frame.evaluate(() => bridge.environment()),
    await there.frame.evaluate(() => bridge.environment()),
    await top.evaluate(() => bridge.environment()),
  ];
  assert.deepEqual([one.scope, one.storage, one.parent, one.shares], ["cross-site-frame", "local", lab.origin("host"), "host-site"]);
  assert.deepEqual([two.scope, two.storage, two.parent, two.shares], ["cross-site-frame", "local", lab.origin("other"), "host-site"]);
  assert.deepEqual([alone.scope, alone.storage, alone.parent, alone.shares], ["top", "local", null, "origin"]);
  assert.ok(one.evidence.length > 0, "it says why");
});

test("D28: environment() tells same-origin, same-site and cross-site frames apart, and does not guess about a subdomain", async () => {
  const second = await serve({ port: 0 });
  try {
    const here = lab.origin("widget");
    const page = await lab.lab("widget", "/frame-src/any/lab");
    const other = await lab.lab("evil", "/frame-src/any/lab");
    const path = "/frame-ancestors/any/lab";
    for (const [where, src, scope] of [
      [page, here + path, "same-origin-frame"],
      [page, `http://widget.localhost:${second.port}${path}`, "same-site-frame"],
      [page, `http://sub.widget.localhost:${lab.server.port}${path}`, "unknown"],
      [other, here + path, "cross-site-frame"],
    ]) {
      const frame = await addFrame(where, lab, src);
      await until(frame, () => window.labReady);
      const parent = await where.evaluate(() => origin);
      await frame.evaluate(connectHere, { hosts: [parent], namespace: lab.freshNamespace() });
      const environment = await frame.evaluate(() => bridge.environment());
      assert.deepEqual([environment.scope, environment.parent], [scope, parent], src);
    }
  } finally {
    await second.close();
  }
});

test("thirty tabs: a change is one write, by the tab that made it, and all of them learn of it", async () => {
  const namespace = lab.freshNamespace();
  const tabs = [];
  for (let n = 0; n < 30; n++) {
    const page = await lab.lab("widget");
    await page.evaluate(connectHere, { hosts: ["https://nobody.example"], namespace });
    await page.evaluate(() => {
      window.writes = 0;
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (...pair) {
        window.writes++;
        return setItem.apply(this, pair);
      };
    });
    tabs.push(page);
  }
  for (const [n, change] of [
    [3, () => bridge.authorize({ account: { subject: "ada" } })],
    [17, () => bridge.authorize({ account: { subject: "grace" } })],
    [29, () => bridge.signOut()],
  ]) {
    await tabs[n].evaluate(change);
    const { status, epoch, writer } = await tabs[n].evaluate(async () => bridge.session);
    for (const page of tabs)
      await until(
        page,
        ([status, epoch, writer]) => bridge.session.status === status && bridge.session.epoch === epoch && bridge.session.writer === writer,
        [status, epoch, writer],
      );
    await lab.quiet();
    const writes = await Promise.all(tabs.map((page) => page.evaluate(() => window.writes)));
    assert.deepEqual(
      writes.map((count, at) => [at, count]).filter(([, count]) => count > 0),
      [[n, 1]],
    );
    for (const page of tabs) await page.evaluate(() => void (window.writes = 0));
  }
});
