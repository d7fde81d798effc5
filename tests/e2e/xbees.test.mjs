/** x-bees: the transcripts in a real browser, and the drop-in client in its three variants, below a host page of another site. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";
import { clickAndOpen, signInAs } from "./popups.mjs";
import { recordingHost, xbeesHost } from "./xbees-host.mjs";

const lab = browserForThisFile();
const { hostPage, said, saysTypes, postToWidget, clientFrame, ready } = xbeesHost(lab);

const { transcripts } = JSON.parse(readFileSync(new URL("../vectors/transcripts/xbees/who-is-signed-in.json", import.meta.url), "utf8"));

// --- the transcripts: what has to do with time is played natively, and so is a browser that does not say who embeds us ------------------

for (const { name, parent, stored, steps } of transcripts) {
  if (!parent || steps.some((step) => "advance" in step || "error" in step)) continue;
  test(`transcript: ${name}`, async () => {
    const namespace = lab.freshNamespace();
    const page = await hostPage();
    const { ready: facts } = steps.find((step) => "ready" in step);
    const query = facts.iframeId === null ? "" : `?iframeId=${facts.iframeId}`;
    const frame = await addFrame(page, lab, lab.url("widget", `/lab${query}`));
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
    await frame.evaluate(
      async ([host, namespace, { version, platform, status, logout }]) => {
        const { connect } = await window.load("authframe");
        const firstStatus = status === 2 ? "application" : "session";
        const xbees = {
          manualReady: true,
          version,
          signIn: status > 0,
          firstStatus,
          logoutType: logout,
          ...(platform ? { platform } : {}),
        };
        window.bridge = await connect({ hosts: [{ origin: host, dialect: "xbees" }], namespace, xbees });
        window.received = [];
        for (const type of ["xBeesPbxToken", "xBeesUseTheme", "xBeesLogout", "sign out", "authframe:knock", "webpackOk"])
          bridge.xbees.on(type, (payload) => window.received.push(payload === undefined ? { type } : { type, payload }));
      },
      [lab.origin("host"), namespace, facts],
    );
    let before = await frame.evaluate(() => bridge.rejected);
    let seen = 0;
    const evil = await addFrame(page, lab, lab.url("evil", "/lab"));
    for (const step of steps) {
      const [kind, value] = Object.entries(step).at(-1);
      if (kind === "ready") await frame.evaluate(() => void bridge.xbees.ready().catch(() => {}));
      if (kind === "told")
        await frame.evaluate((authorized) => void bridge.xbees.sendStatus(authorized).catch(() => {}), value.told > 0), (seen += 1);
      if (kind === "own") await frame.evaluate((own) => void bridge.xbees.sendStatus(own > 0).catch(() => {}), value);
      if (kind === "does" && value.authorize) await frame.evaluate((account) => bridge.authorize({ account }), value.authorize);
      if (kind === "does" && value.unauthorized) await frame.evaluate((reason) => bridge.signOut({ reason }), value.unauthorized);
      if (kind === "host" && step.from === "sibling") {
        await evil.evaluate(([message, origin]) => window.parent.frames[0].postMessage(message, origin), [value, lab.origin("widget")]);
      } else if (kind === "host" && step.from === "stranger") {
        // The parent's own window, but another origin: only a synthetic event can say so.
        await frame.evaluate((data) => {
          const event = new MessageEvent("message", { data, origin: "https://evil.example" });
          Object.defineProperty(event, "source", { value: window.parent });
          window.dispatchEvent(event);
        }, value);
      } else if (kind === "host") await postToWidget(page, value);
      await lab.quiet();
      if (kind === "says") {
        const all = JSON.parse(await said(page, 0));
        assert.equal(JSON.stringify(all.slice(seen)), JSON.stringify(value));
        seen = all.length;
      }
      if (kind === "hears") assert.deepEqual(await frame.evaluate(() => window.received.splice(0)), value);
      if (kind === "status") assert.deepEqual(await frame.evaluate(() => [bridge.session.status, bridge.session.reason]), value);
      if (kind === "rejected") {
        const after = await frame.evaluate(() => bridge.rejected);
        for (const counter of Object.keys(after)) assert.equal(after[counter] - before[counter], value[counter] ?? 0, counter);
        before = after;
      }
    }
    const posts = await page.evaluate(() => window.posts.map(({ ports }) => ports.length));
    assert.ok(
      posts.every((ports) => ports === 1),
      "each with a port of its own",
    );
  });
}

// --- the client -----------------------------------------------------------------------------------------------------------------------

test("info-frame, daemon and dialog: a sign-in in the dialog reaches all three, and the host is notified by each; a logout of the host too", async () => {
  const namespace = lab.freshNamespace();
  const page = await hostPage({ answersReady: true });
  const [info, daemon] = [await clientFrame(page, namespace, "info-frame"), await clientFrame(page, namespace, "daemon")];
  assert.deepEqual(
    await Promise.all(
      [info, daemon].map((frame) => frame.evaluate(() => [window.started, window.client.showsUi(), window.client.isDaemon()])),
    ),
    [
      [1, true, false],
      [0, false, true],
    ],
  );
  for (const frame of [info, daemon]) await ready(frame);
  for (const place of [0, 1]) await saysTypes(page, place, ["xBeesReady", "xBeesNotAuthorized"]);
  assert.equal(
    await said(page, 0),
    '[{"type":"xBeesReady","payload":{"version":"1.1.3"},"iframeId":"info-frame"},{"type":"xBeesNotAuthorized","payload":"$undefined","iframeId":"info-frame"}]',
  );
  // The host opens the integration as a dialog, and the user signs in there.
  const dialog = await clientFrame(page, namespace, "dialog");
  await ready(dialog);
  await saysTypes(page, 2, ["xBeesReady", "xBeesNotAuthorized"]);
  await dialog.evaluate(() => void window.client.isAuthorized().catch(() => {}));
  for (const place of [0, 1, 2]) await saysTypes(page, place, ["xBeesReady", "xBeesNotAuthorized", "xBeesAuthorized"]);
  await postToWidget(page, { type: "xBeesLogout" }, 0);
  for (const place of [0, 1, 2])
    await saysTypes(page, place, ["xBeesReady", "xBeesNotAuthorized", "xBeesAuthorized", "xBeesNotAuthorized"]);
  assert.equal(await info.evaluate(() => window.logouts), 1);
});

test("the next visit: signed in without a word of the application, and a tab opened later says so", async () => {
  const namespace = lab.freshNamespace();
  const [first, observer] = [await hostPage({ answersReady: true }), await hostPage({ answersReady: true })];
  await ready(await clientFrame(observer, namespace, "daemon"));
  const frame = await clientFrame(first, namespace, "info-frame");
  await ready(frame);
  await frame.evaluate(() => void window.client.isAuthorized({ user: 7 }).catch(() => {}));
  await saysTypes(first, 0, ["xBeesReady", "xBeesAuthorized"]);
  assert.deepEqual(JSON.parse(await said(first, 0)).at(-1), { type: "xBeesAuthorized", payload: { user: 7 }, iframeId: "info-frame" });
  // Another page has received the event: then no renderer process has an older copy of the storage.
  await until(observer, () => window.saidBy(0).at(-1)?.type === "xBeesAuthorized");
  const second = await hostPage({ answersReady: true });
  await ready(await clientFrame(second, namespace, "info-frame"));
  await saysTypes(second, 0, ["xBeesReady", "xBeesAuthorized"]);
});

test("A8 A9 A10: the whole answer resolves or rejects; null settles too; a payload that cannot be copied is not sent", async () => {
  const page = await hostPage({ answersReady: true });
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  await ready(frame);
  await until(page, () => window.saidBy(0).length === 2);
  const ask = (call) =>
    frame.evaluate(
      `void (window.asked = (${call})(window.client).then((value) => ["resolved", value], (error) => ["rejected", error.name ?? error]))`,
    );
  const outcome = () => frame.evaluate(() => window.asked);
  await ask("(client) => client.getContext()");
  await until(page, () => window.saidBy(0).at(-1).type === "xBeesContext");
  await page.evaluate(() => window.answer(0, "xBeesContext", { type: "xBeesContext", payload: { contactEmail: "a@b.c" } }));
  assert.deepEqual(await outcome(), ["resolved", { type: "xBeesContext", payload: { contactEmail: "a@b.c" } }]);
  await ask("(client) => client.startCall('+39123')");
  await until(page, () => window.saidBy(0).at(-1).type === "xBeesStartCall");
  await page.evaluate(() => window.answer(0, "xBeesStartCall", { errorMessage: "busy", type: "xBeesStartCall" }));
  assert.deepEqual(await outcome(), ["rejected", { errorMessage: "busy", type: "xBeesStartCall" }]);
  await ask("(client) => client.reboot()");
  await until(page, () => window.saidBy(0).at(-1).type === "xBeesReboot");
  await page.evaluate(() => window.answer(0, "xBeesReboot", null));
  assert.deepEqual(await outcome(), ["resolved", null]);
  await ask("(client) => client.setViewport({ height: () => 1, width: 2 })");
  assert.deepEqual(await outcome(), ["rejected", "DataCloneError"]);
  await ask("(client) => client.setViewport({ height: 100, width: 200 })");
  await until(page, () => window.saidBy(0).at(-1).type === "xBeesViewPort");
  await page.evaluate(() => window.answer(0, "xBeesReady", { type: "xBeesReady" }));
  assert.deepEqual(await frame.evaluate(() => window.readiness), { type: "xBeesReady" });
  assert.equal(
    JSON.stringify(JSON.parse(await said(page, 0)).slice(2)),
    '[{"type":"xBeesContext","iframeId":"info-frame"},{"type":"xBeesStartCall","payload":{"phoneNumber":"+39123"},"iframeId":"info-frame"},{"type":"xBeesReboot","iframeId":"info-frame"},{"type":"xBeesViewPort","payload":{"height":100,"width":200},"iframeId":"info-frame"}]',
  );
  // That one is not answered.
  assert.deepEqual(await outcome(), ["rejected", { errorMessage: "timeout", type: "xBeesViewPort" }]);
});

test("a payload that cannot be copied is an error, and the host learns of the change all the same", async () => {
  const page = await hostPage({ answersReady: true });
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  await ready(frame);
  await saysTypes(page, 0, ["xBeesReady", "xBeesNotAuthorized"]);
  assert.equal(await frame.evaluate(() => window.client.isAuthorized({ when: () => 1 }).catch((error) => error.name)), "DataCloneError");
  await saysTypes(page, 0, ["xBeesReady", "xBeesNotAuthorized", "xBeesAuthorized"]);
});

test("a ready that the host did not take is said again; closing the bridge ends one that is not answered", async () => {
  const page = await hostPage();
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  await ready(frame);
  await saysTypes(page, 0, ["xBeesReady"]);
  await page.evaluate(() => window.answer(0, "xBeesReady", { errorMessage: "not now", type: "xBeesReady" }));
  assert.deepEqual(await frame.evaluate(() => window.readiness), { errorMessage: "not now", type: "xBeesReady" });
  // A refusal is an answer: the application may speak from then on.
  await saysTypes(page, 0, ["xBeesReady", "xBeesNotAuthorized"]);
  await ready(frame);
  await saysTypes(page, 0, ["xBeesReady", "xBeesNotAuthorized", "xBeesReady"]);
  assert.deepEqual(JSON.parse(await said(page, 0))[2], JSON.parse(await said(page, 0))[0]);
  await frame.evaluate(() => bridge.close());
  assert.deepEqual(await frame.evaluate(() => window.readiness), { errorMessage: "closed" });
});

test("what the options cannot be is CONFIG_INVALID", async () => {
  const page = await hostPage();
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  for (const [xbees, text] of [
    [{ readyTimeoutMs: -1 }, "xbees.readyTimeoutMs is -1: give whole milliseconds from 0 to 60000"],
    [{ readyTimeoutMs: 1.5 }, "xbees.readyTimeoutMs is 1.5"],
    [{ readyTimeoutMs: 60_001 }, "xbees.readyTimeoutMs is 60001"],
    [{ version: "" }, 'xbees.version is "": give a text of 1 to 64 characters'],
    [{ logoutType: "x".repeat(65) }, "xbees.logoutType is"],
    [{ readyTimeout: 1 }, 'xbees has no option "readyTimeout"'],
  ]) {
    const { code, message } = await frame.evaluate(
      async ([origin, xbees, namespace]) => {
        const { connect } = await window.load("authframe");
        return connect({ hosts: [{ origin, dialect: "xbees" }], namespace, xbees }).catch(({ code, message }) => ({ code, message }));
      },
      [lab.origin("host"), xbees, lab.freshNamespace()],
    );
    assert.equal(code, "CONFIG_INVALID", JSON.stringify(xbees));
    assert.ok(message.includes(text), message);
  }
});

test("events: by their helpers and by name, once each, until they are taken off; the last token and theme are kept for who comes late", async () => {
  const page = await hostPage();
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  await postToWidget(page, { type: "xBeesPbxToken", payload: "first" });
  await postToWidget(page, { type: "xBeesPbxToken", payload: "second" });
  await lab.quiet();
  await frame.evaluate(() => {
    window.got = [];
    const token = (value) => window.got.push(value);
    window.token = token;
    window.client.onPbxTokenChange(token);
    window.client.onPbxTokenChange(token);
    window.client.onCallEnded(() => {
      throw new Error("no matter of the others");
    });
    window.client.addEventListener("xBeesTerminateCall", (call) => window.got.push(call ?? "ended"));
    addEventListener("error", (event) => event.preventDefault());
  });
  assert.deepEqual(await frame.evaluate(() => window.got), ["second"]);
  await postToWidget(page, { type: "xBeesTerminateCall" });
  await postToWidget(page, JSON.stringify({ type: "xBeesPbxToken", payload: "third" }));
  await until(frame, () => window.got.length === 3);
  // An old unsubscription does not end a later one.
  await frame.evaluate(() => {
    const stop = window.client.onPbxTokenChange(window.token);
    window.client.off(window.token);
    window.client.onPbxTokenChange(window.token);
    stop();
    window.got = [];
  });
  await postToWidget(page, { type: "xBeesPbxToken", payload: "again" });
  await until(frame, () => window.got.at(-1) === "again");
  assert.deepEqual(await frame.evaluate(() => window.got), ["third", "again"], "the kept one first");
  await frame.evaluate(() => {
    window.got = ["second", "ended", "third"];
    window.client.off(window.token);
  });
  await postToWidget(page, { type: "xBeesPbxToken", payload: "fourth" });
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => window.got), ["second", "ended", "third"]);
  lab.seen.errors.length = 0;
});

test("storage as the vendor's: texts as they are, the rest as JSON; what is there already can be read; nothing throws", async () => {
  const page = await hostPage();
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  const results = await frame.evaluate(() => {
    localStorage.setItem("broken", "{not json");
    localStorage.setItem("user", '{"email":"a@b.c"}');
    client.saveToStorage("text", "plain");
    client.saveToStorage("object", { a: [1] });
    client.saveToStorage("list", JSON.stringify([1, 2]));
    client.saveToStorage("gone", 1);
    client.saveToStorage("gone", undefined);
    client.saveToStorage("function", () => 1);
    client.deleteFromStorage("never there");
    return [
      ["broken", "user", "text", "object", "list", "gone", "missing", "function"].map((key) => client.getFromStorage(key)),
      localStorage.getItem("text"),
      localStorage.getItem("object"),
    ];
  });
  assert.deepEqual(results, [["{not json", { email: "a@b.c" }, "plain", { a: [1] }, [1, 2], null, null, null], "plain", '{"a":[1]}']);
});

test("not in a frame every request rejects at once with the vendor's text; the host comes from the page's meta element; without one it is an error", async () => {
  const top = await lab.lab("widget");
  assert.equal(
    await top.evaluate(async (host) => {
      const { Client } = await window.load("authframe/xbees");
      return Client.getInstance({ hosts: [host] })
        .ready()
        .catch((error) => error);
    }, lab.origin("host")),
    "xBeesConnect should be wrapped within iframe to perform the connection",
  );

  const page = await hostPage({ answersReady: true });
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  assert.equal(
    await frame.evaluate(async () => {
      const { Client } = await window.load("authframe/xbees");
      try {
        return Client.getInstance();
      } catch (error) {
        return error.code;
      }
    }),
    "CONFIG_ORIGIN_REQUIRED",
  );
  await frame.evaluate(async (host) => {
    const meta = document.head.appendChild(document.createElement("meta"));
    [meta.name, meta.content] = ["authframe-hosts", `https://other.example ${host}`];
    const { Client } = await window.load("authframe/xbees");
    void Client.getInstance()
      .ready()
      .catch(() => {});
  }, lab.origin("host"));
  await saysTypes(page, 0, ["xBeesReady", "xBeesNotAuthorized"]);
  assert.deepEqual(JSON.parse(await said(page, 0))[0], { type: "xBeesReady", payload: { version: "1.1.3" }, iframeId: null });
});

test("one build for every host: the same widget speaks x-bees below one page and our own protocol below another", async () => {
  const hosts = [{ origin: lab.origin("host"), dialect: "xbees" }, lab.origin("other")];
  const page = await hostPage();
  const frame = await addFrame(page, lab, lab.url("widget", "/lab?iframeId=1"));
  await until(frame, () => window.labReady);
  const open = (frame) =>
    frame.evaluate(
      async ([hosts, namespace]) => {
        const { connect } = await window.load("authframe");
        window.bridge = await connect({ hosts, namespace });
      },
      [hosts, lab.freshNamespace()],
    );
  await open(frame);
  await saysTypes(page, 0, ["xBeesReady", "xBeesNotAuthorized"]);
  assert.equal(await frame.evaluate(() => bridge.connection), "connecting", "there is no answer yet");
  await page.evaluate(() => window.answer(0, "xBeesReady", { type: "xBeesReady" }));
  await until(frame, () => bridge.connection === "connected");
  const own = await frame.evaluate(async () => {
    const code = (error) => error.code;
    let sent;
    try {
      bridge.send("news");
    } catch (error) {
      sent = code(error);
    }
    return [
      sent,
      await bridge.request("question").catch(code),
      await bridge.requestSignIn().catch(code),
      Object.keys(bridge.rejected).includes("speech"),
    ];
  });
  assert.deepEqual(own, ["NO_HANDLER", "NO_HANDLER", "NO_HANDLER", false], "the application's own messages are our protocol's");
  assert.equal(await page.evaluate(() => window.posts.length), 2);
  const other = await lab.lab("other");
  await other.evaluate(recordingHost);
  const below = await addFrame(other, lab, lab.url("widget", "/lab"));
  await until(below, () => window.labReady);
  await open(below);
  await other.evaluate(async () => {
    const { embed } = await window.load("authframe/host");
    window.widget = await embed({ container: document.querySelector("iframe") });
  });
  await below.evaluate(() => bridge.authorize({ account: "ada" }));
  await until(other, () => window.widget.session.account?.subject === "ada");
  assert.deepEqual([await below.evaluate(() => typeof bridge.xbees), await said(other, 0)], ["undefined", "[]"]);
});

test("D12: after close() no port, timer or listener of the client is left", async () => {
  const page = await hostPage({ answersReady: true });
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  await ready(frame);
  await until(page, () => window.saidBy(0).length === 2);
  await page.evaluate(() => {
    for (const type of ["xBeesReady", "xBeesNotAuthorized"]) window.answer(0, type, { type });
  });
  await frame.evaluate(() => window.readiness);
  await lab.quiet();
  await frame.evaluate(() => {
    window.unanswered = window.client.getTheme().catch((error) => error);
  });
  await until(page, () => window.saidBy(0).at(-1).type === "xBeesTheme");
  await frame.evaluate(() => bridge.close());
  assert.deepEqual(await frame.evaluate(() => window.unanswered), { errorMessage: "closed" });
  await lab.quiet();
  const live = await frame.evaluate(() => window.__e2e.live());
  const ours = live.listeners.filter((name) => /message|storage|page|focus|visibility/.test(name));
  assert.deepEqual([live.timers, ours, live.ports], [[], [], 0]);
});

test("across sites: what the vendor's documented sign-in window stores reaches no frame; what signIn() brings reaches all three, and the host is notified by each", async () => {
  const namespace = lab.freshNamespace();
  // The vendor's storage has no prefix.
  const user = `user-${namespace}`;
  const page = await hostPage({ answersReady: true });
  const frames = [];
  for (const variant of ["info-frame", "daemon", "dialog"]) frames.push(await clientFrame(page, namespace, variant));
  const [info, daemon, dialog] = frames;
  for (const [place, frame] of frames.entries()) {
    await ready(frame);
    await saysTypes(page, place, ["xBeesReady", "xBeesNotAuthorized"]);
    await frame.evaluate(() => {
      window.stored = [];
      window.client.onStorage(({ key }) => window.stored.push(key));
    });
  }
  await dialog.evaluate(
    ([widget, login, clientId]) => {
      const button = (name, onclick) =>
        document.body.append(Object.assign(document.createElement("button"), { textContent: name, onclick }));
      // As the vendor's guide has it: a window of the integration itself, which writes the token, and a page that waits for the storage event.
      button("By the guide", () => window.open(`${widget}/lab`));
      const oauth = { authorizationEndpoint: `${login}/authorize`, clientId, redirectUri: `${widget}/callback.html`, issuer: login };
      button("Sign in", () => void (window.result = window.bridge.signIn({ oauth, exchange: () => ({ account: "ada" }) })));
    },
    [lab.origin("widget"), lab.origin("login"), namespace],
  );
  const documented = await clickAndOpen(lab, dialog, "By the guide");
  await until(documented, () => window.labReady);
  await documented.evaluate((user) => localStorage.setItem(user, JSON.stringify({ email: "ada@example.com" })), user);
  // The storage events of the frames do work, for what another frame writes.
  await info.evaluate(() => client.saveToStorage("draft", "hello"));
  for (const frame of [daemon, dialog]) await until(frame, () => window.stored.includes("draft"));
  for (const frame of frames)
    assert.deepEqual(await frame.evaluate((user) => [client.getFromStorage(user), window.stored.includes(user)], user), [null, false]);
  for (const place of [0, 1, 2]) assert.equal(JSON.parse(await said(page, place)).at(-1).type, "xBeesNotAuthorized");
  await documented.close();
  const popup = await clickAndOpen(lab, dialog);
  await signInAs(popup);
  await dialog.evaluate(() => window.result);
  for (const place of [0, 1, 2]) await saysTypes(page, place, ["xBeesReady", "xBeesNotAuthorized", "xBeesAuthorized"]);
  for (const frame of frames) assert.equal(await frame.evaluate(() => bridge.session.status), "authorized");
});

test("what is not known of the wire is a table: the calls are there, by names that can be set, and cannot do harm", async () => {
  const page = await hostPage({ answersReady: true });
  const frame = await addFrame(page, lab, lab.url("widget", "/lab?iframeId=1&mail=ada%40example.com&fullsize&startPage=CREATE_CONTACT"));
  await until(frame, () => window.labReady);
  await frame.evaluate(
    async ([host, namespace]) => {
      const { Client } = await window.load("authframe/xbees");
      window.client = Client.getInstance({
        hosts: [host],
        namespace,
        words: { userEmail: "mail", lookup: "xBeesFind", lookupAnswer: "xBeesFound" },
      });
      window.bridge = await client.bridge;
      client.onLookupAndMatchContact(({ phone }, resolve, reject) =>
        phone === "+1" ? resolve({ id: "1", name: "Emmy", phone }) : reject("unknown"),
      );
      client.onLookupAndMatchBatchContacts((queries, returnResults) => returnResults(new Map(queries.map((query) => [query, null]))));
      void client.ready().catch(() => {});
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  await until(page, () => window.saidBy(0).length === 2);
  assert.deepEqual(await frame.evaluate(() => [client.getUserEmail(), client.isFullsize(), client.getStartPage()]), [
    "ada@example.com",
    true,
    "CREATE_CONTACT",
  ]);
  await postToWidget(page, { type: "xBeesFind", payload: { phone: "+1" } });
  await postToWidget(page, { type: "xBeesFind", payload: { phone: "+2" } });
  await postToWidget(page, { type: "xBeesGetLookupAndMatchBatchContacts", payload: [{ phone: "+3" }] });
  await until(page, () => window.saidBy(0).length === 5);
  await frame.evaluate(() => {
    for (const call of [
      () => client.contactUpdated({ phone: "+1" }, { id: "1", name: "Emmy" }),
      () => client.contactMatchUpdated({ phone: "+1" }, null),
      () => client.createContactIsSupported(),
      () => client.showToast("Saved", "SUCCESS"),
    ])
      void call().catch(() => {});
  });
  await until(page, () => window.saidBy(0).length === 9);
  assert.equal(
    JSON.stringify(JSON.parse(await said(page, 0)).slice(2)),
    JSON.stringify([
      { type: "xBeesFound", payload: { contact: { id: "1", name: "Emmy", phone: "+1" }, query: { phone: "+1" } }, iframeId: "1" },
      { type: "xBeesFound", payload: { contact: null, query: { phone: "+2" } }, iframeId: "1" },
      { type: "xBeesLookupAndMatchBatchContacts", payload: { 0: { query: { phone: "+3" }, contact: null } }, iframeId: "1" },
      { type: "xBeesContactUpdated", payload: { query: { phone: "+1" }, contact: { id: "1", name: "Emmy" } }, iframeId: "1" },
      { type: "xBeesContactMatchUpdated", payload: { query: { phone: "+1" }, contact: null }, iframeId: "1" },
      { type: "xBeesCreateContactIsSupported", iframeId: "1" },
      { type: "xBeesToast", payload: { message: "Saved", severity: "SUCCESS" }, iframeId: "1" },
    ]),
  );
});
