/** What an application gives: whether it can be used (js/shared/input-check.ts, js/widget/option-check.ts), and the words for what is wrong (js/widget/advice.ts). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { fitsGrant, isDuration } = await load(`export * from "./js/shared/input-check.js"`);
const { grantProblem, durationProblem, optionProblem } = await load(`export * from "./js/widget/advice.js"`);
const { wrongOption } = await load(`export * from "./js/widget/option-check.js"`);
const { RetryLater } = await load(`export * from "./js/widget/types.js"`);

const GOOD = [
  { account: "u" },
  { account: { subject: "u" } },
  { account: { subject: "u", name: null } },
  { account: "u", accessToken: "t", refreshToken: null, expiresIn: 0, expiresAt: 8.64e15, serverTime: 5 },
  { account: "u", expiresIn: undefined },
];
const BAD = [
  [undefined, "ACCOUNT_INVALID", /not undefined/],
  ["u", "ACCOUNT_INVALID", /not a text of 1 characters/],
  [{}, "ACCOUNT_INVALID", /account is undefined: give the subject as a text .* or an object/],
  [{ account: {} }, "ACCOUNT_INVALID", /subject of account is undefined/],
  [{ account: Object.assign(() => {}, { subject: "a" }) }, "ACCOUNT_INVALID", /account is a function/],
  [{ account: "" }, "ACCOUNT_INVALID", /subject of account is ""/],
  [{ account: "a".repeat(257) }, "ACCOUNT_INVALID", /1 to 256/],
  [{ account: { subject: "u", name: 7 } }, "ACCOUNT_INVALID", /account.name is 7/],
  [{ account: { subject: "u", email: "e" } }, "ACCOUNT_INVALID", /no field "email"/],
  [{ account: "u", token: "t" }, "ACCOUNT_INVALID", /no field "token": it has account, accessToken/],
  [{ account: "u", accessToken: "" }, "TOKEN_INVALID", /accessToken is empty/],
  [{ account: "u", refreshToken: 7 }, "TOKEN_INVALID", /refreshToken is 7/],
  [{ account: "u", accessToken: "s".repeat(16_385) }, "TOKEN_INVALID", /16385 characters/],
  [{ account: "u", expiresIn: 1e308 }, "LIFETIME_INVALID", /expiresIn is 1e\+308: give a number of seconds, 0 to 3155760000/],
  [{ account: "u", expiresIn: "3600" }, "LIFETIME_INVALID", /expiresIn is "3600"/],
  [{ account: "u", expiresIn: NaN }, "LIFETIME_INVALID", /expiresIn is NaN/],
  [{ account: "u", expiresAt: -1 }, "LIFETIME_INVALID", /expiresAt is -1/],
  [{ account: "u", serverTime: Infinity }, "LIFETIME_INVALID", /serverTime is Infinity/],
];

test("D54 D60 S14 a grant: what fits has no problem, what does not is named with the field and what is meant", () => {
  for (const grant of GOOD) assert.deepEqual([fitsGrant(grant), grantProblem(grant)], [true, undefined], JSON.stringify(grant));
  for (const [grant, code, text] of BAD) {
    assert.equal(fitsGrant(grant), false, JSON.stringify(grant));
    const [found, words] = grantProblem(grant);
    assert.equal(found, code, words);
    assert.match(words, text);
  }
});

test("a grant that throws when it is read cannot be used, and its check does not throw", () => {
  const ownKeys = () => {
    throw new Error("a trap of the page");
  };
  const unreadable = new Proxy({ account: "u" }, { ownKeys });
  assert.equal(fitsGrant(unreadable), false);
  assert.deepEqual(grantProblem(unreadable), ["ACCOUNT_INVALID", "it cannot be read: give a plain object"]);
});

test("D20 what is wrong with a token is said without the token", () => {
  const [, words] = grantProblem({ account: "u", accessToken: "secret".repeat(3000) });
  assert.doesNotMatch(words, /secret/);
  // One given in the place of a grant.
  assert.doesNotMatch(grantProblem("secret")[1], /secret/);
});

test("D54 C5 a duration is finite and within its range, and Infinity is told what to do", () => {
  for (const good of [1, 0.5 + 1, 600_000])
    assert.deepEqual([isDuration(good, 600_000), durationProblem("timeoutMs", good, 600_000)], [true, undefined]);
  for (const bad of [Infinity, 3e9, -5, NaN, 0, "5", null, {}]) {
    assert.equal(isDuration(bad, 600_000), false);
    assert.match(durationProblem("timeoutMs", bad, 600_000), /^timeoutMs is .*: give 1 to 600000 milliseconds/);
  }
  assert.match(durationProblem("timeoutMs", Infinity, 600_000), /as long as possible" give 600000/);
});

test("D60 C19 S13 an option that nobody knows, or that cannot be used, is named with what was given and what is meant", () => {
  const good = { hosts: ["https://crm.example.com"] };
  assert.equal(wrongOption(good), undefined);
  assert.equal(optionProblem(good), undefined);
  for (const [options, text, name] of [
    [undefined, /the options are undefined/, "options"],
    [{ ...good, credential: "sealed" }, /no option "credential": it has hosts, namespace/, "credential"],
    [{ hosts: "https://crm.example.com" }, /hosts is "https:\/\/crm.example.com": give a list/, "hosts"],
    [{ hosts: [null] }, /null/i, "hosts"],
    [{ hosts: [{ origin: "https://a.example", dialekt: "xbees" }] }, /hosts\[0\] has no field "dialekt"/, "hosts"],
    [{ ...good, acquire: 7 }, /acquire is 7: give a function/, "acquire"],
    [{ ...good, signal: {} }, /signal/, "signal"],
  ]) {
    assert.equal(wrongOption(options), name, String(text));
    assert.match(optionProblem(options).message, text);
  }
  // What the core refuses, in words.
  for (const [options, text] of [
    [{ hosts: ["https://crm.example.com/"] }, /has a path: write "https:\/\/crm.example.com"/],
    [{ ...good, namespace: "a b" }, /namespace is "a b"/],
    [{ ...good, credentials: "plain" }, /credentials is "plain": give one of memory, sealed, dangerous-plaintext/],
    [{ ...good, signIn: { popup: true } }, /signIn has no option "popup"/],
    [{ hosts: [] }, /list the origins/],
    [{ ...good, unpartitionedStorage: false }, /unpartitionedStorage is false: give what requestStorageAccess/],
    [{ ...good, unpartitionedStorage: {} }, /unpartitionedStorage is .*: give what requestStorageAccess/],
    [{ ...good, xbees: null }, /xbees is null: give an object with its options/],
  ])
    assert.match(optionProblem(options).message, text);
});

test("a host that is not allowed is named, where the browser says who it is", () => {
  const good = { hosts: ["https://crm.example.com"] };
  const named = (ancestors) => {
    globalThis.location = { ancestorOrigins: ancestors };
    try {
      return optionProblem(good, "HOST_NOT_ALLOWED")?.message;
    } finally {
      delete globalThis.location;
    }
  };
  assert.match(
    named(["https://other.example", "https://top.example"]),
    /^HOST_NOT_ALLOWED: .* is of "https:\/\/other.example", which is not in hosts: add it there/,
  );
  assert.match(named(["null"]), /has no origin/);
  assert.equal(named(undefined), undefined);
});

test("D58 RetryLater reads seconds and dates, and nothing beyond a day", () => {
  assert.equal(new RetryLater(20).seconds, 20);
  assert.equal(new RetryLater("20").seconds, 20);
  assert.equal(new RetryLater(" 0 ").seconds, 0);
  assert.equal(new RetryLater(1e9).seconds, 86_400);
  assert.equal(new RetryLater(-5).seconds, 0);
  assert.ok(Math.abs(new RetryLater(new Date(Date.now() + 30_000).toUTCString()).seconds - 30) < 2);
  assert.equal(new RetryLater("Wed, 21 Oct 2015 07:28:00 GMT").seconds, 0);
  for (const nothing of [null, undefined, "", "soon", NaN, "-20", "2.5", "2026-01-01", {}, new Date()])
    assert.equal(new RetryLater(nothing).seconds, null);
});
