// Whose turn it is with edna's cookies, over a lock manager of this file: what takes longer than a browser test may, and what a browser lets no test do.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { load } from "./compile.mjs";

const { CookieTurn } = await load('export * from "./js/edna/cookie-turn.ts";');
const { OpenPages } = await load('export * from "./js/edna/open-pages.ts";');
const { checksum } = await load('export * from "./js/edna/visitor.ts";');
const { withLock } = await load('export * from "./js/edna/web-locks.ts";');

const stopped = (name) => Object.assign(new Error(name), { name });

/** Web Locks as the standard has them, in one process: first come, first served; `steal` breaks those that are held. */
class Locks {
  held = [];
  waiting = [];
  /** As Chromium: a shared request that stands behind one which is aborted is not looked at again until the lock is released. */
  forgetsThoseBehind = false;

  request(name, options, callback) {
    const { mode = "exclusive", signal, steal = false } = options;
    return new Promise((resolve, reject) => {
      const entry = { name, mode, callback, resolve, reject };
      signal?.addEventListener("abort", () => {
        if (!this.waiting.includes(entry)) return;
        this.waiting = this.waiting.filter((other) => other !== entry);
        reject(signal.reason);
        if (!this.forgetsThoseBehind) this.#grant();
      });
      if (options.ifAvailable && this.held.some((lock) => lock.name === name)) resolve(callback(null));
      else if (!steal) this.waiting.push(entry);
      else {
        for (const other of this.held.filter((lock) => lock.name === name)) other.reject(stopped("AbortError"));
        this.held = this.held.filter((lock) => lock.name !== name);
        this.#begin(entry);
      }
      this.#grant();
    });
  }

  query = async () => ({ held: this.held.map(({ name, mode }) => ({ name, mode })), pending: [] });

  #grant() {
    for (const entry of [...this.waiting]) {
      const before = this.waiting.slice(0, this.waiting.indexOf(entry)).filter(({ name }) => name === entry.name);
      const inTheWay = [...this.held, ...before].filter(({ name }) => name === entry.name);
      if (entry.mode === "shared" ? inTheWay.some(({ mode }) => mode !== "shared") : inTheWay.length > 0) continue;
      this.waiting = this.waiting.filter((other) => other !== entry);
      this.#begin(entry);
    }
  }

  #begin(entry) {
    this.held.push(entry);
    const end = (settle) => (value) => {
      this.held = this.held.filter((other) => other !== entry);
      settle(value);
      this.#grant();
    };
    Promise.resolve()
      .then(() => entry.callback({ name: entry.name, mode: entry.mode }))
      .then(end(entry.resolve), end(entry.reject));
  }
}

let locks;
beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  locks = new Locks();
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
});
const settle = async () => {
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
};

/** Pages look for each other every 100 ms. */
const pass = async (millis) => {
  for (let passed = 0; passed < millis; passed += 100) {
    await settle();
    mock.timers.tick(100);
  }
  await settle();
};

const GUEST = { clientId: null, guestId: "g", cookies: [] };
const ADA = { clientId: "ada", guestId: "g", cookies: [["token", "a"]] };
const GRACE = { ...ADA, clientId: "grace" };
const bare = (visitor) => ({ ...visitor, cookies: [] });

/** A tab, with what it has written and lost. */
const tab = () => {
  const log = [];
  const turn = new CookieTurn("ns.edna.cookies", () => log.push("lost"));
  const end = new AbortController();
  const take = (visitor) => turn.take(visitor, () => log.push(`${visitor.clientId} ${visitor.cookies.length}`), end.signal);
  return { log, turn, take, end };
};

test("D7: cookies are written when the tabs of every other visitor have let go", async () => {
  const [one, two, three] = [tab(), tab(), tab()];
  await one.take(ADA);
  await two.take(ADA);
  const waiting = three.take(GRACE);
  await settle();
  assert.deepEqual([one.log, two.log, three.log], [["ada 1"], ["ada 1"], []]);
  one.turn.release();
  await settle();
  assert.deepEqual(three.log, []);
  two.turn.release();
  await waiting;
  assert.deepEqual([three.log, three.turn.isOf(GRACE), one.turn.isOf(ADA)], [["grace 1"], true, false]);
  assert.deepEqual(
    locks.held.map(({ name, mode }) => [name, mode]),
    [[`ns.edna.cookies.with ${checksum("client grace")}`, "shared"]],
  );
});

