/**
 * D52: pages and their extensions make up events: a plain `Event` named "message", a storage event that speaks of nothing, members that are absent
 * or throw. Whatever is dispatched, in either half: nothing is thrown, nothing changes, and everything works afterwards.
 */
import assert from "node:assert/strict";
import { addFrame, embedded, embedHere, until } from "./actors.mjs";
import { browserForThisFile, frameOf, test } from "./browser.mjs";

const lab = browserForThisFile();

/**
 * Runs in every document before its own scripts: keeps what was thrown and not caught.
 * The harness has a listener of its own that throws at an event without ports: what has no line of the package in its stack is not the package's.
 */
function keepUncaught() {
  window.uncaught = [];
  const keep = (error, message) => {
    if (!(error instanceof Error) || String(error.stack).includes("/authframe/"))
      window.uncaught.push(String(error?.stack ?? error ?? message).slice(0, 300));
  };
  addEventListener("error", ({ error, message }) => keep(error, message));
  addEventListener("unhandledrejection", ({ reason }) => keep(reason, "a rejection"));
}
const isOurs = (text) => text.includes("/authframe/") || !/at /.test(text);

/**
 * In a page: `fire(target, kind)` dispatches. Gives the names of the kinds, by the group of targets that they are for.
 * @param {{key: string | null, origin: string}} known the shared record's key in localStorage; the origin of the other half
 */
