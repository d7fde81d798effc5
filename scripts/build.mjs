// Builds the npm package into dist/: Rust → wasm and glue → small wasm → bundled JavaScript → declarations.
// Files are replaced in place, and what is no longer made is removed at the end, so that a server on dist/ can go on running.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ask, Failure, must, root, say, whenMain } from "./common.mjs";
import { setup } from "./setup.mjs";
import { shorten } from "./shorten.mjs";

const TARGET = "wasm32-unknown-unknown";
const GENERATED = "js/generated";

/** What hosts of other systems speak: a feature, and a folder in src/dialect and js/dialect each. */
export const DIALECTS = readdirSync(inRoot("js/dialect"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The cores that js/widget/core/load.ts chooses from: the features each is compiled with. */
const CORES = {
  native: { letter: "_", features: ["bindings"], wasm: "dist/authframe.wasm" },
  credentials: { letter: "v", features: ["bindings", "credentials"], wasm: "dist/authframe-credentials.wasm" },
  all: { letter: "a", features: ["bindings", "credentials", ...DIALECTS], wasm: "dist/authframe-all.wasm" },
};

/** What entries of their own load: the feature, and the glue's name. No part of a widget's budget. */
const EXTRAS = [
  { name: "ethora-backend", letter: "e", feature: "ethora-bindings", glue: "backend" },
  { name: "webex", letter: "w", feature: "webex-bindings", glue: "webex" },
];

/**
 * The files of the package, each made by itself: a page that embeds must not load a byte that only the widget needs, and no file that two others share. What is `apart` stands in another one of them.
 * Those that the package exports are in package.json.
 */
const FILES = {
  index: {
    from: "js/widget/index.ts",
    apart: ["advice", "core-credentials", "core-all", "sign-in", "storage", "credential-store", "diagnosis"],
  },
  // Words that are loaded when something is wrong.
  advice: { from: "js/widget/advice.ts", apart: ["index"] },
  // With code splitting, what the cores share would become a third file that every widget loads.
  "core-credentials": { from: "js/widget/core/credentials.ts" },
  "core-all": { from: "js/widget/core/all.ts", apart: ["ringcentral-start", "ringcentral-sign-in"] },
  "ringcentral-start": { from: "js/dialect/ringcentral/at-start.ts", apart: ["index"] },
  "ringcentral-sign-in": { from: "js/dialect/ringcentral/sign-in.ts", apart: ["index"] },
  // What a bridge loads when it is first used.
  "sign-in": { from: "js/widget/sign-in/sign-in.ts", apart: ["index"] },
  storage: { from: "js/widget/storage/storage.ts", apart: ["index"] },
  "credential-store": { from: "js/widget/credentials/store.ts", apart: ["index"] },
  diagnosis: { from: "js/widget/diagnosis.ts", apart: ["index"] },
  xbees: { from: "js/dialect/xbees/client.ts", apart: ["index"] },
  ethora: { from: "js/ethora/index.ts", apart: ["index", "ethora-sessions"] },
  // Loaded when a token is to be traded or renewed.
  "ethora-sessions": { from: "js/ethora/sessions.ts", apart: ["index"] },
  edna: { from: "js/edna/index.ts", apart: ["index", "edna-visitor", "edna-socket"] },
  // Loaded by edna: what they share with it is small, and stands in each.
  "edna-visitor": { from: "js/edna/current-visitor.ts", apart: ["index"] },
  "edna-socket": { from: "js/edna/socket.ts" },
  webex: { from: "js/webex/index.ts", apart: ["index", "webex-tokens"] },
  "webex-tokens": { from: "js/webex/token-source.ts", apart: ["index", "webex"] },
  "sign-in-methods": { from: "js/sign-in-methods/index.ts", apart: ["index", "unpartitioned-storage"] },
  "storage-access": { from: "js/storage-access/index.ts", apart: ["index", "unpartitioned-storage"] },
  "unpartitioned-storage": { from: "js/storage-access/unpartitioned.ts", apart: ["index", "storage", "credential-store"] },
  popup: { from: "js/popup/index.ts" },
  // Not minified: a server prints the line of an uncaught error, and one line would be the wasm and all.
  "ethora-backend": { from: "js/ethora/backend.ts", minify: false },
  "host/index": { from: "js/host/index.ts", apart: ["host/advice"] },
  "host/advice": { from: "js/host/advice.ts" },
  "host/element": { from: "js/host/element.ts", apart: ["host/index"] },
  "host/ethora": { from: "js/ethora/host.ts", apart: ["host/index"] },
  "host/edna": { from: "js/edna/host.ts", apart: ["host/index"] },
};

/** What a file gives to those that import it although it stands elsewhere: one class, so that `instanceof` holds in all of them. */
const GIVEN = { "js/shared/error.ts": ["index", "host/index"], "js/webex/token-refused.ts": ["webex"] };

/** What rustc calls a wasm feature, and what wasm-opt calls it. */
const WASM_OPT_NAMES = { "nontrapping-fptoint": "nontrapping-float-to-int" };

/** Packages of node_modules are run by their files: this works on every system and is quicker than npx. */
const WASM_OPT = "node_modules/binaryen/bin/wasm-opt";
const TSC = "node_modules/typescript/bin/tsc";

/** What makes the wasm and its glue, beside the tools. */
const SCRIPTS = ["./build.mjs", "./shorten.mjs", "./wasm-file.mjs"];

export async function build() {
  const { wasmBindgen } = await setup();
  for (const [name, core] of Object.entries(CORES)) await buildWasm(wasmBindgen, `${GENERATED}/${name}`, core);
  for (const { name, letter, feature, glue } of EXTRAS)
    await buildWasm(wasmBindgen, `${GENERATED}/${name}`, { letter, features: [feature], wasm: extraWasm(name), glue });
  const scripts = await bundle();
  const declarations = await declare();
  removeAllBut([
    ...Object.values(CORES).map(({ wasm }) => wasm),
    ...EXTRAS.map(({ name }) => extraWasm(name)),
    ...scripts,
    ...declarations,
  ]);
}

const extraWasm = (name) => `dist/authframe-${name}.wasm`;

const compiledFile = () => path.join(path.resolve(root, process.env.CARGO_TARGET_DIR || "target"), TARGET, "release", "authframe.wasm");

function rustFlags() {
  // Messages in the wasm name source files: without this line, with the folders of the person who built it.
  const cargoHome = process.env.CARGO_HOME || path.join(os.homedir(), ".cargo");
  // And the standard library's, where its source is installed: with the folder of the toolchain.
  const std = path.join(ask("rustc", ["--print", "sysroot"]) ?? "", "lib/rustlib/src/rust");
  // And a copy is one instruction, not a load and a store for each word; and no load is made twice so that one of them comes earlier.
  const flags = [
    `--remap-path-prefix=${cargoHome}=cargo`,
    `--remap-path-prefix=${std}=/rustc/std`,
    "-Cllvm-args=-max-store-memcpy=1",
    "-Cllvm-args=-enable-load-pre=false",
  ];
  return `target.${TARGET}.rustflags=[${flags.map((flag) => `'${flag}'`)}]`;
}

/** What core-all.js and its wasm would be without one dialect: for the measurement. */
export async function buildWithout(dialect) {
  const { wasmBindgen } = await setup();
  const generated = `${GENERATED}/without-${dialect}`;
  const wasm = `${generated}/small.wasm`;
  await buildWasm(wasmBindgen, generated, {
    letter: CORES.all.letter,
    features: CORES.all.features.filter((feature) => feature !== dialect),
    wasm,
  });
  const without = {
    name: "without",
    setup(build) {
      build.onResolve({ filter: /\/generated\/all\// }, () => ({ path: inRoot(`${generated}/authframe.js`) }));
      build.onResolve({ filter: new RegExp(`/${dialect}/index\\.js$`) }, ({ path }) => ({ path, namespace: "left-out" }));
      build.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({ contents: `export const ${dialect} = undefined;` }));
    },
  };
  const esbuild = await import("esbuild");
  const { outputFiles } = await esbuild.build({
    ...BUNDLE,
    metafile: false,
    write: false,
    entryPoints: { "core-all": FILES["core-all"].from },
    plugins: [without],
  });
  return { wasm: readFileSync(inRoot(wasm)), js: outputFiles[0].contents };
}

async function buildWasm(wasmBindgen, generated, { letter, features, wasm: file, glue: glueName = "authframe" }) {
  say(`compiling the Rust half to ${path.basename(file)}`);
  // `cargo build` would make the rlib too, and then cargo leaves out the link-time optimisation that makes the wasm small.
  const cargo = [
    "rustc",
    "--release",
    "--target",
    TARGET,
    "--lib",
    "--crate-type",
    "cdylib",
    "--no-default-features",
    "--features",
    features.join(","),
    "--config",
    rustFlags(),
  ];
  await must("The Rust half does not compile: see the message of cargo above.", "cargo", cargo);
  const compiled = compiledFile();

  // rustc puts the stack first, so nothing stands in the lowest kilobyte.
  // Functions of one kind stand side by side, and no load or store carries a hint of its alignment: both only make it compress better.
  const smaller = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--converge",
    "--low-memory-unused",
    "--reorder-functions-by-name",
    "--dealign",
  ];
  const options = [...wasmFeatures(), ...smaller, "--strip-debug", "--strip-producers", "--strip-target-features"];
  // Contents, not times: cargo brings an older file back when the features change forth and back.
  const inputs = hash(
    readFileSync(compiled),
    wasmBindgen,
    ...options,
    readFileSync(inRoot(WASM_OPT)),
    ...SCRIPTS.map((file) => readFileSync(new URL(file, import.meta.url))),
  );
  const stamp = inRoot(`${generated}/.inputs`);
  const outputs = [file, `${generated}/${glueName}.js`, `${generated}/${glueName}.d.ts`];
  if (outputs.every((file) => existsSync(inRoot(file))) && existsSync(stamp) && readFileSync(stamp, "utf8") === inputs) {
    say("it has not changed");
    return;
  }

  say("making the JavaScript glue (wasm-bindgen)");
  rmSync(stamp, { force: true });
  await must("wasm-bindgen failed: see its message above.", wasmBindgen, [
    compiled,
    "--target",
    "web",
    "--out-dir",
    generated,
    "--out-name",
    glueName,
    "--remove-producers-section",
  ]);

  say("making the wasm small (wasm-opt)");
  mkdirSync(inRoot("dist"), { recursive: true });
  const bound = inRoot(`${generated}/${glueName}_bg.wasm`);
  await must("wasm-opt failed: see its message above.", process.execPath, [WASM_OPT, bound, ...options, "-o", file]);
  const glueFile = inRoot(`${generated}/${glueName}.js`);
  const { wasm, glue } = shorten(letter, readFileSync(inRoot(file)), readFileSync(glueFile, "utf8"));
  writeFileSync(inRoot(file), wasm);
  writeFileSync(glueFile, glue);
  writeFileSync(stamp, inputs);
}

/** Exactly the features that rustc compiles for: fewer would be refused, more could yield a file that some browser cannot read. */
function wasmFeatures() {
  const answer = ask("rustc", ["--print", "cfg", "--target", TARGET]) ?? "";
  const features = [...answer.matchAll(/^target_feature="([a-z-]+)"$/gm)].map(([, name]) => WASM_OPT_NAMES[name] ?? name);
  return ["--mvp-features", ...features.map((name) => `--enable-${name}`)];
}

const BUNDLE = {
  absWorkingDir: root,
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  platform: "browser",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  legalComments: "none",
  charset: "utf8",
  // A backend's bundler finds no file beside a module that it has bundled: what only a server loads carries its wasm.
  loader: { ".wasm": "binary" },
  metafile: true,
  logLevel: "warning",
};

async function bundle() {
  say("bundling the JavaScript (esbuild)");
  // js/ethora/backend.ts imports it from where its glue is.
  copyFileSync(inRoot(extraWasm("ethora-backend")), inRoot(`${GENERATED}/ethora-backend/backend.wasm`));
  const esbuild = await import("esbuild");
  const make = async (entryPoints, plugins = [], minify = true) => {
    let result;
    try {
      result = await esbuild.build({ ...BUNDLE, minify, entryPoints, plugins });
    } catch {
      throw new Failure("The TypeScript half cannot be bundled: see the message of esbuild above.");
    }
    if (result.warnings.length > 0) throw new Failure("The TypeScript half is bundled with warnings: see the message of esbuild above.");
    return result.metafile;
  };

  const made = {};
  for (const [name, { from, apart = [], minify }] of Object.entries(FILES))
    made[name] = await make({ [name]: from }, [keepApart(name, apart)], minify);

  const twice = Object.keys(made["host/element"].inputs).find(
    (file) => file in made["host/index"].inputs && bytesUsed(made["host/element"], file) > 0,
  );
  if (twice)
    throw new Failure(
      `${FILES["host/element"].from} carries ${twice} a second time: what it shares with the host half, it must import from "./index.js".`,
    );
  checkWidget(made.index);
  return Object.values(made).flatMap(({ outputs }) => Object.keys(outputs));
}

/** What stands in a file of its own is imported from there: it may be loaded already, or is loaded later. */
const keepApart = (name, apart) => ({
  name: "keep-apart",
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path: address, resolveDir }) => {
      const source = path.relative(root, path.join(resolveDir, address)).replaceAll(path.sep, "/").replace(/\.js$/, ".ts");
      const other = apart.find((other) => FILES[other].from === source || GIVEN[source]?.includes(other));
      return other && { path: `./${path.posix.relative(path.posix.dirname(name), other)}.js`, external: true };
    });
  },
});

