// `npm run examples`, or `node scripts/examples.mjs yew-widget`: builds the widgets in examples/, each into its own dist/, where the demo's server finds it (`/examples/<name>/`).
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Failure, must, root, say, whenMain } from "./common.mjs";
import { setup } from "./setup.mjs";
import { measure, npmWidgets } from "./size.mjs";

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
  await must("The example was not built: see the message above.", trunk, ["build", "--release", "--locked", "--offline"], {
    cwd: folder,
    env: { ...withTool(wasmBindgen), CARGO_TARGET_DIR: path.join(root, "target") },
  });
  await smaller(path.join(folder, "dist"));
}

const shared = () => ["--locked", "--target-dir", path.join(root, "target")];

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

/** What a browser loads, in bytes of brotli: the wasm, and the files that are imported. Beside them lie files that this widget does not use. */
async function sizes(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const weigh = (names) => names.reduce((sum, name) => sum + measure(readFileSync(name)).brotli, 0);
  const wasm = files.filter(({ name }) => name.endsWith(".wasm")).map(({ parentPath, name }) => path.join(parentPath, name));
  return { wasm: weigh(wasm), js: weigh(await imported(wasm[0].replace(/_bg\.wasm$/, ".js"))) };
}

/** The file and what it imports. */
async function imported(file) {
  const esbuild = await import("esbuild");
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    format: "esm",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  return Object.keys(metafile.inputs).map((name) => path.join(root, name));
}

function print(rows) {
  const columns = ["wasm", "js", "in all", "later"];
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  console.log(`\n${"bytes of brotli".padEnd(width)}${columns.map((column) => column.padStart(10)).join("")}`);
  for (const [name, { wasm, js, later }] of Object.entries(rows)) {
    const cells = [wasm, js, wasm + js, later].map((value) => value?.toLocaleString("en-US") ?? "");
    console.log(`${name.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join("")}`);
  }
  console.log();
}

await whenMain(import.meta.url, async () => {
  const names = process.argv.slice(2);
  const rows = {};
  for (const name of names.length > 0 ? names : Object.keys(EXAMPLES)) rows[name] = await buildExample(name);
  // Beside them, if it is built: `npm run build`.
  if (existsSync(path.join(root, "dist/authframe.wasm"))) Object.assign(rows, await npmWidgets());
  print(rows);
});
