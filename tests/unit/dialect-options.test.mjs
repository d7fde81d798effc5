/** The options of the dialects: what was given and what is meant, before anything is said to a host. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { xbees, ringcentral, withDefaults } = await load(`
  export { optionProblem as xbees, withDefaults } from "./js/dialect/xbees/options.js";
  export { optionProblem as ringcentral } from "./js/dialect/ringcentral/options.js";
`);

test("what fits has no problem, also at the ends of its range", () => {
  for (const readyTimeoutMs of [undefined, 0, 60_000]) {
    assert.equal(xbees({ readyTimeoutMs }), "");
    assert.equal(ringcentral({ readyTimeoutMs }), "");
  }
  assert.equal(xbees({ version: "1", logoutType: "x".repeat(64) }), "");
});

test("D60 what does not fit is named with what was given and what is meant", () => {
  for (const given of [Infinity, -1, 1.5, 60_001, NaN, "1", null]) {
    const meant = /readyTimeoutMs is .+: give whole milliseconds from 0 to 60000/;
    assert.match(xbees({ readyTimeoutMs: given }), meant);
    assert.match(ringcentral({ readyTimeoutMs: given }), meant);
  }
  assert.match(xbees({ readyTimeoutMs: Infinity }), /^xbees.readyTimeoutMs is Infinity/);
  assert.match(xbees({ version: "" }), /^xbees.version is "": give a text of 1 to 64 characters/);
  assert.match(xbees({ logoutType: 7 }), /^xbees.logoutType is 7/);
});

test("x-bees has a default for each option", () => {
  globalThis.location = { search: "?iframeId=one" };
  try {
    const { version, ...rest } = withDefaults({});
    assert.deepEqual(rest, {
      manualReady: false,
      signIn: true,
      firstStatus: "session",
      platform: undefined,
      readyTimeoutMs: 3000,
      logoutType: "xBeesLogout",
      iframeId: "one",
    });
    assert.match(version, /^\d+\.\d+\.\d+$/);
    assert.equal(withDefaults({ iframeId: null }).iframeId, null);
  } finally {
    delete globalThis.location;
  }
});
