/** Tokens that last: kept, shared, renewed by one for all. A real token server, a real credential store. */
import assert from "node:assert/strict";
import { until, widgetSees } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";
import { allSee, signInWith, storeRecord, tabsWithTokens, tokensFor } from "./tokens.mjs";

const lab = browserForThisFile();
let clients = 0;
const freshClient = (settings = {}) => {
  const id = `client-${process.pid}-${++clients}`;
  const client = lab.server.signIn.client(id);
  client.set(settings);
  return { id, client };
};
const NO_CREDENTIAL = ["credential", "doubt", "lease", "pause", "snapshot", "v"];
/** In a page: waits until the bridge gives another token than this. (Playwright's waitForFunction takes a promise for a yes.) */
const renewed = async (old) => {
  while ((await bridge.accessToken({ minValidity: 0 })) === old) await new Promise((done) => setTimeout(done, 20));
};
const tokenOf = ({ where }) => where.evaluate(() => bridge.accessToken({ minValidity: 0 }));

for (const top of [false, true]) {
  const place = top ? "top-level tabs" : "frames";

  test(`sealed, in ${place}: a sign-in with its tokens reaches another tab and survives a reload, and acquire is not asked`, async () => {
    const { id: client } = freshClient();
    const namespace = lab.freshNamespace();
    const tabs = await tabsWithTokens(lab, 2, { top, client, namespace });
    await allSee(tabs, "unauthorized");
    const tokens = await tokensFor(lab, client);
    await signInWith(tabs[0].where, tokens);
    await allSee(tabs, "authorized", "ada");
    for (const tab of tabs) assert.equal(await tokenOf(tab), tokens.access_token);
    const record = await storeRecord(tabs[0].where, namespace);
    assert.deepEqual(record.keys, ["credential", "data", "doubt", "iv", "key", "lease", "padding", "pause", "snapshot", "v"]);
    assert.deepEqual(record.key, { type: "secret", extractable: false });

    const [third] = await tabsWithTokens(lab, 1, { top, client, namespace });
    await widgetSees(third.where, "authorized", "ada");
    assert.equal(await tokenOf(third), tokens.access_token);
    assert.deepEqual(await third.where.evaluate(() => window.calls), [], "the credential store had it");

    await third.where.evaluate(() => bridge.signOut());
    await allSee([...tabs, third], "unauthorized", null);
    await lab.quiet();
    assert.deepEqual((await storeRecord(tabs[0].where, namespace)).keys, NO_CREDENTIAL);
  });

  test(`D22, in ${place}: 20 tabs with a single-use refresh token make one request for each expiry, and all are fresh within a second`, async () => {
    const { id, client } = freshClient({ accessSeconds: 8 });
    const tabs = await tabsWithTokens(lab, 20, { top, client: id });
    if (top) assert.ok(await lab.separateProcesses(tabs[0].where, tabs[1].where), "at least two renderer processes");
    const tokens = await tokensFor(lab, id);
    await signInWith(tabs[0].where, tokens);
    await allSee(tabs, "authorized", "ada");
    let old = tokens.access_token;
    for (let expiry = 1; expiry <= 2; expiry++) {
      await client.seen("refresh", expiry);
      const notifiedAt = await Promise.all(tabs.map(({ where }) => where.evaluate(renewed, old).then(() => Date.now())));
      const { doneAt } = client.requests.filter(({ kind }) => kind === "refresh").at(-1);
      assert.ok(Math.max(...notifiedAt) - doneAt < 1000, `the last tab was notified after ${Math.max(...notifiedAt) - doneAt} ms`);
      const held = new Set(await Promise.all(tabs.map(tokenOf)));
      assert.equal(held.size, 1, "all hold the same token");
      [old] = held;
    }
    assert.equal(client.count("refresh"), 2);
    const states = await Promise.all(
      tabs.map(({ where }) =>
        where.evaluate(() => sessions.map(({ status }) => status).slice(sessions.findIndex(({ status }) => status === "authorized"))),
      ),
    );
    assert.ok(
      states.flat().every((status) => status === "authorized"),
      "nobody was signed out",
    );
  }, 180_000);
}

