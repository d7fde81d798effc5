// The features of the crate that are for its users stand in Cargo.toml, in the crate's documentation and in the guide.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

/** What other features are made of, and what the npm package is: no user turns them on. */
const INTERNAL = ["interop", "browser", "dialects", "bindings", "ethora-bindings", "webex-bindings"];

const [, section] = /^\[features\]\n(.*?)^\[/ms.exec(read("Cargo.toml"));
const features = Object.fromEntries(
  [...section.matchAll(/^([\w-]+) = \[(.*)\]$/gm)].map(([, name, list]) => [
    name,
    [...list.matchAll(/"([^"]+)"/g)].map(([, part]) => part),
  ]),
);

/** Those that are on when these are. */
const reached = (names) => {
  const all = new Set(names);
  for (const name of all) for (const part of features[name] ?? []) all.add(part);
  return all;
};

for (const file of ["src/lib.rs", "src/guide/build.md"]) {
  test(`${file} has each feature that is for users, and says whether it is on by default`, () => {
    const rows = [...read(file).matchAll(/^(?:\/\/! )?\| `([\w-]+)` +\| (yes|by these|no) +\| \S/gm)].map(([, name, byDefault]) => [
      name,
      byDefault,
    ]);
    const { default: defaults, ...others } = features;
    const expected = Object.keys(others)
      .filter((name) => !INTERNAL.includes(name))
      .map((name) => [name, defaults.includes(name) ? "yes" : reached(defaults).has(name) ? "by these" : "no"]);
    assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(expected));
    assert.equal(rows.length, expected.length);
  });
}

test("what is said to be internal is there", () => {
  assert.deepEqual(
    INTERNAL.filter((name) => !(name in features)),
    [],
  );
});
