/** The user of the page, and the widget's question for one. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ADA, authorized, connect, page } from "./host-page.mjs";
import { SESSION, settle } from "./page.mjs";

describe("identity", () => {
  test("is told at the connection and again after a reload, the newest only", async () => {
    const tokens = { accessToken: "t", refreshToken: "r" };
    const { widget, peer } = await connect({ identity: { account: "u-1", ...tokens, expiresAt: 5, expiresIn: 3600, serverTime: 4 } });
    await settle();
    const [{ identity, ...envelope }] = peer.got("identity");
    const { expiresAt, ...rest } = identity;
    assert.deepEqual(
      { envelope, rest },
      { envelope: { type: "identity", id: 1 }, rest: { account: { subject: "u-1", name: null }, ...tokens } },
    );
    // D53: a lifetime is absolute from the moment it was received.
    assert.ok(Math.abs(expiresAt - Date.now() - 3_600_000) < 5000);
    peer.say({ type: "bye" });
    await settle();
    await widget.setIdentity({ account: "u-2" });
    await widget.setIdentity(ADA);
    await peer.open();
    const none = { accessToken: null, refreshToken: null, expiresAt: null };
    assert.deepEqual(
      peer.got("identity").map(({ identity }) => identity),
      [{ account: ADA.account, ...none }],
    );
  });

  test("setIdentity resolves when the widget has taken it, and rejects with its refusal", async () => {
    const { widget, peer } = await connect();
    const taken = widget.setIdentity(ADA);
    await settle();
    peer.say({ type: "reply", id: peer.got("identity")[0].id });
    assert.equal(await taken, undefined);
    const refused = widget.setIdentity({ account: "u-2" });
    await settle();
    peer.say({ type: "error", id: peer.got("identity")[1].id, code: "ACQUIRE_FAILED", message: "not now" });
    await assert.rejects(refused, {
      code: "ACQUIRE_FAILED",
      message: /^ACQUIRE_FAILED: the widget has not taken setIdentity\(\): .*watch session.*the widget says "not now"$/,
    });
    await assert.rejects(widget.setIdentity({ account: "" }), { code: "ACCOUNT_INVALID" });
    const lost = widget.setIdentity({ account: "u-3" });
    peer.hello();
    await assert.rejects(lost, { code: "DISCONNECTED", responsible: "peer" });
    await settle();
    peer.say({ type: "open", capabilities: ["identity"], session: SESSION });
    await settle();
    assert.equal(peer.got("identity")[0].identity.account.subject, "u-3");
    assert.deepEqual(page.reported, []);
  });

  test("D55 the host waits for the widget's answer to an identity longer than the widget waits for its acquire", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    const { widget } = await connect({}, { capabilities: ["identity"] });
    let outcome = "waits";
    widget.setIdentity(ADA).then(
      () => (outcome = "taken"),
      ({ code }) => (outcome = code),
    );
    await settle();
    t.mock.timers.tick(39_999);
    await settle();
    assert.equal(outcome, "waits");
    t.mock.timers.tick(1);
    await settle();
    assert.equal(outcome, "REQUEST_TIMEOUT");
    widget.close();
    t.mock.timers.reset();
  });

  test("D53 a user is forgotten once the session that they led to has ended, and named again while it lives", async () => {
    const { peer } = await connect({ identity: ADA });
    await settle();
    peer.say({ type: "session", session: authorized({ epoch: 5 }) });
    peer.say({ type: "reply", id: peer.got("identity")[0].id });
    await settle();
    await peer.open({ session: authorized({ epoch: 5, reason: "restore" }) });
    assert.deepEqual(
      peer.got("identity").map(({ epoch }) => epoch),
      [5],
    );
    // Signed out in another tab; then this widget is loaded anew.
    peer.say({ type: "session", session: { ...SESSION, status: "unauthorized", reason: "user", epoch: 6 } });
    await settle();
    await peer.open({ session: { ...SESSION, status: "unauthorized", reason: "user", epoch: 6 } });
    assert.deepEqual(peer.got("identity"), []);
  });

  test("D53 a user whom the widget refused is not named again once somebody else is signed in over there", async () => {
    const { widget, peer } = await connect();
    const named = widget.setIdentity({ account: "u1" });
    await settle();
    peer.say({ type: "error", id: peer.got("identity")[0].id, code: "ACQUIRE_FAILED", message: "x" });
    await assert.rejects(named, { code: "ACQUIRE_FAILED" });
    const other = authorized({ epoch: 9, account: { subject: "u2", name: null } });
    peer.say({ type: "session", session: other });
    await settle();
    await peer.open({ session: other });
    assert.deepEqual(peer.got("identity"), []);
  });

  test("a sign-in request ends with its connection, and after its longest wait", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    let calls = 0;
    const { peer, widget } = await connect({ onSignInRequest: () => (calls++, new Promise(() => {})) });
    peer.say({ type: "sign-in", id: 1 });
    await settle();
    peer.say({ type: "bye" });
    await settle();
    await peer.open();
    peer.say({ type: "sign-in", id: 2 });
    await settle();
    assert.equal(calls, 2);
    t.mock.timers.tick(600_000);
    await settle();
    assert.equal(peer.received.filter(({ type, data }) => type === "reply" && data === false).length, 1);
    widget.close();
    t.mock.timers.reset();
  });

  test("S9 one sign-in request at a time: the others share its answer", async () => {
    let calls = 0;
    let finish;
    const { peer } = await connect({ onSignInRequest: () => (calls++, new Promise((resolve) => (finish = resolve))) });
    for (let id = 1; id <= 3000; id++) peer.say({ type: "sign-in", id });
    await settle();
    assert.equal(calls, 1);
    finish(null);
    await settle();
    assert.equal(peer.received.filter(({ type, data }) => type === "reply" && data === false).length, 3000);
  });

  test("signOut is said until it is answered, and then no more", async () => {
    const { widget, peer } = await connect({ identity: ADA });
    const out = widget.signOut();
    peer.hello();
    await assert.rejects(out, { code: "DISCONNECTED" });
    await settle();
    peer.say({ type: "open", capabilities: ["identity"], session: SESSION });
    await settle();
    assert.deepEqual(peer.got("identity"), []);
    const [{ id }] = peer.got("sign-out");
    peer.say({ type: "reply", id });
    await settle();
    await peer.open();
    assert.deepEqual([...peer.got("sign-out"), ...peer.got("identity")], []);
  });

  test("a widget that takes no identity is not told", async () => {
    const { widget, peer } = await connect({ identity: ADA }, { capabilities: [] });
    await assert.rejects(widget.setIdentity(ADA), { code: "NO_HANDLER" });
    await assert.rejects(widget.signOut(), { code: "NO_HANDLER" });
    assert.deepEqual(
      peer.received.map(({ type }) => type),
      ["welcome"],
    );
    assert.deepEqual(
      page.reported.map(({ code }) => code),
      ["NO_HANDLER"],
    );
  });

  test("sign-in: the identity goes first, then the answer", async () => {
    let user = ADA;
    const { peer } = await connect({ onSignInRequest: async () => user });
    assert.deepEqual(peer.got("welcome")[0].capabilities, ["sign-in"]);
    peer.say({ type: "sign-in", id: 1 });
    await settle();
    peer.say({ type: "reply", id: peer.got("identity")[0].id });
    await settle();
    user = null;
    peer.say({ type: "sign-in", id: 2 });
    await settle();
    assert.deepEqual(
      peer.received.slice(1).map(({ type, id, data }) => [type, id, data]),
      [
        ["identity", 1, undefined],
        ["reply", 1, true],
        ["reply", 2, false],
      ],
    );
  });

  test("D11 sign-in: a failure says its code and nothing else; the page's own report has it all", async () => {
    const broken = [
      () => {
        throw new Error("secret path /etc");
      },
      async () => {
        throw new Error("secret path /etc");
      },
      () => ({ account: "" }),
    ];
    for (const onSignInRequest of broken) {
      const { peer } = await connect({ onSignInRequest });
      peer.say({ type: "sign-in", id: 1 });
      await settle();
      assert.deepEqual(peer.received.at(-1), { type: "error", id: 1, code: "HANDLER_FAILED", message: "HANDLER_FAILED" });
    }
    assert.equal(page.reported.length, 3);
    assert.match(page.reported[0].message, /secret/);
  });

  test("sign-in at a host that cannot: not announced, and refused", async () => {
    const { peer } = await connect();
    assert.deepEqual(peer.got("welcome")[0].capabilities, []);
    peer.say({ type: "sign-in", id: 1 });
    await settle();
    assert.equal(peer.received.at(-1).code, "NO_HANDLER");
  });
});
