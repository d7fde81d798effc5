/**
 * D58: a failure that may pass is tried again, later each time, and the tabs of a partition share what failed. A real token endpoint that counts.
 * The tests wait for real pauses of half a minute, so they run side by side: each has its own tabs, namespace and client.
 */
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { until, widgetSees } from "./actors.mjs";
import { launch, test } from "./browser.mjs";
import { throttledServer } from "./throttled-server.mjs";

let lab;
let site;
before(async () => {
  [lab, site] = [await launch(), await throttledServer()];
});
after(async () => {
  try {
    await lab.checkClean();
  } finally {
    await lab.close();
    await site.close();
  }
});

const seconds = (count) => new Promise((done) => setTimeout(done, count * 1000));
const sinceFirst = (requests) => requests.map(({ at }) => ((at - requests[0].at) / 1000).toFixed(1)).join(" ");

/** In a page: a bridge whose `acquire` asks the token endpoint, for whatever reason it is asked. `tokens` are the names of those that it got. */
async function connectHere({ namespace, credentials, client, tab }) {
  const { connect, AuthRejected, RetryLater } = await window.load("/authframe/index.js");
  window.sessions = [];
  window.bridge = await connect({
    hosts: ["https://nobody.example"],
    namespace,
    credentials,
    async acquire({ reason, credential, signal }) {
      const response = await fetch(`/token?${new URLSearchParams({ client, tab, reason })}`, { method: "POST", signal });
      if (response.status === 401) throw new AuthRejected("401");
      if (response.status === 429 && response.headers.has("Retry-After")) throw new RetryLater(response.headers.get("Retry-After"));
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return { account: credential?.account ?? { subject: "ada" }, refreshToken: "refresh", ...(await response.json()) };
    },
  });
  bridge.subscribe(({ status, reason }) => window.sessions.push(`${status} ${reason}`));
}

let numbers = 0;
/** The server's answers. Each token has a name of its own. */
const good = (lifetime) => () => ({ body: { accessToken: `token ${++numbers}`, ...lifetime() } });
const lasts = (expiresIn) => good(() => ({ expiresIn }));
const throttled = (headers) => () => ({ status: 429, headers });

/** Tabs of the widget's own site, all signed in, with tokens that last `life` seconds. With `memory` each has its own. */
async function tabs(count, { credentials, life = 8, prepare }) {
  const namespace = lab.freshNamespace();
  const client = site.client(namespace);
  client.answer = lasts(life);
  const pages = [];
  for (let number = 0; number < count; number++) {
    const page = await lab.context.newPage();
    if (prepare) await page.addInitScript(prepare);
    await page.goto(site.url("/lab"));
    await until(page, () => window.labReady);
    await page.evaluate(connectHere, { namespace, credentials, client: namespace, tab: String(number) });
    if (number === 0)
      await page.evaluate(
        (life) => bridge.authorize({ account: { subject: "ada" }, accessToken: "token 0", refreshToken: "refresh", expiresIn: life }),
        life,
      );
    await widgetSees(page, "authorized", "ada");
    pages.push(page);
  }
  return { pages, client, namespace };
}

/** In a page: an application that asks again and again, as interceptors do. */
const keepAsking = () => {
  window.asked = {};
  setInterval(
    () =>
      bridge
        .accessToken()
        .then(
          () => "a token",
          (error) => error.code,
        )
        .then((said) => (window.asked[said] = (window.asked[said] ?? 0) + 1)),
    200,
  );
};

/** In a page: a token that is none of those that were there before. */
const hasToken = (page, last) =>
  page.evaluate(async (last) => {
    const end = performance.now() + 75_000;
    for (;;) {
      const token = await bridge.accessToken({ minValidity: 0 }).catch((error) => error.code);
      if (Number(/^token (\d+)$/.exec(token)?.[1]) > last) return "a token";
      if (performance.now() > end) return token;
      await new Promise((done) => setTimeout(done, 100));
    }
  }, last);

/** From now on the server answers so, for so long after it was asked the next time. Gives what it was asked meanwhile. */
async function failing(client, answer, forSeconds) {
  const from = client.requests.length;
  client.answer = answer;
  const first = await client.seen(from + 1);
  await seconds(forSeconds - (performance.now() - first.at) / 1000);
  const until = first.at + forSeconds * 1000;
  return client.requests.slice(from).filter(({ at }) => at <= until);
}

const byTab = (requests, count) =>
  Array.from({ length: count }, (_, tab) => requests.filter((request) => request.tab === String(tab)).length);
const closeAll = (pages) => Promise.all(pages.map((page) => page.close()));

