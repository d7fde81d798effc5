/** RingCentral Embeddable: the transcripts in a real browser, the page that the vendor's guide describes, several tabs, and a login that the host carries through. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";
import { addFrame, until } from "./actors.mjs";

const lab = browserForThisFile();
const { transcripts } = JSON.parse(
  readFileSync(new URL("../vectors/transcripts/ringcentral/login-and-service.json", import.meta.url), "utf8"),
);
const REGISTER = "rc-adapter-register-third-party-service";
const UPDATE = "rc-adapter-update-authorization-status";
const SERVICE = {
  name: "TestCRM",
  authorizationPath: "/authorize",
  authorized: false,
  contactsPath: "/contacts",
  contactSearchPath: "/search",
  contactMatchPath: "/match",
};

/** In a page: a host that writes down what the widget says, properties in their order, and answers nothing by itself. */
function recordingHost() {
  const described = (value) =>
    value === undefined
      ? "$undefined"
      : value && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, described(item)]))
        : value;
  window.posts = [];
  addEventListener("message", ({ data, ports }) => {
    if (!data?.type?.startsWith?.("rc-")) return;
    window.posts.push(described(data));
    if (ports.length > 0) window.posts.push("a port");
  });
}

/** The blank page of the widget's site below that host, with a bridge that says `ringcentral` of itself. */
async function pair({ namespace = lab.freshNamespace(), site = "host", query = "", options = {} } = {}) {
  // Any page may embed the widget's here, as far as the servers are concerned: another host of the same site, too.
  const page = await lab.lab(site, "/frame-src/any/lab");
  await page.evaluate(recordingHost);
  const frame = await addFrame(page, lab, lab.url("widget", `/frame-ancestors/any/lab${query}`));
  await until(frame, () => window.labReady);
  await connect(frame, namespace, site, options);
  await until(page, () => window.posts.length >= 2);
  return { page, frame, namespace };
}
const connect = (frame, namespace, site, options) =>
  frame.evaluate(
    async ([host, namespace, { login, ...options }]) => {
      const { connect } = await window.load("authframe");
      window.services = [];
      window.heard = [];
      window.settled = [];
      // A function cannot come here by itself: it is a plain value in `login`.
      const ringcentral = { ...options.ringcentral, ...(login ? { login: () => login } : {}) };
      window.bridge = await connect({ hosts: [{ origin: host, dialect: "ringcentral" }], namespace, ...options, ringcentral });
      window.host = bridge.ringcentral;
      window.host.subscribe((service) => window.services.push(service));
      for (const type of [
        "rc-adapter-register-third-party-service",
        "rc-adapter-update-authorization-status",
        "rc-post-message-response",
        "rc-adapter-login",
        "rc-adapter-logout",
        "rc-adapter-authorization-code",
        "rc-adapter-unregister-third-party-service",
        "rc-adapter-syncMinimized",
        "rc-adapter-navigate-to",
        "webpackOk",
      ])
        window.host.on(type, ({ type }) => window.heard.push(type));
      window.ask = (promise) =>
        void promise.then(
          (value) => window.settled.push(["resolved", value]),
          (error) => window.settled.push(["rejected", error.code]),
        );
    },
    [lab.origin(site), namespace, options],
  );
/** A message of the host, to the frame's own origin. */
const tell = (page, message) =>
  page.evaluate(
    ([message, origin]) => document.querySelector("iframe").contentWindow.postMessage(message, origin),
    [message, lab.origin("widget")],
  );
const register = (page, service = SERVICE) => tell(page, { type: REGISTER, service });
const update = (page, authorized, authorizedAccount) =>
  tell(page, { type: UPDATE, authorized, ...(authorizedAccount ? { authorizedAccount } : {}) });
const stands = (frame, authorized) => until(frame, (authorized) => (window.host.service?.authorized ?? null) === authorized, authorized);
const settled = (frame, count) =>
  until(frame, (count) => window.settled.length >= count, count).then(() => frame.evaluate(() => window.settled.splice(0)));

// --- the transcripts: what has to do with time is played natively, and so is a browser that does not say who embeds us ------------------

for (const { name, parent, stored, login, native, steps } of transcripts) {
  if (native || !parent || steps.some((step) => "error" in step || ("does" in step && "authorizing" in step.does))) continue;
  test(`transcript: ${name}`, async () => {
    const namespace = lab.freshNamespace();
    const page = await lab.lab("host");
    await page.evaluate(recordingHost);
    const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
    await until(frame, () => window.labReady);
    if (stored) {
      const record = {
        v: 1,
        epoch: 1,
        sequence: 0,
        writer: "0".repeat(15) + "9",
        status: "authorized",
        reason: "sign-in",
        expiresAt: null,
        subjectTag: "0".repeat(15) + "9" + "1".repeat(16),
      };
      await frame.evaluate(([key, text]) => localStorage.setItem(key, text), [`${namespace}.authframe`, JSON.stringify(record)]);
    }
    const evil = await addFrame(page, lab, lab.url("evil", "/lab"));
    let before;
    let seen = 0;
    // By their order, as transcripts name them.
    const ids = [];
    const named = (text) => ids.reduce((text, id, place) => text.replaceAll(id, `$${place + 1}`), text);
    const real = (message) =>
      JSON.parse(ids.reduce((text, id, place) => text.replaceAll(`"$${place + 1}"`, `"${id}"`), JSON.stringify(message)));
    for (const step of steps) {
      const [kind, value] = Object.entries(step).at(-1);
      if (kind === "starts") {
        await connect(frame, namespace, "host", { login });
        await until(page, () => window.posts.length >= 2);
        before = await frame.evaluate(() => bridge.rejected);
      }
      if (kind === "does" && value.authorize) await frame.evaluate((account) => bridge.authorize({ account }), value.authorize);
      if (kind === "does" && value.unauthorized) await frame.evaluate((reason) => bridge.signOut({ reason }), value.unauthorized);
      if (kind === "press") {
        await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
        await until(page, (count) => window.posts.filter(({ type }) => type === "rc-post-message-request").length > count, ids.length);
        ids.push((await page.evaluate(() => window.posts.findLast(({ type }) => type === "rc-post-message-request"))).requestId);
      }
      if (kind === "notify") await frame.evaluate(({ type, ...fields }) => window.host.notify(type, fields), value);
      if (kind === "host" && step.from === "sibling") {
        await evil.evaluate(
          ([message, origin]) => window.parent.frames[0].postMessage(message, origin),
          [real(value), lab.origin("widget")],
        );
      } else if (kind === "host" && step.from === "stranger") {
        // The parent's own window, but another origin: only a synthetic event can say so.
        await frame.evaluate((data) => {
          const event = new MessageEvent("message", { data, origin: "https://evil.example" });
          Object.defineProperty(event, "source", { value: window.parent });
          window.dispatchEvent(event);
        }, real(value));
      } else if (kind === "host") await tell(page, real(value));
      await lab.quiet();
      if (kind === "says") {
        const all = await page.evaluate(() => window.posts);
        if (value !== "$start") assert.equal(named(JSON.stringify(all.slice(seen))), JSON.stringify(value));
        seen = all.length;
      }
      if (kind === "hears") assert.deepEqual(await frame.evaluate(() => window.heard.splice(0)), value);
      if (kind === "service") assert.equal(await frame.evaluate(() => window.host.service?.authorized ?? null), value);
      if (kind === "status") assert.deepEqual(await frame.evaluate(() => [bridge.session.status, bridge.session.reason]), value);
      if (kind === "rejected") {
        const after = await frame.evaluate(() => bridge.rejected);
        for (const counter of Object.keys(after)) assert.equal(after[counter] - before[counter], value[counter] ?? 0, counter);
        before = after;
      }
    }
  });
}

