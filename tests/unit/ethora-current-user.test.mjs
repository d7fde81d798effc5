/** Who uses an Ethora chat, and when their session has reached its age, with clocks of the test's own. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { load } from "./compile.mjs";

const { CurrentUser, SessionAge, ServerClock, pack } = await load(`
  export { CurrentUser } from "./js/ethora/current-user.ts";
  export { SessionAge } from "./js/ethora/session-age.ts";
  export { ServerClock } from "./js/ethora/server-clock.ts";
  export { pack } from "./js/ethora/kept-session.ts";
`);

const SIX_MINUTES = 360_000;
const ADA = { xmppUsername: "ada", xmppPassword: "secret" };
const settle = () => new Promise((resolve) => setImmediate(resolve));
const pass = async (milliseconds) => {
  mock.timers.tick(milliseconds);
  await settle();
};

beforeEach(() => mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_700_000_000_000 }));
afterEach(() => mock.timers.reset());

/** A widget whose bridge keeps `kept`; `ends`: why it has signed the user out, each time. */
async function widget({ kept, maxSessionAge = 60, clock = new ServerClock() }) {
  const [ends, listeners, connections] = [[], [], []];
  const bridge = {
    session: { status: "authorized", epoch: 1 },
    accessToken: async () => kept,
    subscribe: (listener) => listeners.push(listener),
    onConnection: (listener) => connections.push(listener),
    async signOut({ reason }) {
      ends.push(reason);
      become({ status: "unauthorized", epoch: bridge.session.epoch + 1 });
    },
  };
  const become = (session) => {
    bridge.session = session;
    for (const listener of listeners) listener(session);
  };
  const user = new CurrentUser(bridge, new SessionAge(maxSessionAge, clock));
  user.start();
  become(bridge.session);
  await settle();
  const users = [];
  user.on((user) => users.push(user?.xmppUsername ?? null));
  return { ends, users, become, close: () => connections.forEach((listener) => listener("closed")) };
}
const began = (ahead = null) => pack({ token: "t", user: ADA, since: Date.now() + (ahead ?? 0), ahead });

test("E14: a session ends at its age by itself, however long its tokens last", async () => {
  const { ends, users } = await widget({ kept: began() });
  await pass(59_999);
  assert.deepEqual([ends, users], [[], ["ada"]]);
  await pass(1);
  assert.deepEqual([ends, users], [["expired"], ["ada", null]]);
  await pass(120_000);
  assert.deepEqual(ends, ["expired"]);
});

test("E14: an age of more than a timer takes, and one of a session that has left or whose bridge is closed", async () => {
  const long = await widget({ kept: began(), maxSessionAge: 2_592_000 });
  for (let hour = 0; hour < 719; hour++) await pass(3_600_000);
  assert.deepEqual(long.ends, []);
  await pass(3_600_000);
  assert.deepEqual(long.ends, ["expired"]);
  const left = await widget({ kept: began() });
  left.become({ status: "unauthorized", epoch: 2 });
  const closed = await widget({ kept: began() });
  closed.close();
  await pass(120_000);
  assert.deepEqual([left.ends, closed.ends], [[], []]);
});

test("E14: after a reload, with a browser's clock that is six minutes fast or slow, the age counts by the server's clock", async () => {
  for (const ahead of [-SIX_MINUTES, SIX_MINUTES]) {
    // As it was kept before the reload; this page knows nothing of the server's clock.
    const { ends } = await widget({ kept: began(ahead), maxSessionAge: 300 });
    await pass(299_999);
    assert.deepEqual(ends, [], String(ahead));
    await pass(1);
    assert.deepEqual(ends, ["expired"]);
  }
});

test("E14: the time of a new reply counts more than what was kept", async () => {
  const clock = new ServerClock();
  const { ends } = await widget({ kept: began(-SIX_MINUTES), maxSessionAge: 300, clock });
  // The user has set their clock right.
  clock.learn(new Date(Date.now() - SIX_MINUTES + 200_000).toUTCString(), null);
  await pass(300_000);
  assert.deepEqual(ends, ["expired"]);
});
