/** The storage register in a real browser: what others do to it, and the race that it must win. */
import assert from "node:assert/strict";
import { blankPair, connectHere, embedded, hostSees, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();

/** A widget under a host, and a second tab of the same partition without the library, from which to meddle with the storage. */
async function withMeddler() {
  const namespace = lab.freshNamespace();
  const { page, frame } = await embedded(lab, { namespace });
  const { frame: meddler } = await blankPair(lab);
  return { page, frame, meddler, namespace, key: `${namespace}.authframe` };
}

const writes = (frame) => frame.evaluate(() => __e2e.writes.length);
const stored = (frame, key) => frame.evaluate((key) => localStorage.getItem(key), key);

for (const [name, junk] of Object.entries({
  "broken JSON": "{{{",
  "an empty text": "",
  "JSON of another shape": '["authorized"]',
  "wrong types": '{"v":1,"epoch":"7","sequence":{},"writer":5,"status":"authorized","reason":[],"expiresAt":"x","subjectTag":1}',
  "numbers out of range":
    '{"v":1,"epoch":1e99,"sequence":-1,"writer":"x","status":"authorized","reason":"sign-in","expiresAt":null,"subjectTag":""}',
  "poisoned keys": '{"__proto__":{"v":1},"constructor":1}',
  "a value of 2 MB": "x".repeat(2_000_000),
  "2 MB of nested JSON": "[".repeat(1_000_000) + "]".repeat(1_000_000),
})) {
  test(`D33: ${name} in the shared record signs nobody in or out, is counted, and is repaired`, async () => {
    const { page, frame, meddler, key } = await withMeddler();
    await frame.evaluate(() => bridge.authorize({ account: "ada" }));
    await hostSees(page, "authorized", "ada");
    const [before, good] = [await frame.evaluate(() => bridge.session), await stored(frame, key)];
    await meddler.evaluate(([key, junk]) => localStorage.setItem(key, junk), [key, junk]);
    await until(frame, () => bridge.rejected.storage > 0);
    await until(frame, ([key, good]) => localStorage.getItem(key) === good, [key, good]);
    assert.deepEqual(await frame.evaluate(() => bridge.session), before);
  });
}

test("D33: a register of a later version is left alone", async () => {
  const { page, frame, meddler, key } = await withMeddler();
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  const later = '{"v":2,"somebody":"newer"}';
  await meddler.evaluate(([key, later]) => localStorage.setItem(key, later), [key, later]);
  await until(frame, () => bridge.rejected.storage > 0);
  await frame.evaluate(() => bridge.signOut());
  await hostSees(page, "unauthorized");
  await lab.quiet();
  assert.equal(await stored(frame, key), later);
});

test("D33: clear() by another tab (a null key) is a sign-out in a later epoch, and it is written", async () => {
  const { page, frame, meddler, key } = await withMeddler();
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  const epoch = await frame.evaluate(() => bridge.session.epoch);
  await meddler.evaluate(() => localStorage.clear());
  await hostSees(page, "unauthorized");
  const session = await frame.evaluate(() => bridge.session);
  assert.equal(session.reason, "storage-cleared");
  assert.ok(session.epoch > epoch);
  await until(frame, ([key, epoch]) => JSON.parse(localStorage.getItem(key) ?? "{}").epoch === epoch, [key, session.epoch]);
});

test("D33: removing the key is the same as clear(), removing another key is nothing", async () => {
  const { page, frame, meddler, key } = await withMeddler();
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  await meddler.evaluate(() => {
    localStorage.setItem("somebody.else", "1");
    localStorage.removeItem("somebody.else");
  });
  await lab.quiet();
  assert.equal(await frame.evaluate(() => bridge.session.status), "authorized");
  await meddler.evaluate((key) => localStorage.removeItem(key), key);
  await hostSees(page, "unauthorized");
});

test("D33: identical values, own-tab echoes (as WebKit sends) and foreign keys cause no change, no event and no write", async () => {
  const { page, frame, key } = await withMeddler();
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  const [before, count] = [await frame.evaluate(() => bridge.session), await writes(frame)];
  await frame.evaluate((key) => {
    window.events = 0;
    bridge.subscribe(() => (window.events += 1));
    const value = localStorage.getItem(key);
    const echo = (init) => dispatchEvent(new StorageEvent("storage", { storageArea: localStorage, url: location.href, ...init }));
    echo({ key, oldValue: null, newValue: value });
    echo({ key, oldValue: value, newValue: value });
    echo({ key: "other.authframe", oldValue: null, newValue: value.replace("authorized", "unauthorized") });
    echo({ key: "react-devtools", oldValue: null, newValue: "x".repeat(100_000) });
    echo({ key, newValue: value, storageArea: sessionStorage });
    echo({ key, oldValue: value, newValue: '{"v":1,' });
  }, key);
  await lab.quiet();
  assert.deepEqual(await frame.evaluate(() => bridge.session), before);
  assert.deepEqual([await frame.evaluate(() => window.events), await writes(frame)], [1, count], "one call is the subscription's own");
});

test("D33: an older value written by another tab is repaired by exactly one write, and a tab opened afterwards starts right", async () => {
  const { page, frame, meddler, namespace, key } = await withMeddler();
  await frame.evaluate(() => bridge.authorize({ account: "ada" }));
  await hostSees(page, "authorized", "ada");
  const old = await stored(frame, key);
  await frame.evaluate(() => bridge.signOut());
  await hostSees(page, "unauthorized");
  const [count, epoch] = [await writes(frame), await frame.evaluate(() => bridge.session.epoch)];
  await meddler.evaluate(([key, old]) => localStorage.setItem(key, old), [key, old]);
  await until(frame, ([key, epoch]) => JSON.parse(localStorage.getItem(key)).epoch === epoch, [key, epoch]);
  await lab.quiet();
  assert.equal((await writes(frame)) - count, 1);
  const later = await embedded(lab, { namespace });
  await widgetSees(later.frame, "unauthorized");
});

test("a missed storage event is healed when the page is shown or focused again", async () => {
  const namespace = lab.freshNamespace();
  // Registered before the library's own listener, so that it can keep an event from it.
  const prepare = () => addEventListener("storage", (event) => window.deaf && event.stopImmediatePropagation(), true);
  const [{ frame }, other] = [await embedded(lab, { namespace, prepare }), await embedded(lab, { namespace })];
  await frame.evaluate(() => (window.deaf = true));
  for (const [i, wake] of ["visibilitychange", "focus", "pageshow"].entries()) {
    const status = i % 2 === 0 ? "authorized" : "unauthorized";
    await other.frame.evaluate((status) => (status === "authorized" ? bridge.authorize({ account: "ada" }) : bridge.signOut()), status);
    await lab.quiet();
    assert.notEqual(await frame.evaluate(() => bridge.session.status), status, "it does not know yet");
    await frame.evaluate((wake) => {
      const away = (type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
      if (wake === "pageshow") away("pagehide"), away("pageshow");
      else if (wake === "visibilitychange") document.dispatchEvent(new Event(wake, { bubbles: true }));
      else dispatchEvent(new Event(wake));
    }, wake);
    await widgetSees(frame, status);
  }
});

/** Runs in the widget's page before its scripts: storage of the named kinds fails in the named way once `window.broken` is set. */
const breakStorage = {
  "every access throws": () => {
    window.broken = true;
    for (const name of ["localStorage", "sessionStorage"]) {
      const { get } = Object.getOwnPropertyDescriptor(window, name);
      const broken = () => {
        if (window.broken) throw new DOMException("broken by the test", "SecurityError");
        return Reflect.apply(get, window, []);
      };
      Object.defineProperty(window, name, { configurable: true, get: broken });
    }
  },
  "every write throws (quota)": () => {
    window.broken = true;
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (...args) {
      if (window.broken) throw new DOMException("broken by the test", "QuotaExceededError");
      return Reflect.apply(setItem, this, args);
    };
  },
  "a write is taken and forgotten": () => {
    window.broken = true;
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (...args) {
      if (!window.broken) Reflect.apply(setItem, this, args);
    };
  },
  "every read throws": () => {
    window.broken = true;
    const { getItem } = Storage.prototype;
    Storage.prototype.getItem = function (...args) {
      if (window.broken) throw new DOMException("broken by the test", "UnknownError");
      return Reflect.apply(getItem, this, args);
    };
  },
};

for (const [how, prepare] of Object.entries(breakStorage)) {
  test(`D32: ${how} from the start: the next tier, and the widget works`, async () => {
    const { page, frame } = await embedded(lab, { prepare });
    await frame.evaluate(() => bridge.authorize({ account: "ada" }));
    await hostSees(page, "authorized", "ada");
    assert.equal((await frame.evaluate(() => bridge.environment())).storage, "memory");
    await page.evaluate(() => widget.signOut());
    await hostSees(page, "unauthorized");
  });

  test(`D32: ${how} from some moment on: the next tier, and nobody is signed out by it`, async () => {
    const { page, frame } = await embedded(lab, { prepare: `(${prepare})(); window.broken = false;` });
    await frame.evaluate(() => bridge.authorize({ account: "ada" }));
    await hostSees(page, "authorized", "ada");
    assert.equal((await frame.evaluate(() => bridge.environment())).storage, "local");
    await frame.evaluate(() => {
      window.broken = true;
      dispatchEvent(new Event("focus"));
    });
    await lab.quiet();
    assert.equal(await frame.evaluate(() => bridge.session.status), "authorized");
    await page.evaluate(() => widget.setIdentity({ account: "grace" }));
    await hostSees(page, "authorized", "grace");
    await frame.evaluate(() => dispatchEvent(new Event("focus")));
    await lab.quiet();
    await hostSees(page, "authorized", "grace");
    await page.evaluate(() => widget.signOut());
    await hostSees(page, "unauthorized");
  });
}

test("race: a sign-out overwritten by an older write of another process is repaired, and a tab opened afterwards is signed out", async (t) => {
  const ROUNDS = 30;
  const namespace = lab.freshNamespace();
  const options = { hosts: [lab.origin("host")], namespace };
  const [one, two] = [await lab.lab("widget"), await lab.lab("widget")];
  assert.equal(await lab.separateProcesses(one, two), true, "two renderer processes");
  for (const page of [one, two]) await page.evaluate(connectHere, options);

  // The control: what a plain "compare, then write" makes of the same moments.
  for (const page of [one, two]) {
    await page.evaluate(() => {
      window.plainWrite = (next) => {
        const seen = JSON.parse(localStorage.getItem("plain") ?? "{}");
        if ((seen.epoch ?? 0) > next.epoch) return;
        localStorage.setItem("plain", JSON.stringify(next));
      };
    });
  }

  let [plainLost, lost, repaired] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    await one.evaluate(async () => {
      await bridge.authorize({ account: "ada" });
      localStorage.setItem("plain", JSON.stringify({ epoch: bridge.session.epoch, status: "authorized" }));
    });
    const epoch = await one.evaluate(() => bridge.session.epoch);
    await until(two, (epoch) => bridge.session.epoch === epoch, epoch);
    const ownWrites = () => one.evaluate(() => __e2e.writes.filter(([, key]) => key !== "plain").length);
    const before = await ownWrites();

    // Both act at one instant: `one` signs out, `two` renews the session of the epoch that it still sees (an older write).
    const at = Date.now() + 40;
    await Promise.all([
      one.evaluate(
        ([at, key]) => {
          while (Date.now() < at);
          const { epoch } = bridge.session;
          window.plainWrite({ epoch: epoch + 1, status: "unauthorized" });
          void bridge.signOut();
          window.signedOutAt = JSON.parse(localStorage.getItem(key)).epoch;
        },
        [at, `${namespace}.authframe`],
      ),
      two.evaluate(
        ([at, key]) => {
          const old = localStorage.getItem(key);
          const { epoch } = bridge.session;
          while (Date.now() < at + 1);
          window.plainWrite({ epoch, status: "authorized" });
          // As a tab of another version would, or ours a moment too late: what is written is one epoch older than the sign-out.
          localStorage.setItem(key, old);
        },
        [at, `${namespace}.authframe`],
      ),
    ]);

    await until(one, () => bridge.session.status === "unauthorized");
    await until(two, () => bridge.session.status === "unauthorized");
    const repairedOnce = await until(
      two,
      (key) => JSON.parse(localStorage.getItem(key)).status === "unauthorized",
      `${namespace}.authframe`,
    ).then(
      () => true,
      () => false,
    );
    if (!repairedOnce) lost += 1;
    if ((await ownWrites()) > before + 1) repaired += 1;

    const third = await lab.lab("widget");
    if ((await third.evaluate(() => JSON.parse(localStorage.getItem("plain")).status)) !== "unauthorized") plainLost += 1;
    await third.evaluate(connectHere, options);
    await until(third, () => bridge.session.status !== "unknown");
    assert.equal(await third.evaluate(() => bridge.session.status), "unauthorized", `round ${round}: the tab opened afterwards`);
    await third.close();
  }
  t.diagnostic(
    `${ROUNDS} rounds: the plain write lost the sign-out in ${plainLost}, authframe in ${lost}; it had to repair ${repaired} times`,
  );
  console.log(`race: ${ROUNDS} rounds, sign-out lost by the plain write ${plainLost}, by authframe ${lost} (repaired ${repaired})`);
  assert.equal(lost, 0);
  assert.ok(repaired > 0, "authframe's own key was overwritten too, and repaired");
  assert.ok(plainLost > 0, "the race did happen: the plain write loses it");
});

test("race: two tabs sign out and sign in at one instant: all tabs and the shared record end up with one and the same version", async () => {
  const namespace = lab.freshNamespace();
  const options = { hosts: [lab.origin("host")], namespace };
  const [one, two] = [await lab.lab("widget"), await lab.lab("widget")];
  for (const page of [one, two]) await page.evaluate(connectHere, options);
  for (let round = 0; round < 10; round++) {
    const at = Date.now() + 40;
    const act = async ([at, which]) => {
      while (Date.now() < at);
      await (which ? bridge.authorize({ account: `user-${which}` }) : bridge.signOut());
    };
    await Promise.all([one.evaluate(act, [at, 0]), two.evaluate(act, [at, round + 1])]);
    const version = (page) =>
      page.evaluate((key) => {
        const { epoch, sequence, writer, status } = bridge.session;
        const kept = JSON.parse(localStorage.getItem(key)) ?? {}; // Another process may not have seen the first write yet.
        return JSON.stringify([
          [epoch, sequence, writer, status],
          [kept.epoch, kept.sequence, kept.writer, kept.status],
        ]);
      }, `${namespace}.authframe`);
    let seen;
    const deadline = Date.now() + 3000;
    do {
      seen = [...(await Promise.all([version(one), version(two)])).flatMap((text) => JSON.parse(text))].map((entry) =>
        JSON.stringify(entry),
      );
    } while (new Set(seen).size > 1 && Date.now() < deadline);
    assert.equal(new Set(seen).size, 1, `round ${round}: ${seen.join(" ")}`);
  }
});
