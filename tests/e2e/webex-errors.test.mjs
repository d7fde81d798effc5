/** Webex: the error rows of the vendor's guide, as they stand there, in every tab and at every host. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { test } from "./browser.mjs";
import {
  alive,
  another,
  details,
  events,
  fresh,
  lab,
  phone,
  provider,
  registered,
  seen,
  session,
  signIn,
  status,
} from "./webex-phones.mjs";

const LIMIT = {
  status: "inactive",
  type: "registrationError",
  msg: "Device limit exceeded. The user already logged in to a different device.",
};
const GONE = { status: "inactive", type: "registrationError", msg: "Device not found." };
const TOKEN = { status: "inactive", type: "tokenError", msg: "Token expired. Authentication/Authorization error." };

/** Forgets what was received until now. */
async function afresh(...tabs) {
  for (const { page, widget } of tabs) {
    await widget.evaluate(() => void (window.events = []));
    await page.evaluate(() => void (window.news = []));
  }
}

/** What all of these have received: `[event, error]` each, the same in the widget and at the host. */
async function received(tabs, last) {
  for (const { page, widget } of tabs) {
    await until(widget, (last) => window.events.at(-1)?.[0] === last, last);
    await until(page, (last) => window.news.at(-1)?.event === last, last);
  }
  const all = [];
  for (const { page, widget } of tabs) {
    all.push(await widget.evaluate(() => window.events.map(([event, , value]) => [event, event === "error" ? value : null])));
    all.push(await page.evaluate(() => window.news.map(({ event, error }) => [event, event === "error" ? error : null])));
  }
  for (const one of all) assert.deepEqual(one, all[0]);
  return all[0];
}

test("W9: the three rows of the guide, with nothing else enumerable, in both tabs and at both hosts", async () => {
  const at = fresh({ keepaliveInterval: 30 });
  const one = await registered(at);
  const two = await another(at);
  for (const [fault, row, code] of [
    [{ status: 403, body: { errorCode: 101, devices: [] } }, LIMIT, 101],
    [{ status: 404 }, GONE, null],
    [{ status: 401, times: 2 }, TOKEN, null],
  ]) {
    await one.widget.evaluate(() => line.deregister());
    for (const { widget } of [one, two]) await status(widget, "IDLE");
    await afresh(one, two);
    at.registrar.fail({ path: "/device", ...fault });
    await two.widget.evaluate(() => line.register());
    assert.deepEqual(await received([one, two], "error"), [
      ["connecting", null],
      ["error", row],
    ]);
    for (const { page, widget } of [one, two]) {
      const said = (await details(widget)).at(-1);
      assert.deepEqual([said.errorCode, said.cause, said.fatal], [code, "registrar", true]);
      assert.deepEqual(await page.evaluate(() => window.news.at(-1).details), said);
    }
  }
});

test("W1: a keepalive is 401 and the refresh token is refused: the row first, then the line is lost, and all are signed out", async () => {
  const at = fresh();
  const oidc = await provider();
  const one = await registered(at);
  const two = await another(at);
  await afresh(one, two);
  oidc.revokeAll("ada");
  for (const { widget } of [one, two]) await session(widget, "unauthorized");
  assert.deepEqual(await received([one, two], "unregistered"), [
    ["error", TOKEN],
    ["unregistered", null],
  ]);
  const [said] = await one.widget.evaluate(() => [
    [webex.bridge.session.reason, line.getStatus(), window.events.map(([, status]) => status), window.events[1][2]],
  ]);
  // W7: while it is emitted the line is inactive.
  assert.deepEqual(said, ["refused", "IDLE", ["active", "inactive"], { reason: "signed-out" }]);
  // W4: why the provider refused is there, in the tab that asked.
  const refusals = [];
  for (const { widget } of [one, two]) {
    const { refusal } = await widget.evaluate(() => {
      const { refusal } = webex.getTokenInfo();
      return { refusal: refusal && { error: refusal.error, description: refusal.description } };
    });
    if (refusal) refusals.push(refusal);
  }
  assert.deepEqual(
    refusals.map(({ error, description }) => [error, typeof description]),
    [["invalid_grant", "string"]],
  );
});

