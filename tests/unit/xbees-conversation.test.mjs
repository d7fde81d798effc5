/** What the application's half of x-bees says to the core's, and what becomes of a status that the host refuses. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { load } from "./compile.mjs";

const { conversation } = await load(`export { conversation } from "./js/dialect/xbees/conversation.js";`);

beforeEach(() => {
  globalThis.location = { search: "" };
});
afterEach(() => {
  delete globalThis.location;
});

/** A conversation, and what the core was notified of. `answer` is the host's, by the order of what was posted. */
function begin(xbees = {}) {
  const toCore = [];
  const ports = [];
  const below = {
    facts: () => ({ id: "1", host: "https://app.x-bees.com" }),
    onConnection: () => () => {},
    notifyCore: (message) => toCore.push(message),
    postWithPort: () => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port2);
      return port1;
    },
    invalid: (problem) => Object.assign(new Error(problem), { code: "CONFIG_INVALID" }),
  };
  const foreign = conversation({ xbees: { manualReady: true, ...xbees } }, below);
  const answer = (place, message) => ports[place].postMessage(message);
  return { foreign, host: foreign.face.xbees, toCore, answer };
}

const isInvalid = { code: "CONFIG_INVALID" };

test("the word that signs the user out is said at once, before the application is ready", () => {
  assert.deepEqual(begin({ logoutType: "sign out" }).toCore, [{ logoutType: "sign out" }]);
});

test("what ready cannot be said with is CONFIG_INVALID, and does not hang; what is said next is not touched by it", async () => {
  const { host, toCore } = begin();
  for (const platform of [true, "x".repeat(65), 5, {}]) await assert.rejects(host.ready(platform), isInvalid);
  assert.equal(toCore.length, 1);
  void host.ready("web");
  assert.equal(toCore[1].platform, "web");
  for (const xbees of [{ platform: 5 }, { iframeId: 7 }, { signIn: "no" }]) assert.throws(() => begin(xbees), isInvalid);
  globalThis.location = { search: `?iframeId=${"x".repeat(16_385)}` };
  assert.throws(() => begin(), isInvalid);
});

test("a refusal of the core's last word reaches the core although a newer word waits, and the word is no repeat afterwards", async () => {
  const { foreign, host, toCore, answer } = begin();
  const out = host.sendStatus(false);
  foreign.notify({ type: "xBeesNotAuthorized" });
  // It waits for its time.
  void host.sendStatus(true).catch(() => {});
  answer(0, { type: "xBeesNotAuthorized", errorMessage: "message skipped, same message type called too fast" });
  assert.equal((await out).message, "superseded");
  assert.deepEqual(toCore.slice(1), [{ own: 0, saysMore: 0 }, { own: 1, saysMore: 0 }, { refused: 1 }]);
  const again = host.sendStatus(false);
  foreign.notify({ type: "xBeesNotAuthorized" });
  answer(1, { type: "xBeesNotAuthorized", errorMessage: "" });
  assert.deepEqual(await again, { type: "xBeesNotAuthorized", errorMessage: "" });
});
