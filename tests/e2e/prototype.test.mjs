/** D52, C1: what a page has put on Object.prototype. Nothing that either half writes passes through it, and neither stops because of it. */
import assert from "node:assert/strict";
import { blankPair, embedded, hostSees, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();

/** In a page: what Object.prototype has under this name while `act` runs. Gives what a setter has read. */
async function withPollutedPrototype([what, key, act]) {
  const read = [];
  const set = (value) => {
    read.push(String(value));
    if (what === "a setter that throws") throw new Error("a setter of the page");
  };
  const described = what === "a property that is read-only" ? { value: "x", writable: false } : { get: () => undefined, set };
  // Without a prototype, or it would inherit what it describes.
  Object.defineProperty(Object.prototype, key, Object.assign(Object.create(null), described, { configurable: true }));
  try {
    if (act === "sign in") await window.bridge.authorize({ account: { subject: "ada", name: "Ada" } });
    else
      await new Promise((resolve) => {
        window.polluted = true;
        const stop = window.widget.subscribe(({ status }) => status === "authorized" && resolve());
        window.stopWatching = stop;
      });
  } finally {
    delete Object.prototype[key];
  }
  window.stopWatching?.();
  return read;
}

for (const what of ["a setter that reads along", "a setter that throws", "a property that is read-only"])
  test(`D52: Object.prototype has ${what}: nothing that is written passes through it in either half, and both work on`, async () => {
    const { page, frame } = await embedded(lab);
    await until(page, () => window.states.at(-1) === "connected");
    for (const key of ["status", "sequence", "subject", "account", "type", "session"]) {
      const signedOut = async () => {
        await frame.evaluate(() => bridge.signOut());
        await hostSees(page, "unauthorized", null);
      };
      assert.deepEqual(await frame.evaluate(withPollutedPrototype, [what, key, "sign in"]), [], key);
      await widgetSees(frame, "authorized", "ada");
      await hostSees(page, "authorized", "ada");
      await signedOut();
      await page.evaluate(() => (window.polluted = false));
      const host = page.evaluate(withPollutedPrototype, [what, key, "watch"]);
      await until(page, () => window.polluted);
      await frame.evaluate(() => bridge.authorize({ account: "ada" }));
      assert.deepEqual(await host, [], key);
      await hostSees(page, "authorized", "ada");
      await signedOut();
    }
  });

test("D52: what a page has on Object.prototype when it connects takes no change of the session away", async () => {
  const { frame } = await blankPair(lab);
  const seen = await frame.evaluate(
    async ([host, namespace]) => {
      const { connect } = await window.load("authframe");
      Object.defineProperty(Object.prototype, "session", { configurable: true, get: () => undefined, set() {} });
      try {
        const bridge = await connect({ hosts: [host], namespace });
        const statuses = [];
        bridge.subscribe(({ status }) => statuses.push(status));
        await bridge.authorize({ account: "ada" });
        return [...statuses, bridge.session.account.subject];
      } finally {
        delete Object.prototype.session;
      }
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  assert.deepEqual(seen, ["unauthorized", "authorized", "ada"]);
});
