/** The widget in plain Rust, and that it and a widget of the npm package agree. */
import assert from "node:assert/strict";
import { addFrame, until } from "./actors.mjs";
import { test } from "./browser.mjs";
import { testsOf } from "./rust-widgets.mjs";

const { lab, notes, signIn, shows } = testsOf("widget");

test("a widget in Rust and one of the npm package in two tabs agree, and share sealed credentials", async () => {
  const rust = await notes();
  await signIn(rust, "grace");
  await shows(rust.widget, "grace");

  // A page of the same origin below the same site, with a bridge of the npm package in the namespace of the widget in Rust.
  const page = await lab.lab("host");
  const npm = await addFrame(page, lab, lab.url("widget", "/lab"));
  await npm.evaluate(async (host) => {
    const { connect } = await window.load("authframe");
    window.bridge = await connect({ hosts: [host], namespace: "rust-widget", credentials: "sealed", acquire: () => null });
  }, lab.origin("host"));
  await until(npm, () => window.bridge.session.account?.subject === "grace");
  const token = await npm.evaluate(() => window.bridge.accessToken());
  assert.equal(await (await lab.server.oidc()).userOf(token), "grace", "the token that the widget in Rust has got");

  await npm.evaluate(() => window.bridge.signOut());
  await shows(rust.widget, "Signed out");
});