function bytesUsed({ outputs }, file) {
  return Object.values(outputs).reduce((sum, { inputs }) => sum + (inputs[file]?.bytesInOutput ?? 0), 0);
}

/** The loader finds the wasm file beside itself, so the line that does it may not move into a chunk in another folder. */
function checkWidget({ outputs }) {
  for (const file of Object.keys(outputs)) {
    const code = readFileSync(inRoot(file), "utf8");
    const address = Object.values(CORES).every(({ wasm }) => code.includes(`new URL("./${path.basename(wasm)}",import.meta.url)`));
    if (address !== (file === "dist/index.js")) {
      throw new Failure(
        `The address of the wasm ${address ? "has moved into" : "is missing in"} ${file}: only js/widget/index.ts may import js/widget/core/load.ts, and lazily loaded modules must not.`,
      );
    }
    if (code.includes("authframe_bg.wasm")) {
      throw new Failure(
        `${file} holds the default loader of the glue: import "initSync" and no default from js/generated/native/authframe.js.`,
      );
    }
  }
}

/** Checks the types, emits the declarations, and keeps those that a user can reach from an entry point. */
async function declare() {
  say("checking the types and writing the declarations (tsc)");
  const emit = ["--noEmit", "false", "--emitDeclarationOnly", "--declaration", "--noEmitOnError"];
  await must("The types do not check: see the message of tsc above.", process.execPath, [TSC, "--project", "tsconfig.json", ...emit]);

  const reached = new Set();
  const follow = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const [, target] of readFileSync(inRoot(file), "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]*)\.js"/g)) {
      const next = path.posix.join(path.posix.dirname(file), `${target}.d.ts`);
      if (next.startsWith("dist/generated/"))
        throw new Failure(`${file} shows types of the generated glue to the user: give what it exports a type of its own.`);
      follow(next);
    }
  };
  const { exports } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  for (const { types } of Object.values(exports)) if (types) follow(path.posix.normalize(types));
  return [...reached];
}

function removeAllBut(files) {
  const keep = new Set(files.map(inRoot));
  for (const entry of readdirSync(inRoot("dist"), { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !keep.has(file)) rmSync(file);
  }
}

function hash(...inputs) {
  const sum = createHash("sha256");
  for (const input of inputs) sum.update(input).update("\0");
  return sum.digest("hex");
}

function inRoot(file) {
  return path.join(root, file);
}

await whenMain(import.meta.url, build);
