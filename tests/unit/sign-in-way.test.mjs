/** What `signIn(options)` takes of the default of `connect`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { withDefault } = await load(`export { withDefault } from "./js/widget/sign-in/way.js";`);

const a = { url: "https://a.example/", from: "https://a.example", exchange() {}, poll() {} };
const idp = { oauth: { clientId: "chat" }, exchange() {}, poll() {} };
const look = { width: 300, height: 400, timeoutMs: 1000, signal: AbortSignal.abort() };

test("a call that does not say how takes the whole default, and goes before it one by one", () => {
  const poll = () => null;
  for (const none of [undefined, null, {}]) assert.deepEqual(withDefault(none, { ...a, ...look }), { ...a, ...look });
  assert.deepEqual(withDefault({ poll, width: 1 }, { ...idp, ...look }), { ...idp, ...look, poll, width: 1 });
  assert.deepEqual(withDefault({ signal: look.signal }, undefined), { signal: look.signal });
});

test("a call that says how takes nothing of the default's way: neither where it leads, nor who makes or polls a grant", () => {
  const b = { url: "https://b.example/" };
  for (const byDefault of [a, idp, { ...a, ...idp }]) {
    assert.deepEqual(withDefault(b, { ...byDefault, ...look }), { ...b, ...look });
    assert.deepEqual(withDefault({ oauth: {} }, { ...byDefault, ...look }), { oauth: {}, ...look });
    assert.deepEqual(withDefault({ ...b, width: 1 }, { ...byDefault, ...look }), { ...b, ...look, width: 1 });
  }
  assert.deepEqual(withDefault(b, undefined), b);
  // What has not been given says nothing.
  assert.deepEqual(withDefault({ url: undefined, width: 1 }, { ...idp }), { ...idp, url: undefined, width: 1 });
});

test("an option that is not known is still named", () => {
  assert.deepEqual(withDefault({ url: "https://b.example/" }, { ...a, colour: "red" }), { url: "https://b.example/", colour: "red" });
});
