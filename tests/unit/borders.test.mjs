/** Who may import whom in js/. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "./compile.mjs";

const js = path.join(root, "js");
const files = readdirSync(js, { recursive: true })
  .map((file) => file.split(path.sep).join("/"))
  .filter((file) => file.endsWith(".ts") && !file.startsWith("generated/"));
const withoutComments = (source) => source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

/** Every import of a file of js/: who, whom, and whether it is of types alone. */
const imports = files.flatMap((file) => {
  const code = withoutComments(readFileSync(path.join(js, file), "utf8"));
  return [...code.matchAll(/(import|export)( type)?\b[^;"]*?\bfrom "(\.[^"]*)"|\bimport\("(\.[^"]*)"\)/g)].map(
    ([, , type, from, late]) => ({
      file,
      of: path.posix.join(path.posix.dirname(file), from ?? late).replace(/\.js$/, ".ts"),
      type: Boolean(type),
    }),
  );
});

const folder = (file) => file.split("/")[0];
const listed = (some) => some.map(({ file, of }) => `${file} imports ${of}`);

test("the glue that wasm-bindgen has made has one owner for each wasm", () => {
  const owners = [...new Set(imports.filter(({ of }) => of.startsWith("generated/")).map(({ file }) => file))].sort();
  assert.deepEqual(owners, [
    "ethora/backend.ts",
    "webex/machine.ts",
    "widget/core/all.ts",
    "widget/core/credentials.ts",
    "widget/core/load.ts",
  ]);
});

test("what both halves share imports nothing of either, but for the names of codes", () => {
  assert.deepEqual(listed(imports.filter(({ file, of, type }) => folder(file) === "shared" && folder(of) !== "shared" && !type)), []);
});

/** These take what only a widget's own parts should. */
const BESIDES = [
  "sign-in-methods/methods.ts imports storage-access/index.ts",
  "storage-access/unpartitioned.ts imports widget/credentials/store.ts",
  "storage-access/unpartitioned.ts imports widget/storage/storage.ts",
];

test("a service or an entry takes what is shared, and of a half its face alone", () => {
  const parts = ["dialect", "ethora", "edna", "webex", "sign-in-methods", "storage-access", "popup"];
  const faces = ["widget/index.ts", "host/index.ts"];
  const strange = imports.filter(
    ({ file, of, type }) =>
      parts.includes(folder(file)) &&
      folder(of) !== folder(file) &&
      !["shared", "generated"].includes(folder(of)) &&
      !faces.includes(of) &&
      !type,
  );
  assert.deepEqual(listed(strange).sort(), BESIDES);
});

test("no half imports the other", () => {
  const [widget, host] = ["widget", "host"];
  assert.deepEqual(
    listed(
      imports.filter(
        ({ file, of, type }) =>
          ((folder(file) === widget && folder(of) === host) || (folder(file) === host && folder(of) === widget)) && !type,
      ),
    ),
    [],
  );
});

test("only shared/report.ts calls reportError, which a page may have replaced by one that throws", () => {
  const calling = files.filter((file) => withoutComments(readFileSync(path.join(js, file), "utf8")).includes("reportError"));
  assert.deepEqual(calling, ["shared/report.ts"]);
});

test("no file of code has more than 600 lines", () => {
  const code = ["benches", "examples", "js", "scripts", "src", "tests", "www"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map((file) => path.join(folder, file))
      .filter((file) => /\.(rs|ts|mjs|js)$/.test(file) && !/generated|node_modules|artifacts|target|\bdist\b/.test(file)),
  );
  assert.ok(code.length > 300);
  assert.deepEqual(
    code.filter((file) => readFileSync(path.join(root, file), "utf8").split("\n").length > 601),
    [],
  );
});