/** Every one of these tabs wants a fresher token than any; `renewed` holds what it gets. */
const wantFresh = (tabs) =>
  Promise.all(
    tabs.map(({ where }) =>
      where.evaluate(() => {
        window.renewed = bridge.accessToken({ minValidity: 1e9 }).then(
          (token) => ({ token }),
          ({ code }) => ({ code }),
        );
      }),
    ),
  );
const got = (tabs) => Promise.all(tabs.map(({ where }) => where.evaluate(() => window.renewed)));

/** The tab that has asked the server; it waits for the answer. */
const refreshing = async (tabs) => {
  for (const tab of tabs) if ((await tab.where.evaluate(() => window.calls)).includes("refresh")) return tab;
  throw new Error("nobody refreshes");
};
const othersOf = (tabs, one) => tabs.filter((tab) => tab !== one);
const reasonOf = ({ where }) => where.evaluate(() => bridge.session.reason);

for (const { top, locks } of [
  { top: false, locks: true },
  { top: true, locks: true },
  { top: true, locks: false },
]) {
  const place = `${top ? "top-level tabs" : "frames"}${locks ? "" : " without Web Locks"}`;
  const withoutLocks = () => Object.defineProperty(Navigator.prototype, "locks", { value: undefined });

  /** Four tabs that all want a fresh token; one of them has asked the server, and is closed while it waits. */
  const closedWhileRefreshing = async (settings, fault) => {
    const { id, client } = freshClient(settings);
    client.fail({ kind: "refresh", ...fault });
    const tabs = await tabsWithTokens(lab, 4, { top, client: id, prepare: locks ? undefined : withoutLocks });
    if (top) assert.ok(await lab.separateProcesses(tabs[0].where, tabs[1].where), "at least two renderer processes");
    const tokens = await tokensFor(lab, id);
    await signInWith(tabs[0].where, tokens);
    await allSee(tabs, "authorized", "ada");
    await wantFresh(tabs);
    await client.seen("refresh", 1);
    const holder = await refreshing(tabs);
    await holder.page.close();
    const died = Date.now();
    await client.seen("refresh", 2);
    const waited = Date.now() - died;
    // Every other wait is 10 s or longer; a busy machine adds to the lease.
    assert.ok(waited < 9000, `the next one asked after ${waited} ms: after the lease of 5 s`);
    return { client, tokens, others: othersOf(tabs, holder) };
  };

  test(`D23, in ${place}: the refreshing tab is closed before the server has seen its request: another one proceeds, and nobody is signed out`, async () => {
    const { client, others } = await closedWhileRefreshing({}, { delayMs: 60_000 });
    const tokens = await got(others);
    assert.ok(tokens[0].token);
    assert.deepEqual(
      tokens,
      others.map(() => tokens[0]),
      "one asked, the others are served",
    );
    await allSee(others, "authorized", "ada");
    assert.equal(client.count("refresh"), 2);
  });

  test(`D23, in ${place}: it is closed after the server has spent the token: a server with a grace window signs nobody out`, async () => {
    const { client, others } = await closedWhileRefreshing({ reuse: "grace", graceMs: 30_000 }, { holdMs: 60_000 });
    const tokens = await got(others);
    assert.ok(tokens[0].token);
    assert.deepEqual(
      tokens,
      others.map(() => tokens[0]),
    );
    await allSee(others, "authorized", "ada");
    assert.equal(client.count("refresh"), 2);
  });

  test(`D23, in ${place}: it is closed after the server has spent the token: a strict server signs everybody out, and says why`, async () => {
    const { client, others } = await closedWhileRefreshing({ reuse: "strict" }, { holdMs: 60_000 });
    assert.deepEqual(
      await got(others),
      others.map(() => ({ code: "NOT_AUTHORIZED" })),
      "nobody waits for ever",
    );
    await allSee(others, "unauthorized", null);
    assert.deepEqual([...new Set(await Promise.all(others.map(reasonOf)))], ["refresh-outcome-unknown"]);
    assert.equal(client.count("refresh"), 2, "it is tried once more, and by one");
  });
}

