/** Webex: signed in at a certified provider, one line at a real registrar for all tabs. */
import assert from "node:assert/strict";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";
import { blankPair, until } from "./actors.mjs";

const lab = browserForThisFile();

/** A registrar and a storage namespace that no other test has. */
const fresh = (settings = {}) => {
  const id = lab.freshNamespace();
  const registrar = lab.server.registrar.named(id);
  registrar.set({ keepaliveInterval: 1, ...settings });
  return { id, registrar };
};
/** A host page that hears of the line, with the phone in a frame. In the frame: `told`. */
async function phone({ id }, query = {}) {
  const page = await lab.lab("host");
  const src = lab.url("widget", `/webex-widget.html?${new URLSearchParams({ registrar: id, namespace: id, ...query })}`);
  await page.evaluate(async (src) => {
    const { embed } = await window.load("authframe/host");
    window.news = [];
    window.widget = await embed({ container: document.getElementById("stage"), src });
    window.widget.handle("webex:line", (said) => void (said.event ? window.news.push(said) : (window.first = said)));
  }, src);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.line);
  await widget.evaluate(() => {
    window.told = [];
    for (const event of ["connecting", "registered", "unregistered", "reconnecting", "reconnected", "error"]) {
      line.on(event, (value) => window.told.push([event, line.getStatus(), value === line ? "line" : (value ?? null)]));
    }
  });
  return { page, widget };
}
const session = (widget, status) => until(widget, (status) => webex.bridge.session.status === status, status);
const status = (widget, status) => until(widget, (status) => line.getStatus() === status, status);
const told = (widget) => widget.evaluate(() => window.told.map(([event]) => event));
/** Through the real sign-in page. */
async function signIn({ page, widget }, { user = "ada", choice = "Sign in" } = {}) {
  // The provider remembers who has signed in, and asks no more.
  await lab.context.clearCookies({ domain: "webex-login.localhost" });
  const popup = page.waitForEvent("popup");
  await press(widget.getByRole("button", { name: "Sign in with a window" }));
  const login = await popup;
  await login.getByLabel("User").fill(user);
  await press(login.getByRole("button", { name: choice, exact: true }));
}
/** A phone whose user has just signed in, and whose line is registered. */
async function registered(at, query) {
  const made = await phone(at, query);
  await signIn(made);
  await status(made.widget, "active");
  return made;
}
/** The same in another tab. */
async function another(at, query) {
  const made = await phone(at, query);
  await status(made.widget, "active");
  return made;
}
const provider = async () => {
  const oidc = await lab.server.oidc();
  oidc.reset();
  return oidc;
};
const alive = ({ registrar }) => registrar.devices.size;
const keepalives = ({ registrar }) => registrar.requests.filter(({ path }) => path.endsWith("/status")).length;
const seen = (server, test) =>
  Promise.race([
    server.until(test),
    new Promise((_, reject) => setTimeout(() => reject(new Error("the server did not see it")), 20_000).unref()),
  ]);

test("with PKCE: the code is exchanged by the page, the line is registered, kept alive and shown; the host hears of it", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await phone(at);
  await session(one.widget, "unauthorized");
  const before = await one.widget.evaluate(() => [
    Object.keys(webex.getLines()).length,
    line.lineId,
    line.status,
    line.getStatus(),
    line.phoneNumber,
    line.sipAddresses,
  ]);
  assert.deepEqual([before[0], before.slice(2)], [1, ["inactive", "IDLE", "+1 202 555 0117", []]]);
  assert.match(before[1], /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  await signIn(one);
  await session(one.widget, "authorized");
  await status(one.widget, "active");
  const [exchange] = oidc.requests;
  assert.deepEqual(
    [
      exchange.path,
      exchange.form.grant_type,
      exchange.form.client_id,
      exchange.form.client_secret,
      exchange.form.redirect_uri,
      exchange.status,
    ],
    ["/token", "authorization_code", "pkce-widget", undefined, lab.url("widget", "/callback.html"), 200],
  );
  assert.match(exchange.form.code_verifier, /^[\w-]{43}$/);
  assert.deepEqual(await one.widget.evaluate(() => window.told), [
    ["connecting", "IDLE", null],
    ["registered", "active", "line"],
  ]);
  await until(one.page, () => window.news.length === 2);
  const news = await one.page.evaluate(() => window.news);
  const first = await one.page.evaluate(() => window.first);
  assert.deepEqual([first.event, first.status, first.line.lineId, first.line.phoneNumber], [null, "IDLE", before[1], "+1 202 555 0117"]);
  assert.deepEqual(
    news.map(({ event, status, line }) => [event, status, line.status]),
    [
      ["connecting", "IDLE", "inactive"],
      ["registered", "active", "active"],
    ],
  );
  assert.equal(JSON.stringify(news).includes("token"), false);
  const [register] = at.registrar.requests;
  assert.deepEqual(register.body, {
    userId: "ada",
    clientDeviceUri: `${lab.origin("webex-login")}/devices/1`,
    serviceData: { indicator: "calling", domain: "" },
  });
  const [{ deviceId }] = [...at.registrar.devices.values()];
  const shown = await one.widget.evaluate(() => ({ ...line, on: undefined }));
  assert.deepEqual(
    [
      shown.mobiusDeviceId,
      shown.status,
      shown.keepaliveInterval,
      shown.callKeepaliveInterval,
      shown.rehomingIntervalMin,
      shown.rehomingIntervalMax,
      shown.voicePortalNumber,
      shown.voicePortalExtension,
      shown.sipAddresses,
    ],
    [deviceId, "active", 1, 10, 60, 120, 5550100, 100, ["sip:ada@calling.example"]],
  );
  await seen(at.registrar, () => keepalives(at) >= 2);
  assert.deepEqual([alive(at), at.registrar.most, await told(one.widget)], [1, 1, ["connecting", "registered"]]);
  // Nothing that opens a door lies where every script of this origin can read it.
  assert.equal(await one.widget.evaluate(() => /access|refresh/i.test(JSON.stringify({ ...localStorage }))), false);
});

