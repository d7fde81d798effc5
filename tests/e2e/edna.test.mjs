/** edna: a page with the vendor's globals and settings, a widget of another site, a real server that checks and records, several tabs. */
import assert from "node:assert/strict";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";
import { addFrame, until } from "./actors.mjs";

const lab = browserForThisFile();

/** The settings of the reference's example, with everything that the vendor knows about authorization. */
const SETTINGS = {
  backend: { rootUrl: "https://a.example", unauthorizedHistory: { cookie: { "Max-Age": 15552000 } } },
  extendedAuth: {
    dataKey: "extendedAuth",
    http: { enabled: true, headersMap: { "Header-Name": "custom-property", "X-Auth-Token": "token", "X-Token-Type": "type" } },
    ws: { enabled: true, dataMap: [" token ", "type", "bad", "n", "missing", 7] },
    cookie: { enabled: true, options: { "Max-Age": 600 } },
    httpTokenExpiredCode: 419,
    wsTokenExpiredCode: 4001,
  },
};
/** Headers alone. */
const HTTP = { extendedAuth: { http: SETTINGS.extendedAuth.http } };

/** A client of the chat's server, and a storage namespace, that no other test has. */
const fresh = () => {
  const id = lab.freshNamespace();
  return { id, edna: lab.server.edna.client(id) };
};

/** The address of a settings.json, at the chat's server. */
const file = ({ id, edna }, settings) => {
  edna.set({ config: settings });
  return lab.url("edna", `/${id}/chat/config`);
};

/**
 * A page with these globals and a widget. `stored`: what it keeps in localStorage and brings its globals up to date with, as a site that has sessions does.
 * In the page: `chat`, `expired`.
 */
async function site({ id }, { globals = {}, settings = {}, query = {}, on = "host", follow = false, page: given } = {}) {
  const page = given ?? (await lab.lab(on));
  const src = lab.url("widget", `/widget.html?${new URLSearchParams({ dialect: "edna", name: id, namespace: id, ...query })}`);
  await page.evaluate(
    async ([src, settings, globals, follow]) => {
      const { embedEdna } = await window.load("authframe/host/edna");
      Object.assign(window, globals);
      window.expired = [];
      const update = () =>
        Object.assign(window, { clientId: null, clientData: null, extendedAuth: undefined }, JSON.parse(localStorage.getItem("shop")));
      window.become = (globals) => {
        if (follow) localStorage.setItem("shop", JSON.stringify(globals));
        Object.assign(window, { clientId: null, clientData: null }, globals);
        return window.chat.refresh();
      };
      window.chat = await embedEdna({
        container: document.getElementById("stage"),
        src,
        settings,
        onExpired: (said) => window.expired.push(said),
        ...(follow ? { update } : {}),
      });
    },
    [src, settings, globals, follow],
  );
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.edna);
  return { page, widget };
}
const become = (page, globals) => page.evaluate((globals) => window.become(globals), globals);
const isClient = (widget, id) => until(widget, (id) => window.edna?.visitor?.clientId === id && bridge.session.status === "authorized", id);
const isGuest = (widget) => until(widget, () => window.edna?.visitor?.clientId === null && bridge.session.status === "unauthorized");
const ready = (widget) => until(widget, () => window.socket?.ready);
/** Waits until the server has seen it. */
const seen = (edna, test) =>
  Promise.race([
    edna.until(test),
    new Promise((_, reject) => setTimeout(() => reject(new Error("the server did not see it")), 15_000).unref()),
  ]);
const history = (widget) =>
  widget.evaluate(() =>
    edna.history().then(
      ({ messages }) => messages.map(({ text }) => text),
      (error) => error.code,
    ),
  );
const ask = (widget, path = "/client/history/unread") =>
  widget.evaluate(
    (path) =>
      edna.fetch(path).then(
        ({ status }) => status,
        (error) => error.code,
      ),
    path,
  );
const guestId = (page) => page.evaluate(() => /(?:^|; )unauthorizedId=([^;]*)/.exec(document.cookie)?.[1] ?? null);
const ours = ({ headers }, names) => headers.filter(([name]) => names.test(name));
const found = (where) => where.evaluate(() => (window.edna ?? window.chat).findings.map(({ code }) => code));

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
  // The page is told, for it is where that can be corrected.
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
  assert.deepEqual(await found(short.page), ["EDNA_COOKIE"], "an unknown directive passes, and is said");
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
  // Another tab may have heard of the next user already.
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

