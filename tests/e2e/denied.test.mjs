/** Storage that the browser really denies, by a preference, as a user sets it. One browser for each way. */
import assert from "node:assert/strict";
import { demo, embedded, hostSees, shown } from "./actors.mjs";
import { launch, press, test } from "./browser.mjs";

const BLOCK_THIRD_PARTY_COOKIES = { profile: { cookie_controls_mode: 1 } };

const inBrowser = (name, options, body) =>
  test(name, async (t) => {
    const lab = await launch(options);
    try {
      await body(lab, t);
      await lab.checkClean();
    } finally {
      await lab.close();
    }
  });

const accessOf = (frame) =>
  frame.evaluate(() => {
    try {
      return typeof window.localStorage.getItem("x");
    } catch (error) {
      return error.name;
    }
  });

async function worksFromMemory(lab) {
  const { page, frame } = await embedded(lab);
  assert.equal(await accessOf(frame), "SecurityError", "the browser does deny it");
  const environment = await frame.evaluate(() => bridge.environment());
  assert.deepEqual([environment.storage, environment.shares, environment.scope], ["memory", "tab", "cross-site-frame"]);
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  await page.evaluate(() => widget.signOut());
  await hostSees(page, "unauthorized");
  const findings = await frame.evaluate(() => bridge.diagnose());
  assert.ok(findings.length > 0, "diagnose() says what that means");
}

inBrowser(
  "storage denied: third-party cookies blocked, no partitioned storage in their place: the widget connects and reports memory",
  { preferences: BLOCK_THIRD_PARTY_COOKIES, disableFeatures: ["ThirdPartyStoragePartitioning"] },
  worksFromMemory,
);

inBrowser(
  "storage denied: the user blocks the widget's site data: the widget connects and reports memory",
  {
    preferences: {
      profile: {
        content_settings: { exceptions: { cookies: { "[*.]widget.localhost,*": { setting: 2, last_modified: "13300000000000000" } } } },
      },
    },
  },
  worksFromMemory,
);

inBrowser(
  "storage denied: the demo page says so, and its widget signs in all the same",
  { preferences: BLOCK_THIRD_PARTY_COOKIES, disableFeatures: ["ThirdPartyStoragePartitioning"] },
  async (lab) => {
    const { page, frame } = await demo(lab);
    await press(frame.locator("text=Sign in as Ada"));
    await shown(page, "Signed in as Ada Lovelace");
    assert.equal(await frame.textContent("#storage"), "memory");
    await lab.screenshot(page, "storage-denied");
  },
);

inBrowser(
  "third-party cookies blocked in a browser with partitioned storage: the tier is local, as the browser allows it",
  { preferences: BLOCK_THIRD_PARTY_COOKIES },
  async (lab) => {
    const { frame } = await embedded(lab);
    assert.equal((await frame.evaluate(() => bridge.environment())).storage, "local");
  },
);