function arm({ key, origin }) {
  const frame = document.querySelector("iframe");
  /** The other half's window: what a made-up message may name as its source. */
  const peer = __e2e.real(frame ? frame.contentWindow : window.parent);
  const TARGETS = { window: () => window, document: () => document, port: () => __e2e.ports().at(-1), "frame element": () => frame };
  const boom = () => {
    throw new Error("a getter of a made-up event");
  };
  const MEMBERS = [
    "data",
    "origin",
    "source",
    "ports",
    "timeStamp",
    "lastEventId",
    "key",
    "newValue",
    "oldValue",
    "storageArea",
    "persisted",
  ];
  /** The members that are named throw when they are read. */
  const cursed = (event, members = MEMBERS) => {
    for (const name of members) Object.defineProperty(event, name, { get: boom });
    return event;
  };
  const throwing = (fields, ...names) => {
    for (const name of names) Object.defineProperty(fields, name, { enumerable: true, get: boom });
    return fields;
  };
  const handler = new Proxy({}, { get: () => boom });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const hello = { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: "0".repeat(32) };

  const DATA = {
    null: null,
    undefined,
    zero: 0,
    NaN: NaN,
    "an empty text": "",
    "a BigInt": 7n,
    true: true,
    "a list": [],
    "a list with a hello": [hello],
    "a date that is none": new Date(NaN),
    "a function": () => {},
    "an object without a prototype": Object.create(null),
    "a proxy whose traps throw": new Proxy({}, handler),
    "a revoked proxy": revoked.proxy,
    "a type that throws": throwing({}, "type"),
    "a type that throws 1": Object.defineProperty({}, "type", {
      get() {
        throw 1;
      },
    }),
    "a knock whose channel throws": throwing({ type: "authframe:knock" }, "channel"),
    "a hello whose channel throws": throwing({ type: "authframe:hello" }, "channel"),
    "a hello whose fields throw": throwing({ type: "authframe:hello", channel: "" }, "min", "max", "nonce"),
    "a welcome whose fields throw": throwing({ type: "welcome" }, "version", "nonce", "capabilities"),
    "an open whose fields throw": throwing({ type: "open" }, "capabilities", "session"),
    "a session that throws": throwing({ type: "session" }, "session"),
    "a session whose fields throw": {
      type: "session",
      session: throwing({}, "status", "reason", "account", "expiresAt", "epoch", "sequence", "writer"),
    },
    "an identity that throws": throwing({ type: "identity", id: 1 }, "identity"),
    "an identity whose fields throw": {
      type: "identity",
      id: 1,
      identity: throwing({}, "account", "accessToken", "expiresAt", "expiresIn", "refreshToken", "serverTime"),
    },
    "a request whose fields throw": throwing({ type: "request" }, "id", "name", "data"),
    "a request whose data throws": throwing({ type: "request", id: 1, name: "ping" }, "data"),
    "a reply whose fields throw": throwing({ type: "reply" }, "id", "data"),
    "an error whose fields throw": throwing({ type: "error", id: 4_000_000 }, "code", "message"),
    "a message whose fields throw": throwing({ type: "message" }, "name", "data"),
  };

  const bubbles = true;
  const message = (more) => new MessageEvent("message", { bubbles, ...more });
  const messages = {
    "Event(message)": () => [new Event("message", { bubbles })],
    "CustomEvent(message)": () => [new CustomEvent("message", { bubbles, detail: hello })],
    "MessageEvent(message) without anything": () => [message()],
    "MessageEvent(message) without a source, a hello": () => [message({ data: hello, origin })],
    "MessageEvent(message) whose source is a port": () => [message({ data: hello, origin, source: new MessageChannel().port1 })],
    "MessageEvent(message) of this very window": () => [message({ data: hello, origin: location.origin, source: window })],
    "MessageEvent(message) of the other half without an origin": () => [
      message({ data: { type: "authframe:news", channel: "" }, source: peer }),
    ],
    "Event(message) whose members throw": () => [cursed(new Event("message", { bubbles }))],
    "MessageEvent(message) whose members throw": () => [cursed(message({ data: hello, origin, source: peer }))],
    "StorageEvent named message": () => [new StorageEvent("message", { bubbles, key })],
    "Event(messageerror)": () => [new Event("messageerror", { bubbles })],
    "MessageEvent(messageerror) of the other half": () => [new MessageEvent("messageerror", { bubbles, origin, source: peer })],
    "Event(messageerror) whose members throw": () => [cursed(new Event("messageerror", { bubbles }))],
  };
  for (const name of MEMBERS.slice(0, 5))
    messages[`MessageEvent(message) of the other half whose ${name} throws`] = () => [
      cursed(message({ data: hello, origin, source: peer }), [name]),
    ];
  for (const name of MEMBERS.slice(0, 5))
    messages[`Event(message) whose ${name} throws`] = () => [cursed(new Event("message", { bubbles }), [name])];
  for (const [name, data] of Object.entries(DATA))
    messages[`MessageEvent(message) of the other half, data: ${name}`] = () => [message({ data, origin, source: peer })];

  // What no tab has written: the shared record holds something else.
  const record = JSON.parse((key && localStorage.getItem(key)) ?? "{}");
  const forged = (fields) => () => [
    new StorageEvent("storage", {
      key,
      storageArea: localStorage,
      oldValue: null,
      newValue: JSON.stringify({ ...record, writer: "f".repeat(16), ...fields }),
    }),
  ];
  const storage = {
    "Event(storage)": () => [new Event("storage")],
    "CustomEvent(storage)": () => [new CustomEvent("storage", { detail: key })],
    "StorageEvent without a key and an area": () => [new StorageEvent("storage")],
    "StorageEvent with a key, without an area": () => [new StorageEvent("storage", { key })],
    "StorageEvent with our key, a new value and no area": () => [
      new StorageEvent("storage", { key, newValue: JSON.stringify({ ...record, status: "unauthorized", epoch: record.epoch + 1 }) }),
    ],
    "StorageEvent of another area": () => [new StorageEvent("storage", { key, newValue: null, storageArea: sessionStorage })],
    "StorageEvent of another script's key": () => [
      new StorageEvent("storage", { key: "theme", newValue: "dark", storageArea: localStorage }),
    ],
    "StorageEvent whose members throw": () => [cursed(new StorageEvent("storage", { key, storageArea: localStorage }))],
    "Event(storage) whose members throw": () => [cursed(new Event("storage"))],
    "MessageEvent named storage": () => [new MessageEvent("storage", { data: record })],
  };
  for (const name of MEMBERS.slice(6, 10))
    storage[`StorageEvent with our key whose ${name} throws`] = () => [
      cursed(new StorageEvent("storage", { key, storageArea: localStorage, newValue: "{}" }), [name]),
    ];
  if (key) {
    Object.assign(storage, {
      "StorageEvent, forged: signed out": forged({ status: "unauthorized", reason: "user", epoch: record.epoch + 1 }),
      "StorageEvent, forged: signed out at the highest epoch of 32 bits": forged({
        status: "unauthorized",
        reason: "user",
        epoch: 2 ** 32 - 1,
      }),
      "StorageEvent, forged: signed out at the highest epoch of 53 bits": forged({
        status: "unauthorized",
        reason: "user",
        epoch: Number.MAX_SAFE_INTEGER,
      }),
      "StorageEvent, forged: signed in at the highest epoch of 32 bits": forged({
        status: "authorized",
        reason: "sign-in",
        epoch: 2 ** 32 - 1,
      }),
      "StorageEvent, forged: signed in at the highest epoch of 53 bits": forged({
        status: "authorized",
        reason: "sign-in",
        epoch: Number.MAX_SAFE_INTEGER,
      }),
      "StorageEvent, forged: another subject": forged({ status: "authorized", subjectTag: "0".repeat(32), epoch: record.epoch + 1 }),
      "StorageEvent, forged: removed": () => [new StorageEvent("storage", { key, storageArea: localStorage, newValue: null })],
      "StorageEvent, forged: everything cleared": () => [
        new StorageEvent("storage", { key: null, storageArea: localStorage, newValue: null }),
      ],
      "StorageEvent, forged: no JSON": () => [new StorageEvent("storage", { key, storageArea: localStorage, newValue: "{" })],
      "StorageEvent, forged: a later version": forged({ v: 99 }),
    });
  }

  const life = {
    "Event(pagehide), Event(pageshow)": () => [new Event("pagehide"), new Event("pageshow")],
    "PageTransitionEvent(pagehide), (pageshow), kept": () => [
      new PageTransitionEvent("pagehide", { persisted: true }),
      new PageTransitionEvent("pageshow", { persisted: true }),
    ],
    "PageTransitionEvent(pagehide), (pageshow), not kept": () => [new PageTransitionEvent("pagehide"), new PageTransitionEvent("pageshow")],
    "pagehide and pageshow whose members throw": () => [
      cursed(new PageTransitionEvent("pagehide")),
      cursed(new PageTransitionEvent("pageshow")),
    ],
    "Event(pageshow)": () => [new Event("pageshow")],
    "Event(focus)": () => [new Event("focus")],
    "FocusEvent(focus) whose members throw": () => [cursed(new FocusEvent("focus"))],
    "Event(blur)": () => [new Event("blur")],
    "Event(visibilitychange)": () => [new Event("visibilitychange", { bubbles })],
    "Event(online), Event(offline)": () => [new Event("online"), new Event("offline"), new Event("online")],
    "Event(freeze), Event(resume)": () => [new Event("freeze", { bubbles }), new Event("resume", { bubbles })],
    "Event(prerenderingchange)": () => [new Event("prerenderingchange")],
    "Event(load)": () => [new Event("load")],
    "Event(load) whose members throw": () => [cursed(new Event("load"))],
  };

  const groups = { messages, storage, life };
  window.fire = (target, group, kind) => {
    for (const event of groups[group][kind]()) TARGETS[target]().dispatchEvent(event);
  };
  return Object.fromEntries(Object.entries(groups).map(([name, kinds]) => [name, Object.keys(kinds)]));
}

