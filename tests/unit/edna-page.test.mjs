// The page's half of edna: what it reads when, and the guest's id.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { load } from "./compile.mjs";

const { PageVisitor } = await load('export * from "./js/edna/page-visitor.ts";');
const { UPDATE_WAIT, VALUES_WAIT, VISITOR_WAIT } = await load('export * from "./js/edna/names.ts";');

/** The cookies of the page's site. */
let cookies;
let page;
beforeEach(() => {
  cookies = new Map();
  globalThis.window = {};
  globalThis.location = { protocol: "https:" };
  globalThis.document = {
    get cookie() {
      return [...cookies].map((pair) => pair.join("=")).join("; ");
    },
    set cookie(line) {
      const [name, value] = line.split("; ", 1)[0].split("=");
      cookies.set(name, value);
    },
  };
});
afterEach(() => page?.close());
const settings = { extendedAuth: { http: { enabled: true, headersMap: { "X-Auth-Token": "token" } } } };
const open = (globals = {}) => {
  Object.assign(window, globals);
  page = new PageVisitor(settings, () => {});
  return page;
};
const codes = () => [...page.found.values()].map(([code]) => code);

test("D5: a field that was changed, an object that was deleted and another one are read for the next request", () => {
  open({ clientId: "user-1", extendedAuth: { token: "t1" } });
  const sent = () => page.readValues().headers;
  assert.deepEqual(sent(), { "X-Auth-Token": "t1" });
  window.extendedAuth.token = "t2";
  assert.deepEqual(sent(), { "X-Auth-Token": "t2" });
  delete window.extendedAuth;
  assert.deepEqual([sent(), codes()], [{}, ["EDNA_EXTENDED_AUTH"]]);
  window.extendedAuth = { token: "t3" };
  assert.deepEqual([sent(), codes()], [{ "X-Auth-Token": "t3" }, []]);
});

test("D5: a global that was deleted is watched again once it was read", async () => {
  Object.assign(window, { extendedAuth: { token: "t1" } });
  let assigned = 0;
  page = new PageVisitor(settings, () => assigned++);
  delete window.extendedAuth;
  window.extendedAuth = { token: "t2" };
  await null;
  assert.equal(assigned, 0);
  assert.deepEqual(page.readValues().headers, { "X-Auth-Token": "t2" });
  window.extendedAuth = { token: "t3" };
  await null;
  assert.equal(assigned, 1);
  page.close();
  assert.deepEqual(Object.getOwnPropertyDescriptor(window, "extendedAuth").value, { token: "t3" });
});

test("D5: who visits is not read for a request, and what the page has set for the next user does not go out for this one", () => {
  open({ clientId: "user-1", extendedAuth: { token: "t1" } });
  Object.assign(window, { clientId: "user-2", extendedAuth: { token: "of user-2" } });
  const { clientId, headers } = page.readValues();
  assert.deepEqual([clientId, headers], ["user-1", { "X-Auth-Token": "t1" }]);
  assert.deepEqual([page.read().clientId, page.value.headers], ["user-2", { "X-Auth-Token": "of user-2" }]);
});

test("D6: every wait has an end, and the outer one is the longer", () => {
  const CORE = 30_000;
  assert.ok(VALUES_WAIT < UPDATE_WAIT && UPDATE_WAIT + 1000 < VISITOR_WAIT && VISITOR_WAIT + 1000 < CORE);
});

test("D8: an id that was a client's is no guest's, by refresh() or by reInit()", () => {
  for (const leave of [() => (window.clientId = null), () => page.reset(null, { clientId: null })]) {
    cookies.clear();
    open({ clientId: "user-1", unauthClientId: "user-1" });
    leave();
    const { clientId, guestId } = page.read();
    assert.equal(clientId, null);
    assert.notEqual(guestId, "user-1");
    assert.notEqual(cookies.get("unauthorizedId"), "user-1");
    assert.deepEqual(
      codes(),
      ["EDNA_GUEST_ID", "EDNA_EXTENDED_AUTH"].filter((code) => codes().includes(code)),
    );
  }
});

test("D9: where another tab has written another id at the same moment, the one in the cookie counts", () => {
  const first = open().value.guestId;
  assert.equal(cookies.get("unauthorizedId"), first);
  cookies.set("unauthorizedId", "another-tabs");
  assert.equal(page.read().guestId, "another-tabs");
  // Not if it is a client's, or the page has one of its own.
  cookies.set("unauthorizedId", "user-1");
  window.clientId = "user-1";
  assert.equal(page.read().guestId, "another-tabs");
  cookies.clear();
  open({ clientId: null, unauthClientId: "own" });
  cookies.set("unauthorizedId", "another-tabs");
  assert.equal(page.read().guestId, "own");
});

test("a global that the settings do not name is not set by reInit(), and is named", () => {
  open({ clientId: "user-1", extendedAuth: {} });
  page.reset(null, { clientID: "user-2", clientData: "{}" });
  page.read();
  assert.deepEqual([window.clientID, window.clientData], [undefined, "{}"]);
  assert.deepEqual(
    [...page.found.values()].find(([code]) => code === "EDNA_GLOBAL_UNKNOWN"),
    ["EDNA_GLOBAL_UNKNOWN", "clientID"],
  );
  page.reset(null, {});
  page.read();
  assert.ok(!codes().includes("EDNA_GLOBAL_UNKNOWN"));
});
