/** edna: the page's half, its end, and the demo. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";
import { ednaSite, HTTP, SETTINGS } from "./edna-site.mjs";

const lab = browserForThisFile();
const { fresh, file, site, isClient, isGuest, ready, seen, ask, found } = ednaSite(lab);

// --- the page's half ------------------------------------------------------------------------------------------------------------------

test("settings by address, under webchat or not; what is none is refused before anything is shown", async () => {
  const chat = fresh();
  const page = await lab.lab("host");
  for (const settings of ["/none.json", file(fresh(), "{"), file(fresh(), { webchat: [] }), undefined, null, 7, [], { webchat: "x" }]) {
    const failure = await page.evaluate(async (settings) => {
      const { embedEdna, AuthframeError } = await window.load("authframe/host/edna");
      return embedEdna({ container: document.body, src: "http://widget.localhost/", settings }).then(
        () => "connected",
        (error) => [error.code, error.responsible, error instanceof AuthframeError],
      );
    }, settings);
    assert.deepEqual(failure, ["EDNA_SETTINGS", "app", true], JSON.stringify(settings));
  }
  assert.equal(await page.locator("iframe").count(), 0);
  const fileOf = fresh();
  const { widget } = await site(chat, {
    page,
    settings: file(fileOf, { webchat: { clientId: "cid" } }),
    globals: { cid: "user-1", clientId: "wrong" },
  });
  await isClient(widget, "user-1");
  // The vendor's reInit: undefined keeps, null clears, and only globals that the settings name are set.
  await page.evaluate(() => window.chat.reInit({ cid: undefined, clientData: '{"a":1}', other: 1 }));
  await seen(chat.edna, () => chat.edna.people.some(({ id, info }) => id === "user-1" && info === '{"a":1}'));
  assert.deepEqual(await page.evaluate(() => [window.cid, window.other]), ["user-1", undefined]);
  await page.evaluate(() => window.chat.reInit({ cid: null }));
  await isGuest(widget);
  await page.evaluate(() => window.chat.reInit({ settings: { clientId: "who", signature: "sig" }, who: "user-2", sig: "signed" }));
  await isClient(widget, "user-2");
  chat.edna.set({ signatures: { "user-2": "signed" } });
  assert.equal(await ask(widget), 200);
  assert.equal(Object.fromEntries(chat.edna.requests.at(-1).headers)["X-Client-Token"], "signed%3Auser-2");
  assert.equal(await page.evaluate(() => window.chat.reInit({ settings: "/none.json" }).catch(({ code }) => code)), "EDNA_SETTINGS");
  assert.equal(fileOf.edna.count("/chat/config"), 1);
});

test("changing clientId alone does nothing, as with the vendor; a global under var cannot be watched, and that is said", async () => {
  const chat = fresh();
  const page = await lab.lab("host");
  await page.evaluate(() =>
    Object.defineProperty(window, "extendedAuth", { value: { token: "t1" }, writable: true, enumerable: true, configurable: false }),
  );
  const { widget } = await site(chat, { page, settings: HTTP, globals: { clientId: "user-1" } });
  await isClient(widget, "user-1");
  assert.deepEqual((await found(page)).sort(), ["EDNA_HEADER_VALUE", "EDNA_HEADER_VALUE", "EDNA_UNWATCHED"]);
  await page.evaluate(() =>
    Object.assign(window, { clientId: "user-2", extendedAuth: { token: "t2", "custom-property": "c", type: "t" } }),
  );
  await lab.quiet();
  assert.deepEqual(await widget.evaluate(() => [edna.visitor.clientId, edna.visitor.headers["X-Auth-Token"]]), ["user-1", "t1"]);
  await page.evaluate(() => window.chat.refresh());
  await isClient(widget, "user-2");
  assert.deepEqual([await widget.evaluate(() => edna.visitor.headers["X-Auth-Token"]), await found(page)], ["t2", ["EDNA_UNWATCHED"]]);
  // A getter of the page's own is left alone too.
  const other = await lab.lab("host");
  await other.evaluate(() =>
    Object.defineProperty(window, "extendedAuth", { get: () => ({ token: "t1", "custom-property": "c", type: "t" }), configurable: true }),
  );
  const one = await site(chat, { page: other, settings: HTTP, globals: {} });
  await isGuest(one.widget);
  assert.deepEqual([await one.widget.evaluate(() => edna.visitor.headers["X-Auth-Token"]), await found(other)], ["t1", ["EDNA_UNWATCHED"]]);
});

test("headers cross to a server of another site; cookies of the frame do not", async () => {
  const chat = fresh();
  const globals = { clientId: "user-1", extendedAuth: { token: "t1", type: "Bearer", "custom-property": "c" } };
  const { widget } = await site(chat, { settings: SETTINGS, globals, query: { api: "own" } });
  await isClient(widget, "user-1");
  await ready(widget);
  assert.equal(await ask(widget), 200);
  const request = chat.edna.requests.at(-1);
  assert.deepEqual(
    [Object.fromEntries(request.headers)["X-Auth-Token"], request.cookies, chat.edna.sockets[0].protocols],
    ["t1", {}, ["t1", "Bearer"]],
  );
});

test("where the server is has to be said, safely", async () => {
  const page = await lab.lab("host");
  const frame = await addFrame(page, lab, lab.url("widget", "/lab"));
  await until(frame, () => window.labReady);
  const codes = await frame.evaluate(async (host) => {
    const { connectEdna } = await window.load("authframe/edna");
    const [rootUrl, websocketUrl] = ["https://a.example/api", "wss://a.example/ws"];
    const attempts = [
      {},
      { rootUrl },
      { websocketUrl },
      ...["http://a.example", "wss://a.example", "https://u@a.example", "none", "javascript:1"].map((rootUrl) => ({
        rootUrl,
        websocketUrl,
      })),
      ...["ws://a.example", "https://a.example"].map((websocketUrl) => ({ rootUrl, websocketUrl })),
    ];
    return Promise.all(
      attempts.map((options) =>
        connectEdna({ hosts: [host], ...options }).then(
          () => "connected",
          (error) => error.code,
        ),
      ),
    );
  }, lab.origin("host"));
  assert.deepEqual(codes, Array(10).fill("CONFIG_INVALID"));
});

test("D12: after close() no timer, port, listener or socket is left, on either side", async () => {
  const chat = fresh();
  const { page, widget } = await site(chat, {
    settings: SETTINGS,
    globals: { clientId: "user-1", extendedAuth: { token: "t1", type: "b" } },
  });
  await isClient(widget, "user-1");
  await ready(widget);
  // A socket that waits, and a request that does.
  chat.edna.set({ httpTokenExpiredCode: 419, headers: { "X-Auth-Token": "t2" } });
  const waiting = ask(widget);
  await until(page, () => window.expired.length === 1);
  chat.edna.close(1012);
  await until(widget, () => !window.socket.ready);
  await widget.evaluate(() => bridge.close());
  assert.deepEqual([await waiting, await ask(widget), await widget.evaluate(() => edna.visitor)], ["CLOSED", "CLOSED", null]);
  await page.evaluate(() => window.chat.close());
  await page.evaluate(() => void (window.extendedAuth = { token: "t3" }));
  assert.deepEqual(await page.evaluate(() => Object.keys(Object.getOwnPropertyDescriptor(window, "extendedAuth")).sort()), [
    "configurable",
    "enumerable",
    "value",
    "writable",
  ]);
  await lab.quiet();
  const live = await page.evaluate(() => window.__e2e.live());
  assert.deepEqual([live.timers, live.listeners.filter((name) => /message|page|load/.test(name)), live.ports], [[], [], 0]);
  assert.deepEqual(
    chat.edna.sockets.filter(({ closed }) => closed === null),
    [],
  );
  assert.equal(await page.locator("iframe").count(), 0);
});

test("D12: in the widget itself, while a lost socket waits", async () => {
  const chat = fresh();
  const { widget } = await site(chat, { settings: SETTINGS, globals: { clientId: "user-1", extendedAuth: { token: "t1", type: "b" } } });
  await isClient(widget, "user-1");
  await ready(widget);
  chat.edna.fail({ path: "/ws", status: 503, times: 9 });
  chat.edna.close(1012);
  await until(widget, () => edna.failure?.code === "EDNA_OFFLINE");
  await widget.evaluate(() => bridge.close());
  await lab.quiet();
  const live = await widget.evaluate(() => window.__e2e.live());
  const left = live.listeners.filter((name) => /storage|page|focus|visibility|online/.test(name));
  assert.deepEqual([live.timers, left, live.ports], [[], [], 0]);
});

// --- the demo -------------------------------------------------------------------------------------------------------------------------

/** The demo's page with its widget. */
async function shop({ id }, query = {}) {
  const page = await lab.tab("host", `/edna.html?${new URLSearchParams({ name: id, namespace: id, ...query })}`);
  await until(page, () => window.chat);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.edna);
  return { page, widget };
}
const click = (page, name) => press(page.getByRole("button", { name }));