test("D3: visitors without cookies do not wait for each other; one with cookies waits for them, and they for one", async () => {
  const [ada, grace, guest] = [tab(), tab(), tab()];
  await ada.take(bare(ADA));
  await grace.take(bare(GRACE));
  await guest.take(GUEST);
  const withCookies = grace.take(GRACE);
  await settle();
  // Until then she is who she was.
  assert.deepEqual([grace.log, grace.turn.isOf(bare(GRACE))], [["grace 0"], true]);
  ada.turn.release();
  guest.turn.release();
  await withCookies;
  assert.deepEqual([grace.log, grace.turn.isOf(GRACE), locks.held.length], [["grace 0", "grace 1"], true, 1]);
  const late = guest.take(GUEST);
  await settle();
  assert.deepEqual(guest.log, ["null 0"]);
  grace.turn.release();
  await late;
  assert.deepEqual(guest.log, ["null 0", "null 0"]);
});

test("D7: a tab that does not let go within 10 s loses its visitor, and the tabs that wait behind go on", async () => {
  const [stuck, next, after] = [tab(), tab(), tab()];
  await stuck.take(ADA);
  const waiting = next.take(GRACE);
  const behind = after.take(GRACE);
  await settle();
  mock.timers.tick(9999);
  await settle();
  assert.deepEqual([stuck.log, next.log], [["ada 1"], []]);
  mock.timers.tick(1);
  await waiting;
  await behind;
  assert.deepEqual([stuck.log, stuck.turn.isOf(ADA), next.log, after.log], [["ada 1", "lost"], false, ["grace 1"], ["grace 1"]]);
});

test("D7: a tab that is not to have this visitor any more writes nothing, and keeps no other tab waiting", async () => {
  const [one, two, three] = [tab(), tab(), tab()];
  await one.take(ADA);
  const given = two.take(GRACE);
  const third = three.take(ADA);
  await settle();
  assert.deepEqual(three.log, [], "one at a time");
  two.end.abort();
  await given;
  await third;
  assert.deepEqual([two.log, three.log, one.log], [[], ["ada 1"], ["ada 1"]]);
  two.end.abort();
  await two.take(GRACE);
  assert.deepEqual([two.log, two.turn.isOf(GRACE)], [[], false]);
  one.turn.release();
  three.turn.release();
  await settle();
  assert.deepEqual([locks.held, locks.waiting], [[], []]);
});

test("D3, D7: where the browser does not say which locks are held, they are found all the same, and what is listed of closed tabs is swept", async () => {
  const store = { "ns.edna.cookies.with gone": "", "ns.edna.page gone": "", other: "" };
  globalThis.localStorage = Object.defineProperties(store, {
    setItem: { value: (key, value) => Object.assign(store, { [key]: value }) },
    removeItem: { value: (key) => delete store[key] },
  });
  locks.query = () => Promise.reject(stopped("SecurityError"));
  const [one, two] = [tab(), tab()];
  await one.take(ADA);
  const waiting = two.take(GRACE);
  await settle();
  assert.deepEqual(two.log, []);
  one.turn.release();
  await waiting;
  assert.deepEqual(two.log, ["grace 1"]);
  const [guest, user] = [new OpenPages("ns.edna"), new OpenPages("ns.edna")];
  await guest.say(null);
  assert.equal(await guest.disagree(), false);
  await user.say("ada");
  assert.equal(await guest.disagree(), true);
  user.leave();
  await settle();
  let decided = 0;
  await guest.ifNoOtherUser(() => decided++);
  assert.deepEqual([decided, Object.keys(store).filter((key) => /gone|user/.test(key))], [1, []]);
  assert.doesNotMatch(JSON.stringify(store), /ada|grace/);
  delete globalThis.localStorage;
});

test("where there are no locks, or not for us, cookies are written all the same, and nothing is decided about other pages", async () => {
  for (const value of [
    undefined,
    { request: () => Promise.reject(stopped("SecurityError")), query: () => Promise.reject(stopped("SecurityError")) },
  ]) {
    Object.defineProperty(globalThis, "navigator", { value: { locks: value }, configurable: true });
    const { log, take } = tab();
    await take(ADA);
    assert.deepEqual(log, ["ada 1"]);
    // Two tabs with two users would sign each other out for ever.
    const [ada, grace] = [new OpenPages("ns.edna"), new OpenPages("ns.edna")];
    await ada.say("ada");
    await grace.say("grace");
    let decided = 0;
    await ada.ifNoOtherUser(() => decided++);
    await grace.ifNoOtherUser(() => decided++);
    assert.deepEqual([decided, await ada.disagree()], [0, false]);
  }
});

