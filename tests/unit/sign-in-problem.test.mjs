/** What `signIn` says of options that it cannot use: each problem has words of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./compile.mjs";

const { signInProblem } = await load(`export { signInProblem } from "./js/widget/sign-in/problem.js"`);

const exchange = () => ({});
const oauth = { authorizationEndpoint: "https://login.example/authorize", clientId: "chat", redirectUri: "https://chat.example/callback" };

test("what can be used has no problem", () => {
  for (const options of [
    { url: "https://chat.example/in" },
    { url: new URL("http://localhost:8080/in"), from: "https://login.example", timeoutMs: 1 },
    { oauth, exchange },
    { url: "not looked at", oauth, exchange },
  ])
    assert.equal(signInProblem(options), undefined);
});

for (const [what, options, text] of [
  ["no way", {}, /^signIn has neither url nor oauth: .*SignIn::oauth/],
  ["a relative page", { url: "/in" }, /^url is "\/in": give a whole address, .*not a relative one$/],
  ["no text", { url: 7 }, /^url is 7: give a whole address/],
  ["a page on http", { url: "http://chat.example/in" }, /^url is "http:\/\/chat\.example\/in": only https is safe/],
  [
    "an endpoint on http",
    { oauth: { ...oauth, authorizationEndpoint: new URL("http://login.example/a") }, exchange },
    /^oauth\.authorizationEndpoint is "http:\/\/login\.example\/a": only https is safe/,
  ],
  ["no client", { oauth: { ...oauth, clientId: "" }, exchange }, /^oauth\.clientId is "": give the name/],
  [
    "a relative redirect address",
    { oauth: { ...oauth, redirectUri: "/callback" }, exchange },
    /^oauth\.redirectUri is "\/callback": give a whole address/,
  ],
  ["no exchange", { oauth }, /^oauth needs exchange/],
  ["another origin that is none", { url: "https://chat.example/in", from: "*" }, /^from is "\*"/],
  ["no time", { url: "https://chat.example/in", timeoutMs: 0 }, /^timeoutMs is 0: give 1 to 3600000 milliseconds$/],
])
  test(`${what} is named`, () => assert.match(signInProblem(options), text));

test("a password in an address is not shown", () => {
  const problem = signInProblem({ url: "http://ada:s3cret@chat.example/in" });
  assert.match(problem, /^url has a user name or a password in it/);
  assert.doesNotMatch(problem, /s3cret/);
});
