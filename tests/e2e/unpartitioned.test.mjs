/**
 * The handle form of the Storage Access API in real Chromium: a bridge on the storage that its site has on top. The grant is a real one, as the browser keeps it in the profile of a user who said
 * yes; CDP's `Browser.setPermission` is not, and the page crashes when it uses the handle.
 */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";
import { storeRecord } from "./tokens.mjs";

const yes = Object.fromEntries(["host", "other"].map((host) => [`http://widget.localhost:*,http://${host}.localhost:*`, { setting: 1 }]));
const lab = browserForThisFile({ preferences: { profile: { content_settings: { exceptions: { storage_access: yes } } } } });

/** What the tests do in a page or frame of the widget's site. `who`: whom the server behind `acquire` knows; without it there is no `acquire`. */
async function prepared(where, namespace, { who, credentials = "memory", from }) {
  await where.evaluate(
    async ({ namespace, who, credentials, hosts }) => {
      const { connect } = await window.load("authframe");
      const { requestStorageAccess } = await window.load("authframe/storage-access");
      window.who = who;
      const acquire =
        who === undefined
          ? undefined
          : async () => {
              const who = await window.who;
              return who && { account: { subject: who }, accessToken: `token of ${who}` };
            };
      window.open = async (unpartitionedStorage) => {
        window.granted = unpartitionedStorage ?? window.granted;
        window.bridge?.close();
        window.bridge = await connect({ namespace, hosts, credentials, acquire, unpartitionedStorage });
      };
      window.sees = (status, subject) =>
        bridge.session.status === status && (subject === undefined || bridge.session.account?.subject === subject);
      window.kept = () =>
        Object.keys(localStorage)
          .filter((key) => key.startsWith(`${namespace}.`))
          .sort();
      window.writes = 0;
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (...pair) {
        if (pair[0] === `${namespace}.authframe`) window.writes++;
        return setItem.apply(this, pair);
      };
      const button = document.createElement("button");
      button.textContent = "Ask";
      button.onclick = () => {
        window.moved = requestStorageAccess({ unpartitionedStorage: true }).then(window.open);
      };
      document.body.append(button);
      await window.open();
    },
    { namespace, who, credentials, hosts: [from ?? "https://nobody.example"] },
  );
  return where;
}

const onTop = async (namespace, wish = {}) => prepared(await lab.lab("widget"), namespace, wish);

async function below(host, namespace, wish = {}) {
  const page = await lab.lab(host);
  return prepared(await addFrame(page, lab, lab.url("widget", "/lab")), namespace, { ...wish, from: lab.origin(host) });
}

async function move(frame) {
  await press(await frame.$("button"));
  await frame.evaluate(() => window.moved);
}

const signIn = (where, subject) =>
  where.evaluate((subject) => bridge.authorize({ account: { subject }, accessToken: `token of ${subject}` }), subject);
const sees = (where, status, subject) => until(where, ([status, subject]) => window.sees(status, subject), [status, subject]);

/** Whether the credential store that this document has by itself holds a credential. */
const storedCredential = async (where, namespace) => (await storeRecord(where, namespace))?.credential ?? null;

test("D31 granted: who is signed in and what the application keeps move over, and from then on the page on top hears every change and is heard, one write each", async () => {
  const namespace = lab.freshNamespace();
  const [top, frame] = [await onTop(namespace, { who: "ada" }), await below("host", namespace, { who: "ada" })];
  await signIn(frame, "ada");
  await frame.evaluate(() => bridge.storage.set("draft", "dear reader"));
  assert.deepEqual(await frame.evaluate(() => window.kept()), [`${namespace}.app:draft`, `${namespace}.authframe`]);
  assert.equal(await top.evaluate(() => bridge.session.epoch), 0);

  await move(frame);
  await sees(frame, "authorized", "ada");
  await sees(top, "authorized", "ada");
  assert.deepEqual(
    await frame.evaluate(() => [window.kept(), bridge.environment().scope, bridge.environment().shares, bridge.environment().storage]),
    [[], "cross-site-frame", "origin", "local"],
  );
  assert.deepEqual(await top.evaluate(() => Promise.all([window.kept(), bridge.storage.get("draft")])), [
    [`${namespace}.app:draft`, `${namespace}.authframe`],
    "dear reader",
  ]);
  assert.equal(await frame.evaluate(() => bridge.storage.get("draft")), "dear reader");

  for (const where of [top, frame]) await where.evaluate(() => (window.writes = 0));
  await top.evaluate(() => bridge.signOut());
  await sees(frame, "unauthorized");
  assert.equal(await frame.evaluate(() => bridge.session.reason), "user");
  for (const where of [top, frame]) await where.evaluate(() => (window.who = "grace"));
  await signIn(frame, "grace");
  await sees(top, "authorized", "grace");
  assert.deepEqual(await Promise.all([top, frame].map((where) => where.evaluate(() => window.writes))), [1, 1]);
  const received = top.evaluate(() => new Promise((resolve) => bridge.storage.subscribe("draft", resolve)));
  await top.evaluate(() => bridge.storage.get("draft"));
  await frame.evaluate(() => bridge.storage.set("draft", "anew"));
  assert.equal(await received, "anew");
});

test("D31 below two host sites: both agree once both have moved, without a click where it was granted before", async () => {
  const namespace = lab.freshNamespace();
  const one = await below("host", namespace, { who: "ada" });
  await signIn(one, "ada");
  await move(one);
  const two = await below("other", namespace, { who: "ada" });
  await sees(two, "unauthorized");
  await until(two, () => !navigator.userActivation.isActive);
  await two.evaluate(async () => {
    const { requestStorageAccess } = await window.load("authframe/storage-access");
    await window.open(await requestStorageAccess({ unpartitionedStorage: true }));
  });
  await sees(two, "authorized", "ada");
  await one.evaluate(() => bridge.signOut());
  await sees(two, "unauthorized");
});

