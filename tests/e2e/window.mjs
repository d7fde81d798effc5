/**
 * A window with tabs, of which one is seen: the others are hidden, slowed down, and can be frozen, as a user's are. Playwright keeps every page visible, and Chromium freezes no page that is
 * visible, so this is puppeteer.
 */
import puppeteer from "puppeteer-core";
import { serve } from "../../www/serve.mjs";
import { findChromium } from "./browser.mjs";

/** What puppeteer switches off that slows hidden tabs down. */
const KEPT = ["--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"];

export async function launchWindow() {
  const server = await serve({ port: 0 });
  const browser = await puppeteer.launch({
    executablePath: findChromium(),
    headless: true,
    args: ["--disable-gpu", "--disable-quic", "--disable-sync", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
    ignoreDefaultArgs: KEPT,
    // The soak closes and opens for ten minutes.
    protocolTimeout: 60_000,
  });
  const errors = [];
  return {
    errors,
    /** A new tab of the widget's site, in front of the others, with the package at hand: `load("authframe")`. */
    async open() {
      const page = await browser.newPage();
      page.on("pageerror", (error) => errors.push(String(error?.stack ?? error)));
      await page.goto(`http://widget.localhost:${server.port}/lab`);
      await page.waitForFunction(() => window.labReady);
      const devtools = await page.createCDPSession();
      const state = (state) => devtools.send("Page.setWebLifecycleState", { state });
      await page.evaluate(() => {
        window.frozen = 0;
        document.addEventListener("freeze", () => window.frozen++);
      });
      return {
        page,
        devtools,
        /** Only a tab that is hidden; says whether it is frozen then. */
        async freeze() {
          const before = await page.evaluate(() => window.frozen);
          await state("frozen");
          return (await page.evaluate(() => window.frozen)) > before;
        },
        thaw: () => state("active"),
      };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
