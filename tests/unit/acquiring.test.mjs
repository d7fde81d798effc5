/** What the core is answered for each thing that `acquire` can come to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { Acquiring, failure } = await load(`
  export { Acquiring } from "./js/widget/acquiring.js";
  export { failure } from "./js/widget/failure.js";`);
const reported = [];
globalThis.reportError = (error) => reported.push(error);
const later = Object.assign(new Error("not now"), { name: "RetryLater", seconds: 1.5 });
const refused = Object.assign(new Error(), { name: "AuthRejected" });
const throwing = () => {
  throw new Error("at once");
};
const unreadable = new Proxy(
  { account: "ada" },
  { ownKeys: throwing, get: (target, key) => (key === "message" ? throwing() : target[key]) },
);

for (const [what, acquire, answer, problem] of [
  ["a grant", async () => ({ account: "ada" }), ["acquired", 7, { account: "ada" }], undefined],
  ["nothing", async () => null, ["acquireFailed", 7, "no-user", 0], undefined],
  ["nothing because there is none", undefined, ["acquireFailed", 7, "no-user", 0], undefined],
  ["a refusal", () => Promise.reject(refused), ["acquireFailed", 7, "refused", 0], undefined],
  ["a pause", () => Promise.reject(later), ["acquireFailed", 7, "later", 1500], /for restore it threw: not now/],
  ["an error at once", throwing, ["acquireFailed", 7, "failed", 0], /^ACQUIRE_FAILED: for restore it threw: at once \(/],
  ["what is no error", () => Promise.reject(7), ["acquireFailed", 7, "failed", 0], /it threw: 7/],
  ["an error that cannot be read", () => Promise.reject(unreadable), ["acquireFailed", 7, "failed", 0], /it threw: an object/],
  [
    "a grant that cannot be used",
    async () => ({ account: 7 }),
    ["acquireFailed", 7, "failed", 0],
    /^ACCOUNT_INVALID: what acquire gave for restore cannot be used/,
  ],
  [
    "a grant that cannot be read",
    async () => unreadable,
    ["acquireFailed", 7, "failed", 0],
    /^ACCOUNT_INVALID: what acquire gave for restore cannot be used/,
  ],
])
  test(`the core is answered once when acquire gives ${what}`, async () => {
    const answers = [];
    const core = {
      acquired: (...values) => answers.push(["acquired", ...values]),
      acquireFailed: (...values) => answers.push(["acquireFailed", ...values]),
    };
    const acquiring = new Acquiring(core, acquire);
    await acquiring.ask(7, "restore", null);
    assert.deepEqual(answers, [answer]);
    if (problem) assert.match(acquiring.failure.message, problem);
    else assert.equal(acquiring.failure, null);
    // What acquire throws is its way to say "not now"; a grant that cannot be used is a mistake.
    assert.deepEqual(
      reported.splice(0).map(({ code }) => code),
      acquiring.failure?.code === "ACCOUNT_INVALID" ? ["ACCOUNT_INVALID"] : [],
    );
  });

const idle = { acquired() {}, acquireFailed() {} };

test("what acquire threw is the cause of its failure and of an access token that cannot be had, until it works again", async () => {
  const down = new Error("the database is down");
  const answers = [Promise.reject(down), { account: "ada" }];
  const acquiring = new Acquiring(idle, () => answers.shift());
  const stale = failure("REFRESH_FAILED");
  assert.equal(acquiring.explained(stale), stale);
  await acquiring.ask(1, "refresh", {});
  assert.deepEqual([acquiring.failure.code, acquiring.failure.cause], ["ACQUIRE_FAILED", down]);
  const explained = acquiring.explained(stale);
  assert.deepEqual([explained.code, explained.responsible, explained.cause], ["REFRESH_FAILED", "network", down]);
  assert.match(explained.message, /for refresh it threw: the database is down/);
  const other = failure("NOT_AUTHORIZED");
  assert.equal(acquiring.explained(other), other);
  await acquiring.ask(2, "refresh", {});
  assert.equal(acquiring.failure, null);
});

test("what is thrown because it was called off is no failure", async () => {
  const acquiring = new Acquiring(
    idle,
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  const asked = acquiring.ask(1, "restore", null);
  acquiring.cancel();
  await asked;
  assert.equal(acquiring.failure, null);
});