test("a tab whose page names nobody asks nothing with the cookies of another tab's user, and does not touch them; when that user leaves, they go, and the guest is there", async () => {
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

// --- rotation ----------------------------------------------------------------------------------------------------------------------

test("a new extendedAuth object reaches headers, cookies and the open socket; a change within it does not", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, {
    settings: SETTINGS,
    globals: { clientId: "user-1", extendedAuth: { token: "t1", type: "Bearer", old: "x" } },
  });
  await isClient(widget, "user-1");
  await ready(widget);
  await page.evaluate(() => void (window.extendedAuth.token = "t2"));
  await lab.quiet();
  assert.equal(chat.edna.sockets.length, 1);
  await page.evaluate(() => void (window.extendedAuth = { token: "t3", type: "Bearer" }));
  await seen(chat.edna, () => chat.edna.sockets.length === 2 && chat.edna.sockets[1].sent.length === 2);
  await ready(widget);
  const [first, second] = chat.edna.sockets;
  assert.deepEqual(
    [first.protocols, second.protocols, second.cookies],
    [["t1", "Bearer"], ["t3", "Bearer"], { token: "t3", type: "Bearer" }],
  );
  assert.notEqual(first.closed, null);
  // It is the same browser.
  assert.equal(second.frames[0].data.deviceAddress, first.sent[0].data.deviceAddress);
  assert.equal(await ask(widget), 200);
  assert.equal(Object.fromEntries(chat.edna.requests.at(-1).headers)["X-Auth-Token"], "t3");
  assert.equal(await page.evaluate(() => window.extendedAuth.token), "t3");
});

test("a request with an expired token waits for the next one, and a socket that was closed for it too; the page is told", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, {
    settings: SETTINGS,
    globals: { clientId: "user-1", extendedAuth: { token: "t1", type: "Bearer" } },
  });
  await isClient(widget, "user-1");
  await ready(widget);
  chat.edna.set({ httpTokenExpiredCode: 419, headers: { "X-Auth-Token": "t2" }, cookies: { token: "t2" } });
  const before = chat.edna.count("/unread");
  const answers = widget.evaluate(() => Promise.all([1, 2].map(() => edna.fetch("/client/history/unread").then(({ status }) => status))));
  await until(page, () => window.expired.length > 0);
  await seen(chat.edna, () => chat.edna.count("/unread") === before + 2);
  assert.deepEqual(await page.evaluate(() => window.expired), [{ type: "HTTP", status: 419 }]);
  assert.equal(await widget.evaluate(() => edna.failure.code), "EDNA_HTTP_EXPIRED");
  // It can be given up.
  const given = await widget.evaluate(() => {
    const stop = new AbortController();
    const answer = edna.fetch("/client/history/unread", { signal: stop.signal }).then(
      () => "answered",
      ({ name }) => name,
    );
    setTimeout(() => stop.abort(), 200);
    return answer;
  });
  assert.equal(given, "AbortError");
  await page.evaluate(() => void (window.extendedAuth = { token: "t2", type: "Bearer" }));
  assert.deepEqual(await answers, [200, 200]);
  await ready(widget);

  const sockets = chat.edna.sockets.length;
  chat.edna.expire({ protocols: ["t3", "Bearer"], headers: {}, cookies: {} });
  await until(page, () => window.expired.length === 2);
  assert.deepEqual(await page.evaluate(() => window.expired[1]), { type: "WS", status: 4001 });
  assert.equal(await widget.evaluate(() => edna.failure.code), "EDNA_WS_EXPIRED");
  await lab.quiet();
  // Nor will it be by itself: nothing waits.
  assert.deepEqual([chat.edna.sockets.length, (await widget.evaluate(() => window.__e2e.live())).timers], [sockets, []]);
  await page.evaluate(() => void (window.extendedAuth = { token: "t3", type: "Bearer" }));
  await ready(widget);
  assert.deepEqual(
    [chat.edna.sockets.length, chat.edna.sockets.at(-1).protocols, await widget.evaluate(() => edna.failure)],
    [sockets + 1, ["t3", "Bearer"], null],
  );
  // The same again is no news: an answer that says expired a second time is given back.
  chat.edna.set({ headers: { "X-Auth-Token": "never" } });
  const last = ask(widget);
  await until(page, () => window.expired.length === 3);
  await page.evaluate(() => void (window.extendedAuth = { token: "t4", type: "Bearer" }));
  assert.equal(await last, 419);
});

