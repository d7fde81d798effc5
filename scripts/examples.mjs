// `npm run examples`, or `node scripts/examples.mjs yew-widget`: builds the widgets in examples/, each into its own dist/, where the demo's server finds it (`/examples/<name>/`).
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync } from "node:zlib";
import { Failure, must, root, say, whenMain } from "./common.mjs";
import { setup } from "./setup.mjs";

/** By what each is built: the tools that people use. */
export const EXAMPLES = { widget: wasmPack, "yew-widget": wasmPack, "leptos-widget": trunk };

const WASM_OPT = path.join(root, "node_modules/binaryen/bin/wasm-opt");

export async function buildExample(name) {
  if (!Object.hasOwn(EXAMPLES, name)) throw new Failure(`There is no example "${name}": there are ${Object.keys(EXAMPLES).join(", ")}.`);
  const folder = path.join(root, "examples", name);
  say(`building examples/${name}`);
  rmSync(path.join(folder, "dist"), { recursive: true, force: true });
  await EXAMPLES[name](folder);
  // The demo's server fills in its port.
  const page = path.join(folder, "dist/index.html");
  writeFileSync(page, readFileSync(page, "utf8").replaceAll(".localhost:8080", ".localhost:{{port}}"));
  return sizes(path.join(folder, "dist"));
}

async function wasmPack(folder) {
  const { wasmPack, wasmBindgen } = await setup({ wasmPack: true });
  const args = ["build", "--release", "--target", "web", "--no-typescript", "--no-pack", "--no-opt", "--mode", "no-install"];
  // What stands after "--" is handed to cargo: one target folder for all.
  await must("The example was not built: see the message above.", wasmPack, [...args, "--out-dir", "dist/pkg", "--", ...shared()], {
    cwd: folder,
    env: withTool(wasmBindgen),
  });
  for (const file of ["index.html", "start.js"]) copyFileSync(path.join(folder, file), path.join(folder, "dist", file));
  await smaller(path.join(folder, "dist/pkg"));
}

async function trunk(folder) {
  const { trunk, wasmBindgen } = await setup({ trunk: true });
  await must("The example was not built: see the message above.", trunk, ["build", "--release", "--offline"], {
    cwd: folder,
    env: { ...withTool(wasmBindgen), CARGO_TARGET_DIR: path.join(root, "target") },
  });
  await smaller(path.join(folder, "dist"));
}

const shared = () => ["--target-dir", path.join(root, "target")];

const withTool = (wasmBindgen) => ({ PATH: path.dirname(wasmBindgen) + path.delimiter + process.env.PATH });

/** As the npm package's own wasm is made smaller. */
async function smaller(folder) {
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".wasm"))) {
    const wasm = path.join(folder, file);
    const options = ["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int", "--enable-sign-ext", "--enable-mutable-globals"];
    await must("wasm-opt failed: see its message above.", process.execPath, [
      WASM_OPT,
      wasm,
      ...options,
      "--enable-reference-types",
      "--enable-multivalue",
      "--strip-debug",
      "--strip-producers",
      "-o",
      wasm,
    ]);
  }
}

/** What a browser loads, in bytes of brotli. */
function sizes(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const of = (ending) =>
    files
      .filter(({ name }) => name.endsWith(ending))
      .reduce((sum, { parentPath, name }) => sum + brotliCompressSync(readFileSync(path.join(parentPath, name))).length, 0);
  return { wasm: of(".wasm"), js: of(".js") };
}

await whenMain(import.meta.url, async () => {
  const names = process.argv.slice(2);
  for (const name of names.length > 0 ? names : Object.keys(EXAMPLES)) {
    const { wasm, js } = await buildExample(name);
    say(`${name}: ${wasm} bytes of wasm and ${js} of JavaScript (brotli)`);
  }
});
