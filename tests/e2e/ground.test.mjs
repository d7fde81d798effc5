/** The ground under the other tests: a test that cannot fail is worth nothing. None of these needs the library. */
import assert from "node:assert/strict";
import { addFrame, blankPair, evaluateInLostFrame, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();

test("ground: the browser partitions the storage of a third-party frame", async () => {
  const { frame } = await blankPair(lab);
  const other = await blankPair(lab, { site: "other" });
  const same = await blankPair(lab);
  const top = await lab.lab("widget");
  await frame.evaluate(() => localStorage.setItem("ground", "below host"));
  assert.equal(await same.frame.evaluate(() => localStorage.getItem("ground")), "below host");
  assert.equal(await other.frame.evaluate(() => localStorage.getItem("ground")), null);
  assert.equal(await top.evaluate(() => localStorage.getItem("ground")), null);
});

test("ground: the back/forward cache is on, and a frame in it can be asked", async () => {
  const { page } = await blankPair(lab);
  await page.evaluate(() => {
    window.mark = "same document";
    addEventListener("pageshow", (event) => (window.persisted = event.persisted));
  });
  await page.goto(lab.url("host", "/lab?away"));
  await page.evaluate(() => history.back());
  await until(page, () => window.mark === "same document" && window.persisted === true);
  assert.equal(await evaluateInLostFrame(lab, page, lab.origin("widget"), "window.labReady"), true);
});

test("ground: a postMessage to * is seen from every way to a window, and identities still hold", async () => {
  const { page, frame } = await blankPair(lab);
  const second = await addFrame(page, lab, lab.url("widget", "/lab?second"));
  await page.evaluate(() => {
    window.got = [];
    addEventListener("message", (event) => {
      window.got.push(event.source === document.querySelector("iframe").contentWindow);
      event.source.postMessage({ type: "by source" }, "*");
    });
    document.querySelector("iframe").contentWindow.postMessage({ type: "by contentWindow" }, { targetOrigin: "*" });
  });
  await frame.evaluate(() => window.parent.postMessage({ type: "by parent" }, "*"));
  await second.evaluate(() => window.parent.frames[0].postMessage({ type: "by sibling" }, "*"));
  await until(page, () => window.got.length === 1);
  assert.deepEqual(await page.evaluate(() => window.got), [true]);
  await lab.quiet();
  const stars = lab.seen.posts.filter((post) => post.target === "*").map((post) => post.type);
  assert.deepEqual(stars.sort(), ["by contentWindow", "by parent", "by sibling", "by source"]);
  lab.seen.posts.length = 0;
});

test("ground: an uncaught error, an unhandled rejection and a policy violation in any frame are seen", async () => {
  const { page, frame } = await blankPair(lab);
  for (const where of [page, frame]) {
    await where.evaluate(() => {
      setTimeout(() => {
        throw new Error("thrown");
      });
      Promise.reject(new Error("rejected"));
      const style = document.createElement("style");
      style.textContent = "p { color: red }";
      document.head.append(style);
    });
  }
  await lab.quiet();
  assert.deepEqual(lab.seen.errors.map((text) => text.split("\n")[0]).sort(), [
    "Error: rejected",
    "Error: rejected",
    "Error: thrown",
    "Error: thrown",
  ]);
  assert.deepEqual(
    lab.seen.violations.map(({ directive }) => directive),
    ["style-src-elem", "style-src-elem"],
  );
  lab.seen.errors.length = lab.seen.violations.length = 0;
});

test("ground: listeners, timers, ports and channels that stay alive are counted, ended ones are not", async () => {
  const page = await lab.lab("widget");
  const live = () => page.evaluate(() => window.__e2e.live());
  const before = await live();
  await page.evaluate(() => {
    const [pair, listener] = [new MessageChannel(), () => {}];
    window.kept = {
      pair,
      listener,
      channel: new BroadcastChannel("x"),
      timer: setTimeout(() => {}, 60_000),
      again: setInterval(() => {}, 60_000),
    };
    addEventListener("storage", listener);
    addEventListener("pageshow", () => {}, { once: true });
    pair.port1.onmessage = listener;
    setTimeout(() => {}, 0);
  });
  await lab.quiet();
  const during = await live();
  assert.equal(during.listeners.length, before.listeners.length + 3);
  assert.deepEqual(
    [during.timers.length, during.ports, during.channels],
    [before.timers.length + 2, before.ports + 2, before.channels + 1],
  );
  await page.evaluate(() => {
    const { pair, listener, channel, timer, again } = window.kept;
    removeEventListener("storage", listener);
    dispatchEvent(new PageTransitionEvent("pageshow"));
    pair.port1.onmessage = null;
    pair.port1.close();
    pair.port2.close();
    channel.close();
    clearTimeout(timer);
    clearInterval(again);
  });
  assert.deepEqual(await live(), before);
});

test("ground: two tabs of one site run in different renderer processes", async () => {
  assert.equal(await lab.separateProcesses(await lab.lab("widget"), await lab.lab("widget")), true);
});

test("ground: the demo server keeps its partitioned cookie in a third-party frame, one for each host site", async () => {
  const { frame } = await blankPair(lab);
  const other = await blankPair(lab, { site: "other" });
  const status = (where, method, body) =>
    where.evaluate(
      async ([method, body]) =>
        (await fetch("/api/session", { method, body, headers: body ? { "content-type": "application/json" } : {} })).status,
      [method, body],
    );
  assert.equal(await status(frame, "GET"), 204);
  assert.equal(await status(frame, "POST", '{"subject":"nobody-we-know"}'), 403);
  assert.equal(await status(frame, "POST", '{"subject":"ada"}'), 200);
  assert.equal(await status(frame, "GET"), 200);
  assert.equal(await status(other.frame, "GET"), 204);
  assert.equal(await status(frame, "DELETE"), 204);
  assert.equal(await status(frame, "GET"), 204);
});
