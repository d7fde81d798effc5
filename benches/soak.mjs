/**
 * `npm run soak`: a busy person's browser. Twenty tabs, for ten minutes (`-- 2`: for two): one after another signs in, signs out, is frozen, woken, closed and replaced by a new one.
 * At the end all that live agree, nothing was thrown, and the tab that lived through all of it has not grown.
 */
import assert from "node:assert/strict";
import { launch } from "../tests/e2e/browser.mjs";
import { build } from "../scripts/build.mjs";
import { say, whenMain } from "../scripts/common.mjs";
import { setup } from "../scripts/setup.mjs";

const TABS = 20;
const SUBJECTS = ["ada", "grace", "edith", "joan"];
const pick = (list) => list[Math.floor(Math.random() * list.length)];

export async function soak({ minutes = 10 } = {}) {
  await build();
  process.env.CHROME_PATH = (await setup({ browser: true })).chrome;
  const lab = await launch();
  const namespace = lab.freshNamespace();
  const done = {};
  const open = async () => {
    const page = await lab.lab("widget");
    const browser = await lab.context.newCDPSession(page);
    await page.evaluate(async (namespace) => {
      const { connect } = await window.load("authframe");
      window.bridge = await connect({ hosts: ["https://nobody.example"], namespace });
      window.heard = 0;
      bridge.subscribe(() => void window.heard++);
    }, namespace);
    return { page, browser, frozen: false };
  };
  const wake = async (tab) => {
    if (!tab.frozen) return;
    await tab.browser.send("Page.setWebLifecycleState", { state: "active" });
    tab.frozen = false;
  };
  const heap = async ({ browser }) => {
    await browser.send("HeapProfiler.collectGarbage");
    return (await browser.send("Runtime.getHeapUsage")).usedSize;
  };
  try {
    const tabs = [];
    for (let n = 0; n < TABS; n++) tabs.push(await open());
    const [witness] = tabs;
    const act = {
      async signIn(tab) {
        if (!tab.frozen) await tab.page.evaluate((subject) => bridge.authorize({ account: { subject } }), pick(SUBJECTS));
      },
      async signOut(tab) {
        if (!tab.frozen) await tab.page.evaluate(() => bridge.unauthorized());
      },
      async freeze(tab) {
        if (tab === witness || tab.frozen) return;
        await tab.browser.send("Page.setWebLifecycleState", { state: "frozen" });
        tab.frozen = true;
      },
      wake,
      async close(tab) {
        if (tab === witness) return;
        await wake(tab);
        await tab.page.close();
        tabs[tabs.indexOf(tab)] = await open();
      },
    };
    const usual = Object.keys(act);
    // What is loaded once is no growth.
    for (let n = 0; n < 40; n++) await act[pick(["signIn", "signOut"])](pick(tabs));
    const before = await heap(witness);
    say(`${minutes} minutes with ${TABS} tabs`);
    const end = performance.now() + minutes * 60_000;
    while (performance.now() < end) {
      const name = pick(usual);
      await act[name](pick(tabs));
      done[name] = (done[name] ?? 0) + 1;
    }
    for (const tab of tabs) await wake(tab);
    // One more, which everybody has to hear.
    await witness.page.evaluate(() => bridge.authorize({ account: { subject: "last" } }));
    const version = (page) => page.evaluate(() => [bridge.session.status, bridge.session.epoch, bridge.session.sequence, bridge.session.writer].join(" "));
    const wanted = await version(witness.page);
    for (const { page } of tabs) {
      await page.waitForFunction((wanted) => [bridge.session.status, bridge.session.epoch, bridge.session.sequence, bridge.session.writer].join(" ") === wanted, wanted, { timeout: 15_000, polling: 50 });
    }
    const after = await heap(witness);
    const heard = await witness.page.evaluate(() => window.heard);
    console.log(JSON.stringify({ done, version: wanted, heard, heap: [before, after].map((bytes) => `${(bytes / 1024).toFixed(0)} KiB`), errors: lab.seen.errors.length }));
    assert.deepEqual(lab.seen.errors, []);
    assert.ok(after < before + 256 * 1024, `the heap has grown from ${before} to ${after}`);
  } finally {
    await lab.close();
  }
}

await whenMain(import.meta.url, () => soak({ minutes: Number(process.argv[2] ?? 10) }));
