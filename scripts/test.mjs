// `npm test`: every check of this repository, one part after the other; a part that fails does not stop the next.
// `node scripts/test.mjs unit wasm` runs only these parts. The last line is always `N passed, N failed`.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { run as runTests } from "node:test";
import { spec } from "node:test/reporters";
import { build, DIALECTS } from "./build.mjs";
import { Failure, root, run, say, whenMain } from "./common.mjs";
import { canListPublicApi, isPublicApiListed } from "./public-api.mjs";
import { scan } from "./scan.mjs";
import { oldestRust, requiredTools, setup } from "./setup.mjs";
import { size } from "./size.mjs";

/** A part that hangs must not keep the others from running. */
const PART_TIMEOUT = 45 * 60_000;

/** Files of tests/e2e that take more than a minute, mostly of waiting. */
const LONGEST = [
  "sign-in.test.mjs",
  "retry.test.mjs",
  "liveness.test.mjs",
  "edna-zones.test.mjs",
  "webex-sign-in.test.mjs",
  "webex-hostile.test.mjs",
];

/** Files of tests/e2e that need no more than both browsers have. */
const FIREFOX = ["laws.test.mjs", "reach.test.mjs", "storage-access.test.mjs", "webex-locks.test.mjs"];

/**
 * In the order in which they run. `needs` is what setup() must provide, `dist` says that the built package is used, `apart` that it is run only by its name.
 * A part resolves with `{passed, failed}` and the names of what failed; a part that throws counts as one failure.
 */
const PARTS = {
  lint: { needs: { lint: true }, dist: true, run: lint },
  unit: { needs: { php: true, python3: true }, dist: true, run: unit },
  wasm: { needs: { wasmPack: true, geckodriver: true }, dist: false, run: wasm },
  e2e: { needs: { browser: true, prosody: true, wasmPack: true }, dist: true, run: e2e },
  firefox: { needs: { firefox: true }, dist: true, run: inFirefox },
  // Their frameworks take minutes to compile.
  examples: {
    needs: { browser: true },
    dist: true,
    apart: true,
    run: ({ chrome }) => nodeTests("tests/examples", { env: { CHROME_PATH: chrome } }),
  },
  size: { needs: {}, dist: true, run: async () => asOne(await size()) },
};

async function test(names) {
  const unknown = names.find((name) => !(name in PARTS));
  if (unknown) throw new Failure(`There is no part "${unknown}": the parts are ${Object.keys(PARTS).join(", ")}.`);
  const parts = Object.entries(PARTS).filter(([name, { apart }]) => (names.length === 0 ? !apart : names.includes(name)));

  const results = [];
  const attempt = async (name, action) => {
    console.log(`\n━━ ${name} ━━\n`);
    const start = performance.now();
    let result;
    try {
      result = await action();
    } catch (error) {
      console.error(error instanceof Failure ? error.message : error);
      result = { passed: 0, failed: 1 };
    }
    results.push({ name, seconds: (performance.now() - start) / 1000, ...result });
  };

  if (parts.some(([, { dist }]) => dist)) {
    await attempt("build", async () => {
      await build();
      return { passed: 0, failed: 0 };
    });
  }
  // Each part sets up for itself, so that a missing browser does not keep the parts without one from running.
  for (const [name, part] of parts) await attempt(name, async () => part.run(await setup(part.needs)));
  return results;
}

const BIOME = "node_modules/@biomejs/biome/bin/biome";

/** Sets of features that are built: what is left out of one must not be missed by what is in. */
const FEATURE_SETS = [
  "",
  "native",
  "widget",
  "host",
  "widget,host",
  "native,credentials",
  ...DIALECTS,
  ["credentials", ...DIALECTS].join(","),
  "ethora",
  "webex",
];