// --- the service ----------------------------------------------------------------------------------------------------------------------

test("every field of a registration is kept and shown; a later one lays itself over it, but for what is about authorization", async () => {
  const { page, frame } = await pair();
  assert.deepEqual(await frame.evaluate(() => [window.services, bridge.connection]), [[null], "connecting"]);
  const service = {
    name: "TestCRM",
    displayName: "Test CRM",
    info: "about",
    authorizationPath: "/authorize",
    authorizedTitle: "Out",
    unauthorizedTitle: "In",
    authorized: true,
    authorizedAccount: "ada@crm.example",
    authorizationLogo: "data:image/png;base64,AA==",
    showAuthRedDot: true,
    licenseStatus: "License: Active",
    licenseStatusColor: "green",
    licenseDescription: "*valid*",
    authorizationLinks: [{ label: "Help", uri: "https://crm.example/help" }],
    contactsPath: "/contacts",
    settings: [{ id: "a", type: "boolean", value: true }],
    fromTheFuture: { kept: [1, 2, 3] },
  };
  await register(page, service);
  await stands(frame, true);
  assert.deepEqual(await frame.evaluate(() => window.host.service), { fields: service, authorized: true, account: "ada@crm.example" });
  assert.equal(await frame.evaluate(() => Object.isFrozen(window.host.service) && Object.isFrozen(window.host.service.fields)), true);
  assert.equal(await frame.evaluate(() => bridge.connection), "connected");
  await tell(page, {
    type: "rc-adapter-refresh-license-status",
    licenseStatus: "License: Expired",
    licenseStatusColor: "red",
    name: "Mallory",
  });
  await until(frame, () => window.host.service.fields.licenseStatus === "License: Expired");
  assert.deepEqual(await frame.evaluate(() => [window.host.service.fields.name, window.host.service.account]), [
    "TestCRM",
    "ada@crm.example",
  ]);

  await register(page, { name: "TestCRM", authorizationPath: "/other", activitiesPath: "/activities" });
  await stands(frame, false);
  const { displayName, contactsPath, settings, fromTheFuture } = service;
  assert.deepEqual(await frame.evaluate(() => window.host.service), {
    fields: {
      name: "TestCRM",
      displayName,
      contactsPath,
      settings,
      fromTheFuture,
      authorizationPath: "/other",
      activitiesPath: "/activities",
    },
    authorized: false,
    account: null,
  });
  // Without a path there is no button any more; another service begins with nothing.
  await register(page, { name: "TestCRM" });
  await stands(frame, true);
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  assert.deepEqual(await settled(frame, 1), [["rejected", "NO_HANDLER"]]);
  await register(page, { name: "OtherCRM", authorizationPath: "/x", authorized: true, authorizedAccount: { not: "a text" } });
  await until(frame, () => window.host.service.fields.name === "OtherCRM");
  assert.deepEqual(await frame.evaluate(() => window.host.service), {
    fields: { name: "OtherCRM", authorizationPath: "/x", authorized: true, authorizedAccount: { not: "a text" } },
    authorized: true,
    account: null,
  });
});

test("an update without an account counts; the account is shown only while it is authorized; the widget's own user is another matter", async () => {
  const { page, frame } = await pair();
  await register(page);
  await stands(frame, false);
  await update(page, true, "ada@crm.example");
  await until(frame, () => window.host.service.account === "ada@crm.example");
  await frame.evaluate(() => bridge.authorize({ account: "widget-user" }));
  await update(page, true);
  await until(frame, () => window.host.service.account === null);
  assert.deepEqual(await frame.evaluate(() => [window.host.service.authorized, bridge.session.account.subject]), [true, "widget-user"]);
  await tell(page, { type: "rc-adapter-logout" });
  await until(frame, () => bridge.session.status === "unauthorized");
  assert.equal(await frame.evaluate(() => window.host.service.authorized), true);
  await update(page, false, "ada@crm.example");
  await stands(frame, false);
  assert.deepEqual(await frame.evaluate(() => [window.host.service.account, bridge.session.status]), [null, "unauthorized"]);
});

test("whose account it is: never that of another service, of an earlier update, or of another tab's word that did not count", async () => {
  const { page, frame } = await pair();
  const account = (value) => until(frame, (value) => window.host.service?.account === value, value);
  await register(page);
  await update(page, true, "ada");
  await account("ada");
  await lab.quiet();
  await register(page, { ...SERVICE, authorized: true, authorizedAccount: "grace" });
  await account("grace");
  await register(page, { name: "FreeCRM" });
  await account(null);
  await register(page, { ...SERVICE, name: "OtherCRM" });
  await lab.quiet();
  await update(page, true, "emmy@other");
  await account("emmy@other");
  await lab.quiet();
  assert.equal(await frame.evaluate(() => window.host.service.account), "emmy@other");
  const stored = await frame.evaluate(() =>
    Object.entries(localStorage)
      .filter(([key, text]) => key.includes("app:ringcentral ") && JSON.parse(text).name === "OtherCRM")
      .map(([, text]) => JSON.parse(text).account),
  );
  assert.deepEqual(stored, ["emmy@other"]);
});

test("who hears a message of the host sees what it has brought: a registration is there, and a withdrawn authorization lets nothing through", async () => {
  const { page, frame } = await pair();
  await frame.evaluate(() => {
    window.saw = [];
    for (const type of ["rc-adapter-register-third-party-service", "rc-adapter-update-authorization-status"])
      window.host.on(type, () => {
        window.saw.push(window.host.service?.authorized);
        window.ask(bridge.request("/contacts"));
      });
  });
  await register(page);
  await update(page, true);
  await until(page, () => window.posts.at(-1).path === "/contacts");
  await update(page, false);
  // The second one was under way, and was not answered before.
  const outcomes = await settled(frame, 3);
  assert.deepEqual(
    [outcomes, await frame.evaluate(() => window.saw)],
    [Array(3).fill(["rejected", "NOT_AUTHORIZED"]), [false, true, false]],
  );
  assert.equal(await page.evaluate(() => window.posts.filter(({ path }) => path === "/contacts").length), 1);
});

