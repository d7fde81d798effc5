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
  assert.equal(xbees({ manualReady: true, signIn: false, platform: "web", iframeId: "x".repeat(16_384) }), "");
  assert.equal(xbees({ iframeId: null }), "");
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
  assert.match(xbees(null), /^xbees is null: give an object/);
  assert.match(xbees({ manualReady: "no" }), /^xbees.manualReady is "no": give true or false/);
  assert.match(xbees({ signIn: 0 }), /^xbees.signIn is 0: give true or false/);
  for (const platform of [5, "mobile", null, true]) assert.match(xbees({ platform }), /^xbees.platform is .+: give "web", or nothing/);
  for (const iframeId of [7, {}, "x".repeat(16_385)])
    assert.match(xbees({ iframeId }), /^xbees.iframeId is .+: give a text of at most 16384 characters, or null/);
});

test("R7 what a page's adapter is shown first: each wrong part is named with what was given and what is meant, and an unknown one with the known ones", () => {
  for (const fine of [
    { presence: { userStatus: "Available", dndStatus: null } },
    { brand: { logoUri: "https://acme.example/logo.svg", iconUri: "data:image/png;base64,AA==" } },
    { locale: { locale: "de-DE", strings: { availableBtn: "Da" } } },
    { locale: {} },
    { size: { width: 0, height: 100_000 } },
  ])
    assert.equal(ringcentral(fine), "", JSON.stringify(fine));
  for (const [given, problem] of [
    [null, /^ringcentral is null: give an object/],
    [{ presence: { status: "" } }, /^ringcentral.presence has no field "status": it has telephonyStatus/],
    [{ presence: { userStatus: "" } }, /^ringcentral.presence.userStatus is "": give a text of 1 to 64 characters, or null/],
    [{ brand: { iconUri: "http://acme.example" } }, /^ringcentral.brand.iconUri is "http.*": give an address that begins with https/],
    [{ locale: { locale: 7 } }, /^ringcentral.locale.locale is 7/],
    [{ locale: { strings: "de" } }, /^ringcentral.locale.strings is "de": give an object with availableBtn/],
    [{ size: { width: 1 } }, /^ringcentral.size has no height: give CSS pixels from 0 to 100000/],
    [{ size: { width: NaN, height: 1 } }, /^ringcentral.size.width is NaN/],
    [{ login: 1 }, /^ringcentral.login is 1: give a function/],
    [{ disableLoginPopup: "yes" }, /^ringcentral.disableLoginPopup is "yes": give true, false or "by-host"/],
  ])
    assert.match(ringcentral(given), problem);
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
