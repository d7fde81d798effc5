// `npm run size`: what the package costs its users, beside its budget (brotli, in bytes; 1 KB = 1,000 bytes).
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { brotliCompressSync, constants as zlib } from "node:zlib";
import { build, buildWithout, DIALECTS } from "./build.mjs";
import { Failure, must, root, say, whenMain } from "./common.mjs";

/**
 * Method: `npm pack`; install the packed file into an empty project; bundle there, with esbuild (minify, ES2022, ESM, code splitting), the
 * smallest program that uses the entry point (`ENTRIES`); compress every file with brotli 11; add up the files that load with the program.
 * What it would load later (`import()`) is listed, and counts towards nothing. The wasm files count as they are in the package: the widget that keeps
 * credentials takes `authframe-credentials.wasm` with its glue instead of `authframe.wasm`, whose glue it carries in vain. A dialect counts with what the core of all
 * dialects, wasm and JavaScript, would be smaller without it; Ethora's and edna's, which are entries of their own, with what they add to the widget.
 */
const BUDGETS = {
  // Design 8 has 26, 31.5 and 3.6 KB for these three: docs/decisions/0028-words-when-something-is-wrong.md and 0029-a-pause-beside-the-register.md, 0030-what-a-house-in-parts-costs.md and 0032-a-border-with-names.md say why they are higher.
  "widget in all": 37_500,
  "kept credentials: in all": 45_500,
  host: 6_300,
  "all dialects: in all": 57_500,
  ...Object.fromEntries(DIALECTS.map((dialect) => [dialect, 4_000])),
  ringcentral: 6_150,
  ethora: 4_000,
  edna: 4_000,
  // Design 8 has 20 KB: docs/decisions/0033-a-line-without-json-in-its-wasm.md.
  "webex: in all": 22_000,
};

const ENTRIES = {
  widget: 'import { connect } from "authframe"; connect({ hosts: ["https://a.example"] });',
  host: 'import { embed } from "authframe/host"; embed({ container: document.body, src: "https://a.example" });',
  "host/element": 'import "authframe/host/element";',
  ethora:
    'import { connectEthora } from "authframe/ethora"; connectEthora({ hosts: ["https://a.example"], appId: "1", baseUrl: "https://b.example/v1" });',
  edna: 'import { connectEdna } from "authframe/edna"; connectEdna({ hosts: ["https://a.example"], rootUrl: "https://b.example/api", websocketUrl: "wss://b.example/ws" });',
  "sign-in-methods":
    'import { connect } from "authframe"; import { signInMethods } from "authframe/sign-in-methods"; connect({ hosts: ["https://a.example"] }).then(bridge => signInMethods(bridge, { container: document.body }));',
  "storage-access":
    'import { requestStorageAccess, storageAccess } from "authframe/storage-access"; void storageAccess().then(requestStorageAccess);',
  webex:
    'import { connectWebex } from "authframe/webex"; connectWebex({ hosts: ["https://a.example"], oauth: { clientId: "1", redirectUri: "https://b.example" }, line: { registrar: {} } });',
  "host/ethora":
    'import { embedEthora } from "authframe/host/ethora"; embedEthora({ container: document.body, src: "https://a.example", config: { appId: "1" } });',
  "host/edna":
    'import { embedEdna } from "authframe/host/edna"; embedEdna({ container: document.body, src: "https://a.example", settings: {} });',
  "xbees client": 'import { Client } from "authframe/xbees"; void Client.getInstance().ready();',
  popup: 'import { finish } from "authframe/popup"; finish({ openers: ["https://a.example"] });',
};