test("a path that cannot be pressed keeps the service closed; one that is also a path of contacts can be pressed", async () => {
  const { page, frame } = await pair();
  for (const authorizationPath of ["/" + "a".repeat(3000), 7]) {
    await register(page, { ...SERVICE, authorizationPath });
    await stands(frame, false);
    await frame.evaluate(() => window.ask(bridge.request("/contacts")));
    assert.deepEqual(await settled(frame, 1), [["rejected", "NOT_AUTHORIZED"]]);
    await register(page, { name: "FreeCRM" });
    await stands(frame, true);
  }
  await register(page, { ...SERVICE, authorizationPath: "/contacts" });
  await stands(frame, false);
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  await until(page, () => window.posts.at(-1).path === "/contacts");
  // Another service is registered before that is answered: its button is its own.
  await register(page, { ...SERVICE, name: "OtherCRM", authorizationPath: "/other" });
  await until(frame, () => window.host.service.fields.name === "OtherCRM");
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  await until(page, () => window.posts.at(-1).path === "/other");
});

test("a press: one at a time; late, missing and duplicate answers change nothing, and a later press works", async () => {
  const { page, frame } = await pair();
  await register(page);
  await stands(frame, false);
  const requests = () => page.evaluate(() => window.posts.filter(({ type }) => type === "rc-post-message-request"));
  await frame.evaluate(() => {
    for (let press = 0; press < 3; press++) window.ask(window.host.pressAuthorization());
  });
  await until(page, () => window.posts.some(({ type }) => type === "rc-post-message-request"));
  await lab.quiet();
  const [{ requestId, ...rest }, ...more] = await requests();
  assert.deepEqual([rest, more], [{ type: "rc-post-message-request", path: "/authorize", body: { authorized: false } }, []]);
  assert.match(requestId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  // A wrong id first, then the right one twice.
  for (const responseId of ["wrong", requestId, requestId])
    await tell(page, { type: "rc-post-message-response", responseId, response: responseId === requestId ? { data: "ok" } : "wrong" });
  assert.deepEqual(await settled(frame, 3), Array(3).fill(["resolved", { data: "ok" }]));
  // Nobody answers this one in time.
  const started = await frame.evaluate(() => {
    window.ask(window.host.pressAuthorization());
    return performance.now();
  });
  assert.deepEqual(await settled(frame, 1), [["rejected", "REQUEST_TIMEOUT"]]);
  const waited = (await frame.evaluate(() => performance.now())) - started;
  assert.ok(waited >= 2999, `${waited} ms`);
  const [, second] = await requests();
  await tell(page, { type: "rc-post-message-response", responseId: second.requestId, response: "late" });
  await update(page, true, "ada@crm.example");
  await stands(frame, true);
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  await until(page, () => window.posts.filter(({ type }) => type === "rc-post-message-request").length === 3);
  const [, , third] = await requests();
  assert.deepEqual([third.body, third.requestId === second.requestId], [{ authorized: true }, false]);
  await tell(page, { type: "rc-post-message-response", responseId: third.requestId });
  assert.deepEqual(await settled(frame, 1), [["resolved", undefined]]);
});

test("contacts, their search and their match: nothing is posted before the authorization, everything at once after it, and nothing after it is withdrawn", async () => {
  const { page, frame } = await pair();
  await register(page);
  await stands(frame, false);
  const paths = [SERVICE.contactsPath, SERVICE.contactSearchPath, SERVICE.contactMatchPath];
  const asked = () => page.evaluate(() => window.posts.filter(({ type }) => type === "rc-post-message-request").map(({ path }) => path));
  const askAll = () =>
    frame.evaluate((paths) => {
      for (const path of paths) window.ask(bridge.request(path, { page: 1 }));
    }, paths);
  await askAll();
  assert.deepEqual(await settled(frame, 3), Array(3).fill(["rejected", "NOT_AUTHORIZED"]));
  // What is not gated is asked for all the same.
  await frame.evaluate(() => window.ask(window.host.request("/settings", undefined)));
  await until(page, () => window.posts.at(-1).path === "/settings");
  assert.equal(JSON.stringify(await page.evaluate(() => window.posts.at(-1).body)), '"$undefined"');
  assert.deepEqual(await asked(), ["/settings"]);
  await tell(page, { type: "rc-post-message-response", responseId: await page.evaluate(() => window.posts.at(-1).requestId), response: 1 });
  assert.deepEqual(await settled(frame, 1), [["resolved", 1]]);
  await update(page, true);
  await stands(frame, true);
  await askAll();
  await until(page, () => window.posts.filter(({ type }) => type === "rc-post-message-request").length === 4);
  assert.deepEqual((await asked()).slice(1), paths);
  // What is under way when the authorization is withdrawn is not answered any more.
  await update(page, false);
  assert.deepEqual(await settled(frame, 3), Array(3).fill(["rejected", "NOT_AUTHORIZED"]));
  await askAll();
  assert.deepEqual(await settled(frame, 3), Array(3).fill(["rejected", "NOT_AUTHORIZED"]));
  assert.equal((await asked()).length, 4);
  // A service without a button is never closed.
  await register(page, { name: "FreeCRM", contactsPath: "/contacts" });
  await stands(frame, true);
  await frame.evaluate(() => window.ask(bridge.request("/contacts")));
  await until(page, () => window.posts.filter(({ type }) => type === "rc-post-message-request").length === 5);
});

test("bad calls of the application are errors of their own, and post nothing", async () => {
  const { page, frame } = await pair();
  await frame.evaluate(() => {
    window.ask(bridge.request(""));
    window.ask(bridge.request("/x", undefined, { timeoutMs: 0 }));
    for (const timeoutMs of [NaN, Infinity, "5", 600_001]) window.ask(bridge.request("/x", undefined, { timeoutMs }));
    window.ask(bridge.request(7));
    window.ask(bridge.request("/x", () => 1));
    window.ask(bridge.requestSignIn());
  });
  assert.deepEqual((await settled(frame, 9)).map(([, code]) => code).sort(), [
    ...Array(7).fill("CONFIG_INVALID"),
    "DATA_NOT_CLONEABLE",
    "NO_HANDLER",
  ]);
  const thrown = await frame.evaluate(() =>
    [() => window.host.notify("rc-x", { f: () => 1 }), () => bridge.send("x")].map((call) => {
      try {
        return call();
      } catch (error) {
        return error.code;
      }
    }),
  );
  assert.deepEqual(thrown, ["DATA_NOT_CLONEABLE", "NO_HANDLER"]);
  assert.equal(await page.evaluate(() => window.posts.length), 2);
});

test("what the application says at once waits for the beginning; a login() that fails, or brings what cannot be copied, is reported, and the host hears of the login all the same", async () => {
  for (const [login, expected] of Object.entries({ uncloneable: "DataCloneError", thrower: "TypeError" })) {
    const page = await lab.lab("host");
    await page.evaluate(recordingHost);
    const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
    await until(frame, () => window.labReady);
    await frame.evaluate(
      async ([host, namespace, login]) => {
        const { connect } = await window.load("authframe");
        window.reported = [];
        window.reportError = (error) => window.reported.push(error.name);
        const functions = {
          thrower: async () => {
            throw new TypeError("no server");
          },
          uncloneable: () => ({ features: { sms: () => 1 } }),
        };
        window.bridge = await connect({
          hosts: [{ origin: host, dialect: "ringcentral" }],
          namespace,
          ringcentral: { login: functions[login] },
        });
        bridge.ringcentral.notify("rc-first", { a: 1 });
        window.asked = bridge.request("/first").catch((error) => error.code);
        await bridge.authorize({ account: "ada" });
      },
      [lab.origin("host"), lab.freshNamespace(), login],
    );
    await until(page, () => window.posts.at(-1)?.loggedIn === true);
    assert.deepEqual((await page.evaluate(() => window.posts.map(({ type }) => type))).slice(0, 3), [
      "rc-adapter-pushAdapterState",
      "rc-first",
      "rc-post-message-request",
    ]);
    assert.deepEqual(await frame.evaluate(() => window.reported), [expected], login);
  }
});

test("the host asks: the handler of that path answers, also later; the last one counts", async () => {
  const { page, frame } = await pair();
  await frame.evaluate(() => {
    window.host.handle("/unlogged-calls", () => "the first");
    window.stop = window.host.handle("/unlogged-calls", async (body) => ({ calls: [body.page] }));
  });
  const ask = async (requestId) => {
    await tell(page, { type: "rc-adapter-message-request", requestId, path: "/unlogged-calls", body: { page: 3 } });
    await until(page, (id) => window.posts.some(({ responseId }) => responseId === id), requestId);
    return page.evaluate((id) => JSON.stringify(window.posts.find(({ responseId }) => responseId === id)), requestId);
  };
  assert.equal(await ask("a"), '{"type":"rc-adapter-message-response","responseId":"a","response":{"calls":{"0":3}}}');
  await frame.evaluate(() => window.stop());
  assert.equal(await ask("b"), '{"type":"rc-adapter-message-response","responseId":"b","response":{"data":"no matched path"}}');
});

test("storage denied: the adapter is told, the host hears who is signed in, and the service works", async () => {
  const page = await lab.lab("host");
  await page.evaluate(recordingHost);
  const frame = await addFrame(page, lab, lab.url("widget", "/widget.html?dialect=ringcentral&storage=denied&acquire=none"));
  await until(page, () => window.posts.length === 2);
  assert.deepEqual(await page.evaluate(() => window.posts.map(({ type }) => type)), [
    "rc-adapter-pushAdapterState",
    "rc-login-status-notify",
  ]);
  await register(page);
  await update(page, true);
  await until(frame, () => window.bridge.ringcentral.service?.authorized === true);
  assert.equal(await frame.evaluate(() => bridge.environment().storage), "memory");
});

// --- several tabs -----------------------------------------------------------------------------------------------------------------------

test("an update reaches every tab of this host that has registered this service; a registration, another service and another host are not touched; after a reload there is nothing until it registers", async () => {
  const namespace = lab.freshNamespace();
  const [one, two, late, renamed] = [
    await pair({ namespace }),
    await pair({ namespace }),
    await pair({ namespace }),
    await pair({ namespace }),
  ];
  // The same site, so it sees the same storage; but another origin.
  const other = await pair({ namespace, site: "sub.host" });
  for (const { page, frame } of [one, two, other]) {
    await register(page);
    await stands(frame, false);
  }
  await one.frame.evaluate((key) => localStorage.setItem(key, "1"), `${namespace}.shared`);
  await until(other.frame, (key) => localStorage.getItem(key) === "1", `${namespace}.shared`);
  await register(renamed.page, { ...SERVICE, name: "OtherCRM" });
  await stands(renamed.frame, false);
  await lab.quiet();
  await update(one.page, true, "ada@crm.example");
  await stands(two.frame, true);
  assert.deepEqual(await two.frame.evaluate(() => window.host.service), { fields: SERVICE, authorized: true, account: "ada@crm.example" });
  await lab.quiet();
  assert.deepEqual(
    await Promise.all([late, renamed, other].map(({ frame }) => frame.evaluate(() => window.host.service?.authorized ?? null))),
    [null, false, false],
  );
  // Every load of the documented page registers `authorized: false`: that holds for this tab alone.
  await register(late.page);
  await stands(late.frame, false);
  await lab.quiet();
  assert.deepEqual(await Promise.all([one, two, late].map(({ frame }) => frame.evaluate(() => window.host.service.authorized))), [
    true,
    true,
    false,
  ]);
  // The last update counts, from any tab: all three hear it.
  await update(late.page, false);
  for (const { frame } of [one, two, late]) await stands(frame, false);
  await update(two.page, true, "grace@crm.example");
  for (const { frame } of [one, two, late]) await until(frame, () => window.host.service.account === "grace@crm.example");
  // Reloaded: nothing is registered, whatever the others know.
  const { page } = one;
  await page.reload();
  await until(page, () => window.labReady);
  await page.evaluate(recordingHost);
  const frame = await addFrame(page, lab, lab.url("widget", "/frame-ancestors/any/lab"));
  await until(frame, () => window.labReady);
  await connect(frame, namespace, "host", {});
  await until(page, () => window.posts.length >= 2);
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => [window.host.service, window.services]), [null, [null]]);
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  assert.deepEqual(await settled(frame, 1), [["rejected", "NO_HANDLER"]]);
  await register(page);
  await stands(frame, false);
  await lab.quiet();
  await update(two.page, false);
  await update(two.page, true, "ada@crm.example");
  await stands(frame, true);
});

