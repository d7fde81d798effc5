/** The ways to sign in: each method forced to fail has a next one that is seen, has the focus, is reached by keyboard and announced; each that works ends it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";

const lab = browserForThisFile();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * A host page and a widget with a signInMethods. `host`: what its `onSignInRequest` gives, or "none": it has none, or "throws".
 * `cookie`: what the widget's server says of a cookie, undefined: it is not asked.
 */
async function staged({ site = "host", host = "none", cookie, options = {}, permission } = {}) {
  const page = await lab.lab(site);
  if (permission) {
    const browser = await lab.context.newCDPSession(page);
    await browser.send("Browser.setPermission", {
      permission: { name: "storage-access" },
      setting: permission,
      origin: lab.origin(site),
      embeddedOrigin: lab.origin("widget"),
    });
  }
  await page.evaluate(
    ({ src, host }) => {
      const onSignInRequest = host === "none" ? undefined : () => (host === "throws" ? Promise.reject(new Error("the host's own")) : host);
      window.embedding = window
        .load("authframe/host")
        .then(({ embed }) => embed({ container: document.getElementById("stage"), src, ...(onSignInRequest ? { onSignInRequest } : {}) }));
    },
    { src: lab.url("widget", "/lab"), host },
  );
  await until(page, () => document.querySelector("iframe"));
  const frame = await (await page.$("iframe")).contentFrame();
  await until(frame, () => window.labReady);
  await frame.evaluate(
    async ({ hosts, namespace, cookie, options, link }) => {
      document.documentElement.lang = "en";
      document.title = "A widget";
      const main = document.createElement("main");
      const heading = document.createElement("h1");
      heading.textContent = "Chat";
      const container = document.createElement("div");
      main.append(heading, container);
      document.body.replaceChildren(main);
      const [{ connect }, { signInMethods }] = await Promise.all([window.load("authframe"), window.load("authframe/sign-in-methods")]);
      window.bridge = await connect({ hosts, namespace });
      window.methods = [];
      window.signInMethods = signInMethods(bridge, {
        container,
        link,
        onMethod: (method, failure) => window.methods.push([method, failure?.code ?? null]),
        ...(cookie === undefined ? {} : { cookie: () => cookie }),
        ...options,
      });
    },
    { hosts: [lab.origin(site)], namespace: lab.freshNamespace(), cookie, options, link: lab.url("widget", "/callback.html") },
  );
  await page.evaluate(async () => void (window.widget = await window.embedding));
  await until(frame, () => bridge.connection === "connected" && window.signInMethods.method);
  return { page, frame };
}
const method = (frame, name) => until(frame, (name) => window.signInMethods.method === name, name);
/** What a person sees, and a screen reader announces: the announcement, and the one thing to press. */
const seen = (frame) =>
  frame.evaluate(() => {
    const visible = [...document.querySelectorAll(".authframe-sign-in-methods :is(a, button)")].filter(
      (each) => each.offsetParent !== null,
    );
    return [document.querySelector("[role=status]").textContent, ...visible.map((each) => each.textContent)];
  });
const focused = (frame) => frame.evaluate(() => document.activeElement.textContent);
const clean = async (frame) => {
  await frame.evaluate(axe);
  assert.deepEqual(
    await frame.evaluate(() => window.axe.run(document, { iframes: false }).then(({ violations }) => violations.map(({ id }) => id))),
    [],
  );
};

test("every method fails: the next one is seen, announced, has the focus, and is pressed by keyboard alone", async () => {
  const { page, frame } = await staged({ host: "throws", cookie: null });
  assert.deepEqual(await seen(frame), ["You are not signed in.", "Sign in on this page"]);
  await clean(frame);
  await frame.evaluate(() => void (window.open = () => null));
  await frame.focus("button");
  await page.keyboard.press("Enter");
  await method(frame, "storage-access");
  assert.deepEqual(
    [await seen(frame), await focused(frame)],
    [["That did not work. Here is another way.", "Use my sign-in from before"], "Use my sign-in from before"],
  );
  await clean(frame);
  await page.keyboard.press("Space");
  await method(frame, "popup");
  assert.deepEqual(
    [await seen(frame), await focused(frame)],
    [["That did not work. Here is another way.", "Sign in with a window"], "Sign in with a window"],
  );
  await clean(frame);
  await frame.evaluate(() => (window.signInMethods.close(), 0));
  // What the host's own function threw is its page's error.
  await lab.quiet();
  assert.ok(lab.seen.errors.every((error) => error.includes("the host's own")));
  lab.seen.errors.length = 0;
});

test("a window that is blocked is followed by a link; who has been there begins anew", async () => {
  const { page, frame } = await staged({ options: { signIn: { url: lab.url("login", "/lab") } } });
  assert.deepEqual(await seen(frame), ["You are not signed in.", "Sign in with a window"]);
  await frame.evaluate(() => void (window.open = () => null));
  await frame.focus("button");
  await page.keyboard.press("Enter");
  await method(frame, "link");
  assert.deepEqual(
    [await seen(frame), await focused(frame)],
    [["Your browser blocked the window. Here is another way.", "Sign in on our own page"], "Sign in on our own page"],
  );
  assert.equal(await frame.evaluate(() => window.methods.at(-1)[1]), "SIGN_IN_BLOCKED");
  await clean(frame);
  const [opened] = await Promise.all([lab.context.waitForEvent("page"), page.keyboard.press("Enter")]);
  assert.equal(
    new URL(opened.url() === "about:blank" ? (await opened.waitForNavigation(), opened.url()) : opened.url()).pathname,
    "/callback.html",
  );
  await method(frame, "popup");
  assert.deepEqual(await seen(frame), ["Once you have signed in there, come back and go on here.", "Sign in with a window"]);
});

