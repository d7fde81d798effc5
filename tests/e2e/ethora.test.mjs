/** Ethora: a page that hands over client tokens, a real server that checks them, two tabs, two users. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";
import { ethoraSite } from "./ethora-site.mjs";

const lab = browserForThisFile();

const { fresh, site, signedIn, out, logIn } = ethoraSite(lab);
/** What of this a frame still shows or keeps, in its storage and IndexedDB. */
const left = (widget, word) =>
  widget.evaluate(async (word) => {
    const rows = [];
    for (const { name, version } of await indexedDB.databases()) {
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open(name, version);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      for (const store of database.objectStoreNames) {
        rows.push(
          await new Promise(
            (resolve) => (database.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result)),
          ),
        );
      }
      database.close();
    }
    // What is sealed is bytes.
    const all = JSON.stringify(
      [document.body.innerText, { ...localStorage }, { ...sessionStorage }, document.cookie, rows, bridge.session],
      (_, value) => (ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? null : value),
    );
    return all.match(word)?.[0] ?? null;
  }, word);

test("a login at the page signs the widget in; a second tab is signed in without a second trade, and so is the next visit", async () => {
  const chat = fresh();
  const one = await site(chat);
  await out(one.widget);
  assert.equal(chat.trades(), 0);
  await logIn(one.page, "Ada Lovelace");
  await signedIn(one.widget, "ada");
  await one.widget.getByText("Hello, Ada Lovelace.").waitFor();
  const [trade] = chat.app.requests.filter(({ path }) => path.endsWith("/users/client"));
  assert.deepEqual(
    [trade.method, trade.path, trade.body, trade.headers.authorization, trade.status],
    ["POST", "/v1/users/client", "", undefined, 200],
  );
  assert.match(trade.headers["x-custom-token"], /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const two = await site(chat, "ada");
  await signedIn(two.widget, "ada");
  assert.equal(await two.page.evaluate(() => window.chat.session.account.name), "Ada Lovelace");
  await one.page.close();
  await two.page.close();
  const later = await site(chat, "ada");
  await signedIn(later.widget, "ada");
  await later.widget.getByText("Invoice 1843").waitFor();
  assert.equal(chat.trades(), 1);
});

test("the tokens run out: one refresh for both tabs, and what was asked is asked once more with the new one", async () => {
  const chat = fresh();
  const one = await site(chat, "ada");
  await signedIn(one.widget, "ada");
  const two = await site(chat, "ada");
  await signedIn(two.widget, "ada");
  await lab.quiet();
  chat.app.expireTokens();
  const ask = (widget) =>
    widget.evaluate(() => Promise.all(Array.from({ length: 5 }, () => ethora.fetch("/chats/my").then(({ status }) => status))));
  const answers = await Promise.all([one, two].map(({ widget }) => ask(widget)));
  assert.deepEqual([answers, chat.refreshes(), chat.trades()], [Array(2).fill(Array(5).fill(200)), 1, 1]);
  const [refresh] = chat.app.requests.filter(({ path }) => path.endsWith("/users/login/refresh"));
  assert.deepEqual(
    [refresh.method, refresh.path, refresh.body, refresh.headers["x-custom-token"]],
    ["POST", "/v1/users/login/refresh", {}, undefined],
  );
  assert.match(refresh.headers.authorization, /^JWT /);
  // A server that goes on saying no is asked once more, not for ever.
  chat.app.fail({ path: "/users/my", status: 401, times: 9 });
  assert.equal(await one.widget.evaluate(() => ethora.fetch("/users/my").then(({ status }) => status)), 401);
  assert.equal(chat.app.count("/users/my"), 2);
});

test("a session that lasts two seconds is renewed by itself, by one tab at a time", async () => {
  const chat = fresh();
  chat.app.set({ accessSeconds: 2 });
  const one = await site(chat, "ada");
  await signedIn(one.widget, "ada");
  const two = await site(chat, "ada");
  await signedIn(two.widget, "ada");
  await chat.app.seen("/users/login/refresh", 3);
  await lab.quiet();
  const answered = chat.app.requests.filter(({ path, status }) => path.endsWith("/refresh") && status !== null);
  assert.ok(
    answered.every(({ status }) => status === 200),
    "no refresh token was used twice",
  );
  assert.deepEqual(await Promise.all([one, two].map(({ widget }) => widget.evaluate(() => bridge.session.status))), [
    "authorized",
    "authorized",
  ]);
});

test("another user: in both tabs the first one is gone for good, from what is shown, stored and sent", async () => {
  const chat = fresh();
  const one = await site(chat, "ada");
  await signedIn(one.widget, "ada");
  const two = await site(chat, "ada");
  await signedIn(two.widget, "ada");
  for (const { widget } of [one, two]) {
    await widget.getByText("Order 1906").waitFor();
    await widget.evaluate(() => {
      window.seen = [];
      bridge.subscribe(({ status, account, epoch }) =>
        window.seen.push({ status, subject: account?.subject ?? null, epoch, text: document.body.innerText }),
      );
    });
  }
  const adas = chat.app.requests.map(({ headers }) => headers.authorization).filter(Boolean);
  const asked = chat.app.requests.length;
  await logIn(one.page, "Grace Hopper");
  for (const { widget } of [one, two]) {
    await signedIn(widget, "grace");
    await widget.getByText("Hello, Grace Hopper.").waitFor();
    await widget.getByText("Invoice 1843").waitFor();
  }
  await lab.quiet();
  for (const { widget } of [one, two]) {
    const seen = await widget.evaluate(() => window.seen);
    // Between the two there is no user, and after the first one has gone nothing of them is emitted.
    const gone = seen.findIndex(({ status }) => status !== "authorized");
    assert.ok(gone > 0, JSON.stringify(seen));
    assert.ok(
      seen.slice(gone).every(({ subject, text }) => subject !== "ada" && !/Ada|1906/.test(text)),
      JSON.stringify(seen),
    );
    assert.equal(await left(widget, /Ada|\bada\b|1906/), null);
  }
  const later = chat.app.requests.slice(asked);
  assert.ok(
    later.length > 0 && later.every(({ headers }) => !adas.includes(headers.authorization)),
    "no request with a token of the first one's",
  );
  // Also at the next visit, where the page names the first one again: then that is the one, and the second is gone.
  const third = await site(chat, "ada");
  await signedIn(third.widget, "ada");
  await signedIn(two.widget, "ada");
  assert.equal(await left(third.widget, /Grace|\bgrace\b/), null);
});

test("what the first user asked is not answered, and not asked again, once another one is there", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, "ada");
  await signedIn(widget, "ada");
  await lab.quiet();
  for (const fault of [{ hold: 3000 }, { status: 401, delay: 3000 }]) {
    const before = chat.app.count("/users/my");
    chat.app.fail({ path: "/users/my", ...fault });
    await widget.evaluate(
      () =>
        void (window.answer = ethora.fetch("/users/my").then(
          () => "answered",
          (error) => error.code,
        )),
    );
    await chat.app.seen("/users/my", before + 1);
    const [next, subject] =
      (await widget.evaluate(() => bridge.session.account.subject)) === "ada" ? ["Grace Hopper", "grace"] : ["Ada Lovelace", "ada"];
    await logIn(page, next);
    await signedIn(widget, subject);
    assert.equal(await widget.evaluate(() => window.answer), "NOT_AUTHORIZED");
    assert.equal(chat.app.count("/users/my"), before + 1);
  }
});