test("a login and a logout reach every tab, and each tells its own host once", async () => {
  const namespace = lab.freshNamespace();
  const options = { login: { loginNumber: "+1*101" } };
  const [one, two] = [await pair({ namespace, options }), await pair({ namespace, options })];
  const notices = ({ page }) =>
    page.evaluate(() =>
      window.posts
        .filter(({ type }) => type === "rc-login-status-notify")
        .map(({ loggedIn, loginNumber, isFreshLogin }) => [loggedIn, loginNumber, isFreshLogin]),
    );
  await one.frame.evaluate(() => bridge.authorize({ account: "ada" }));
  for (const { page } of [one, two]) await until(page, () => window.posts.at(-1).loggedIn === true);
  await tell(two.page, { type: "rc-adapter-logout" });
  for (const { page } of [one, two]) await until(page, () => window.posts.at(-1).loggedIn === false);
  await lab.quiet();
  const out = [false, "$undefined", null];
  assert.deepEqual(
    [await notices(one), await notices(two)],
    [
      [out, [true, "+1*101", true], out],
      [out, [true, "+1*101", false], out],
    ],
  );
});

test("after the storage was cleared the next update counts in every tab", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await pair({ namespace }), await pair({ namespace })];
  for (const { page, frame } of [one, two]) {
    await register(page);
    await stands(frame, false);
  }
  for (const authorized of [true, false, true]) {
    await update(one.page, authorized);
    await stands(two.frame, authorized);
  }
  await lab.quiet();
  await two.frame.evaluate((namespace) => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(namespace)) localStorage.removeItem(key);
  }, namespace);
  await lab.quiet();
  // In this very tab nothing says so; a look back at the page does.
  await two.frame.evaluate(() => window.dispatchEvent(new Event("pageshow")));
  await update(two.page, false);
  for (const { frame } of [one, two]) await stands(frame, false);
  await lab.quiet();
  assert.deepEqual(await Promise.all([one, two].map(({ frame }) => frame.evaluate(() => window.host.service.authorized))), [false, false]);
});

