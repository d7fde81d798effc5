/** Where a wasm file comes from, and what is said where it does not: js/widget/core/wasm.ts, in browsers that are made up. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { load } from "./compile.mjs";

const { compile, obstacle } = await load(`export { compile, obstacle } from "./js/widget/core/wasm.js"`);
const EMPTY = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const real = globalThis.WebAssembly;
const realFetch = globalThis.fetch;

afterEach(() => {
  Object.assign(globalThis, { WebAssembly: real, fetch: realFetch });
});

/** A WebAssembly that differs from the real one in some members. */
const browser = (members) => (globalThis.WebAssembly = { __proto__: real, ...members });
const answer = (body, type, more = {}) => new Response(body, { ...more, headers: type ? { "content-type": type } : {} });
const rejected = (promise) =>
  promise.then(
    () => assert.fail("it was compiled"),
    (error) => error,
  );
const refuse = (error) =>
  function () {
    throw error;
  };

test("whatever streaming refuses, the bytes are compiled", async () => {
  const streamed = [];
  for (const outcome of [
    new TypeError("Incorrect response MIME type"),
    new real.CompileError("streaming is broken here"),
    new RangeError("too much"),
  ]) {
    browser({
      async compileStreaming(response) {
        streamed.push(await (await response).arrayBuffer());
        throw outcome;
      },
    });
    assert.ok((await compile(answer(EMPTY, "application/wasm"))) instanceof real.Module);
  }
  assert.equal(streamed.length, 3, "it was tried, and the body was used up");
});

test("streaming is tried for the plain type only, and done without where a browser has none", async () => {
  const tried = [];
  const compileStreaming = async (response) => (tried.push(response.headers.get("content-type")), real.compileStreaming(response));
  for (const type of [
    "application/wasm",
    " Application/WASM ",
    "application/wasm; charset=utf-8",
    "application/wasm;",
    "application/wasm-x",
    "text/plain",
    "application/octet-stream",
    "",
  ]) {
    browser({ compileStreaming });
    assert.ok((await compile(answer(EMPTY, type))) instanceof real.Module, type);
  }
  assert.deepEqual(
    tried.map((type) => type.trim().toLowerCase()),
    ["application/wasm", "application/wasm"],
  );
  browser({ compileStreaming: undefined });
  assert.ok((await compile(answer(EMPTY, "application/wasm"))) instanceof real.Module);
});

test("a source may be an address, a response, a promise of one, bytes of every kind, or a module", async () => {
  globalThis.fetch = async () => answer(EMPTY, "application/wasm");
  const module = new real.Module(EMPTY);
  const padded = new Uint8Array(16);
  padded.set(EMPTY, 4);
  const sources = [
    "./a.wasm",
    new URL("https://widget.example/a.wasm"),
    answer(EMPTY),
    Promise.resolve(answer(EMPTY)),
    EMPTY,
    EMPTY.buffer,
    padded.subarray(4, 12),
    new DataView(padded.buffer, 4, 8),
    module,
    Promise.resolve(module),
  ];
  for (const source of sources) assert.ok((await compile(source)) instanceof real.Module);
  assert.equal(await compile(module), module);
});

test("what is no source of wasm is CONFIG_INVALID, which says what it is", async () => {
  for (const [source, named] of [
    [7, "a number"],
    [null, "null"],
    [{ default: "a.wasm" }, "an object"],
    [() => {}, "a function"],
    [Promise.resolve(), "a undefined"],
  ]) {
    const error = await rejected(compile(source));
    assert.equal(error.code, "CONFIG_INVALID");
    assert.equal(error.responsible, "app");
    assert.match(error.message, new RegExp(`^CONFIG_INVALID: wasm is ${named}`));
  }
});

