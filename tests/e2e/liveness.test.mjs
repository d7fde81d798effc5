/**
 * D62: a widget whose process has died says nothing any more, not even bye: its host finds out. One that is only busy or frozen is not given up.
 * Playwright calls the whole page crashed when the process of one frame is, so the host page is asked by a session of its own.
 */
import assert from "node:assert/strict";
import { embedded, hostSees, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile({ args: ["--site-per-process"] });

/** A widget in a process of its own, signed in. `say` asks the host page, also after the crash; `crash` ends the frame's process. */
async function pair() {
  const { page, frame } = await embedded(lab);
  await until(frame, () => window.bridge?.connection === "connected");
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  const host = await lab.context.newCDPSession(page);
  const process = await lab.context.newCDPSession(frame);
  const say = async (expression) => {
    const { result, exceptionDetails } = await host.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    assert.equal(exceptionDetails, undefined, exceptionDetails?.exception?.description);
    return result.value;
  };
  await say(`
    window.reached = (wanted, within) => new Promise((resolve) => {
      const start = performance.now();
      const late = setTimeout(() => resolve({ state: widget.connection, after: Infinity }), within);
      const stop = widget.onConnection((state) => {
        if (state !== wanted) return;
        clearTimeout(late);
        resolve({ state, after: performance.now() - start });
        queueMicrotask(() => stop());
      });
    });`);
  const crash = async () => {
    const crashed = page.waitForEvent("crash");
    process.send("Page.crash").catch(() => {});
    await crashed;
  };
  return { page, frame, say, crash };
}

/** Loads the frame anew, and waits for the connection of the new document. */
const reload = `new Promise((resolve, reject) => {
  states.length = 0;
  widget.frame.src = widget.frame.src;
  setTimeout(() => reject(new Error("it says " + states)), 15_000);
  const stop = widget.onConnection((state) => states.includes("connected") && (resolve(), queueMicrotask(() => stop())));
})`;
const assertBack = async (say) => {
  await say(reload);
  // The demo's widget has no such handler, and says so: it lives.
  assert.equal(await say(`widget.request("anybody?").catch((error) => error.code)`), "NO_HANDLER");
  await say(
    `new Promise((done) => { const stop = widget.subscribe(({ status }) => status === "authorized" && (done(), queueMicrotask(() => stop()))); })`,
  );
};

test("D62: the frame's process dies: without any call the host says disconnected within 40 s, shows nobody, and is connected again once the frame is loaded again, with what it said meanwhile", async () => {
  const { say, crash } = await pair();
  await crash();
  const { state, after } = await say(`reached("disconnected", 45_000)`);
  assert.equal(state, "disconnected");
  assert.ok(after < 40_000, `after ${Math.round(after)} ms`);
  assert.deepEqual(await say(`[widget.session.status, widget.session.account]`), ["unknown", null]);
  // What the host says meanwhile is said once the frame is back.
  await say(`widget.setIdentity({ account: "grace" }).catch(() => {}); undefined`);
  await say(reload);
  assert.equal(
    await say(
      `new Promise((done) => { setTimeout(() => done(JSON.stringify(widget.session)), 10_000); widget.subscribe(({ account }) => account?.subject === "grace" && done("grace")); })`,
    ),
    "grace",
  );
}, 120_000);

test("D62: the frame's process dies: after a request has timed out the host knows sooner, and what was under way fails as such", async () => {
  const { say, crash } = await pair();
  await crash();
  assert.equal(await say(`widget.request("anybody?", 1, { timeoutMs: 1000 }).catch((error) => error.code)`), "REQUEST_TIMEOUT");
  await say(`window.waiting = widget.request("anybody?", 2, { timeoutMs: 60_000 }).catch((error) => error.code); undefined`);
  const { state, after } = await say(`reached("disconnected", 45_000)`);
  assert.equal(state, "disconnected");
  assert.ok(after < 20_000, `${Math.round(after)} ms after the request had timed out`);
  assert.equal(await say(`window.waiting`), "DISCONNECTED");
  await assertBack(say);
}, 120_000);

/** In a frame: its main thread does nothing else for so long. */
const busy = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

test("D62: a widget whose main thread is busy for 4 s at a time is never said to be disconnected, whatever times out meanwhile", async () => {
  const { page, frame } = await pair();
  await page.evaluate(() => (window.states.length = 0));
  const end = performance.now() + 36_000;
  const codes = [];
  while (performance.now() < end) {
    const asked = page.evaluate(() => widget.request("anybody?", 1, { timeoutMs: 1000 }).catch((error) => error.code));
    await frame.evaluate(busy, 4000);
    codes.push(await asked);
  }
  assert.ok(codes.includes("REQUEST_TIMEOUT"), String(codes));
  assert.deepEqual(await page.evaluate(() => window.states), []);
  assert.equal(await page.evaluate(() => widget.request("anybody?").catch((error) => error.code)), "NO_HANDLER");
  assert.equal(await page.evaluate(() => widget.session.account.subject), "ada");
}, 120_000);

test("D62: a host whose own main thread is busy for 12 s does not take the widget for dead", async () => {
  const { page } = await pair();
  await page.evaluate(() => (window.states.length = 0));
  for (let round = 0; round < 2; round++) {
    const asked = page.evaluate(() => widget.request("anybody?", 1, { timeoutMs: 1000 }).catch((error) => error.code));
    await page.evaluate(busy, 12_000);
    await asked;
  }
  await page.evaluate(() => new Promise((done) => setTimeout(done, 10_000)));
  assert.deepEqual(await page.evaluate(() => window.states), []);
  assert.equal(await page.evaluate(() => widget.session.account.subject), "ada");
}, 120_000);
