/** edna: who visits. A page with the vendor's globals and settings, a widget of another site, a real server that checks and records, several tabs. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";
import { ednaSite, SETTINGS } from "./edna-site.mjs";

const lab = browserForThisFile();
const { fresh, file, site, become, isClient, isGuest, ready, seen, history, ask, guestId, ours, found } = ednaSite(lab);

test("the worked example: exactly its headers, sub-protocols and cookies, as the server sees them, from a frame below another site", async () => {
  const chat = fresh();
  const globals = {
    clientId: "user-1",
    extendedAuth: { "custom-property": "value for custom header", token: "tok123", type: "Bearer", bad: "has space", n: 5 },
  };
  const { page, widget } = await site(chat, { settings: SETTINGS, globals });
  await isClient(widget, "user-1");
  await ready(widget);
  const known = chat.edna.requests.length;
  assert.equal(await ask(widget), 200);
  const request = chat.edna.requests[known];
  const { deviceAddress } = chat.edna.sockets.at(-1).sent[0].data;
  const expected = [
    ["X-Client-Token", encodeURIComponent(`${deviceAddress}:user-1`)],
    ["X-Header-Encoding", "url"],
    ["Header-Name", "value for custom header"],
    ["X-Auth-Token", "tok123"],
    ["X-Token-Type", "Bearer"],
  ];
  assert.deepEqual([request.method, request.path], ["GET", "/api/client/history/unread"]);
  // Chromium sends what a script has set in an order of its own.
  assert.deepEqual(ours(request, /^(x-|header-)/i).sort(), expected.sort());
  const first = chat.edna.requests.find(({ path }) => path.endsWith("/client/history"));
  assert.deepEqual(first.query, { chatApiVersion: "19", libVersion: "6.33.0", count: "20" });
  assert.equal(Object.fromEntries(first.headers)["X-Client-Token"], "null%3Auser-1");
  assert.deepEqual(chat.edna.sockets.at(-1).protocols, ["tok123", "Bearer"]);
  // Of all properties, which the vendor's widget would make cookies of, those that the widget lets a page set.
  const cookies = { "custom-property": "value for custom header", token: "tok123", type: "Bearer" };
  for (const { cookies: came } of [first, request, chat.edna.sockets.at(-1)]) assert.deepEqual(came, cookies);
  const kept = (await lab.context.cookies()).filter(({ domain }) => domain === "widget.localhost");
  assert.equal(kept.length, 3);
  const unlisted = (where) =>
    where.evaluate(() =>
      (window.edna ?? window.chat).findings
        .filter(({ code }) => code === "EDNA_COOKIE_UNLISTED")
        .map(({ problem }) => problem.split(":")[0]),
    );
  assert.deepEqual(await unlisted(widget), ["bad", "n"]);
  // The page is notified, for it is where that can be corrected.
  await until(page, () => window.chat.findings.filter(({ code }) => code === "EDNA_COOKIE_UNLISTED").length === 2);
  assert.deepEqual(await unlisted(page), ["bad", "n"]);
  for (const { sameSite, secure, partitionKey, path } of kept)
    assert.deepEqual([sameSite, secure, path, partitionKey], ["None", true, "/", "http://host.localhost"]);
  assert.deepEqual(await page.evaluate(() => document.cookie.match(/tok123/)), null);
  // What identifies the client goes nowhere but to that client's history: the configuration of the chat does without.
  assert.equal(await ask(widget, "/chat/config?auth=true"), 200);
  assert.deepEqual(ours(chat.edna.requests.at(-1), /^x-(client|header)/i), []);
  assert.equal(ours(chat.edna.requests.at(-1), /^x-auth-token$/i).length, 1);
});

test("what the socket says of itself, and clientData unchanged", async () => {
  const chat = fresh();
  const data = `{ "name":"Ada", "phone" : "+1","email":"a@b","personal_manager":"Grace",\n"customField":{"ключ":["☃",1.50]} }`;
  const { widget } = await site(chat, { globals: { clientId: 42, clientData: data } });
  await isClient(widget, "42");
  await ready(widget);
  const [{ frames }] = chat.edna.sockets;
  const { timeZone, locale, deviceUid, ...device } = frames[0].data;
  assert.deepEqual([frames[0].action, frames[0].sendImmediately], ["registerDevice", true]);
  assert.deepEqual(device, {
    clientId: "42",
    deviceAddress: null,
    providerUid: "demo-uid",
    appPackage: "demo-package",
    pnsPushAddress: null,
    osName: "WEB",
    osVersion: 0,
    deviceName: "WEB",
    deviceModel: "WEB",
    apiVersion: "19",
  });
  assert.ok(timeZone && locale && /^[\da-f]{32}$/.test(deviceUid));
  assert.deepEqual(frames[1].data.content, {
    type: "CLIENT_INFO",
    data,
    clientId: "42",
    threadId: null,
    appMarker: null,
    chatApiVersion: "19",
    authorized: true,
  });
  const [person] = chat.edna.people;
  assert.deepEqual([person.kind, person.id, person.info, person.online], ["client", "42", data, true]);
  assert.equal(await widget.evaluate(() => bridge.session.account.name), "Ada");
  // Both ways.
  await widget.evaluate(() => socket.send({ type: "MESSAGE", text: "Hello" }));
  await seen(chat.edna, () => chat.edna.people[0].messages.length === 1);
  chat.edna.say("42", "Good day");
  await until(widget, () => window.frames.some(({ data }) => data?.content?.text === "Good day"));
  assert.deepEqual(await history(widget), ["Hello", "Good day"]);
});

test("guest, client, guest: each has a history of their own, and the guest's id stays", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat);
  await isGuest(widget);
  await ready(widget);
  const id = await guestId(page);
  assert.match(id, /^[\da-z]{8}[\da-f]{32}$/);
  assert.deepEqual(
    chat.edna.people.map(({ kind, id }) => [kind, id]),
    [["guest", id]],
  );
  await widget.evaluate(() => socket.send({ type: "MESSAGE", text: "of a guest" }));
  await seen(chat.edna, () => chat.edna.people[0].messages.length === 1);
  assert.deepEqual(await history(widget), ["of a guest"]);
  const asked = chat.edna.requests.at(-1);
  assert.deepEqual([asked.path, asked.query.id, ours(asked, /^x-/i)], ["/api/client/history/unauth", id, []]);
  assert.deepEqual(await page.evaluate(() => [window.chat.session.status, window.chat.findings]), ["unauthorized", []]);

  await become(page, { clientId: "user-1" });
  await isClient(widget, "user-1");
  await ready(widget);
  assert.deepEqual(await history(widget), []);
  await widget.evaluate(() => socket.send({ type: "MESSAGE", text: "of a client" }));
  await seen(chat.edna, () => chat.edna.people.at(-1).messages.length === 1);
  assert.deepEqual(await history(widget), ["of a client"]);

  await become(page, {});
  await isGuest(widget);
  await ready(widget);
  assert.deepEqual(
    [await history(widget), await widget.evaluate(() => edna.visitor.guestId), await guestId(page)],
    [["of a guest"], id, id],
  );
  assert.equal(await widget.evaluate(() => bridge.session.reason), "host");
  const kinds = chat.edna.sockets.map(({ frames }) => [frames[1].data.content.authorized, frames[0].data.clientId]);
  assert.deepEqual(kinds, [
    [false, id],
    [true, "user-1"],
    [false, id],
  ]);
});

test("the guest's id survives a reload and is renewed; it ends after Max-Age", async () => {
  const chat = fresh();
  const long = await site(chat, { settings: SETTINGS });
  const id = await guestId(long.page);
  const [kept] = (await lab.context.cookies(lab.origin("host"))).filter(({ name }) => name === "unauthorizedId");
  const days = (kept.expires - Date.now() / 1000) / 86_400;
  assert.ok(days > 179 && days <= 180.1, String(days));
  assert.deepEqual([kept.domain, kept.path, kept.sameSite, kept.secure], ["host.localhost", "/", "Lax", false]);
  await long.page.reload();
  await until(long.page, () => window.labReady);
  const { widget } = await site(chat, { page: long.page, settings: SETTINGS });
  await isGuest(widget);
  assert.deepEqual([await guestId(long.page), await widget.evaluate(() => edna.visitor.guestId)], [id, id]);
  await long.page.close();
  await lab.context.clearCookies();

  const settings = { unauthorizedHistory: { cookie: { "Max-Age": 1, SameSite: "Strict", Secure: false, Priority: "High" } } };
  const short = await site(chat, { settings });
  await isGuest(short.widget);
  const brief = await short.widget.evaluate(() => edna.visitor.guestId);
  await until(short.page, () => !document.cookie.includes("unauthorizedId"));
  assert.deepEqual(await found(short.page), ["EDNA_COOKIE_DIRECTIVE"], "an unknown directive passes, and is said");
  await short.page.reload();
  await until(short.page, () => window.labReady);
  const next = await site(chat, { settings, page: short.page });
  await isGuest(next.widget);
  assert.notEqual(await next.widget.evaluate(() => edna.visitor.guestId), brief);
});

test("the page's own guest id; never the client's; a cookie that cannot be read back", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { unauthClientId: "anon-7" } });
  await isGuest(widget);
  assert.deepEqual([await widget.evaluate(() => edna.visitor.guestId), await guestId(page)], ["anon-7", "anon-7"]);
  await page.close();
  const two = await site(chat, { globals: { unauthClientId: "same", clientId: "same" } });
  await isClient(two.widget, "same");
  assert.notEqual(await two.widget.evaluate(() => edna.visitor.guestId), "same");
  assert.deepEqual(await found(two.page), ["EDNA_GUEST_ID"]);
  await two.page.close();
  await lab.context.clearCookies();
  const three = await site(chat, { settings: { unauthorizedHistory: { cookie: { Path: "/elsewhere" } } } });
  await isGuest(three.widget);
  assert.deepEqual([await found(three.page), await guestId(three.page)], [["EDNA_COOKIE"], null]);
  assert.equal(await ask(three.widget, "/client/history/unauth?count=1"), 200);
});

test("a second tab with the same client gets the same history; a switch of user reaches every tab, and nothing of the first goes out any more", async () => {
  const chat = fresh();
  const ada = { clientId: "ada-1", clientData: '{"name":"Ada"}', extendedAuth: { token: "ada-secret", type: "Bearer" } };
  const grace = { clientId: "grace-1", clientData: '{"name":"Grace"}', extendedAuth: { token: "grace-secret", type: "Bearer" } };
  const settings = SETTINGS;
  const one = await site(chat, { settings, follow: true });
  const two = await site(chat, { settings, follow: true });
  await isGuest(one.widget);
  await isGuest(two.widget);
  // A login in one tab is one in the other, whose page is asked who it is.
  await become(one.page, ada);
  for (const { widget } of [one, two]) {
    await isClient(widget, "ada-1");
    await ready(widget);
  }
  await one.widget.evaluate(() => socket.send({ type: "MESSAGE", text: "of Ada" }));
  await until(two.widget, () => window.frames.some(({ data }) => data?.content?.text === "of Ada"));
  assert.deepEqual([await history(one.widget), await history(two.widget)], [["of Ada"], ["of Ada"]]);
  for (const { widget } of [one, two])
    await widget.evaluate(() => {
      window.seen = [];
      edna.onVisitor((visitor) => window.seen.push(visitor?.clientId ?? null));
    });
  // Under way while the user changes: it comes to nothing.
  chat.edna.fail({ path: "/unread", hold: 60_000 });
  const pending = ask(two.widget);
  await seen(chat.edna, () => chat.edna.count("/unread") === 1);
  const before = chat.edna.requests.length;
  await become(one.page, grace);
  for (const { widget } of [one, two]) {
    await isClient(widget, "grace-1");
    await ready(widget);
  }
  assert.equal(await pending, "NOT_AUTHORIZED");
  const later = chat.edna.requests.slice(before);
  assert.ok(later.length >= 4);
  assert.doesNotMatch(JSON.stringify(later), /ada/);
  assert.ok(later.every(({ cookies }) => cookies.token === "grace-secret"));
  for (const { widget } of [one, two]) {
    assert.deepEqual(await history(widget), []);
    const shown = await widget.evaluate(() => [
      window.seen,
      JSON.stringify([document.cookie, { ...localStorage }, document.body.innerText, edna.visitor, bridge.session]),
    ]);
    assert.deepEqual([shown[0][0], shown[0].at(-1), shown[0].includes(null)], ["ada-1", "grace-1", true]);
    // Not within a tab's name, which is hexadecimal.
    assert.doesNotMatch(shown[1].replace(/[0-9a-f]{16,}/g, ""), /ada/i);
  }
  // Logout, in the other tab.
  await become(two.page, {});
  for (const { widget } of [one, two]) {
    await isGuest(widget);
    await ready(widget);
    assert.doesNotMatch(await widget.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, edna.visitor])), /grace/);
  }
  assert.deepEqual(
    chat.edna.people.filter(({ online }) => online).map(({ kind }) => kind),
    ["guest"],
  );
});

test("a page that does not know the user of another tab stays with its guest; the widget's own sign-out is one everywhere", async () => {
  const chat = fresh();
  const one = await site(chat);
  const two = await site(chat);
  await become(one.page, { clientId: "user-1" });
  await isClient(one.widget, "user-1");
  await isGuest(two.widget);
  await ready(two.widget);
  const id = await guestId(two.page);
  await until(two.widget, () => bridge.session.reason === "acquire-failed");
  assert.deepEqual([await ask(two.widget, "/client/history/unauth"), chat.edna.requests.at(-1).query.id], [200, id]);
  await one.widget.evaluate(() => bridge.signOut());
  await isGuest(one.widget);
  // Until the page says so again.
  await one.page.evaluate(() => window.chat.refresh());
  await isClient(one.widget, "user-1");
});

test("the visit of a page without a user ends the session of an earlier one, and its cookies", async () => {
  const chat = fresh();
  const globals = { clientId: "user-1", extendedAuth: { token: "secret", type: "b" } };
  const one = await site(chat, { settings: SETTINGS, globals });
  await isClient(one.widget, "user-1");
  assert.match(await one.widget.evaluate(() => document.cookie), /secret/);
  await one.page.close();
  const two = await site(chat, { settings: SETTINGS, globals: { extendedAuth: { type: "guest" } } });
  await until(two.widget, () => bridge.session.reason === "host" && edna.visitor);
  assert.equal(await two.widget.evaluate(() => document.cookie), "type=guest");
  assert.equal(await ask(two.widget, "/client/history/unauth"), 200);
  assert.deepEqual(chat.edna.requests.at(-1).cookies, { type: "guest" });
});

test("cookies that a closed tab has left go with their user; those of the next user stay", async () => {
  const chat = fresh();
  const ada = (more) => ({ clientId: "ada", extendedAuth: { token: "ada-secret", ...more } });
  const settings = { extendedAuth: { cookie: { enabled: true, options: { "Max-Age": 600 } } } };
  const one = await site(chat, { settings, globals: ada({ type: "ada-extra" }) });
  await isClient(one.widget, "ada");
  await one.page.close();
  const two = await site(chat, { settings, globals: ada({}) });
  await isClient(two.widget, "ada");
  assert.match(await two.widget.evaluate(() => document.cookie), /type=ada-extra/);
  await become(two.page, { clientId: "grace", extendedAuth: { token: "grace-secret" } });
  await isClient(two.widget, "grace");
  assert.equal(await two.widget.evaluate(() => document.cookie), "token=grace-secret");
  await two.widget.evaluate(() => location.reload());
  await until(two.page, () => window.chat.connection === "disconnected");
  const again = await frameOf(two.page, lab.origin("widget"));
  await isClient(again, "grace");
  assert.equal(await again.evaluate(() => document.cookie), "token=grace-secret");
  // Another tab may know of the next user already.
  const line = "later=; path=/; SameSite=None; Secure; Partitioned; Max-Age=0";
  await again.evaluate(
    ([key, line]) => {
      document.cookie = "later=1; path=/; SameSite=None; Secure; Partitioned";
      localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), [line]: 9e12 }));
    },
    [`${chat.id}.edna`, line],
  );
  await become(two.page, { extendedAuth: {} });
  await isGuest(again);
  assert.deepEqual(await again.evaluate((key) => [document.cookie, JSON.parse(localStorage.getItem(key))], `${chat.id}.edna`), [
    "later=1",
    { [line]: 9e12 },
  ]);
});

const COOKIES = { extendedAuth: { cookie: { enabled: true, options: { "Max-Age": 600 } } } };
const sent = ({ edna }, id) => edna.sockets.filter(({ frames }) => frames[0]?.data.clientId === id).map(({ cookies }) => cookies);

test("cookies that a closed tab has left of one user do not go out for another one who is named at once", async () => {
  const chat = fresh();
  const one = await site(chat, { settings: COOKIES, globals: { clientId: "user-a", extendedAuth: { token: "a", type: "a" } } });
  await isClient(one.widget, "user-a");
  await ready(one.widget);
  await one.page.close();
  const two = await site(chat, { settings: COOKIES, globals: { clientId: "user-b", extendedAuth: { token: "b" } } });
  await isClient(two.widget, "user-b");
  await ready(two.widget);
  assert.equal(await ask(two.widget), 200);
  assert.deepEqual([sent(chat, "user-b"), chat.edna.requests.at(-1).cookies], [[{ token: "b" }], { token: "b" }]);
});

test("a tab whose page names no user asks nothing with the cookies of another tab's user, and does not touch them; when that user leaves, they go, and the guest is there", async () => {
  const chat = fresh();
  const guest = await site(chat);
  await isGuest(guest.widget);
  await ready(guest.widget);
  const user = await site(chat, { settings: COOKIES, globals: { clientId: "user-a", extendedAuth: { token: "a" } } });
  await isClient(user.widget, "user-a");
  await ready(user.widget);
  await until(guest.widget, () => bridge.session.status === "unauthorized" && bridge.session.reason.startsWith("acquire-"));
  await lab.quiet();
  const known = chat.edna.requests.length;
  assert.deepEqual(
    [await guest.widget.evaluate(() => [edna.visitor, socket.ready]), await ask(guest.widget), chat.edna.requests.length],
    [[null, false], "NOT_AUTHORIZED", known],
  );
  assert.equal(await ask(user.widget), 200);
  assert.deepEqual(chat.edna.requests.at(-1).cookies, { token: "a" });
  await user.page.close();
  // It never had a cookie of its own.
  await become(guest.page, {});
  await isGuest(guest.widget);
  await ready(guest.widget);
  assert.equal(await ask(guest.widget, "/client/history/unauth/unread"), 200);
  assert.deepEqual([chat.edna.requests.at(-1).cookies, chat.edna.sockets.at(-1).cookies], [{}, {}]);
});

test("what an older call was still loading undoes no later one", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { clientId: "user-a" } });
  await isClient(widget, "user-a");
  await page.evaluate(
    async (settings) => {
      const late = window.chat.reInit({ settings, clientId: "user-b" });
      await window.chat.reInit({ clientId: null });
      await late;
    },
    file(chat, {}),
  );
  await isGuest(widget);
  assert.equal(await page.evaluate(() => window.clientId), null);
});

test("a client who is named with the guest's id, and leaves again, is no guest of the same id", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { unauthClientId: "user-1" } });
  await isGuest(widget);
  assert.equal(await guestId(page), "user-1");
  await become(page, { clientId: "user-1" });
  await isClient(widget, "user-1");
  assert.notEqual(await guestId(page), "user-1");
  await become(page, {});
  await isGuest(widget);
  assert.notEqual(await widget.evaluate(() => edna.visitor.guestId), "user-1");
});

test("a socket that was closed because the values have expired is opened again by any new ones", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, {
    settings: { extendedAuth: { http: { enabled: true, headersMap: { "X-Auth-Token": "token" } }, wsTokenExpiredCode: 4001 } },
    globals: { clientId: "user-1", extendedAuth: { token: "one" } },
  });
  await isClient(widget, "user-1");
  await ready(widget);
  chat.edna.close(4001);
  await until(page, () => window.expired.length === 1);
  await page.evaluate(() => void (window.extendedAuth = { token: "two" }));
  await ready(widget);
  assert.equal(chat.edna.sockets.length, 2);
});

test("the user who is named last counts, however quickly", async () => {
  const chat = fresh();
  const one = await site(chat);
  const two = await site(chat);
  await one.page.evaluate(async () => {
    const named = ["ada", "grace", null, "ada", null, "grace"];
    await Promise.allSettled(named.map((clientId) => window.become({ clientId })));
  });
  await isClient(one.widget, "grace");
  await ready(one.widget);
  await lab.quiet();
  assert.deepEqual(await one.widget.evaluate(() => [edna.visitor.clientId, bridge.session.account.subject]), ["grace", "grace"]);
  assert.deepEqual(
    chat.edna.people.filter(({ kind, online }) => kind === "client" && online).map(({ id }) => id),
    ["grace"],
  );
  await isGuest(two.widget);
});

test("in a frame of its own site a cookie is as it is configured; without storage it goes on", async () => {
  const chat = fresh();
  const page = await lab.lab("widget", "/frame-src/any/lab");
  const settings = { extendedAuth: { cookie: { enabled: true, options: { SameSite: "Strict", "Max-Age": 60, Secure: false } } } };
  const globals = { clientId: "user-1", extendedAuth: { token: "t1" } };
  const { widget } = await site(chat, { page, settings, globals, query: { hosts: lab.origin("widget") } });
  await isClient(widget, "user-1");
  await ready(widget);
  const [cookie] = (await lab.context.cookies(lab.origin("widget"))).filter(({ name }) => name === "token");
  assert.deepEqual([cookie.sameSite, cookie.secure, cookie.partitionKey], ["Strict", false, undefined]);
  assert.equal(chat.edna.sockets[0].cookies.token, "t1");
  await page.close();
  await lab.context.clearCookies();
  const denied = await site(fresh(), { settings, globals, query: { storage: "denied" } });
  await isClient(denied.widget, "user-1");
  assert.equal(await denied.widget.evaluate(() => document.cookie), "token=t1");
});

test("a widget that is loaded anew is the same visitor, without a word of the page", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  await widget.evaluate(() => location.reload());
  await until(page, () => window.chat.connection === "disconnected");
  await until(page, () => window.chat.connection === "connected" && window.chat.session.status === "authorized");
  const again = await frameOf(page, lab.origin("widget"));
  await isClient(again, "user-1");
});
