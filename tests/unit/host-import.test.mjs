import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { load, root, vectors } from "./compile.mjs";

const { codes } = vectors("errors");
/** These files and all of the same folder that they import. */
const withImports = (files) => {
  const reached = new Set(files);
  for (const file of reached)
    for (const [, name] of readFileSync(path.join(root, file), "utf8").matchAll(/from "\.\/([^"]+)\.js"/g))
      reached.add(path.posix.join(path.posix.dirname(file), `${name}.ts`));
  return [...reached];
};
const files = [
  ...readdirSync(path.join(root, "js/host")).map((file) => `js/host/${file}`),
  ...withImports(["js/ethora/host.ts", "js/edna/host.ts"]),
];
const sourcesOf = (files) => files.map((file) => [file, readFileSync(path.join(root, file), "utf8")]);
const sources = sourcesOf(files);
/** The codes of services have tests of their own. */
const ofHost = sources.filter(([file]) => file.startsWith("js/host/"));

test("import is safe where there is no page, and touches no global", async () => {
  const before = Object.getOwnPropertyNames(globalThis).sort();
  const host = await load(`export * from "./js/host/index.js"`);
  const element = await load(`export * from "./js/host/element.js"`);
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).sort(), before);
  assert.deepEqual(Object.keys(host).sort(), ["AuthframeError", "embed"]);
  assert.equal(typeof element.AuthframeWidgetElement, "function");
  await assert.rejects(host.embed({ container: {}, src: "https://widget.example" }), {
    name: "AuthframeError",
    code: "ENV_UNSUPPORTED",
    responsible: "app",
  });
});

test("tests/vectors/errors.json: every code that the host throws is listed for it, with the responsible that it says", async () => {
  const { failure } = await load(`export { failure } from "./js/host/errors.js"`);
  const thrown = new Set(
    [...ofHost, ...sourcesOf(["js/shared/conversation.ts", "js/shared/handlers.ts"])].flatMap(([, source]) =>
      [
        ...source.matchAll(
          /(?:failure|#fail)\(\s*(?:id, )?(?:state === "closed" \? )?"([A-Z_]+)"(?: : "([A-Z_]+)")?|code: "([A-Z_]+)" \| "([A-Z_]+)"|handler \? "([A-Z_]+)" : "([A-Z_]+)"/g,
        ),
      ].flatMap((match) => match.slice(1).filter(Boolean)),
    ),
  );
  // The widget's refusals are passed on; what is wrong with a grant, js/shared/grant.ts says.
  for (const code of ["ACQUIRE_FAILED", "ACCOUNT_INVALID", "TOKEN_INVALID", "LIFETIME_INVALID"]) thrown.add(code);
  const listed = codes.filter(({ side }) => side.includes("host"));
  assert.deepEqual([...thrown].sort(), listed.map(({ code }) => code).sort());
  for (const { code, responsible } of listed) {
    const error = failure(code);
    assert.equal(error.responsible, responsible, code);
    assert.equal(error.message, code);
  }
  const types = readFileSync(path.join(root, "js/shared/error-codes.ts"), "utf8");
  const { CORE_ERRORS } = await load(`export { CORE_ERRORS } from "./js/shared/words.js"`);
  const named = [...types.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code).concat(Object.keys(CORE_ERRORS));
  assert.deepEqual(named.sort(), codes.map(({ code }) => code).sort());
  // None is in a list that the closed set leaves out.
  const lists = [...types.matchAll(/export type (\w+) =\s*(?:\| CoreCode\s*)?(?:\| )?"/g)].map(([, name]) => name);
  assert.deepEqual(types.match(/export type ErrorCode = ([^;]+);/)[1].split(" | "), lists);
});

test("D13 D41 D48 no target *, no unload, no eval, no inline script in the sources", () => {
  for (const [file, source] of sources) {
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
    for (const pattern of [/"\*"/, /unload/, /\beval\b/, /new Function/, /innerHTML/, /srcdoc/, /document\.write/])
      assert.doesNotMatch(code, pattern, file);
  }
});

test("the host half is the host half: it imports nothing of the widget's", () => {
  // What a page may check of a token or a visitor, both halves check.
  const allowed = /^(\.\/[a-z-]+|\.\.\/(shared|host)\/[a-z-]+)\.js$/;
  const code = (source) => source.replace(/\/\*[\s\S]*?\*\//g, "");
  for (const [file, source] of sources) for (const [, from] of code(source).matchAll(/from "([^"]+)"/g)) assert.match(from, allowed, file);
});
