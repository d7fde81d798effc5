// Listeners of the application: each is called, whatever the others do.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { load } from "./compile.mjs";

const { Emitter, NamedEmitter, safely } = await load('export * from "./js/shared/emitter.ts"; export * from "./js/shared/safely.ts";');

let reported;
globalThis.reportError = (error) => reported.push(error.message);
beforeEach(() => {
  reported = [];
});

test("what a callback throws is reported, and goes no further", () => {
  safely(() => {
    throw new Error("its own");
  });
  assert.deepEqual(reported, ["its own"]);
});

test("a listener that throws keeps no other from being called", () => {
  const seen = [];
  const emitter = new Emitter();
  emitter.on(() => {
    throw new Error("the first");
  });
  emitter.on((one, two) => seen.push(one, two));
  emitter.emit(1, 2);
  assert.deepEqual([seen, reported], [[1, 2], ["the first"]]);
});

test("the same function may listen twice, and each subscription ends by itself", () => {
  let calls = 0;
  const listener = () => calls++;
  const emitter = new Emitter();
  const stop = emitter.on(listener);
  emitter.on(listener);
  emitter.emit();
  stop();
  stop();
  emitter.emit();
  assert.equal(calls, 3);
  emitter.clear();
  emitter.emit();
  assert.equal(calls, 3);
});

test("one that is taken off or added while others are called is not called", () => {
  const seen = [];
  const emitter = new Emitter();
  emitter.on(() => {
    stop();
    emitter.on(() => seen.push("added"));
  });
  const stop = emitter.on(() => seen.push("taken off"));
  emitter.emit();
  assert.deepEqual(seen, []);
});

test("events have names of their own, symbols too", () => {
  const seen = [];
  const emitter = new NamedEmitter();
  const name = Symbol("name");
  emitter.on("a", (value) => seen.push(["a", value]));
  const stop = emitter.on(name, (value) => seen.push(["symbol", value]));
  emitter.emit("a", 1);
  emitter.emit(name, 2);
  emitter.emit("nobody listens", 3);
  stop();
  emitter.emit(name, 4);
  assert.deepEqual(seen, [
    ["a", 1],
    ["symbol", 2],
  ]);
});