/** Prints the table. Resolves with whether everything is within its budget. */
export async function size() {
  const work = mkdtempSync(path.join(os.tmpdir(), "authframe-size-"));
  try {
    await installPacked(work);
    const widget = await bundled(work, "widget");
    const { plain, kept, every, glue, dialects } = cores(work, widget);
    const [ethora, edna, webex] = [await bundled(work, "ethora"), await bundled(work, "edna"), await bundled(work, "webex")];
    const [webexJs, webexWasm] = [less("webex: js", webex.now, widget.now), wasm(work, "authframe-webex")];
    const laterOf = ({ later }) => later.filter(({ part }) => !widget.later.some((row) => row.part === part));
    const rows = [
      { part: "widget wasm", ...plain },
      { part: "widget js", ...widget.now },
      { part: "widget in all", ...total([plain, widget.now]) },
      { part: "kept credentials: wasm", ...kept },
      { part: "kept credentials: js", ...total([widget.now, glue]) },
      { part: "kept credentials: in all", ...total([kept, widget.now, glue]) },
      { part: "all dialects: wasm", ...every },
      { part: "all dialects: js", ...total([widget.now, dialects]) },
      { part: "all dialects: in all", ...total([every, widget.now, dialects]) },
      ...(await dialectRows(total([every, dialects]))),
      less("ethora", ethora.now, widget.now),
      ...laterOf(ethora),
      less("edna", edna.now, widget.now),
      ...laterOf(edna),
      // A line is no part of the bridge: a page that has one loads this beside the widget that keeps credentials.
      less("sign-in-methods", (await bundled(work, "sign-in-methods")).now, widget.now),
      webexJs,
      { part: "webex: wasm", ...webexWasm },
      { part: "webex: in all", ...total([webexJs, webexWasm]) },
      ...laterOf(webex),
      ...widget.later.filter((row) => row !== glue && row !== dialects),
    ];
    for (const entry of ["host", "host/element", "host/ethora", "host/edna", "popup", "storage-access", "xbees client"]) {
      const { now, later } = await bundled(work, entry);
      // What a drop-in may load later is the widget's, above.
      rows.push({ part: entry, ...now }, ...(entry === "xbees client" ? [] : later));
    }
    print(rows);
    return rows.every((row) => row.brotli <= (BUDGETS[row.part] ?? Infinity));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The npm widgets that do what the widgets in examples/ do, in bytes of brotli: what loads at once, and `later` what may (popups, the credential store, words of errors).
 * The core is one of three, so the glue of the others is not among what may load.
 */
export async function npmWidgets() {
  const work = mkdtempSync(path.join(os.tmpdir(), "authframe-size-"));
  try {
    await installPacked(work);
    const widget = await bundled(work, "widget");
    const { kept, every, glue, dialects } = cores(work, widget);
    const later = total(widget.later.filter((row) => row !== glue && row !== dialects)).brotli;
    const row = (wasm, js) => ({ wasm: wasm.brotli, js: total([widget.now, js]).brotli, later });
    return { "npm, kept credentials": row(kept, glue), "npm, all dialects too": row(every, dialects) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const wasm = (work, name) => measure(readFileSync(path.join(work, "node_modules/authframe/dist", `${name}.wasm`)));

/** The wasm of the three cores, and the glue of those that are loaded when they are needed. */
function cores(work, widget) {
  const [plain, kept, every] = ["authframe", "authframe-credentials", "authframe-all"].map((name) => wasm(work, name));
  const [glue, dialects] = ["core-credentials", "core-all"].map((name) => widget.later.find(({ part }) => part.includes(name)));
  return { plain, kept, every, glue, dialects };
}

async function dialectRows(all) {
  const rows = [];
  for (const dialect of DIALECTS) {
    const { wasm, js } = await buildWithout(dialect);
    const { raw, brotli } = total([measure(wasm), measure(js)]);
    rows.push(less(dialect, all, { raw, brotli }));
  }
  return rows;
}

/** What it costs more than that. */
const less = (part, all, without) => ({ part, raw: all.raw - without.raw, brotli: all.brotli - without.brotli });

async function installPacked(work) {
  if (!existsSync(path.join(root, "dist/authframe.wasm"))) throw new Failure("There is no built package to measure: run npm run build.");
  say("packing the package and installing it into an empty project");
  await must("npm pack failed.", "npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", work], { quiet: true });
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  writeFileSync(path.join(work, "package.json"), '{ "private": true, "type": "module" }');
  const install = ["install", "--silent", "--offline", "--ignore-scripts", "--no-package-lock", `./authframe-${version}.tgz`];
  await must("The packed package cannot be installed.", "npm", install, { quiet: true, cwd: work });
}

/** Bundles one entry; `now` is the sum of the files that load with it, `later` a row for each file that it may load one day. */
async function bundled(work, entry) {
  const esbuild = await import("esbuild");
  const folder = path.join(work, entry);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "main.js"), ENTRIES[entry]);
  const { metafile, outputFiles } = await esbuild.build({
    absWorkingDir: work,
    entryPoints: [`${entry}/main.js`],
    outdir: `${entry}/out`,
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    charset: "utf8",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const now = new Set();
  const follow = (file) => {
    if (now.has(file)) return;
    now.add(file);
    for (const { kind, path: next } of metafile.outputs[file].imports) if (kind === "import-statement") follow(next);
  };
  follow(`${entry}/out/main.js`);

  const files = outputFiles.map((file) => ({
    name: path.relative(work, file.path).replaceAll(path.sep, "/"),
    ...measure(file.contents),
  }));
  return {
    now: total(files.filter(({ name }) => now.has(name))),
    later: files.filter(({ name }) => !now.has(name)).map(({ name, ...sizes }) => ({ part: `  later: ${path.basename(name)}`, ...sizes })),
  };
}

export function measure(bytes) {
  const params = { [zlib.BROTLI_PARAM_QUALITY]: 11, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { raw: bytes.length, brotli: brotliCompressSync(bytes, { params }).length };
}

function total(sizes) {
  return sizes.reduce((sum, { raw, brotli }) => ({ raw: sum.raw + raw, brotli: sum.brotli + brotli }), { raw: 0, brotli: 0 });
}

function print(rows) {
  const number = (value) => value.toLocaleString("en-US").padStart(10);
  const width = Math.max(...rows.map(({ part }) => part.length));
  console.log(`\n${"part".padEnd(width)}${"raw".padStart(10)}${"brotli".padStart(10)}${"budget".padStart(10)}`);
  for (const { part, raw, brotli } of rows) {
    const budget = BUDGETS[part];
    const verdict = budget === undefined ? "" : `${number(budget)}  ${brotli <= budget ? "ok" : `OVER by ${brotli - budget}`}`;
    console.log(`${part.padEnd(width)}${number(raw)}${number(brotli)}${verdict}`);
  }
  console.log();
}

await whenMain(import.meta.url, async () => {
  await build();
  if (!(await size())) throw new Failure("Over budget.");
});
