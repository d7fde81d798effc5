/**
 * What every end-to-end test stands on: the demo server, a real Chromium as a user has it, and a check after each test that no page posted to
 * `*`, that nothing was thrown and not caught, and that no page broke its own Content-Security-Policy.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test as nodeTest } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../www/serve.mjs";
import { instrument } from "./instrument.mjs";

const ARTIFACTS = fileURLToPath(new URL("../artifacts/", import.meta.url));

/** Playwright's own list less `ThirdPartyStoragePartitioning`: its default turns partitioning off, which no user does. */
const DISABLED_FEATURES = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "MediaRouter",
  "PaintHolding",
  "OptimizationHints",
];

/** Which browser the tests are to run in: few can in another one. */
export const firefox = process.env.AUTHFRAME_BROWSER === "firefox";

/** A test that hangs fails, and does not keep the others from running. */
export const test = (name, body, timeout = 90_000) => nodeTest(name, { timeout }, body);

/**
 * One browser for all tests of a file.
 * @param {{preferences?: object, disableFeatures?: string[], args?: string[], blockPopups?: boolean, startXmpp?: () => Promise<object>}} [options] `blockPopups`: as a user's browser does
 * where no user clicked; Playwright's default is not to
 */
export function browserForThisFile(options = {}) {
  const lab = {};
  before(async () => {
    const { launchFirefox } = firefox ? await import("./firefox.mjs") : {};
    Object.assign(lab, firefox ? await launchFirefox() : await launch(options));
  });
  afterEach(async () => {
    await lab.checkClean();
  });
  after(async () => {
    await lab.close?.();
  });
  return lab;
}

/** `profile`: a folder that is kept; else a new one, which is removed at the end. `port`: of the server; a page's origin has it. `startXmpp`: resolves with an XMPP server (tests/servers/prosody.mjs). */
export async function launch({
  preferences,
  disableFeatures = [],
  args = [],
  profile: kept,
  port = 0,
  blockPopups = false,
  startXmpp,
} = {}) {
  /** What has begun, each with what ends it. */
  const ends = [];
  const begin = async (starting, end) => {
    const begun = await starting;
    ends.unshift(() => end(begun));
    return begun;
  };
  /** The last first, and each of them, also where another one fails. */
  const endAll = async () => {
    const failures = [];
    for (const end of ends.splice(0)) await end().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  const start = async () => {
    const xmpp = startXmpp && (await begin(startXmpp(), (xmpp) => xmpp.close()));
    const server = await begin(serve({ port, xmpp }), (server) => server.close());
    const remove = (folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 });
    const profile = kept ?? (await begin(mkdtemp(join(tmpdir(), "authframe-e2e-")), remove));
    if (preferences) {
      await mkdir(join(profile, "Default"));
      await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
    }
    const browser = chromium.launchPersistentContext(profile, browserOptions({ disableFeatures, args, blockPopups }));
    return { server, context: await begin(browser, (context) => context.close()) };
  };
  const { server, context } = await start().catch(async (error) => {
    // What it could not begin for is worth more than what could not be ended.
    await endAll().catch(() => {});
    throw error;
  });

  context.setDefaultTimeout(15_000);
  const seen = { posts: [], errors: [], violations: [] };
  await context.exposeBinding("__e2eReport", (_source, text) => {
    const entry = JSON.parse(text);
    if (entry.kind === "post") seen.posts.push(entry);
    if (entry.kind === "violation") seen.violations.push(entry);
  });
  await context.addInitScript(instrument);
  context.on("weberror", (event) => seen.errors.push(String(event.error()?.stack ?? event.error())));

  let expectedViolations = () => false;
  let counter = 0;
  const lab = {
    context,
    server,
    seen,
    origin: (name) => `http://${name}.localhost:${server.port}`,
    url: (name, path = "/") => `http://${name}.localhost:${server.port}${path}`,
    /** A storage namespace that no other test uses, so that tests do not reach each other. */
    freshNamespace: () => `t${process.pid}-${++counter}`,
    allowViolations(predicate) {
      expectedViolations = predicate;
    },
    async tab(name, path = "/", prepare) {
      const page = await context.newPage();
      if (prepare) await page.addInitScript(prepare);
      await page.goto(lab.url(name, path));
      return page;
    },
    /** An empty page with the package at hand: `load("authframe")`. */
    async lab(name, path = "/lab", prepare) {
      const page = await lab.tab(name, path, prepare);
      await page.waitForFunction(() => window.labReady);
      return page;
    },
    /** Lets every page finish what it has begun: two turns of each event loop, and what they report has arrived. */
    async quiet() {
      const settle = () => new Promise((done) => setTimeout(() => setTimeout(done, 50), 50));
      await Promise.all(
        context
          .pages()
          .flatMap((page) => page.frames())
          .map((frame) => frame.evaluate(settle).catch(() => {})),
      );
    },
    /** Whether one of these pages goes on while the other one's main thread is busy. */
    async separateProcesses(one, two) {
      const busy = one.evaluate(() => {
        const end = performance.now() + 1500;
        while (performance.now() < end);
        return Date.now();
      });
      const free = await two.evaluate(() => Date.now());
      return (await busy) - free > 500;
    },
    async screenshot(page, name, options = {}) {
      await mkdir(ARTIFACTS, { recursive: true });
      const path = join(ARTIFACTS, `${name}.png`);
      await page.screenshot({ path, animations: "disabled", ...options });
      return path;
    },
    /** Called after each test: what no test may ever cause. Then everything is closed, so that tests start alike. */
    async checkClean() {
      await lab.quiet();
      for (const page of context.pages().slice(1)) await page.close();
      await context.pages()[0].goto("about:blank");
      await context.clearCookies();
      // Only now, so that nothing of this test is reported in the next one.
      const { posts, errors, violations } = seen;
      const unexpected = violations.filter((violation) => !expectedViolations(violation));
      const report = { stars: posts.filter((post) => post.target === "*"), errors: [...errors], violations: unexpected };
      posts.length = errors.length = violations.length = 0;
      expectedViolations = () => false;
      assert.deepEqual(
        report,
        { stars: [], errors: [], violations: [] },
        "D13: a postMessage to *, an uncaught error, or a policy violation",
      );
    },
    close: endAll,
  };
  return lab;
}

