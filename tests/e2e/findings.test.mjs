/** The smallest inputs of the security findings (docs/security.md), as a page can make them. Each of these tests fails on the version that was measured. */
import assert from "node:assert/strict";
import { blankPair, connectHere, embedHere, until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";
import { clickAndOpen, outcome } from "./popups.mjs";

const lab = browserForThisFile({ blockPopups: true });

/** A host page that embeds a widget with a "Sign in" button. `exchange`: what the window brings is exchanged until the page says that it is done. */
async function embeddedButton({ exchange }) {
  const page = await lab.lab("host");
  const embedded = page.evaluate(embedHere, { src: lab.url("widget", "/lab"), options: {} });
  await until(page, () => document.querySelector("iframe"));
  const frame = await (await page.$("iframe")).contentFrame();
  await until(frame, () => window.labReady);
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });
  await embedded;
  await frame.evaluate(
    ([url, exchange]) => {
      const button = document.body.appendChild(document.createElement("button"));
      button.textContent = "Sign in";
      const more = exchange
        ? { exchange: () => new Promise((resolve) => (window.finishExchange = () => resolve({ account: "ada" }))) }
        : {};
      button.onclick = () =>
        void (window.result = bridge.signIn({ url, ...more }).then(
          () => "signed in",
          (error) => error.code,
        ));
    },
    [lab.url("login", "/lab"), exchange],
  );
  const popup = await clickAndOpen(lab, frame);
  await popup.waitForURL(/state=/);
  await until(popup, () => window.labReady);
  await until(page, () => window.widget.session.status === "authorizing");
  return { page, frame, popup };
}

const finish = (popup) =>
  popup.evaluate(
    async (openers) => void (await window.load("authframe/popup")).finish({ openers, data: { account: "ada" } }),
    [lab.origin("widget")],
  );

for (const who of ["host", "widget"]) {
  for (const exchange of [false, true]) {
    test(`S1 the ${who} signs out while ${exchange ? "the result is exchanged" : "the window is open"}: SIGN_IN_CANCELLED, and what comes later signs nobody in`, async () => {
      const { page, frame, popup } = await embeddedButton({ exchange });
      if (exchange) {
        await finish(popup);
        await until(frame, () => window.finishExchange);
      }
      if (who === "host") await page.evaluate(() => window.widget.signOut());
      else await frame.evaluate(() => bridge.signOut());
      assert.equal(await outcome(frame), "SIGN_IN_CANCELLED");
      if (exchange) await frame.evaluate(() => window.finishExchange());
      else await finish(popup).catch(() => {}); // It may have been closed already.
      await lab.quiet();
      assert.deepEqual(
        [
          await frame.evaluate(() => `${bridge.session.status} ${bridge.session.reason}`),
          await page.evaluate(() => window.widget.session.status),
        ],
        [`unauthorized ${who === "host" ? "host" : "user"}`, "unauthorized"],
      );
    });
  }
}

/** What the credential store's database holds, by name and kind. */
const kept = (frame) =>
  frame.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open("authframe");
        opening.onsuccess = () => {
          const db = opening.result;
          const all = db.transaction("vault").objectStore("vault").getAll();
          all.onsuccess = () => {
            db.close();
            resolve(all.result.flatMap((record) => Object.keys(record)));
          };
        };
      }),
  );

const holdsCredential = async (frame) => (await kept(frame)).some((name) => ["key", "iv", "data"].includes(name));

async function signedIn() {
  const { frame } = await blankPair(lab);
  const options = { hosts: [lab.origin("host")], namespace: lab.freshNamespace(), credentials: "sealed" };
  await frame.evaluate(connectHere, options);
  await frame.evaluate(() => bridge.authorize({ account: "ada", accessToken: "t0ken" }));
  assert.ok(await holdsCredential(frame));
  return { frame, options };
}

async function untilDestroyed(frame) {
  while (await holdsCredential(frame)) await lab.quiet();
}

test("S2 a transaction that throws once while the user signs out: destroyed a moment later, and reported; without localStorage the next visit is signed out too", async () => {
  const { frame, options } = await signedIn();
  await frame.evaluate(async () => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function () {
      window.thrown = true;
      IDBDatabase.prototype.transaction = transaction;
      throw new DOMException("once", "InvalidStateError");
    };
    await bridge.signOut();
  });
  assert.deepEqual(await frame.evaluate(() => [window.thrown, bridge.failure?.code]), [true, "CREDENTIAL_STORE_UNAVAILABLE"]);
  await untilDestroyed(frame);
  await frame.evaluate(() => {
    bridge.close();
    localStorage.clear();
  });
  await frame.evaluate(connectHere, options);
  await lab.quiet();
  assert.equal(await frame.evaluate(() => bridge.session.status), "unauthorized");
});

test("S2 a database that a later version has made: what it holds is destroyed at a sign-out", async () => {
  const { frame, options } = await signedIn();
  await frame.evaluate(async () => {
    bridge.close();
    await new Promise((resolve, reject) => {
      const opening = indexedDB.open("authframe", 2);
      opening.onsuccess = () => resolve(opening.result.close());
      opening.onerror = () => reject(opening.error);
    });
  });
  await frame.evaluate(connectHere, options);
  await frame.evaluate(() => bridge.signOut());
  await untilDestroyed(frame);
  // The others start with a database of this version.
  await frame.evaluate(() => {
    bridge.close();
    return new Promise((resolve, reject) =>
      Object.assign(indexedDB.deleteDatabase("authframe"), { onsuccess: () => resolve(), onerror: reject }),
    );
  });
});

