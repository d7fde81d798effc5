// Several tabs of one origin at edna, each with a visitor of its page: what one tab's user does to another's. The bridges are this file's.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { load } from "./compile.mjs";

const { CurrentVisitor } = await load('export * from "./js/edna/current-visitor.ts";');
const { lastFailure } = await load('export * from "./js/edna/failures.ts";');

const SERVER = { root: "https://chat.example/api", socketAddress: "wss://chat.example/ws" };
const visitor = (clientId) => ({
  clientId,
  guestId: "guest-1",
  clientData: null,
  signature: null,
  headers: {},
  protocols: [],
  cookies: [],
  cookieOptions: {},
  codes: { http: null, ws: null },
});
const settle = async () => {
  for (let n = 0; n < 10; n++) await new Promise(setImmediate);
};

let store;
let storageListeners;
let tabs;
beforeEach(() => {
  store = new Map();
  storageListeners = [];
  tabs = [];
  globalThis.localStorage = {
    getItem: (key) => store.get(key) ?? null,
    setItem: (key, value) => store.set(key, value),
    removeItem: (key) => store.delete(key),
  };
  globalThis.document = { addEventListener() {}, removeEventListener() {}, cookie: "" };
  globalThis.addEventListener = (type, listener) => type === "storage" && storageListeners.push(listener);
  globalThis.removeEventListener = () => {};
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
});
/** What a browser notifies the other tabs of. */
const storageChanged = async () => {
  for (const key of store.keys()) for (const listener of storageListeners) listener({ key });
  await settle();
};

const SIGNED_IN = (subject) => ({ status: "authorized", reason: "host", account: { subject }, epoch: 1 });
const NO_USER = (reason) => ({ status: "unauthorized", reason, account: null, epoch: 2 });

/** A tab whose page names this client. */
async function tab(clientId) {
  const made = { asked: 0, granted: [], page: visitor(clientId) };
  const listeners = [];
  const handlers = {};
  const bridge = {
    session: NO_USER("host"),
    connection: "connected",
    environment: () => ({ scope: "top" }),
    handle: (name, handler) => {
      handlers[name] = handler;
    },
    subscribe: (listener) => {
      listeners.push(listener);
      return () => {};
    },
    onConnection: () => {},
    send() {},
    async request() {
      made.asked++;
      return made.page;
    },
    async authorize(grant) {
      made.granted.push(grant.account.subject);
    },
  };
  const current = new CurrentVisitor(bridge, lastFailure(), { headers: [], cookies: [] }, SERVER);
  const become = async (session) => {
    bridge.session = session;
    for (const listener of listeners) listener(session);
    await settle();
  };
  /** The page's globals name another client, or none. */
  const says = async (id) => {
    made.page = visitor(id);
    handlers["edna:visitor"](made.page);
    await settle();
  };
  await says(clientId);
  if (clientId !== null) await become(SIGNED_IN(clientId));
  const all = Object.assign(made, { bridge, current, become, says });
  tabs.push(all);
  return all;
}

/** Another tab's user is signed in instead. */
async function displaced(by) {
  const before = tabs.filter(({ page }) => page.clientId !== by);
  const other = await tab(by);
  for (const { become, page, current } of before) {
    if (page.clientId !== null) await become(NO_USER("account-switch"));
    // As the core does.
    assert.equal(await current.acquire({ reason: "restore", identity: { account: { subject: by } } }), null);
    await become(NO_USER("acquire-failed"));
  }
  return other;
}

test("the sign-out of a widget whose session is another tab's user's leaves that user signed in", async () => {
  const [ada, guest] = [await tab("ada"), await tab(null)];
  assert.equal(ada.current.signedOut(), true, "their own session");
  const grace = await displaced("grace");
  assert.equal(ada.current.value.clientId, "ada");
  assert.deepEqual([ada.current.signedOut(), guest.current.signedOut(), grace.current.signedOut()], [false, false, true]);
  await settle();
  assert.deepEqual([ada.current.value.clientId, guest.current.value.clientId, grace.current.value.clientId], [null, null, "grace"]);
});

test("a user who could not be signed in here, and is signed in elsewhere, is signed out everywhere", async () => {
  const ada = await tab("ada");
  await ada.become(NO_USER("acquire-timeout"));
  assert.equal(ada.current.signedOut(), true);
});

test("while another tab's user is signed in, a user who logs out in one tab is signed out in all of theirs", async () => {
  const [one, three, hidden] = [await tab("ada"), await tab("ada"), await tab("ada")];
  await displaced("grace");
  await hidden.become({ status: "unknown", reason: "suspended", account: null, epoch: 2 });
  assert.deepEqual([one.current.value.clientId, three.current.value.clientId], ["ada", "ada"]);
  const { asked } = one;
  await three.says(null);
  storageListeners.splice(2, 1);
  await storageChanged();
  assert.deepEqual([one.current.value.clientId, three.current.value.clientId, one.asked - asked], [null, null, 1]);
  // One that was not notified looks when its session changes.
  await hidden.become(NO_USER("account-mismatch"));
  assert.equal(hidden.current.value.clientId, null);
  // When the other one has gone, none of them is signed in again.
  for (const { become } of [one, three, hidden]) await become(NO_USER("host"));
  assert.deepEqual([one.granted, three.granted, hidden.granted], [[], [], []]);
});

test("a user who logs in again after such a logout counts again, and another user's logout is nothing to them", async () => {
  const [one, three] = [await tab("ada"), await tab("ada")];
  await displaced("grace");
  await three.says(null);
  await storageChanged();
  await one.says("ada");
  await one.become(SIGNED_IN("ada"));
  assert.equal(one.current.value.clientId, "ada");
  await displaced("grace");
  assert.equal(one.current.value.clientId, "ada");
  const alan = await displaced("alan");
  await displaced("grace");
  await alan.says(null);
  await storageChanged();
  assert.deepEqual([one.current.value.clientId, alan.current.value.clientId], ["ada", null]);
  assert.doesNotMatch(JSON.stringify([...store]), /ada|alan|grace/);
});