function browserOptions({ disableFeatures, args, blockPopups }) {
  return {
    executablePath: findChromium(),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    // The last --disable-features counts, so this list replaces Playwright's. ground.test.mjs proves that it did.
    ignoreDefaultArgs: ["--disable-back-forward-cache", ...(blockPopups ? ["--disable-popup-blocking"] : [])],
    args: [
      `--disable-features=${[...DISABLED_FEATURES, ...disableFeatures].join(",")}`,
      "--disable-gpu",
      "--disable-quic",
      "--disable-sync",
      ...args,
    ],
    viewport: { width: 1280, height: 900 },
  };
}

/**
 * Clicks as a user does: on what they see. The page is brought to the front and the click waits until the browser brings input to the frame. A frame of
 * another site that is not drawn yet, or whose page lies behind another one, gets no events although the page that embeds it takes them, and nothing
 * reports a click that is lost. So no test clicks in another way (tests/unit/borders.test.mjs).
 * @param {import("playwright-core").Locator | import("playwright-core").ElementHandle} button
 */
export async function press(button) {
  await underThePointer(button);
  await button.click();
}

/** Waits until a frame gets what the mouse does over one of its elements. */
export async function underThePointer(button) {
  // Playwright's locators and handles, and puppeteer's handles.
  const element = (await button.elementHandle?.()) ?? button;
  await element.waitForElementState?.("visible");
  // A disabled one gets no pointer events.
  await element.waitForElementState?.("enabled");
  const frame = element.frame ?? (await element.ownerFrame());
  await frame.page().bringToFront();
  const intoView = (element) => element.scrollIntoView({ block: "nearest", inline: "nearest" });
  await frame.evaluate(() => {
    window.pointed = false;
    addEventListener("pointermove", () => (window.pointed = true), { capture: true, once: true });
  });
  if (frame.parentFrame()) await (await frame.frameElement()).evaluate(intoView);
  await button.evaluate(intoView);
  const { x, y, width, height } = await button.boundingBox();
  const deadline = Date.now() + 15_000;
  for (let turn = 0; !(await frame.evaluate(() => window.pointed)); turn++) {
    if (Date.now() > deadline) throw new Error("the frame gets no pointer events");
    await frame.page().mouse.move(x + width / 2 + (turn % 2), y + height / 2);
  }
}

export function findChromium() {
  const candidates = [process.env.CHROME_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = candidates.find((path) => path && existsSync(path));
  assert.ok(found, "No Chrome or Chromium found. Install one or set CHROME_PATH.");
  return found;
}

/** The frame of this page whose document comes from `origin` (the newest, or the nth). Waits for it. */
export async function frameOf(page, origin, index = 0) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const frame = page.frames().filter((frame) => frame.parentFrame() && frame.url().startsWith(origin))[index];
    if (frame) return frame;
    const left = deadline - Date.now();
    assert.ok(left > 0, `no frame ${index} of ${origin} in ${page.url()}`);
    await page.waitForEvent("framenavigated", { timeout: Math.min(left, 250) }).catch(() => {});
  }
}