test("a switch of user: what the first one's history was is not given, and a listener that sends already does so as the second one", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  await ready(widget);
  await lab.quiet();
  chat.edna.fail({ path: "/client/history", hold: 3000 });
  const asked = history(widget);
  await seen(chat.edna, () => chat.edna.count("/client/history") === 2);
  await widget.evaluate(() => {
    window.sent = [];
    edna.onVisitor((visitor) => {
      // Of another listener's call: it is not told any more.
      if (visitor?.clientId === "user-2") window.stopLast?.();
      try {
        socket.send({ type: "MESSAGE", text: `as ${visitor?.clientId}` });
        window.sent.push(visitor?.clientId);
      } catch ({ code }) {
        window.sent.push(code);
      }
    });
    window.stopLast = edna.onVisitor((visitor) => visitor?.clientId === "user-2" && window.sent.push("told after its end"));
  });
  await become(page, { clientId: "user-2" });
  await isClient(widget, "user-2");
  assert.equal(await asked, "NOT_AUTHORIZED");
  const sent = await widget.evaluate(() => window.sent);
  assert.deepEqual([sent[0], sent.at(-1), sent.includes("told after its end")], ["user-1", "DISCONNECTED", false]);
  const texts = chat.edna.people.map(({ id, messages }) => [id, messages.map(({ text }) => text)]);
  assert.deepEqual(texts.find(([id]) => id === "user-1")[1], ["as user-1"]);
});

test("a socket that is lost is opened again; the server is out of reach, says no", async () => {
  const chat = fresh();
  const { widget } = await site(chat, { globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  await ready(widget);
  chat.edna.close(1012);
  await until(widget, () => !window.socket.ready);
  assert.deepEqual(
    await widget.evaluate(() => {
      try {
        return socket.send({ type: "MESSAGE", text: "?" });
      } catch (error) {
        return [error.code, edna.failure.code];
      }
    }),
    ["DISCONNECTED", "EDNA_OFFLINE"],
  );
  await ready(widget);
  assert.deepEqual([chat.edna.sockets.length, await widget.evaluate(() => edna.failure)], [2, null]);
  // More than once: a browser sends once more by itself what a connection that it had kept open did not take.
  chat.edna.fail({ path: "/unread", drop: "before", times: 9 });
  assert.deepEqual([await ask(widget), await widget.evaluate(() => edna.failure.code)], ["EDNA_OFFLINE", "EDNA_OFFLINE"]);
  chat.edna.fail({ path: "/client/history", status: 503 });
  assert.deepEqual(
    [await history(widget), await widget.evaluate(() => [edna.failure.code, edna.failure.cause, edna.failure.responsible])],
    ["EDNA_REFUSED", ["EDNA_REFUSED", 503, "peer"]],
  );
  assert.deepEqual(await history(widget), []);
});

test("a page that goes into the back/forward cache closes its socket; restored, it is the same visitor with a new one", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, { globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  await ready(widget);
  await page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (window.persisted = persisted)));
  await page.goto(lab.url("host", "/lab?elsewhere"));
  await seen(chat.edna, () => chat.edna.sockets.every(({ closed }) => closed !== null));
  const before = chat.edna.sockets.length;
  await page.evaluate(() => history.back());
  await until(page, () => window.persisted === true);
  await seen(chat.edna, () => chat.edna.sockets.length === before + 1 && chat.edna.sockets.at(-1).frames.length > 0);
  assert.match(JSON.stringify(chat.edna.sockets.at(-1).frames[0]), /"clientId":"user-1"/);
});

// --- what cannot go out ---------------------------------------------------------------------------------------------------------------

test("missing properties, wrong types, other alphabets, too much: nothing stops, and both halves say what was left out", async () => {
  const chat = fresh();
  const settings = {
    ...SETTINGS,
    extendedAuth: {
      ...SETTINGS.extendedAuth,
      http: {
        enabled: true,
        headersMap: {
          "X-Auth-Token": "good",
          "X-Cyrillic": "token",
          "X-Split": "split",
          "X-Missing": "missing",
          "X-Number": "n",
          "X-Client-Token": "good",
          "X-Long": "long",
        },
      },
    },
  };
  const globals = {
    clientId: "ada@example.com",
    clientData: JSON.stringify("x".repeat(65_536)),
    extendedAuth: { good: "Zoë", token: "Привет", split: "a\r\nX-Evil: 1", n: 5, long: "x".repeat(9000) },
  };
  const { page, widget } = await site(chat, { settings, globals });
  await isClient(widget, "ada@example.com");
  await ready(widget);
  assert.equal(await ask(widget), 200);
  const request = chat.edna.requests.at(-1);
  const names = ours(request, /^x-/i)
    .map(([name]) => name.toLowerCase())
    .sort();
  assert.deepEqual(names, ["x-auth-token", "x-client-token", "x-header-encoding"]);
  assert.equal(Object.fromEntries(request.headers)["X-Auth-Token"], "Zoë");
  assert.equal(chat.edna.people[0].info, null);
  assert.equal(request.cookies.token, "Привет");
  const hosts = await found(page);
  for (const code of [
    "EDNA_CLIENT_ID_PERSONAL",
    "EDNA_CLIENT_DATA",
    "EDNA_HEADER_VALUE",
    "EDNA_HEADER_NAME",
    "EDNA_COOKIE",
    "EDNA_PROTOCOL",
  ])
    assert.ok(hosts.includes(code), code);
  const all = await page.evaluate(() => JSON.stringify(window.chat.findings));
  for (const name of ["X-Cyrillic", "X-Split", "X-Missing", "X-Number", "X-Client-Token", "X-Long"]) assert.ok(all.includes(name), name);
  assert.doesNotMatch(all, /Привет|example\.com/);
  // The widget is handed only what can go out, but for what is not wrong, and for names that it does not list.
  assert.deepEqual(await found(widget), [
    "EDNA_CLIENT_ID_PERSONAL",
    "EDNA_COOKIE_UNLISTED",
    "EDNA_COOKIE_UNLISTED",
    "EDNA_COOKIE_UNLISTED",
  ]);
  const told = await widget.evaluate(() => bridge.diagnose());
  assert.ok(told[0].code === "EDNA_CLIENT_ID_PERSONAL" && /phone number or an e-mail/.test(told[0].problem) && told[0].remedy);
  assert.ok(told.some(({ code }) => code === "PARTITIONED"));
});