test("without PKCE: the backend has the secret, and sends the five documented fields", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await phone(at, { client: "backend" });
  await session(one.widget, "unauthorized");
  await signIn(one);
  await status(one.widget, "active");
  const given = Object.fromEntries(Object.entries(oidc.requests[0].form).filter(([, value]) => value !== undefined));
  assert.deepEqual(Object.keys(given).sort(), ["client_id", "client_secret", "code", "grant_type", "redirect_uri"]);
});

test("a wrong verifier is refused by the provider, and nobody is signed in; a cancel is one", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await phone(at);
  await session(one.widget, "unauthorized");
  await one.widget.evaluate(() => {
    const real = window.fetch;
    window.fetch = (address, init) => {
      if (init?.body instanceof URLSearchParams && init.body.has("code_verifier")) init.body.set("code_verifier", "x".repeat(43));
      return real(address, init);
    };
  });
  await signIn(one);
  await until(one.widget, () => window.signInFailure);
  assert.deepEqual(await one.widget.evaluate(() => [signInFailure.code, signInFailure.cause.message, webex.bridge.session.status]), [
    "SIGN_IN_REFUSED",
    "invalid_grant",
    "unauthorized",
  ]);
  await one.widget.evaluate(() => void (window.signInFailure = null));
  await signIn(one, { choice: "Cancel" });
  await until(one.widget, () => window.signInFailure);
  assert.deepEqual([await one.widget.evaluate(() => signInFailure.code), at.registrar.requests.length], ["SIGN_IN_CANCELLED", 0]);
});

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
  // The last one asks for something, the first one does it, all hear of it in the same order.
  for (const { widget } of tabs) await widget.evaluate(() => void (window.told = []));
  await tabs[9].widget.evaluate(() => line.deregister());
  for (const { widget } of tabs) await until(widget, () => window.told.length === 1 && line.getStatus() === "IDLE");
  await seen(at.registrar, () => alive(at) === 0);
  await tabs[5].widget.evaluate(() => line.register());
  for (const { page, widget } of tabs) {
    await until(widget, () => window.told.length === 3);
    assert.deepEqual(await told(widget), ["unregistered", "connecting", "registered"]);
    await until(page, () => window.news.at(-1)?.event === "registered");
  }
  assert.deepEqual([alive(at), at.registrar.most, at.registrar.count("/device")], [1, 1, 2]);
  // Where it is registered, another register() tells only its own page.
  await tabs[3].widget.evaluate(() => line.register());
  await until(tabs[3].widget, () => window.told.length === 4);
  await lab.quiet();
  assert.deepEqual(
    [(await told(tabs[3].widget)).at(-1), (await told(first.widget)).length, at.registrar.count("/device")],
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
    window.told = [];
    for (const event of ["connecting", "registered", "unregistered", "reconnecting", "reconnected", "error"])
      line.on(event, () => window.told.push(event));
  });
  const made = at.registrar.count("/device");
  before = keepalives(at);
  gone = Date.now();
  await Promise.all([third.waitForEvent("crash"), third.goto("chrome://crash").catch(() => {})]);
  await seen(at.registrar, () => keepalives(at) > before);
  assert.ok(Date.now() - gone < 2000, "within one interval");
  await seen(at.registrar, () => keepalives(at) > before + 1);
  assert.deepEqual([await fourth.evaluate(() => window.told), at.registrar.count("/device") - made], [[], 0]);
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