test("the demo: name, phone, email, personal_manager and customField before the operator's eyes; both tabs follow", async () => {
  const chat = fresh();
  const one = await shop(chat);
  const two = await shop(chat);
  await ready(one.widget);
  await click(one.page, "Ada Lovelace");
  for (const { widget } of [one, two]) {
    await isClient(widget, "ada-5f1d7e");
    await ready(widget);
    await widget.getByText("Hello, Ada Lovelace.").waitFor();
  }
  const operator = one.page.locator("#operator");
  for (const text of ["Ada Lovelace", "+44 20 7946 0000", "ada@example.com", "Charles Babbage", '{"segment":"gold","orders":[1843,1906]}'])
    await operator.getByText(text, { exact: true }).waitFor();
  await one.widget.getByLabel("Your message").fill("Where is my engine?");
  await press(one.widget.getByRole("button", { name: "Send" }));
  await two.widget.getByText("You: Where is my engine?").waitFor();
  await one.page.locator("#person option", { hasText: "client ada" }).waitFor({ state: "attached" });
  await one.page.locator("#person").selectOption({ label: "client ada-5f1d7e" });
  await one.page.getByLabel("Answer the person chosen").fill("On Monday.");
  await click(one.page, "Answer");
  for (const { widget } of [one, two]) await widget.getByText("Operator: On Monday.").waitFor();
  const offered = chat.edna.sockets.at(-1).protocols[0];
  await click(two.page, "Replace the token");
  await seen(chat.edna, () => chat.edna.sockets.at(-1).protocols[0] !== offered);
  await click(two.page, "Let the token expire");
  await ready(one.widget);
  await click(one.page, "Grace Hopper");
  for (const { widget } of [one, two]) {
    await widget.getByText("Hello, Grace Hopper.").waitFor();
    assert.doesNotMatch(await widget.evaluate(() => document.body.innerText), /Ada|Monday|engine/);
  }
  await click(two.page, "Log out");
  for (const { widget } of [one, two]) {
    await isGuest(widget);
    await widget.getByText("Chatting as a guest").waitFor();
  }
});

for (const width of [360, 1440]) {
  test(`the page fits into ${width} px`, async () => {
    const chat = fresh();
    const { page, widget } = await shop(chat, { user: "ada" });
    await page.setViewportSize({ width, height: 900 });
    await isClient(widget, "ada-5f1d7e");
    await ready(widget);
    await page.locator("#operator").getByText("Charles Babbage").waitFor();
    for (const where of [page, widget])
      assert.equal(await where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await lab.screenshot(page, `edna-${width}`, { fullPage: true });
  });
}
