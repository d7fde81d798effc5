// `npm run snippets`: bundles what the Rust faces take of the TypeScript half, for the crate to carry with it. tests/unit/snippets.test.mjs fails when a bundle is stale.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { root, say, whenMain } from "./common.mjs";

export const SNIPPETS = {
  "src/widget/authframe.js": "js/rust/widget.ts",
  "src/host/authframe.js": "js/rust/host.ts",
  // No Rust imports it: it is for the page that a sign-in ends on (src/guide/sign_in.md).
  "src/widget/popup.js": "js/popup/index.ts",
};

/** The text of a bundle. */
export async function bundle(source) {
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [source],
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    legalComments: "none",
    charset: "utf8",
    banner: { js: `// Made of ${source} by \`npm run snippets\`. Do not edit it.` },
  });
  return outputFiles[0].text;
}

await whenMain(import.meta.url, async () => {
  for (const [file, source] of Object.entries(SNIPPETS)) {
    writeFileSync(path.join(root, file), await bundle(source));
    say(file);
  }
});