test("where the user has left the window is known at the next visit, below the same host; what is not well-formed is not kept", async () => {
  const namespace = lab.freshNamespace();
  const { page } = await pair({ namespace, options: { ringcentral: { size: { width: 400, height: 600 }, minimized: true } } });
  const state = (page) => page.evaluate(() => JSON.stringify(window.posts[0]));
  const pushed = (size, minimized, closed, position) =>
    JSON.stringify({
      type: "rc-adapter-pushAdapterState",
      size,
      minimized,
      closed,
      position,
      telephonyStatus: null,
      userStatus: null,
      dndStatus: null,
    });
  const nowhere = { translateX: null, translateY: null, minTranslateX: null, minTranslateY: null };
  assert.equal(await state(page), pushed({ width: 400, height: 600 }, true, false, nowhere));
  const position = { translateX: -10, translateY: 20, minTranslateX: 0, minTranslateY: 0 };
  await tell(page, { type: "rc-adapter-syncMinimized", minimized: false });
  await tell(page, { type: "rc-adapter-syncClosed", closed: true });
  await tell(page, { type: "rc-adapter-syncSize", size: { width: 320, height: 480 }, minimized: "not its word" });
  await tell(page, { type: "rc-adapter-syncPosition", position });
  await lab.quiet();
  for (const bad of [
    { size: null },
    { size: "large" },
    { size: { width: "1", height: 2 } },
    { position: "text" },
    { position: { translateX: {} } },
    { closed: "yes", minimized: 1 },
  ]) {
    for (const kind of ["Closed", "Minimized", "Size", "Position"])
      await tell(page, { type: `rc-adapter-sync${kind}`, ...bad, more: "x".repeat(1000) });
  }
  await lab.quiet();
  assert.equal(await state((await pair({ namespace })).page), pushed({ width: 320, height: 480 }, false, true, position));
  assert.equal(await state((await pair({ namespace, site: "sub.host" })).page), pushed({ width: 300, height: 500 }, false, false, nowhere));
});

/** What a host has made the widget store: by the application's key, the record. */
const stored = (frame, namespace) =>
  frame.evaluate(
    (prefix) =>
      Object.entries(localStorage)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, text]) => [key.slice(prefix.length), text]),
    `${namespace}.app:ringcentral `,
  );

test("S10: a host that registers service after service, with long names and accounts, fills no storage; the oldest goes out, and the newest are shared", async () => {
  const { page, frame, namespace } = await pair();
  const two = await pair({ namespace });
  const huge = "x".repeat(900_000);
  // By their order: what is too long is not shared, the account is left out.
  for (let n = 0; n < 20; n++) {
    await register(page, { name: `CRM ${n}`, authorizationPath: "/a", info: huge });
    await update(page, true, n % 2 ? huge : { huge });
    await until(
      frame,
      ([prefix, name]) => Object.entries(localStorage).some(([key, text]) => key.startsWith(prefix) && JSON.parse(text).name === name),
      [`${namespace}.app:ringcentral `, `CRM ${n}`],
    );
  }
  await register(page, { name: "y".repeat(2000), authorizationPath: "/a" });
  await update(page, true, "ada@crm.example");
  await stands(frame, true);
  await lab.quiet();
  const records = await stored(frame, namespace);
  const names = records.map(([, text]) => JSON.parse(text).name);
  assert.deepEqual(names.sort(), Array.from({ length: 8 }, (_, n) => `CRM ${n + 12}`).sort());
  assert.ok(
    records.every(([key, text]) => key.length < 64 && text.length <= 4096),
    JSON.stringify(records.map(([, text]) => text.length)),
  );
  // The application has its storage.
  assert.equal(
    await frame.evaluate(() =>
      bridge.storage.set("draft", "z".repeat(1_000_000)).then(
        () => "kept",
        ({ code }) => code,
      ),
    ),
    "kept",
  );
  // Another tab hears of the newest, both ways; an account that is too long counts as none, and in every tab.
  await register(page, { ...SERVICE, name: "CRM 19" });
  await register(two.page, { ...SERVICE, name: "CRM 19" });
  for (const each of [frame, two.frame]) await stands(each, false);
  await lab.quiet();
  await update(two.page, true, "a".repeat(257));
  for (const each of [frame, two.frame]) {
    await stands(each, true);
    assert.equal(await each.evaluate(() => window.host.service.account), null);
  }
  await update(page, true, "a".repeat(256));
  for (const each of [frame, two.frame]) await until(each, () => window.host.service.account?.length === 256);
});

test("S10: a service whose record went out begins anew, and is shared again at its next update", async () => {
  const { page, frame, namespace } = await pair();
  const [two, other] = [await pair({ namespace }), await pair({ namespace })];
  for (const each of [{ page, frame }, two]) {
    await register(each.page);
    await stands(each.frame, false);
  }
  await lab.quiet();
  await update(page, true, "ada");
  await stands(two.frame, true);
  for (let n = 0; n < 8; n++) {
    await register(other.page, { name: `CRM ${n}`, authorizationPath: "/a" });
    await update(other.page, true);
    await until(
      other.frame,
      ([prefix, name]) => Object.entries(localStorage).some(([key, text]) => key.startsWith(prefix) && JSON.parse(text).name === name),
      [`${namespace}.app:ringcentral `, `CRM ${n}`],
    );
  }
  await until(
    frame,
    (prefix) => !Object.entries(localStorage).some(([key, text]) => key.startsWith(prefix) && JSON.parse(text).name === "TestCRM"),
    `${namespace}.app:ringcentral `,
  );
  await lab.quiet();
  // Nobody has withdrawn it.
  assert.deepEqual(await Promise.all([frame, two.frame].map((each) => each.evaluate(() => window.host.service.authorized))), [true, true]);
  await update(two.page, false);
  for (const each of [frame, two.frame]) await stands(each, false);
  await update(page, true, "grace");
  for (const each of [frame, two.frame]) await until(each, () => window.host.service.account === "grace");
});

test("S10: what is kept of windows is bounded too: of the hosts that were here last", async () => {
  const { page, frame, namespace } = await pair();
  const prefix = `${namespace}.app:ringcentral window `;
  await frame.evaluate((prefix) => {
    for (let n = 1; n <= 8; n++)
      localStorage.setItem(
        `${prefix}${n}`,
        JSON.stringify({ host: `https://host${n}.example`, used: n === 3 ? 1 : 1000 + n, closed: true }),
      );
  }, prefix);
  await tell(page, { type: "rc-adapter-syncMinimized", minimized: true, more: "x".repeat(10_000) });
  await until(frame, ([key, host]) => JSON.parse(localStorage.getItem(key)).host === host, [`${prefix}3`, lab.origin("host")]);
  const records = (await stored(frame, namespace)).filter(([key]) => key.startsWith("window"));
  assert.deepEqual([records.length, records.filter(([, text]) => text.length > 4096)], [8, []]);
});

