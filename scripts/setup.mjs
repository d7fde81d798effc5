// Installs what the other scripts need and is not there yet, and says so while it does it.
// Tools go to a cache folder of the user, one folder a version, so that a second checkout finds them.
// Node builtins only: it is what installs the packages.
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ask, Failure, findOnPath, isProgram, must, root, run, say, whenMain, windows } from "./common.mjs";

const WASM_TARGET = "wasm32-unknown-unknown";
const WASM_PACK = "0.15.1";
const TRUNK = "0.21.14";
const GECKODRIVER = "0.37.1";

/**
 * @param browser      a Chrome or Chromium is needed
 * @param wasmPack     wasm-pack and a chromedriver that fits the browser are needed
 * @param firefox      a Firefox is wanted; without one the result has none
 * @param geckodriver  a Firefox and its driver are wanted; without a Firefox the result has neither
 * @param prosody      an XMPP server is wanted; without one the result has none
 * @param php          a PHP is wanted; without one the result has none
 * @param python3      a Python is wanted; without one the result has none
 * @param trunk        the builder of an example is needed
 * @param lint         rustfmt, clippy and the oldest Rust that is supported are needed
 * @returns the paths of the programs; `null` for what was not asked for
 */
export async function setup({
  browser = false,
  wasmPack = false,
  lint = false,
  firefox = false,
  geckodriver = false,
  prosody = false,
  php = false,
  python3 = false,
  trunk = false,
} = {}) {
  await installPackages();
  await installRustParts(lint);
  const bindgenVersion = wasmBindgenVersion();
  const bindgenBin = await installCargoTool("wasm-bindgen-cli", "wasm-bindgen", bindgenVersion, [
    "wasm-bindgen",
    "wasm-bindgen-test-runner",
  ]);
  const packBin = wasmPack ? await installCargoTool("wasm-pack", "wasm-pack", WASM_PACK, ["wasm-pack"]) : null;
  const { chrome, chromedriver } = await installBrowser({ chrome: browser || wasmPack, chromedriver: wasmPack });
  const firefoxPath = firefox || geckodriver ? await installOptional("FIREFOX_PATH", ["firefox-esr", "firefox"], "firefox-esr") : null;
  const drivesFirefox = geckodriver && firefoxPath;
  const geckodriverBin = drivesFirefox ? await installCargoTool("geckodriver", "geckodriver", GECKODRIVER, ["geckodriver"]) : null;
  return {
    wasmBindgen: path.join(bindgenBin, program("wasm-bindgen")),
    wasmPack: packBin && path.join(packBin, program("wasm-pack")),
    chrome,
    chromedriver,
    trunk: trunk ? path.join(await installCargoTool("trunk", "trunk", TRUNK, ["trunk"]), program("trunk")) : null,
    firefox: firefoxPath,
    geckodriver: geckodriverBin && path.join(geckodriverBin, program("geckodriver")),
    // It is not asked for its version: it would start as a server.
    prosody: prosody ? await installOptional("PROSODY_PATH", ["prosody"], "prosody", () => true) : null,
    php: php ? await installOptional("PHP_PATH", ["php"], "php-cli") : null,
    python3: python3 ? await installOptional("PYTHON_PATH", ["python3"], "python3") : null,
  };
}

/**
 * The tools without which a test fails instead of being skipped, as AUTHFRAME_REQUIRED lists them: those of `names` that are there, and all of them where set-up installs what is missing.
 * @param tools what setup() has returned
 */
export const requiredTools = (names, tools, installs = canInstall()) => names.filter((name) => installs || tools[name]).join(",");

/** Whether Debian's packages are installed here. */
const canInstall = () => isDebian() && process.getuid?.() === 0;