test("tokens are renewed while the line is kept alive, before their time and after it", async () => {
  const at = fresh();
  const oidc = await provider();
  oidc.settings.accessTokenSeconds = 8;
  const one = await registered(at);
  const refreshes = () => oidc.requests.filter(({ form }) => form.grant_type === "refresh_token").length;
  await Promise.race([
    oidc.until(() => refreshes() >= 2),
    new Promise((_, reject) => setTimeout(() => reject(new Error("no refresh")), 40_000).unref()),
  ]);
  const tokens = new Set(at.registrar.requests.map(({ token }) => token));
  assert.ok(tokens.size >= 2, "the current token goes with each request");
  assert.ok(
    at.registrar.requests.every(({ status }) => status === 200 || status === null),
    "none was refused",
  );
  // The server ends one early: the same keepalive goes out again with the next token.
  oidc.settings.accessTokenSeconds = 3600;
  const known = at.registrar.requests.length;
  oidc.expireAccess("ada");
  await seen(at.registrar, () => at.registrar.requests.slice(known).some(({ status }) => status === 401));
  await seen(at.registrar, () => at.registrar.requests.at(-1).status === 200 && at.registrar.requests.slice(known).length > 1);
  assert.deepEqual([await told(one.widget), alive(at)], [["connecting", "registered"], 1]);
  const refresh = oidc.requests.find(({ form }) => form.grant_type === "refresh_token");
  assert.deepEqual(
    Object.entries(refresh.form)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name)
      .sort(),
    ["client_id", "grant_type", "refresh_token"],
  );
});

test("a token that is over while the provider is out of order is a missed keepalive, not the end", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await registered(at);
  oidc.settings.fail = [503, 503];
  oidc.expireAccess("ada");
  await until(one.widget, () => window.told.at(-1)[0] === "reconnected");
  const all = await told(one.widget);
  assert.deepEqual(
    [all.slice(0, 3), all.includes("error"), await one.widget.evaluate(() => webex.bridge.session.status)],
    [["connecting", "registered", "reconnecting"], false, "authorized"],
  );
});

test("a refresh token that was revoked: everybody is signed out, with a reason, and nothing more is sent", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await registered(at);
  const two = await another(at);
  oidc.revokeAll("ada");
  for (const { page, widget } of [one, two]) {
    await session(widget, "unauthorized");
    assert.equal(await widget.evaluate(() => webex.bridge.session.reason), "refused");
    await until(widget, () => line.getStatus() !== "active");
    await until(page, () => window.news.at(-1)?.event === "unregistered");
  }
  await lab.quiet();
  const sent = at.registrar.requests.length;
  await one.widget.evaluate(() => new Promise((done) => setTimeout(done, 2500)));
  assert.equal(at.registrar.requests.length, sent);
  // Without a token there is no line, and that is said at once.
  await one.widget.evaluate(() => {
    window.told = [];
    line.register();
  });
  await until(one.widget, () => window.told.length === 1);
  assert.deepEqual(await one.widget.evaluate(() => [told[0][0], told[0][2].status, told[0][2].type, told[0][2].msg]), [
    "error",
    "inactive",
    "tokenError",
    "Token expired. Authentication/Authorization error.",
  ]);
});

test("signing out: the device goes first, then what can be revoked, then everybody; no token stands in an address", async () => {
  const addresses = [];
  const hear = (request) => addresses.push(request.url());
  lab.context.on("request", hear);
  for (const client of [{}, { client: "backend" }]) {
    const at = fresh();
    const oidc = await provider();
    const one = await registered(at, client);
    const two = await another(at, client);
    // The one that does not hold the line.
    await press(two.widget.getByRole("button", { name: "Sign out everywhere" }));
    for (const { widget } of [one, two]) await session(widget, "unauthorized");
    assert.equal(alive(at), 0);
    const last = at.registrar.requests.at(-1);
    assert.deepEqual([last.method, last.status], ["DELETE", 200]);
    const [revocation] = oidc.requests.filter(({ path }) => path.endsWith("/revocation"));
    assert.ok(revocation.status === 200 && revocation.form.token && last.doneAt <= revocation.at + 5);
    assert.equal(await oidc.userOf(last.token), null, "the grant is over, access token included");
    assert.deepEqual(
      [await two.widget.evaluate(() => webex.bridge.session.reason), (await told(one.widget)).at(-1)],
      ["user", "unregistered"],
    );
    const secrets = [last.token, ...oidc.requests.flatMap(({ form }) => [form.token, form.refresh_token])].filter(Boolean);
    assert.ok(secrets.length >= 2 && addresses.length > 10);
    assert.deepEqual(
      addresses.filter((address) => secrets.some((secret) => address.includes(secret))),
      [],
    );
    await one.page.close();
    await two.page.close();
  }
  lab.context.off("request", hear);
});

