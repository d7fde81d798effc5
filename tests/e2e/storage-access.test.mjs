/** The Storage Access API in a real browser: what the frame is told, and what a click comes to. The browser asks nobody without a head: a click is "no" unless the test has granted it before. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { browserForThisFile, firefox, test } from "./browser.mjs";

const lab = browserForThisFile();
const codes = JSON.parse(readFileSync(new URL("../vectors/errors.json", import.meta.url), "utf8")).codes;

/** A frame of the widget's site with a button that asks. */
async function framed({ sandbox, allow, permission, host = "host" } = {}) {
  const page = await lab.lab(host);
  if (permission) {
    const browser = await lab.context.newCDPSession(page);
    await browser.send("Browser.setPermission", { permission: { name: "storage-access" }, setting: permission, origin: lab.origin(host), embeddedOrigin: lab.origin("widget") });
  }
  const element = await page.evaluateHandle(({ src, sandbox, allow }) => {
    const frame = document.createElement("iframe");
    if (sandbox) frame.setAttribute("sandbox", sandbox);
    if (allow) frame.allow = allow;
    frame.src = src;
    document.getElementById("stage").append(frame);
    return frame;
  }, { src: lab.url("widget", "/lab"), sandbox, allow });
  const frame = await element.contentFrame();
  await frame.waitForFunction(() => window.labReady);
  await frame.evaluate(async () => {
    const { requestStorageAccess, storageAccess } = await window.load("authframe/storage-access");
    window.ask = () => requestStorageAccess().then(() => "granted", ({ code, fault }) => [code, fault]);
    window.look = async () => Object.values(await storageAccess()).join(", ");
    const button = document.createElement("button");
    button.textContent = "Ask";
    button.onclick = () => void (window.answer = window.ask());
    document.body.append(button);
  });
  return {
    page,
    frame,
    look: () => frame.evaluate(() => window.look()),
    async ask() {
      await (await frame.$("button")).click();
      return frame.evaluate(() => window.answer);
    },
  };
}
const fault = (code) => codes.find((entry) => entry.code === code).fault;
const refused = (code) => [code, fault(code)];
/** Firefox asks the user even without a head, and cannot be told his answer beforehand. */
const inChromium = firefox ? () => {} : test;

inChromium("D30 a user, or a browser for him, who says no: STORAGE_ACCESS_DENIED, and it may be asked again", async () => {
  const { look, ask } = await framed();
  assert.equal(await look(), "prompt, permission");
  assert.deepEqual(await ask(), refused("STORAGE_ACCESS_DENIED"));
  assert.deepEqual(await ask(), refused("STORAGE_ACCESS_DENIED"));
});

test("D30 without a click nobody is asked: STORAGE_ACCESS_NO_GESTURE", async () => {
  const { frame } = await framed();
  // What the test itself does counts as a click for five seconds.
  await frame.waitForFunction(() => !navigator.userActivation.isActive);
  const answer = await frame.evaluateHandle(() => {
    const late = new Promise((resolve) => {
      const timer = setInterval(() => {
        if (navigator.userActivation.isActive) return;
        clearInterval(timer);
        resolve(window.ask());
      }, 50);
    });
    return { late };
  });
  assert.deepEqual(await answer.evaluate(({ late }) => late), refused("STORAGE_ACCESS_NO_GESTURE"));
});

inChromium("D30 D44 a sandbox without its token is told apart from a no, also where it has been granted", async () => {
  for (const permission of [undefined, "granted"]) {
    const { ask } = await framed({ sandbox: "allow-scripts allow-same-origin", permission });
    assert.deepEqual(await ask(), refused("STORAGE_ACCESS_SANDBOXED"));
  }
  const token = await framed({ sandbox: "allow-scripts allow-same-origin allow-storage-access-by-user-activation", host: "other" });
  assert.deepEqual(await token.ask(), refused("STORAGE_ACCESS_DENIED"));
  const opaque = await framed({ sandbox: "allow-scripts allow-storage-access-by-user-activation", host: "other" });
  assert.deepEqual([await opaque.look(), await opaque.ask()], ["sandboxed, opaque-origin", refused("STORAGE_ACCESS_SANDBOXED")]);
});

inChromium("D45 a host that forbids it by its policy: STORAGE_ACCESS_POLICY, known before a click", async () => {
  const { look, ask } = await framed({ allow: "storage-access 'none'", host: "other" });
  assert.deepEqual([await look(), await ask()], ["policy, permissions-policy", refused("STORAGE_ACCESS_POLICY")]);
});

test("D30 a browser that has no such thing: STORAGE_ACCESS_UNSUPPORTED", async () => {
  const { frame, look, ask } = await framed({ host: "other" });
  await frame.evaluate(() => void (document.requestStorageAccess = undefined));
  assert.deepEqual([await look(), await ask()], ["unsupported, no-api", refused("STORAGE_ACCESS_UNSUPPORTED")]);
});

inChromium("granted: the site's own cookies come along, and what tabs share stays where it was", async () => {
  const top = await lab.lab("widget");
  await top.evaluate(() => {
    document.cookie = "own=1; SameSite=None; Secure; path=/";
    localStorage.setItem("where", "unpartitioned");
  });
  const { frame, look, ask } = await framed({ permission: "granted", host: "other" });
  assert.deepEqual([await look(), await frame.evaluate(() => document.cookie.includes("own=1"))], ["prompt, permission", false]);
  assert.equal(await ask(), "granted");
  assert.deepEqual([await look(), await frame.evaluate(() => [document.cookie.includes("own=1"), localStorage.getItem("where")])], ["granted, has", [true, null]]);
});

if (firefox) {
  test("D30 Firefox says only that it is not allowed: the host's fault reads as a no", async () => {
    for (const frame of [{ sandbox: "allow-scripts allow-same-origin" }, { allow: "storage-access 'none'" }]) {
      const { look, ask } = await framed(frame);
      assert.deepEqual([await look(), await ask()], ["prompt, permission", refused("STORAGE_ACCESS_DENIED")]);
    }
  });
}

test("a page on top has it, and need not ask", async () => {
  const page = await lab.lab("widget");
  assert.equal(await page.evaluate(async () => {
    const { requestStorageAccess, storageAccess } = await window.load("authframe/storage-access");
    await requestStorageAccess();
    return (await storageAccess()).state;
  }), "granted");
});
