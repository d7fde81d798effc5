/** Bundles TypeScript on the fly, so that the unit tests need no build. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSync } from "esbuild";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The JavaScript of `contents` (TypeScript, its imports relative to the repository's root) with everything it imports. */
export const bundle = (contents, options = {}) =>
  buildSync({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    ...options,
  }).outputFiles[0].text;

let folder;
let loaded = 0;

/** Imports it as a module of its own, new each time. */
export const load = (contents) => {
  if (!folder) {
    folder = mkdtempSync(path.join(tmpdir(), "authframe-unit-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  }
  const file = path.join(folder, `${++loaded}.mjs`);
  writeFileSync(file, bundle(contents));
  return import(pathToFileURL(file));
};

export const vectors = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
