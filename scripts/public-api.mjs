// `npm run public-api`: writes what the Rust crate offers to docs/public-api.txt, so that a change of it is seen in review. `npm run public-api -- --check` only compares, as `npm run lint` does.
// rustdoc's JSON, which it is made of, is only in nightly toolchains and changes between them: both the toolchain and the tool are pinned.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ask, Failure, root, say, whenMain } from "./common.mjs";
import { cargoTool, installCargoTool, rustup } from "./setup.mjs";

const LISTING = "docs/public-api.txt";
const TOOLCHAIN = "nightly-2026-05-20";
const TOOL = ["cargo-public-api", "0.52.0", ["cargo-public-api"]];

// Without what every type has by itself (`Send`, `Unpin`) and by what it is (`Any`, `Into`).
const OPTIONS = ["--features", "ethora,webex", "-ss", "--color", "never", "--target-dir", "target/public-api"];

/** Whether what makes the listing is there already. */
export function canListPublicApi() {
  return hasToolchain() && cargoTool(...TOOL) !== null;
}

const hasToolchain = () => (ask("rustup", ["toolchain", "list"]) ?? "").split("\n").some((line) => line.startsWith(`${TOOLCHAIN}-`));

/** Whether the listing that is checked in is that of the sources; says what differs. */
export async function isPublicApiListed() {
  const [before, now] = [checkedIn(), await listing()].map((text) => text.split("\n"));
  const [gone, added] = [except(before, now), except(now, before)];
  for (const line of gone) console.error(`- ${line}`);
  for (const line of added) console.error(`+ ${line}`);
  const listed = before.join("\n") === now.join("\n");
  if (!listed) console.error(`${LISTING} is stale: run npm run public-api.`);
  return listed;
}

async function listing() {
  if (!hasToolchain()) {
    say(`adding the Rust toolchain ${TOOLCHAIN}`);
    await rustup(["toolchain", "install", TOOLCHAIN, "--profile", "minimal"]);
  }
  const bin = await installCargoTool("cargo-public-api", ...TOOL);
  const { status, stdout } = spawnSync("cargo", [`+${TOOLCHAIN}`, "public-api", ...OPTIONS], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: bin + path.delimiter + process.env.PATH },
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Failure("The public API could not be listed: see the message above.");
  return stdout;
}

function checkedIn() {
  try {
    return readFileSync(path.join(root, LISTING), "utf8");
  } catch {
    return "";
  }
}

const except = (lines, others) => {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
};

await whenMain(import.meta.url, async () => {
  if (process.argv.includes("--check")) {
    if (!(await isPublicApiListed())) throw new Failure("The public API has changed.");
    return;
  }
  writeFileSync(path.join(root, LISTING), await listing());
  say(LISTING);
});