test("a made-up message whose getters throw is no message: nothing is thrown, and the next one counts", async () => {
  const { page, frame } = await pair();
  await frame.evaluate((origin) => {
    const trap = () => {
      throw new Error("a made-up message's own");
    };
    const names = ["callbackUri", "authorizedAccount", "responseId", "response", "path", "requestId", "licenseStatus", "size", "more"];
    const traps = Object.fromEntries(names.map((name) => [name, { get: trap, enumerable: true }]));
    const types = [
      "rc-adapter-register-third-party-service",
      "rc-adapter-update-authorization-status",
      "rc-post-message-response",
      "rc-adapter-message-request",
      "rc-adapter-login",
      "rc-adapter-refresh-license-status",
      "rc-adapter-syncSize",
      "rc-other",
    ];
    const service = Object.defineProperties({ name: "TrapCRM" }, { ...traps, authorizationPath: { get: trap, enumerable: true } });
    for (const type of types) {
      const event = new MessageEvent("message", { data: Object.defineProperties({ type, service }, traps), origin });
      Object.defineProperty(event, "source", { value: window.parent });
      window.dispatchEvent(event);
    }
  }, lab.origin("host"));
  await lab.quiet();
  await register(page);
  await until(frame, () => window.host.service?.fields.name === "TestCRM");
});