for (const top of [false, true]) {
  test(`D24, in ${top ? "top-level tabs" : "frames"}: a sign-out while the server is asked ends everything; the late answer changes nothing`, async () => {
    const namespace = lab.freshNamespace();
    const { id, client } = freshClient();
    const tabs = await tabsWithTokens(lab, 4, { top, client: id, namespace });
    if (top) assert.ok(await lab.separateProcesses(tabs[0].where, tabs[1].where), "at least two renderer processes");
    // The answer comes two seconds later, after the sign-out.
    client.fail({ kind: "refresh", holdMs: 2000 });
    await signInWith(tabs[0].where, await tokensFor(lab, id));
    await allSee(tabs, "authorized", "ada");
    await wantFresh(tabs);
    await client.seen("refresh", 1);
    const [other] = othersOf(tabs, await refreshing(tabs));
    await other.where.evaluate(() => bridge.signOut());
    assert.deepEqual(
      await got(tabs),
      tabs.map(() => ({ code: "NOT_AUTHORIZED" })),
    );
    const [request] = client.requests.filter(({ kind }) => kind === "refresh");
    while (request.doneAt === null) await lab.quiet();
    await lab.quiet();
    await allSee(tabs, "unauthorized", null);
    assert.deepEqual((await storeRecord(tabs[0].where, namespace)).keys, NO_CREDENTIAL);
    assert.equal(client.count("refresh"), 1);
  });
}

test("a failing server signs nobody out and is asked again later; a refused refresh signs everybody out with the reason", async () => {
  const { id, client } = freshClient();
  const tabs = await tabsWithTokens(lab, 3, { client: id });
  client.fail({ kind: "refresh", status: 503 });
  const tokens = await tokensFor(lab, id);
  await signInWith(tabs[0].where, tokens);
  await allSee(tabs, "authorized", "ada");
  await wantFresh([tabs[0]]);
  // What is there is still good: better than nothing.
  assert.deepEqual(await got([tabs[0]]), [{ token: tokens.access_token }]);
  await client.seen("refresh", 2);
  await Promise.all(tabs.map(({ where }) => where.evaluate(renewed, tokens.access_token)));
  lab.server.signIn.control({ client: id, revoke: true });
  await wantFresh([tabs[1]]);
  await allSee(tabs, "unauthorized", null);
  assert.deepEqual(await Promise.all(tabs.map(reasonOf)), ["refused", "refused", "refused"]);
});

test("memory, the default (D19): every tab renews its own token, and nothing is stored", async () => {
  const namespace = lab.freshNamespace();
  const { id, client } = freshClient();
  const tabs = await tabsWithTokens(lab, 2, { client: id, namespace, credentials: "memory" });
  for (const { where } of tabs) await signInWith(where, await tokensFor(lab, id));
  const before = await Promise.all(tabs.map(tokenOf));
  await wantFresh(tabs);
  const results = await got(tabs);
  assert.ok(
    results.every(({ token }) => token),
    JSON.stringify(results),
  );
  const after = results.map(({ token }) => token);
  assert.equal(client.count("refresh"), 2);
  assert.equal(new Set([...before, ...after]).size, 4, "four different tokens");
  const kept = await tabs[0].where.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
  for (const secret of [...before, ...after]) assert.ok(!kept.includes(secret));
  assert.equal(await storeRecord(tabs[0].where, namespace), undefined, "nothing in the credential store either");
});

