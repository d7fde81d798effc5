/** Every page of the demo, and the widgets in it, by the automatic accessibility check axe: light and dark, narrow and wide. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A site, a path, and what must be there before it is looked at. */
const PAGES = [
  ["host", "/", () => document.querySelector("iframe")],
  ["host", "/tokens.html", () => document.querySelector("iframe")],
  ["host", "/xbees.html", () => document.querySelector("iframe")],
  ["host", "/crm.html", () => document.querySelector("iframe")],
  ["host", "/ethora.html", () => window.chat],
  ["host", "/edna.html", () => window.chat],
  ["host", "/webex.html", () => window.widget],
  ["widget", "/", () => window.bridge],
  ["widget", "/callback.html", () => window.outcome],
  ["evil", "/", () => document.body],
  ["menu", "/", () => document.body],
];

for (const [site, path, ready] of PAGES) {
  test(`axe finds nothing on ${site}${path}`, async () => {
    for (const [width, colorScheme] of [
      [360, "dark"],
      [1440, "light"],
    ]) {
      const page = await lab.context.newPage();
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.goto(lab.url(site, path));
      await until(page, ready);
      await lab.quiet();
      for (const frame of page.frames()) {
        // Each frame by itself: between two sites axe cannot talk.
        await frame.evaluate(axe);
        const found = await frame.evaluate(() =>
          window.axe
            .run(document, { iframes: false, resultTypes: ["violations"] })
            .then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))])),
        );
        assert.deepEqual(found, [], `${frame.url()} at ${width} px, ${colorScheme}`);
      }
      await page.close();
    }
  });
}