async function lint() {
  say("biome ci");
  const biome = await run(process.execPath, [BIOME, "ci", "--error-on-warnings", "."], {
    timeoutMs: PART_TIMEOUT,
  });
  const examples = readdirSync(path.join(root, "examples"))
    .map((name) => `examples/${name}/Cargo.toml`)
    .filter((manifest) => existsSync(path.join(root, manifest)));
  const rust = [
    ["fmt", "--all", "--check"],
    ["clippy", "--all-targets", "--", "-D", "warnings"],
    ["clippy", "--all-targets", "--features", "ethora,webex", "--", "-D", "warnings"],
    [
      "clippy",
      "--lib",
      "--target",
      "wasm32-unknown-unknown",
      "--no-default-features",
      "--features",
      "ethora-bindings",
      "--",
      "-D",
      "warnings",
    ],
    [
      "clippy",
      "--lib",
      "--target",
      "wasm32-unknown-unknown",
      "--no-default-features",
      "--features",
      "webex-bindings",
      "--",
      "-D",
      "warnings",
    ],
    ["clippy", "--lib", "--target", "wasm32-unknown-unknown", "--no-default-features", "--features", "bindings", "--", "-D", "warnings"],
    ["clippy", "--lib", "--tests", "--target", "wasm32-unknown-unknown", "--features", "bindings", "--", "-D", "warnings"],
    ...FEATURE_SETS.map((set) => ["clippy", "--lib", "--no-default-features", "--features", set, "--", "-D", "warnings"]),
    // Crates of their own, as a user's is.
    ...examples.map((manifest) => ["fmt", "--manifest-path", manifest, "--check"]),
    ["check", "--locked", "--manifest-path", "examples/widget/Cargo.toml", "--target", "wasm32-unknown-unknown", "--target-dir", "target"],
    // With the JavaScript that it carries.
    ["package", "--allow-dirty"],
    ["doc", "--no-deps", "--lib", "--features", "ethora,webex"],
    ["doc", "--no-deps", "--lib", "--target", "wasm32-unknown-unknown", "--features", "bindings"],
  ];
  // What Cargo.toml promises of a backend and of a widget. In a folder of its own, which stays small.
  const oldest = [
    ["check", "--locked", "--features", "ethora,webex", "--target-dir", "target/oldest-rust"],
    ["check", "--locked", "--target", "wasm32-unknown-unknown", "--target-dir", "target/oldest-rust"],
  ];
  const commands = [...rust.map((args) => ["cargo", ...args]), ...oldest.map((args) => ["rustup", "run", oldestRust(), "cargo", ...args])];
  let good = biome === 0;
  for (const [command, ...args] of commands) {
    say(`${command} ${args.join(" ")}`);
    const code = await run(command, args, { env: { RUSTDOCFLAGS: "-D warnings" }, timeoutMs: PART_TIMEOUT });
    if (code !== 0) good = false;
  }
  if (canListPublicApi()) {
    say("comparing the public API with docs/public-api.txt");
    if (!(await isPublicApiListed())) good = false;
  } else {
    say("the public API is not compared: npm run public-api installs what that takes");
  }
  // TypeScript was checked by the build.
  say("scanning dist/ for what a strict Content-Security-Policy forbids");
  const findings = scan(path.join(root, "dist"));
  for (const finding of findings) console.error(finding);
  return asOne(good && findings.length === 0);
}

async function unit(tools) {
  say("cargo test");
  const rust = await cargoTests("cargo", ["test", "--no-fail-fast", "--features", "ethora,webex"]);
  say("node --test tests/unit");
  const node = await nodeTests("tests/unit", { env: environment(tools, { php: "PHP_PATH", python3: "PYTHON_PATH" }) });
  return sum(rust, node);
}