test("memory: the Web Lock is given back after a refusal, and also if the bridge is closed while it is asked for", async () => {
  const { id, client } = freshClient();
  client.fail({ kind: "refresh", error: "invalid_grant", delayMs: 300 });
  const [{ where }] = await tabsWithTokens(lab, 1, { client: id, credentials: "memory" });
  /** How many locks are held in this partition. */
  const locks = () => where.evaluate(async () => (await navigator.locks.query()).held.length);
  await signInWith(where, await tokensFor(lab, id));
  await where.evaluate(() => void (window.refused = bridge.accessToken({ minValidity: 1e9 }).catch((error) => error.code)));
  await client.seen("refresh");
  assert.equal(await locks(), 1);
  assert.equal(await where.evaluate(() => window.refused), "NOT_AUTHORIZED");
  await lab.quiet();
  assert.equal(await locks(), 0);

  await signInWith(where, await tokensFor(lab, id));
  const closed = await where.evaluate(() => {
    const waiting = bridge.accessToken({ minValidity: 1e9 }).catch((error) => error.code);
    bridge.close();
    return waiting;
  });
  await lab.quiet();
  assert.deepEqual([closed, await locks()], ["CLOSED", 0]);
});

test("a damaged vault is a typed error and a clean signed-out state, in every tab", async () => {
  const namespace = lab.freshNamespace();
  const { id: client } = freshClient();
  const [first] = await tabsWithTokens(lab, 1, { top: true, client, namespace });
  await signInWith(first.where, await tokensFor(lab, client));
  await widgetSees(first.where, "authorized", "ada");
  await until(first.where, (key) => localStorage.getItem(key), `${namespace}.authframe`);
  await first.where.evaluate(spoil, namespace);
  const [second] = await tabsWithTokens(lab, 1, { top: true, client, namespace });
  await allSee([first, second], "unauthorized", null);
  assert.equal(await reasonOf(second), "credential-lost");
  assert.equal(await second.where.evaluate(() => bridge.failure.code), "CREDENTIAL_DAMAGED");
  await lab.quiet();
  assert.deepEqual((await storeRecord(first.where, namespace)).keys, NO_CREDENTIAL);
});

/** Turns one bit of the sealed credential. */
function spoil(namespace) {
  return new Promise((resolve) => {
    indexedDB.open("authframe", 1).onsuccess = ({ target: { result: db } }) => {
      const transaction = db.transaction("vault", "readwrite");
      const store = transaction.objectStore("vault");
      store.get(namespace).onsuccess = ({ target: { result: record } }) => {
        new Uint8Array(record.data)[0] ^= 1;
        store.put(record, namespace);
      };
      transaction.oncomplete = () => {
        db.close();
        resolve();
      };
    };
  });
}

