/** What every widget in examples/ has to do, below a host page, in a browser, with a real OAuth provider. They are built by scripts/examples.mjs. */
import assert from "node:assert/strict";
import { buildExample } from "../../scripts/examples.mjs";
import { embedHere, until } from "./actors.mjs";
import { browserForThisFile, frameOf, press, test } from "./browser.mjs";

/** @param name the folder in examples/ */
export function testsOf(name) {
  const lab = browserForThisFile();
  let built;
  const sizes = () => (built ??= buildExample(name));

  /** The widget below a host page of its own. */
  async function notes() {
    await sizes();
    const page = await lab.lab("host");
    const query = page.evaluate(embedHere, { src: lab.url("widget", `/examples/${name}/`), options: {} });
    const widget = await frameOf(page, lab.origin("widget"));
    await query;
    return { page, widget };
  }
  const shows = (widget, text) => until(widget, (text) => document.getElementById("status")?.textContent === text, text);
  const listed = (widget, notes) =>
    until(
      widget,
      (notes) => JSON.stringify([...document.querySelectorAll("#notes li")].map((item) => item.textContent)) === JSON.stringify(notes),
      notes,
    );
  async function signIn({ page, widget }, user, choice = "Sign in") {
    await (await lab.server.oidc()).reset();
    await lab.context.clearCookies({ domain: "webex-login.localhost" });
    await shows(widget, "Signed out");
    const popup = page.waitForEvent("popup");
    await press(widget.locator("#sign-in"));
    const login = await popup;
    await login.getByLabel("User").fill(user);
    await press(login.getByRole("button", { name: choice, exact: true }));
  }

  test(`${name}: a popup signs in, a second tab follows, a reload keeps it, the host is answered, a sign-out is everywhere`, async () => {
    const one = await notes();
    await signIn(one, "ada");
    await shows(one.widget, "ada");
    await until(one.page, () => window.sessions.at(-1)?.account?.subject === "ada");

    const two = await notes();
    await shows(two.widget, "ada");

    await one.widget.locator("#note").fill("Buy milk");
    await press(one.widget.locator("#add"));
    await listed(one.widget, ["Buy milk"]);
    await listed(two.widget, ["Buy milk"]);
    assert.equal(await one.page.evaluate(() => window.widget.request("count", null)), 1);

    await two.page.reload();
    await until(two.page, () => window.labReady);
    const again = await notes();
    await shows(again.widget, "ada");
    await listed(again.widget, ["Buy milk"]);

    await press(again.widget.locator("#sign-out"));
    await shows(one.widget, "Signed out");
    await until(one.page, () => window.sessions.at(-1)?.status === "unauthorized");
    await one.widget.evaluate(() => localStorage.clear());
  }, 900_000);

  test(`${name}: a sign-in that the user does not want is no sign-in`, async () => {
    const made = await notes();
    await signIn(made, "ada", "Cancel");
    await until(made.widget, () => document.getElementById("error").textContent === "SIGN_IN_CANCELLED");
    await shows(made.widget, "Signed out");
  });

  test(`${name}: what it weighs`, async (context) => {
    const { wasm, js } = await sizes();
    context.diagnostic(`${name}: ${wasm} bytes of wasm and ${js} of JavaScript (brotli)`);
    assert.ok(wasm > 20_000 && js > 10_000, `${wasm} ${js}`);
  });
  return { lab, notes, signIn, shows };
}
