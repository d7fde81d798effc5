/** What a page's request is answered with when the widget has no answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { answer, Deadlines } = await load(`
  export { answer } from "./js/dialect/ringcentral/answers.js";
  export { Deadlines } from "./js/dialect/ringcentral/deadlines.js";
`);

test("R3 a handler that never settles is refused after a minute, in the form that the caller of its path looks at", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const never = () => new Promise(() => {});
  const answered = [];
  for (const path of ["/check-popup-window", "/mine"])
    void answer({ path }, never, new Deadlines()).then((response) => answered.push([path, response]));
  t.mock.timers.tick(59_999);
  await new Promise(setImmediate);
  assert.deepEqual(answered, []);
  t.mock.timers.tick(1);
  await new Promise(setImmediate);
  assert.deepEqual(answered, [
    ["/check-popup-window", false],
    ["/mine", { error: "failed" }],
  ]);
});

test("R1 a wait that was ended leaves no timer, and says nothing any more", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const deadlines = new Deadlines();
  const said = [];
  void deadlines.within(100, new Promise(() => {}), () => "late").then((what) => said.push(what));
  assert.equal(await deadlines.within(100, Promise.resolve("in time"), () => "late"), "in time");
  deadlines.endAll();
  t.mock.timers.tick(1000);
  await new Promise(setImmediate);
  assert.deepEqual(said, []);
});