/** A widget below its host, signed in, and a second tab with the same. */
async function stage() {
  const namespace = lab.freshNamespace();
  const [one, two] = [await embedded(lab, { namespace, prepare: keepUncaught }), await embedded(lab, { namespace })];
  for (const { frame } of [one, two]) await until(frame, () => window.bridge?.connection === "connected");
  await one.frame.evaluate(async () => {
    bridge.handle("ping", (data) => data);
    // The application's storage has listeners of its own.
    bridge.storage.subscribe("draft", () => {});
    await bridge.storage.get("draft");
  });
  await one.page.evaluate(() => widget.handle("ping", (data) => data));
  await one.frame.evaluate(signIn, "ada");
  await one.page.evaluate(sees, { half: "widget", status: "authorized", subject: "ada" });
  await two.frame.evaluate(sees, { half: "bridge", status: "authorized" });
  const key = `${namespace}.authframe`;
  await until(one.frame, (key) => localStorage.getItem(key), key);
  const kinds = {
    widget: await one.frame.evaluate(arm, { key, origin: lab.origin("host") }),
    host: await one.page.evaluate(arm, { key: null, origin: lab.origin("widget") }),
  };
  return { one, two, kinds };
}

const signIn = (subject) => bridge.authorize({ account: subject });

/** In a page: waits until this half sees it. */
function sees({ half, status, subject }) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${half} sees ${JSON.stringify(window[half].session)}, not ${status} ${subject ?? ""}`)),
      5000,
    );
    const stop = window[half].subscribe((session) => {
      if (session.status !== status || (subject !== undefined && (session.account?.subject ?? null) !== subject)) return;
      clearTimeout(late);
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

/** In a page: what the other half says to a request. */
const ask = ([half, data]) => window[half].request("ping", data, { timeoutMs: 5000 }).catch((error) => error.code);

/** What must hold after each event. Throws what does not. */
async function check({ one, two }, number, before, bySelf) {
  const [inWidget, inHost] = [
    await one.frame.evaluate(() => window.uncaught.splice(0)),
    await one.page.evaluate(() => window.uncaught.splice(0)),
  ];
  assert.deepEqual([...inWidget, ...inHost], [], "nothing is uncaught");
  // Where a page was said to be hidden and shown again, the widget looks before it speaks.
  if (bySelf) {
    await one.frame.evaluate(sees, { half: "bridge", status: before.bridge.status, subject: before.bridge.account.subject });
    await one.page.evaluate(sees, { half: "widget", status: before.widget.status, subject: before.widget.account.subject });
  }
  assert.deepEqual(await sessions(one), before, "the session is unchanged");
  assert.deepEqual(
    [await one.page.evaluate(ask, ["widget", number]), await one.frame.evaluate(ask, ["bridge", number])],
    [number, number],
    "requests both ways",
  );
  assert.deepEqual(await sessions(one), before, "the session is unchanged after what was under way");
  await two.frame.evaluate(() => bridge.signOut());
  await one.frame.evaluate(sees, { half: "bridge", status: "unauthorized" });
  await one.page.evaluate(sees, { half: "widget", status: "unauthorized" });
  await one.frame.evaluate(signIn, `ada-${number}`);
  await one.page.evaluate(sees, { half: "widget", status: "authorized", subject: `ada-${number}` });
  await two.frame.evaluate(sees, { half: "bridge", status: "authorized" });
}

const sessions = async ({ page, frame }) => ({
  bridge: await frame.evaluate(() => bridge.session),
  widget: await page.evaluate(() => widget.session),
});

const TARGETS = {
  widget: { window: ["messages", "storage", "life"], document: ["messages", "life"], port: ["messages"] },
  host: {
    window: ["messages", "storage", "life"],
    document: ["messages", "life"],
    port: ["messages"],
    "frame element": ["messages", "life"],
  },
};
for (const [half, targets] of Object.entries(TARGETS)) {
  for (const [target, groups] of Object.entries(targets)) {
    for (const group of groups) {
      test(`D52: made-up events at the ${half}'s ${target} (${group}): nothing is thrown, nothing changes, everything works afterwards`, async () => {
        let now = await stage();
        const kinds = now.kinds[half][group];
        const wrong = [];
        for (const [number, kind] of kinds.entries()) {
          const where = half === "widget" ? now.one.frame : now.one.page;
          try {
            const before = await sessions(now.one);
            // Fires, and lets what it has begun come to its end.
            await where.evaluate(
              ([target, group, kind]) => (window.fire(target, group, kind), new Promise((done) => setTimeout(done, 0))),
              [target, group, kind],
            );
            await check(now, number + 1, before, group === "life");
          } catch (error) {
            wrong.push(`${kind}: ${error.message.replaceAll(/\s+/g, " ").slice(0, 400)}`);
            // What is broken stays broken: the next kind gets new pages.
            for (const { page } of [now.one, now.two]) await page.close();
            if (number + 1 < kinds.length) now = await stage();
          }
        }
        await lab.quiet();
        const errors = lab.seen.errors.splice(0).filter(isOurs);
        assert.deepEqual(wrong, [], `${kinds.length - wrong.length} of ${kinds.length} kinds are harmless`);
        assert.deepEqual(errors, []);
      }, 600_000);
    }
  }
}