test("without the code for the storage the adapter and the host are told all the same, and the bridge may be closed at any moment", async () => {
  const page = await lab.lab("host");
  await page.evaluate(recordingHost);
  // The server does not answer for that file, ever.
  await lab.context.route(/authframe\/storage\.js/, () => {});
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  await connect(frame, lab.freshNamespace(), "host", {});
  await register(page);
  await update(page, true);
  await until(page, () => window.posts.length === 2);
  await stands(frame, true);
  await frame.evaluate(() => bridge.close());
  // Closed before it has begun, and while a handler is at work.
  await lab.context.unroute(/authframe\/storage\.js/);
  const second = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(second, () => window.labReady);
  await second.evaluate(
    async ([host, namespace]) => {
      const { connect } = await window.load("authframe");
      const options = { hosts: [{ origin: host, dialect: "ringcentral" }], namespace };
      (await connect(options)).close();
      window.bridge = await connect(options);
      window.slow = new Promise((resolve) => (window.finish = resolve));
      window.asked = new Promise((resolve) => bridge.handle("/slow", (body) => (resolve(body), window.slow)));
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  const post = (message) =>
    page.evaluate(
      ([message, origin]) => document.querySelectorAll("iframe")[1].contentWindow.postMessage(message, origin),
      [message, lab.origin("widget")],
    );
  await post({ type: "rc-adapter-message-request", requestId: "1", path: "/slow", body: 1 });
  await second.evaluate(() => window.asked);
  await second.evaluate(() => {
    bridge.close();
    window.finish("too late");
  });
  await lab.quiet();
});

test("nothing that a host posts is thrown anywhere, whatever its type", async () => {
  const { page, frame } = await pair();
  await register(page);
  await stands(frame, false);
  await page.evaluate((origin) => {
    const { contentWindow } = document.querySelector("iframe");
    const odd = [
      undefined,
      null,
      0,
      1n,
      "",
      "x".repeat(100_000),
      [],
      {},
      { toString: 1, valueOf: 1 },
      new Map([[1, 2]]),
      new Date(),
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
    ];
    const types = [
      "rc-adapter-register-third-party-service",
      "rc-adapter-update-authorization-status",
      "rc-post-message-response",
      "rc-adapter-message-request",
      "rc-adapter-login",
      "rc-adapter-authorization-code",
      "rc-adapter-syncSize",
      "rc-adapter-syncPosition",
      "rc-adapter-syncClosed",
      "rc-adapter-refresh-license-status",
      "rc-other",
    ];
    for (const value of odd) {
      contentWindow.postMessage(value, origin);
      contentWindow.postMessage({ type: value, callbackUri: "x" }, origin);
      for (const type of types) {
        contentWindow.postMessage(
          {
            type,
            service: value,
            authorized: value,
            authorizedAccount: value,
            responseId: value,
            response: value,
            requestId: value,
            path: value,
            callbackUri: value,
            size: value,
            position: value,
            closed: value,
            licenseStatus: value,
          },
          origin,
        );
        contentWindow.postMessage(
          {
            type,
            service: {
              name: "TestCRM",
              authorizationPath: value,
              authorized: value,
              authorizedAccount: value,
              contactsPath: value,
              displayName: value,
            },
          },
          origin,
        );
      }
    }
    const { port1 } = new MessageChannel();
    contentWindow.postMessage({ type: "rc-adapter-message-request", requestId: port1, path: "/x" }, origin, [port1]);
  }, lab.origin("widget"));
  await lab.quiet();
  await register(page, { ...SERVICE, name: "AfterAll" });
  await until(frame, () => window.host.service.fields.name === "AfterAll");
  await update(page, true, "ada");
  await until(frame, () => window.host.service.account === "ada");
});

test("an option out of its range leaves nothing behind", async () => {
  const page = await lab.lab("host");
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  const codes = await frame.evaluate(
    async ([host, namespace]) => {
      const { connect } = await window.load("authframe");
      const codes = [];
      const wrong = [
        null,
        7,
        { readyTimeoutMs: "1" },
        { readyTimeoutMs: Infinity },
        { size: null },
        { size: { width: NaN, height: 1 } },
        { size: { width: 1 } },
        { minimized: 1 },
        { closed: "no" },
        { login: {} },
        { onLoginFailed: 1 },
        { disableLoginPopup: "yes" },
        { disableLoginPopup: 1 },
      ];
      for (const [dialect, bad] of [
        ["ringcentral", { ringcentral: { readyTimeoutMs: -1 } }],
        ["xbees", { xbees: { readyTimeoutMs: 1.5 } }],
        ...wrong.map((options) => ["ringcentral", { ringcentral: options }]),
        ["ringcentral", {}],
      ]) {
        codes.push(
          await connect({ hosts: [{ origin: host, dialect }], namespace, ...bad }).then(
            (bridge) => ((window.bridge = bridge), "connected"),
            (error) => error.code,
          ),
        );
      }
      return codes;
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  assert.deepEqual(codes, [...Array(15).fill("CONFIG_INVALID"), "connected"]);
});

// --- a login that the host carries through ------------------------------------------------------------------------------------------

/** A widget that would sign in by OAuth, with these options and this query. */
const loginPair = async (query, ringcentral) => {
  const { page, frame } = await pair({ query, options: { signIn: {} } });
  await frame.evaluate(() => bridge.close());
  await page.evaluate(() => (window.posts.length = 0));
  await frame.evaluate(
    async ([host, namespace, login, ringcentral]) => {
      const { connect } = await window.load("authframe");
      window.exchanged = [];
      window.asked = 0;
      window.bridge = await connect({
        hosts: [{ origin: host, dialect: "ringcentral" }],
        namespace,
        ringcentral,
        signIn: {
          oauth: { authorizationEndpoint: `${login}/authorize`, clientId: "phone", redirectUri: `${login}/callback` },
          exchange: ({ code }) => (window.exchanged.push(code), { account: "mallory" }),
        },
      });
      bridge.ringcentral.on("rc-adapter-login", () => window.asked++);
    },
    [lab.origin("host"), lab.freshNamespace(), lab.origin("login"), ringcentral],
  );
  await until(page, () => window.posts.length >= 2);
  return { page, frame };
};
const popups = (page) => page.evaluate(() => window.posts.filter(({ type }) => type === "rc-login-popup-notify").length);

test("S11: a host begins no sign-in without a click and brings no code of its own, whatever it writes into the address, unless the widget lets it", async () => {
  for (const [query, options] of [
    ["?disableLoginPopup=1", {}],
    ["?disableLoginPopup=1", { disableLoginPopup: false }],
    ["", { disableLoginPopup: "by-host" }],
    ["?disableLoginPopup=", { disableLoginPopup: "by-host" }],
  ]) {
    const { page, frame } = await loginPair(query, options);
    await tell(page, { type: "rc-adapter-login" });
    await tell(page, { type: "rc-adapter-authorization-code", callbackUri: `${lab.origin("login")}/callback?code=forged` });
    await tell(page, { callbackUri: `${lab.origin("login")}/callback?code=forged&state=${"0".repeat(32)}` });
    await until(frame, () => window.asked === 1);
    await lab.quiet();
    assert.deepEqual(
      [await popups(page), await frame.evaluate(() => [bridge.session.status, window.exchanged])],
      [0, ["unauthorized", []]],
      `${query} ${JSON.stringify(options)}`,
    );
    await page.close();
  }
  for (const [query, options] of [
    ["?disableLoginPopup=1", { disableLoginPopup: "by-host" }],
    ["", { disableLoginPopup: true }],
  ]) {
    const { page, frame } = await loginPair(query, options);
    await tell(page, { type: "rc-adapter-login" });
    // Before there is an address, what comes without a state belongs to nothing.
    await tell(page, { callbackUri: `${lab.origin("login")}/callback?code=forged` });
    await until(page, () => window.posts.some(({ type }) => type === "rc-login-popup-notify"));
    assert.deepEqual(await frame.evaluate(() => [bridge.session.status, window.exchanged]), ["authorizing", []]);
    await page.close();
  }
});

test("the host opens the window: it gets the address with state and PKCE, and only what comes back to our redirect address with our state signs in", async () => {
  const { page, frame } = await pair({ query: "?disableLoginPopup=1", options: { signIn: {} } });
  await frame.evaluate(() => bridge.close());
  await frame.evaluate(
    async ([host, namespace, login]) => {
      const { connect } = await window.load("authframe");
      window.failures = [];
      window.exchanged = [];
      window.bridge = await connect({
        hosts: [{ origin: host, dialect: "ringcentral" }],
        namespace,
        ringcentral: {
          disableLoginPopup: "by-host",
          onLoginFailed({ code }) {
            window.failures.push(code);
            throw new Error("the application's own");
          },
        },
        signIn: {
          oauth: { authorizationEndpoint: `${login}/authorize`, clientId: "phone", redirectUri: `${login}/callback` },
          exchange: ({ code, codeVerifier }) => (window.exchanged.push([code, codeVerifier.length]), { account: "ada" }),
        },
      });
    },
    [lab.origin("host"), lab.freshNamespace(), lab.origin("login")],
  );
  const asked = async (count) => {
    await until(page, (count) => window.posts.filter(({ type }) => type === "rc-login-popup-notify").length === count, count);
    return new URL((await page.evaluate(() => window.posts.findLast(({ type }) => type === "rc-login-popup-notify"))).oAuthUri);
  };
  const back = (state, { origin = lab.origin("login"), rest = "code=the-code" } = {}) =>
    tell(page, { type: "rc-adapter-authorization-code", callbackUri: `${origin}/callback?${rest}&state=${state}` });
  // One that nobody asked for.
  await back("0".repeat(32));
  await tell(page, { type: "rc-adapter-login" });
  const first = await asked(1);
  const { searchParams } = first;
  assert.deepEqual(
    [
      first.origin,
      searchParams.get("response_type"),
      searchParams.get("client_id"),
      searchParams.get("code_challenge_method"),
      searchParams.get("state").length,
    ],
    [lab.origin("login"), "code", "phone", "S256", 32],
  );
  // The window was lost and the host asks again: only the new one counts.
  await tell(page, { type: "rc-adapter-login" });
  const second = await asked(2);
  assert.notEqual(second.searchParams.get("state"), searchParams.get("state"));
  await back(second.searchParams.get("state"), { origin: lab.origin("evil") });
  await back(searchParams.get("state"));
  await tell(page, { callbackUri: "no address" });
  await tell(page, { type: { a: 1 }, callbackUri: { toString: 1 } });
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => [bridge.session.status, window.failures, window.exchanged]), ["authorizing", [], []]);
  await back(second.searchParams.get("state"));
  await until(frame, () => bridge.session.account?.subject === "ada");
  assert.deepEqual(await frame.evaluate(() => [window.failures, window.exchanged]), [[], [["the-code", 43]]]);
  await until(page, () => window.posts.at(-1).loggedIn === true);
  // What the server refuses ends it, and the application hears of it; that it fails over that ends nothing.
  await frame.evaluate(() => (window.reportError = (error) => window.failures.push(error.message)));
  for (const [rest, code] of [
    ["error=server_error", "SIGN_IN_REFUSED"],
    ["error=access_denied", "SIGN_IN_CANCELLED"],
  ]) {
    await frame.evaluate(() => bridge.signOut());
    const before = await page.evaluate(() => window.posts.filter(({ type }) => type === "rc-login-popup-notify").length);
    await tell(page, { type: "rc-adapter-login" });
    await back((await asked(before + 1)).searchParams.get("state"), { rest });
    await until(frame, (code) => window.failures.at(-1) === "the application's own" && window.failures.at(-2) === code, code);
    assert.equal(await frame.evaluate(() => bridge.session.status), "unauthorized");
  }
  assert.deepEqual(
    lab.seen.posts.filter(({ target }) => target === "*"),
    [],
  );
});

test("D12: after close() no timer, port or listener is left, and what was asked is settled", async () => {
  const { page, frame } = await pair();
  await register(page);
  await stands(frame, false);
  await lab.quiet();
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  await frame.evaluate(() => bridge.close());
  assert.deepEqual(await settled(frame, 1), [["rejected", "CLOSED"]]);
  await register(page);
  await lab.quiet();
  const live = await frame.evaluate(() => window.__e2e.live());
  const ours = live.listeners.filter((name) => /message|storage|page|focus|visibility/.test(name));
  assert.deepEqual([live.timers, ours, live.ports], [[], [], 0]);
});

// --- the page of the guide, and the demo ------------------------------------------------------------------------------------------------

test("the guide's own page runs unmodified: it registers after the first login notice, answers, and tells the result, all to *", async () => {
  const page = await lab.lab("host");
  const types = [REGISTER, UPDATE, "rc-post-message-response"];
  await page.evaluate(
    (src) => {
      window.authorized = false;
      window.addEventListener("message", (e) => {
        const data = e.data;
        if (!data) return;
        const phone = document.querySelector("#rc-widget-adapter-frame").contentWindow;
        switch (data.type) {
          case "rc-login-status-notify":
            phone.postMessage(
              {
                type: "rc-adapter-register-third-party-service",
                service: {
                  name: "TestService",
                  authorizationPath: "/authorize",
                  authorizedTitle: "Unauthorize",
                  unauthorizedTitle: "Authorize",
                  authorized: false,
                  authorizedAccount: "test@email.com",
                  authorizationLogo: "https://your_brand_picture/logo.png",
                  showAuthRedDot: true,
                  info: "Some description about authorization",
                },
              },
              "*",
            );
            break;
          case "rc-post-message-request":
            if (data.path === "/authorize") {
              phone.postMessage({ type: "rc-post-message-response", responseId: data.requestId, response: { data: "ok" } }, "*");
              window.authorized = !window.authorized;
              phone.postMessage(
                { type: "rc-adapter-update-authorization-status", authorized: window.authorized, authorizedAccount: "test@email.com" },
                "*",
              );
            }
        }
      });
      const frame = Object.assign(document.createElement("iframe"), { id: "rc-widget-adapter-frame", src });
      frame.sandbox = "allow-same-origin allow-scripts allow-forms allow-popups allow-downloads allow-popups-to-escape-sandbox";
      document.body.append(frame);
    },
    lab.url("widget", `/widget.html?dialect=ringcentral&acquire=none&namespace=${lab.freshNamespace()}`),
  );
  const phone = page.frameLocator("#rc-widget-adapter-frame");
  // Its logo is not in the demo's policy.
  lab.allowViolations(({ blocked }) => String(blocked).includes("your_brand_picture"));
  await press(phone.getByRole("tab", { name: "Settings" }));
  await phone.getByRole("heading", { name: "TestService" }).waitFor();
  await phone.getByText("Some description about authorization").waitFor();
  await press(phone.getByRole("button", { name: "Authorize", exact: true }));
  await phone.getByText("Connected as test@email.com").waitFor();
  await press(phone.getByRole("button", { name: "Unauthorize", exact: true }));
  await phone.getByRole("button", { name: "Authorize", exact: true }).waitFor();
  assert.equal(await phone.getByText("Connected as test@email.com").isVisible(), false);
  const stars = lab.seen.posts.filter(({ target }) => target === "*");
  assert.deepEqual([...new Set(stars.map(({ type }) => type))].sort(), [...types].sort(), "only the page itself posts to *");
  lab.seen.posts.length = 0;
});

/** The demo's CRM page, its phone on the settings. */
async function crm(namespace) {
  const page = await lab.tab("host", `/crm.html?namespace=${namespace}`);
  const phone = page.frameLocator("#rc-widget-adapter-frame");
  await press(phone.getByRole("tab", { name: "Settings" }));
  await phone.getByRole("button", { name: "Connect to TestCRM" }).waitFor();
  return { page, phone };
}

test("the CRM: the phone shows the service as the vendor's settings do, and every tab agrees on it", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await crm(namespace), await crm(namespace)];
  const { page, phone } = one;
  // Playwright waits long for a button in a page behind another one.
  await page.bringToFront();
  const logo = await phone.locator("#service-logo").boundingBox();
  assert.ok(logo.height === 30 && logo.width < 85, JSON.stringify(logo));
  const dots = (phone) => phone.locator("[data-dot]").evaluateAll((all) => all.map((dot) => dot.checkVisibility()));
  assert.deepEqual(await dots(phone), [true, true], "on the tab and on the button");
  await press(phone.getByRole("button", { name: "Load contacts" }));
  await phone.getByText("NOT_AUTHORIZED").waitFor();
  await press(phone.getByRole("button", { name: "Connect to TestCRM" }));
  for (const { phone } of [one, two]) {
    await phone.getByText("Connected as ada@testcrm.example").waitFor();
    await phone.getByRole("button", { name: "Disconnect" }).waitFor();
    assert.deepEqual(await dots(phone), [false, false]);
  }
  await press(phone.getByRole("button", { name: "Load contacts" }));
  await phone.getByText("Emmy Noether").waitFor();
  // The other page withdraws it: here the contacts are gone.
  await two.page.bringToFront();
  await press(two.page.getByRole("button", { name: "Disconnect it" }));
  await page.bringToFront();
  await phone.getByRole("button", { name: "Connect to TestCRM" }).waitFor();
  assert.equal(await phone.getByText("Emmy Noether").count(), 0);
  // Late: the phone says that there was no answer, and the status comes all the same.
  await page.getByLabel("Answer after four seconds").check();
  await press(phone.getByRole("button", { name: "Connect to TestCRM" }));
  assert.equal(await phone.locator("#authorization").isDisabled(), true);
  await phone.getByText("REQUEST_TIMEOUT").waitFor();
  await phone.getByText("Connected as ada@testcrm.example").waitFor();
  // The phone's own user is another matter.
  await press(page.getByRole("button", { name: "Ask for a login" }));
  await press(phone.getByRole("button", { name: "Sign in as Ada" }));
  await page.getByText("logged in: +16505550100*ada").waitFor();
  await press(page.getByRole("button", { name: "Log out", exact: true }));
  await page.getByText("nobody is logged in").waitFor();
  await press(phone.getByRole("tab", { name: "Settings" }));
  await phone.getByText("Connected as ada@testcrm.example").waitFor();
});