test("D31 a kept credential moves too, sealed as it is, and is nowhere else afterwards", async () => {
  const namespace = lab.freshNamespace();
  const frame = await below("host", namespace, { credentials: "sealed" });
  await signIn(frame, "ada");
  await until(frame, () => window.kept().length === 1);
  assert.equal(await storedCredential(frame, namespace), 1);
  await move(frame);
  await sees(frame, "authorized", "ada");
  assert.equal(await frame.evaluate(() => bridge.accessToken()), "token of ada");
  assert.deepEqual([await storedCredential(frame, namespace), await frame.evaluate(() => window.kept())], [null, []]);
  const top = await onTop(namespace, { credentials: "sealed" });
  await sees(top, "authorized", "ada");
  assert.deepEqual([await top.evaluate(() => bridge.accessToken()), await storedCredential(top, namespace)], ["token of ada", 1]);
});

test("D31 what the site itself knows counts: a sign-out there is not undone by what lay below a host", async () => {
  for (const credentials of ["memory", "sealed"]) {
    const namespace = lab.freshNamespace();
    const top = await onTop(namespace, { credentials });
    await signIn(top, "grace");
    await top.evaluate(() => bridge.signOut());
    await sees(top, "unauthorized");
    const frame = await below("host", namespace, { credentials });
    await signIn(frame, "ada");
    await sees(frame, "authorized");
    await move(frame);
    await sees(frame, "unauthorized");
    await until(frame, () => window.kept().length === 0);
    assert.deepEqual(await frame.evaluate(() => [bridge.session.reason, bridge.session.account]), ["user", null]);
    if (credentials === "sealed") assert.equal(await storedCredential(frame, namespace), null);
  }
});

test("D31 another tab that still stands on the host site's part is signed out there, and follows when it moves", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await below("host", namespace, { who: "ada" }), await below("host", namespace, { who: "ada" })];
  await signIn(one, "ada");
  await sees(two, "authorized", "ada");
  await move(one);
  await sees(two, "unauthorized");
  assert.equal(await two.evaluate(() => bridge.session.reason), "storage-cleared");
  await sees(one, "authorized", "ada");
  await move(two);
  await sees(two, "authorized", "ada");
  // What it wrote there when it was signed out is not brought along.
  await sees(one, "authorized", "ada");
});

test("D31 a bridge without it, after one with it, is back where it was, and they know nothing of each other", async () => {
  const namespace = lab.freshNamespace();
  const frame = await below("host", namespace, { who: "ada" });
  await signIn(frame, "ada");
  await move(frame);
  await sees(frame, "authorized", "ada");
  await frame.evaluate(() => bridge.storage.set("draft", "elsewhere"));
  await frame.evaluate(() => window.open());
  await sees(frame, "unauthorized");
  assert.deepEqual(
    await frame.evaluate(async () => [bridge.session.epoch, bridge.environment().shares, (await bridge.storage.get("draft")) ?? null]),
    [0, "host-site", null],
  );
});

test("D31 a connect() with it that fails leaves nothing of it to the one without", async () => {
  const namespace = lab.freshNamespace();
  const frame = await below("host", namespace);
  await move(frame);
  const code = await frame.evaluate(async (namespace) => {
    const { connect } = await window.load("authframe");
    bridge.close();
    return connect({ namespace, hosts: ["not an origin"], unpartitionedStorage: window.granted }).catch(({ code }) => code);
  }, namespace);
  assert.equal(code, "CONFIG_ORIGIN_INVALID");
  await frame.evaluate(async () => {
    await window.open();
    await bridge.storage.set("draft", "here");
  });
  assert.ok((await frame.evaluate(() => window.kept())).includes(`${namespace}.app:draft`));
});

test("D31 one tab at a time refreshes, on top and below a host: the lock is the site's", async () => {
  const namespace = lab.freshNamespace();
  const [top, frame] = [await onTop(namespace, { who: "ada" }), await below("host", namespace, { who: "ada" })];
  await move(frame);
  // It never answers, so the lock is held as long as we look.
  await frame.evaluate(() => {
    Promise.resolve(bridge.authorize({ account: { subject: "ada" }, accessToken: "old", expiresIn: 1 })).then(() => {
      window.who = new Promise(() => {});
      void bridge.accessToken({ minValidity: 5000 });
    });
  });
  await until(top, async (name) => (await navigator.locks.query()).held.some((lock) => lock.name === name), `authframe ${namespace}`);
  assert.deepEqual(
    await frame.evaluate(
      async (name) => (await navigator.locks.query()).held.filter((lock) => lock.name === name),
      `authframe ${namespace}`,
    ),
    [],
  );
});

test("D31 a browser without handles: STORAGE_ACCESS_UNSUPPORTED, and nobody is asked", async () => {
  const frame = await below("host", lab.freshNamespace());
  const found = await frame.evaluate(async () => {
    const { requestStorageAccess } = await window.load("authframe/storage-access");
    delete Document.prototype.hasUnpartitionedCookieAccess;
    let asked = false;
    document.requestStorageAccess = async () => (asked = true);
    return [await requestStorageAccess({ unpartitionedStorage: true }).catch(({ code }) => code), asked];
  });
  assert.deepEqual(found, ["STORAGE_ACCESS_UNSUPPORTED", false]);
});