async function installPackages() {
  const [major] = process.versions.node.split(".");
  if (Number(major) < 20) throw new Failure(`Node ${process.versions.node} is too old: 20 or newer is needed.`);
  // npm writes this file last, so it also distinguishes a finished install from an interrupted one.
  const installed = modified("node_modules/.package-lock.json");
  if (installed !== null && installed >= modified("package-lock.json")) return;
  say(
    installed === null
      ? "installing the npm packages of package-lock.json"
      : "package-lock.json has changed: installing the npm packages anew",
  );
  await must("The npm packages could not be installed: see the message of npm ci above.", "npm", ["ci"]);
}

async function installRustParts(lint) {
  if (!findOnPath("cargo") || !findOnPath("rustc"))
    throw new Failure("Rust was not found: install it with rustup, open a new shell, and run this again.");
  const library = ask("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  if (library === null || !existsSync(library)) {
    say(`adding the Rust target ${WASM_TARGET}`);
    await rustup(["target", "add", WASM_TARGET]);
  }
  if (lint) {
    const missing = [
      ["fmt", "rustfmt"],
      ["clippy", "clippy"],
    ].filter(([command]) => ask("cargo", [command, "--version"]) === null);
    if (missing.length > 0) {
      say("adding the Rust components that check the sources");
      await rustup(["component", "add", ...missing.map(([, component]) => component)]);
    }
    await installOldestRust();
  }
}

/** The oldest Rust that the crate promises to be compiled by, as Cargo.toml says it: "1.88". */
export function oldestRust() {
  const version = read("Cargo.toml")?.match(/^rust-version\s*=\s*"([^"]+)"/m)?.[1];
  if (!version) throw new Failure("Cargo.toml does not say a rust-version.");
  return version;
}

async function installOldestRust() {
  const version = oldestRust();
  const library = ask("rustup", ["run", version, "rustc", "--print", "target-libdir", "--target", WASM_TARGET]);
  if (library !== null && existsSync(library)) return;
  say(`adding Rust ${version}, the oldest that is supported`);
  await rustup(["toolchain", "install", version, "--profile", "minimal", "--target", WASM_TARGET]);
}

export async function rustup(args) {
  const hint = `Run "rustup ${args.join(" ")}" by hand (or install this part the way your Rust was installed), then run this again.`;
  if (!findOnPath("rustup")) throw new Failure(`rustup was not found. ${hint}`);
  await must(`rustup failed. ${hint}`, "rustup", args);
}

/** The command line tool must have exactly the version of the library, or the glue does not fit. */
function wasmBindgenVersion() {
  const lock = read("Cargo.lock")?.match(/name = "wasm-bindgen"\r?\nversion = "([^"]+)"/);
  const pinned = read("Cargo.toml")?.match(/^wasm-bindgen\s*=.*?"=(\d+\.\d+\.\d+)"/m);
  const version = (lock ?? pinned)?.[1];
  if (!version) throw new Failure("The version of wasm-bindgen is in neither Cargo.lock nor Cargo.toml.");
  return version;
}

const toolFolder = (name, version) => path.join(cacheFolder(), `${name}-${version}`);

/** The folder of programs that were installed from a crate, or `null`: they must all run with this version to count. */
export function cargoTool(name, version, programs) {
  const bin = path.join(toolFolder(name, version), "bin");
  return programs.every((each) => ask(path.join(bin, program(each)), ["--version"])?.includes(version)) ? bin : null;
}

/** Installs a crate's programs, if they are not there, and returns their folder. */
export async function installCargoTool(crate, name, version, programs) {
  const installed = cargoTool(name, version, programs);
  if (installed) return installed;

  const folder = toolFolder(name, version);
  say(`installing ${crate} ${version} into ${folder} (a few minutes, once for each version)`);
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    throw new Failure(`The folder ${folder} cannot be made: name another place for the tools in AUTHFRAME_CACHE.`);
  }
  // --force: an install that is there but does not run must not stop cargo from making a good one.
  const args = ["install", crate, "--version", version, "--root", folder, "--force"];
  // The lock file inside the crate can name a release that a registry mirror lacks.
  if ((await run("cargo", [...args, "--locked"], { cwd: folder })) !== 0) {
    say(`trying once more with the newest dependencies that ${crate} allows`);
    await run("cargo", args, { cwd: folder });
  }
  const bin = cargoTool(name, version, programs);
  if (!bin) throw new Failure(`${crate} ${version} could not be installed: see the message of cargo above.`);
  return bin;
}

