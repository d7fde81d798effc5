/** What `diagnose()` says, of a bridge whose state is made up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { diagnose, failure } = await load(`
  export { diagnose } from "./js/widget/diagnosis.js";
  export { failure } from "./js/widget/failure.js";`);

const found = (bridge) =>
  diagnose(
    {
      connection: "connected",
      failure: null,
      rejected: { source: 0, origin: 0, malformed: 0, rate: 0, replay: 0, storage: 0 },
      session: { status: "unauthorized", reason: "initial" },
      environment: () => ({ scope: "top", storage: "local", shares: "origin", refresh: "lock", parent: null }),
      ...bridge,
    },
    { deadOnArrival: 0, hosts: [] },
  );

test("nothing is found where nothing is wrong", async () => assert.deepEqual(await found({}), []));

test("what acquire threw is said, while a user is signed in too", async () => {
  const down = failure("ACQUIRE_FAILED", "for refresh it threw: the database is down");
  for (const session of [
    { status: "authorized", reason: "sign-in" },
    { status: "unauthorized", reason: "acquire-failed" },
  ]) {
    const [{ code, problem, remedy }] = await found({ session, failure: down });
    assert.equal(code, "ACQUIRE_FAILED");
    assert.match(problem, /for refresh it threw: the database is down/);
    assert.match(remedy, /RetryLater; AcquireError::Later/);
  }
  const [{ problem }] = await found({ session: { status: "unauthorized", reason: "acquire-timeout" }, failure: failure("OPAQUE_ORIGIN") });
  assert.doesNotMatch(problem, /_/);
});

test("what is wrong with a grant is said with the finding", async () => {
  const [{ code, problem }] = await found({ failure: failure("TOKEN_INVALID", "accessToken is empty") });
  assert.equal(code, "GRANT_INVALID");
  assert.match(problem, /TOKEN_INVALID: accessToken is empty/);
});

test("who has no npm package learns from each remedy what to do", async () => {
  const remedies = await Promise.all(
    [{ connection: "closed" }, { connection: "connecting" }, { connection: "disconnected" }, { failure: failure("OPAQUE_ORIGIN") }].map(
      async (bridge) => (await found(bridge))[0].remedy,
    ),
  );
  for (const remedy of remedies) assert.match(remedy, /Bridge::|Widget::|EmbedOptions::/);
});
