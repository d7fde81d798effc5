/** edna: pages that disagree. Each page speaks for itself; cookies, which all tabs share, are one visitor's at a time. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";
import { ednaSite, HTTP, SETTINGS } from "./edna-site.mjs";

const lab = browserForThisFile();
const { fresh, site, become, isClient, isGuest, ready, seen, history, ask, found, guestId } = ednaSite(lab);

const diagnosed = (widget) => widget.evaluate(() => bridge.diagnose().then((all) => all.map(({ code }) => code)));
const says = (widget, text) => widget.evaluate((text) => socket.send({ type: "MESSAGE", text }), text);

test("D3: a page without a user that is opened beside one with a user takes nothing from it, and is a guest itself", async () => {
  const chat = fresh();
  const one = await site(chat, { globals: { clientId: "user-1" } });
  await isClient(one.widget, "user-1");
  await ready(one.widget);
  const two = await site(chat);
  await isGuest(two.widget);
  await ready(two.widget);
  await two.page.evaluate(() => window.chat.refresh());
  await two.page.evaluate(() => window.chat.reInit({ clientId: null }));
  await lab.quiet();
  assert.deepEqual(await one.widget.evaluate(() => [edna.visitor.clientId, bridge.session.status, socket.ready]), [
    "user-1",
    "authorized",
    true,
  ]);
  await says(one.widget, "of the user");
  await says(two.widget, "of the guest");
  await seen(chat.edna, () => chat.edna.people.every(({ messages }) => messages.length === 1));
  assert.deepEqual(chat.edna.people.map(({ kind, id, messages }) => [kind, id, messages[0].text]).sort(), [
    ["client", "user-1", "of the user"],
    ["guest", await guestId(two.page), "of the guest"],
  ]);
  for (const { widget } of [one, two]) assert.ok((await diagnosed(widget)).includes("EDNA_PAGES_DISAGREE"));
  // The user who logs out is the page's own, and the guest's tab has nothing to do with it.
  await become(one.page, {});
  await isGuest(one.widget);
  assert.deepEqual([await history(two.widget), await diagnosed(two.widget)], [["of the guest"], await diagnosed(one.widget)]);
  assert.ok(!(await diagnosed(one.widget)).includes("EDNA_PAGES_DISAGREE"));
});

test("D3: two pages that name two users keep them, and the one who leaves takes the other one nowhere", async () => {
  const chat = fresh();
  const ada = await site(chat, { globals: { clientId: "ada" } });
  await isClient(ada.widget, "ada");
  const grace = await site(chat, { globals: { clientId: "grace" } });
  await isClient(grace.widget, "grace");
  await until(ada.widget, () => bridge.session.status === "unauthorized" && edna.visitor?.clientId === "ada" && socket.ready);
  await ready(grace.widget);
  await says(ada.widget, "of Ada");
  await says(grace.widget, "of Grace");
  await seen(chat.edna, () => chat.edna.people.every(({ messages }) => messages.length === 1));
  assert.deepEqual([await history(ada.widget), await history(grace.widget)], [["of Ada"], ["of Grace"]]);
  for (const { widget } of [ada, grace]) assert.ok((await diagnosed(widget)).includes("EDNA_PAGES_DISAGREE"));
  // A user who was signed out nowhere is signed in again when the other one has left.
  await become(grace.page, {});
  await isGuest(grace.widget);
  await isClient(ada.widget, "ada");
  await lab.quiet();
  assert.deepEqual(await grace.widget.evaluate(() => [edna.visitor.clientId, bridge.session.status]), [null, "unauthorized"]);
  // A displaced user's own page signs no other user out.
  await become(grace.page, { clientId: "grace" });
  await isClient(grace.widget, "grace");
  await until(ada.widget, () => bridge.session.status === "unauthorized" && edna.visitor?.clientId === "ada");
  await become(ada.page, {});
  await until(ada.widget, () => edna.visitor?.clientId === null);
  await lab.quiet();
  assert.deepEqual(await grace.widget.evaluate(() => [edna.visitor.clientId, bridge.session.status]), ["grace", "authorized"]);
});

test("a guest's page that names the user of another tab, as soon as that one is signed in, is theirs at once", async () => {
  const chat = fresh();
  const [one, two] = [await site(chat), await site(chat)];
  await become(one.page, { clientId: "user-1" });
  await isClient(one.widget, "user-1");
  await become(two.page, { clientId: "user-1" });
  await isClient(two.widget, "user-1");
});

test("while another tab's user is signed in, a displaced user's logout reaches all of their tabs, and signs no other user out", async () => {
  const chat = fresh();
  const globals = { clientId: "ada" };
  const [one, three, ours] = [await site(chat, { globals }), await site(chat, { globals }), await site(chat, { globals })];
  for (const { widget } of [one, three, ours]) await isClient(widget, "ada");
  const grace = await site(chat);
  await become(grace.page, { clientId: "grace" });
  await isClient(grace.widget, "grace");
  for (const { widget } of [one, three, ours])
    await until(widget, () => bridge.session.status === "unauthorized" && edna.visitor?.clientId === "ada");
  // By the widget itself: the page names the user still.
  await ours.widget.evaluate(() => bridge.signOut());
  for (const { widget } of [ours, one, three]) await until(widget, () => edna.visitor?.clientId === null);
  await lab.quiet();
  assert.deepEqual(await grace.widget.evaluate(() => [edna.visitor.clientId, bridge.session.status]), ["grace", "authorized"]);
  await become(grace.page, {});
  await until(grace.widget, () => edna.visitor?.clientId === null);
  await lab.quiet();
  for (const { widget } of [one, three, ours])
    assert.deepEqual(await widget.evaluate(() => [edna.visitor.clientId, bridge.session.status]), [null, "unauthorized"]);
});

test("D3: a page that comes back from the back/forward cache keeps its user, also if the page between named none", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  await ready(widget);
  await page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (window.persisted = persisted)));
  await page.goto(lab.url("host", "/lab?elsewhere"));
  await until(page, () => window.labReady);
  const between = await site(chat, { page });
  await until(between.widget, () => edna.visitor?.clientId === null && bridge.session.reason === "host");
  await page.evaluate(() => history.back());
  await until(page, () => window.persisted === true);
  // The driver does not show the frames of a page that has come back.
  await until(page, () => window.chat.session.status === "authorized" && window.chat.session.account.subject === "user-1");
  await seen(chat.edna, () => chat.edna.sockets.at(-1).frames.length === 2 && chat.edna.sockets.at(-1).closed === null);
  assert.equal(chat.edna.sockets.at(-1).frames[1].data.content.clientId, "user-1");
});

test("D7: of 500 requests of A, while B logs in twenty times in another tab, none carries B's cookie, header or sub-protocol, nor B's A's", async () => {
  const chat = fresh();
  const auth = (id) => ({ clientId: id, extendedAuth: { token: `${id}-secret`, type: `${id}-type`, "custom-property": `${id}-header` } });
  const a = await site(chat, { settings: SETTINGS, globals: auth("user-a") });
  await isClient(a.widget, "user-a");
  const b = await site(chat, { settings: SETTINGS });
  await until(b.page, () => window.chat);
  // As fast as it can; what is refused because another user is there is no request.
  await a.widget.evaluate(() => {
    window.polling = true;
    window.polls = (async () => {
      while (window.polling) {
        void edna.fetch("/client/history/unread").catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
  });
  const mark = (name) => (request) => Object.fromEntries(request.headers)["X-Client-Token"]?.endsWith(name);
  const requestsOf = (name) => chat.edna.requests.filter(mark(encodeURIComponent(`:${name}`)));
  for (let turn = 0; turn < 20; turn++) {
    const before = requestsOf("user-a").length;
    await seen(chat.edna, () => requestsOf("user-a").length >= before + 25);
    await b.page.evaluate((globals) => window.become(globals), auth("user-b"));
    await isClient(b.widget, "user-b");
    assert.equal(await ask(b.widget), 200);
    await become(b.page, { extendedAuth: {} });
    await until(b.widget, () => edna.visitor?.clientId !== "user-b");
    await isClient(a.widget, "user-a");
  }
  await a.widget.evaluate(() => {
    window.polling = false;
    return window.polls;
  });
  assert.ok(requestsOf("user-a").length >= 500, `${requestsOf("user-a").length}`);
  assert.ok(requestsOf("user-b").length >= 20, `${requestsOf("user-b").length}`);
  for (const [own, other] of [
    ["user-a", "user-b"],
    ["user-b", "user-a"],
  ]) {
    const foreign = requestsOf(own).filter((request) => JSON.stringify(request).includes(other));
    assert.deepEqual(foreign, [], own);
    assert.ok(requestsOf(own).every(({ cookies }) => cookies.token === `${own}-secret`));
    const sockets = chat.edna.sockets.filter(({ frames }) => frames[0]?.data.clientId === own);
    assert.ok(sockets.length > 0);
    for (const { protocols, cookies } of sockets)
      assert.deepEqual([protocols, cookies.token], [[`${own}-secret`, `${own}-type`], `${own}-secret`]);
  }
}, 240_000);

test("D6: a page may take 12 s to bring its globals up to date", async () => {
  const chat = fresh();
  const one = await site(chat, { follow: true });
  const two = await site(chat, { follow: true, updateTakes: 12_000 });
  await isGuest(two.widget);
  await become(one.page, { clientId: "user-1" });
  await isClient(two.widget, "user-1");
}, 120_000);

test("D4, D12: a client who logs out is offline for the server; a reload is the same browser, and no logout", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  await ready(widget);
  await widget.evaluate(() => location.reload());
  await seen(chat.edna, () => chat.edna.sockets.length === 2 && chat.edna.sockets[1].sent.length === 2);
  const [first, second] = chat.edna.sockets;
  assert.equal(second.frames[0].data.deviceUid, first.frames[0].data.deviceUid);
  assert.equal(second.frames[0].data.deviceAddress, first.sent[0].data.deviceAddress);
  await until(page, () => window.chat.session.status === "authorized");
  const types = ({ frames }) => frames.map(({ action, data }) => data.content?.type ?? action);
  await seen(chat.edna, () => first.closed !== null);
  assert.deepEqual(types(first), ["registerDevice", "CLIENT_INFO"]);
  // As the vendor's: the identity stays.
  await page.evaluate(() => window.chat.clientLogout());
  await seen(chat.edna, () => types(second).length === 3);
  assert.equal(chat.edna.people[0].online, false);
  const again = await frameOf(page, lab.origin("widget"));
  assert.deepEqual(await again.evaluate(() => [edna.visitor.clientId, socket.ready]), ["user-1", true]);
  await become(page, {});
  await isGuest(again);
  await seen(chat.edna, () => second.closed !== null);
  assert.deepEqual(types(second), ["registerDevice", "CLIENT_INFO", "CLIENT_OFFLINE", "CLIENT_OFFLINE"]);
  // The next client of this browser has another address, and the browser the same name.
  await become(page, { clientId: "user-2" });
  await isClient(again, "user-2");
  await ready(again);
  const last = chat.edna.sockets.at(-1).frames[0].data;
  assert.deepEqual([last.clientId, last.deviceUid, last.deviceAddress], ["user-2", first.frames[0].data.deviceUid, null]);
});

test("D5: a request has what is in extendedAuth when it is asked: a changed field, no object, another one", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { settings: HTTP, globals: { clientId: "user-1", extendedAuth: { token: "t1" } } });
  await isClient(widget, "user-1");
  const token = async () => {
    assert.equal(await ask(widget), 200);
    return Object.fromEntries(chat.edna.requests.at(-1).headers)["X-Auth-Token"];
  };
  assert.equal(await token(), "t1");
  await page.evaluate(() => void (window.extendedAuth.token = "t2"));
  assert.equal(await token(), "t2");
  await page.evaluate(() => delete window.extendedAuth);
  assert.equal(await token(), undefined);
  await page.evaluate(() => void (window.extendedAuth = { token: "t3" }));
  assert.equal(await token(), "t3");
  // Not the next user's, before the page has said so.
  await page.evaluate(() => void Object.assign(window, { clientId: "user-2" }, (window.extendedAuth.token = "of user-2") && {}));
  assert.equal(await token(), "t3");
});

test("D9: six tabs that are opened at once have one guest's id", async () => {
  for (let turn = 0; turn < 5; turn++) {
    const chat = fresh();
    await lab.context.clearCookies();
    const pages = await Promise.all(Array.from({ length: 6 }, () => lab.lab("host")));
    const all = await Promise.all(pages.map((page) => site(chat, { page })));
    const ids = await Promise.all(
      all.map(async ({ widget }) => {
        await isGuest(widget);
        return widget.evaluate(() => edna.visitor.guestId);
      }),
    );
    assert.equal(new Set(ids).size, 1, `${ids}`);
    await Promise.all(pages.map((page) => page.close()));
  }
});

test("D13: where no cookie reaches the server, both halves say so", async () => {
  const chat = fresh();
  const globals = { clientId: "user-1", extendedAuth: { token: "t1", type: "b", "custom-property": "c" } };
  const { page, widget } = await site(chat, { settings: SETTINGS, globals, query: { api: "own" } });
  await isClient(widget, "user-1");
  await until(page, () => window.chat.findings.length > 0);
  for (const where of [page, widget]) assert.ok((await found(where)).includes("EDNA_COOKIE_HOST"));
  assert.match((await widget.evaluate(() => bridge.diagnose()))[0].problem, /^edna\.localhost: no cookie/);
});

test("D3: what is left of the session of a user whose tab was closed is ended when the guest's tab is shown", async () => {
  const chat = fresh();
  const guest = await site(chat);
  await isGuest(guest.widget);
  const user = await site(chat, { settings: SETTINGS, globals: { clientId: "user-1", extendedAuth: { token: "t1", type: "b" } } });
  await isClient(user.widget, "user-1");
  await until(guest.widget, () => edna.visitor === null);
  await user.page.close();
  await guest.widget.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await isGuest(guest.widget);
  assert.deepEqual(await guest.widget.evaluate(() => [document.cookie, bridge.session.reason]), ["", "host"]);
});

test("D3: a user who makes way for another one's cookies is there again when that one's tab is closed; a widget that is loaded anew forgets none of it", async () => {
  const chat = fresh();
  const auth = (id) => ({ clientId: id, extendedAuth: { token: `${id}-secret`, type: "b" } });
  const ada = await site(chat, { settings: SETTINGS, globals: auth("ada") });
  await isClient(ada.widget, "ada");
  const grace = await site(chat, { settings: SETTINGS, globals: auth("grace") });
  await isClient(grace.widget, "grace");
  await until(ada.widget, () => edna.visitor === null && bridge.session.reason === "account-mismatch");
  await ada.widget.evaluate(() => location.reload());
  await until(ada.page, () => window.chat.connection === "disconnected");
  const again = await frameOf(ada.page, lab.origin("widget"));
  await until(again, () => window.bridge?.session.reason === "account-mismatch");
  assert.equal(await again.evaluate(() => edna.visitor), null);
  await grace.page.close();
  await again.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await isClient(again, "ada");
  assert.equal(await ask(again), 200);
  assert.equal(chat.edna.requests.at(-1).cookies.token, "ada-secret");
  // A user who was signed out is not there again, though another page may still name them.
  const other = await site(chat, { settings: SETTINGS, globals: auth("ada") });
  await isClient(other.widget, "ada");
  await become(other.page, { extendedAuth: {} });
  await isGuest(other.widget);
  await isGuest(again);
  await become(other.page, auth("grace"));
  await isClient(other.widget, "grace");
  await until(again, () => bridge.session.reason === "account-mismatch");
  await lab.quiet();
  assert.equal(await again.evaluate(() => edna.visitor), null);
  await become(other.page, { extendedAuth: {} });
  await isGuest(again);
  await lab.quiet();
  assert.deepEqual(await again.evaluate(() => [edna.visitor.clientId, bridge.session.status]), [null, "unauthorized"]);
});

test("a request that is asked as soon as the page has named its user is answered", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { settings: SETTINGS });
  await isGuest(widget);
  await widget.evaluate(() => {
    window.outcomes = [];
    bridge.subscribe(({ status }) => {
      if (status !== "authorized") return;
      const outcome = edna.fetch("/client/history/unread").then(
        ({ status }) => status,
        ({ code }) => code,
      );
      void outcome.then((said) => window.outcomes.push(said));
    });
  });
  await become(page, { clientId: "user-1", extendedAuth: { token: "t1", type: "b" } });
  await until(widget, () => window.outcomes.length === 1);
  assert.deepEqual(await widget.evaluate(() => window.outcomes), [200]);
  assert.equal(chat.edna.requests.at(-1).cookies.token, "t1");
});

test("a page that names no user last has none, however quickly", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat);
  await isGuest(widget);
  for (const named of [
    ["ada", null],
    ["ada", "grace", null],
    ["ada", null, "grace", null],
    ["ada", null, null],
  ]) {
    await page.evaluate((named) => Promise.allSettled(named.map((clientId) => window.become({ clientId }))), named);
    await isGuest(widget);
    await lab.quiet();
    assert.deepEqual(
      [
        ...(await widget.evaluate(() => [edna.visitor?.clientId, bridge.session.status])),
        await page.evaluate(() => window.chat.session.status),
      ],
      [null, "unauthorized", "unauthorized"],
      JSON.stringify(named),
    );
  }
});
