// authframe/ethora-backend in a backend's bundle: one file, moved away from the package, that runs in Node.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { ethoraBackend } from "../../dist/ethora-backend.js";
import { root, vectors } from "./compile.mjs";

const { secret, appId, tokens } = vectors("ethora/tokens");
const expected = tokens.find(({ kind, exp }) => kind === "nested" && exp !== undefined);
const run = promisify(execFile);

const PROGRAM = `import { ethoraBackend } from "authframe/ethora-backend";
ethoraBackend({ appId: "${appId}", appSecret: "${secret}", now: () => ${expected.iat}000 }).then((ethora) => console.log(ethora.clientToken("${expected.subject}")));`;

async function bundled(context, options, file) {
  const folder = mkdtempSync(path.join(tmpdir(), "authframe-bundle-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const { warnings } = await build({
    stdin: { contents: PROGRAM, resolveDir: root },
    bundle: true,
    platform: "node",
    outfile: path.join(folder, file),
    ...options,
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(readdirSync(folder), [file], "nothing beside it");
  return { folder, file };
}

const FORMS = {
  ESM: [{ format: "esm" }, "server.mjs"],
  CommonJS: [{ format: "cjs" }, "server.cjs"],
  "ESM, minified": [{ format: "esm", minify: true }, "server.mjs"],
  "CommonJS, minified": [{ format: "cjs", minify: true }, "server.cjs"],
  "a function, for no platform": [{ format: "iife", platform: "neutral" }, "server.cjs"],
};

for (const [name, [options, file]] of Object.entries(FORMS)) {
  test(`E10: an esbuild bundle (${name}) signs a token in Node`, async (context) => {
    const { folder } = await bundled(context, options, file);
    const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder });
    assert.deepEqual([stdout.trim(), stderr], [expected.token, ""]);
  });
}

test("E10: CommonJS that requires the package as it is", async () => {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const requires = major > 22 || (major === 22 && minor >= 12);
  const load = requires ? 'const { ethoraBackend } = require("authframe/ethora-backend");' : "";
  const program = requires
    ? PROGRAM.replace(/^import .*\n/, `${load}\n`)
    : `import("authframe/ethora-backend").then(({ ethoraBackend }) => ${PROGRAM.replace(/^import .*\n/, "").replace(/;$/, "")});`;
  const { stdout } = await run(process.execPath, ["--no-warnings", "--input-type=commonjs", "--eval", program], { cwd: root });
  assert.equal(stdout.trim(), expected.token);
});

test("E10: a wasm of one's own, compiled or as bytes", async (context) => {
  const folder = mkdtempSync(path.join(tmpdir(), "authframe-wasm-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const wasm = path.join(root, "dist/authframe-ethora-backend.wasm");
  for (const given of ["bytes", "new WebAssembly.Module(bytes)"]) {
    // Where no code may be compiled from bytes, a compiled module is all that works.
    const forbid =
      given === "bytes"
        ? ""
        : "WebAssembly.Module = class { constructor() { throw new Error(); } static [Symbol.hasInstance](it) { return String(it) === '[object WebAssembly.Module]'; } };";
    const program = `import { readFileSync } from "node:fs";
      import { ethoraBackend } from ${JSON.stringify(path.join(root, "dist/ethora-backend.js"))};
      const bytes = readFileSync(${JSON.stringify(wasm)});
      const wasm = ${given};
      ${forbid}
      const options = { appId: "${appId}", appSecret: "${secret}", now: () => ${expected.iat}000 };
      ${forbid && "await ethoraBackend(options).catch(({ code }) => console.log(code));"}
      console.log((await ethoraBackend({ ...options, wasm })).clientToken("u1"));`;
    writeFileSync(path.join(folder, "main.mjs"), program);
    const { stdout } = await run(process.execPath, ["main.mjs"], { cwd: folder });
    assert.equal(stdout, `${forbid && "WASM_UNAVAILABLE\n"}${expected.token}\n`);
  }
  for (const wasm of [7, "file.wasm", {}, new Response("")]) {
    // It is loaded already here, and what is no wasm is named all the same.
    await assert.rejects(ethoraBackend({ appId, appSecret: secret, wasm }), { code: "CALL_INVALID", message: /^wasm / });
  }
});

test("E10: the module carries the very wasm that the package exports", () => {
  const bytes = readFileSync(path.join(root, "dist/authframe-ethora-backend.wasm"));
  assert.ok(readFileSync(path.join(root, "dist/ethora-backend.js"), "utf8").includes(bytes.toString("base64").slice(0, 4096)));
});
