/** x-bees: what the host is notified of who is signed in, below an imitation of the vendor's host, which refuses a status that comes twice within a second. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";
import { throttlingHost, xbeesHost } from "./xbees-host.mjs";

const lab = browserForThisFile();
const { clientFrame, postToWidget } = xbeesHost(lab);

const hostPage = async () => {
  const page = await lab.lab("host");
  await page.evaluate(throttlingHost);
  return page;
};
const statuses = (page, frame = 0) => page.evaluate((frame) => window.statusesOf(frame), frame);
const says = (page, frame, types) => until(page, ([frame, types]) => window.statusesOf(frame).join() === types, [frame, types.join()]);
const refused = (page) => page.evaluate(() => window.refused());

test("X1: frames whose storage listener says the status whatever the key: one sign-in is one status for each, and then all rest", async () => {
  const page = await hostPage();
  const namespace = lab.freshNamespace();
  const frames = [await clientFrame(page, namespace, "info-frame"), await clientFrame(page, namespace, "daemon")];
  for (const frame of frames)
    await frame.evaluate(async () => {
      window.events = 0;
      addEventListener("storage", () => {
        window.events += 1;
        void client.isAuthorized();
      });
      await client.ready();
    });
  await frames[0].evaluate(() => client.isAuthorized());
  for (const place of [0, 1]) await says(page, place, ["xBeesAuthorized"]);
  await lab.quiet();
  assert.ok((await frames[1].evaluate(() => window.events)) > 0, "the sign-in was an event");
  const before = await Promise.all(frames.map((frame) => frame.evaluate(() => window.events)));
  // As often as the application likes.
  await frames[0].evaluate(() => Promise.all(Array.from({ length: 50 }, () => client.isAuthorized())));
  await lab.quiet();
  assert.deepEqual(await Promise.all(frames.map((frame) => frame.evaluate(() => window.events))), before);
  assert.deepEqual([await statuses(page, 0), await statuses(page, 1)], [["xBeesAuthorized"], ["xBeesAuthorized"]]);
  assert.deepEqual(await refused(page), []);
});

for (const call of ["isNotAuthorized", "isAuthorized"]) {
  test(`X2: ready, then ${call}: one status, the application's, and no call is refused; with or without waiting for ready`, async () => {
    for (const waits of [true, false]) {
      const page = await hostPage();
      const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
      const answer = await frame.evaluate(
        async ([call, waits]) => {
          const ready = client.ready();
          if (waits) await ready;
          return client[call]();
        },
        [call, waits],
      );
      const word = call === "isAuthorized" ? "xBeesAuthorized" : "xBeesNotAuthorized";
      assert.deepEqual(answer, { type: word, errorMessage: "", payload: undefined });
      assert.deepEqual(await frame.evaluate((call) => client[call](), call), answer, "a repeat gets the same answer");
      assert.deepEqual(await page.evaluate(() => window.typesOf(0)), ["xBeesReady", word]);
    }
  });
}

test("X2: with the bridge, whose own status comes first, the application's is no failure either", async () => {
  const page = await hostPage();
  const frame = await addFrame(page, lab, lab.url("widget", "/lab?iframeId=1"));
  await until(frame, () => window.labReady);
  await frame.evaluate(
    async ([origin, namespace]) => {
      const { connect } = await window.load("authframe");
      window.bridge = await connect({ hosts: [{ origin, dialect: "xbees" }], namespace, xbees: { manualReady: true } });
      await bridge.xbees.ready();
      await bridge.xbees.sendStatus(false);
      await bridge.xbees.sendStatus(false);
    },
    [lab.origin("host"), lab.freshNamespace()],
  );
  assert.deepEqual(await statuses(page), ["xBeesNotAuthorized"]);
});

test("X2: out, in and out again within a second: the host ends at the last one, nothing is refused and nothing repeated", async () => {
  const page = await hostPage();
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  const answers = await frame.evaluate(async () => {
    await client.ready();
    await client.isNotAuthorized();
    await client.isAuthorized();
    const late = [client.isNotAuthorized(), client.isAuthorized(), client.isNotAuthorized()];
    return (await Promise.all(late)).map(({ type, message }) => [type, message]);
  });
  assert.deepEqual(answers, [
    ["xBeesNotAuthorized", "superseded"],
    ["xBeesAuthorized", undefined],
    ["xBeesNotAuthorized", undefined],
  ]);
  assert.deepEqual(await statuses(page), ["xBeesNotAuthorized", "xBeesAuthorized", "xBeesNotAuthorized"]);
  assert.deepEqual(await refused(page), []);
});

test("X2: a frame that is loaded anew within a second: what the host has refused is said again in its time, and the call resolves", async () => {
  const page = await hostPage();
  const namespace = lab.freshNamespace();
  const start = async (frame) =>
    frame.evaluate(async () => {
      await client.ready();
      return client.isNotAuthorized();
    });
  const frame = await clientFrame(page, namespace, "info-frame");
  await start(frame);
  const again = await frame.evaluate(async (host) => {
    // The status of an instance before, which the host still remembers.
    parent.postMessage({ type: "xBeesAuthorized", payload: undefined, iframeId: "info-frame" }, host);
    return client.isAuthorized();
  }, lab.origin("host"));
  assert.equal(again.errorMessage, "");
  assert.equal((await refused(page)).length, 1);
  assert.equal(await page.evaluate(() => window.active[0]), true);
});

test("A4 A6: a payload goes as it was given, also one after the other; the same payload again is a repeat", async () => {
  const page = await lab.lab("host");
  await page.evaluate(() => {
    window.payloads = [];
    addEventListener("message", ({ data: { type, payload }, ports }) => {
      if (type.endsWith("Authorized")) window.payloads.push([type.slice(5), payload instanceof Map ? [...payload] : payload]);
      ports[0].postMessage({ type });
    });
  });
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  await frame.evaluate(async () => {
    await client.ready();
    const list = () => ({ list: [1, { deep: true }] });
    const calls = [client.isAuthorized("a text"), client.isAuthorized(list()), client.isAuthorized(list()), client.isAuthorized()];
    calls.push(
      client.isAuthorized({ list: [1, { deep: false }] }),
      client.isAuthorized(new Map([[1, 2]])),
      client.isAuthorized(new Map([[1, 3]])),
    );
    calls.push(client.isNotAuthorized(null), client.isNotAuthorized(""), client.isNotAuthorized(""), client.isNotAuthorized());
    await Promise.all(calls);
  });
  assert.deepEqual(await page.evaluate(() => window.payloads), [
    ["Authorized", "a text"],
    ["Authorized", { list: [1, { deep: true }] }],
    ["Authorized", { list: [1, { deep: false }] }],
    ["Authorized", [[1, 2]]],
    ["Authorized", [[1, 3]]],
    ["NotAuthorized", null],
    ["NotAuthorized", ""],
  ]);
});

test("a status that the host refuses for another reason rejects, and is posted when it is said again", async () => {
  const page = await lab.lab("host");
  await page.evaluate(() => {
    window.statuses = 0;
    addEventListener("message", ({ data: { type }, ports }) => {
      if (type === "xBeesAuthorized") window.statuses += 1;
      ports[0].postMessage(type === "xBeesAuthorized" && window.statuses === 1 ? { type, errorMessage: "not now" } : { type });
    });
  });
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  const outcome = await frame.evaluate(async () => {
    await client.ready();
    return [await client.isAuthorized().catch((error) => error), await client.isAuthorized()];
  });
  assert.deepEqual(outcome, [{ type: "xBeesAuthorized", errorMessage: "not now" }, { type: "xBeesAuthorized" }]);
  assert.equal(await page.evaluate(() => window.statuses), 2);
});

test("X3: the first visit after moving, signed in by the application's own storage: the host never receives that no user is", async () => {
  const page = await hostPage();
  const frame = await clientFrame(page, lab.freshNamespace(), "info-frame");
  await frame.evaluate(async () => {
    await client.ready();
    // It asks its server first.
    await fetch("/lab");
    await client.isAuthorized();
  });
  await lab.quiet();
  assert.deepEqual(await page.evaluate(() => window.typesOf(0)), ["xBeesReady", "xBeesAuthorized"]);
});

test("X3: an application that says nothing: the bridge does, once its patience ends", async () => {
  const page = await hostPage();
  await (await clientFrame(page, lab.freshNamespace(), "info-frame")).evaluate(() => client.ready());
  assert.deepEqual(await page.evaluate(() => window.typesOf(0)), ["xBeesReady"]);
  await says(page, 0, ["xBeesNotAuthorized"]);
});

test("X7: isNotAuthorized concerns the instance that calls it; signOut concerns all", async () => {
  const page = await hostPage();
  const namespace = lab.freshNamespace();
  const [a, b] = [await clientFrame(page, namespace, "info-frame"), await clientFrame(page, namespace, "daemon")];
  for (const frame of [a, b]) await frame.evaluate(() => client.ready());
  await a.evaluate(() => bridge.authorize({ account: "ada", accessToken: "a token of its own" }));
  await b.evaluate(() => client.isNotAuthorized());
  await says(page, 1, ["xBeesAuthorized", "xBeesNotAuthorized"]);
  await lab.quiet();
  assert.deepEqual(await statuses(page, 0), ["xBeesAuthorized"]);
  assert.deepEqual(await a.evaluate(async () => [bridge.session.status, await bridge.accessToken()]), ["authorized", "a token of its own"]);
  await b.evaluate(() => client.isAuthorized());
  await says(page, 1, ["xBeesAuthorized", "xBeesNotAuthorized", "xBeesAuthorized"]);
  assert.equal(await a.evaluate(() => bridge.accessToken()), "a token of its own");
  await b.evaluate(() => client.signOut());
  for (const place of [0, 1]) await until(page, (place) => window.active[place] === false, place);
  assert.equal(await a.evaluate(() => bridge.session.status), "unauthorized");
});

for (const signsInFirst of [true, false]) {
  test(`X7: isNotAuthorized holds in its instance, ${signsInFirst ? "after" : "before"} the sign-in of another one, until it speaks again`, async () => {
    const page = await hostPage();
    const namespace = lab.freshNamespace();
    const [a, b] = [await clientFrame(page, namespace, "info-frame"), await clientFrame(page, namespace, "daemon")];
    for (const frame of [a, b]) await frame.evaluate(() => client.ready());
    if (signsInFirst) {
      await a.evaluate(() => client.isAuthorized());
      await says(page, 1, ["xBeesAuthorized"]);
    }
    await b.evaluate(() => client.isNotAuthorized());
    await a.evaluate(() => client.isAuthorized());
    await until(b, () => bridge.session.status === "authorized");
    await lab.quiet();
    const before = signsInFirst ? ["xBeesAuthorized", "xBeesNotAuthorized"] : ["xBeesNotAuthorized"];
    assert.deepEqual(await statuses(page, 1), before);
    await b.evaluate(() => client.isAuthorized());
    await says(page, 1, [...before, "xBeesAuthorized"]);
    assert.deepEqual(await statuses(page, 0), ["xBeesAuthorized"]);
  });
}

test("X7: a logout of the host reaches every instance, whatever each has said of itself", async () => {
  const page = await hostPage();
  const namespace = lab.freshNamespace();
  const frames = [await clientFrame(page, namespace, "info-frame"), await clientFrame(page, namespace, "daemon")];
  for (const frame of frames)
    await frame.evaluate(async () => {
      await client.ready();
      await client.isAuthorized();
    });
  await postToWidget(page, { type: "xBeesLogout" }, 1);
  for (const place of [0, 1]) await says(page, place, ["xBeesAuthorized", "xBeesNotAuthorized"]);
});
