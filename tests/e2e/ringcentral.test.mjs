/** RingCentral Embeddable: the transcripts in a real browser, and the service that the host registers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";
import { recordingHost, ringcentralHost, SERVICE, START } from "./ringcentral-host.mjs";

const lab = browserForThisFile();
const { pair, begun, connect, postToWidget, register, update, stands, settled } = ringcentralHost(lab);

const { transcripts } = JSON.parse(
  readFileSync(new URL("../vectors/transcripts/ringcentral/login-and-service.json", import.meta.url), "utf8"),
);

/** Transcripts do not spell out the words of the adapter's menu. */
const withoutWords = (post) => (post.type === "rc-adapter-pushLocale" ? { ...post, strings: "$english" } : post);

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
        await begun(page);
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
      } else if (kind === "host") await postToWidget(page, real(value));
      await lab.quiet();
      if (kind === "says") {
        const all = (await page.evaluate(() => window.posts)).map(withoutWords);
        if (value !== "$start") assert.equal(named(JSON.stringify(all.slice(seen))), JSON.stringify(value));
        seen = all.length;
      }
      if (kind === "hears") assert.deepEqual(await frame.evaluate(() => window.received.splice(0)), value);
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
  await postToWidget(page, {
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
  await postToWidget(page, { type: "rc-adapter-logout" });
  await until(frame, () => bridge.session.status === "unauthorized");
  assert.equal(await frame.evaluate(() => window.host.service.authorized), true);
  await update(page, false, "ada@crm.example");
  await stands(frame, false);
  assert.deepEqual(await frame.evaluate(() => [window.host.service.account, bridge.session.status]), [null, "unauthorized"]);
});

test("whose account it is: never that of another service, of an earlier update, or of another tab's word that did not count", async () => {
  const { page, frame } = await pair({ options: { ringcentral: { shareAuthorization: true } } });
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

test("a listener of a host's message sees what it has brought: a registration is there, and a withdrawn authorization lets nothing through", async () => {
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
    await postToWidget(page, {
      type: "rc-post-message-response",
      responseId,
      response: responseId === requestId ? { data: "ok" } : "wrong",
    });
  assert.deepEqual(await settled(frame, 3), Array(3).fill(["resolved", { data: "ok" }]));
  // This one is not answered in time.
  const started = await frame.evaluate(() => {
    window.ask(window.host.pressAuthorization());
    return performance.now();
  });
  assert.deepEqual(await settled(frame, 1), [["rejected", "REQUEST_TIMEOUT"]]);
  const waited = (await frame.evaluate(() => performance.now())) - started;
  assert.ok(waited >= 2999, `${waited} ms`);
  const [, second] = await requests();
  await postToWidget(page, { type: "rc-post-message-response", responseId: second.requestId, response: "late" });
  await update(page, true, "ada@crm.example");
  await stands(frame, true);
  await frame.evaluate(() => window.ask(window.host.pressAuthorization()));
  await until(page, () => window.posts.filter(({ type }) => type === "rc-post-message-request").length === 3);
  const [, , third] = await requests();
  assert.deepEqual([third.body, third.requestId === second.requestId], [{ authorized: true }, false]);
  await postToWidget(page, { type: "rc-post-message-response", responseId: third.requestId });
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
  await postToWidget(page, {
    type: "rc-post-message-response",
    responseId: await page.evaluate(() => window.posts.at(-1).requestId),
    response: 1,
  });
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
    window.ask(bridge.request("/x", undefined, { timeoutMS: 5 }));
    window.ask(bridge.request("/x", () => 1));
    window.ask(bridge.requestSignIn());
  });
  assert.deepEqual((await settled(frame, 10)).map(([, code]) => code).sort(), [
    ...Array(8).fill("CONFIG_INVALID"),
    "DATA_NOT_CLONEABLE",
    "NO_HANDLER",
  ]);
  const thrown = await frame.evaluate(() =>
    [
      () => window.host.notify("rc-x", { f: () => 1 }),
      () => bridge.send("x"),
      () => window.host.notify(7, {}),
      () => window.host.handle("", () => 1),
      () => bridge.handle("/x", "no function"),
    ].map((call) => {
      try {
        return call();
      } catch (error) {
        return error.code;
      }
    }),
  );
  assert.deepEqual(thrown, ["DATA_NOT_CLONEABLE", "NO_HANDLER", ...Array(3).fill("CONFIG_INVALID")]);
  assert.deepEqual(await page.evaluate(() => window.posts.map(({ type }) => type)), START);
});

test("what the application says at once waits for the beginning; a login() that fails, or brings what cannot be copied, is reported, and the host learns of the login all the same", async () => {
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
    assert.deepEqual((await page.evaluate(() => window.posts.map(({ type }) => type))).slice(0, 4), [
      "rc-adapter-pushAdapterState",
      "rc-adapter-pushLocale",
      "rc-first",
      "rc-post-message-request",
    ]);
    assert.deepEqual(await frame.evaluate(() => window.reported), [expected], login);
  }
});

test("the host asks: the handler of that path answers, also later; the last one counts", async () => {
  const { page, frame } = await pair();
  await frame.evaluate(() => {
    window.host.handle("/crm-calls", () => "the first");
    window.stop = window.host.handle("/crm-calls", async (body) => ({ calls: [body.page] }));
  });
  const ask = async (requestId) => {
    await postToWidget(page, { type: "rc-adapter-message-request", requestId, path: "/crm-calls", body: { page: 3 } });
    await until(page, (id) => window.posts.some(({ responseId }) => responseId === id), requestId);
    return page.evaluate((id) => JSON.stringify(window.posts.find(({ responseId }) => responseId === id)), requestId);
  };
  assert.equal(await ask("a"), '{"type":"rc-adapter-message-response","responseId":"a","response":{"calls":{"0":3}}}');
  await frame.evaluate(() => window.stop());
  assert.equal(await ask("b"), '{"type":"rc-adapter-message-response","responseId":"b","response":{"data":"no matched path"}}');
});

test("storage denied: the adapter and the host are notified of who is signed in, and the service works", async () => {
  const page = await lab.lab("host");
  await page.evaluate(recordingHost);
  const frame = await addFrame(page, lab, lab.url("widget", "/widget.html?dialect=ringcentral&storage=denied&acquire=none"));
  await until(page, () => window.posts.some(({ type }) => type === "rc-login-status-notify"));
  // The demo's has a logo and a dot.
  const [state, words, login] = START;
  const all = [state, words, "rc-brand-assets-notify", "rc-adapter-syncPresence", login];
  assert.deepEqual(await page.evaluate(() => window.posts.map(({ type }) => type)), all);
  await register(page);
  await update(page, true);
  await until(frame, () => window.bridge.ringcentral.service?.authorized === true);
  assert.equal(await frame.evaluate(() => bridge.environment().storage), "memory");
});