test("a page that names another user than the stored one never shows him, not even for a moment", async () => {
  const chat = fresh();
  const one = await site(chat, "ada");
  await signedIn(one.widget, "ada");
  await one.page.close();
  const page = await lab.context.newPage();
  await page.addInitScript(() => {
    window.shown = [];
    addEventListener("DOMContentLoaded", () =>
      new MutationObserver(() => window.shown.push(document.body.innerText)).observe(document, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      }),
    );
  });
  await page.goto(lab.url("host", `/ethora.html?${new URLSearchParams({ app: chat.id, namespace: chat.id, user: "grace" })}`));
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.ethora);
  await signedIn(widget, "grace");
  await widget.getByText("Hello, Grace Hopper.").waitFor();
  for (const where of [widget, page]) {
    const shown = (await where.evaluate(() => window.shown)).filter(
      (text) => /signed in as Ada|Hello, Ada|1906/i.test(text) && !/Talk about/.test(text),
    );
    assert.deepEqual(shown, []);
  }
  assert.equal(chat.trades(), 2);
});

test("a logout at the page ends it in every tab, and nothing is left", async () => {
  const chat = fresh();
  const one = await site(chat, "ada");
  await signedIn(one.widget, "ada");
  const two = await site(chat, "ada");
  await signedIn(two.widget, "ada");
  await logIn(one.page, "Log out");
  for (const { page, widget } of [one, two]) {
    await out(widget);
    await until(page, () => window.chat.session.status === "unauthorized");
    await lab.quiet();
    assert.equal(await left(widget, /\bada\b|JWT |eyJ/), null);
    assert.equal(await widget.evaluate(() => ethora.fetch("/chats/my").catch((error) => error.code)), "NOT_AUTHORIZED");
  }
  // The widget's own button does the same.
  await logIn(one.page, "Grace Hopper");
  await signedIn(two.widget, "grace");
  await two.page.bringToFront();
  await press(two.widget.getByRole("button", { name: "Sign out here" }));
  await out(one.widget);
});

