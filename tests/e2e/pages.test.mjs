/** The demo as a person meets it: readable at 360 and 1440 px, usable by keyboard, and every button does what it says. */
import assert from "node:assert/strict";
import { demo, shown, until, widgetSees } from "./actors.mjs";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";

const lab = browserForThisFile();

const overflow = (where) => where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const width of [360, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`the pages fit into ${width} px (${colorScheme}), signed out and signed in`, async () => {
      const query = { namespace: lab.freshNamespace() };
      const { page, frame } = await demo(lab, { query });
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      for (const state of ["signed-out", "signed-in"]) {
        if (state === "signed-in") {
          await press(frame.locator("text=Sign in as Ada"));
          await shown(page, "Signed in as Ada Lovelace");
          await press(frame.locator("summary"));
        }
        assert.deepEqual([await overflow(page), await overflow(frame)], [0, 0], state);
        await lab.screenshot(page, `host-${width}-${colorScheme}-${state}`);
      }
      const top = await lab.tab("widget", `/?${new URLSearchParams(query)}`);
      await top.setViewportSize({ width, height: 700 });
      await top.emulateMedia({ colorScheme });
      await until(top, () => window.bridge);
      assert.equal(await overflow(top), 0);
      await lab.screenshot(top, `widget-${width}-${colorScheme}`);
      for (const name of ["evil", "menu"]) {
        const page = await lab.tab(name);
        await page.setViewportSize({ width, height: 700 });
        assert.equal(await overflow(page), 0, name);
      }
    });
  }
}

test("the demo works by keyboard alone: sign in, switch, sign out, and the focus is always visible", async () => {
  const { page, frame } = await demo(lab, { query: { namespace: lab.freshNamespace() } });
  const press = async (label, key = "Enter") => {
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate(() => {
        const { activeElement } = document;
        const style = getComputedStyle(activeElement);
        return { text: activeElement.textContent.trim(), tag: activeElement.tagName, outline: style.outlineStyle };
      });
      if (focused.tag !== "IFRAME" && focused.tag !== "BODY")
        assert.equal(focused.outline, "solid", `focus is visible on ${focused.text || focused.tag}`);
      if (focused.text === label) return page.keyboard.press(key);
    }
    assert.fail(`${label} cannot be reached by Tab`);
  };
  await press("Sign in from this page");
  await shown(page, "Signed in as Ada Lovelace");
  await press("Switch account", "Space");
  await shown(page, "Signed in as Grace Hopper");
  await press("Sign out from this page");
  await shown(page, "Signed out");
  // And inside the widget.
  await frame.focus("text=Sign in as Grace");
  await page.keyboard.press("Enter");
  await shown(page, "Signed in as Grace Hopper");
});

test("everything has a name: buttons, frames, form fields, headings, live regions", async () => {
  const { page, frame } = await demo(lab, { query: { namespace: lab.freshNamespace() } });
  for (const where of [page, frame]) {
    const nameless = await where.evaluate(() =>
      [...document.querySelectorAll("button, a, iframe, input, section, #log, summary")]
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
    assert.ok(
      await where.evaluate(
        () => document.documentElement.lang === "en" && document.title.length > 0 && document.querySelectorAll("h1").length === 1,
      ),
    );
    assert.ok((await where.evaluate(() => document.querySelectorAll("[aria-live=polite]").length)) >= 1);
  }
});

test("the log shows both directions and who wrote a change, and never a token", async () => {
  const query = { namespace: lab.freshNamespace() };
  const { page, frame } = await demo(lab, { query });
  const second = await demo(lab, { query });
  await press(page.locator("#sign-in"));
  await shown(page, "Signed in as Ada Lovelace");
  await shown(second.page, "Signed in as Ada Lovelace");
  const log = await page.textContent("#log");
  for (const part of [
    "widget 1 → page",
    "page → widget 1",
    "authframe:hello",
    "welcome",
    "open",
    "identity",
    "session",
    "written by this tab",
    "•••• (",
  ])
    assert.ok(log.includes(part), `${part} in the log`);
  const id = await frame.evaluate(() => bridge.id);
  await until(second.page, (id) => document.getElementById("log").textContent.includes(`written by tab ${id}`), id.slice(0, 6));
  for (const text of [log, await second.page.textContent("#log")]) assert.doesNotMatch(text, /demo-host-|demo-access-/);
});

test("reload the widget, add and remove one, deny storage: the buttons do it and the log says so", async () => {
  const { page, frame } = await demo(lab, { query: { namespace: lab.freshNamespace() } });
  await press(frame.locator("text=Sign in as Grace"));
  await shown(page, "Signed in as Grace Hopper");
  await press(page.locator("#reload"));
  await until(page, () => /disconnected[\s\S]*/.test(document.getElementById("log").textContent));
  await shown(page, "Signed in as Grace Hopper");

  await press(page.locator("#add"));
  await until(
    page,
    () => [...document.querySelectorAll("[data-part=connection]")].map((badge) => badge.textContent).join() === "connected,connected",
  );
  await press(page.locator("#remove"));
  await until(page, () => document.querySelectorAll(".card").length === 1);

  await press(page.locator("#deny"));
  await until(
    page,
    () =>
      document.querySelector("[data-part=connection]")?.textContent === "connected" &&
      document.querySelector("iframe").src.includes("storage=denied"),
  );
  const denied = await frameOf(page, lab.origin("widget"));
  await until(denied, () => document.getElementById("storage").textContent === "memory");
  assert.equal(await page.getAttribute("#deny", "aria-pressed"), "true");
  await press(page.locator("#deny"));
  await until(
    page,
    () =>
      document.querySelector("[data-part=connection]")?.textContent === "connected" &&
      !document.querySelector("iframe").src.includes("storage=denied"),
  );
});

test("the links open another tab and another company's page, and the widget asks the page to sign in", async () => {
  const { page, frame } = await demo(lab);
  const [tab] = await Promise.all([lab.context.waitForEvent("page"), press(page.locator("#another-tab"))]);
  const twin = await frameOf(tab, lab.origin("widget"));
  await until(twin, () => window.bridge?.connection === "connected");
  await press(frame.locator("#ask"));
  await shown(page, "Signed in as Ada Lovelace");
  await shown(tab, "Signed in as Ada Lovelace");
  const [company] = await Promise.all([lab.context.waitForEvent("page"), press(page.locator("#other-site"))]);
  await until(company, () => document.querySelector("[data-part=connection]")?.textContent === "connected");
  assert.ok(company.url().startsWith(lab.origin("other")));
  await shown(company, "Signed out");
  await press(page.locator("#sign-out"));
  await shown(tab, "Signed out");
  await widgetSees(twin, "unauthorized");
});

test("embedded by a page that is not allowed, the widget says why and stays silent", async () => {
  const page = await lab.tab("evil");
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => document.getElementById("problem").textContent.startsWith("HOST_NOT_ALLOWED"));
  assert.equal(await page.textContent("#received"), "Answers received: none");
});
