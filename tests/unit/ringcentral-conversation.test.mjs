/** What a RingCentral page is said while the code that is loaded at the start does not come. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";
import { bundle } from "./compile.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "authframe-ringcentral-"));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Serves the code that is loaded at the start. */
let serve;
globalThis.served = new Promise((resolve) => {
  serve = resolve;
});
const atStart = 'await globalThis.served; export const firstNotices = () => [["rc-adapter-pushLocale", {}]];';
writeFileSync(path.join(folder, "at-start.js"), atStart);
writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
const script = 'export { conversation } from "./js/dialect/ringcentral/conversation.js";';
writeFileSync(path.join(folder, "conversation.js"), bundle(script, { external: ["./at-start.js"] }));
const { conversation } = await import(pathToFileURL(path.join(folder, "conversation.js")));

let reported;
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  reported = [];
  globalThis.reportError = (error) => reported.push(error);
});
afterEach(() => {
  mock.timers.reset();
  delete globalThis.reportError;
});

const settled = () => new Promise(setImmediate);

/** A conversation that has begun, what its half in the core was notified of. */
async function begin(options = {}) {
  const said = [];
  let isClosed = false;
  let onClosed;
  const session = { status: "authorized", reason: "user" };
  const foreign = conversation(
    { ringcentral: options },
    {
      facts: () => ({ id: "1", host: "https://crm.example" }),
      onConnection: (listener) => {
        onClosed = () => listener("closed");
      },
      notifyCore: (message) => {
        if (isClosed) throw new Error("CLOSED");
        said.push(message);
      },
      bridge: () => ({ session, storage: {} }),
      invalid: (problem) => new Error(problem),
      failed: (code) => new Error(code),
    },
  );
  await settled();
  // It waits no longer for what is kept.
  mock.timers.tick(500);
  await settled();
  const posted = (type) => said.filter(({ post }) => post?.type === type).map(({ post }) => post);
  const close = () => {
    isClosed = true;
    onClosed();
  };
  return { foreign, posted, close };
}

test("the page's requests are answered although the code that is loaded at the start does not come", async () => {
  const { foreign, posted } = await begin();
  foreign.face.ringcentral.handle("/mine", () => "handled");
  for (const path of ["/check-popup-window", "/mine"]) foreign.receive({ type: "rc-adapter-message-request", requestId: path, path });
  await settled();
  assert.deepEqual(
    posted("rc-adapter-message-response").map(({ responseId, response }) => [responseId, response]),
    [
      ["/check-popup-window", false],
      ["/mine", "handled"],
    ],
  );
  assert.deepEqual(reported, []);
});

test("what login() says reaches the page although that code does not come, and login() is not blamed for it", async () => {
  const { foreign, posted } = await begin({ login: () => ({ loginNumber: "4711" }) });
  foreign.notify({ login: 1 });
  await settled();
  assert.deepEqual(
    posted("rc-login-status-notify").map(({ loggedIn, loginNumber }) => [loggedIn, loginNumber]),
    [[true, "4711"]],
  );
  assert.deepEqual(reported, []);
});

test("a bridge that is closed before that code comes says nothing more, and reports nothing", async () => {
  const open = await begin();
  const closed = await begin();
  closed.close();
  serve();
  await import(pathToFileURL(path.join(folder, "at-start.js")));
  await settled();
  assert.equal(open.posted("rc-adapter-pushLocale").length, 1);
  assert.deepEqual(reported, []);
});