test("without IndexedDB (blocked, as in a private window of old) tokens stay in memory and the app is told", async () => {
  const { id: client } = freshClient();
  const blocked = () =>
    Object.defineProperty(window, "indexedDB", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  const [tab] = await tabsWithTokens(lab, 1, { client, prepare: blocked });
  const tokens = await tokensFor(lab, client);
  await signInWith(tab.where, tokens);
  await widgetSees(tab.where, "authorized", "ada");
  assert.equal(await tokenOf(tab), tokens.access_token);
  await until(tab.where, () => bridge.failure?.code === "CREDENTIAL_STORE_UNAVAILABLE");
});

test("the same harness with a naive lease in localStorage (check, write, read again) makes several requests for one expiry, and a strict server signs everybody out", async () => {
  const { id: client, client: script } = freshClient();
  const pages = [];
  for (let number = 0; number < 6; number++) pages.push(await lab.lab("widget"));
  const login = lab.url("login", "");
  let requests = 0;
  let refused = 0;
  // Not every round of a race is lost: ten are enough to lose one.
  for (let round = 0; round < 10 && refused === 0; round++) {
    const tokens = await tokensFor(lab, client);
    const key = `naive-${round}`;
    const at = Date.now() + 300;
    script.requests.length = 0;
    const outcomes = await Promise.all(
      pages.map((page) => page.evaluate(naiveRefresh, { key, at, login, client, token: tokens.refresh_token })),
    );
    requests = Math.max(requests, script.count("refresh"));
    refused = outcomes.filter((status) => status === 400).length;
  }
  assert.ok(requests > 1, `${requests} requests`);
  assert.ok(refused > 0, "a second use of the token is refused, and the family is revoked");
});

/** What many libraries do: a lease in localStorage, looked at, taken, and looked at again. */
async function naiveRefresh({ key, at, login, client, token }) {
  while (Date.now() < at) await new Promise((done) => setTimeout(done, 1));
  const me = Math.random().toString(36);
  const lease = JSON.parse(localStorage.getItem(key) ?? "null");
  if (lease && lease.until > Date.now()) return "busy";
  localStorage.setItem(key, JSON.stringify({ me, until: Date.now() + 5000 }));
  if (JSON.parse(localStorage.getItem(key)).me !== me) return "lost";
  const form = { grant_type: "refresh_token", refresh_token: token, client_id: client };
  return (await fetch(`${login}/token`, { method: "POST", body: new URLSearchParams(form) })).status;
}

test("D20: no token is in a storage event, a message, a URL, the console, an error, or what can be read of the bridge", async () => {
  const namespace = lab.freshNamespace();
  const { id, client } = freshClient();
  const spy = () => {
    window.received = [];
    const keep = (...things) =>
      window.received.push(
        things
          .map((thing) =>
            thing instanceof Error ? `${thing.stack} ${thing.message}` : typeof thing === "string" ? thing : JSON.stringify(thing),
          )
          .join(" "),
      );
    for (const level of ["log", "info", "warn", "error", "debug"]) console[level] = keep;
    addEventListener("storage", ({ key, oldValue, newValue, url }) => keep([key, oldValue, newValue, url]));
    addEventListener("message", ({ data }) => keep(data), true);
    const post = MessagePort.prototype.postMessage;
    MessagePort.prototype.postMessage = function (...args) {
      keep(args[0]);
      return post.apply(this, args);
    };
    const Channel = window.BroadcastChannel;
    window.BroadcastChannel = class extends Channel {
      postMessage(data) {
        keep(data);
        return super.postMessage(data);
      }
    };
  };
  const said = [];
  lab.context.on("console", (message) => said.push(message.text()));
  const tabs = await tabsWithTokens(lab, 2, { client: id, namespace, prepare: spy });
  const tokens = await tokensFor(lab, id);
  await signInWith(tabs[0].where, tokens);
  await allSee(tabs, "authorized", "ada");
  client.fail({ kind: "refresh", status: 503 });
  await wantFresh(tabs);
  await client.seen("refresh", 2);
  await tabs[1].where.evaluate(renewed, tokens.access_token);
  const secrets = [tokens.access_token, tokens.refresh_token, await tokenOf(tabs[0]), await tokenOf(tabs[1])];
  await tabs[1].where.evaluate(() => bridge.signOut());
  await allSee(tabs, "unauthorized", null);
  for (const { where, page } of tabs) {
    const seen = await where.evaluate(async () => [
      window.received,
      sessions,
      bridge.session,
      bridge.failure && [bridge.failure.message, bridge.failure.stack],
      await bridge.diagnose(),
      location.href,
      JSON.stringify(localStorage),
      JSON.stringify(sessionStorage),
    ]);
    const host = await page.evaluate(() => window.received);
    const text = JSON.stringify([seen, host, said, page.url()]);
    assert.ok(seen[0].length > 0, "the spy hears");
    for (const secret of secrets) assert.ok(!text.includes(secret), "a token came out");
  }
});

for (const credentials of ["memory", "sealed"]) {
  const count = 10_000;
  test(`D21 ${credentials}: after ${count} random sessions no storage of the page holds a token, and the shared record has its eight fields`, async () => {
    const { id: client } = freshClient();
    const namespace = lab.freshNamespace();
    const [tab] = await tabsWithTokens(lab, 1, { top: true, client, namespace, credentials });
    const result = await tab.where.evaluate(randomSessions, { count, namespace });
    assert.deepEqual(result, {
      leaks: [],
      fields: ["epoch", "expiresAt", "reason", "sequence", "status", "subjectTag", "v", "writer"],
      scans: 21,
      signedIn: true,
    });
  }, 180_000);
}

/** Signs random accounts with tainted tokens in and out, and looks through everything that is stored again and again. */
async function randomSessions({ count, namespace }) {
  const TAINT = "taint-5f31";
  // Whatever is stored, as one text; bytes as Latin-1, so that a token among them would be seen.
  const flatten = (value) => {
    if (value instanceof ArrayBuffer) return flatten(new Uint8Array(value));
    if (ArrayBuffer.isView(value)) return String.fromCharCode(...value.subarray(0, 4096));
    if (value && typeof value === "object")
      return Object.entries(value)
        .map(([key, inner]) => `${key}:${flatten(inner)}`)
        .join(",");
    return String(value);
  };
  const databases = async () => {
    const all = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
      for (const store of db.objectStoreNames)
        all.push(
          ...(await new Promise(
            (resolve) => (db.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result)),
          )),
        );
      db.close();
    }
    return all;
  };
  const leaks = [];
  let scans = 0;
  const scan = async () => {
    scans++;
    const stored = [flatten({ ...localStorage }), flatten({ ...sessionStorage }), document.cookie, ...(await databases()).map(flatten)];
    for (const text of stored) if (text.includes(TAINT)) leaks.push(text.slice(0, 200));
  };
  for (let number = 0; number < count; number++) {
    const dice = Math.random();
    const secret = `${TAINT}-${crypto.randomUUID()}`;
    const change =
      dice < 0.2
        ? bridge.signOut()
        : bridge.authorize({
            account: { subject: `user-${Math.floor(dice * 10)}`, name: "A name" },
            accessToken: secret,
            refreshToken: secret,
            expiresIn: 60 + dice * 1e6,
          });
    // Each is awaited until it is stored only now and then: with an encryption and a transaction for each, 10,000 would take a minute.
    if (number % 20 === 0) await change;
    if (number % (count / 20) === 0) await scan();
  }
  await bridge.authorize({ account: "last", accessToken: `${TAINT}-last` });
  // The last one has reached the shared record when it says so.
  while (JSON.parse(localStorage.getItem(`${namespace}.authframe`) ?? "null")?.epoch !== bridge.session.epoch)
    await new Promise((done) => setTimeout(done, 10));
  await scan();
  return {
    leaks,
    fields: Object.keys(JSON.parse(localStorage.getItem(`${namespace}.authframe`))).sort(),
    scans,
    signedIn: (await bridge.accessToken({ minValidity: 0 })) === `${TAINT}-last`,
  };
}

test("environment() says what keeps two tabs from refreshing at once", async () => {
  const { id: client } = freshClient();
  const without = (name) =>
    name === "locks"
      ? "delete Navigator.prototype.locks;"
      : `Object.defineProperty(window, "${name}", { get() { throw new DOMException("denied", "SecurityError"); } });`;
  const refreshOf = async (credentials, ...missing) => {
    const [tab] = await tabsWithTokens(lab, 1, { client, credentials, prepare: missing.map(without).join("\n") || undefined });
    if (credentials === "sealed") {
      await signInWith(tab.where, await tokensFor(lab, client));
      await widgetSees(tab.where, "authorized", "ada");
      if (missing.includes("indexedDB")) await until(tab.where, () => bridge.failure?.code === "CREDENTIAL_STORE_UNAVAILABLE");
    }
    return await tab.where.evaluate(() => bridge.environment().refresh);
  };
  assert.equal(await refreshOf("memory"), "lock");
  assert.equal(await refreshOf("memory", "locks"), "best-effort");
  assert.equal(await refreshOf("sealed"), "transaction");
  assert.equal(await refreshOf("sealed", "indexedDB"), "lock");
  assert.equal(await refreshOf("sealed", "indexedDB", "locks"), "best-effort");
});
