/** `message` of an `AuthframeError` is its code, a colon and the text: of an uncaught error the console shows `AuthframeError: message` and nothing else. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { load, root, vectors } from "./compile.mjs";

const { AuthframeError, failure, hostFailure, failuresOf, CORE_ERRORS } = await load(`
  export { AuthframeError } from "./js/shared/error.js";
  export { failuresOf } from "./js/shared/failures.js";
  export { failure } from "./js/widget/failure.js";
  export { failure as hostFailure } from "./js/host/errors.js";
  export { CORE_ERRORS } from "./js/shared/words.js";`);
const codes = vectors("errors").codes.map(({ code }) => code);

const sources = readdirSync(path.join(root, "js"), { recursive: true })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("generated"))
  .map((file) => [file, readFileSync(path.join(root, "js", file), "utf8")]);

test("every message begins with its code, once, and a code alone says it all", () => {
  for (const code of codes) {
    assert.equal(new AuthframeError(code, "what to do", "app").message, `${code}: what to do`);
    assert.equal(new AuthframeError(code, "", "app").message, code);
    assert.equal(hostFailure(code, "what was given").message, `${code}: what was given`);
    assert.equal(failuresOf({ [code]: ["app", "what to do"] })(code).message, `${code}: what to do`);
    // Who is responsible stands in a field.
    assert.doesNotMatch(hostFailure(code).message, /[()]/);
  }
  for (const [code, { text }] of Object.entries(CORE_ERRORS)) {
    assert.equal(failure(code).message, `${code}: ${text}`);
    assert.equal(failure(code, "what was given").message, `${code}: what was given (${text})`);
  }
  assert.equal(`${failure("CLOSED")}`, "AuthframeError: CLOSED: the bridge is closed: call connect() again");
});

test("no text repeats its code: one class makes the message, and nothing writes it afterwards", () => {
  for (const [file, source] of sources.filter(([name]) => name !== "shared/error.ts")) {
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, /extends AuthframeError|\.message = /, file);
    for (const [text] of code.matchAll(/["`](?:\$\{code\}|[A-Z]{2,}(?:_[A-Z]+)+)[:( ][^"`]*/g)) assert.fail(`${file}: ${text}`);
  }
});
