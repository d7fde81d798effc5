// Where a phone's tokens come from, against a real token endpoint: what is refused, put off, renewed, and what nothing renews.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { load } from "./compile.mjs";

const { TokenSource, NO_INFO, TokenRefused, RetryLater, AuthRejected } = await load(`
  export { TokenSource } from "./js/webex/token-source.js";
  export { NO_INFO } from "./js/webex/token-info.js";
  export { TokenRefused } from "./js/webex/token-refused.js";
  export { RetryLater, AuthRejected } from "./js/widget/index.js";
`);

let server;
let reply;
const asked = [];
before(async () => {
  server = createServer(async (request, response) => {
    let form = "";
    for await (const chunk of request) form += chunk;
    asked.push(Object.fromEntries(new URLSearchParams(form)));
    const [status, body, headers = {}] = reply;
    response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
});
after(() => server.close());

const { signal } = new AbortController();
const ACCOUNT = { subject: "ada", name: null };
const credential = (change = {}) => ({
  account: ACCOUNT,
  accessToken: "a1",
  refreshToken: "r1",
  expiresAt: Date.now() + 60_000,
  ...change,
});
const source = (change = {}) => {
  const known = { info: NO_INFO, canRenew: true };
  const options = {
    clientId: "c1",
    redirectUri: "https://a.example/callback",
    scope: "spark:kms",
    tokenEndpoint: `http://127.0.0.1:${server.address().port}/token`,
    account: () => ACCOUNT,
    ...change,
  };
  return { known, source: new TokenSource(options, known) };
};
const refresh = (source, given = credential()) => source.refresh({ reason: "refresh", identity: null, credential: given, signal });

test("W4: error_description and error_uri of a refusal are there, scope and the refresh token's end of a reply", async () => {
  const one = source();
  reply = [200, { access_token: "a1", expires_in: 60, refresh_token: "r1", refresh_token_expires_in: 7_776_000, scope: "b a" }];
  const began = Date.now();
  await one.source.exchange("code", "v", signal);
  assert.equal(one.known.info.scope, "b a");
  assert.ok(
    one.known.info.refreshTokenExpiresAt >= began + 7_776_000_000 && one.known.info.refreshTokenExpiresAt <= Date.now() + 7_776_000_000,
  );
  // What a refresh does not say stays as it was.
  const { refreshTokenExpiresAt } = one.known.info;
  reply = [200, { access_token: "a2" }];
  const grant = await refresh(one.source);
  assert.deepEqual(grant, { accessToken: "a2", refreshToken: "r1", account: ACCOUNT });
  assert.deepEqual(one.known.info, { scope: "b a", refreshTokenExpiresAt, refusal: null });
  reply = [400, { error: "invalid_grant", error_description: "it was used before", error_uri: "https://a.example/why" }];
  const refused = await refresh(one.source).catch((error) => error);
  assert.ok(refused instanceof TokenRefused && refused instanceof AuthRejected);
  assert.deepEqual(
    [refused.message, refused.error, refused.description, refused.uri],
    ["invalid_grant", "invalid_grant", "it was used before", "https://a.example/why"],
  );
  assert.equal(one.known.info.refusal, refused);
  for (const body of ["", "{", { error: 7, error_description: {} }]) {
    reply = [401, body];
    const bare = await refresh(one.source).catch((error) => error);
    assert.deepEqual([bare.error, bare.description, bare.uri], ["401", null, null]);
  }
  // Where the endpoint grants what was asked for, it need not say so.
  reply = [200, { access_token: "a1" }];
  const two = source();
  await two.source.exchange("code", null, signal);
  assert.deepEqual(two.known.info, { scope: "spark:kms", refreshTokenExpiresAt: null, refusal: null });
});

test("W3: 429 and 503 with a Retry-After are RetryLater, without one an error that may pass", async () => {
  const one = source();
  for (const status of [429, 503]) {
    reply = [status, "", { "retry-after": "20" }];
    const later = await refresh(one.source).catch((error) => error);
    assert.ok(later instanceof RetryLater);
    assert.equal(later.seconds, 20);
    reply = [status, ""];
    const passing = await refresh(one.source).catch((error) => error);
    assert.ok(!(passing instanceof RetryLater) && !(passing instanceof AuthRejected), passing);
  }
  // What the application's own backend says goes on as it is.
  const own = new RetryLater(9);
  const two = source({ refresh: () => Promise.reject(own) });
  assert.equal(await refresh(two.source).catch((error) => error), own);
});

test("W2: what nothing renews is good until its end, and no user is left then", async () => {
  const one = source();
  const known = asked.length;
  for (const expiresAt of [null, Date.now() + 5000]) {
    const given = credential({ refreshToken: null, expiresAt });
    assert.equal(await refresh(one.source, given), given);
    assert.equal(one.known.canRenew, false);
  }
  assert.equal(await refresh(one.source, credential({ refreshToken: null, expiresAt: Date.now() - 1 })), null);
  assert.equal(asked.length, known);
  reply = [200, { access_token: "a2" }];
  await refresh(one.source);
  assert.equal(one.known.canRenew, true);
});

test("a life that is no number of seconds is not known", async () => {
  for (const expires_in of [NaN, Infinity, -1, 0, "60", null]) {
    const { source: one, known } = source({
      refresh: () => ({ access_token: "Bearer a2", expires_in, refresh_token_expires_in: expires_in }),
    });
    assert.deepEqual(await refresh(one), { accessToken: "a2", refreshToken: "r1", account: ACCOUNT });
    assert.equal(known.info.refreshTokenExpiresAt, null);
  }
});
