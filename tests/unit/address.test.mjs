// Where a user's tokens may go.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { apiAddress, isLoopback, isPathBelow, randomHex, hex } = await load(
  'export * from "./js/shared/address.ts"; export * from "./js/shared/random.ts";',
);

test("an API is at https or wss, or on this machine; nothing else is in its address", () => {
  assert.equal(apiAddress("https://chat.example/api/", "http"), "https://chat.example/api");
  assert.equal(apiAddress(new URL("wss://chat.example/ws"), "ws"), "wss://chat.example/ws");
  assert.equal(apiAddress("http://chat.localhost:8080/v1", "http"), "http://chat.localhost:8080/v1");
  for (const bad of [
    "http://chat.example",
    "wss://chat.example",
    "https://user@chat.example",
    "https://:password@chat.example",
    "https://chat.example?a=1",
    "https://chat.example#a",
    "http://notlocalhost/",
    "http://localhost.example/",
    "javascript:1",
    "/api",
    "",
    null,
    undefined,
    7,
    {},
  ])
    assert.equal(apiAddress(bad, "http"), null, String(bad));
});

test("this machine has four names", () => {
  for (const name of ["localhost", "a.localhost", "127.0.0.1", "[::1]"]) assert.ok(isLoopback(name), name);
  for (const name of ["localhost.example", "xlocalhost", "127.0.0.2", "::1", ""]) assert.ok(!isLoopback(name), name);
});

test("a path stays below its root", () => {
  const root = "https://chat.example/v1";
  for (const path of ["/", "/users", "/a/../b", "/?x=1"]) assert.ok(isPathBelow(root, path), path);
  for (const path of ["", "users", "/../v2", "/..", "//../../other", "https://evil.example/", null, undefined, 7, {}])
    assert.ok(!isPathBelow(root, path), String(path));
});

test("hexadecimal digits, two for each byte", () => {
  assert.equal(hex(new Uint8Array([0, 10, 255])), "000aff");
  assert.match(randomHex(), /^[0-9a-f]{32}$/);
  assert.match(randomHex(8), /^[0-9a-f]{16}$/);
});
