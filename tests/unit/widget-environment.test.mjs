// js/widget/environment.ts against the vectors that the core is tested with too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, vectors } from "./compile.mjs";

const { environment, scopeOf } = await load('export * from "./js/widget/environment.ts";');
const { cases, several } = vectors("environment");

for (const { about, scope, pairs } of cases) {
  test(`D28: ${about}`, () => {
    for (const [one, other] of pairs) {
      assert.equal(scopeOf(one, [other]), scope, `${one} in ${other}`);
      assert.equal(scopeOf(other, [one]), scope, `${other} in ${one}`);
    }
  });
}

test("D28: of several ancestors the farthest counts, and an empty list proves nothing", () => {
  for (const { ancestors, scope } of several.cases) assert.equal(scopeOf(several.own, ancestors), scope, ancestors.join(" "));
});

/** What `environment` says of a page at this location. */
function seen({ origin = "https://w.example", embedded = true, ancestorOrigins, tier = "local", host = null }) {
  const window = { origin };
  Object.assign(globalThis, { window, parent: embedded ? {} : window, location: { ancestorOrigins } });
  try {
    return environment(tier, host);
  } finally {
    for (const name of ["window", "parent", "location"]) delete globalThis[name];
  }
}

test("D28: the scope comes with its evidence", () => {
  const said = (page) => {
    const { scope, evidence } = seen(page);
    return `${scope} ${evidence}`;
  };
  assert.equal(said({ embedded: false, ancestorOrigins: ["https://host.example"] }), "top parent-is-self");
  assert.equal(said({ origin: "null", ancestorOrigins: ["null"] }), "cross-site-frame opaque-origin");
  assert.equal(said({}), "unknown no-ancestor-origins");
  assert.equal(said({ ancestorOrigins: ["https://w.example"] }), "same-origin-frame ancestor-origins");
});

test("D29: who hears of a change follows from the scope and the tier", () => {
  const shares = (ancestor, tier) => seen({ ancestorOrigins: [ancestor], tier }).shares;
  for (const [ancestor, expected] of [
    ["https://w.example", "origin"],
    ["https://w.example:8443", "origin"],
    ["https://host.example", "host-site"],
    ["https://a.w.example", "unknown"],
  ]) {
    assert.deepEqual(
      ["local", "session", "memory"].map((tier) => shares(ancestor, tier)),
      [expected, "tab", "tab"],
      ancestor,
    );
  }
});

test("D28: the report has its words", () => {
  const page = { ancestorOrigins: ["https://host.example"], host: "https://host.example" };
  assert.deepEqual(seen(page), {
    scope: "cross-site-frame",
    evidence: "ancestor-origins",
    storage: "local",
    shares: "host-site",
    parent: "https://host.example",
  });
  assert.deepEqual(
    ["local", "session", "memory"].map((tier) => seen({ ...page, tier }).storage),
    ["local", "session", "memory"],
  );
});
