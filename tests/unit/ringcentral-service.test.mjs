/** What a page registers with a RingCentral widget, as the application is shown it: texts, addresses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { Service, asText, withSafeAddresses } = await load(`
  export { Service } from "./js/dialect/ringcentral/service.js";
  export { asText } from "./js/dialect/ringcentral/message.js";
  export { withSafeAddresses } from "./js/dialect/ringcentral/addresses.js";
`);

test("R5 what is shown as text may be a number that counts; nothing else becomes one", () => {
  assert.deepEqual(["", "a", 0, 4711, -1.5, NaN, Infinity, 7n, true, null, undefined, {}, []].map(asText), [
    "",
    "a",
    "0",
    "4711",
    "-1.5",
    ...Array(8).fill(undefined),
  ]);
  const service = new Service();
  service.register({ name: 7, displayName: {}, info: 3, authorizationPath: "/a", authorizedAccount: 4711, authorizedTitle: NaN });
  assert.deepEqual(service.show(true), {
    fields: { name: "7", info: "3", authorizationPath: "/a", authorizedAccount: 4711 },
    authorized: true,
    account: "4711",
  });
  for (const [said, account] of [
    [0, "0"],
    [NaN, null],
    ["", null],
    ["a".repeat(257), null],
    [{}, null],
  ]) {
    service.updateAccount(said);
    assert.equal(service.show(true).account, account);
  }
});

test("R8 an address that could run a script is left out, at every depth that the vendor's registration has; below that everything is", () => {
  const link = (uri) => ({ label: "a", uri });
  const nested = (depth) => (depth === 0 ? [link("https://a.example")] : [{ type: "group", items: nested(depth - 1) }]);
  const deepest = (list) => (list[0]?.items ? deepest(list[0].items) : list);
  assert.deepEqual(deepest(withSafeAddresses({ settings: nested(3) }).settings), [link("https://a.example")]);
  assert.deepEqual(deepest(withSafeAddresses({ settings: nested(4) }).settings), []);
  const circle = [];
  circle.push({ items: circle });
  assert.doesNotThrow(() => withSafeAddresses({ settings: circle }));
  for (const uri of [
    "javascript:1",
    "JAVASCRIPT:1",
    "\tjavascript:1",
    "java\nscript:1",
    "vbscript:1",
    "data:text/html,1",
    "blob:https://a",
    "//a.example",
    1,
    null,
  ])
    assert.deepEqual(withSafeAddresses({ authorizationLinks: [link(uri)], contactIcon: uri, authorizationLogo: uri }), {
      authorizationLinks: [],
    });
  assert.deepEqual(withSafeAddresses({ authorizationLinks: "none", buttons: [1, null, []], settings: { length: 1 } }), {
    authorizationLinks: [],
    buttons: [{}],
    settings: [],
  });
});

test("a request has as long as the vendor's widget gives it, by the field that names its path", () => {
  const service = new Service();
  assert.equal(service.patience("/contacts"), 3000);
  service.register({
    name: "CRM",
    contactsPath: "/contacts",
    contactSearchPath: "/search",
    callLoggerPath: "/log",
    meetingLoggerPath: "/log",
  });
  assert.deepEqual(
    ["/contacts", "/search", "/log", "/other"].map((path) => service.patience(path)),
    [60_000, 30_000, 15_000, 3000],
  );
});
