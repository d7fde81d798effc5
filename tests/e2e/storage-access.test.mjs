/** The Storage Access API in a real browser: what the frame learns, and what a click comes to. The browser asks no user without a head: a click is "no" unless the test has granted it before. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { browserForThisFile, firefox, press, test } from "./browser.mjs";

const lab = browserForThisFile();
const codes = JSON.parse(readFileSync(new URL("../vectors/errors.json", import.meta.url), "utf8")).codes;

/** A frame of the widget's site with a button that asks. */
async function framed({ sandbox, allow, permission, host = "host" } = {}, browser = lab) {
  // Any site may be the host: what was granted to one test is granted to the next.
  const path = "/frame-src/any/frame-ancestors/any/lab";
  const page = await browser.lab(host, path);
  if (permission) {
    const devtools = await lab.context.newCDPSession(page);
    await devtools.send("Browser.setPermission", {
      permission: { name: "storage-access" },
      setting: permission,
      origin: lab.origin(host),
      embeddedOrigin: lab.origin("widget"),
    });
  }
  const element = await page.evaluateHandle(
    ({ src, sandbox, allow }) => {
      const frame = document.createElement("iframe");
      if (sandbox) frame.setAttribute("sandbox", sandbox);
      if (allow) frame.allow = allow;
      frame.src = src;
      document.getElementById("stage").append(frame);
      return frame;
    },
    { src: browser.url("widget", path), sandbox, allow },
  );
  const frame = await element.contentFrame();
  await frame.waitForFunction(() => window.labReady);
  await frame.evaluate(async () => {
    const { requestStorageAccess, storageAccess } = await window.load("authframe/storage-access");
    window.ask = (options) =>
      requestStorageAccess(options).then(
        () => "granted",
        ({ code, responsible }) => [code, responsible],
      );
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
      await press(await frame.$("button"));
      return frame.evaluate(() => window.answer);
    },
  };
}
const responsible = (code) => codes.find((entry) => entry.code === code).responsible;
const refused = (code) => [code, responsible(code)];
const inChromium = firefox ? () => {} : test;

test("D30 a user, or a browser for them, that says no: STORAGE_ACCESS_DENIED, and it may be asked again", async () => {
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
  assert.deepEqual(
    [await look(), await frame.evaluate(() => [document.cookie.includes("own=1"), localStorage.getItem("where")])],
    ["granted, has", [true, null]],
  );
});

inChromium("D30 the unpartitionedStorage form is refused with the same codes, and no handle is made", async () => {
  for (const [frame, code] of [
    [{ host: "third" }, "DENIED"],
    [{ sandbox: "allow-scripts allow-same-origin" }, "SANDBOXED"],
    [{ allow: "storage-access 'none'", host: "other" }, "POLICY"],
  ]) {
    const { frame: where, ask } = await framed(frame);
    await where.evaluate(() => {
      const { ask } = window;
      window.ask = () => ask({ unpartitionedStorage: true });
    });
    assert.deepEqual(await ask(), refused(`STORAGE_ACCESS_${code}`));
  }
});

inChromium("D28 diagnose() says in words what stands between the widget and its own cookies, and what to do", async () => {
  for (const [wish, code] of [
    [{ host: "third" }, "STORAGE_ACCESS_PROMPT"],
    [{ host: "third", allow: "storage-access 'none'" }, "STORAGE_ACCESS_POLICY"],
    [{ host: "third", sandbox: "allow-scripts" }, "STORAGE_ACCESS_SANDBOXED"],
    // The browser does not say to a page that the user has said no: it may ask all the same.
    [{ permission: "denied", host: "fourth" }, "STORAGE_ACCESS_PROMPT"],
  ]) {
    const { frame } = await framed(wish);
    const findings = await frame.evaluate(
      async (hosts) => {
        const { connect } = await window.load("authframe");
        return (await connect({ hosts, allowOpaqueOrigin: window.origin === "null" })).diagnose();
      },
      [lab.origin(wish.host)],
    );
    const found = findings.filter((finding) => finding.code.startsWith("STORAGE_ACCESS_"));
    assert.deepEqual(
      found.map((finding) => finding.code),
      [code],
    );
    assert.ok(found[0].problem.length > 20 && found[0].remedy.length > 20);
  }
  const top = await lab.lab("widget");
  assert.deepEqual(
    await top.evaluate(async () =>
      (await (await (await window.load("authframe")).connect({ hosts: ["https://nobody.example"] })).diagnose()).filter(({ code }) =>
        /STORAGE_ACCESS|PARTITIONED/.test(code),
      ),
    ),
    [],
  );
});

if (firefox) {
  test("granted in Firefox: the site's own cookies come along, localStorage stays where it was, and there is no handle", async () => {
    const { launchFirefox } = await import("./firefox.mjs");
    const yes = await launchFirefox({ asked: true });
    try {
      const top = await yes.lab("widget");
      await top.evaluate(() => {
        document.cookie = "own=1; SameSite=None; Secure; path=/";
        localStorage.setItem("where", "unpartitioned");
      });
      const { frame, look, ask } = await framed({}, yes);
      assert.deepEqual([await look(), await frame.evaluate(() => document.cookie.includes("own=1"))], ["prompt, permission", false]);
      assert.equal(await ask(), "granted");
      assert.deepEqual(
        [await look(), await frame.evaluate(() => [document.cookie.includes("own=1"), localStorage.getItem("where")])],
        ["granted, has", [true, null]],
      );
      assert.deepEqual(await frame.evaluate(() => window.ask({ unpartitionedStorage: true })), refused("STORAGE_ACCESS_UNSUPPORTED"));
    } finally {
      await yes.close();
    }
  });

  test("D30 Firefox says only that it is not allowed: the host's responsible reads as a no", async () => {
    for (const frame of [{ sandbox: "allow-scripts allow-same-origin" }, { allow: "storage-access 'none'" }]) {
      const { look, ask } = await framed(frame);
      assert.deepEqual([await look(), await ask()], ["prompt, permission", refused("STORAGE_ACCESS_DENIED")]);
    }
  });
}

test("a page on top has it, and need not ask", async () => {
  const page = await lab.lab("widget");
  assert.equal(
    await page.evaluate(async () => {
      const { requestStorageAccess, storageAccess } = await window.load("authframe/storage-access");
      await requestStorageAccess();
      return (await storageAccess()).state;
    }),
    "granted",
  );
});