/** Elements that a page names like members of the document. By the prototype, because one of them hides `createElement` itself. */
const put = (html) => {
  for (const [, tag, name] of html.matchAll(/<(\w+) name=(\w+)>/g)) {
    const made = Document.prototype.createElement.call(document, tag);
    made.setAttribute("name", name);
    document.body.append(made);
  }
};

for (const html of [
  "<img name=prerendering>",
  "<img name=baseURI>",
  "<form name=createElement>",
  "<form name=addEventListener>",
  "<img name=visibilityState><img name=referrer>",
]) {
  test(`S12 ${html} in the page: connect() and embed() work`, async () => {
    const { frame } = await blankPair(lab);
    await frame.evaluate(put, html);
    await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace() });

    const page = await lab.lab("host");
    await page.evaluate(put, html);
    const src = lab.url("widget", `/?${new URLSearchParams({ namespace: lab.freshNamespace(), acquire: "none" })}`);
    await page.evaluate(
      async (src) => void (await (await window.load("authframe/host")).embed({ container: document.getElementById("stage"), src })),
      src,
    );
  });
}

for (const [entry, warned] of [
  ["https://*.co.uk", true],
  [{ origin: "https://*.github.io", dialect: "xbees" }, true],
  ["https://*.acme.co.uk", false],
]) {
  test(`S13 diagnose() ${warned ? "warns" : "does not warn"} of a public suffix: ${JSON.stringify(entry)}`, async () => {
    const { frame } = await blankPair(lab);
    await frame.evaluate(connectHere, { hosts: [lab.origin("host"), entry], namespace: lab.freshNamespace() });
    assert.equal((await frame.evaluate(async () => (await bridge.diagnose()).map(({ code }) => code))).includes("PUBLIC_SUFFIX"), warned);
  });
}

for (const host of ["https://[]", null]) {
  test(`S13 ${JSON.stringify(host)} in hosts is CONFIG_ORIGIN_INVALID`, async () => {
    const { frame } = await blankPair(lab);
    const code = await frame.evaluate(
      ([hosts, namespace]) =>
        window
          .load("authframe")
          .then(({ connect }) => connect({ hosts, namespace }))
          .then(
            () => "taken",
            (error) => error.code,
          ),
      [[lab.origin("host"), host], lab.freshNamespace()],
    );
    assert.equal(code, "CONFIG_ORIGIN_INVALID");
  });
}

for (const [grant, code] of [
  [{ accessToken: "t", expiresIn: 1e308 }, "LIFETIME_INVALID"],
  [{ accessToken: "" }, "TOKEN_INVALID"],
  [{ accessToken: "t", expiresIn: "3600" }, "LIFETIME_INVALID"],
]) {
  test(`S14 ${JSON.stringify(grant)}: ${code} for authorize() and for acquire`, async () => {
    const options = { hosts: [lab.origin("host")], namespace: lab.freshNamespace() };
    const { frame } = await blankPair(lab);
    await frame.evaluate(connectHere, options);
    assert.equal(
      await frame.evaluate(
        (grant) =>
          bridge.authorize({ account: "ada", ...grant }).then(
            () => "taken",
            (error) => error.code,
          ),
        grant,
      ),
      code,
    );
    await frame.evaluate(() => bridge.authorize({ account: "ada" }));
    const another = (await blankPair(lab)).frame;
    const seen = await another.evaluate(
      async ([options, grant]) => {
        // What the application did wrong is reported as an uncaught error, so that it is not overlooked.
        addEventListener("error", (event) => event.preventDefault());
        const { connect } = await window.load("authframe");
        window.bridge = await connect({ ...options, acquire: () => ({ account: "ada", ...grant }) });
        await new Promise((resolve) => bridge.subscribe(({ reason }) => reason === "acquire-failed" && resolve(), { emitCurrent: true }));
        return [bridge.failure?.code, bridge.session.account];
      },
      [options, grant],
    );
    assert.deepEqual(seen, [code, null]);
  });
}

test("C13 a database that never answers costs ten seconds once, and three from then on; the session works", async () => {
  const { frame } = await blankPair(lab);
  await frame.evaluate(() => void (IDBFactory.prototype.open = () => ({})));
  await frame.evaluate(connectHere, { hosts: [lab.origin("host")], namespace: lab.freshNamespace(), credentials: "sealed" });
  const took = await frame.evaluate(async () => {
    const start = performance.now();
    await bridge.authorize({ account: "ada", accessToken: "t0ken" });
    return performance.now() - start;
  });
  assert.deepEqual(await frame.evaluate(() => [bridge.session.status, bridge.failure?.code]), [
    "authorized",
    "CREDENTIAL_STORE_UNAVAILABLE",
  ]);
  assert.ok(took > 5000 && took < 18_000, `${Math.round(took)} ms`);
});
