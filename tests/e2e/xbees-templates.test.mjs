/** The API calls of the vendor's older and newer template, in pages of our own: they compile with TypeScript, and run in three instances below the vendor's kind of host. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test as nodeTest } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";
import { throttlingHost } from "./xbees-host.mjs";
import { integrationSite } from "./xbees-site.mjs";

const lab = browserForThisFile();
const SOURCE = fileURLToPath(new URL("xbees-templates/", import.meta.url));
const file = (name) => join(SOURCE, `${name}.ts`);
const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const html = (name) => (host) =>
  `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>An integration</title><link rel="icon" href="data:,"><meta name="authframe-hosts" content="${host}">
<div id="root"></div><script type="module" src="/${name}.js"></script></html>`;
const { open, postToWidget } = integrationSite(lab, {
  "/older": { from: file("older"), html: html("older") },
  "/newer": { from: file("newer"), html: html("newer") },
});

const COMPILER_OPTIONS = [
  ...["--target", "es2020", "--lib", "es2020,dom,dom.iterable", "--module", "esnext", "--moduleResolution", "bundler", "--types", ""],
  ...["--strict", "--noEmit", "--isolatedModules", "--noUnusedLocals", "--noUnusedParameters", "--noFallthroughCasesInSwitch"],
  ...["--noUncheckedIndexedAccess", "--ignoreConfig"],
];

nodeTest("X4: both compile with the compiler options of the vendor's template", () => {
  const { stdout, status } = spawnSync(process.execPath, [TSC, ...COMPILER_OPTIONS, file("older"), file("newer")], { encoding: "utf8" });
  assert.deepEqual([stdout, status], ["", 0]);
});

const hostPage = async () => {
  const page = await lab.lab("host", "/frame-src/any/lab");
  await page.evaluate(throttlingHost);
  return page;
};
const all = async (page, active) => {
  for (const place of [0, 1, 2]) await until(page, ([place, active]) => window.active[place] === active, [place, active]);
};
const assertQuiet = async (page) => {
  assert.deepEqual(await page.evaluate(() => window.refused()), []);
  for (const place of [0, 1, 2]) {
    const seen = await page.evaluate((place) => window.statusesOf(place), place);
    assert.ok(
      seen.every((status, i) => status !== seen[i - 1]),
      `no status is repeated: ${seen}`,
    );
  }
};
const payloadOf = async (page, type) => {
  await until(page, (type) => window.typesOf(0).includes(type), type);
  return page.evaluate((type) => window.received.findLast((post) => post.type === type).payload, type);
};

test("the older template: three instances start, sign in and out; a search, a call, the theme, the context", async () => {
  const page = await hostPage();
  const frames = [];
  for (const variant of ["info-frame", "daemon", "dialog"]) frames.push(await open(page, variant, "/older"));
  await all(page, false);
  assert.deepEqual(
    (await page.evaluate(() => window.typesOf(0))).filter((type) => /Ready|Authorized/.test(type)),
    ["xBeesReady", "xBeesNotAuthorized"],
  );
  const [info, , dialog] = frames;
  await until(info, () => document.getElementById("root").dataset.mode === "dark");
  await until(info, () => document.getElementById("root").dataset.contact === "emmy@example.com");
  // Each message makes the page say once more that no user is signed in.
  for (const mode of ["light", "dark", "light"]) await postToWidget(page, { type: "xBeesUseTheme", payload: { mode } });
  await until(info, () => document.getElementById("root").dataset.mode === "light");
  await press(dialog.getByRole("button", { name: "Sign in" }));
  await all(page, true);
  await postToWidget(page, { type: "xBeesGetContactsAutoSuggest", payload: "e" });
  const errors = await payloadOf(page, "xBeesContactsAutoSuggest");
  assert.deepEqual(errors, {
    contacts: [{ id: "1", name: "Emmy Noether", email: "emmy@example.com", phone: "+491", extension: "11", mobileNumber: "+491" }],
    query: "e",
  });
  await press(info.getByRole("button", { name: "Call" }));
  assert.deepEqual(await payloadOf(page, "xBeesStartCall"), { phoneNumber: "+491" });
  await postToWidget(page, { type: "xBeesAddCall", payload: { number: "+492" } });
  await until(info, () => document.getElementById("root").dataset.call === "+492");
  await press(info.getByRole("button", { name: "Sign out" }));
  await all(page, false);
  await assertQuiet(page);
});

test("the newer template: three instances start, sign in and out; lookups, a toast, the start page, a logout of the host", async () => {
  const page = await hostPage();
  await page.evaluate(() => {
    window.words = ["xBeesCreateContactIsSupported", "xBeesContactUpdated", "xBeesToast", "xBeesLookupAndMatchBatchContacts"];
  });
  const frames = [];
  for (const variant of ["info-frame", "daemon", "dialog"])
    frames.push(await open(page, variant, "/newer", "&userEmail=emmy%40example.com&startPage=CREATE_CONTACT"));
  await all(page, false);
  const [info, , dialog] = frames;
  await until(info, () => document.getElementById("root").dataset.page === "create");
  await until(info, () => document.getElementById("root").dataset.contact === "Emmy");
  await press(dialog.getByRole("button", { name: "Sign in" }));
  await all(page, true);
  await info.getByRole("heading", { name: "Hello, emmy" }).waitFor();
  await postToWidget(page, { type: "xBeesGetContactsAutoSuggest", payload: "sof" });
  const sofja = { id: "2", name: "Sofja", email: "sofja@example.com", phone: "+492" };
  assert.deepEqual(await payloadOf(page, "xBeesContactsAutoSuggest"), { contacts: [sofja], query: "sof" });
  await postToWidget(page, { type: "xBeesGetLookUpAndMatch", payload: { phone: "+492" } });
  assert.deepEqual(await payloadOf(page, "xBeesContactLookupAndMatch"), { contact: sofja, query: { phone: "+492" } });
  await press(info.getByRole("button", { name: "Toast" }));
  assert.deepEqual(await payloadOf(page, "xBeesToast"), { message: "Saved", severity: "INFO" });
  await press(info.getByRole("button", { name: "Sign out" }));
  await all(page, false);
  // Signed out, a search is answered by the status, which the host knows; a batch that fails ends the host's waiting.
  await postToWidget(page, { type: "xBeesGetContactsAutoSuggest", payload: "sof" });
  await postToWidget(page, { type: "xBeesGetLookupAndMatchBatchContacts", payload: [{ phone: "+492" }] });
  assert.deepEqual(await payloadOf(page, "xBeesLookupAndMatchBatchContacts"), []);
  await press(dialog.getByRole("button", { name: "Sign in" }));
  await all(page, true);
  await postToWidget(page, { type: "xBeesLogout" }, 1);
  await all(page, false);
  await info.getByRole("heading", { name: "Welcome" }).waitFor();
  await assertQuiet(page);
});