/** In a page: dispatches every kind at the window. */
function fireAll(kinds) {
  for (const group of ["messages", "storage"]) for (const kind of kinds[group]) window.fire("window", group, kind);
}

/** In a blank widget frame: connects, with made-up events from the first moment until the bridge is there. */
async function connectUnderFire([kinds, options]) {
  const { connect } = await window.load("authframe");
  const connecting = connect(options);
  for (const group of ["messages", "storage"]) for (const kind of kinds[group]) window.fire("window", group, kind);
  window.bridge = await connecting;
}

test("D52: made-up events while the core is loading and the handshake is under way: both halves connect and work", async () => {
  const namespace = lab.freshNamespace();
  const page = await lab.lab("host", "/lab", keepUncaught);
  await page.evaluate(() => window.load("authframe/host"));
  const connecting = page.evaluate(embedHere, { src: lab.url("widget", "/lab"), options: {} });
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.labReady);
  const inHost = await page.evaluate(arm, { key: null, origin: lab.origin("widget") });
  const inWidget = await frame.evaluate(arm, { key: `${namespace}.authframe`, origin: lab.origin("host") });
  await page.evaluate(fireAll, inHost);
  await frame.evaluate(connectUnderFire, [inWidget, { hosts: [lab.origin("host")], namespace }]);
  await connecting;
  assert.deepEqual([await page.evaluate(() => window.uncaught), await frame.evaluate(() => window.uncaught)], [[], []]);
  assert.equal(await page.evaluate(() => widget.request("ping").catch(({ code }) => code)), "NO_HANDLER");
  assert.equal(await frame.evaluate(() => bridge.request("ping").catch(({ code }) => code)), "NO_HANDLER");
  await frame.evaluate(signIn, "ada");
  await page.evaluate(sees, { half: "widget", status: "authorized", subject: "ada" });
  await lab.quiet();
  assert.deepEqual(lab.seen.errors.splice(0).filter(isOurs), []);
});