test("the server is out of order, does not answer, says no: each has its own code; what may pass is tried again, what was refused is not", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat);
  const failure = (code) => until(widget, (code) => (ethora.failure?.code ?? null) === code, code);
  chat.app.fail({ path: "/users/client", status: 503, times: 2 });
  await logIn(page, "Ada Lovelace");
  await failure("ETHORA_UNAVAILABLE");
  await signedIn(widget, "ada");
  assert.deepEqual([await widget.evaluate(() => ethora.failure), chat.trades()], [null, 3]);
  await logIn(page, "Log out");
  await out(widget);
  // A browser sends once more by itself what a connection that it had kept open did not take, and it may have kept several.
  chat.app.fail({ path: "/users/client", drop: "before", times: 99 });
  await logIn(page, "Ada Lovelace");
  await failure("ETHORA_OFFLINE");
  chat.app.heal();
  await signedIn(widget, "ada");
  // Of a 401 is "E11: after a 401 the page is asked once" in ethora-findings.test.mjs.
  for (const [status, code, times] of [
    [200, "ETHORA_BAD_REPLY", 1],
    [403, "ETHORA_FORBIDDEN", 1],
    [404, "ETHORA_REJECTED", 1],
  ]) {
    await logIn(page, "Log out");
    await out(widget);
    const before = chat.trades();
    chat.app.fail({ path: "/users/client", status, times });
    await logIn(page, "Ada Lovelace");
    await chat.app.until(() => chat.trades() === before + times);
    await failure(code);
    const reason = await until(widget, () => bridge.session.status === "unauthorized" && bridge.session.reason);
    const isRefused = status === 403;
    assert.equal(await reason.jsonValue(), isRefused ? "refused" : "acquire-failed");
    // What has failed is tried again after half a second at the earliest, what was refused never.
    if (isRefused) await lab.quiet();
    assert.equal(chat.trades() - before, times);
    await page.getByText(/^ACQUIRE_FAILED/).waitFor();
  }
});

test("a session that the server has ended is followed by a new one, because the page still knows who it is", async () => {
  const chat = fresh();
  const { widget } = await site(chat, "ada");
  await signedIn(widget, "ada");
  await lab.quiet();
  chat.app.expireTokens("refresh");
  await widget.evaluate(() => void ethora.fetch("/chats/my").catch(() => {}));
  await chat.app.seen("/users/client", 2);
  await signedIn(widget, "ada");
  assert.equal(await widget.evaluate(() => ethora.fetch("/chats/my").then(({ status }) => status)), 200);
});

