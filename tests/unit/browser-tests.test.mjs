/** Rules for tests/e2e that one lost click or one slow machine has taught. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "./compile.mjs";

const folder = path.join(root, "tests/e2e");
const lines = readdirSync(folder)
  .filter((file) => file.endsWith(".mjs"))
  .flatMap((file) =>
    readFileSync(path.join(folder, file), "utf8")
      .split("\n")
      .map((text) => ({ file, text: text.trim() })),
  );

test("a browser test clicks by press(), which waits until the frame gets input: a click that is lost is reported by nobody", () => {
  const clicks = lines.filter(({ text }) => /\.click\(/.test(text)).map(({ file, text }) => `${file}: ${text}`);
  assert.deepEqual(clicks, ["browser.mjs: await button.click();", "popups.mjs: await button.click();"]);
});

test("a Firefox that does not start leaves nothing that keeps the process running", () => {
  const program =
    'import("./tests/e2e/firefox.mjs").then((module) => module.launchFirefox()).catch(() => console.log("it does not start"));';
  // Any program that ends at once.
  const env = { ...process.env, FIREFOX_PATH: process.execPath };
  const { stdout, status } = spawnSync(process.execPath, ["-e", program], { cwd: root, env, encoding: "utf8", timeout: 60_000 });
  assert.equal(stdout, "it does not start\n");
  assert.equal(status, 0);
});
