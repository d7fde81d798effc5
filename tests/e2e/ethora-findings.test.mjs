/** Ethora, what was measured from outside: E2, E7, E9, E11 and E14 in a real browser. E1 is in ethora-chat.test.mjs. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";
import { ethoraSite } from "./ethora-site.mjs";

const lab = browserForThisFile();
const { fresh, site, signedIn, out } = ethoraSite(lab);

/** A page of its own that embeds the widget; `embedHere` runs in it, with `src` and what is given. */
async function embedded(chat, embedHere, given = {}, prepare) {
  const page = await lab.lab("host", "/lab", prepare);
  const src = lab.url("widget", `/widget.html?${new URLSearchParams({ dialect: "ethora", app: chat.id, namespace: chat.id })}`);
  await page.evaluate(embedHere, { src, appId: chat.id, ...given });
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.ethora);
  return { page, widget };
}
/** How the host page reports that the widget's server took no user of it. */
const NOT_TAKEN = "AuthframeError: ACQUIRE_FAILED: the widget has not taken setIdentity(): ";
const tokens = (chat, count, userId = "ada") =>
  Array.from({ length: count }, (_, turn) => chat.app.clientToken({ userId, claims: { jti: String(turn) } }));

test("E2: a token with white space around it, or with the prefix, is taken by both halves", async () => {
  const chat = fresh();
  const [first, second] = tokens(chat, 2);
  const { page, widget } = await embedded(
    chat,
    async ({ src, appId, token }) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      window.chat = await embedEthora({ container: document.body, src, config: { appId, jwtLogin: { enabled: true, token } } });
    },
    { token: ` ${first}\n` },
  );
  await signedIn(widget, "ada");
  await page.evaluate(() => window.chat.setConfig({ appId: "x", jwtLogin: { enabled: false } }));
  await out(widget);
  // A page that does not use that half.
  await page.evaluate((accessToken) => window.chat.setIdentity({ account: "ada", accessToken }), `JWT ${second}\r\n`);
  await signedIn(widget, "ada");
  const sent = chat.app.requests.filter(({ path }) => path.endsWith("/users/client")).map(({ headers }) => headers["x-custom-token"]);
  assert.deepEqual(sent, [first, second]);
});

test("E7: a getToken that fails after the server has ended the session is called again, until it has a token", async () => {
  const chat = fresh();
  const { page, widget } = await embedded(
    chat,
    async ({ src, appId, tokens }) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      window.calls = [];
      window.chat = await embedEthora({
        container: document.body,
        src,
        config: { appId, jwtLogin: { enabled: true, token: tokens[0] } },
        async getToken() {
          window.calls.push(performance.now());
          if (window.calls.length === 1) throw new Error("the server of this site is out of order");
          // What cannot be a token is a failure too.
          return window.calls.length === 2 ? "<html>" : tokens[1];
        },
      });
    },
    { tokens: tokens(chat, 2) },
  );
  await signedIn(widget, "ada");
  await lab.quiet();
  chat.app.expireTokens("refresh");
  await widget.evaluate(() => void ethora.fetch("/chats/my").catch(() => {}));
  await out(widget);
  await signedIn(widget, "ada");
  const [first, second, third, ...more] = await page.evaluate(() => window.calls);
  assert.deepEqual(more, []);
  // Pauses of half a second to a second, then up to two, and what the messages take.
  assert.ok(second - first >= 500 && third - second >= 1000, JSON.stringify([second - first, third - second]));
  assert.equal(chat.trades(), 2);
  // What the application throws is reported in its page.
  assert.deepEqual(
    lab.seen.errors.splice(0).map((error) => error.split("\n")[0]),
    [
      "Error: the server of this site is out of order",
      "AuthframeError: JWT_MALFORMED: this is no JWT with a JSON object in it: give what your server's clientToken() returned",
    ],
  );
});

test("E7: a getToken that never answers has failed after 20 s, and is called again", async () => {
  // As fast as a test can wait.
  const hasten = () => {
    const real = window.setTimeout;
    window.setTimeout = (callback, wait, ...more) => real(callback, wait === 20_000 ? 300 : wait, ...more);
  };
  const chat = fresh();
  const { page, widget } = await embedded(
    chat,
    async ({ src, appId, tokens }) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      window.calls = 0;
      const getToken = () => {
        window.calls += 1;
        return window.calls === 1 ? new Promise(() => {}) : tokens[1];
      };
      const config = { appId, jwtLogin: { enabled: true, token: tokens[0] } };
      window.chat = await embedEthora({ container: document.body, src, config, getToken });
    },
    { tokens: tokens(chat, 2) },
    hasten,
  );
  await signedIn(widget, "ada");
  await lab.quiet();
  chat.app.expireTokens("refresh");
  await widget.evaluate(() => void ethora.fetch("/chats/my").catch(() => {}));
  await out(widget);
  await signedIn(widget, "ada");
  assert.equal(await page.evaluate(() => window.calls), 2);
  assert.deepEqual(
    lab.seen.errors.splice(0).map((error) => error.split("\n")[0]),
    ["Error: it took too long"],
  );
});

