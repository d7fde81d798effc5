// Which reasons are of this tab alone: those that docs/protocol.md says are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { REASONS, isLocal, isAcquireFailure } = await load(
  'export { REASONS } from "./js/shared/words.ts"; export { isLocal, isAcquireFailure } from "./js/shared/reasons.ts";',
);

test("a tab whose acquire gave no user, or another one, is alone with that", () => {
  assert.deepEqual(REASONS.filter(isLocal), ["acquire-failed", "acquire-timeout", "account-mismatch"]);
  assert.deepEqual(REASONS.filter(isAcquireFailure), ["acquire-failed", "acquire-timeout"]);
});