test("offline and back: the page is told, nothing is sent meanwhile, and the line is asked for at once", async () => {
  const at = fresh();
  const one = await registered(at);
  await lab.context.setOffline(true);
  try {
    await until(one.widget, () => window.told.some(([event]) => event === "reconnecting"));
  } finally {
    await lab.context.setOffline(false);
  }
  await until(one.widget, () => window.told.at(-1)[0] === "reconnected");
  assert.deepEqual(
    [await told(one.widget), alive(at), at.registrar.count("/device")],
    [["connecting", "registered", "reconnecting", "reconnected"], 1, 1],
  );
});

test('registered somewhere else: a hard stop in every tab, and "use here" takes it back', async () => {
  const at = fresh({ supersede: true });
  const one = await registered(at);
  const two = await another(at);
  // The same user at another device: below another site, so that the tabs do not share storage.
  const other = await phone({ id: at.id }, { device: "2", namespace: `${at.id}-other` });
  await signIn(other);
  await status(other.widget, "active");
  for (const { widget } of [one, two]) {
    await until(widget, () => line.getStatus() === "inactive");
    assert.deepEqual(await widget.evaluate(() => told.at(-1)), ["unregistered", "inactive", { reason: "superseded" }]);
  }
  await lab.quiet();
  const sent = at.registrar.requests.filter(({ token }) => token).length;
  await press(two.widget.getByRole("button", { name: "Use here" }));
  for (const { widget } of [one, two]) await status(widget, "active");
  assert.ok(at.registrar.requests.length > sent);
  await until(other.widget, () => line.getStatus() === "inactive");
});

test("the device limit is said, and the place of another device is taken only when the user says so, or by option", async () => {
  // A keepalive between one's removal and another one's registration would take the place for itself.
  const at = fresh({ limit: 1, keepaliveInterval: 30 });
  const other = await phone({ id: at.id }, { device: "2", namespace: `${at.id}-other` });
  await signIn(other);
  await status(other.widget, "active");
  const one = await phone(at);
  await signIn(one);
  await until(one.widget, () => window.told.at(-1)?.[0] === "error");
  const [, shown, error] = await one.widget.evaluate(() => window.told.at(-1));
  assert.deepEqual(
    [shown, error.status, error.type, error.msg, error.code, error.errorCode, error.fatal],
    [
      "inactive",
      "inactive",
      "registrationError",
      "Device limit exceeded. The user already logged in to a different device.",
      403,
      101,
      true,
    ],
  );
  assert.deepEqual([error.sdk.type, error.sdk.status], ["forbidden", "inactive"]);
  assert.equal(
    at.registrar.requests.some(({ method }) => method === "DELETE"),
    false,
  );
  await press(one.widget.getByRole("button", { name: "Use here" }));
  await status(one.widget, "active");
  assert.deepEqual([alive(at), at.registrar.requests.filter(({ method }) => method === "DELETE").length], [1, 1]);
  const third = await phone({ id: at.id }, { device: "3", namespace: `${at.id}-third`, limit: "replace" });
  await signIn(third);
  await status(third.widget, "active");
  assert.deepEqual([alive(at), await told(third.widget)], [1, ["connecting", "unregistered", "registered"]]);
});

test("Retry-After counts where the server lets it be read, seconds or a date; where not, the interval does", async () => {
  const at = fresh();
  const one = await registered(at);
  const gap = async (fault) => {
    const before = keepalives(at);
    at.registrar.fail({ path: "/status", status: 429, headers: fault });
    await seen(at.registrar, () => keepalives(at) >= before + 2);
    const [first, second] = at.registrar.requests.filter(({ path }) => path.endsWith("/status")).slice(before);
    return second.at - first.at;
  };
  const hidden = await gap({ "retry-after": "3" });
  assert.ok(hidden > 800 && hidden < 2500, `${hidden}`);
  at.registrar.set({ exposeRetryAfter: true });
  const seconds = await gap({ "retry-after": "3" });
  assert.ok(seconds >= 2900, `${seconds}`);
  const date = await gap({ "retry-after": new Date(Date.now() + 5000).toUTCString() });
  assert.ok(date >= 2000, `${date}`);
  assert.deepEqual(await told(one.widget), ["connecting", "registered"]);
});

