/** Bundles TypeScript on the fly, so that the unit tests need no build. */
import { buildSync } from "esbuild";

const root = new URL("../../", import.meta.url).pathname;

/** The JavaScript of this TypeScript, `export … from "./js/…"`, with everything it imports. */
export const bundle = (contents, options = {}) =>
  buildSync({ stdin: { contents, resolveDir: root, loader: "ts" }, bundle: true, write: false, format: "esm", target: "es2022", ...options }).outputFiles[0].text;

/** Imports it, as a new module each time. */
export const load = (contents) => import(`data:text/javascript;base64,${Buffer.from(`${bundle(contents)}\n//${Math.random()}`).toString("base64")}`);

export const vectors = async (name) => (await import(`../vectors/${name}.json`, { with: { type: "json" } })).default;