test("D52: what looks like ours and comes from a stranger is counted, also if it was made up", async () => {
  const { page, frame } = await embedded(lab, { prepare: keepUncaught });
  await until(frame, () => bridge.connection === "connected");
  await addFrame(page, lab, lab.url("evil", "/lab"));
  const rejected = async () => ({
    host: await page.evaluate(() => widget.rejected.source),
    widget: await frame.evaluate(() => bridge.rejected.source),
  });
  const before = await rejected();
  await page.evaluate((origin) => {
    const stranger = __e2e.real(document.querySelectorAll("iframe")[1].contentWindow);
    dispatchEvent(
      new MessageEvent("message", {
        data: { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: "1".repeat(32) },
        origin,
        source: stranger,
      }),
    );
  }, lab.origin("widget"));
  await frame.evaluate((origin) => {
    dispatchEvent(
      new MessageEvent("message", { data: { type: "authframe:knock", channel: "" }, origin, source: __e2e.real(window.parent.frames[1]) }),
    );
  }, lab.origin("host"));
  assert.deepEqual(await rejected(), { host: before.host + 1, widget: before.widget + 1 });
  assert.deepEqual(
    [await page.evaluate(() => widget.connection), await frame.evaluate(() => bridge.connection)],
    ["connected", "connected"],
  );
});

test("D52: a callback that throws in a page whose reportError throws too: the next events come all the same", async () => {
  const { page, frame } = await embedded(lab);
  await until(page, () => window.states.at(-1) === "connected");
  await frame.evaluate(() => {
    window.seen = [];
    window.reportError = () => {
      throw new Error("a patched reportError");
    };
    const failing = () => {
      throw new Error("a callback of the application");
    };
    bridge.subscribe(failing);
    bridge.onConnection(failing);
    bridge.handle("note", failing);
    bridge.subscribe(({ status }) => window.seen.push(status));
  });
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await until(page, () => window.sessions.at(-1).account?.subject === "ada");
  await page.evaluate(() => window.widget.send("note", {}));
  await frame.evaluate(() => bridge.signOut());
  await until(page, () => window.sessions.at(-1).status === "unauthorized");
  assert.equal((await frame.evaluate(() => window.seen)).at(-1), "unauthorized");
});