test("WASM_LOAD_FAILED names the address, the status, the type and what came", async () => {
  const at = (response) => Object.defineProperty(response, "url", { value: "https://widget.example/authframe.wasm" });
  const come = 'answered with HTTP 200, Content-Type "text/html", and an HTML page: 24 bytes, which begin with "<!DOCTYPE html><p>App</p"';
  const cases = [
    [at(answer("<!DOCTYPE html><p>App</p", "text/html")), `"https://widget.example/authframe.wasm" ${come}`],
    [at(answer("<!DOCTYPE html>", "application/wasm")), 'Content-Type "application/wasm", and an HTML page: 15 bytes'],
    [
      at(answer("no such file", "text/plain", { status: 404 })),
      '"https://widget.example/authframe.wasm" answered with HTTP 404, Content-Type "text/plain"',
    ],
    [answer("{}"), 'Content-Type "text/plain;charset=UTF-8", and no wasm: 2 bytes, which begin with "{}"'],
    [answer(new Uint8Array([1, 2, 3])), 'Content-Type none, and no wasm: 3 bytes, which begin with ""'],
    [answer(new Uint8Array(), "application/wasm"), "and nothing in it"],
    [answer(new Uint8Array([...EMPTY, 99, 99, 99]), "application/wasm"), "the file is damaged, or this browser is too old"],
    [new Uint8Array([1, 2, 3]), "wasm is given as bytes, and no wasm: 3 bytes"],
    [{ then: (_, reject) => reject(new TypeError("integrity")) }, "The promise that is passed as wasm was rejected (TypeError: integrity)"],
  ];
  for (const [source, text] of cases) {
    const error = await rejected(compile(source));
    assert.equal(error.code, "WASM_LOAD_FAILED");
    assert.equal(error.responsible, "network");
    assert.ok(error.message.includes(text), `${error.message}\n${text}`);
    assert.ok(
      error.message.endsWith("Serve the wasm file of this version beside index.js, or pass its address as wasm (docs/serving.md)."),
      error.message,
    );
  }
});

test("a response that cannot be read says why: no-cors, read before, a broken connection, no connection", async () => {
  const opaque = Object.defineProperties(answer(null), { type: { value: "opaque" }, status: { value: 0 }, ok: { value: false } });
  assert.match((await rejected(compile(opaque))).message, /mode "no-cors"/);
  const used = answer(EMPTY);
  await used.arrayBuffer();
  assert.match((await rejected(compile(used))).message, /has been read already/);
  for (const type of ["application/wasm", "text/plain"]) {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError("network error")) });
    assert.match(
      (await rejected(compile(answer(broken, type)))).message,
      /the connection ended before the file did \(TypeError: network error\)/,
    );
  }
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  assert.match(
    (await rejected(compile("https://cdn.example/a.wasm"))).message,
    /^WASM_LOAD_FAILED: "https:\/\/cdn\.example\/a\.wasm" could not be fetched .*connect-src.*Access-Control-Allow-Origin/,
  );
});

test("a policy that forbids wasm is found where a browser refuses the module, and where it refuses only the instance (WebKit)", () => {
  assert.equal(obstacle(), undefined);
  for (const members of [
    { Module: refuse(new real.CompileError("blocked by CSP")) },
    { Instance: refuse(new EvalError("Refused to create a WebAssembly object")) },
  ]) {
    browser(members);
    const error = obstacle();
    assert.equal(error.code, "WASM_BLOCKED_BY_CSP");
    assert.equal(error.responsible, "app");
    assert.match(error.message, /'wasm-unsafe-eval'/);
  }
});

test("no WebAssembly is WASM_UNSUPPORTED, the user's; want of memory is no policy's doing", () => {
  globalThis.WebAssembly = undefined;
  assert.equal(obstacle().code, "WASM_UNSUPPORTED");
  assert.equal(obstacle().responsible, "user");
  assert.match(obstacle().message, /Lockdown Mode/);
  browser({ Instance: refuse(new RangeError("Out of memory")) });
  assert.equal(obstacle().code, "WASM_LOAD_FAILED");
});
