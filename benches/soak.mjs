/**
 * `npm run soak`: a busy person's browser. Twenty tabs of one window, all but one of them hidden, for ten minutes (`-- 2`: for two): one after another signs in, signs out, is frozen, woken, closed
 * and replaced by a new one. At the end all that live agree, nothing was thrown, and the tab that lived through all of it has not grown. Its heap is measured every tenth of the time, after a
 * collection: what only fills up once is seen to stop.
 */
import assert from "node:assert/strict";
import { build } from "../scripts/build.mjs";
import { say, whenMain } from "../scripts/common.mjs";
import { setup } from "../scripts/setup.mjs";
import { launchWindow } from "../tests/e2e/window.mjs";

const TABS = 20;
const SUBJECTS = ["ada", "grace", "edith", "joan"];
const pick = (list) => list[Math.floor(Math.random() * list.length)];

export async function soak({ minutes = 10 } = {}) {
  await build();
  process.env.CHROME_PATH = (await setup({ browser: true })).chrome;
  const lab = await launchWindow();
  const done = {};
  const open = async () => {
    const tab = await lab.open();
    await tab.page.evaluate(async () => {
      const { connect } = await window.load("authframe");
      window.bridge = await connect({ hosts: ["https://nobody.example"] });
      window.received = 0;
      bridge.subscribe(() => void window.received++);
    });
    return { ...tab, isFrozen: false };
  };
  const heap = async ({ devtools }) => {
    // Twice: what the first one finds dead may hold others.
    for (let n = 0; n < 2; n++) await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize;
  };
  const kib = (bytes) => Math.round(bytes / 1024);
  try {
    const tabs = [];
    for (let n = 0; n < TABS; n++) tabs.push(await open());
    const [witness] = tabs;
    /** Each says whether it could be done. */
    const act = {
      async signIn(tab) {
        if (!tab.isFrozen) await tab.page.evaluate((subject) => bridge.authorize({ account: { subject } }), pick(SUBJECTS));
        return !tab.isFrozen;
      },
      async signOut(tab) {
        if (!tab.isFrozen) await tab.page.evaluate(() => bridge.signOut());
        return !tab.isFrozen;
      },
      async freeze(tab) {
        if (tab === witness || tab.isFrozen) return false;
        // The one that is seen cannot be.
        return (tab.isFrozen = await tab.freeze());
      },
      async wake(tab) {
        if (!tab.isFrozen) return false;
        await tab.thaw();
        tab.isFrozen = false;
        return true;
      },
      async close(tab) {
        if (tab === witness) return false;
        await tab.page.close();
        tabs[tabs.indexOf(tab)] = await open();
        return true;
      },
    };
    const usual = Object.keys(act);
    // What is loaded once is no growth.
    for (let n = 0; n < 40; n++) await act[pick(["signIn", "signOut"])](pick(tabs));
    say(`${minutes} minutes with ${TABS} tabs`);
    const heaps = [await heap(witness)];
    for (let part = 0; part < 10; part++) {
      const end = performance.now() + minutes * 6000;
      while (performance.now() < end) {
        const name = pick(usual);
        if (await act[name](pick(tabs))) done[name] = (done[name] ?? 0) + 1;
      }
      heaps.push(await heap(witness));
      say(`${kib(heaps.at(-1))} KiB, ${await witness.page.evaluate(() => window.received)} changes received`);
    }
    for (const tab of tabs) await act.wake(tab);
    // One more, which every tab has to receive.
    await witness.page.evaluate(() => bridge.authorize({ account: { subject: "last" } }));
    const version = () => [bridge.session.status, bridge.session.epoch, bridge.session.sequence, bridge.session.writer].join(" ");
    const wanted = await witness.page.evaluate(version);
    for (const { page } of tabs) {
      await page.waitForFunction(
        (wanted) => [bridge.session.status, bridge.session.epoch, bridge.session.sequence, bridge.session.writer].join(" ") === wanted,
        { timeout: 15_000, polling: 50 },
        wanted,
      );
    }
    console.log(JSON.stringify({ done, version: wanted, heapKiB: heaps.map(kib), errors: lab.errors.length }));
    assert.deepEqual(lab.errors, []);
    const [before, after] = [heaps[0], heaps.at(-1)];
    assert.ok(after < before + 256 * 1024, `the heap has grown from ${before} to ${after}`);
  } finally {
    await lab.close();
  }
}

await whenMain(import.meta.url, () => soak({ minutes: Number(process.argv[2] ?? 10) }));
