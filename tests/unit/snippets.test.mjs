// The crate carries its JavaScript with it, bundled: it has to be that of the sources.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { bundle, SNIPPETS } from "../../scripts/snippets.mjs";

for (const [file, source] of Object.entries(SNIPPETS)) {
  test(`${file} is made of ${source} as it stands`, async () => {
    const checkedIn = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    assert.ok(checkedIn === (await bundle(source)), "it is stale: run npm run snippets");
  });
}
