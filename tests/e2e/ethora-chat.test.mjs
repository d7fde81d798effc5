/** Ethora's chat itself: with what the trade answers with, a real XMPP client logs in to a real XMPP server (Debian's Prosody) in a real browser. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test as nodeTest } from "node:test";
import { missing } from "../required.mjs";
import { prosody } from "../servers/prosody.mjs";
import { until } from "./actors.mjs";
import { browserForThisFile, test as browserTest, frameOf } from "./browser.mjs";
import { ethoraSite } from "./ethora-site.mjs";

// `npm test` says where it is, or that it is not there.
const PROSODY = process.env.PROSODY_PATH ?? ["/usr/bin/prosody"].find((path) => existsSync(path));
const withoutProsody = (context) => missing(context, "prosody", "no XMPP server is installed here (Debian: prosody)");
const lab = PROSODY ? browserForThisFile({ startXmpp: () => prosody({ path: PROSODY }) }) : null;
const test = PROSODY ? browserTest : (name) => nodeTest(name, withoutProsody);
const { fresh, site, signedIn, out, logIn } = ethoraSite(lab);

const XMPP = { xmpp: "1" };
const online = (widget, jid) => until(widget, (jid) => window.xmpp?.status === "online" && window.xmpp.jid.startsWith(`${jid}/`), jid);
const offline = (widget) => until(widget, () => window.xmpp.status === "offline");
const jid = ({ id }, user) => `${id}_${user}@xmpp.localhost`;
/** What the XMPP server says of this address. */
const logged = (text) => lab.server.xmpp.lines.filter((line) => line.includes(text)).length;
const authenticated = (chat, user) => logged(`Authenticated as ${jid(chat, user)}`);
/** Whether a widget's origin keeps this text anywhere where a script can read it. */
const isKept = (widget, text) =>
  widget.evaluate(async (text) => {
    const rows = [];
    for (const { name, version } of await indexedDB.databases()) {
      const database = await new Promise((resolve) => (indexedDB.open(name, version).onsuccess = ({ target }) => resolve(target.result)));
      for (const store of database.objectStoreNames)
        rows.push(
          await new Promise(
            (resolve) => (database.transaction(store).objectStore(store).getAll().onsuccess = ({ target }) => resolve(target.result)),
          ),
        );
      database.close();
    }
    const decode = (_, value) =>
      ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value) : value;
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, rows, bridge.session], decode).includes(text);
  }, text);

test("E1: an XMPP client logs in with the user of the trade, in every tab and after a reload; the password lies nowhere in clear", async () => {
  const chat = fresh();
  const one = await site(chat, "ada", XMPP);
  await online(one.widget, jid(chat, "ada"));
  const two = await site(chat, "ada", XMPP);
  await online(two.widget, jid(chat, "ada"));
  const user = await two.widget.evaluate(() => ethora.user());
  assert.deepEqual(
    [user.xmppUsername, user.xmppPassword, user.firstName, user.defaultWallet.walletAddress],
    [`${chat.id}_ada`, "xmpp-of-ada", "Ada", "0x616461"],
  );
  assert.match(await two.widget.evaluate(() => bridge.accessToken()), /^JWT [\w.-]+$/);
  for (const { widget, page } of [one, two]) {
    assert.equal(await isKept(widget, "xmpp-of-ada"), false);
    assert.doesNotMatch(await page.evaluate(() => JSON.stringify([{ ...localStorage }, window.chat.session])), /xmpp-of/);
  }
  await two.page.reload();
  const again = await frameOf(two.page, lab.origin("widget"));
  await online(again, jid(chat, "ada"));
  await lab.server.xmpp.until(() => authenticated(chat, "ada") === 3);
  assert.equal(chat.trades(), 1);
});

test("E1: a refresh of the token leaves the connection alone; when the WebSocket drops, the client comes back with the newest password", async () => {
  const chat = fresh();
  chat.app.set({ newPasswords: true });
  const { widget } = await site(chat, "ada", XMPP);
  await online(widget, jid(chat, "ada"));
  const [socket] = lab.server.xmppSockets();
  await widget.evaluate(() => {
    window.users = [];
    ethora.onUser((user) => window.users.push(user));
  });
  chat.app.expireTokens();
  assert.equal(await widget.evaluate(() => ethora.fetch("/chats/my").then(({ status }) => status)), 200);
  assert.equal(chat.refreshes(), 1);
  const { xmppPassword, firstName } = await widget.evaluate(() => ethora.user());
  assert.match(xmppPassword, /^xmpp-[\da-f-]{36}$/);
  assert.equal(firstName, "Ada", "what the refresh does not say stays");
  assert.deepEqual([lab.server.xmppSockets(), authenticated(chat, "ada")], [[socket], 1]);
  assert.equal(await widget.evaluate(() => window.users.length), 1, "a refresh calls no listener");
  socket.destroy();
  await lab.server.xmpp.until(() => authenticated(chat, "ada") === 2);
  await online(widget, jid(chat, "ada"));
  assert.equal(await isKept(widget, xmppPassword), false);
});

test("E1: a sign-out in one tab ends the connection in both, and nothing to log in with is left", async () => {
  const chat = fresh();
  const one = await site(chat, "ada", XMPP);
  const two = await site(chat, "ada", XMPP);
  for (const { widget } of [one, two]) await online(widget, jid(chat, "ada"));
  assert.equal(lab.server.xmppSockets().length, 2);
  await one.widget.evaluate(() => bridge.signOut());
  for (const { widget } of [one, two]) {
    await out(widget);
    await offline(widget);
    assert.equal(await widget.evaluate(() => ethora.user().catch(({ code }) => code)), "NOT_AUTHORIZED");
    assert.equal(await isKept(widget, "xmpp-of-ada"), false);
  }
  await lab.server.xmpp.until(() => logged(`All resources of ${chat.id}_ada are now offline`) === 1);
  // Nothing comes back by itself.
  await lab.quiet();
  assert.equal(authenticated(chat, "ada"), 2);
});

test("E1: another user at the page: the first one's connection ends in both tabs before the other one's begins", async () => {
  const chat = fresh();
  const one = await site(chat, "ada", XMPP);
  const two = await site(chat, "ada", XMPP);
  for (const { widget } of [one, two]) {
    await online(widget, jid(chat, "ada"));
    await widget.evaluate(() => {
      window.users = [];
      ethora.onUser((user) => window.users.push(user?.xmppUsername ?? null));
    });
  }
  await logIn(one.page, "Grace Hopper");
  for (const { widget } of [one, two]) {
    await online(widget, jid(chat, "grace"));
    assert.deepEqual(await widget.evaluate(() => window.users), [`${chat.id}_ada`, null, `${chat.id}_grace`]);
  }
  await lab.server.xmpp.until(() => logged(`All resources of ${chat.id}_ada are now offline`) === 1);
});

test("E1: with credentials in memory too, and a client without a password is not let in", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, "ada", { ...XMPP, credentials: "memory" });
  await online(widget, jid(chat, "ada"));
  await logIn(page, "Log out");
  await offline(widget);
  chat.app.set({ xmppPassword: false });
  await logIn(page, "Ada Lovelace");
  await signedIn(widget, "ada");
  assert.equal(await widget.evaluate(() => ethora.user().then(({ xmppPassword }) => xmppPassword)), null);
  await until(widget, () => window.xmpp.status === "error" || window.xmpp.status === "disconnect");
});