/** The tests of the Rust face, in Chromium and in Firefox. */
async function wasm({ wasmBindgen, wasmPack, chrome, chromedriver, firefox, geckodriver }) {
  const work = mkdtempSync(path.join(os.tmpdir(), "authframe-wasm-"));
  try {
    // A driver may know another browser than the one that was found, or none. Each passes over what is meant for the other.
    const capabilities = JSON.parse(readFileSync(path.join(root, "webdriver.json"), "utf8"));
    capabilities["goog:chromeOptions"].binary = chrome;
    if (firefox) capabilities["moz:firefoxOptions"] = { binary: firefox };
    const webdriver = path.join(work, "webdriver.json");
    writeFileSync(webdriver, JSON.stringify(capabilities));
    const env = {
      // wasm-pack takes the test runner it finds there, if its version fits, and downloads nothing.
      PATH: path.dirname(wasmBindgen) + path.delimiter + process.env.PATH,
      WASM_BINDGEN_TEST_WEBDRIVER_JSON: webdriver,
      WASM_BINDGEN_TEST_TIMEOUT: process.env.WASM_BINDGEN_TEST_TIMEOUT ?? "120",
    };
    const inBrowser = async (browser, driver, only = []) => {
      say(`wasm-pack test in ${browser}`);
      // What stands after "--" is handed to cargo test.
      const args = ["test", "--headless", ...driver, "--mode", "no-install", "--", "--features", "bindings", ...only];
      const result = await cargoTests(wasmPack, args, env);
      return { ...result, failures: result.failures.map((name) => `${name} (${browser})`) };
    };
    const inChromium = await inBrowser("Chromium", ["--chrome", "--chromedriver", chromedriver]);
    const reason = await whyNoFirefox(firefox);
    if (reason) {
      say(`no Firefox starts here, so only Chromium has run them (${reason})`);
      return inChromium;
    }
    // The run above has built everything for wasm; what a browser runs is in tests/web.
    return sum(inChromium, await inBrowser("Firefox", ["--firefox", "--geckodriver", geckodriver], ["--test", "web"]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function e2e(tools) {
  // Most of their time is waiting: two cores are busy to less than a half with two files at a time.
  return nodeTests("tests/e2e", { concurrency: 3, env: { CHROME_PATH: tools.chrome, ...environment(tools, { prosody: "PROSODY_PATH" }) } });
}

/** Where the tools are that only some tests need, and which of them no test may be skipped without. */
function environment(tools, variables) {
  const found = Object.entries(variables).filter(([name]) => tools[name]);
  const paths = found.map(([name, variable]) => [variable, tools[name]]);
  return { ...Object.fromEntries(paths), AUTHFRAME_REQUIRED: requiredTools(Object.keys(variables), tools) };
}

/** What can be tested by what puppeteer and Playwright have in common. */
async function inFirefox({ firefox }) {
  const reason = await whyNoFirefox(firefox);
  if (reason) {
    say(`no Firefox starts here, so this part is left out (${reason})`);
    return { passed: 0, failed: 0 };
  }
  return nodeTests("tests/e2e", { concurrency: 2, env: { AUTHFRAME_BROWSER: "firefox", FIREFOX_PATH: firefox }, only: FIREFOX });
}

/** A Firefox is optional, and in some containers it does not start: what it says then, or `null` if it starts. */
async function whyNoFirefox(firefox) {
  if (!firefox) return "none was found";
  const { launchFirefox } = await import("../tests/e2e/firefox.mjs");
  process.env.FIREFOX_PATH = firefox;
  try {
    await (await launchFirefox()).close();
    return null;
  } catch (error) {
    return String(error.message).split("\n")[0];
  }
}

/** Runs what prints cargo's `test result: ok. 3 passed; 0 failed; …` lines, and adds them up. */
async function cargoTests(command, args, env) {
  let output = "";
  const code = await run(command, args, {
    env,
    timeoutMs: PART_TIMEOUT,
    onOutput: (text) => {
      output += text;
    },
  });
  const plain = output.replaceAll(/\x1b\[[0-9;]*m/g, "");
  const counts = [...plain.matchAll(/^test result: .*?(\d+) passed; (\d+) failed/gm)].map(([, passed, failed]) => ({
    passed: Number(passed),
    failed: Number(failed),
  }));
  const failures = [...plain.matchAll(/^test (.+) \.\.\. FAILED?$/gim)].map(([, name]) => name);
  return judge({ ...sum(...counts), failures }, code);
}

/** Runs the *.test.mjs files of a folder, or only some of them, with node's own test runner, each in a process of its own. */
async function nodeTests(folder, { concurrency = 1, env = {}, only = null } = {}) {
  const files = readdirSync(path.join(root, folder)).filter((file) => file.endsWith(".test.mjs") && (!only || only.includes(file)));
  if (files.length === 0) {
    console.error(`${folder} holds no *.test.mjs file.`);
    return asOne(false);
  }
  // Those that wait longest begin first: else the last one runs alone.
  files.sort((one, other) => (LONGEST.indexOf(one) >>> 0) - (LONGEST.indexOf(other) >>> 0) || (one < other ? -1 : 1));
  Object.assign(process.env, env);
  const result = { passed: 0, failed: 0, failures: [] };
  const tests = runTests({ files: files.map((file) => path.join(root, folder, file)), concurrency, timeout: PART_TIMEOUT });
  // A suite fails with its tests, or by itself.
  const isTest = ({ details, skip, todo }) =>
    (details.type !== "suite" || (details.error && details.error.failureType !== "subtestsFailed")) &&
    skip === undefined &&
    todo === undefined;
  tests.on("test:pass", (event) => {
    if (isTest(event)) result.passed++;
  });
  tests.on("test:fail", (event) => {
    if (!isTest(event)) return;
    result.failed++;
    const error = event.details.error?.cause ?? event.details.error;
    result.failures.push(`${event.name}\n        ${String(error?.message ?? error).slice(0, 1000)}`);
  });
  await pipeline(tests, new spec(), process.stdout, { end: false });
  return judge(result, 0);
}

/** A program that failed without a counted failure, or that ran no test at all, is a failure of its own. */
function judge({ passed, failed, failures }, code) {
  if (failed === 0 && (code !== 0 || passed === 0)) return { passed, failed: 1, failures };
  return { passed, failed, failures };
}

function asOne(good) {
  return good ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function sum(...results) {
  const none = { passed: 0, failed: 0, failures: [] };
  return results.reduce(
    (all, { passed, failed, failures = [] }) => ({
      passed: all.passed + passed,
      failed: all.failed + failed,
      failures: [...all.failures, ...failures],
    }),
    none,
  );
}

await whenMain(import.meta.url, async () => {
  const results = await test(process.argv.slice(2));
  console.log("\n━━ summary ━━\n");
  for (const { name, failures = [] } of results) for (const failure of failures) console.log(`${name}: ${failure}\n`);
  for (const { name, seconds, passed, failed } of results) {
    const tests = passed + failed === 0 ? "" : `${passed} of ${passed + failed}`;
    console.log(`${failed === 0 ? "ok    " : "FAILED"}  ${name.padEnd(6)}${tests.padStart(12)}${seconds.toFixed(1).padStart(9)} s`);
  }
  const { passed, failed } = sum(...results);
  if (failed > 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${failed} failed`);
});
