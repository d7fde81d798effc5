/** When the host of an Ethora widget is asked for another token, on a clock of the test's own. */
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { load } from "./compile.mjs";

const { TokenRenewal, ApiFailure } = await load(`
  export { TokenRenewal } from "./js/ethora/token-renewal.ts";
  export { ApiFailure } from "./js/ethora/failures.ts";
`);

let now = 0;
mock.method(performance, "now", () => now);
mock.timers.enable({ apis: ["setTimeout"] });
const page = new EventTarget();
Object.assign(globalThis, {
  addEventListener: page.addEventListener.bind(page),
  document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
});
const settle = () => new Promise((resolve) => setImmediate(resolve));
/** Lets so many milliseconds pass, in steps, with what they lead to. */
const pass = async (milliseconds, step = 100) => {
  for (let passed = 0; passed < milliseconds; passed += step) {
    now += step;
    mock.timers.tick(step);
    await settle();
  }
};

let close = () => {};
afterEach(() => close());

/** A widget whose host answers as `answer` does. `asked`: at which times it was. */
function widget(answer) {
  const [asked, sessions, connections] = [[], [], []];
  const started = now;
  let epoch = 1;
  const bridge = {
    id: "me",
    session: { status: "authorized", reason: "host", writer: "me", epoch },
    subscribe: (listener) => sessions.push(listener),
    onConnection: (listener) => connections.push(listener),
    requestSignIn() {
      asked.push(now - started);
      return answer(asked.length);
    },
  };
  const become = (changes) => {
    bridge.session = { ...bridge.session, ...changes };
    for (const listener of sessions) listener(bridge.session);
  };
  const failure = new ApiFailure();
  new TokenRenewal(bridge, failure).start();
  close = () => connections.forEach((listener) => listener("closed"));
  const end = (reason = "refused", writer = "me") => become({ status: "unauthorized", reason, writer, epoch: ++epoch });
  const signIn = () => become({ status: "authorized", reason: "host", writer: "me", epoch: ++epoch });
  return { asked, failure, become, end, signIn };
}
const failing = () => Promise.reject(Object.assign(new Error("the host's handler failed"), { code: "HANDLER_FAILED" }));

test("E7: a host that fails is asked again, with pauses that grow to a minute, until it answers", async () => {
  const { asked, end } = widget((turn) => (turn < 10 ? failing() : Promise.resolve(false)));
  end();
  await pass(600_000);
  assert.equal(asked.length, 10);
  const pauses = asked.slice(1).map((at, turn) => at - asked[turn]);
  pauses.forEach((pause, turn) => {
    const longest = Math.min(60_000, 1000 * 2 ** turn);
    assert.ok(pause >= longest / 2 && pause <= longest + 100, `${turn}: ${pause}`);
  });
});

test("E7: the network that is back, and a page that is shown, are reasons to ask at once, but not within a second", async () => {
  const { asked, end } = widget(failing);
  end();
  await pass(20_000);
  // Just after it was asked by itself: the next time is seconds away, whatever the pause is made of.
  for (const count = asked.length; asked.length === count; ) await pass(100);
  await pass(1000);
  const before = asked.length;
  page.dispatchEvent(new Event("online"));
  await pass(100);
  assert.equal(asked.length, before + 1);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(100);
  assert.equal(asked.length, before + 1);
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(700);
  assert.equal(asked.length, before + 1);
  await pass(300);
  assert.equal(asked.length, before + 2);
});

test("E7: nothing is asked any more once a user is there, the host never signs in, or the bridge is closed", async () => {
  const one = widget(failing);
  one.end();
  await pass(5000);
  one.signIn();
  const before = one.asked.length;
  await pass(120_000);
  assert.equal(one.asked.length, before);
  const two = widget(() => Promise.reject(Object.assign(new Error("none"), { code: "NO_HANDLER" })));
  two.end();
  await pass(120_000);
  assert.equal(two.asked.length, 1);
  const three = widget(failing);
  three.end();
  await pass(1000);
  close();
  const asked = three.asked.length;
  await pass(120_000);
  assert.equal(three.asked.length, asked);
});

test("E7: only an end that the server made, and only in the tab that noticed it", async () => {
  for (const [reason, writer, count] of [
    ["refused", "me", 1],
    ["expired", "me", 1],
    ["refresh-outcome-unknown", "me", 1],
    ["credential-lost", "me", 1],
    ["refused", "another", 0],
    ["user", "me", 0],
    ["host", "me", 0],
  ]) {
    const { asked, end } = widget(() => Promise.resolve(true));
    end(reason, writer);
    await pass(1000);
    assert.equal(asked.length, count, `${reason} ${writer}`);
    close();
  }
});

test("a host whose answers are of no use is left alone, longer each time, and asked at once after one that was of use", async () => {
  const { asked, end, signIn } = widget(() => Promise.resolve(true));
  for (let turn = 0; turn < 4; turn++) {
    end();
    await pass(30_000 * 2 ** turn);
    assert.equal(asked.length, turn + 1, `turn ${turn}`);
    signIn();
  }
  const pauses = asked.slice(1).map((at, turn) => at - asked[turn]);
  assert.deepEqual(
    pauses.map((pause) => Math.round(pause / 10_000)),
    [3, 6, 12],
  );
  await pass(60_000);
  end();
  await pass(100);
  assert.equal(asked.length, 5);
});

test("an outage is forgotten when the user signs out, and not while the core tries again", () => {
  const { failure, become } = widget(failing);
  failure.set("ETHORA_OFFLINE");
  become({ status: "unauthorized", reason: "acquire-failed" });
  assert.equal(failure.value.code, "ETHORA_OFFLINE");
  become({ status: "unauthorized", reason: "user", epoch: 9 });
  assert.equal(failure.value, null);
});