test("E7: the host's answer that no user is signed in is an answer: it is not asked again", async () => {
  const chat = fresh();
  const { page, widget } = await embedded(
    chat,
    async ({ src, appId, token }) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      window.calls = 0;
      const getToken = () => {
        window.calls += 1;
        return null;
      };
      window.chat = await embedEthora({ container: document.body, src, config: { appId, jwtLogin: { enabled: true, token } }, getToken });
    },
    { token: tokens(chat, 1)[0] },
  );
  await signedIn(widget, "ada");
  await lab.quiet();
  chat.app.expireTokens("refresh");
  await widget.evaluate(() => void ethora.fetch("/chats/my").catch(() => {}));
  await out(widget);
  await until(page, () => window.calls === 1);
  await lab.quiet();
  await widget.evaluate(() => window.dispatchEvent(new Event("online")));
  await lab.quiet();
  assert.deepEqual([await page.evaluate(() => window.calls), chat.trades()], [1, 1]);
});

test("E9: what the vendor's component left in clear is removed in the page and in the widget, if it is not in use", async () => {
  const leave = () => {
    localStorage.setItem("@ethora/chat-component-user-session", '{"user":{"token":"JWT secret","xmppPassword":"secret"}}');
    localStorage.setItem("persist:roomMessages", "{}");
    localStorage.setItem("draft", "mine");
  };
  const chat = fresh();
  const one = await site(chat, "ada", {}, leave);
  await signedIn(one.widget, "ada");
  for (const where of [one.page, one.widget]) {
    const keys = await where.evaluate(() => Object.keys(localStorage).filter((key) => /@ethora|persist|draft/.test(key)));
    assert.deepEqual(keys, ["draft"]);
  }
  const two = await site(chat, "ada", { "vendor-storage": "keep" }, leave);
  await signedIn(two.widget, "ada");
  assert.ok(await two.widget.evaluate(() => localStorage.getItem("@ethora/chat-component-user-session")));
});

test("E11: a token that the API does not accept is traded once, whatever the page answers", async () => {
  const chat = fresh();
  const [first, second] = tokens(chat, 2);
  chat.app.fail({ path: "/users/client", status: 401, times: 99 });
  const { page, widget } = await embedded(
    chat,
    async ({ src, appId, token }) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      window.chat = await embedEthora({
        container: document.body,
        src,
        config: { appId, jwtLogin: { enabled: true, token } },
      });
    },
    { token: first },
  );
  // Without `getToken` the page answers with the same token.
  await until(widget, () => ethora.failure?.code === "ETHORA_UNAUTHORIZED" && bridge.session.status === "unauthorized");
  const name = (token) =>
    page.evaluate(
      ([appId, token]) =>
        window.chat.setConfig({ appId, jwtLogin: { enabled: true, token } }).then(
          () => "taken",
          ({ code }) => code,
        ),
      [chat.id, token],
    );
  assert.equal(await name(first), "ACQUIRE_FAILED");
  assert.equal(await widget.evaluate(() => ethora.failure.code), "ETHORA_UNAUTHORIZED");
  assert.equal(chat.trades(), 1);
  chat.app.heal();
  assert.equal(await name(second), "taken");
  await signedIn(widget, "ada");
  // What came of the first token, which `embedEthora` had sent and no caller waited for.
  assert.deepEqual(
    lab.seen.errors.splice(0).map((error) => error.slice(0, NOT_TAKEN.length)),
    [NOT_TAKEN],
  );
});

test("E11: after a 401 the page is asked once whether it has a newer token", async () => {
  const chat = fresh();
  chat.app.fail({ path: "/users/client", status: 401, times: 99 });
  const { page, widget } = await embedded(
    chat,
    async ({ src, appId, tokens }) => {
      const { embedEthora } = await window.load("authframe/host/ethora");
      window.calls = 0;
      const getToken = () => {
        window.calls += 1;
        return tokens[window.calls];
      };
      window.chat = await embedEthora({
        container: document.body,
        src,
        config: { appId, jwtLogin: { enabled: true, token: tokens[0] } },
        getToken,
      });
    },
    { tokens: tokens(chat, 9) },
  );
  await chat.app.seen("/users/client", 2);
  await until(widget, () => ethora.failure?.code === "ETHORA_UNAUTHORIZED" && bridge.session.status === "unauthorized");
  assert.equal(await widget.evaluate(() => bridge.session.reason), "refused");
  // What has failed is tried again after half a second at the earliest, what was refused never.
  await lab.quiet();
  assert.deepEqual([chat.trades(), await page.evaluate(() => window.calls)], [2, 1]);
  // What came of the first token, which `embedEthora` had sent and no caller waited for.
  assert.ok(lab.seen.errors.splice(0).every((error) => error.startsWith(NOT_TAKEN)));
});

