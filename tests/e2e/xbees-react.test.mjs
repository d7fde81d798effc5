/** A React integration written from the vendor's documentation, bundled with esbuild and served by a server of its own, below a host that answers. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./actors.mjs";
import { browserForThisFile, press, test } from "./browser.mjs";
import { throttlingHost } from "./xbees-host.mjs";
import { integrationSite } from "./xbees-site.mjs";

const lab = browserForThisFile();
const SOURCE = fileURLToPath(new URL("xbees-react/", import.meta.url));
const from = join(SOURCE, "app.jsx");
const html = async (host) => String(await readFile(join(SOURCE, "index.html"))).replace("{{host}}", host);
const { open, postToWidget } = integrationSite(lab, {
  "/": { from, html },
  // Another page stands for another integration.
  "/throttled": { from, html },
  "/no-meta": { from, html: async (host) => (await html(host)).replace(/<meta name="authframe-hosts".*>/, "") },
});

/** In a page: a host that answers as the vendor documents it, and writes down the types that it receives. */
function answeringHost() {
  window.received = [];
  addEventListener("message", ({ data: { type, payload }, ports, source }) => {
    window.received.push({
      type,
      payload,
      frame: [...document.querySelectorAll("iframe")].findIndex((frame) => frame.contentWindow === source),
    });
    const answers = { xBeesThemeMode: "dark", xBeesContext: { contact: { email: "emmy@example.com" } } };
    ports[0].postMessage({ type, payload: answers[type] });
  });
}
const hostPage = async () => {
  const page = await lab.lab("host", "/frame-src/any/lab");
  await page.evaluate(answeringHost);
  return page;
};
const statuses = (page, frame = 0) =>
  page.evaluate(
    (frame) => window.received.filter((post) => post.frame === frame && /Authorized$/.test(post.type)).map(({ type }) => type),
    frame,
  );
const receives = (page, type, frame = 0) =>
  until(
    page,
    ([type, frame]) => window.received.filter((post) => post.frame === frame && /Authorized$/.test(post.type)).at(-1)?.type === type,
    [type, frame],
  );
test("it runs: ready, signed out, theme and context, a sign-in, contacts, a call, a logout; in the info-frame and the daemon", async () => {
  const page = await hostPage();
  const frame = await open(page, "info-frame");
  await frame.getByRole("heading", { name: "Welcome" }).waitFor();
  await receives(page, "xBeesNotAuthorized");
  assert.equal((await page.evaluate(() => window.received.filter(({ type }) => type === "xBeesReady"))).length, 1);
  await frame.getByText("Contact: emmy@example.com").waitFor();
  assert.equal(await frame.locator("main").getAttribute("data-mode"), "dark");
  await open(page, "daemon");
  await receives(page, "xBeesNotAuthorized", 1);

  await press(frame.getByRole("button", { name: "Sign in" }));
  await frame.getByRole("heading", { name: "Hello, Ada Lovelace" }).waitFor();
  for (const place of [0, 1]) await receives(page, "xBeesAuthorized", place);
  await postToWidget(page, { type: "xBeesGetContactsAutoSuggest", payload: "noeth" });
  await until(page, () => window.received.some(({ type }) => type === "xBeesContactsAutoSuggest"));
  const { payload } = await page.evaluate(() => window.received.find(({ type }) => type === "xBeesContactsAutoSuggest"));
  assert.deepEqual(payload, { contacts: [{ id: "1", name: "Emmy Noether", email: "emmy@example.com", phone: "+491" }], query: "noeth" });
  await press(frame.getByRole("button", { name: "Call" }));
  await until(page, () => window.received.some(({ type, payload }) => type === "xBeesStartCall" && payload.phoneNumber === "+491"));
  await postToWidget(page, { type: "xBeesUseTheme", payload: { mode: "light" } });
  await until(frame, () => document.querySelector("main").dataset.mode === "light");

  // The host logs the user out at the daemon; the visible instance learns of it from there.
  await postToWidget(page, { type: "xBeesLogout" }, 1);
  for (const place of [0, 1]) await receives(page, "xBeesNotAuthorized", place);
  await frame.getByRole("heading", { name: "Welcome" }).waitFor();
});

test("a page that names no host takes the list of the build", async () => {
  const page = await hostPage();
  const frame = await open(page, "info-frame", "/no-meta");
  await frame.getByRole("heading", { name: "Welcome" }).waitFor();
  await receives(page, "xBeesNotAuthorized");
});

test("issue 16: below a host that refuses a status which comes twice, three instances start, sign in and out: nothing is refused, nothing repeated", async () => {
  const page = await lab.lab("host", "/frame-src/any/lab");
  await page.evaluate(throttlingHost);
  const frames = [];
  for (const variant of ["info-frame", "daemon", "dialog"]) frames.push(await open(page, variant, "/throttled"));
  const all = async (word) => {
    for (const place of [0, 1, 2]) await until(page, ([place, word]) => window.statusesOf(place).at(-1) === word, [place, word]);
  };
  const [info, , dialog] = frames;
  await all("xBeesNotAuthorized");
  // In at the dialog, out at the panel: at once, and again.
  for (const round of [1, 2]) {
    await press(dialog.getByRole("button", { name: "Sign in" }));
    await all("xBeesAuthorized");
    await press(info.getByRole("button", { name: "Sign out" }));
    await all("xBeesNotAuthorized");
    assert.deepEqual(await page.evaluate(() => window.refused()), [], `round ${round}`);
  }
  for (const place of [0, 1, 2]) {
    const seen = await page.evaluate((place) => window.statusesOf(place), place);
    assert.ok(
      seen.every((status, i) => status !== seen[i - 1]),
      `no status is repeated: ${seen}`,
    );
    assert.equal(seen.length, 5);
  }
  assert.deepEqual(await page.evaluate(() => window.active), [false, false, false]);
});

test("the next visit, also with what the vendor's library had stored: signed in, and the first status says so", async () => {
  const page = await hostPage();
  const frame = await open(page, "info-frame");
  await receives(page, "xBeesNotAuthorized");
  // As the vendor's library stores it, and nothing of ours.
  await frame.evaluate(() => {
    localStorage.clear();
    localStorage.setItem("user", JSON.stringify({ name: "Grace Hopper", email: "grace@example.com" }));
  });
  await page.close();
  const later = await hostPage();
  const again = await open(later, "info-frame");
  await again.getByRole("heading", { name: "Hello, Grace Hopper" }).waitFor();
  await receives(later, "xBeesAuthorized");
  const last = await hostPage();
  await open(last, "info-frame");
  await receives(last, "xBeesAuthorized");
  const all = await statuses(last);
  assert.ok(
    all.every((type) => type === "xBeesAuthorized"),
    `${all}: now the bridge knows it by itself`,
  );
});