test("clientData of 60,000 characters arrives; a clientId of 1,024 does, with a subject of its own; a longer one is a guest", async () => {
  const chat = fresh();
  const data = JSON.stringify({ name: "x".repeat(300), text: "я".repeat(29_000) });
  const long = "k".repeat(1023);
  const { page, widget } = await site(chat, { globals: { clientId: `${long}1`, clientData: data } });
  await isClient(widget, `${long}1`);
  await ready(widget);
  assert.deepEqual([chat.edna.people[0].id, chat.edna.people[0].info], [`${long}1`, data]);
  await become(page, { clientId: `${long}2` });
  await isClient(widget, `${long}2`);
  assert.ok((await widget.evaluate(() => bridge.session.account.subject.length)) <= 256);
  await become(page, { clientId: `${long}12` });
  await isGuest(widget);
  assert.deepEqual(await found(page), ["EDNA_CLIENT_ID"]);
});

test("a page that hands over something else than a visitor, or nothing", async () => {
  const chat = fresh();
  const { page, widget } = await stranger(chat);
  const good = GUEST;
  await page.evaluate(([good]) => window.widget.send("edna:visitor", good), [good]);
  await isGuest(widget);
  await ready(widget);
  await page.evaluate(
    ([good]) => {
      for (const bad of [null, "x", {}, { ...good, guestId: 7 }, { ...good, clientId: {} }]) window.widget.send("edna:visitor", bad);
    },
    [good],
  );
  await lab.quiet();
  assert.deepEqual(await widget.evaluate(() => [edna.visitor.guestId, edna.failure.code]), ["g", "EDNA_VISITOR"]);
  // What is wrong in one is left out on this side too.
  await page.evaluate(
    ([good]) => {
      const forged = {
        ...good,
        headers: { "X-Client-Token": "forged", "Header-Name": "a\nb", "X-Auth-Token": "good" },
        protocols: ["a b", "c"],
        cookies: [
          ["token", "\ud800"],
          ["type", "c"],
        ],
        clientData: "{",
      };
      window.widget.send("edna:visitor", forged);
    },
    [good],
  );
  await until(widget, () => edna.visitor?.headers["X-Auth-Token"]);
  assert.deepEqual((await found(widget)).sort(), [
    "EDNA_CLIENT_DATA",
    "EDNA_COOKIE",
    "EDNA_HEADER_NAME",
    "EDNA_HEADER_VALUE",
    "EDNA_PROTOCOL",
  ]);
  assert.deepEqual(await widget.evaluate(() => [edna.visitor.headers, edna.visitor.protocols, edna.visitor.cookies]), [
    { "X-Auth-Token": "good" },
    ["c"],
    [["type", "c"]],
  ]);
  // Nobody is signed in of whom there is no visitor, or another one.
  await page.evaluate(([good]) => window.widget.handle("edna:visitor", () => ({ ...good, clientId: "grace" })), [good]);
  const answer = await page.evaluate(() =>
    window.widget.setIdentity({ account: "ada" }).then(
      () => "taken",
      (error) => error.code,
    ),
  );
  assert.deepEqual([answer, await widget.evaluate(() => bridge.session.status)], ["ACQUIRE_FAILED", "unauthorized"]);
});

