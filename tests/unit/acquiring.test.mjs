/** What the core is answered for each thing that `acquire` can come to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { Acquiring } = await load('export { Acquiring } from "./js/widget/acquiring.js"');
const later = Object.assign(new Error(), { name: "RetryLater", seconds: 1.5 });
const refused = Object.assign(new Error(), { name: "AuthRejected" });
const throwing = () => {
  throw new Error("at once");
};
const unreadable = new Proxy({ account: "ada" }, { ownKeys: throwing });

for (const [what, acquire, answer, unusable] of [
  ["a grant", async () => ({ account: "ada" }), ["acquired", 7, { account: "ada" }], 0],
  ["nothing", async () => null, ["acquireFailed", 7, "no-user", 0], 0],
  ["nothing because there is none", undefined, ["acquireFailed", 7, "no-user", 0], 0],
  ["a refusal", () => Promise.reject(refused), ["acquireFailed", 7, "refused", 0], 0],
  ["a pause", () => Promise.reject(later), ["acquireFailed", 7, "later", 1500], 0],
  ["an error at once", throwing, ["acquireFailed", 7, "failed", 0], 0],
  ["a grant that cannot be used", async () => ({ account: 7 }), ["acquireFailed", 7, "failed", 0], 1],
  ["a grant that cannot be read", async () => unreadable, ["acquireFailed", 7, "failed", 0], 1],
])
  test(`the core is answered once when acquire gives ${what}`, async () => {
    const answers = [];
    const problems = [];
    const core = {
      acquired: (...values) => answers.push(["acquired", ...values]),
      acquireFailed: (...values) => answers.push(["acquireFailed", ...values]),
    };
    await new Acquiring(core, acquire, (error) => problems.push(error.code)).ask(7, "restore", null);
    assert.deepEqual(answers, [answer]);
    assert.deepEqual(problems, Array(unusable).fill("ACCOUNT_INVALID"));
  });
