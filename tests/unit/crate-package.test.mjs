// What `cargo publish` would send: the sources with the JavaScript that they carry, the guide, and what the registry shows. No test, no script, no example.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { SNIPPETS } from "../../scripts/snippets.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The first four are cargo's own. */
const BESIDE = [
  ".cargo_vcs_info.json",
  "Cargo.lock",
  "Cargo.toml",
  "Cargo.toml.orig",
  "CHANGELOG.md",
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "README.md",
];

test("the crate has what a user needs, and nothing else", () => {
  const { stdout, stderr, status } = spawnSync("cargo", ["package", "--list", "--allow-dirty"], { cwd: ROOT, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const files = stdout.trim().replaceAll("\\", "/").split("\n");
  const others = files.filter((file) => !/^src\/[\w/-]+\.rs$/.test(file) && !/^src\/guide\/\w+\.md$/.test(file));
  assert.deepEqual(others.sort(), [...BESIDE, "src/browser/dom.js", ...Object.keys(SNIPPETS)].sort());
  assert.ok(files.includes("src/guide/connect.md") && files.includes("src/lib.rs"));
});