test("the host takes over, and the focus is given back", async () => {
  const { page, frame } = await staged({ host: { account: { subject: "ada" } } });
  await frame.focus("button");
  await page.keyboard.press("Enter");
  await until(frame, () => bridge.session.status === "authorized");
  assert.deepEqual(
    [await seen(frame), await frame.evaluate(() => document.activeElement.className), await frame.evaluate(() => window.methods.at(-1))],
    [["You are signed in."], "authframe-sign-in-methods", [null, null]],
  );
  await clean(frame);
  // Signed out again, it is there again.
  await frame.evaluate(() => bridge.signOut());
  await method(frame, "host");
  assert.deepEqual(await seen(frame), ["You are not signed in.", "Sign in on this page"]);
});

test("a host that signs nobody in is no failure; a host that never does is no method", async () => {
  const { page, frame } = await staged({ host: null });
  await frame.focus("button");
  await page.keyboard.press("Enter");
  await method(frame, "popup");
  assert.deepEqual(
    [(await seen(frame))[0], await frame.evaluate(() => window.signInMethods.failure)],
    ["You have not signed in there yet. Here is another way.", null],
  );
  assert.deepEqual((await frame.evaluate(() => window.methods)).map(([name]) => name).includes("link"), false);
});

test("cookies of the widget's own site: where the browser gives them, the server says whose they are", async () => {
  const granted = await staged({ site: "other", permission: "granted", cookie: { account: { subject: "ada" } } });
  await press(granted.frame.getByRole("button", { name: "Use my sign-in from before" }));
  await until(granted.frame, () => bridge.session.account?.subject === "ada");
  const nobody = await staged({ site: "other", cookie: null });
  await press(nobody.frame.getByRole("button", { name: "Use my sign-in from before" }));
  await method(nobody.frame, "popup");
  assert.deepEqual(
    [(await seen(nobody.frame))[0], await nobody.frame.evaluate(() => window.signInMethods.failure)],
    ["You have not signed in there yet. Here is another way.", null],
  );
});

test("a window that is open can be given up; then it is offered again", async () => {
  const { page, frame } = await staged({ options: { signIn: { url: lab.url("login", "/lab") } } });
  await frame.focus("button");
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.keyboard.press("Enter")]);
  await until(frame, () => document.activeElement.textContent === "Cancel");
  await popup.waitForURL(/\/lab/);
  assert.deepEqual(await seen(frame), ["One moment…", "Cancel"]);
  await page.bringToFront();
  const closed = popup.waitForEvent("close");
  await frame.getByRole("button", { name: "Cancel" }).press("Enter");
  await closed;
  await until(frame, () => document.activeElement.textContent === "Sign in with a window");
  assert.deepEqual(
    [await seen(frame), await frame.evaluate(() => window.signInMethods.failure.code)],
    [["You are not signed in.", "Sign in with a window"], "SIGN_IN_CANCELLED"],
  );
  await until(frame, () => bridge.session.status === "unauthorized");
});

test("where no other way is left, the one that failed is there again; where there is none at all, that is what is said", async () => {
  const { frame } = await staged({ cookie: null, options: { methods: ["storage-access"] } });
  await frame.evaluate(() => void (document.requestStorageAccess = undefined));
  await press(frame.getByRole("button"));
  await until(frame, () => window.signInMethods.failure);
  assert.deepEqual(
    [await seen(frame), await focused(frame), await frame.evaluate(() => window.signInMethods.failure.code)],
    [["That did not work. Try again.", "Use my sign-in from before"], "Use my sign-in from before", "STORAGE_ACCESS_UNSUPPORTED"],
  );
  await frame.evaluate(async () => {
    window.signInMethods.close();
    const { signInMethods } = await window.load("authframe/sign-in-methods");
    signInMethods(bridge, { container: document.querySelector(".authframe-sign-in-methods"), methods: ["storage-access"] });
  });
  await until(frame, () => document.querySelector("[role=status]").textContent);
  assert.deepEqual(await seen(frame), ["You are not signed in."]);
});

test("closed while something is under way: nothing is shown or told any more", async () => {
  const { page, frame } = await staged({ options: { signIn: { url: lab.url("login", "/lab") } } });
  const [popup] = await Promise.all([page.waitForEvent("popup"), press(frame.getByRole("button"))]);
  await popup.waitForURL(/\/lab/);
  const closed = popup.waitForEvent("close");
  await frame.evaluate(() => {
    window.methods = [];
    window.signInMethods.close();
  });
  await closed;
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => [window.methods, document.querySelector(".authframe-sign-in-methods").childElementCount]), [
    [],
    0,
  ]);
});

test("D12: after close() nothing of it is left; a link that is none is said at once", async () => {
  const { frame } = await staged();
  await frame.evaluate(() => window.signInMethods.close());
  await frame.evaluate(() => bridge.authorize({ account: { subject: "ada" } }));
  await until(frame, () => bridge.session.status === "authorized");
  assert.deepEqual(
    await frame.evaluate(() => [document.querySelector(".authframe-sign-in-methods").childElementCount, window.methods.at(-1)[0]]),
    [0, "popup"],
  );
  for (const link of ["javascript:alert(1)", "http://a.example/", "https://u@a.example/"]) {
    assert.equal(
      await frame.evaluate(async (link) => {
        const { signInMethods } = await window.load("authframe/sign-in-methods");
        try {
          signInMethods(bridge, { container: document.createElement("div"), link });
        } catch (error) {
          return error.code;
        }
        return "taken";
      }, link),
      "CONFIG_INVALID",
    );
  }
});
