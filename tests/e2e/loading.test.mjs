/** What servers and browsers do to the wasm file, and what the widget says of it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();
const bytes = await readFile(fileURLToPath(new URL("../../dist/authframe.wasm", import.meta.url)));

/** Answers every request for the wasm with this, or breaks it off. */
async function served(page, { status = 200, type, body = bytes, abort }) {
  await page.unroute("**/authframe.wasm");
  await page.route("**/authframe.wasm", (route) =>
    abort
      ? route.abort(abort)
      : route.fulfill({ status, body, headers: { "access-control-allow-origin": "*", ...(type ? { "content-type": type } : {}) } }),
  );
}

const connects = (page, options = {}) =>
  page.evaluate(
    async (options) => {
      const { connect, AuthframeError } = await window.load("authframe");
      try {
        const bridge = await connect(options);
        const { connection } = bridge;
        bridge.close();
        return { connection };
      } catch (error) {
        return { code: error.code, responsible: error.responsible, message: error.message, typed: error instanceof AuthframeError };
      }
    },
    { hosts: [lab.origin("host")], namespace: lab.freshNamespace(), ...options },
  );

for (const type of [
  "application/wasm",
  "application/wasm; charset=utf-8",
  "application/wasm;",
  "Application/WASM",
  "application/octet-stream",
  "text/plain; charset=utf-8",
  "text/html",
  "",
]) {
  test(`wasm that is served as "${type}" loads`, async () => {
    const page = await lab.lab("widget");
    await served(page, { type });
    assert.deepEqual(await connects(page), { connection: "standalone" });
  });
}

test("what is no wasm is WASM_LOAD_FAILED, which names the address, the status, the type and what came; the next try loads", async () => {
  const page = await lab.lab("widget");
  const address = lab.url("widget", "/authframe/authframe.wasm");
  const cases = [
    [
      { type: "text/html", body: "<!doctype html><title>App</title>" },
      `"${address}" answered with HTTP 200, Content-Type "text/html", and an HTML page: 33 bytes`,
    ],
    [
      { type: "application/wasm", body: "<html>" },
      `"${address}" answered with HTTP 200, Content-Type "application/wasm", and an HTML page: 6 bytes`,
    ],
    [{ status: 503, type: "text/plain", body: "later" }, `"${address}" answered with HTTP 503, Content-Type "text/plain".`],
    [{ type: "application/wasm", body: bytes.subarray(0, 1000) }, "1000 bytes that begin as wasm does but cannot be compiled"],
    [{ type: "application/wasm", body: Buffer.alloc(0) }, "and nothing in it"],
    [{ abort: "connectionreset" }, `"${address}" could not be fetched (TypeError: Failed to fetch)`],
  ];
  for (const [answer, text] of cases) {
    await served(page, answer);
    const { message, ...rest } = await connects(page);
    assert.deepEqual(rest, { code: "WASM_LOAD_FAILED", responsible: "network", typed: true });
    assert.ok(message.includes(text), `${message}\n${text}`);
  }
  await served(page, { type: "application/wasm" });
  assert.deepEqual(await connects(page), { connection: "standalone" });
});

test("wasm of other options, and what is no source of wasm, are errors that say so", async () => {
  const page = await lab.lab("widget");
  const other = await connects(page, { wasm: "/authframe/authframe-credentials.wasm" });
  assert.equal(other.code, "WASM_LOAD_FAILED");
  assert.match(other.message, /^WASM_LOAD_FAILED: The wasm file does not fit its script/);
  const none = await connects(page, { wasm: { default: "a.wasm" } });
  assert.equal(none.code, "CONFIG_INVALID");
  assert.match(none.message, /^CONFIG_INVALID: wasm is an object/);
});

test("a browser without WebAssembly is WASM_UNSUPPORTED, the user's, and fetches no wasm", async () => {
  const page = await lab.lab("widget", "/lab", () => {
    delete globalThis.WebAssembly;
  });
  const { message, ...rest } = await connects(page);
  assert.deepEqual(rest, { code: "WASM_UNSUPPORTED", responsible: "user", typed: true });
  assert.match(message, /Lockdown Mode/);
  assert.ok(!(await page.evaluate(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith(".wasm")))));
});

test("a policy without 'wasm-unsafe-eval' is WASM_BLOCKED_BY_CSP, also where only the instance is refused, as WebKit does", async () => {
  lab.allowViolations(({ directive, blocked }) => directive === "script-src" && blocked === "wasm-eval");
  const blocked = await lab.lab("widget", "/csp/no-wasm/lab");
  const found = await connects(blocked);
  assert.deepEqual([found.code, found.responsible], ["WASM_BLOCKED_BY_CSP", "app"]);

  const webkit = await lab.lab("widget", "/lab", () => {
    WebAssembly.Instance = function () {
      throw new EvalError(
        "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script",
      );
    };
  });
  assert.equal((await connects(webkit)).code, "WASM_BLOCKED_BY_CSP");
});

test("a script of the package that does not come is named", async () => {
  const page = await lab.lab("widget");
  await page.route("**/core-credentials.js", (route) => route.fulfill({ status: 404, body: "" }));
  const { code, message } = await connects(page, { credentials: "sealed" });
  assert.equal(code, "WASM_LOAD_FAILED");
  assert.match(message, /^WASM_LOAD_FAILED: core-credentials\.js, which stands beside index\.js, could not be loaded/);
});