async function installBrowser(need) {
  const found = () => ({
    chrome: need.chrome ? findChrome() : null,
    chromedriver: need.chromedriver ? findChromedriver() : null,
  });
  const complete = (tools) => Boolean((tools.chrome || !need.chrome) && (tools.chromedriver || !need.chromedriver));

  let tools = found();
  if (!complete(tools) && canInstall()) {
    await installFromDebian("chromium", "chromium-driver");
    tools = found();
  }
  if (need.chrome && !tools.chrome) {
    throw new Failure("No Chrome or Chromium was found: install one, or name its program in CHROME_PATH, then run this again.");
  }
  if (need.chromedriver && !tools.chromedriver) {
    throw new Failure(
      "No chromedriver was found: install the one of your browser's version, or name its program in CHROMEDRIVER_PATH, then run this again.",
    );
  }
  if (tools.chrome && tools.chromedriver && !windows) {
    const [browser, driver] = [tools.chrome, tools.chromedriver].map((file) => ask(file, ["--version"])?.match(/(\d+)\.\d+\.\d+/)?.[1]);
    if (browser !== driver) say(`note: the browser has version ${browser} and chromedriver ${driver}; they may not work together`);
  }
  return tools;
}

/** What only some tests need: they say that they are left out without it. */
async function installOptional(variable, programs, debianPackage, works = runs) {
  const find = () => named(variable) ?? programs.map(findOnPath).find((file) => file && works(file)) ?? null;
  if (!find() && canInstall()) await installFromDebian(debianPackage);
  return find();
}

async function installFromDebian(...packages) {
  say(`installing Debian's ${packages.join(" and ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { env });
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env });
}

function findChrome() {
  const given = named("CHROME_PATH");
  if (given) return given;
  const usual = [
    findOnPath("chromium"),
    findOnPath("chromium-browser"),
    findOnPath("google-chrome"),
    findOnPath("google-chrome-stable"),
    findOnPath("chrome"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ...[process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
      .filter(Boolean)
      .map((folder) => path.join(folder, "Google", "Chrome", "Application", "chrome.exe")),
  ];
  return usual.find((file) => file && isProgram(file) && runs(file)) ?? null;
}

function findChromedriver() {
  const given = named("CHROMEDRIVER_PATH");
  if (given) return given;
  const file = findOnPath("chromedriver");
  return file && runs(file) ? file : null;
}

/** Some systems put a script there that only says how to install the program. On Windows a browser asked for its version opens a window. */
function runs(file) {
  return windows || ask(file, ["--version"]) !== null;
}

function named(variable) {
  const file = process.env[variable];
  if (file && !isProgram(file)) throw new Failure(`${variable} names ${file}, which is not a program.`);
  return file || null;
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync("/etc/os-release", "utf8")) && findOnPath("apt-get") !== null;
  } catch {
    return false;
  }
}

function cacheFolder() {
  if (process.env.AUTHFRAME_CACHE) return path.resolve(process.env.AUTHFRAME_CACHE);
  return path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "authframe");
}

function program(name) {
  return windows ? `${name}.exe` : name;
}

function read(file) {
  try {
    return readFileSync(path.join(root, file), "utf8");
  } catch {
    return null;
  }
}

function modified(file) {
  return statSync(path.join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? null;
}

await whenMain(import.meta.url, async () => {
  const tools = await setup({ browser: true, wasmPack: true, lint: true });
  for (const [name, file] of Object.entries(tools)) say(`${name}: ${file}`);
});
