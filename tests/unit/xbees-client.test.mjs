/** What the x-bees client makes of where it is and of what it is given. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { matching, matchingBatch, namespaceOf, OpenSearches, readyHasVersion, SearchResponseCreator, suggesting } = await load(`
  export { namespaceOf } from "./js/dialect/xbees/client-options.js";
  export { readyHasVersion } from "./js/dialect/xbees/options.js";
  export { matching, matchingBatch, suggesting } from "./js/dialect/xbees/contact-questions.js";
  export { OpenSearches } from "./js/dialect/xbees/open-searches.js";
  export { SearchResponseCreator } from "./js/dialect/xbees/search-response.js";
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
  for (const version of ["1.0.10", "1.0.10-beta.0", "1.0.13", "1.1.3", "1.3.5", "2.0.0", "1.1", "2", "next"])
    assert.equal(readyHasVersion(version), true, version);
  for (const version of ["1.0.1", "1.0.9", "0.2.0", "0.2", "1.0", "1"]) assert.equal(readyHasVersion(version), false, version);
});

/** What is reported until the test ends. */
function reports(t) {
  const reported = [];
  globalThis.reportError = ({ message }) => reported.push(message);
  t.after(() => delete globalThis.reportError);
  return reported;
}

test("a search has one answer, whatever the callback does", async (t) => {
  const sent = [];
  const reported = reports(t);
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
  assert.deepEqual(reported, []);
});

test("a question whose callback throws at once has an empty answer, and the error is reported", async (t) => {
  const reported = reports(t);
  const sent = [];
  const send = (found) => sent.push(found);
  const throwing = () => {
    throw new Error("down");
  };
  suggesting(throwing, send)("emmy");
  matching(throwing, send)({ phone: "+1" });
  matchingBatch(throwing, send)([{ phone: "+1" }]);
  // A list is no map.
  matchingBatch((_, returnResults) => returnResults([{ contact: null }]), send)([{ phone: "+1" }]);
  await new Promise(setImmediate);
  assert.deepEqual(sent, [{ contacts: [], query: "emmy" }, { contact: null, query: { phone: "+1" } }, [], []]);
  assert.equal(reported.filter((message) => message === "down").length, 3);
  assert.match(
    reported.find((message) => message !== "down"),
    /^returnResults was called with .+: give a Map/,
  );
});

test("a list that is sent without a query answers the search that it can only belong to; where it could be another one's, it has none", () => {
  const sent = [];
  const searches = new OpenSearches();
  const getContactsAutoSuggest = async ({ query }) => {
    sent.push(query);
    searches.end(query);
  };
  const creator = new SearchResponseCreator({ getContactsAutoSuggest }, searches);
  const respond = (query) => creator.prepareResponse([], query).send();
  const sends = (act) => (act(), sent.splice(0));
  const later = (query) => searches.run(query, () => {});
  // At once, while another one is open; and later, when it is the only one.
  later("slow");
  assert.deepEqual(
    sends(() => searches.run("fast", () => respond())),
    ["fast"],
  );
  assert.deepEqual(
    sends(() => respond()),
    ["slow"],
  );
  // Two are open: neither answer is known to be one's own.
  later("q1");
  later("q2");
  assert.deepEqual(
    sends(() => (respond(), respond())),
    [undefined, undefined],
  );
  later("q3");
  assert.deepEqual(
    sends(() => respond()),
    ["q3"],
  );
  // By name, and by the callback's own answer.
  later("q4");
  later("q5");
  later("q6");
  assert.deepEqual(
    sends(() => (respond("q4"), searches.end("q5"), respond())),
    ["q4", "q6"],
  );
});

test("a client that is made where there is no browser says so, by a typed error", async () => {
  const { Client } = await import("../../dist/xbees.js");
  const isTyped = (error) => error.name === "AuthframeError" && error.code === "ENV_UNSUPPORTED";
  assert.throws(() => Client.getInstance(), isTyped);
  assert.throws(() => Client.initialize(() => {}, { hosts: ["https://app.x-bees.com"] }), isTyped);
});
