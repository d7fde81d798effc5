/** D50: tabs that the browser has frozen, in a window where all tabs but one are hidden. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { test } from "./browser.mjs";
import { launchWindow } from "./window.mjs";

let lab;
before(async () => {
  lab = await launchWindow();
});
after(() => lab?.close());

/** In a tab: a bridge whose tokens live for two seconds, what its server was asked, and what its listener got; each with the time. */
async function renewing(namespace) {
  const { connect } = await window.load("authframe");
  window.asked = [];
  window.notified = [];
  const grant = () => ({ account: { subject: "ada" }, accessToken: `token ${window.asked.length}`, expiresIn: 2 });
  window.bridge = await connect({
    hosts: ["https://nobody.example"],
    namespace,
    async acquire({ reason }) {
      window.asked.push([reason, Date.now()]);
      return grant();
    },
  });
  bridge.subscribe(({ status, reason }) => window.notified.push([`${status} ${reason}`, Date.now()]));
  await bridge.authorize(grant());
}

/** In a tab: a bridge that only follows. */
async function following(namespace) {
  const { connect } = await window.load("authframe");
  window.bridge = await connect({ hosts: ["https://nobody.example"], namespace });
}

const status = (page, wanted) =>
  page.waitForFunction((wanted) => bridge.session.status === wanted, { polling: 25, timeout: 15_000 }, wanted);
const seconds = (page, count) => page.evaluate((count) => new Promise((resolve) => setTimeout(resolve, count * 1000)), count);

test("D50 a frozen tab renews no token; thawed, it knows of the sign-out before it asks for one", async () => {
  const hidden = await lab.open();
  await hidden.page.evaluate(renewing, "frozen-1");
  await status(hidden.page, "authorized");
  const seen = await lab.open();
  await seen.page.evaluate(following, "frozen-1");
  await status(seen.page, "authorized");
  assert.ok(await hidden.freeze(), "it is frozen");
  const frozen = Date.now();
  // The next renewal and the token's end lie in there.
  await seconds(seen.page, 4);
  await seen.page.evaluate(() => bridge.signOut());
  await status(seen.page, "unauthorized");
  await seconds(seen.page, 0.5);
  const thawed = Date.now();
  await hidden.thaw();
  await status(hidden.page, "unauthorized");
  await seconds(hidden.page, 1.5);
  const { asked, notified } = await hidden.page.evaluate(() => ({ asked, notified }));
  assert.deepEqual(
    asked.filter(([, at]) => at > frozen),
    [],
    "nobody was asked, neither then nor later",
  );
  assert.deepEqual(
    notified.filter(([, at]) => at > frozen && at < thawed),
    [],
    "no listener was notified",
  );
  assert.equal(notified.at(-1)[0], "unauthorized user");
});

test("D50 thawed, it renews at most once what ran out meanwhile, and gives out no token that did", async () => {
  const hidden = await lab.open();
  await hidden.page.evaluate(renewing, "frozen-2");
  await status(hidden.page, "authorized");
  const seen = await lab.open();
  assert.ok(await hidden.freeze());
  const frozen = Date.now();
  await seconds(seen.page, 4);
  const thawed = Date.now();
  await hidden.thaw();
  const { token, asked } = await hidden.page.evaluate(async () => ({ token: await bridge.accessToken(), asked: [...asked] }));
  const since = asked.filter(([, at]) => at > frozen);
  assert.deepEqual(
    since.map(([reason]) => reason),
    ["refresh"],
  );
  assert.ok(since[0][1] >= thawed);
  assert.equal(token, `token ${asked.length}`);
});

test("D50 what other tabs did meanwhile is there at once, the last of it", async () => {
  const hidden = await lab.open();
  await hidden.page.evaluate(following, "frozen-3");
  const seen = await lab.open();
  await seen.page.evaluate(following, "frozen-3");
  await hidden.page.evaluate(() => {
    window.notified = [];
    bridge.subscribe(({ epoch }) => window.notified.push(epoch));
  });
  assert.ok(await hidden.freeze());
  for (const subject of ["ada", "grace", "edith"])
    await seen.page.evaluate((subject) => bridge.authorize({ account: { subject } }), subject);
  const epoch = await seen.page.evaluate(() => bridge.session.epoch);
  await hidden.thaw();
  await hidden.page.waitForFunction((epoch) => bridge.session.epoch === epoch, { polling: 25, timeout: 15_000 }, epoch);
  const notified = await hidden.page.evaluate(() => window.notified);
  assert.deepEqual(
    notified,
    [...notified].sort((one, two) => one - two),
    "never backwards",
  );
});
