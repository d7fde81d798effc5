/**
 * D63: however much the application says, a session, an identity, a sign-out and an answer arrive. What of the application's is too much is announced to
 * its sender: `RATE_LIMITED` is thrown, or rejects the request.
 */
import assert from "node:assert/strict";
import { embedded, hostSees, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();

/** AUTHFRAME_RUNS=100 for the long run, which takes three minutes. */
const RUNS = Number(process.env.AUTHFRAME_RUNS ?? 4);

/** A widget below its host; each half counts what the other sends ("m"), and answers "echo". */
async function pair() {
  const { page, frame } = await embedded(lab);
  await until(frame, () => window.bridge?.connection === "connected");
  await page.evaluate(() => (window.end = window.widget));
  await frame.evaluate(() => (window.end = window.bridge));
  for (const where of [page, frame]) {
    await where.evaluate(() => {
      // 80,000 errors: their stacks are not what is measured.
      Error.stackTraceLimit = 0;
      window.received = 0;
      end.handle("m", () => window.received++);
      end.handle("echo", (data) => data);
      /** Sends so many in this task. Gives how many were refused, by their codes. */
      window.burst = (count) => {
        const refused = {};
        for (let i = 0; i < count; i++) {
          try {
            end.send("m", i);
          } catch (error) {
            const name = error.name === "AuthframeError" ? error.code : String(error);
            refused[name] = (refused[name] ?? 0) + 1;
          }
        }
        return refused;
      };
    });
  }
  return { page, frame };
}

/** Waits until everything that was sent before has been received: an answer comes after it. */
const drained = (where) =>
  where.evaluate(async () => {
    for (;;) {
      const said = await end.request("echo", "done").catch((error) => error.code);
      if (said === "done") return;
      if (said !== "RATE_LIMITED") throw new Error(said);
      await new Promise((done) => setTimeout(done, 50));
    }
  });
const rested = (where) => where.evaluate(() => new Promise((done) => setTimeout(done, 1200)));
const onlyRateLimited = (refused) =>
  assert.ok(
    Object.keys(refused).every((code) => code === "RATE_LIMITED"),
    JSON.stringify(refused),
  );
/** In a page: the status that this half comes to within eight seconds, or the one that it has then. */
const comesTo = (where, status) =>
  where.evaluate(
    (status) =>
      new Promise((resolve) => {
        const late = setTimeout(() => resolve(end.session.status), 8000);
        const stop = end.subscribe((session) => {
          if (session.status !== status) return;
          clearTimeout(late);
          resolve(status);
          queueMicrotask(() => stop());
        });
      }),
    status,
  );

const SENT = 20_500;
const TIMES = Math.min(9, RUNS);
for (const [name, before, after] of [
  ["a sign-out", "authorized", "unauthorized"],
  ["a sign-in", "unauthorized", "authorized"],
]) {
  test(`D63: idle for 1.2 s, then ${SENT} messages and ${name} in one task: the host shows it, ${TIMES} of ${TIMES}`, async () => {
    const { page, frame } = await pair();
    const shown = [];
    for (let run = 0; run < TIMES; run++) {
      await frame.evaluate((before) => (before === "authorized" ? bridge.authorize({ account: "ada" }) : bridge.signOut()), before);
      await hostSees(page, before);
      await rested(frame);
      const refused = await frame.evaluate(
        ([count, after]) => {
          const refused = window.burst(count);
          void (after === "authorized" ? bridge.authorize({ account: "grace" }) : bridge.signOut());
          return refused;
        },
        [SENT, after],
      );
      onlyRateLimited(refused);
      shown.push(await comesTo(page, after));
      await drained(frame);
      // Where it was lost, the next run begins with a new word.
      if (shown.at(-1) !== after)
        await frame.evaluate((after) => (after === "authorized" ? bridge.signOut() : bridge.authorize({ account: "eve" })), after);
    }
    assert.deepEqual(shown, Array(TIMES).fill(after));
    if (after === "authorized") assert.equal(await page.evaluate(() => widget.session.account.subject), "grace");
  }, 180_000);
}

for (const [name, fromWidget] of [
  ["the widget's sign-out reaches the host", true],
  ["the host's sign-out reaches the widget", false],
]) {
  test(`D63: behind 100,000 messages ${name}, ${RUNS} of ${RUNS}`, async () => {
    const { page, frame } = await pair();
    const [sender, hearer] = fromWidget ? [frame, page] : [page, frame];
    for (let run = 1; run <= RUNS; run++) {
      await frame.evaluate((run) => bridge.authorize({ account: `ada-${run}` }), run);
      await hostSees(page, "authorized", `ada-${run}`);
      const refused = await sender.evaluate((fromWidget) => {
        const refused = window.burst(100_000);
        window.done = (fromWidget ? bridge.signOut() : widget.signOut()).then(
          () => "done",
          (error) => error.code,
        );
        return refused;
      }, fromWidget);
      onlyRateLimited(refused);
      assert.equal(await comesTo(hearer, "unauthorized"), "unauthorized", `run ${run} of ${RUNS}`);
      assert.equal(await sender.evaluate(() => window.done), "done", `run ${run} of ${RUNS}`);
      await (fromWidget ? hostSees(page, "unauthorized") : widgetSees(frame, "unauthorized"));
    }
  }, 600_000);
}

test("D63: behind 100,000 messages the host's identity reaches the widget, and the promise of setIdentity resolves", async () => {
  const { page, frame } = await pair();
  for (let run = 1; run <= 20; run++) {
    const { refused, outcome } = await page.evaluate(async (run) => {
      const refused = window.burst(100_000);
      return {
        refused,
        outcome: await widget.setIdentity({ account: `ada-${run}` }).then(
          () => "taken",
          (error) => error.code,
        ),
      };
    }, run);
    onlyRateLimited(refused);
    assert.equal(outcome, "taken", `run ${run}`);
    await widgetSees(frame, "authorized", `ada-${run}`);
    await hostSees(page, "authorized", `ada-${run}`);
  }
}, 300_000);

/** In a page: so many requests in one task. How many came to what. */
const askMany = (count) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      end.request("echo", i, { timeoutMs: 60_000 }).then(
        (said) => (said === i ? "answered" : "another's answer"),
        (error) => error.code ?? String(error),
      ),
    ),
  ).then((outcomes) => {
    const counts = {};
    for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
    return counts;
  });