test("a page that is written from the vendor's guide of lines alone", async () => {
  const at = fresh();
  const one = await phone(at, { register: "no" });
  await signIn(one);
  await session(one.widget, "authorized");
  const seenThere = await one.widget.evaluate(async () => {
    const calling = webex;
    // --- from here on, as the guide has it
    const lines = calling.getLines();
    const lineIds = Object.keys(lines);
    const line = lines[lineIds[0]];
    const shown = [["lines", lineIds.length, line.lineId === lineIds[0], line.status]];
    const registered = new Promise((resolve) =>
      line.on("registered", (lineInfo) => {
        shown.push([
          "registered",
          lineInfo.status,
          typeof lineInfo.mobiusDeviceId,
          lineInfo.phoneNumber,
          Array.isArray(lineInfo.sipAddresses),
        ]);
        resolve();
      }),
    );
    const unregistered = new Promise((resolve) =>
      line.on("unregistered", () => {
        shown.push(["unregistered", line.status]);
        resolve();
      }),
    );
    line.on("connecting", () => shown.push(["connecting", line.status]));
    const onError = (error) => shown.push(["error", error.status, error.type, error.msg]);
    line.on("error", onError);
    shown.push(["register", line.register()]);
    await registered;
    shown.push(["deregister", line.deregister()]);
    await unregistered;
    line.off("error", onError);
    return shown;
  });
  assert.deepEqual(seenThere, [
    ["lines", 1, true, "inactive"],
    ["register", undefined],
    ["connecting", "inactive"],
    ["registered", "active", "string", "+1 202 555 0117", true],
    ["deregister", undefined],
    ["unregistered", "inactive"],
  ]);
  // The error rows of the guide.
  for (const [fault, type, msg] of [
    [
      { status: 403, body: { errorCode: 101, devices: [] } },
      "registrationError",
      "Device limit exceeded. The user already logged in to a different device.",
    ],
    [{ status: 404 }, "registrationError", "Device not found."],
    [{ status: 401, times: 2 }, "tokenError", "Token expired. Authentication/Authorization error."],
  ]) {
    at.registrar.fail({ path: "/device", ...fault });
    const error = await one.widget.evaluate(
      () =>
        new Promise((resolve) => {
          const line = Object.values(webex.getLines())[0];
          line.on("error", resolve);
          line.register();
        }),
    );
    assert.deepEqual([error.status, error.type, error.msg], ["inactive", type, msg]);
  }
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

test("what cannot be a line's settings is said at once; a registrar that cannot be found out is an error of the line", async () => {
  const at = fresh();
  const page = await lab.lab("widget");
  const codes = await page.evaluate(async () => {
    const { connectWebex } = await window.load("authframe/webex");
    const good = {
      hosts: [location.origin],
      oauth: { clientId: "c", redirectUri: `${location.origin}/callback.html` },
      line: { registrar: { primary: ["https://a.example/"], userId: "u", clientDeviceUri: "https://b.example/d" } },
    };
    const line = (change) => ({ ...good, line: { ...good.line, ...change, registrar: { ...good.line.registrar, ...change.registrar } } });
    const bad = [
      { ...good, oauth: undefined },
      { ...good, oauth: { clientId: "c" } },
      { ...good, line: undefined },
      { ...good, line: { registrar: () => ({}) } },
      { ...good, oauth: { ...good.oauth, tokenEndpoint: "http://a.example/token" } },
      { ...good, oauth: { ...good.oauth, revocationEndpoint: "https://u@a.example/" } },
      line({ registrar: { primary: [] } }),
      line({ registrar: { primary: ["http://a.example/"] } }),
      line({ registrar: { userId: "" } }),
      line({ registrar: { clientDeviceUri: "a b" } }),
      line({ indicator: "contactcenter" }),
      line({ indicator: "x" }),
    ];
    return Promise.all(
      bad.map((options, n) =>
        connectWebex({ ...options, namespace: `bad-${n}` }).then(
          () => "connected",
          ({ code }) => code,
        ),
      ),
    );
  });
  assert.deepEqual(codes, Array(12).fill("CONFIG_INVALID"));
  const told = await page.evaluate(
    async ({ namespace }) => {
      const { connectWebex } = await window.load("authframe/webex");
      const webex = await connectWebex({
        hosts: [location.origin],
        namespace,
        oauth: { clientId: "c", redirectUri: `${location.origin}/callback.html` },
        account: () => ({ subject: "ada" }),
        line: { registrar: () => Promise.reject(new Error("no answer")) },
      });
      await webex.bridge.authorize({ account: { subject: "ada" }, accessToken: "t" });
      await new Promise((resolve) => webex.bridge.subscribe(({ status }) => status === "authorized" && resolve()));
      const [line] = Object.values(webex.getLines());
      const error = new Promise((resolve) => line.on("error", resolve));
      line.register();
      const { status, type, code, fatal } = await error;
      return { status, type, code, fatal, now: line.getStatus() };
    },
    { namespace: at.id },
  );
  assert.deepEqual(told, { status: "inactive", type: "registrationError", code: 0, fatal: true, now: "IDLE" });
  // The application's own failure is reported as one.
  await lab.quiet();
  assert.ok(lab.seen.errors.length > 0 && lab.seen.errors.every((error) => error.includes("no answer")));
  lab.seen.errors.length = 0;
});

test("a keepalive that is refused for good: error, while it is active, and then unregistered, in every tab and at every host", async () => {
  const at = fresh();
  const tabs = [await registered(at), await another(at)];
  for (const { page, widget } of tabs) {
    await widget.evaluate(() => void (window.told = []));
    await page.evaluate(() => void (window.news = []));
  }
  at.registrar.fail({ path: "/status", status: 503 }, { path: "/status", status: 400 });
  for (const { page, widget } of tabs) {
    await until(widget, () => window.told.length === 3);
    const all = await widget.evaluate(() =>
      window.told.map(([event, status, value]) => [event, status, value?.error?.sdk.type ?? value?.sdk?.type ?? null]),
    );
    const expected = [
      ["reconnecting", "active", "service_unavailable"],
      ["error", "active", "bad_request"],
      ["unregistered", "inactive", null],
    ];
    assert.deepEqual(all, expected);
    await until(page, () => window.news.length === 3);
    assert.deepEqual(
      await page.evaluate(() => window.news.map(({ event, status, error }) => [event, status, error?.sdk.type ?? null])),
      expected,
    );
  }
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

// --- what a script of the same origin, another partition or an old browser can do to it -------------------------------------------------

/** A page of the same partition that has not loaded the package: it meddles with the line's lock and storage. */
async function meddler({ id }) {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate((key) => {
    window.key = key;
    window.record = () => JSON.parse(localStorage.getItem(key));
    window.put = (change) => localStorage.setItem(key, JSON.stringify({ ...window.record(), ...change }));
    window.hold = (options) =>
      new Promise((held) => {
        void navigator.locks
          .request(
            key,
            options ?? {},
            () =>
              new Promise((done) => {
                window.letGo = done;
                held();
              }),
          )
          .catch(() => {});
      });
  }, `${id}.line`);
  return { page, frame };
}
const errors = (widget) => widget.evaluate(() => window.told.filter(([event]) => event === "error").map(([, , error]) => error));
/** Each of them hears the same next change: given up, and registered again. */
async function heardByAll(at, asking, tabs) {
  for (const { widget } of tabs) await widget.evaluate(() => void (window.told = []));
  await asking.widget.evaluate(() => line.deregister());
  for (const { widget } of tabs) await until(widget, () => window.told.at(-1)?.[0] === "unregistered" && line.getStatus() === "IDLE");
  await asking.widget.evaluate(() => line.register());
  for (const { widget } of tabs) {
    await until(widget, () => window.told.at(-1)?.[0] === "registered");
    assert.deepEqual(await told(widget), ["unregistered", "connecting", "registered"]);
  }
  assert.deepEqual([alive(at), at.registrar.most], [1, 1]);
}

test("S15: a script holds the line's lock: register() is an error with a cause after 10 s, and once it lets go the line is registered", async () => {
  const at = fresh();
  const { frame: script } = await meddler(at);
  await script.evaluate(() => window.hold());
  const one = await phone(at, { register: "no" });
  await signIn(one);
  await session(one.widget, "authorized");
  const began = Date.now();
  await one.widget.evaluate(() => line.register());
  await until(one.widget, () => window.told.length > 0);
  const waited = Date.now() - began;
  assert.ok(waited > 9_000 && waited < 15_000, `after ${waited} ms`);
  const [error] = await errors(one.widget);
  assert.deepEqual(
    [error.cause, error.type, error.status, error.code, error.fatal, error.sdk.type],
    ["unheard", "registrationError", "inactive", 0, true, "default_error"],
  );
  assert.match(error.msg, new RegExp(`has not answered within 10 s.*${at.id}\\.line.*register\\(\\)`));
  await until(one.page, () => window.news.at(-1)?.error?.cause === "unheard");
  assert.deepEqual([await told(one.widget), alive(at)], [["error"], 0]);
  // It was said to be fatal: nothing happens by itself.
  await script.evaluate(() => window.letGo());
  await until(
    one.widget,
    async (key) => (await navigator.locks.query()).held.filter(({ name }) => name === key).length === 1,
    `${at.id}.line`,
  );
  await lab.quiet();
  assert.equal(alive(at), 0);
  await one.widget.evaluate(() => line.register());
  await status(one.widget, "active");
  assert.deepEqual(await told(one.widget), ["error", "connecting", "registered"]);
});

test("S15: a script steals the line's lock: the tab that held it sends nothing more, says so when asked, and goes on when it can", async () => {
  const at = fresh();
  const one = await registered(at);
  const two = await another(at);
  const { frame: script } = await meddler(at);
  await script.evaluate(() => window.hold({ steal: true }));
  const sent = at.registrar.requests.length;
  // "registered" would be a lie: nobody keeps it alive.
  for (const { widget } of [one, two]) {
    await widget.evaluate(() => {
      window.told = [];
      line.register();
    });
  }
  for (const { widget } of [one, two]) {
    await until(widget, () => window.told.length > 0);
    assert.deepEqual(
      (await errors(widget)).map(({ cause }) => cause),
      ["unheard"],
    );
  }
  assert.ok(at.registrar.requests.length - sent <= 1, "at most what was under way");
  const before = keepalives(at);
  await script.evaluate(() => window.letGo());
  await seen(at.registrar, () => keepalives(at) > before + 1);
  assert.deepEqual([alive(at), at.registrar.most, at.registrar.count("/device")], [1, 1, 1]);
  await heardByAll(at, two, [one, two]);
});

for (const [what, poison] of Object.entries({
  "revision 2^53-1": { revision: 2 ** 53 - 1 },
  "a revision that is possible, but far off": { revision: 2 ** 39 },
  "the greatest revision there is": { revision: 2 ** 40 },
  "revision 1e300": { revision: 1e300 },
  "a revision of before": { revision: 0, sequence: 0 },
  "sequence 2^53-1": { revision: 1000, sequence: 2 ** 53 - 1 },
  "a sequence that is ahead": { revision: 1000, sequence: 1000 },
  "no record": null,
  "events that do not exist": {
    revision: 1000,
    sequence: 1000,
    told: [{ event: "constructor", status: "active" }, null, { event: "error", status: "active", error: { msg: "x".repeat(100_000) } }],
  },
  "a device of another kind": { revision: 1000, device: { base: 7, addresses: "sip:" } },
  "a saved state of another kind": { revision: 1000, saved: { state: "active", device: [] } },
})) {
  test(`S15: the shared record is made up (${what}): the holder writes the true one over it, and every tab hears the next change once`, async () => {
    const at = fresh();
    const tabs = [await registered(at), await another(at)];
    const { frame: script } = await meddler(at);
    for (const { widget } of tabs) await widget.evaluate(() => void (window.told = []));
    await script.evaluate((poison) => (poison ? window.put(poison) : localStorage.setItem(window.key, "{")), poison);
    await until(script, () => {
      try {
        return (
          window.record().told.every((told) => typeof told?.event === "string") &&
          window.record().device?.deviceId &&
          window.record().saved?.device?.deviceId
        );
      } catch {
        return false;
      }
    });
    await lab.quiet();
    const [events, ...shown] = await tabs[1].widget.evaluate(() => [window.told, line.getStatus(), line.sipAddresses]);
    assert.deepEqual(shown, ["active", ["sip:ada@calling.example"]]);
    // This one says what the holder could say: that so much was missed.
    if (what !== "a sequence that is ahead") assert.deepEqual(events, []);
    await heardByAll(at, tabs[1], tabs);
    // One that is opened later believes what there is.
    const third = await another(at);
    await heardByAll(at, third, [...tabs, third]);
  });
}

test("S15: the record is made up while no tab is open: the next one begins anew, and a second one hears it", async () => {
  const at = fresh();
  const { frame: script } = await meddler(at);
  await script.evaluate(
    (key) =>
      localStorage.setItem(
        key,
        JSON.stringify({
          v: 1,
          lineId: "x",
          epoch: 0,
          revision: 2 ** 53 - 1,
          sequence: 2 ** 53 - 1,
          status: "active",
          device: null,
          saved: null,
          told: [],
        }),
      ),
    `${at.id}.line`,
  );
  const one = await registered(at);
  const two = await another(at);
  assert.match(await two.widget.evaluate(() => line.lineId), /^[\da-f-]{36}$/);
  await heardByAll(at, two, [one, two]);
});

test("G8: made-up storage events neither throw nor move the line, and a wish of long ago is not granted again", async () => {
  const at = fresh();
  const tabs = [await registered(at), await another(at)];
  await heardByAll(at, tabs[1], tabs);
  const made = at.registrar.requests.filter(({ path }) => !path.endsWith("/status")).length;
  for (const { widget } of tabs) {
    await widget.evaluate((key) => {
      window.told = [];
      const ask = localStorage.getItem(`${key}.ask`);
      const at = { storageArea: localStorage, url: location.href };
      // Throws only for the line: what the core's own listeners do with such an event is tested elsewhere.
      const thrown = (name, value) => {
        if (new Error().stack.includes("/webex.js")) throw new Error(`the getter of ${name}`);
        return value;
      };
      const throwing = (name, event) => Object.defineProperty(event, name, { get: () => thrown(name, null) });
      for (const event of [
        new Event("storage"),
        new StorageEvent("storage"),
        new StorageEvent("storage", at),
        // What storage does not show.
        new StorageEvent("storage", { ...at, key: `${key}.ask`, newValue: `deregister ${crypto.randomUUID()} ${Date.now()}` }),
        new StorageEvent("storage", { ...at, key: `${key}.ask`, newValue: `signOut ${crypto.randomUUID()}` }),
        new StorageEvent("storage", { ...at, key, newValue: JSON.stringify({ v: 1, revision: 2 ** 53 - 1 }) }),
        new StorageEvent("storage", { ...at, key, newValue: null }),
        new StorageEvent("storage", { ...at, storageArea: sessionStorage, key }),
        // What it shows, but has been done.
        new StorageEvent("storage", { ...at, key: `${key}.ask`, newValue: ask }),
        ...["key", "newValue", "storageArea"].map((name) => throwing(name, new StorageEvent("storage", { ...at, key }))),
        // What says that the page has come back, or is offline.
        new Event("pageshow"),
        throwing("persisted", new PageTransitionEvent("pageshow")),
        new Event("offline"),
      ])
        window.dispatchEvent(event);
      for (const type of ["freeze", "resume"]) document.dispatchEvent(new Event(type));
    }, `${at.id}.line`);
  }
  const before = keepalives(at);
  await seen(at.registrar, () => keepalives(at) > before + 1);
  for (const { widget } of tabs) assert.deepEqual(await widget.evaluate(() => [window.told, line.getStatus()]), [[], "active"]);
  assert.deepEqual([alive(at), at.registrar.requests.filter(({ path }) => !path.endsWith("/status")).length], [1, made]);
  await heardByAll(at, tabs[1], tabs);
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

test("W3: a token endpoint that says Retry-After: 20 is asked again after 20 s and not before, by no tab", async () => {
  const at = fresh({ keepaliveInterval: 8 });
  const oidc = await provider();
  const one = await registered(at);
  const two = await another(at);
  oidc.settings.fail = [{ status: 503, headers: { "retry-after": "20" } }];
  const known = oidc.requests.length;
  oidc.expireAccess("ada");
  const asked = (test) =>
    Promise.race([
      oidc.until(test),
      new Promise((_, reject) => setTimeout(() => reject(new Error("the provider was not asked")), 60_000).unref()),
    ]);
  await asked(() => oidc.failed.length === 1);
  // Another tab wants a newer one, and has to do without it.
  await two.widget.evaluate(() => webex.bridge.accessToken({ minValidity: Infinity }).catch(() => {}));
  await asked(() => oidc.requests.length > known);
  const waited = oidc.requests[known].at - oidc.failed[0].at;
  assert.ok(waited >= 20_000, `after ${waited} ms`);
  assert.deepEqual([oidc.failed.length, oidc.requests[known].form.grant_type, oidc.requests[known].status], [1, "refresh_token", 200]);
  // It was not the end of the line.
  await until(one.widget, () => window.told.at(-1)[0] === "reconnected");
  assert.deepEqual(
    [await one.widget.evaluate(() => [webex.bridge.session.status, line.getStatus()]), at.registrar.count("/device")],
    [["authorized", "active"], 1],
  );
});
