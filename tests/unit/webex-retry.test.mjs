// How long a server of Webex is left alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { retryAfter } = await load(`export * from "./js/shared/retry-after.js"`);
const { LONGEST_PAUSE } = await load(`export * from "./js/webex/backoff.js"`);
const NOW = Date.UTC(2026, 0, 1, 12);

test("Retry-After is seconds or a date, an hour at most, and nothing else", () => {
  for (const [header, expected] of [
    [null, null],
    ["", null],
    ["20", 20_000],
    [" 20 ", 20_000],
    ["0", 0],
    ["3600", LONGEST_PAUSE],
    ["3601", LONGEST_PAUSE],
    ["9".repeat(400), LONGEST_PAUSE],
    ["Thu, 01 Jan 2026 12:00:20 GMT", 20_000],
    ["Thursday, 01-Jan-26 12:00:20 GMT", 20_000],
    ["Thu, 01 Jan 2026 11:59:00 GMT", 0],
    ["Fri, 01 Jan 2999 00:00:00 GMT", LONGEST_PAUSE],
    ["-20", null],
    ["2.5", null],
    ["1e3", null],
    ["20 s", null],
    ["soon", null],
    ["2026-01-01T12:00:20Z", null],
    ["Thu Jan  1 12:00:20 2026", null],
    ["Xyz, no date GMT", null],
  ])
    assert.equal(retryAfter(header, LONGEST_PAUSE, NOW), expected, String(header));
});