/** A page that was not made for edna, with a widget: it may hand over anything. */
async function stranger({ id }, site = "host") {
  const page = await lab.lab(site, "/frame-src/any/lab");
  const src = lab.url(
    "widget",
    `/widget.html?${new URLSearchParams({ dialect: "edna", name: id, namespace: id, hosts: lab.origin(site) })}`,
  );
  await page.evaluate(async (src) => {
    const { embed } = await window.load("authframe/host");
    window.widget = await embed({ container: document.getElementById("stage"), src });
  }, src);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.edna?.failure?.code === "EDNA_VISITOR");
  return { page, widget };
}
const GUEST = {
  clientId: null,
  guestId: "g",
  clientData: null,
  signature: null,
  headers: {},
  protocols: [],
  cookies: [],
  cookieOptions: {},
  codes: { http: null, ws: null },
};

for (const site of ["host", "widget"]) {
  test(`S7: a page below ${site} sets no cookie and no header but those that the widget lists; its session stays, and 170 cookies do not make its origin unusable`, async () => {
    const chat = fresh();
    const { page, widget } = await stranger(chat, site);
    const directives = site === "host" ? "; SameSite=None; Secure; Partitioned" : "";
    await widget.evaluate((directives) => {
      document.cookie = `session=own; path=/${directives}`;
      document.cookie = `__Secure-id=own; path=/; Secure${directives.replace("; Secure", "")}`;
    }, directives);
    const own = await widget.evaluate(() => document.cookie.split("; ").sort());
    assert.ok(own.includes("session=own"));
    const cookies = [
      ["session", "forged"],
      ["__Host-id", "forged"],
      ["__Secure-id", "forged"],
      ...Array.from({ length: 170 }, (_, n) => [`c${n}`, "x".repeat(4000)]),
      ["token", "t"],
      ["type", "x".repeat(2000)],
    ];
    const headers = { Authorization: "Bearer forged", "X-Admin": "1", "X-Auth-Token": "t" };
    await page.evaluate((visitor) => window.widget.send("edna:visitor", visitor), { ...GUEST, cookies, headers });
    await isGuest(widget);
    await ready(widget);
    const after = await widget.evaluate(() => document.cookie.split("; ").sort());
    assert.deepEqual(after, [...own, "token=t", `type=${"x".repeat(2000)}`].sort());
    assert.equal(await ask(widget, "/client/history/unauth"), 200);
    const request = chat.edna.requests.at(-1);
    assert.deepEqual(
      [ours(request, /^(authorization|x-)/i), request.cookies.session, request.cookies.token],
      [[["X-Auth-Token", "t"]], "own", "t"],
    );
    // Not in silence.
    const codes = new Set(await found(widget));
    for (const code of ["EDNA_COOKIE_NAME", "EDNA_COOKIE_UNLISTED", "EDNA_HEADER_UNLISTED"]) assert.ok(codes.has(code), code);
    // Other directives, again and again: still one cookie of each name, and the page of the widget is still served.
    for (let n = 0; n < 20; n++)
      await page.evaluate((visitor) => window.widget.send("edna:visitor", visitor), {
        ...GUEST,
        guestId: `g${n}`,
        cookies,
        cookieOptions: { Path: `/${n}` },
      });
    await until(widget, () => edna.visitor?.guestId === "g19");
    const kept = (await lab.context.cookies()).filter(({ domain }) => domain === "widget.localhost").map(({ name }) => name);
    assert.deepEqual(kept.filter((name) => !/^(session|__Secure-id)$/.test(name)).sort(), ["token", "type"]);
    assert.equal(await widget.evaluate(() => fetch(location.href).then(({ status }) => status)), 200);
  });
}