describe("D58", { concurrency: true }, () => {
  for (const credentials of ["sealed", "memory"]) {
    const most = credentials === "sealed" ? "at most 8 requests of all of them" : "at most 6 requests a tab";
    test(`D58: ${credentials}: six tabs, the server says 429 for 30 s: ${most}, nobody is signed out, and afterwards all have a token`, async () => {
      const { pages, client } = await tabs(6, { credentials });
      await Promise.all(pages.map((page) => page.evaluate(keepAsking)));
      const requests = await failing(client, throttled({}), 30);
      const last = numbers;
      const statuses = await Promise.all(pages.map((page) => page.evaluate(() => bridge.session.status)));
      client.answer = lasts(600);
      assert.deepEqual(statuses, Array(6).fill("authorized"));
      const counts = byTab(requests, 6);
      if (credentials === "sealed")
        assert.ok(requests.length <= 8, `${requests.length} requests, after the first ${sinceFirst(requests)} s; by tab ${counts}`);
      else assert.ok(Math.max(...counts) <= 6, `${counts} requests by tab`);
      assert.ok(requests.length >= 3, `it is tried again: ${sinceFirst(requests)}`);
      assert.deepEqual(await Promise.all(pages.map((page) => hasToken(page, last))), Array(6).fill("a token"));
      await closeAll(pages);
    }, 240_000);

    test(`D58: ${credentials}: Retry-After: 20 is kept: no tab asks before 20 s are over, and then it is asked`, async () => {
      const { pages, client } = await tabs(6, { credentials });
      assert.equal(
        await pages[0].evaluate(async () => typeof (await window.load("/authframe/index.js")).RetryLater),
        "function",
        "authframe exports RetryLater",
      );
      await Promise.all(pages.map((page) => page.evaluate(keepAsking)));
      const requests = await failing(client, throttled({ "retry-after": "20" }), 40);
      const gaps = requests.slice(1).map(({ at }, place) => at - requests[place].at);
      // 20 s are counted from the answer, which comes after the question.
      assert.ok(
        gaps.every((gap) => gap >= 20_000),
        `asked after ${sinceFirst(requests)} s; by tab ${byTab(requests, 6)}`,
      );
      assert.ok(requests.length > 1, "and it is asked again");
      await closeAll(pages);
    }, 240_000);

    test(`D58: ${credentials}: a page that is loaded, or opened, within Retry-After: 20 asks nobody before, and is authorized by itself after`, async () => {
      const {
        pages: [page],
        client,
        namespace,
      } = await tabs(1, { credentials, life: 600 });
      client.answer = throttled({ "retry-after": "20" });
      const load = async (page, tab) => {
        await page.goto(site.url("/lab"));
        await until(page, () => window.labReady);
        // What the browser has thrown away: the shared record alone still says that a user is signed in.
        await page.evaluate(
          () =>
            new Promise((resolve, reject) => Object.assign(indexedDB.deleteDatabase("authframe"), { onsuccess: resolve, onerror: reject })),
        );
        await page.evaluate(connectHere, { namespace, credentials, client: namespace, tab });
      };
      const from = client.requests.length;
      await load(page, "0");
      const first = await client.seen(from + 1);
      assert.equal(first.reason, "restore");
      await widgetSees(page, "unauthorized", null);
      await load(page, "0");
      const another = await lab.context.newPage();
      await load(another, "1");
      for (const where of [page, another])
        await until(where, () => `${bridge.session.status} ${bridge.session.reason}` === "unauthorized acquire-failed");
      client.answer = lasts(600);
      const second = await client.seen(from + 2);
      assert.ok(second.at - first.at >= 20_000, `asked after ${second.at - first.at} ms`);
      for (const where of [page, another]) await widgetSees(where, "authorized", "ada");
      assert.equal(await page.evaluate((key) => localStorage.getItem(key), `${namespace}.authframe.pause`), null, "nothing is left of it");
      await closeAll([page, another]);
    }, 240_000);

    test(`D58: ${credentials}: four tabs whose clock is an hour ahead of the server's: ${most} in a minute, and diagnose() names the clock first`, async () => {
      const { pages, client } = await tabs(4, { credentials, life: 6 });
      const requests = await failing(
        client,
        good(() => ({ expiresAt: Date.now() - 3_600_000 + 600_000 })),
        60,
      );
      const counts = byTab(requests, 4);
      if (credentials === "sealed")
        assert.ok(requests.length <= 8, `${requests.length} requests, after the first ${sinceFirst(requests)} s; by tab ${counts}`);
      else assert.ok(Math.max(...counts) <= 6, `${counts} requests by tab`);
      // Who got such a token last knows what is wrong with it; where each tab has its own, all do.
      const who = credentials === "sealed" ? [Number(requests.at(-1).tab)] : [0, 1, 2, 3];
      for (const tab of who)
        assert.equal(await pages[tab].evaluate(async () => (await bridge.diagnose())[0]?.code), "CLOCK_WRONG", `tab ${tab}`);
      // Once the server's clock agrees, nothing is wrong any more.
      const last = numbers;
      client.answer = lasts(600);
      assert.deepEqual(await Promise.all(pages.map((page) => hasToken(page, last))), Array(4).fill("a token"));
      for (const tab of who)
        assert.ok(
          !(await pages[tab].evaluate(async () => (await bridge.diagnose()).map(({ code }) => code))).includes("CLOCK_WRONG"),
          `tab ${tab}`,
        );
      await closeAll(pages);
    }, 240_000);

    for (const days of [30, 90]) {
      test(`D54, D58: ${credentials}: a token that lasts ${days} days: fewer than ten timers in five seconds`, async () => {
        const {
          pages: [page],
          client,
        } = await tabs(1, { credentials, life: days * 86_400, prepare: countTimers });
        const before = await page.evaluate(() => window.timersSet);
        const asked = client.requests.length;
        // By the page's own clock, on a timer that is not counted.
        await page.evaluate(() => new Promise((done) => window.uncounted(done, 5000)));
        const timers = (await page.evaluate(() => window.timersSet)) - before;
        assert.ok(timers < 10, `${timers} timers`);
        assert.equal(client.requests.length, asked, "the token is not renewed");
        assert.equal(await page.evaluate(() => bridge.accessToken()), "token 0");
        await page.close();
      });
    }
  }

  test("D58: memory: reloaded while the server answers 503, it is authorized by itself once the server is well again", async () => {
    const {
      pages: [page],
      client,
      namespace,
    } = await tabs(1, { credentials: "memory", life: 600 });
    await reloadWhileDown(page, client, namespace);
    await client.seen(3);
    client.answer = lasts(600);
    await until(page, () => bridge.session.status === "authorized");
    assert.deepEqual(await page.evaluate(() => [bridge.session.account.subject, window.sessions.at(-1)]), ["ada", "authorized restore"]);
    assert.match(await page.evaluate(() => bridge.accessToken()), /^token/);
    await page.close();
  });

  test("D58: memory: reloaded while the server answers 503, it asks at once when the browser is online again", async () => {
    const {
      pages: [page],
      client,
      namespace,
    } = await tabs(1, { credentials: "memory", life: 600 });
    await reloadWhileDown(page, client, namespace);
    // The fifth pause is longer than what is waited for here.
    const fifth = await client.seen(5);
    const network = await lab.context.newCDPSession(page);
    const conditions = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await page.evaluate(() => addEventListener("online", () => (window.online = performance.now())));
    await network.send("Network.enable");
    await network.send("Network.emulateNetworkConditions", { ...conditions, offline: true });
    assert.equal(await page.evaluate(() => navigator.onLine), false);
    client.answer = lasts(600);
    assert.equal(client.requests.at(-1), fifth, "it waits");
    await network.send("Network.emulateNetworkConditions", { ...conditions, offline: false });
    await until(page, () => window.online !== undefined && bridge.session.status === "authorized");
    const took = await page.evaluate(() => performance.now() - window.online);
    assert.ok(took < 2500, `authorized ${Math.round(took)} ms after it was online again`);
    await page.close();
  });

  test("D58: memory: reloaded while the server cannot be reached at all, it is authorized by itself once it can", async () => {
    const {
      pages: [page],
      client,
      namespace,
    } = await tabs(1, { credentials: "memory", life: 600 });
    client.answer = () => ({ status: 502 });
    await page.reload();
    await until(page, () => window.labReady);
    let down = true;
    await page.route("**/token?*", (route) => (down ? route.abort("connectionrefused") : route.continue()));
    let failures = 0;
    const twice = new Promise((resolve) => page.on("requestfailed", () => ++failures === 2 && resolve()));
    await page.evaluate(connectHere, { namespace, credentials: "memory", client: namespace, tab: "0" });
    await Promise.race([twice, seconds(30).then(() => assert.fail(`tried ${failures} times in 30 s`))]);
    down = false;
    client.answer = lasts(600);
    await until(page, () => bridge.session.status === "authorized");
    await page.close();
  });

  test("D58: memory: what the server refuses (AuthRejected) is not tried again after a reload", async () => {
    const {
      pages: [page],
      client,
      namespace,
    } = await tabs(1, { credentials: "memory", life: 600 });
    client.answer = () => ({ status: 401 });
    const from = client.requests.length;
    await page.reload();
    await until(page, () => window.labReady);
    await page.evaluate(connectHere, { namespace, credentials: "memory", client: namespace, tab: "0" });
    await widgetSees(page, "unauthorized", null);
    await seconds(5);
    assert.deepEqual(
      client.requests.slice(from).map(({ reason }) => reason),
      ["restore"],
    );
    await page.close();
  });
});

/** Reloads, and connects again while the server is down. */
async function reloadWhileDown(page, client, namespace) {
  client.answer = () => ({ status: 503 });
  client.requests.length = 0;
  await page.reload();
  await until(page, () => window.labReady);
  await page.evaluate(connectHere, { namespace, credentials: "memory", client: namespace, tab: "0" });
  assert.equal((await client.seen(1)).reason, "restore");
}

/** In every document, before its own scripts. */
function countTimers() {
  const set = window.setTimeout;
  window.timersSet = 0;
  window.uncounted = (callback, delay) => Reflect.apply(set, window, [callback, delay]);
  window.setTimeout = function setTimeout(...args) {
    window.timersSet++;
    return Reflect.apply(set, window, args);
  };
}
