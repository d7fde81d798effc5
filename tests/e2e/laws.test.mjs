/**
 * What every engine has to do, in Chromium and in Firefox (AUTHFRAME_BROWSER=firefox): a page with a connected widget comes back from the back/forward cache; made-up events break nothing; wasm of any
 * type loads; a user whose session has ended elsewhere is not named again; a dead token is not handed out.
 */
import assert from "node:assert/strict";
import { blankPair, connectHere, until } from "./actors.mjs";
import { browserForThisFile, firefox, test } from "./browser.mjs";

const lab = browserForThisFile();

/** A host page that has adopted the frame of a connected widget. In the page: `widget`; in the frame: `bridge`. */
async function pair(namespace, { embed = {}, connect = {} } = {}) {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace, ...connect });
  await page.evaluate(async (options) => {
    const { embed } = await window.load("authframe/host");
    window.widget = await embed({ container: document.querySelector("iframe"), ...options });
  }, embed);
  return { page, frame };
}

/** Loads the frame's page anew. */
async function reload({ page, frame }) {
  await frame.evaluate(() => (window.old = true));
  await page.evaluate(() => {
    const frame = document.querySelector("iframe");
    frame.src = frame.src;
  });
  await until(frame, () => !window.old && window.labReady);
}

const hostIs = (page, status) => until(page, (status) => window.widget.session.status === status, status);

test("G1 D48: a page with a connected widget comes back from the back/forward cache, connected, and shows how it is now", async () => {
  const namespace = lab.freshNamespace();
  const { page, frame } = await pair(namespace);
  await frame.evaluate(() => window.bridge.authorize({ account: "ada" }));
  await hostIs(page, "authorized");
  const other = await pair(namespace);
  await page.evaluate(() => {
    window.lives = 1;
    window.sessions = [];
    window.widget.subscribe(({ status, reason }) => window.sessions.push(`${status} ${reason}`));
    addEventListener("pageshow", ({ persisted }) => (window.persisted = persisted));
  });
  await page.evaluate((next) => void (location.href = next), lab.url("host", "/lab?away"));
  await until(page, () => !window.lives && window.labReady);
  // Meanwhile the user signs out in the other tab.
  await other.frame.evaluate(() => window.bridge.signOut());
  await page.evaluate(() => void history.back());
  await until(page, () => window.persisted !== undefined);
  assert.equal(await page.evaluate(() => window.persisted), true, "it was kept");
  await hostIs(page, "unauthorized");
  assert.equal(await page.evaluate(() => window.widget.connection), "connected");
  const sessions = await page.evaluate(() => window.sessions);
  assert.ok(sessions.includes("unknown suspended"), String(sessions));
  assert.ok(!sessions.slice(sessions.indexOf("unknown suspended")).some((session) => session.startsWith("authorized")), String(sessions));
});

test("D52: an event named message that has none of its members, in either half, breaks nothing", async () => {
  const namespace = lab.freshNamespace();
  const { page, frame } = await pair(namespace);
  const other = await pair(namespace);
  await frame.evaluate(() => window.bridge.handle("ping", (data) => data));
  for (const where of [frame, page]) {
    await where.evaluate(() => {
      window.uncaught = [];
      addEventListener("error", ({ message }) => window.uncaught.push(message));
      for (const event of [
        new Event("message"),
        new CustomEvent("message"),
        new Event("storage"),
        new Event("messageerror"),
        new Event("focus"),
        new StorageEvent("storage", { key: null }),
      ])
        dispatchEvent(event);
      const trap = new Event("message");
      for (const name of ["data", "origin", "source", "ports"])
        Object.defineProperty(trap, name, {
          get: () => {
            throw new Error(name);
          },
        });
      dispatchEvent(trap);
    });
    assert.deepEqual(await where.evaluate(() => window.uncaught), []);
  }
  await frame.evaluate(() => window.bridge.authorize({ account: "ada" }));
  await hostIs(page, "authorized");
  assert.equal(await page.evaluate(() => window.widget.request("ping", 7)), 7);
  await other.frame.evaluate(() => window.bridge.signOut());
  await hostIs(page, "unauthorized");
});

test("C12: wasm of whatever type loads", async () => {
  for (const type of [
    "application/wasm",
    "application/wasm; charset=utf-8",
    "application/wasm;",
    "Application/WASM",
    "application/octet-stream",
    "text/plain; charset=utf-8",
    "",
  ]) {
    const page = await lab.lab("widget");
    const state = await page.evaluate(
      async ({ type, host }) => {
        const { connect } = await window.load("authframe");
        const bytes = await (await fetch("/authframe/authframe.wasm")).arrayBuffer();
        const bridge = await connect({
          hosts: [host],
          namespace: "c12",
          wasm: new Response(bytes, { headers: type ? { "Content-Type": type } : {} }),
        });
        return bridge.connection;
      },
      { type, host: lab.origin("host") },
    );
    assert.equal(state, "standalone", type);
    await page.close();
  }
});

test("D53: a user who has signed out elsewhere is not signed in again by a host whose frame is loaded anew", async () => {
  const namespace = lab.freshNamespace();
  const embed = { identity: { account: "ada" } };
  const [one, two] = [await pair(namespace, { embed }), await pair(namespace, { embed })];
  await hostIs(one.page, "authorized");
  await two.page.evaluate(() => window.widget.signOut());
  await hostIs(one.page, "unauthorized");
  await one.page.evaluate(() => {
    window.states = [];
    window.widget.onConnection((state) => window.states.push(state));
  });
  await reload(one);
  await one.frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
  await until(one.page, () => window.states.includes("disconnected") && window.states.at(-1) === "connected");
  await lab.quiet();
  assert.deepEqual(
    [await one.page.evaluate(() => window.widget.session.status), await two.page.evaluate(() => window.widget.session.status)],
    ["unauthorized", "unauthorized"],
  );
});

test("D53: a token that was named with a lifetime is dead when that has passed, however often it is named", async () => {
  const namespace = lab.freshNamespace();
  const { page, frame } = await pair(namespace, { embed: { identity: { account: "ada", accessToken: "T", expiresIn: 2 } } });
  await hostIs(page, "authorized");
  assert.equal(await frame.evaluate(() => window.bridge.accessToken({ minValidity: 0 })), "T");
  const expiresAt = await frame.evaluate(() => window.bridge.session.expiresAt);
  await reload({ page, frame });
  await until(frame, (at) => Date.now() > at, expiresAt);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace });
  await until(frame, () => window.bridge.session.account?.subject === "ada");
  assert.equal(await frame.evaluate(() => window.bridge.accessToken({ minValidity: 0 }).catch((error) => error.code)), "TOKEN_EXPIRED");
});

test("G3: signIn() in a sandbox that allows no popup is SIGN_IN_BLOCKED", async () => {
  const { frame } = await blankPair(lab, { sandbox: "allow-scripts allow-same-origin" });
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  const code = await frame.evaluate((url) => window.bridge.signIn({ url }).catch((error) => error.code), lab.url("widget", "/popup"));
  assert.equal(code, "SIGN_IN_BLOCKED", firefox ? "Firefox throws where others give null" : "");
});
