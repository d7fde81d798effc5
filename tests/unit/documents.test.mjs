// What the documents show in TypeScript compiles as it stands. Names that an example leaves to the reader (`show`, `signInButton`) may be anything; what has a type is checked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { oldestRust } from "../../scripts/setup.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = path.join(ROOT, "node_modules/typescript/bin/tsc");

/** "Cannot find name", "did you mean", the same of Node's names and of a shorthand property, and a framework without types: what is left to the reader. */
const LEFT_TO_THE_READER = new Set(["TS2304", "TS2552", "TS2580", "TS2591", "TS18004", "TS7016", "TS2665"]);

/** What a document has imported or made in an example before. */
const KNOWN = {
  connect: 'import { connect } from "authframe";',
  embed: 'import { embed } from "authframe/host";',
  connectEdna: 'import { connectEdna } from "authframe/edna";',
  connectEthora: 'import { connectEthora } from "authframe/ethora";',
  connectWebex: 'import { connectWebex } from "authframe/webex";',
  send: 'import { send } from "authframe/ethora-backend";',
  ethora: 'declare const ethora: Awaited<ReturnType<typeof import("authframe/ethora-backend").ethoraBackend>>;',
  bridge: 'declare const bridge: import("authframe").Bridge;',
  widget: 'declare const widget: import("authframe/host").Widget;',
};

/** In front of an example, on its first line: so the numbers of the lines stay. */
const before = (code) =>
  Object.entries(KNOWN)
    .filter(([name]) => uses(code, name) && !declares(code, name))
    .map(([, declaration]) => declaration)
    .join(" ");
const uses = (code, name) => new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(code);
const declares = (code, name) => new RegExp(`(const|let) ${name}\\b|import [^;]*\\b${name}\\b[^;]* from`).test(code);

const documents = () => [
  "README.md",
  ...readdirSync(path.join(ROOT, "docs"), { recursive: true })
    .filter((file) => file.endsWith(".md") && !file.startsWith("decisions"))
    .map((file) => path.join("docs", file)),
];

/** The blocks of a document: `ts` as it stands, of a `diff` what is there afterwards. With the line they begin on. */
function* blocks(document) {
  const text = readFileSync(path.join(ROOT, document), "utf8");
  for (const { 1: language, 2: body, index } of text.matchAll(/^ *```(ts|diff)\n(.*?)^ *```$/gms)) {
    const line = text.slice(0, index).split("\n").length;
    if (language === "ts") yield { document, line, code: body };
    else if (/^\+.*(import|await)/m.test(body)) yield { document, line, code: body.replaceAll(/^-.*\n/gm, "").replaceAll(/^[+ ]/gm, "") };
  }
}

test("the TypeScript of the documents compiles", () => {
  const all = documents().flatMap((document) => [...blocks(document)]);
  assert.ok(all.length > 15, `${all.length} blocks`);
  const folder = mkdtempSync(path.join(ROOT, "tests/artifacts-"));
  try {
    mkdirSync(folder, { recursive: true });
    all.forEach(({ code }, place) => {
      // A module, so that it may wait and its names are its own.
      writeFileSync(path.join(folder, `block-${place}.ts`), `${before(code)} ${code}\nexport {};\n`);
    });
    const { exports } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
    const paths = Object.fromEntries(
      Object.entries(exports)
        .filter(([, target]) => target.types)
        .map(([name, { types }]) => [`authframe${name.slice(1)}`, [path.join(ROOT, types)]]),
    );
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: "es2022",
      module: "esnext",
      moduleResolution: "bundler",
      lib: ["es2023", "dom", "dom.iterable"],
      types: [],
      paths,
    };
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const { stdout } = spawnSync(process.execPath, [TSC, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
    const errors = [...stdout.matchAll(/block-(\d+)\.ts\((\d+),\d+\): error (TS\d+): (.*)/g)]
      .filter(([, , , code]) => !LEFT_TO_THE_READER.has(code))
      .map(([, place, line, code, message]) => `${all[place].document}:${all[place].line + Number(line)}: ${code} ${message}`);
    assert.deepEqual(errors, []);
    // It has looked: an example with a wrong option would have been found.
    assert.ok(stdout.includes("TS2304"), stdout.slice(0, 500));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the README names the oldest Rust as Cargo.toml does, which lint compiles with", () => {
  const named = [...readFileSync(path.join(ROOT, "README.md"), "utf8").matchAll(/Rust (\d+\.\d+) or newer/g)].map(([, version]) => version);
  assert.deepEqual(named, [oldestRust(), oldestRust()]);
});
