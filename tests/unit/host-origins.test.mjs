import assert from "node:assert/strict";
import test from "node:test";
import { load, vectors } from "./compile.mjs";
import { FakeElement, FakeFrame, FakePage, settle } from "./page.mjs";

const { isExactOrigin } = await load(`export * from "./js/host/origin.js"`);
const { judge } = await load(`export * from "./js/host/handshake.js"`);
const { embed } = await load(`export { embed } from "./js/host/index.js"`);
const { entries, matches } = vectors("origins");
/** What may be a widget's origin too: neither a pattern nor an extension or an app. */
const exact = ({ entry }) => /^https?:/.test(entry) && !entry.includes("*");
const valid = (text) => {
  try {
    return isExactOrigin(text);
  } catch {
    return false;
  }
};

test("D3 the host's origin is one exact origin: tests/vectors/origins.json, entries", () => {
  for (const vector of entries) {
    assert.equal(valid(vector.entry), vector.valid && exact(vector), `${JSON.stringify(vector.entry)}: ${vector.why}`);
  }
});

test("D3 what event.origin may be: tests/vectors/origins.json, matches", () => {
  const hello = { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: "0".repeat(32) };
  for (const { entry, origin, accept, why } of matches.filter(exact)) {
    const verdict = judge("", entry, [], "")(0, true, origin, hello, 1, false);
    assert.equal(verdict.type === "welcome", accept, `${entry} ← ${JSON.stringify(origin)}: ${why}`);
    if (!accept) assert.equal(verdict, "origin");
  }
});

test("D3 embed takes no other origin, and inserts nothing", async () => {
  const page = new FakePage();
  const container = new FakeElement();
  try {
    for (const { entry, why } of entries.filter((vector) => !vector.valid || !exact(vector))) {
      await assert.rejects(
        embed({ container, src: "https://widget.example/", origin: entry }),
        { code: "CONFIG_ORIGIN_INVALID", responsible: "app" },
        `${entry}: ${why}`,
      );
    }
    for (const src of ["javascript:alert(1)", "data:text/html,hi", "about:blank", "file:///tmp/a", "http://", ""]) {
      await assert.rejects(embed({ container, src }), { code: "CONFIG_ORIGIN_INVALID" }, src);
      await assert.rejects(embed({ container, src, origin: "https://widget.example" }), { code: "CONFIG_ORIGIN_INVALID" }, src);
    }
    await assert.rejects(embed({ container: new FakeFrame() }), { code: "CONFIG_ORIGIN_INVALID" });
    assert.deepEqual(container.children, []);
    assert.equal(page.window.listeners.size, 0);
  } finally {
    page.leave();
  }
});

test("the origin is that of src, resolved against the page; the frame says only its own origin to the widget", async () => {
  const page = new FakePage();
  const container = new FakeElement();
  const stop = new AbortController();
  try {
    for (const [src, origin] of [
      ["/chat", "https://host.example"],
      ["https://Widget.example:443/a?b#c", "https://widget.example"],
      [new URL("http://widget.localhost:8080/"), "http://widget.localhost:8080"],
    ]) {
      embed({ container, src, signal: stop.signal }).catch(() => {});
      const frame = container.children.at(-1);
      frame.load();
      assert.deepEqual(frame.posted, [{ message: { type: "authframe:knock", channel: "" }, origin }]);
      assert.equal(frame.getAttribute("referrerpolicy"), "origin");
    }
  } finally {
    stop.abort();
    await settle();
    page.leave();
  }
});
