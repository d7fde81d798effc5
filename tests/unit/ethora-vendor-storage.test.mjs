/** What the vendor's component leaves in an origin's storage, and which of it is removed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { removeVendorStorage } = await load('export * from "./js/ethora/vendor-storage.ts";');

const area = (entries) => {
  const map = new Map(Object.entries(entries));
  return {
    keys: () => [...map.keys()].sort(),
    getItem: (key) => map.get(key) ?? null,
    removeItem: (key) => map.delete(key),
  };
};
const remove = (local, session = {}) => {
  globalThis.window = { localStorage: area(local), sessionStorage: area(session) };
  removeVendorStorage();
  return [window.localStorage.keys(), window.sessionStorage.keys()];
};

const ITS_NINE = {
  "@ethora/chat-component-user-session": '{"v":2,"ts":1,"user":{"token":"JWT x","xmppPassword":"y"}}',
  "@ethora/chat-component-user": "{}",
  "@ethora/chat-component-user-payload-version": "2",
  "@ethora/chat-component-cache-scope": "abc",
  "@ethora/chat-component-qrChatId": "r",
  "persist:root": '{"chatSettingStore":"U2F","_persist":"{}"}',
  "persist:chatSettingStore": "{}",
  "persist:roomMessages": "{}",
  "persist:roomHeapSlice": "{}",
};
const OTHERS = {
  "authframe.authframe": "{}",
  "@ethora/chat-component-mine": "1",
  "persist:auth": "{}",
  draft: "hello",
};

test("E9: the nine keys of the vendor's component are removed, and no other", () => {
  assert.deepEqual(remove({ ...ITS_NINE, ...OTHERS }, ITS_NINE), [Object.keys(OTHERS).sort(), []]);
  for (const key of ["@ethora/chat-component-user-session", "@ethora/chat-component-user"])
    assert.deepEqual(remove({ [key]: "{}", "persist:roomMessages": "{}" }), [[], []], key);
});

test("E9: keys that another program may have are left alone where nothing else is that component's", () => {
  const theirs = { "persist:root": '{"auth":"{}"}', "persist:roomMessages": "{}", "persist:roomHeapSlice": "{}" };
  assert.deepEqual(remove(theirs)[0], Object.keys(theirs).sort());
  const both = { ...theirs, "@ethora/chat-component-cache-scope": "a" };
  assert.deepEqual(remove(both)[0], ["persist:root"]);
  for (const text of ["", "null", "[]", "{", '"chatSettingStore"']) assert.deepEqual(remove({ "persist:root": text })[0], ["persist:root"]);
});

test("E9: storage that is denied is no error", () => {
  globalThis.window = {
    get localStorage() {
      throw new Error("denied");
    },
    sessionStorage: area(ITS_NINE),
  };
  removeVendorStorage();
  assert.deepEqual(window.sessionStorage.keys(), []);
});
