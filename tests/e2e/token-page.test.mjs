/** The demo of tokens that last, as a person meets it: through its own buttons, in real tabs, with the sign-in server behind it. */
import assert from "node:assert/strict";
import { shown, until } from "./actors.mjs";
import { browserForThisFile, frameOf, press as pressOn, test } from "./browser.mjs";
import { clickAndOpen, signInAs } from "./popups.mjs";

const lab = browserForThisFile();

/** A tab with the page; `client` scripts the server for this namespace alone. */
async function tokensPage(settings = {}) {
  const namespace = lab.freshNamespace();
  const client = lab.server.signIn.client(namespace);
  client.set({ accessSeconds: 40, reuse: "grace", graceMs: 180_000, ...settings });
  return { ...(await ready(await lab.tab("host", `/tokens.html?${new URLSearchParams({ namespace })}`))), client };
}

async function ready(page) {
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.bridge?.connection === "connected");
  await until(page, () => document.querySelector("input[name=life]:not(:disabled)"));
  return { page, frame };
}

async function anotherTab({ page }) {
  await page.bringToFront();
  const [opened] = await Promise.all([lab.context.waitForEvent("page"), pressOn(page.getByRole("link", { name: "Open another tab" }))]);
  return ready(opened);
}

const SIGN_IN = "Sign in with a window";
async function signIn({ page, frame }, user = "ada", name = "Ada Lovelace") {
  await page.bringToFront();
  await signInAs(await clickAndOpen(lab, frame, SIGN_IN), user);
  await shown(page, `Signed in as ${name}`);
}

const press = (where, name) => pressOn(where.getByRole("button", { name, exact: true }));
const reads = (where, id, text) => until(where, ([id, text]) => document.getElementById(id).textContent.includes(text), [id, text]);
const overflow = (where) => where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const width of [360, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`the page fits into ${width} px (${colorScheme}): signed out, signing in, signed in`, async () => {
      const tab = await tokensPage();
      const { page, frame } = tab;
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const picture = async (state) => {
        assert.deepEqual([await overflow(page), await overflow(frame)], [0, 0], state);
        await page.bringToFront();
        await page.evaluate(() => scrollTo(0, 0));
        await lab.screenshot(page, `tokens-${width}-${colorScheme}-${state}`, { fullPage: true });
      };
      await picture("signed-out");
      const popup = await clickAndOpen(lab, frame, SIGN_IN);
      await popup.getByLabel("User name").waitFor();
      await frame.getByRole("button", { name: "Cancel" }).waitFor();
      await picture("signing-in");
      await signInAs(popup);
      await shown(page, "Signed in as Ada Lovelace");
      await press(frame, "Renew now");
      await reads(page, "renewals", "Once");
      await picture("signed-in");
    });
  }
}