const REQUESTS = 50_000;
const assertAnswered = (counts, who) => {
  const { answered = 0, RATE_LIMITED = 0, ...others } = counts;
  assert.deepEqual(others, {}, `${who}: every one is answered, or refused to its sender: ${JSON.stringify(counts)}`);
  assert.equal(answered + RATE_LIMITED, REQUESTS, who);
  assert.ok(answered > 0, `${who}: ${JSON.stringify(counts)}`);
};
for (const who of ["the widget", "the host"]) {
  test(`D63: ${REQUESTS} requests of ${who} in one task: each gets its answer or RATE_LIMITED, none times out`, async () => {
    const { page, frame } = await pair();
    assertAnswered(await (who === "the host" ? page : frame).evaluate(askMany, REQUESTS), who);
  }, 180_000);
}

test(`D63: ${REQUESTS} requests from each side at the same time: each gets its answer or RATE_LIMITED, none times out`, async () => {
  const { page, frame } = await pair();
  const [host, widget] = await Promise.all([page.evaluate(askMany, REQUESTS), frame.evaluate(askMany, REQUESTS)]);
  assertAnswered(host, "the host");
  assertAnswered(widget, "the widget");
}, 180_000);

/**
 * In a page: so many messages, evenly in 0.7 s. By the clocks that the page sees it is exactly that, however busy the machine: what they show is when a
 * message was due, which is never later than now.
 */
function paced(count) {
  const [now, date] = [performance.now, Date.now];
  const [start, wall] = [now.call(performance), date()];
  let due = 0;
  performance.now = () => start + due;
  Date.now = () => Math.floor(wall + due);
  let thrown = 0;
  const others = [];
  for (let i = 0; i < count; i++) {
    due = (i * 700) / count;
    while (now.call(performance) - start < due);
    try {
      end.send("m", i);
    } catch (error) {
      if (error.code === "RATE_LIMITED") thrown++;
      else others.push(String(error));
    }
  }
  performance.now = now;
  Date.now = date;
  return { thrown, others };
}

test("D63: 30,000 messages in 0.7 s: what is not received was refused to its sender, by one rule in both directions", async () => {
  const { page, frame } = await pair();
  const count = 30_000;
  const refused = [];
  for (const [name, sender, receiver] of [
    ["widget to host", frame, page],
    ["host to widget", page, frame],
  ]) {
    await rested(sender);
    const { thrown, others } = await sender.evaluate(paced, count);
    assert.deepEqual(others, []);
    // By then the question is not too much either.
    await rested(sender);
    await drained(sender);
    const received = await receiver.evaluate(() => window.received);
    assert.equal(received + thrown, count, `${name}: ${received} received, ${thrown} refused`);
    refused.push(thrown);
  }
  assert.ok(
    Math.abs(refused[0] - refused[1]) <= count / 100,
    `one rule: ${refused[0]} refused from widget to host, ${refused[1]} from host to widget`,
  );
});
