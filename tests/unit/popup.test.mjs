/** authframe/popup by itself, in as much of a page as it needs; with a browser around it: tests/e2e/sign-in.test.mjs and sign-in-result.test.mjs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, test } from "node:test";
import { load, root, vectors } from "./compile.mjs";

const { finish, cancel, AuthframeError } = await load(`export * from "./js/popup/index.js"`);
const { safeAddress } = await load(`export * from "./js/shared/address.js"`);
const WIDGET = "https://chat.example";

let restore = () => {};
afterEach(() => restore());

/** A popup at `href` with an opener that keeps what it received; `answer(message, origin)` says what it does about it. */
const popup = (href, { opener = {}, answer = () => {} } = {}) => {
  const listeners = new Set();
  const world = { posted: [], replaced: [], closes: 0, listeners, say: (event) => [...listeners].forEach((listener) => listener(event)) };
  world.opener = opener && {
    closed: false,
    postMessage: (message, origin) => (world.posted.push([structuredClone(message), origin]), answer(message, origin, world)),
    ...opener,
  };
  const location = { href };
  const globals = {
    window: { opener: world.opener },
    location,
    history: { state: { kept: true }, replaceState: (state, _, url) => world.replaced.push([state, (location.href = url)]) },
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
    close: () => world.closes++,
  };
  const before = Object.fromEntries(Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  restore = () => {
    for (const [name, descriptor] of Object.entries(before))
      descriptor ? Object.defineProperty(globalThis, name, descriptor) : delete globalThis[name];
    restore = () => {};
  };
  return world;
};
const taken = (state, world, more = {}) =>
  queueMicrotask(() => world.say({ source: world.opener, origin: WIDGET, data: { type: "authframe:sign-in-taken", state }, ...more }));
const takes = { answer: ({ state }, origin, world) => origin === WIDGET && taken(state, world) };

test("D25 the response is read from query or fragment, and leaves the address before finish returns; other parameters stay", async () => {
  for (const [href, after] of [
    ["https://chat.example/cb?keep=1&code=c&state=s&iss=i&scope=x&session_state=y#top", "https://chat.example/cb?keep=1#top"],
    ["https://chat.example/cb?keep=1&state=mine#code=c&state=s&iss=i", "https://chat.example/cb?keep=1&state=mine"],
  ]) {
    const world = popup(href, takes);
    const promise = finish({ openers: [WIDGET] });
    assert.deepEqual(world.replaced, [[{ kept: true }, after]]);
    assert.deepEqual(await promise, { outcome: "delivered", response: { code: "c", error: null, iss: "i", state: "s" } });
    assert.deepEqual(world.posted, [[{ type: "authframe:sign-in", state: "s", code: "c", error: null, iss: "i" }, WIDGET]]);
    assert.deepEqual([world.closes, world.listeners.size], [1, 0]);
    restore();
  }
});

test("finish: data instead of a response; a state by hand; nothing at all; no opener", async () => {
  let world = popup("https://login.example/?state=s&scope=mine", takes);
  assert.equal((await finish({ openers: [WIDGET], data: { account: "ada" } })).outcome, "delivered");
  assert.deepEqual(world.posted[0][0], { type: "authframe:sign-in", state: "s", data: { account: "ada" } });
  assert.deepEqual(world.replaced, [], "this is no response");
  restore();
  world = popup("https://login.example/step2", takes);
  await finish({ openers: [WIDGET], data: 1, state: "carried" });
  assert.equal(world.posted[0][0].state, "carried");
  restore();
  world = popup("https://login.example/?state=s", takes);
  assert.equal((await finish({ openers: [WIDGET] })).outcome, "no-response");
  assert.deepEqual(world.posted, []);
  restore();
  for (const opener of [null, { closed: true }]) {
    world = popup("https://chat.example/cb?error=access_denied&state=s", { opener });
    assert.deepEqual(await finish({ openers: [WIDGET] }), {
      outcome: "no-opener",
      response: { code: null, error: "access_denied", iss: null, state: "s" },
    });
    assert.equal(globalThis.location.href, "https://chat.example/cb");
    assert.equal(world.closes, 0);
    restore();
  }
  await assert.rejects((popup("https://chat.example/cb?state=s"), finish({ openers: [WIDGET], data: () => {} })), {
    code: "CONFIG_INVALID",
  });
});

test("cancel: the word, with the state of the address, which stays", async () => {
  const world = popup("https://login.example/authorize?client_id=c&state=s", takes);
  assert.equal((await cancel({ openers: [WIDGET] })).outcome, "delivered");
  assert.deepEqual(world.posted, [[{ type: "authframe:sign-in", state: "s", cancelled: true }, WIDGET]]);
  assert.deepEqual(world.replaced, []);
});

test("D38 it is said to the listed origins only, again and again until the opener confirms; what others say is no confirmation", async () => {
  let turns = 0;
  const world = popup("https://chat.example/cb?code=c&state=s", {
    answer(message, origin, world) {
      if (origin !== WIDGET) return;
      turns++;
      if (turns === 1) taken("s", world, { source: {} });
      if (turns === 2) taken("s", world, { origin: "https://evil.example" });
      if (turns === 3) taken("another", world);
      if (turns === 4) taken("s", world);
    },
  });
  assert.equal((await finish({ openers: [WIDGET, "https://beta.chat.example"] })).outcome, "delivered");
  assert.equal(turns, 4);
  assert.deepEqual([...new Set(world.posted.map(([, origin]) => origin))], [WIDGET, "https://beta.chat.example"]);
});

test("D38 an opener that never confirms is given up after the time, and the window stays", async () => {
  const world = popup("https://chat.example/cb?code=c&state=s");
  assert.equal((await finish({ openers: [WIDGET], timeoutMs: 450 })).outcome, "unacknowledged");
  assert.deepEqual([world.closes, world.listeners.size, world.posted.length], [0, 0, 3]);
});

test("D38 openers are exact https origins, 1 to 8", async () => {
  const bad = [
    "*",
    "https://*.chat.example",
    "https://chat.example/",
    "https://chat.example/path",
    "HTTPS://chat.example",
    "https://Chat.example",
    "https://chat.example:443",
    "https://a@chat.example",
    "http://chat.example",
    "null",
    "",
    "chat.example",
    "javascript:alert(1)",
    "file://",
    null,
    7,
  ];
  for (const entry of bad) {
    const world = popup("https://chat.example/cb?code=c&state=s");
    await assert.rejects(
      finish({ openers: [WIDGET, entry] }),
      (error) => error instanceof AuthframeError && error.code === "CONFIG_ORIGIN_INVALID" && error.responsible === "app",
      String(entry),
    );
    assert.deepEqual(world.posted, []);
    restore();
  }
  popup("https://chat.example/cb?code=c&state=s", takes);
  for (const openers of [[], undefined, WIDGET]) await assert.rejects(finish({ openers }), { code: "CONFIG_ORIGIN_REQUIRED" });
  await assert.rejects(finish({ openers: Array(9).fill(WIDGET), data: 1 }), { code: "CONFIG_ORIGIN_INVALID" });
  await assert.rejects(finish({ openers: [WIDGET], data: 1, timeoutMs: 0 }), { code: "CONFIG_INVALID" });
  for (const good of [
    "https://chat.example:8443",
    "http://localhost",
    "http://widget.localhost:8080",
    "http://127.0.0.1:1",
    "http://[::1]:1",
  ])
    assert.equal((await finish({ openers: [good, WIDGET], data: 1 })).outcome, "delivered", good);
});

test("D38 a window is sent to https, or to http on this machine, and to no address with a user name", () => {
  for (const good of [
    "https://login.example/x?y#z",
    "https://login.example",
    "https://login.example/@x",
    "https://login.example:8443/",
    "HTTPS://LOGIN.example",
    "http://localhost:1/",
    "http://login.localhost/",
    "http://127.0.0.1",
    "http://[::1]:8080/",
    new URL("https://login.example"),
  ]) {
    assert.ok(safeAddress(good) instanceof URL, String(good));
  }
  for (const bad of [
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://a.example/",
    "data:text/html,x",
    "vbscript:x",
    "blob:https://a.example/x",
    "filesystem:https://a.example/x",
    "http://login.example/",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "http://evillocalhost/",
    "https://user@login.example/",
    "https://user:pass@login.example/",
    "https://:pass@login.example/",
    "http://localhost@evil.example/",
    "http://localhost:1@evil.example/",
    "http://evil.example/.localhost/",
    "http://evil.example?.localhost/",
    "http://evil.example#.localhost/",
    "//login.example",
    "/x",
    "",
    " ",
    "about:blank",
    "ws://localhost/",
    undefined,
    null,
    7,
    {},
  ]) {
    assert.equal(safeAddress(bad), undefined, String(bad));
  }
});

test("tests/vectors/errors.json: what the popup's half and the sign-in throw is listed, with the responsible that they say", () => {
  const { codes } = vectors("errors");
  const read = (file) => readFileSync(path.join(root, "js", file), "utf8");
  const thrown = new Set([...read("popup/index.ts").matchAll(/fail\("([A-Z_]+)"/g)].map(([, code]) => code));
  assert.deepEqual(
    [...thrown].sort(),
    codes
      .filter(({ side }) => side.includes("popup"))
      .map(({ code }) => code)
      .sort(),
  );
  const texts = [...read("widget/sign-in/sign-in.ts").matchAll(/^ {2}([A-Z_]+): \["(\w+)", "/gm)];
  assert.ok(texts.length > 8);
  for (const [, code, responsible] of texts) {
    const entry = codes.find((entry) => entry.code === code);
    assert.ok(entry?.side.includes("widget"), code);
    assert.equal(entry.responsible, responsible, code);
  }
});
