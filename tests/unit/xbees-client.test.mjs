/** What the x-bees client makes of where it is and of what it is given. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { namespaceOf, readyHasVersion, suggesting } = await load(`
  export { namespaceOf } from "./js/dialect/xbees/client-options.js";
  export { readyHasVersion } from "./js/dialect/xbees/options.js";
  export { suggesting } from "./js/dialect/xbees/contact-questions.js";
`);

test("X8: the namespace is the page's path, and one that the core takes", () => {
  for (const [path, namespace] of [
    ["/", "xbees"],
    ["/index.html", "xbees"],
    ["/crm", "xbees.crm"],
    ["/crm/", "xbees.crm"],
    ["/crm/index.html", "xbees.crm"],
    ["/crm/eu", "xbees.crm.eu"],
  ])
    assert.equal(namespaceOf(path), namespace);
  const odd = ["/a.b", "/a%20b", "/über", `/${"x".repeat(3000)}`, "/a:b"].map(namespaceOf);
  for (const namespace of odd) assert.match(namespace, /^xbees\.[0-9a-f]{8}$/);
  assert.equal(new Set(odd).size, odd.length);
});

test("X12: ready has a payload since 1.0.10", () => {
  for (const version of ["1.0.10", "1.0.10-beta.0", "1.0.13", "1.1.3", "1.3.5", "2.0.0", "next"])
    assert.equal(readyHasVersion(version), true, version);
  for (const version of ["1.0.1", "1.0.9", "0.2.0"]) assert.equal(readyHasVersion(version), false, version);
});

test("a search has one answer, whatever the callback does", async () => {
  const sent = [];
  const ask = (listener) => suggesting(listener, (found) => sent.push(found))("emmy");
  ask((query, resolve, reject) => {
    reject("none");
    resolve([{ id: "1", name: query }]);
  });
  ask(async () => {
    throw new Error("down");
  });
  ask(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  const nothing = { contacts: [], query: "emmy" };
  assert.deepEqual(sent, [nothing, nothing]);
});

test("a client that is made where there is no browser says so, by a typed error", async () => {
  const { Client } = await import("../../dist/xbees.js");
  const isTyped = (error) => error.name === "AuthframeError" && error.code === "ENV_UNSUPPORTED";
  assert.throws(() => Client.getInstance(), isTyped);
  assert.throws(() => Client.initialize(() => {}, { hosts: ["https://app.x-bees.com"] }), isTyped);
});
