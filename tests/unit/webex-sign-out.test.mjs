// A phone's sign-out: whatever becomes of the revocation, the user is signed out.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { load } from "./compile.mjs";

const { signOut } = await load(`export { signOut } from "./js/webex/sign-out.js"`);
const reported = [];
globalThis.reportError = (error) => reported.push(error.message);
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A session, and what was done to it. */
const session = (status = "authorized") => {
  const done = [];
  const bridge = { session: { status }, signOut: async () => done.push("signed out") };
  const source = { revoke: async () => done.push("revoked") };
  return { bridge, source, done };
};

test("revokes first, if there is a user and a way", async () => {
  const { bridge, source, done } = session();
  await signOut(bridge, async () => source);
  assert.deepEqual(done, ["revoked", "signed out"]);
  const none = session("unauthorized");
  await signOut(none.bridge, () => assert.fail("there is nothing to revoke"));
  const without = session();
  await signOut(without.bridge, null);
  assert.deepEqual([none.done, without.done], [["signed out"], ["signed out"]]);
});

test("signs out where the code that revokes cannot be loaded, or fails, and reports it", async () => {
  for (const load of [
    () => Promise.reject(new TypeError("no such chunk")),
    async () => ({ revoke: () => Promise.reject(new TypeError("no revocation")) }),
  ]) {
    const { bridge, done } = session();
    await signOut(bridge, load);
    assert.deepEqual(done, ["signed out"]);
  }
  assert.deepEqual(reported.splice(0), ["no such chunk", "no revocation"]);
});

test("signs out where the code that revokes is loaded too late, and it then revokes nothing", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { bridge, source, done } = session();
  let loaded;
  const loading = new Promise((resolve) => {
    loaded = () => resolve(source);
  });
  const signingOut = signOut(bridge, () => loading);
  mock.timers.tick(4999);
  await settle();
  assert.deepEqual(done, []);
  mock.timers.tick(1);
  await signingOut;
  loaded();
  await settle();
  assert.deepEqual(done, ["signed out"]);
  assert.match(reported.pop(), /took too long/);
});