// --- by hand ------------------------------------------------------------------------------------------------------------------------

test("a token that cannot be one is refused before anything is sent, by the page's half and, of another page's, by the widget", async () => {
  const chat = fresh();
  const page = await lab.lab("host");
  const src = lab.url("widget", `/widget.html?${new URLSearchParams({ dialect: "ethora", app: chat.id, namespace: chat.id })}`);
  const server = chat.app.serverToken();
  const [good, expired, early, foreign] = [
    chat.app.clientToken({ userId: "ada" }),
    chat.app.clientToken({ userId: "ada", claims: { exp: 1 } }),
    chat.app.clientToken({ userId: "ada", claims: { nbf: 4e9 } }),
    lab.server.ethora.app(`${chat.id}-other`).clientToken({ userId: "ada" }),
  ];
  const [, payload, signature] = good.split(".");
  const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.${signature}`;
  const ambiguous = chat.app.clientToken({ userId: "ada", claims: { type: "server" } });
  const nameless = chat.app.clientToken({ userId: "" });
  const bad = {
    JWT_TYPE: server,
    JWT_EXPIRED: expired,
    JWT_NOT_YET_VALID: early,
    JWT_APP: foreign,
    JWT_ALG: none,
    JWT_AMBIGUOUS: ambiguous,
    JWT_NO_SUBJECT: nameless,
    JWT_MALFORMED: "no token",
  };
  for (const [code, token] of Object.entries(bad)) {
    const failure = await page.evaluate(
      async ([src, appId, token]) => {
        const { embedEthora, AuthframeError } = await window.load("authframe/host/ethora");
        return embedEthora({ container: document.body, src, config: { appId, jwtLogin: { enabled: true, token } } }).then(
          () => "connected",
          (error) => [error.code, error instanceof AuthframeError],
        );
      },
      [src, chat.id, token],
    );
    assert.deepEqual(failure, [code, true]);
  }
  assert.equal(await page.locator("iframe").count(), 0);
  // A page that does not use that half.
  await page.evaluate(async (src) => {
    const { embed } = await window.load("authframe/host");
    window.widget = await embed({ container: document.body, src });
  }, src);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.ethora);
  for (const [code, accessToken] of Object.entries({
    ...bad,
    JWT_MALFORMED: undefined,
    JWT_SUBJECT: chat.app.clientToken({ userId: "grace" }),
  })) {
    const answer = await page.evaluate(
      (accessToken) =>
        window.widget.setIdentity({ account: "ada", ...(accessToken ? { accessToken } : {}) }).then(
          () => "taken",
          (error) => error.code,
        ),
      accessToken,
    );
    assert.equal(answer, "ACQUIRE_FAILED", code);
    assert.equal(await widget.evaluate(() => ethora.failure.code), code);
  }
  assert.equal(chat.trades(), 0);
  // Both shapes are good, and the widget's fault is forgotten.
  for (const [token, subject] of [
    [good, "ada"],
    [chat.app.clientToken({ email: "Emmy@Example.com" }), "emmy@example.com"],
  ]) {
    await page.evaluate(([accessToken, account]) => window.widget.setIdentity({ account, accessToken }), [token, subject]);
    await signedIn(widget, subject);
    assert.equal(await widget.evaluate(() => ethora.failure), null);
  }
});

test("no user is logged in at the page: the one who was is signed out, and is not brought back by a slow answer", async () => {
  const chat = fresh();
  const one = await site(chat, "ada");
  await signedIn(one.widget, "ada");
  const two = await site(chat);
  for (const { widget } of [one, two]) await out(widget);
  await lab.quiet();
  assert.equal(await left(two.widget, /\bada\b|1906/), null);
  // A page whose token comes late, after it has logged the user out.
  const page = await lab.lab("host");
  const src = lab.url("widget", `/widget.html?${new URLSearchParams({ dialect: "ethora", app: chat.id, namespace: `${chat.id}-late` })}`);
  await page.evaluate(
    async ([src, appId, token]) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      const asked = new Promise((resolve) => (window.wasAsked = resolve));
      window.late = new Promise((resolve) => (window.give = () => resolve(token)));
      window.chat = await embedEthora({
        container: document.body,
        src,
        config: { appId, jwtLogin: { enabled: true, token } },
        getToken: () => (window.wasAsked(), window.late),
      });
      window.asked = asked;
    },
    [src, chat.id, chat.app.clientToken({ userId: "ada" })],
  );
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.ethora);
  await signedIn(widget, "ada");
  await widget.evaluate(() => void bridge.requestSignIn().catch(() => {}));
  await page.evaluate(() => window.asked);
  await page.evaluate(([appId]) => window.chat.setConfig({ appId, jwtLogin: { enabled: false } }), [chat.id]);
  await out(widget);
  await page.evaluate(() => window.give());
  await lab.quiet();
  assert.equal(await widget.evaluate(() => bridge.session.status), "unauthorized");
});

test("who signs himself out while the API is down stays out, also when the network is back", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat);
  chat.app.fail({ path: "/users/client", status: 503, times: 99 });
  await logIn(page, "Ada Lovelace");
  await until(widget, () => ethora.failure?.code === "ETHORA_UNAVAILABLE");
  await widget.evaluate(() => bridge.signOut());
  await until(widget, () => bridge.session.status === "unauthorized" && ethora.failure === null);
  const trades = chat.trades();
  await widget.evaluate(() => window.dispatchEvent(new Event("online")));
  await lab.quiet();
  assert.deepEqual([await widget.evaluate(() => bridge.session.status), chat.trades()], ["unauthorized", trades]);
});

test("a server that takes the token and nothing else is not asked again and again", async () => {
  const chat = fresh();
  const { widget } = await site(chat, "ada");
  await signedIn(widget, "ada");
  await lab.quiet();
  chat.app.fail({ path: "/users/login/refresh", status: 401, times: 999 }, { path: "/chats/my", status: 401, times: 999 });
  await widget.evaluate(() => void ethora.fetch("/chats/my").catch(() => {}));
  await chat.app.until(() => chat.refreshes() >= 2);
  await out(widget);
  await lab.quiet();
  assert.deepEqual([chat.trades(), chat.refreshes()], [2, 2]);
});

test("two apps and two servers below one namespace have nothing to do with each other; a token without a known end is renewed all the same", async () => {
  const [one, two] = [fresh(), fresh()];
  const first = await site(one, "ada");
  await signedIn(first.widget, "ada");
  const page = await lab.tab("host", `/ethora.html?${new URLSearchParams({ app: two.id, namespace: one.id, user: "ada" })}`);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.ethora);
  await signedIn(widget, "ada");
  assert.deepEqual([one.trades(), two.trades()], [1, 1]);
  const endless = `JWT ${two.app.clientToken({ userId: "ada" })}`;
  await widget.evaluate((token) => bridge.authorize({ account: "ada", accessToken: token, refreshToken: token }), endless);
  await widget.evaluate(() => void ethora.fetch("/users/my").catch(() => {}));
  await two.app.seen("/users/login/refresh");
});

test("no path of the application's leads a token to another place", async () => {
  const chat = fresh();
  const { widget } = await site(chat, "ada");
  await signedIn(widget, "ada");
  await lab.quiet();
  const before = chat.app.requests.length;
  for (const path of [
    "",
    "chats/my",
    "@evil.localhost/x",
    ".evil.localhost/x",
    "/../control",
    "/../../x",
    "//evil.localhost/x/../../../../x",
    "\\\\evil.localhost",
  ]) {
    assert.equal(
      await widget.evaluate(
        (path) =>
          ethora.fetch(path).then(
            ({ url }) => url,
            (error) => error.code,
          ),
        path,
      ),
      "CONFIG_INVALID",
      path,
    );
  }
  assert.equal(chat.app.requests.length, before);
});

test("the page names the room, before and after it is connected; what names none is refused by one half and dropped by the other", async () => {
  const chat = fresh();
  const page = await lab.lab("host");
  const src = lab.url("widget", `/widget.html?${new URLSearchParams({ dialect: "ethora", app: chat.id, namespace: chat.id })}`);
  await page.evaluate(
    async ([src, appId]) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      window.widget = await embedEthora({ container: document.body, src, config: { appId }, chat: { uuid: 7 } });
    },
    [src, chat.id],
  );
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.ethora?.chat?.uuid === 7);
  const codes = await page.evaluate(() =>
    [{}, { uuid: 1, jid: "a@b" }, { uuid: 1.5 }, { uuid: null }, { jid: 7 }].map((chat) => {
      try {
        window.widget.setChat(chat);
        return "taken";
      } catch (error) {
        return error.code;
      }
    }),
  );
  assert.deepEqual(codes, Array(5).fill("CONFIG_INVALID"));
  await widget.evaluate(() => {
    window.rooms = [];
    window.stop = ethora.onChat((chat) => window.rooms.push(chat));
  });
  await page.evaluate(() => {
    window.widget.setChat({ jid: "7@conference.example" });
    for (const bad of [{ uuid: {} }, { uuid: 1.5 }, { jid: 7 }, "7", 7, { uuid: "" }, undefined]) window.widget.send("ethora:chat", bad);
    window.widget.setChat(null);
  });
  await until(widget, () => window.rooms.length === 3);
  assert.deepEqual(await widget.evaluate(() => window.rooms), [{ uuid: 7 }, { jid: "7@conference.example" }, null]);
  // A widget that is loaded anew asks for it.
  await page.evaluate(() => window.widget.setChat({ uuid: "order-9" }));
  await widget.evaluate(() => location.reload());
  await until(page, () => window.widget.connection === "connected");
  const again = await frameOf(page, lab.origin("widget"));
  await until(again, () => window.ethora?.chat?.uuid === "order-9");
});

test("where the API is has to be said, safely", async () => {
  const page = await lab.lab("host");
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  const codes = await frame.evaluate(async (host) => {
    const { connectEthora } = await window.load("authframe/ethora");
    const attempts = [
      {},
      { appId: "1" },
      { appId: "", baseUrl: "https://a.example" },
      { appId: 1, baseUrl: "https://a.example" },
      ...["http://a.example", "ftp://a.example", "https://u@a.example", "https://:p@a.example", "https://a.example?x", "//a", "none"].map(
        (baseUrl) => ({ appId: "1", baseUrl }),
      ),
    ];
    return Promise.all(
      attempts.map((options) =>
        connectEthora({ hosts: [host], ...options }).then(
          () => "connected",
          (error) => error.code,
        ),
      ),
    );
  }, lab.origin("host"));
  assert.deepEqual(codes, Array(11).fill("CONFIG_INVALID"));
});

test("D12: after close() no timer, port or listener is left", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat);
  chat.app.fail({ path: "/users/client", status: 503, times: 9 });
  await logIn(page, "Ada Lovelace");
  await until(widget, () => ethora.failure?.code === "ETHORA_UNAVAILABLE");
  await widget.evaluate(() => bridge.close());
  await lab.quiet();
  const asked = chat.trades();
  const live = await widget.evaluate(() => window.__e2e.live());
  const ours = live.listeners.filter((name) => /storage|page|focus|visibility|online/.test(name));
  assert.deepEqual([live.timers, ours, live.ports, chat.trades()], [[], [], 0, asked]);
});

for (const width of [360, 1440]) {
  test(`the page fits into ${width} px`, async () => {
    const chat = fresh();
    const { page, widget } = await site(chat, "ada");
    await page.setViewportSize({ width, height: 900 });
    await signedIn(widget, "ada");
    await widget.getByText("Order 1906").waitFor();
    for (const where of [page, widget])
      assert.equal(await where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await lab.screenshot(page, `ethora-${width}`, { fullPage: true });
  });
}
