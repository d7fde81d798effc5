// Waiting for a while, and waiting no longer than that.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { load } from "./compile.mjs";

const { pause, within } = await load('export * from "./js/shared/pause.ts"; export * from "./js/shared/within.ts";');

test("a pause ends after its time, or with the reason of its signal", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const over = new AbortController();
  const [first, second] = [pause(1000, over.signal), pause(2000, over.signal)];
  mock.timers.tick(1000);
  await first;
  over.abort("enough");
  await assert.rejects(second, (reason) => reason === "enough");
  await assert.rejects(pause(1000, over.signal), (reason) => reason === "enough");
  mock.timers.reset();
});

test("an answer counts within its time, and then what is late", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  assert.equal(await within(1000, Promise.resolve(7)), 7);
  await assert.rejects(within(1000, Promise.reject(new Error("its own"))), { message: "its own" });
  const never = within(1000, new Promise(() => {}), () => new Error("too late"));
  mock.timers.tick(1000);
  await assert.rejects(never, { message: "too late" });
  mock.timers.reset();
});
