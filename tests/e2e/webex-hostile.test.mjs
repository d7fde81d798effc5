/** Webex: what a script of the same origin, another partition or an old browser can do to a line. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { test } from "./browser.mjs";
import {
  alive,
  another,
  details,
  errors,
  events,
  fresh,
  keepalives,
  lab,
  meddler,
  phone,
  receivedByAll,
  registered,
  seen,
  session,
  signIn,
  status,
} from "./webex-phones.mjs";

test("S15: a script holds the line's lock: register() is an error with a cause after 10 s, and once it lets go the line is registered", async () => {
  const at = fresh();
  const { frame: script } = await meddler(at);
  await script.evaluate(() => window.hold());
  const one = await phone(at, { register: "no" });
  await signIn(one);
  await session(one.widget, "authorized");
  const began = Date.now();
  await one.widget.evaluate(() => line.register());
  await until(one.widget, () => window.events.length > 0);
  const waited = Date.now() - began;
  assert.ok(waited > 9_000 && waited < 15_000, `after ${waited} ms`);
  const [error] = await errors(one.widget);
  const [said] = await details(one.widget);
  assert.deepEqual(
    [said.cause, error.type, error.status, said.code, said.fatal, said.sdk.type],
    ["unacknowledged", "registrationError", "inactive", 0, true, "default_error"],
  );
  assert.match(error.msg, new RegExp(`has not answered within 10 s.*${at.id}\\.line.*register\\(\\)`));
  await until(one.page, () => window.news.at(-1)?.details?.cause === "unacknowledged");
  assert.deepEqual([await events(one.widget), alive(at)], [["error"], 0]);
  // It was said to be fatal: nothing happens by itself.
  await script.evaluate(() => window.letGo());
  await until(
    one.widget,
    async (key) => (await navigator.locks.query()).held.filter(({ name }) => name === key).length === 1,
    `${at.id}.line`,
  );
  await lab.quiet();
  assert.equal(alive(at), 0);
  await one.widget.evaluate(() => line.register());
  await status(one.widget, "active");
  assert.deepEqual(await events(one.widget), ["error", "connecting", "registered"]);
});

test("S15: a script steals the line's lock: the tab that held it sends nothing more, says so when asked, and goes on when it can", async () => {
  const at = fresh();
  const one = await registered(at);
  const two = await another(at);
  const { frame: script } = await meddler(at);
  await script.evaluate(() => window.hold({ steal: true }));
  const sent = at.registrar.requests.length;
  // "registered" would be a lie: no tab keeps it alive.
  for (const { widget } of [one, two]) {
    await widget.evaluate(() => {
      window.events = [];
      line.register();
    });
  }
  for (const { widget } of [one, two]) {
    await until(widget, () => window.events.length > 0);
    assert.deepEqual(
      (await details(widget)).map(({ cause }) => cause),
      ["unacknowledged"],
    );
  }
  assert.ok(at.registrar.requests.length - sent <= 1, "at most what was under way");
  const before = keepalives(at);
  await script.evaluate(() => window.letGo());
  await seen(at.registrar, () => keepalives(at) > before + 1);
  assert.deepEqual([alive(at), at.registrar.most, at.registrar.count("/device")], [1, 1, 1]);
  await receivedByAll(at, two, [one, two]);
});

for (const [what, poison] of Object.entries({
  "revision 2^53-1": { revision: 2 ** 53 - 1 },
  "a revision that is possible, but far off": { revision: 2 ** 39 },
  "the greatest revision there is": { revision: 2 ** 40 },
  "revision 1e300": { revision: 1e300 },
  "a revision of before": { revision: 0, sequence: 0 },
  "sequence 2^53-1": { revision: 1000, sequence: 2 ** 53 - 1 },
  "a sequence that is ahead": { revision: 1000, sequence: 1000 },
  "no record": null,
  "events that do not exist": {
    revision: 1000,
    sequence: 1000,
    events: [{ event: "constructor", status: "active" }, null, { event: "error", status: "active", error: { msg: "x".repeat(100_000) } }],
  },
  "a device of another kind": { revision: 1000, device: { base: 7, addresses: "sip:" } },
  "a saved state of another kind": { revision: 1000, saved: { state: "active", device: [] } },
})) {
  test(`S15: the shared record is made up (${what}): the holder writes the true one over it, and every tab receives the next change once`, async () => {
    const at = fresh();
    const tabs = [await registered(at), await another(at)];
    const { frame: script } = await meddler(at);
    for (const { widget } of tabs) await widget.evaluate(() => void (window.events = []));
    await script.evaluate((poison) => (poison ? window.put(poison) : localStorage.setItem(window.key, "{")), poison);
    await until(script, () => {
      try {
        return (
          window.record().events.every((event) => typeof event?.event === "string") &&
          window.record().device?.deviceId &&
          window.record().saved?.device?.deviceId
        );
      } catch {
        return false;
      }
    });
    await lab.quiet();
    const [events, ...shown] = await tabs[1].widget.evaluate(() => [window.events, line.getStatus(), line.sipAddresses]);
    assert.deepEqual(shown, ["active", ["sip:ada@calling.example"]]);
    // This one says what the holder could say: that so much was missed.
    if (what !== "a sequence that is ahead") assert.deepEqual(events, []);
    await receivedByAll(at, tabs[1], tabs);
    // One that is opened later believes what there is.
    const third = await another(at);
    await receivedByAll(at, third, [...tabs, third]);
  });
}

test("S15: the record is made up while no tab is open: the next one begins anew, and a second one follows it", async () => {
  const at = fresh();
  const { frame: script } = await meddler(at);
  await script.evaluate(
    (key) =>
      localStorage.setItem(
        key,
        JSON.stringify({
          v: 2,
          lineId: "x",
          epoch: 0,
          revision: 2 ** 53 - 1,
          sequence: 2 ** 53 - 1,
          status: "active",
          device: null,
          saved: null,
          events: [],
        }),
      ),
    `${at.id}.line`,
  );
  const one = await registered(at);
  const two = await another(at);
  assert.match(await two.widget.evaluate(() => line.lineId), /^[\da-f-]{36}$/);
  await receivedByAll(at, two, [one, two]);
});

test("G8: made-up storage events neither throw nor move the line, and a wish of long ago is not granted again", async () => {
  const at = fresh();
  const tabs = [await registered(at), await another(at)];
  await receivedByAll(at, tabs[1], tabs);
  const made = at.registrar.requests.filter(({ path }) => !path.endsWith("/status")).length;
  for (const { widget } of tabs) {
    await widget.evaluate((key) => {
      window.events = [];
      const ask = localStorage.getItem(`${key}.ask`);
      const at = { storageArea: localStorage, url: location.href };
      // Throws only for the line: what the core's own listeners do with such an event is tested elsewhere.
      const thrown = (name, value) => {
        if (new Error().stack.includes("/webex.js")) throw new Error(`the getter of ${name}`);
        return value;
      };
      const throwing = (name, event) => Object.defineProperty(event, name, { get: () => thrown(name, null) });
      for (const event of [
        new Event("storage"),
        new StorageEvent("storage"),
        new StorageEvent("storage", at),
        // What storage does not show.
        new StorageEvent("storage", { ...at, key: `${key}.ask`, newValue: `deregister ${crypto.randomUUID()} ${Date.now()}` }),
        new StorageEvent("storage", { ...at, key: `${key}.ask`, newValue: `signOut ${crypto.randomUUID()}` }),
        new StorageEvent("storage", { ...at, key, newValue: JSON.stringify({ v: 2, revision: 2 ** 53 - 1 }) }),
        new StorageEvent("storage", { ...at, key, newValue: null }),
        new StorageEvent("storage", { ...at, storageArea: sessionStorage, key }),
        // What it shows, but has been done.
        new StorageEvent("storage", { ...at, key: `${key}.ask`, newValue: ask }),
        ...["key", "newValue", "storageArea"].map((name) => throwing(name, new StorageEvent("storage", { ...at, key }))),
        // What says that the page has come back, or is offline.
        new Event("pageshow"),
        throwing("persisted", new PageTransitionEvent("pageshow")),
        new Event("offline"),
      ])
        window.dispatchEvent(event);
      for (const type of ["freeze", "resume"]) document.dispatchEvent(new Event(type));
    }, `${at.id}.line`);
  }
  const before = keepalives(at);
  await seen(at.registrar, () => keepalives(at) > before + 1);
  for (const { widget } of tabs) assert.deepEqual(await widget.evaluate(() => [window.events, line.getStatus()]), [[], "active"]);
  assert.deepEqual([alive(at), at.registrar.requests.filter(({ path }) => !path.endsWith("/status")).length], [1, made]);
  await receivedByAll(at, tabs[1], tabs);
});
