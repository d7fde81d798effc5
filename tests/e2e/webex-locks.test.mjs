/** The line's locks in a frame of another site, by what Chromium and Firefox have in common: `AUTHFRAME_BROWSER=firefox node --test tests/e2e/webex-locks.test.mjs`. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, firefox, test } from "./browser.mjs";

const lab = browserForThisFile();

async function phone(namespace) {
  const page = await lab.lab("host");
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  await frame.evaluate(
    async ({ host, namespace, registrar }) => {
      window.thrown = [];
      addEventListener("unhandledrejection", ({ reason }) => window.thrown.push(String(reason)));
      addEventListener("error", ({ message }) => window.thrown.push(message));
      const { connectWebex } = await window.load("authframe/webex");
      window.webex = await connectWebex({
        hosts: [host],
        namespace,
        credentials: "memory",
        oauth: { clientId: "c", redirectUri: `${location.origin}/callback.html` },
        line: { registrar: { primary: [registrar], userId: "ada", clientDeviceUri: "https://wdm.example/1" } },
      });
      [window.line] = Object.values(window.webex.getLines());
      window.events = [];
      for (const event of ["connecting", "registered", "unregistered", "error"]) line.on(event, () => window.events.push(event));
    },
    { host: lab.origin("host"), namespace, registrar: `${lab.origin("registrar")}/${namespace}/api/v1/calling/web/` },
  );
  return { page, frame };
}

test("G7: below another site the keys of tabs that are gone are swept, those of tabs that live are not, and nothing is thrown", async () => {
  const namespace = lab.freshNamespace();
  const [one, two] = [await phone(namespace), await phone(namespace)];
  const prefix = `${namespace}.line.tab.`;
  // Firefox denies this one there; that is why it is not used.
  const queried = await one.frame.evaluate(() =>
    navigator.locks.query().then(
      () => "answered",
      () => "denied",
    ),
  );
  assert.equal(queried, firefox ? "denied" : "answered");
  const keys = ({ frame }) =>
    frame.evaluate(
      (prefix) =>
        Object.keys(localStorage)
          .filter((key) => key.startsWith(prefix))
          .sort(),
      prefix,
    );
  const living = await keys(two);
  assert.equal(living.length, 2);
  await one.frame.evaluate((prefix) => {
    localStorage.setItem(`${prefix}gone`, "");
    // The registrar does not know this token: it is asked all the same, and with each request the tabs are looked after.
    void webex.bridge.authorize({ account: "ada", accessToken: "unknown" });
  }, prefix);
  await until(one.frame, () => webex.bridge.session.status === "authorized");
  await one.frame.evaluate(() => line.register());
  await until(one.frame, (prefix) => !(`${prefix}gone` in localStorage), prefix);
  await lab.quiet();
  assert.deepEqual(await keys(two), living);
  for (const { frame } of [one, two]) assert.deepEqual(await frame.evaluate(() => window.thrown), []);
});
