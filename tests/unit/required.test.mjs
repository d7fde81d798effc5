// A tool that set-up has found, or could have installed, is one that no test may be skipped without.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { requiredTools } from "../../scripts/setup.mjs";
import { missing } from "../required.mjs";

const before = process.env.AUTHFRAME_REQUIRED;
afterEach(() => {
  if (before === undefined) delete process.env.AUTHFRAME_REQUIRED;
  else process.env.AUTHFRAME_REQUIRED = before;
});

test("a tool that was found is required; where set-up installs tools by itself, one that is missing too", () => {
  const tools = { prosody: null, php: "/usr/bin/php", python3: undefined, chrome: "/usr/bin/chromium" };
  assert.equal(requiredTools(["prosody", "php"], tools, false), "php");
  assert.equal(requiredTools(["prosody", "php"], tools, true), "prosody,php");
  assert.equal(requiredTools(["python3"], tools, false), "");
});

test("a test without a tool that is required fails, one without another is skipped", () => {
  const skipped = [];
  const context = { skip: (text) => skipped.push(text) };
  process.env.AUTHFRAME_REQUIRED = "php,prosody";
  assert.throws(() => missing(context, "prosody", "there is no Prosody"), /there is no Prosody, although AUTHFRAME_REQUIRED names prosody/);
  missing(context, "python3", "there is no Python");
  delete process.env.AUTHFRAME_REQUIRED;
  missing(context, "prosody", "there is no Prosody");
  assert.deepEqual(skipped, ["there is no Python", "there is no Prosody"]);
});