/** Keeps what a tab showed and held over time, so that a slow test misses none of it: `countdown`, `renewed`; in the frame `tokens`. */
async function record({ page, frame }) {
  await page.evaluate(() => {
    window.countdown = [];
    window.renewed = {};
    const text = (id) => document.getElementById(id).textContent;
    const note = () => {
      window.countdown.push(document.getElementById("bar").value);
      window.renewed[text("renewals")] = text("last");
    };
    new MutationObserver(note).observe(document.getElementById("token"), {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
  await frame.evaluate(() => {
    window.tokens = [];
    bridge.subscribe(async ({ status }) => {
      if (status !== "authorized") return;
      const token = await bridge.accessToken({ minValidity: 0 });
      if (window.tokens.at(-1) !== token) window.tokens.push(token);
    });
  });
}

test("a sign-in in one tab reaches the other; the countdown runs; one request for each expiry; a reload asks nobody; the note is in both; the log names no token", async () => {
  const one = await tokensPage({ accessSeconds: 8 });
  const { client } = one;
  const two = await anotherTab(one);
  await reads(two.frame, "status", "Signed out");
  await Promise.all([one, two].map(record));
  await signIn(one);
  await shown(two.page, "Signed in as Ada Lovelace");

  // It counts down.
  await until(two.page, () => window.countdown.some((left, index, all) => left > 0 && left <= 8 && all[index + 1] < left));

  await client.seen("refresh", 1);
  // The second one is the last one in this test.
  client.set({ accessSeconds: 40 });
  for (const { page, frame } of [one, two]) {
    await reads(page, "renewals", "2 times");
    await until(page, () => document.getElementById("requests").textContent === "2");
    await until(frame, () => window.tokens.length === 3);
  }
  assert.equal(client.count("refresh"), 2, "one request for each expiry");
  const [held, alsoHeld] = await Promise.all([one, two].map(({ frame }) => frame.evaluate(() => window.tokens)));
  assert.deepEqual(held, alsoHeld, "both tabs hold the same token each time");
  assert.equal(new Set(held).size, 3);
  const renewed = await Promise.all([one, two].map(({ page }) => page.evaluate(() => window.renewed)));
  for (const times of ["Once", "2 times"]) {
    assert.equal(renewed.filter((by) => by[times] === "This tab").length, 1, `one of them did it ${times}: ${JSON.stringify(renewed)}`);
  }

  // The note, while it is typed.
  await one.page.bringToFront();
  await one.frame.getByLabel("Your reply").pressSequentially("Thank you, Ada");
  await until(two.frame, () => document.getElementById("draft").value === "Thank you, Ada");
  await reads(two.frame, "draft-note", "another tab");
  assert.equal(await one.frame.inputValue("#draft"), "Thank you, Ada");

  const asked = client.requests.filter(({ kind }) => kind !== "refresh").length;
  await press(one.page, "Reload");
  await shown(one.page, "Signed in as Ada Lovelace");
  one.frame = (await ready(one.page)).frame;
  assert.equal(await one.frame.inputValue("#draft"), "Thank you, Ada");
  assert.equal(client.requests.filter(({ kind }) => kind !== "refresh").length, asked, "no sign-in page, no code, no user info");
  assert.equal(lab.context.pages().length, 3, "no window");

  for (const { page, frame } of [one, two]) {
    const text =
      (await page.evaluate(() => document.documentElement.outerHTML)) + (await frame.evaluate(() => document.documentElement.outerHTML));
    for (const token of [...held, await frame.evaluate(() => bridge.accessToken({ minValidity: 0 }))])
      assert.ok(!text.includes(token), "a token is shown");
    assert.doesNotMatch(text, /(access|refresh|code)-[0-9a-f]{32}/);
  }
  const { epoch } = await two.frame.evaluate(() => bridge.session);
  for (const part of ["authorized · refresh", `epoch ${epoch}.2`, "token server", "answered (200)"]) await reads(two.page, "log", part);
  await lab.screenshot(two.page, "tokens-two-tabs");

  await press(two.frame, "Sign out everywhere");
  for (const { page, frame } of [one, two]) {
    await shown(page, "Signed out");
    await reads(frame, "why", "You signed out");
    assert.equal(await frame.inputValue("#draft"), "", "the draft is shown to nobody");
  }
  await client.seen("revoke");
});

/** Two tabs; the first one is set by its own buttons to renew slowly, and closes itself meanwhile. Gives the other one. */
async function closedWhileRefreshing(reuse) {
  const one = await tokensPage();
  const { client, page } = one;
  const two = await anotherTab(one);
  // Only a tab that was opened by a link can close itself: as a person's first tab does, the first one here stays.
  const three = await anotherTab(one);
  await page.close();
  await signIn(two);
  await shown(three.page, "Signed in as Ada Lovelace");
  await two.page.bringToFront();
  await two.page.getByLabel(reuse === "strict" ? "Strict" : "Grace").check();
  await until(three.page, (reuse) => document.querySelector("input[name=reuse]:checked").value === reuse, reuse);
  await press(two.page, "Make the next refresh slow (8 s)");
  await reads(two.page, "close-note", "Armed");
  await press(two.frame, "Renew now");
  await client.seen("refresh");
  await reads(three.page, "renewing", "is asking the server");
  assert.match(await three.page.textContent("#renewing"), /^Tab [0-9a-f]{6} /);
  await reads(two.page, "renewing", "This tab is asking");
  await lab.screenshot(two.page, `tokens-refreshing-${reuse}`);
  // It waits for the tab that asks, and is there when that one dies.
  await press(three.frame, "Renew now");
  await reads(three.frame, "renewed", "Renewing");
  const closed = two.page.waitForEvent("close");
  await press(two.page, "Close this tab while it refreshes").catch(() => {});
  await closed;
  const died = Date.now();
  await client.seen("refresh", 2);
  const waited = Date.now() - died;
  // Every other wait is 10 s or longer; a busy machine adds to the lease.
  assert.ok(waited < 9000, `the other one asked after ${waited} ms: after the lease of 5 s`);
  return { ...three, client };
}

test("the refreshing tab is closed: the other one takes over, and with a grace window nobody is signed out", async () => {
  const { page, frame, client } = await closedWhileRefreshing("grace");
  await reads(page, "renewals", "Once");
  await reads(page, "last", "This tab");
  await shown(page, "Signed in as Ada Lovelace");
  await reads(frame, "renewed", "Renewed");
  await reads(page, "requests", "2 (1 without success)");
  await reads(page, "log", "the tab that asked has gone");
  assert.equal(client.count("refresh"), 2);
});

test("the same with a strict server: everybody is signed out, and reads why", async () => {
  const { page, frame, client } = await closedWhileRefreshing("strict");
  await shown(page, "Signed out");
  await reads(frame, "why", "A tab was closed while it renewed the token");
  await reads(page, "log", "unauthorized · refresh-outcome-unknown");
  assert.equal(client.count("refresh"), 2);
});

test("a tab with a past cannot be closed by its page, which then says so", async () => {
  const { page, client } = await tokensPage();
  const url = page.url();
  await page.goto(lab.url("host"));
  await page.goto(url);
  const tab = await ready(page);
  await signIn(tab);
  await press(page, "Make the next refresh slow (8 s)");
  await reads(page, "close-note", "Armed");
  await press(tab.frame, "Renew now");
  await client.seen("refresh");
  await press(page, "Close this tab while it refreshes");
  await reads(page, "close-note", "Close it yourself");
});

test("revoked at the server: the next refresh is refused, and both tabs are told so", async () => {
  const one = await tokensPage();
  await signIn(one);
  const two = await anotherTab(one);
  await shown(two.page, "Signed in as Ada Lovelace");
  await press(one.page, "Revoke at the server");
  await reads(one.page, "revoke-note", "Revoked.");
  await press(two.frame, "Renew now");
  for (const { page, frame } of [one, two]) {
    await shown(page, "Signed out");
    await reads(frame, "why", "The server refused to renew");
  }
  await reads(one.page, "log", "refused (400)");
});

test("a sign-in page that cuts its opener (COOP): the words say so, the relay brings the result; Cancel there and here ends it", async () => {
  const tab = await tokensPage();
  const { page, frame } = tab;
  await frame.getByLabel("cuts its opener").check();
  await reads(frame, "coop-note", "We then ask our own server");
  let popup = await clickAndOpen(lab, frame, SIGN_IN);
  await popup.getByLabel("User name").waitFor();
  await reads(frame, "progress", "The window is out of sight");
  await lab.screenshot(page, "tokens-coop");
  await signInAs(popup, "grace");
  await shown(page, "Signed in as Grace Hopper");
  await reads(popup, "text", "go back to the page you came from");
  await lab.screenshot(popup, "tokens-callback");
  await popup.close();
  await press(frame, "Sign out everywhere");
  await shown(page, "Signed out");

  for (const cancel of [() => press(popup, "Cancel"), () => press(frame, "Cancel")]) {
    popup = await clickAndOpen(lab, frame, SIGN_IN);
    await popup.getByLabel("User name").waitFor();
    await reads(frame, "progress", "The window is out of sight");
    await cancel();
    await reads(frame, "problem", "You cancelled the sign-in");
    await shown(page, "Signed out");
    await popup.close();
  }
});

test("without COOP every end of the window is said in words, with what to do; then it works", async () => {
  const { page, frame, client } = await tokensPage();
  const open = async () => {
    const popup = await clickAndOpen(lab, frame, SIGN_IN);
    await popup.getByLabel("User name").waitFor();
    return popup;
  };
  const says = async (text, code) => {
    await reads(frame, "problem", text);
    assert.equal(await frame.textContent("#why"), "", "one explanation, not two");
    await reads(page, "log", code);
  };
  await (await open()).close();
  await says("was closed before", "SIGN_IN_UNCONFIRMED");

  let popup = await open();
  await press(frame, "Show the window again");
  await reads(frame, "progress", "is open already");
  await press(popup, "Cancel");
  await says("You cancelled", "SIGN_IN_CANCELLED");

  client.fail({ kind: "code", error: "access_denied" });
  await signInAs(await open());
  await says("said no", "SIGN_IN_REFUSED");

  client.fail({ kind: "code", status: 503 });
  await signInAs(await open());
  await says("did not hand out", "SIGN_IN_FAILED");

  await frame.evaluate(() => ([window.open, window.kept] = [() => null, window.open]));
  await press(frame, SIGN_IN);
  await says("Allow popups", "SIGN_IN_BLOCKED");
  await frame.evaluate(() => (window.open = window.kept));
  await lab.screenshot(page, "tokens-blocked");

  popup = await open();
  await signInAs(popup);
  await shown(page, "Signed in as Ada Lovelace");
  assert.equal(await frame.isVisible("#problem"), false);
});

test("the pages lead to each other, and this one works by keyboard alone with the focus always visible", async () => {
  const { page, frame } = await tokensPage();
  await frame.focus("#sign-in");
  const [popup] = await Promise.all([lab.context.waitForEvent("page"), page.keyboard.press("Enter")]);
  await popup.getByLabel("User name").fill("ada");
  await popup.keyboard.press("Enter");
  await shown(page, "Signed in as Ada Lovelace");
  assert.equal(await frame.evaluate(() => document.activeElement.id), "status", "the pressed button is gone; the focus goes on");

  await page.evaluate(() => document.querySelector(".skip").focus());
  const seen = [];
  for (let i = 0; i < 60 && seen.at(-1) !== "Clear"; i++) {
    const focused = await page.evaluate(() => {
      const { activeElement } = document;
      return {
        text: activeElement.textContent.trim() || activeElement.value || activeElement.id,
        tag: activeElement.tagName,
        outline: getComputedStyle(activeElement).outlineStyle,
      };
    });
    // While the focus is inside the widget, this page has it nowhere.
    if (focused.tag !== "IFRAME" && focused.tag !== "BODY") assert.equal(focused.outline, "solid", `focus is visible on ${focused.text}`);
    seen.push(focused.text);
    await page.keyboard.press("Tab");
  }
  for (const label of [
    "Tokens that last",
    "Open another tab",
    "Reload",
    "40",
    "grace",
    "Make the next refresh slow (8 s)",
    "Revoke at the server",
    "Clear",
  ])
    assert.ok(seen.includes(label), `${label} is reached by Tab: ${seen}`);

  await pressOn(page.getByRole("link", { name: "One sign-in, every tab" }));
  await pressOn(page.getByRole("link", { name: "Tokens that last" }));
  await page.waitForURL(lab.url("host", "/tokens.html"));
  const menu = await lab.tab("menu");
  await pressOn(menu.getByRole("link", { name: "host.localhost/tokens.html" }));
  await menu.waitForURL(lab.url("host", "/tokens.html"));
  // As it is before it is set up: short-lived tokens, and a server that forgives.
  await until(menu, () => [...document.querySelectorAll("input[type=radio]:checked")].map(({ value }) => value).join() === "40,grace");
});

test("everything on it has a name: buttons, links, frames, form fields, live regions", async () => {
  const { page, frame } = await tokensPage();
  for (const where of [page, frame]) {
    const nameless = await where.evaluate(() =>
      [...document.querySelectorAll("button, a, iframe, input, textarea, progress, section, fieldset, #log, [role=timer], summary")]
        .filter(
          (element) =>
            !(
              element.textContent.trim() ||
              element.title ||
              element.ariaLabel ||
              element.getAttribute("aria-labelledby") ||
              element.labels?.length
            ),
        )
        .map((element) => element.outerHTML),
    );
    assert.deepEqual(nameless, []);
    const dangling = await where.evaluate(
      () =>
        [...document.querySelectorAll("[aria-describedby]")].filter(
          (element) => !document.getElementById(element.getAttribute("aria-describedby")),
        ).length,
    );
    assert.equal(dangling, 0);
    assert.ok(
      await where.evaluate(
        () => document.documentElement.lang === "en" && document.title.length > 0 && document.querySelectorAll("h1").length === 1,
      ),
    );
  }
});