test("S7: what the widget lists is what a page may set: Authorization and a cookie of its own choice; lists that cannot be are refused", async () => {
  const chat = fresh();
  const page = await lab.lab("host");
  const settings = {
    extendedAuth: { http: { enabled: true, headersMap: { Authorization: "bearer", "X-Auth-Token": "token" } }, cookie: { enabled: true } },
  };
  await page.evaluate(
    ([src, settings]) => {
      Object.assign(window, { clientId: "user-1", extendedAuth: { bearer: "Bearer x", token: "t", shop: "s" } });
      void window
        .load("authframe/host/edna")
        .then(({ embedEdna }) => embedEdna({ container: document.getElementById("stage"), src, settings }))
        .then((chat) => (window.chat = chat));
    },
    [lab.url("widget", "/lab"), settings],
  );
  await until(page, () => document.querySelector("iframe"));
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.labReady);
  const codes = await widget.evaluate(
    async ([host, namespace, at]) => {
      const { connectEdna } = await window.load("authframe/edna");
      const options = { hosts: [host], namespace, rootUrl: `http://${at}/api`, websocketUrl: `ws://${at}/ws` };
      const wrong = [
        { hostHeaders: ["Cookie"] },
        { hostCookies: ["__Host-id"] },
        { hostHeaders: {} },
        { hostCookies: Array(17).fill("a") },
      ];
      const refused = await Promise.all(
        [undefined, null, ...wrong.map((lists) => ({ ...options, ...lists }))].map((bad) => connectEdna(bad).catch(({ code }) => code)),
      );
      window.edna = await connectEdna({ ...options, hostHeaders: ["authorization"], hostCookies: ["shop"] });
      window.bridge = window.edna.bridge;
      return refused;
    },
    [lab.origin("host"), chat.id, `widget.localhost:${lab.server.port}/edna/${chat.id}`],
  );
  assert.deepEqual(codes, Array(6).fill("CONFIG_INVALID"));
  await isClient(widget, "user-1");
  assert.equal(await ask(widget), 200);
  const request = chat.edna.requests.at(-1);
  assert.deepEqual([ours(request, /^(authorization|x-auth-token)$/i), request.cookies], [[["Authorization", "Bearer x"]], { shop: "s" }]);
  // In words, where it can be corrected.
  await until(page, () => window.chat?.findings.length === 3);
  const told = await page.evaluate(() =>
    window.chat.findings.map(({ code, problem, remedy }) => [code, problem.split(":")[0], /host(Headers|Cookies)/.test(remedy)]),
  );
  assert.deepEqual(told.sort(), [
    ["EDNA_COOKIE_UNLISTED", "bearer", true],
    ["EDNA_COOKIE_UNLISTED", "token", true],
    ["EDNA_HEADER_UNLISTED", "X-Auth-Token", true],
  ]);
  // They go with their cause.
  await page.evaluate(() =>
    window.chat.reInit({ settings: { extendedAuth: { http: { enabled: true, headersMap: { Authorization: "bearer" } } } } }),
  );
  await until(page, () => window.chat.findings.length === 0);
  // Calls that cannot be are errors with a code.
  const bad = await widget.evaluate(async () => {
    const code = (error) => error.code;
    return Promise.all([
      edna.fetch(7).catch(code),
      edna.fetch("/../x").catch(code),
      edna.history("1&id=x").catch(code),
      edna.history(0).catch(code),
    ]);
  });
  assert.deepEqual(bad, Array(4).fill("CONFIG_INVALID"));
  const host = await page.evaluate(async () => {
    const { embedEdna } = await window.load("authframe/host/edna");
    return Promise.all(
      [{ update: 1 }, { onExpired: "x" }, undefined].map((bad) =>
        embedEdna(bad && { container: document.body, src: "http://widget.localhost/", settings: {}, ...bad }).catch(({ code }) => code),
      ),
    );
  });
  assert.deepEqual(host, ["CONFIG_INVALID", "CONFIG_INVALID", "EDNA_SETTINGS"]);
});

// --- the page's half ------------------------------------------------------------------------------------------------------------------

test("settings by address, under webchat or not; what is none is refused before anything is shown", async () => {
  const chat = fresh();
  const page = await lab.lab("host");
  for (const settings of ["/none.json", file(fresh(), "{"), file(fresh(), { webchat: [] }), undefined, null, 7, [], { webchat: "x" }]) {
    const failure = await page.evaluate(async (settings) => {
      const { embedEdna, AuthframeError } = await window.load("authframe/host/edna");
      return embedEdna({ container: document.body, src: "http://widget.localhost/", settings }).then(
        () => "connected",
        (error) => [error.code, error.responsible, error instanceof AuthframeError],
      );
    }, settings);
    assert.deepEqual(failure, ["EDNA_SETTINGS", "app", true], JSON.stringify(settings));
  }
  assert.equal(await page.locator("iframe").count(), 0);
  const fileOf = fresh();
  const { widget } = await site(chat, {
    page,
    settings: file(fileOf, { webchat: { clientId: "cid" } }),
    globals: { cid: "user-1", clientId: "wrong" },
  });
  await isClient(widget, "user-1");
  // The vendor's reInit: undefined keeps, null clears, and only globals that the settings name are set.
  await page.evaluate(() => window.chat.reInit({ cid: undefined, clientData: '{"a":1}', other: 1 }));
  await seen(chat.edna, () => chat.edna.people.some(({ id, info }) => id === "user-1" && info === '{"a":1}'));
  assert.deepEqual(await page.evaluate(() => [window.cid, window.other]), ["user-1", undefined]);
  await page.evaluate(() => window.chat.reInit({ cid: null }));
  await isGuest(widget);
  await page.evaluate(() => window.chat.reInit({ settings: { clientId: "who", signature: "sig" }, who: "user-2", sig: "signed" }));
  await isClient(widget, "user-2");
  chat.edna.set({ signatures: { "user-2": "signed" } });
  assert.equal(await ask(widget), 200);
  assert.equal(Object.fromEntries(chat.edna.requests.at(-1).headers)["X-Client-Token"], "signed%3Auser-2");
  assert.equal(await page.evaluate(() => window.chat.reInit({ settings: "/none.json" }).catch(({ code }) => code)), "EDNA_SETTINGS");
  assert.equal(fileOf.edna.count("/chat/config"), 1);
});