test("W2: a keepalive is 401 and there is no refresh token: the row, the line is lost, and the session stays, in every tab", async () => {
  const at = fresh();
  const oidc = await provider();
  oidc.settings.refreshTokens = false;
  const one = await registered(at);
  const two = await another(at);
  await afresh(one, two);
  at.registrar.fail({ path: "/status", status: 401, times: 2 });
  assert.deepEqual(await received([one, two], "unregistered"), [
    ["error", TOKEN],
    ["unregistered", null],
  ]);
  await lab.quiet();
  for (const { widget } of [one, two])
    assert.deepEqual(await widget.evaluate(() => [webex.bridge.session.status, line.getStatus()]), ["authorized", "inactive"]);
  assert.equal(oidc.requests.length, 1, "nothing was renewed");
  // The token is good, and the line can be had again.
  await two.widget.evaluate(() => line.register());
  for (const { widget } of [one, two]) await status(widget, "active");
  // The same while it is being registered.
  await one.widget.evaluate(() => line.deregister());
  for (const { widget } of [one, two]) await status(widget, "IDLE");
  await afresh(one, two);
  at.registrar.fail({ path: "/device", status: 401, times: 2 });
  await one.widget.evaluate(() => line.register());
  assert.deepEqual(await received([one, two], "error"), [
    ["connecting", null],
    ["error", TOKEN],
  ]);
  assert.equal(await two.widget.evaluate(() => webex.bridge.session.status), "authorized");
});

test("W2: a token that nothing renews is good until its end, and then the row comes before the line is lost", async () => {
  const at = fresh();
  const oidc = await provider();
  Object.assign(oidc.settings, { refreshTokens: false, accessTokenSeconds: 10 });
  const one = await registered(at);
  const began = Date.now();
  await afresh(one);
  await session(one.widget, "unauthorized");
  const lived = Date.now() - began;
  assert.ok(lived > 5_000, `${lived} ms`);
  assert.deepEqual(await received([one], "unregistered"), [
    ["error", TOKEN],
    ["unregistered", null],
  ]);
  assert.equal(await one.widget.evaluate(() => webex.bridge.session.reason), "expired");
});

test("W4: the scope and the refresh token's end are there after a sign-in", async () => {
  const at = fresh();
  await provider();
  const one = await phone(at);
  await session(one.widget, "unauthorized");
  const nothing = { scope: null, refreshTokenExpiresAt: null, refusal: null };
  assert.deepEqual(await one.widget.evaluate(() => webex.getTokenInfo()), nothing);
  await signIn(one);
  await status(one.widget, "active");
  const { scope } = await one.widget.evaluate(() => webex.getTokenInfo());
  assert.match(scope, /spark:webrtc_calling/);
  await one.widget.evaluate(() => webex.signOut());
  await session(one.widget, "unauthorized");
  assert.deepEqual(await one.widget.evaluate(() => webex.getTokenInfo()), nothing);
});

test('W5: deviceLimit "replace" removes the other device in its own name', async () => {
  const at = fresh({ limit: 1, keepaliveInterval: 30 });
  const other = await phone({ id: at.id }, { device: "2", namespace: `${at.id}-other` });
  await signIn(other);
  await status(other.widget, "active");
  const one = await phone(at, { limit: "replace" });
  await signIn(one);
  await status(one.widget, "active");
  await seen(at.registrar, () => at.registrar.requests.some(({ method }) => method === "DELETE"));
  const names = at.registrar.requests.filter(({ token }) => token).map(({ method, deviceUrl }) => [method, deviceUrl.split("/").at(-1)]);
  assert.deepEqual(names, [
    ["POST", "2"],
    ["POST", "1"],
    ["DELETE", "2"],
    ["POST", "1"],
  ]);
  assert.deepEqual([alive(at), await events(one.widget)], [1, ["connecting", "unregistered", "registered"]]);
});
