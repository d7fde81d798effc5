/** edna: which values go out. They are replaced while the widget runs, and some of them may not go out at all. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";
import { ednaSite, SETTINGS } from "./edna-site.mjs";

const lab = browserForThisFile();
const { fresh, site, become, isClient, isGuest, ready, seen, history, ask, ours, found } = ednaSite(lab);

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

test("a request with an expired token waits for the next one, and a socket that was closed for it too; the page is notified", async () => {
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
      // Of another listener's call: it is not called any more.
      if (visitor?.clientId === "user-2") window.stopLast?.();
      try {
        socket.send({ type: "MESSAGE", text: `as ${visitor?.clientId}` });
        window.sent.push(visitor?.clientId);
      } catch ({ code }) {
        window.sent.push(code);
      }
    });
    window.stopLast = edna.onVisitor((visitor) => visitor?.clientId === "user-2" && window.sent.push("called after its end"));
  });
  await become(page, { clientId: "user-2" });
  await isClient(widget, "user-2");
  assert.equal(await asked, "NOT_AUTHORIZED");
  const sent = await widget.evaluate(() => window.sent);
  assert.deepEqual([sent[0], sent.at(-1), sent.includes("called after its end")], ["user-1", "DISCONNECTED", false]);
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
  const diagnosed = await widget.evaluate(() => bridge.diagnose());
  assert.ok(
    diagnosed[0].code === "EDNA_CLIENT_ID_PERSONAL" && /phone number or an e-mail/.test(diagnosed[0].problem) && diagnosed[0].remedy,
  );
  assert.ok(diagnosed.some(({ code }) => code === "PARTITIONED"));
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
  // No user is signed in of whom there is no visitor, or another one.
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
  const diagnosed = await page.evaluate(() =>
    window.chat.findings.map(({ code, problem, remedy }) => [code, problem.split(":")[0], /host(Headers|Cookies)/.test(remedy)]),
  );
  assert.deepEqual(diagnosed.sort(), [
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