test("changing clientId alone does nothing, as with the vendor; a global under var cannot be watched, and that is said", async () => {
  const chat = fresh();
  const page = await lab.lab("host");
  await page.evaluate(() =>
    Object.defineProperty(window, "extendedAuth", { value: { token: "t1" }, writable: true, enumerable: true, configurable: false }),
  );
  const { widget } = await site(chat, { page, settings: HTTP, globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  assert.deepEqual((await found(page)).sort(), ["EDNA_HEADER_VALUE", "EDNA_HEADER_VALUE", "EDNA_UNWATCHED"]);
  await page.evaluate(() =>
    Object.assign(window, { clientId: "user-2", extendedAuth: { token: "t2", "custom-property": "c", type: "t" } }),
  );
  await lab.quiet();
  assert.deepEqual(await widget.evaluate(() => [edna.visitor.clientId, edna.visitor.headers["X-Auth-Token"]]), ["user-1", "t1"]);
  await page.evaluate(() => window.chat.refresh());
  await isClient(widget, "user-2");
  assert.deepEqual([await widget.evaluate(() => edna.visitor.headers["X-Auth-Token"]), await found(page)], ["t2", ["EDNA_UNWATCHED"]]);
  // A getter of the page's own is left alone too.
  const other = await lab.lab("host");
  await other.evaluate(() =>
    Object.defineProperty(window, "extendedAuth", { get: () => ({ token: "t1", "custom-property": "c", type: "t" }), configurable: true }),
  );
  const one = await site(chat, { page: other, settings: HTTP, globals: {} });
  await isGuest(one.widget);
  assert.deepEqual([await one.widget.evaluate(() => edna.visitor.headers["X-Auth-Token"]), await found(other)], ["t1", ["EDNA_UNWATCHED"]]);
});

test("headers cross to a server of another site; cookies of the frame do not", async () => {
  const chat = fresh();
  const globals = { clientId: "user-1", extendedAuth: { token: "t1", type: "Bearer", "custom-property": "c" } };
  const { widget } = await site(chat, { settings: SETTINGS, globals, query: { api: "own" } });
  await isClient(widget, "user-1");
  await ready(widget);
  assert.equal(await ask(widget), 200);
  const request = chat.edna.requests.at(-1);
  assert.deepEqual(
    [Object.fromEntries(request.headers)["X-Auth-Token"], request.cookies, chat.edna.sockets[0].protocols],
    ["t1", {}, ["t1", "Bearer"]],
  );
});

test("where the server is has to be said, safely", async () => {
  const page = await lab.lab("host");
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  const codes = await frame.evaluate(async (host) => {
    const { connectEdna } = await window.load("authframe/edna");
    const [rootUrl, websocketUrl] = ["https://a.example/api", "wss://a.example/ws"];
    const attempts = [
      {},
      { rootUrl },
      { websocketUrl },
      ...["http://a.example", "wss://a.example", "https://u@a.example", "none", "javascript:1"].map((rootUrl) => ({
        rootUrl,
        websocketUrl,
      })),
      ...["ws://a.example", "https://a.example"].map((websocketUrl) => ({ rootUrl, websocketUrl })),
    ];
    return Promise.all(
      attempts.map((options) =>
        connectEdna({ hosts: [host], ...options }).then(
          () => "connected",
          (error) => error.code,
        ),
      ),
    );
  }, lab.origin("host"));
  assert.deepEqual(codes, Array(10).fill("CONFIG_INVALID"));
});

test("D12: after close() no timer, port, listener or socket is left, on either side", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, {
    settings: SETTINGS,
    globals: { clientId: "user-1", extendedAuth: { token: "t1", type: "b" } },
  });
  await isClient(widget, "user-1");
  await ready(widget);
  // A socket that waits, and a request that does.
  chat.edna.set({ httpTokenExpiredCode: 419, headers: { "X-Auth-Token": "t2" } });
  const waiting = ask(widget);
  await until(page, () => window.expired.length === 1);
  chat.edna.close(1012);
  await until(widget, () => !window.socket.ready);
  await widget.evaluate(() => bridge.close());
  assert.deepEqual([await waiting, await ask(widget), await widget.evaluate(() => edna.visitor)], ["CLOSED", "CLOSED", null]);
  await page.evaluate(() => window.chat.close());
  await page.evaluate(() => void (window.extendedAuth = { token: "t3" }));
  assert.deepEqual(await page.evaluate(() => Object.keys(Object.getOwnPropertyDescriptor(window, "extendedAuth")).sort()), [
    "configurable",
    "enumerable",
    "value",
    "writable",
  ]);
  await lab.quiet();
  const live = await page.evaluate(() => window.__e2e.live());
  assert.deepEqual([live.timers, live.listeners.filter((name) => /message|page|load/.test(name)), live.ports], [[], [], 0]);
  assert.deepEqual(
    chat.edna.sockets.filter(({ closed }) => closed === null),
    [],
  );
  assert.equal(await page.locator("iframe").count(), 0);
});

