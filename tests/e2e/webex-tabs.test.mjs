/** Webex: one line at a real registrar for all tabs, whichever of them are opened, closed, killed or frozen. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { test } from "./browser.mjs";
import { alive, another, events, fresh, keepalives, lab, phone, registered, seen, session, signIn, status } from "./webex-phones.mjs";

test("two tabs, ten tabs: one device, one keepalive an interval, the same line and the same events everywhere", async () => {
  const at = fresh();
  const first = await registered(at);
  const tabs = [first];
  for (let n = 1; n < 10; n++) {
    tabs.push(await phone(at));
    await session(tabs[n].widget, "authorized");
    await status(tabs[n].widget, "active");
  }
  const ids = await Promise.all(tabs.map(({ widget }) => widget.evaluate(() => [line.lineId, line.mobiusDeviceId, line.status])));
  assert.equal(new Set(ids.map(String)).size, 1);
  assert.equal(at.registrar.count("/device"), 1);
  const before = keepalives(at);
  const start = Date.now();
  await seen(at.registrar, () => keepalives(at) >= before + 3);
  assert.ok(Date.now() - start > 1900, "one of the ten asks, once a second");
  assert.equal(at.registrar.most, 1);
  // The last one asks for something, the first one does it, all receive it in the same order.
  for (const { widget } of tabs) await widget.evaluate(() => void (window.events = []));
  await tabs[9].widget.evaluate(() => line.deregister());
  for (const { widget } of tabs) await until(widget, () => window.events.length === 1 && line.getStatus() === "IDLE");
  await seen(at.registrar, () => alive(at) === 0);
  await tabs[5].widget.evaluate(() => line.register());
  for (const { page, widget } of tabs) {
    await until(widget, () => window.events.length === 3);
    assert.deepEqual(await events(widget), ["unregistered", "connecting", "registered"]);
    await until(page, () => window.news.at(-1)?.event === "registered");
  }
  assert.deepEqual([alive(at), at.registrar.most, at.registrar.count("/device")], [1, 1, 2]);
  // Where it is registered, another register() notifies only its own page.
  await tabs[3].widget.evaluate(() => line.register());
  await until(tabs[3].widget, () => window.events.length === 4);
  await lab.quiet();
  assert.deepEqual(
    [(await events(tabs[3].widget)).at(-1), (await events(first.widget)).length, at.registrar.count("/device")],
    ["registered", 3, 2],
  );
});

test("the tab that holds the line is closed, or killed: another one goes on with one keepalive and without a word", async () => {
  const at = fresh({ keepaliveInterval: 2 });
  const first = await registered(at);
  const second = await phone(at);
  await status(second.widget, "active");
  await until(second.page, () => window.widget.session.status === "authorized");
  let before = keepalives(at);
  let gone = Date.now();
  await first.page.close();
  await seen(at.registrar, () => keepalives(at) > before);
  assert.ok(Date.now() - gone < 2000, "within one interval");
  // Now one on top, in a process of its own.
  const query = new URLSearchParams({ registrar: at.id, namespace: at.id });
  const third = await lab.tab("widget", `/webex-widget.html?${query}`);
  await until(third, () => window.line?.getStatus);
  // A page on top has a storage of its own: so these two are another pair.
  await signIn({ page: third, widget: third });
  await status(third, "active");
  await second.page.close();
  const fourth = await lab.tab("widget", `/webex-widget.html?${query}`);
  await until(fourth, () => window.line);
  await status(fourth, "active");
  await fourth.evaluate(() => {
    window.events = [];
    for (const event of ["connecting", "registered", "unregistered", "reconnecting", "reconnected", "error"])
      line.on(event, () => window.events.push(event));
  });
  const made = at.registrar.count("/device");
  before = keepalives(at);
  gone = Date.now();
  await Promise.all([third.waitForEvent("crash"), third.goto("chrome://crash").catch(() => {})]);
  await seen(at.registrar, () => keepalives(at) > before);
  assert.ok(Date.now() - gone < 2000, "within one interval");
  await seen(at.registrar, () => keepalives(at) > before + 1);
  assert.deepEqual([await fourth.evaluate(() => window.events), at.registrar.count("/device") - made], [[], 0]);
  assert.equal(await fourth.evaluate(() => line.getStatus()), "active");
});

test("the last tab that leaves gives the line up; one before does not, and neither does a page that is only frozen", async () => {
  const at = fresh();
  const one = await registered(at);
  const two = await another(at);
  await one.page.close();
  await lab.quiet();
  assert.equal(alive(at), 1);
  // Into the back/forward cache, and back.
  await two.page.evaluate(() => {
    window.came = [];
    addEventListener("pageshow", ({ persisted }) => window.came.push(persisted));
  });
  await two.page.goto(lab.url("evil", "/lab"));
  await lab.quiet();
  assert.equal(alive(at), 1, "it was put away, not closed");
  const before = keepalives(at);
  await two.page.evaluate(() => history.back());
  await until(two.page, () => window.came);
  if (await two.page.evaluate(() => window.came[0] === true)) {
    await seen(at.registrar, () => keepalives(at) > before + 1);
    assert.deepEqual([alive(at), at.registrar.count("/device"), await two.page.evaluate(() => window.news)], [1, 1, []]);
  } else assert.fail("the page was not restored from the cache");
  await two.page.close();
  await seen(at.registrar, () => alive(at) === 0);
  const { tracking, token } = at.registrar.requests.at(-1);
  assert.ok(/^webex-web-client_/.test(tracking) && token);
});

test("D12: after close() no timer, lock, listener or request is left, and the line is given up", async () => {
  const at = fresh();
  const one = await registered(at);
  await one.widget.evaluate(() => webex.bridge.close());
  await seen(at.registrar, () => alive(at) === 0);
  const sent = at.registrar.requests.length;
  await one.widget.evaluate(() => new Promise((done) => setTimeout(done, 2500)));
  assert.equal(at.registrar.requests.length, sent);
  const { held, pending } = await one.widget.evaluate(() => navigator.locks.query());
  assert.deepEqual(
    [held, pending].map((locks) => locks.filter(({ name }) => name.startsWith(at.id)).length),
    [0, 0],
  );
  const live = await one.widget.evaluate(() => window.__e2e.live());
  assert.deepEqual([live.timers, live.listeners.filter((name) => /storage|page|freeze|resume|line$/.test(name))], [[], []]);
});

test("a tab that crashed is not waited for: the last one that leaves gives the line up", async () => {
  const at = fresh();
  const query = new URLSearchParams({ registrar: at.id, namespace: at.id });
  const open = async () => {
    const page = await lab.tab("widget", `/webex-widget.html?${query}`);
    await until(page, () => window.line?.getStatus);
    return page;
  };
  const holder = await open();
  await signIn({ page: holder, widget: holder });
  await status(holder, "active");
  const other = await open();
  await status(other, "active");
  await Promise.all([other.waitForEvent("crash"), other.goto("chrome://crash").catch(() => {})]);
  const before = keepalives(at);
  await seen(at.registrar, () => keepalives(at) >= before + 2);
  await holder.close();
  await seen(at.registrar, () => alive(at) === 0);
});

test("G7: where navigator.locks.query() rejects, a tab that crashed is not waited for either, and nothing is thrown", async () => {
  const at = fresh();
  const query = new URLSearchParams({ registrar: at.id, namespace: at.id });
  const open = async () => {
    const page = await lab.tab("widget", `/webex-widget.html?${query}`, () => {
      LockManager.prototype.query = () => Promise.reject(new DOMException("query() is not allowed here", "SecurityError"));
    });
    await until(page, () => window.line?.getStatus);
    return page;
  };
  const holder = await open();
  await signIn({ page: holder, widget: holder });
  await status(holder, "active");
  const other = await open();
  await status(other, "active");
  const keys = () =>
    holder.evaluate((prefix) => Object.keys(localStorage).filter((key) => key.startsWith(prefix)).length, `${at.id}.line.tab.`);
  assert.equal(await keys(), 2);
  await Promise.all([other.waitForEvent("crash"), other.goto("chrome://crash").catch(() => {})]);
  const before = keepalives(at);
  await seen(at.registrar, () => keepalives(at) >= before + 3);
  assert.equal(await keys(), 1, "the key of the tab that lives stays, that of the other one is swept");
  await holder.close();
  await seen(at.registrar, () => alive(at) === 0);
});

test("a keepalive that is refused for good: error, while it is active, and then unregistered, in every tab and at every host", async () => {
  const at = fresh();
  const tabs = [await registered(at), await another(at)];
  for (const { page, widget } of tabs) {
    await widget.evaluate(() => void (window.events = []));
    await page.evaluate(() => void (window.news = []));
  }
  at.registrar.fail({ path: "/status", status: 503 }, { path: "/status", status: 400 });
  for (const { page, widget } of tabs) {
    await until(widget, () => window.events.length === 3);
    const all = await widget.evaluate(() =>
      window.events.map(([event, status, value]) => [event, status, (value?.details ?? value?.error?.details)?.sdk.type ?? null]),
    );
    const expected = [
      ["reconnecting", "active", "service_unavailable"],
      ["error", "active", "bad_request"],
      ["unregistered", "inactive", null],
    ];
    assert.deepEqual(all, expected);
    await until(page, () => window.news.length === 3);
    assert.deepEqual(
      await page.evaluate(() => window.news.map(({ event, status, details }) => [event, status, details?.sdk.type ?? null])),
      expected,
    );
  }
});

test("a tab that alone is without a user gives the line to one that has a user", async () => {
  const at = fresh();
  const open = async (account) => {
    const page = await lab.lab("widget");
    await page.evaluate(
      async ({ namespace, registrar, account }) => {
        const { connectWebex } = await window.load("authframe/webex");
        window.webex = await connectWebex({
          hosts: [location.origin],
          namespace,
          credentials: "memory",
          oauth: { clientId: "c", redirectUri: `${location.origin}/callback.html` },
          acquire: () => ({ account, accessToken: `token of ${account}` }),
          line: { registrar: { primary: [registrar], userId: "ada", clientDeviceUri: "https://wdm.example/1" } },
        });
        [window.line] = Object.values(window.webex.getLines());
      },
      { namespace: at.id, registrar: `${lab.origin("registrar")}/${at.id}/api/v1/calling/web/`, account },
    );
    return page;
  };
  const isHeld = async (key) => (await navigator.locks.query()).held.some(({ name }) => name === key);
  // It holds the line, and learns of a user that is not its own.
  const stranger = await open("grace");
  await until(stranger, isHeld, `${at.id}.line`);
  const one = await open("ada");
  await one.evaluate(() => webex.bridge.authorize({ account: "ada", accessToken: "token of ada" }));
  await until(stranger, () => webex.bridge.session.reason === "account-mismatch");
  await one.evaluate(() => line.register());
  await seen(at.registrar, () => at.registrar.requests.some(({ path }) => path.endsWith("/device")));
});