test("what work throws under a lock reaches the caller, and the lock is free again", async () => {
  const { signal } = new AbortController();
  await assert.rejects(
    withLock("a", 1000, signal, () => {
      throw new Error("the work's own");
    }),
    /the work's own/,
  );
  assert.deepEqual(locks.held, []);
});

test("a lock that is held for too long is taken away, also from a tab that does nothing", async () => {
  void locks.request("a", {}, () => new Promise(() => {})).catch(() => {});
  let done = false;
  const work = withLock("a", 1000, new AbortController().signal, () => {
    done = true;
  });
  await settle();
  assert.equal(done, false);
  mock.timers.tick(1000);
  await work;
  assert.equal(done, true);
});

test("a turn that is taken away before the cookies are written writes none, and is waited for again", async () => {
  const [stuck, slow] = [tab(), tab()];
  await stuck.take(ADA);
  const waiting = slow.take(GRACE);
  await settle();
  // Another tab takes it, and has it for a while.
  let end;
  const thief = locks.request("ns.edna.cookies.turn", { steal: true }, () => new Promise((resolve) => (end = resolve)));
  await settle();
  stuck.turn.release();
  await settle();
  assert.deepEqual([slow.log, slow.turn.isOf(GRACE), locks.held.length], [[], false, 1]);
  end();
  await Promise.all([thief, waiting]);
  assert.deepEqual([slow.log, slow.turn.isOf(GRACE)], [["grace 1"], true]);
});

test("a tab waits longer for its turn than several before it may wait for tabs that do nothing", async () => {
  const visitors = ["a", "b", "c", "d"].map((clientId) => ({ ...ADA, clientId }));
  const stuck = tab();
  await stuck.take(ADA);
  // Each of these lets go of nothing.
  const tabs = visitors.map(() => tab());
  const waiting = tabs.map(({ take }, n) => take(visitors[n]));
  for (let n = 0; n < 4; n++) {
    await settle();
    mock.timers.tick(10_000);
    await settle();
  }
  await Promise.all(waiting);
  assert.deepEqual(
    tabs.map(({ log }) => log),
    [["a 1", "lost"], ["b 1", "lost"], ["c 1", "lost"], ["d 1"]],
  );
});

test("work whose lock is taken away learns of it, and that is no error", async () => {
  let end;
  let taken;
  const work = withLock("a", 1000, new AbortController().signal, (signal) => {
    taken = signal;
    return new Promise((resolve) => (end = resolve));
  });
  await settle();
  let isOver = false;
  const over = work.then(() => (isOver = true));
  await locks.request("a", { steal: true }, () => {});
  await settle();
  assert.deepEqual([taken.aborted, isOver], [true, false]);
  end();
  await over;
  const own = withLock("a", 1000, new AbortController().signal, async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw new Error("the work's own");
  });
  await settle();
  await locks.request("a", { steal: true }, () => {});
  await assert.rejects(own, /the work's own/);
});

test("a page that names a user while another one waits for that user's pages to go is not kept waiting for good", async () => {
  locks.forgetsThoseBehind = true;
  const [guest, user, later] = [new OpenPages("ns.edna"), new OpenPages("ns.edna"), new OpenPages("ns.edna")];
  await guest.say(null);
  await user.say("ada");
  const none = guest.ifNoOtherUser(() => assert.fail("the user is there"));
  await settle();
  let said = false;
  const saying = later.say("ada").then(() => {
    said = true;
  });
  await pass(1000);
  await none;
  assert.equal(said, true);
  await saying;
});

test("D3: a session is left only when no page names a user, and no page can name one while that is decided", async () => {
  const [guest, user, later] = [new OpenPages("ns.edna"), new OpenPages("ns.edna"), new OpenPages("ns.edna")];
  await guest.say(null);
  await user.say("ada");
  assert.deepEqual([await guest.disagree(), await user.disagree()], [true, true]);
  let decided = 0;
  const none = guest.ifNoOtherUser(() => decided++);
  await pass(1000);
  await none;
  assert.equal(decided, 0);
  // A page that is being closed needs a moment.
  let finish;
  const going = guest.ifNoOtherUser(
    () =>
      new Promise((resolve) => {
        decided++;
        finish = resolve;
      }),
  );
  await pass(800);
  assert.equal(decided, 0);
  user.leave();
  await pass(100);
  assert.equal(decided, 1);
  let said = false;
  const saying = later.say("grace").then(() => {
    said = true;
  });
  await settle();
  assert.equal(said, false);
  finish();
  await Promise.all([going, saying]);
  assert.deepEqual([said, await guest.disagree()], [true, true]);
  later.close();
  await settle();
  assert.equal(await guest.disagree(), false);
});
