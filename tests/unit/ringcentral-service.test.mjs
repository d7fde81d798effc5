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

const valuesIn = (value) =>
  value !== null && typeof value === "object" ? Object.values(value).reduce((sum, each) => sum + valuesIn(each), 1) : 1;

test("a list that stands in a registration many times over is copied as long as that is affordable, and no longer", () => {
  const repeated = (times, within) => Array(times).fill(within);
  const settings = [{ items: repeated(30, { items: repeated(30, { items: repeated(30, { id: "a" }) }) }) }];
  const copied = valuesIn(withSafeAddresses({ name: "CRM", settings }));
  assert.ok(copied > 1000 && copied <= 30_000, `${copied} values`);
  // As large as no vendor's registration is, and as it is.
  const options = Array.from({ length: 5000 }, (_, place) => ({ id: place, name: "an option" }));
  assert.deepEqual(withSafeAddresses({ settings: [{ options }] }), { settings: [{ options }] });
  // What is too much for itself is not looked through again and again.
  assert.deepEqual(withSafeAddresses({ settings: repeated(1000, { options: Array(100_000).fill(1) }) }), { settings: [{ options: [] }] });
});

test("an address that could run a script is left out wherever it stands: in a banner, in lists of any name", () => {
  const uri = "javascript:1";
  assert.deepEqual(withSafeAddresses({ banner: { type: "info", markdown: "[a](b)", action: { label: "Go", uri } } }), {
    banner: { type: "info", markdown: "[a](b)", action: { label: "Go" } },
  });
  const said = { other: [{ uri }, [{ icon: uri, deep: true }], "text", 1, null], messageTypes: ["sms"], icon: { uri } };
  assert.deepEqual(withSafeAddresses(said), { other: [{}, [{ deep: true }], "text", 1, null], messageTypes: ["sms"] });
  const circle = {};
  circle.circle = circle;
  const round = [];
  round.push(round);
  assert.doesNotThrow(() => withSafeAddresses({ circle, round }));
  const service = new Service();
  service.register({ name: "CRM" });
  service.updateFields({ banner: { action: { uri, label: "Go" } } }, /^banner$/);
  assert.deepEqual(service.show(true).fields["banner"], { action: { label: "Go" } });
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