test("D12: in the widget itself, while a lost socket waits", async () => {
  const chat = fresh();
  const { widget } = await site(chat, { settings: SETTINGS, globals: { clientId: "user-1", extendedAuth: { token: "t1", type: "b" } } });
  await isClient(widget, "user-1");
  await ready(widget);
  chat.edna.fail({ path: "/ws", status: 503, times: 9 });
  chat.edna.close(1012);
  await until(widget, () => edna.failure?.code === "EDNA_OFFLINE");
  await widget.evaluate(() => bridge.close());
  await lab.quiet();
  const live = await widget.evaluate(() => window.__e2e.live());
  const left = live.listeners.filter((name) => /storage|page|focus|visibility|online/.test(name));
  assert.deepEqual([live.timers, left, live.ports], [[], [], 0]);
});

// --- the demo -------------------------------------------------------------------------------------------------------------------------

/** The demo's page with its widget. */
async function shop({ id }, query = {}) {
  const page = await lab.tab("host", `/edna.html?${new URLSearchParams({ name: id, namespace: id, ...query })}`);
  await until(page, () => window.chat);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.edna);
  return { page, widget };
}
const click = (page, name) => press(page.getByRole("button", { name }));

test("the demo: name, phone, email, personal_manager and customField before the operator's eyes; both tabs follow", async () => {
  const chat = fresh();
  const one = await shop(chat);
  const two = await shop(chat);
  await ready(one.widget);
  await click(one.page, "Ada Lovelace");
  for (const { widget } of [one, two]) {
    await isClient(widget, "ada-5f1d7e");
    await ready(widget);
    await widget.getByText("Hello, Ada Lovelace.").waitFor();
  }
  const operator = one.page.locator("#operator");
  for (const text of ["Ada Lovelace", "+44 20 7946 0000", "ada@example.com", "Charles Babbage", '{"segment":"gold","orders":[1843,1906]}'])
    await operator.getByText(text, { exact: true }).waitFor();
  await one.widget.getByLabel("Your message").fill("Where is my engine?");
  await press(one.widget.getByRole("button", { name: "Send" }));
  await two.widget.getByText("You: Where is my engine?").waitFor();
  await one.page.locator("#person option", { hasText: "client ada" }).waitFor({ state: "attached" });
  await one.page.locator("#person").selectOption({ label: "client ada-5f1d7e" });
  await one.page.getByLabel("Answer the person chosen").fill("On Monday.");
  await click(one.page, "Answer");
  for (const { widget } of [one, two]) await widget.getByText("Operator: On Monday.").waitFor();
  const offered = chat.edna.sockets.at(-1).protocols[0];
  await click(two.page, "Replace the token");
  await seen(chat.edna, () => chat.edna.sockets.at(-1).protocols[0] !== offered);
  await click(two.page, "Let the token expire");
  await ready(one.widget);
  await click(one.page, "Grace Hopper");
  for (const { widget } of [one, two]) {
    await widget.getByText("Hello, Grace Hopper.").waitFor();
    assert.doesNotMatch(await widget.evaluate(() => document.body.innerText), /Ada|Monday|engine/);
  }
  await click(two.page, "Log out");
  for (const { widget } of [one, two]) {
    await isGuest(widget);
    await widget.getByText("Chatting as a guest").waitFor();
  }
});

for (const width of [360, 1440]) {
  test(`the page fits into ${width} px`, async () => {
    const chat = fresh();
    const { page, widget } = await shop(chat, { user: "ada" });
    await page.setViewportSize({ width, height: 900 });
    await isClient(widget, "ada-5f1d7e");
    await ready(widget);
    await page.locator("#operator").getByText("Charles Babbage").waitFor();
    for (const where of [page, widget])
      assert.equal(await where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await lab.screenshot(page, `edna-${width}`, { fullPage: true });
  });
}