for (const width of [360, 1440]) {
  test(`the CRM fits into ${width} px`, async () => {
    const { page, phone } = await crm(lab.freshNamespace());
    await page.setViewportSize({ width, height: 900 });
    const widget = await frameOf(page, lab.origin("widget"));
    const fits = async (name) => {
      for (const where of [page, widget])
        assert.equal(await where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, name);
      await lab.screenshot(page, `crm-${width}-${name}`, { fullPage: true });
    };
    await fits("not-connected");
    await press(phone.getByRole("button", { name: "Connect to TestCRM" }));
    await phone.getByText("Connected as ada@testcrm.example").waitFor();
    await fits("connected");
  });
}

test("another host page can be pointed at the demo's widget: &hosts= lets it in, in the widget and in the server's policy", async () => {
  const page = await lab.context.newPage();
  // A site that is in neither list.
  await page.goto(`http://127.0.0.1:${lab.server.port}/frame-src/any/lab`);
  await until(page, () => window.labReady);
  await page.evaluate(recordingHost);
  const src = (more) => lab.url("widget", `/widget.html?dialect=ringcentral&acquire=none&namespace=${lab.freshNamespace()}${more}`);
  await page.evaluate(
    (src) => {
      document.getElementById("stage").append(Object.assign(document.createElement("iframe"), { src }));
    },
    src(`&hosts=${encodeURIComponent(`http://127.0.0.1:${lab.server.port}`)}`),
  );
  await until(page, () => window.posts.length === 2);
});