test("E11: a page that signs the user out at once still names the room, and one that is wrong says how", async () => {
  const chat = fresh();
  const { page, widget } = await embedded(chat, async ({ src, appId }) => {
    const { embedEthora } = await window.load("authframe/host/ethora");
    const config = { appId, jwtLogin: { enabled: false } };
    window.chat = await embedEthora({ container: document.body, src, config, chat: { uuid: 7 } });
  });
  await until(widget, () => ethora.chat?.uuid === 7);
  // The same room again is no news.
  await widget.evaluate(() => {
    window.rooms = [];
    ethora.onChat((room) => window.rooms.push(room));
  });
  await page.evaluate(() =>
    [{ uuid: 7 }, { uuid: 7 }, { uuid: "7" }, { jid: "7" }, null, null].forEach((room) => window.chat.setChat(room)),
  );
  await until(widget, () => window.rooms.at(-1) === null);
  await lab.quiet();
  assert.deepEqual(await widget.evaluate(() => window.rooms), [{ uuid: 7 }, { uuid: "7" }, { jid: "7" }, null]);
  const errors = await page.evaluate(async (appId) => {
    const { embedEthora } = await window.load("authframe/host/ethora");
    const good = { container: document.body, src: "https://chat.example", config: { appId } };
    const wrong = {
      "the options are": undefined,
      "config is undefined": { ...good, config: undefined },
      "config.appId is 7": { ...good, config: { appId: 7 } },
      "config.jwtLogin is": { ...good, config: { appId, jwtLogin: { token: "x" } } },
      "config.userLogin is enabled": { ...good, config: { appId, userLogin: { enabled: true, user: {} } } },
      "getToken is": { ...good, getToken: "/token" },
      "identity and onSignInRequest": { ...good, identity: { account: "ada" } },
      "vendorStorage is": { ...good, vendorStorage: false },
      "this has uuid 1 and jid": { ...good, chat: { uuid: 1n, jid: "a" } },
      "this has uuid 12 and": { ...good, chat: { uuid: 12n } },
      "this has uuid undefined": { ...good, chat: {} },
    };
    const said = [];
    for (const [words, options] of Object.entries(wrong)) {
      const error = await embedEthora(options).then(
        () => ({ code: "connected", message: "" }),
        (error) => error,
      );
      if (error.code !== "CONFIG_INVALID" || !error.message.includes(words)) said.push([words, error.code, error.message]);
    }
    return said;
  }, chat.id);
  assert.deepEqual(errors, []);
});

test("E14: a browser whose clock is seven minutes fast signs in with a token of five minutes", async () => {
  const fast = () => {
    const real = Date.now;
    Date.now = () => real() + 420_000;
  };
  const chat = fresh();
  const { page, widget } = await site(chat, "ada", {}, fast);
  await signedIn(widget, "ada");
  assert.ok(await page.evaluate(() => Date.now() - performance.timeOrigin - performance.now() > 300_000), "the clock is wrong");
  assert.equal(await widget.evaluate(() => ethora.fetch("/chats/my").then(({ status }) => status)), 200);
});

test("E14: a stored session that is too old ends at the next visit, and the page's token begins another one", async () => {
  const chat = fresh();
  const one = await site(chat, "ada", { "max-age": "60" });
  await signedIn(one.widget, "ada");
  await one.page.close();
  const later = () => {
    const real = Date.now;
    Date.now = () => real() + 61_000;
  };
  const two = await site(chat, "ada", { "max-age": "60" }, later);
  await chat.app.seen("/users/client", 2);
  await signedIn(two.widget, "ada");
  assert.equal(chat.refreshes(), 0);
});

test("E14: after a reload, a browser's clock that is six minutes fast ends no session of five minutes", async () => {
  const chat = fresh();
  const fast = () => {
    const real = Date.now;
    Date.now = () => real() + 360_000;
  };
  const { page, widget } = await site(chat, "ada", { "max-age": "300" }, fast);
  await signedIn(widget, "ada");
  await page.reload();
  const again = await frameOf(page, lab.origin("widget"));
  await until(again, () => window.ethora);
  await signedIn(again, "ada");
  assert.equal((await again.evaluate(() => ethora.user())).xmppPassword, "xmpp-of-ada");
  assert.equal(chat.trades(), 1);
});

test("E14: with refreshTokens switched off nothing is renewed: the session ends with its token, and the page is asked for another one", async () => {
  const chat = fresh();
  chat.app.set({ accessSeconds: 2 });
  const { widget } = await site(chat, "ada", { refresh: "off" });
  await chat.app.seen("/users/client");
  // The next one lasts.
  chat.app.set({ accessSeconds: 900 });
  await chat.app.seen("/users/client", 2);
  await signedIn(widget, "ada");
  assert.equal(chat.refreshes(), 0);
  // The API says no: nothing is renewed for that either.
  chat.app.fail({ path: "/users/my", status: 401 });
  assert.equal(await widget.evaluate(() => ethora.fetch("/users/my").then(({ status }) => status)), 401);
  assert.deepEqual([chat.app.count("/users/my"), chat.refreshes()], [1, 0]);
});
