/**
 * The same lab in Firefox, for test files that use no more than both have: `AUTHFRAME_BROWSER=firefox node --test tests/e2e/reach.test.mjs`. Playwright drives only a Firefox of its own, so
 * this is puppeteer; its pages and frames are given Playwright's order of arguments where the two differ. What is thrown or posted to `*` is not watched here.
 */
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { serve } from "../../www/serve.mjs";

/** @param {{asked?: boolean}} [options] `asked`: what the user answers when a page asks for storage access. There is no user to click, so it is set beforehand, as in Firefox's own tests. */
export async function launchFirefox({ asked = false } = {}) {
  const executablePath = [process.env.FIREFOX_PATH, "/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("No Firefox was found: install one, or name its program in FIREFOX_PATH.");
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    extraPrefsFirefox: { "dom.storage_access.prompt.testing": true, "dom.storage_access.prompt.testing.allow": asked },
  });
  // After the browser: if that does not start, nothing may keep the process running.
  const server = await serve({ port: 0 });
  let counter = 0;
  const lab = {
    server,
    context: { newPage: async () => inOrder(await browser.newPage()) },
    origin: (name) => `http://${name}.localhost:${server.port}`,
    url: (name, path = "/") => `http://${name}.localhost:${server.port}${path}`,
    freshNamespace: () => `f${process.pid}-${++counter}`,
    async lab(name, path = "/lab") {
      const page = await lab.context.newPage();
      await page.goto(lab.url(name, path));
      await page.waitForFunction(() => window.labReady);
      return page;
    },
    async quiet() {
      const settle = () => new Promise((done) => setTimeout(() => setTimeout(done, 50), 50));
      for (const page of await browser.pages()) await Promise.all(page.frames().map((frame) => frame.evaluate(settle).catch(() => {})));
    },
    async checkClean() {
      for (const page of (await browser.pages()).slice(1)) await page.close();
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
  return lab;
}

/** Playwright: (what, argument, options). */
function inOrder(where) {
  const { waitForFunction, evaluateHandle } = where;
  where.waitForFunction = (what, argument, { timeout = 15_000 } = {}) =>
    waitForFunction.call(where, what, { timeout, polling: 25 }, argument);
  where.evaluateHandle = async (...asked) => {
    const handle = await evaluateHandle.apply(where, asked);
    if (handle.contentFrame) {
      const { contentFrame } = handle;
      handle.contentFrame = async () => inOrder(await contentFrame.call(handle));
    }
    return handle;
  };
  return where;
}
