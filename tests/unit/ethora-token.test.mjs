// What a browser checks of an Ethora client token, on the tokens that the backend's half in Rust makes, and on broken ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, vectors } from "./compile.mjs";

const {
  readClientToken: read,
  bareToken,
  lifetime,
  AuthframeError,
} = await load('export * from "./js/ethora/token.ts"; export { AuthframeError } from "./js/shared/error.ts";');
const { appId, tokens } = vectors("ethora/tokens");
const NOW = 1_700_000_100_000;

const base64url = (text) => Buffer.from(text).toString("base64url");
const token = (payload, header = { alg: "HS256", typ: "JWT" }) =>
  [JSON.stringify(header), typeof payload === "string" ? payload : JSON.stringify(payload)].map(base64url).join(".") + ".c2lnbmF0dXJl";
const flat = (more = {}) => token({ email: "a@b.example", type: "client", appId, ...more });
const nested = (data = {}, more = {}) => token({ data: { type: "client", userId: "u1", appId, ...data }, ...more });
const code = (token, now = NOW) => {
  try {
    return read(token, appId, undefined, now).subject;
  } catch (error) {
    assert.ok(error instanceof AuthframeError, String(error));
    assert.equal(error.responsible, "host");
    assert.ok(!error.message.includes(String(token)) || token === "", "no token in a text");
    return error.code;
  }
};

test("every client token of the vectors names its subject; a server token is refused", () => {
  assert.ok(tokens.length > 5);
  for (const { kind, subject, exp, token } of tokens) {
    if (kind === "server") assert.equal(code(token), "JWT_TYPE");
    else assert.deepEqual({ ...read(token, appId, subject, NOW) }, { subject, expiresAt: exp === undefined ? null : exp * 1000 });
  }
});

test("what is no JWT with an object in it is JWT_MALFORMED", () => {
  const good = nested();
  const [header, payload, signature] = good.split(".");
  for (const bad of [
    undefined,
    null,
    7,
    "",
    "a.b",
    good + ".x",
    `${header}.${payload}.`,
    `${header}..${signature}`,
    `.${payload}.${signature}`,
    `${header}.${payload}=.${signature}`,
    good.replace(".", " ."),
    token("[1]"),
    token('"x"'),
    token("null"),
    token("{"),
    token({ data: {} }, []),
    `${header}.${base64url(Buffer.from([0xff, 0xfe]))}.${signature}`,
    "a".repeat(20_000),
  ]) {
    assert.equal(code(bad), "JWT_MALFORMED", String(bad).slice(0, 80));
  }
  for (const exp of ["1", true, {}, [1], 1e400])
    assert.equal(code(nested({}, { exp })), exp === 1e400 ? "u1" : "JWT_MALFORMED", "JSON writes what is not finite as null");
});

test("only HS256, in exactly these letters", () => {
  for (const alg of ["none", "None", "NONE", "hs256", "HS512", "RS256", "", null, undefined, ["HS256"], { a: 1 }])
    assert.equal(code(token({ data: { type: "client", userId: "u1", appId } }, { alg })), "JWT_ALG");
});

test("type, app and subject; the flat and the nested shape; one that says two things", () => {
  for (const type of ["server", "Client", "", null, undefined, 1]) {
    assert.equal(code(nested({ type })), "JWT_TYPE");
    assert.equal(code(flat({ type })), "JWT_TYPE");
  }
  for (const app of ["124", 123, null, undefined, ["123"]]) {
    assert.equal(code(nested({ appId: app })), "JWT_APP");
    assert.equal(code(flat({ appId: app })), "JWT_APP");
  }
  for (const none of ["", null, undefined, 7, ["u1"], "x".repeat(257)]) {
    assert.equal(code(nested({ userId: none })), "JWT_NO_SUBJECT");
    assert.equal(code(flat({ email: none })), "JWT_NO_SUBJECT");
  }
  assert.equal(code(flat({ email: "Zoë@B.Example" })), "zoë@b.example");
  assert.equal(code(flat({ email: "Zoe\u0308@B.Example" })), "zoë@b.example", "however it is written");
  assert.equal(code(nested({ userId: "Ünïcøde ☃" })), "Ünïcøde ☃");
  for (const beside of [{ type: "server" }, { appId: "124" }, { userId: "u2" }]) assert.equal(code(nested({}, beside)), "JWT_AMBIGUOUS");
  assert.equal(code(nested({}, { type: "client", appId, userId: "u1", email: "a@b.example" })), "u1");
});

test("whom it has to name", () => {
  assert.throws(() => read(nested(), appId, "u2", NOW), { code: "JWT_SUBJECT", responsible: "host" });
  assert.throws(() => read(flat(), appId, "A@b.example", NOW), { code: "JWT_SUBJECT" });
});

test("times, with a minute for clocks that are wrong", () => {
  const at = (seconds) => NOW / 1000 + seconds;
  for (const [claims, expected] of [
    [{ exp: at(1) }, "u1"],
    [{ exp: at(-59) }, "u1"],
    [{ exp: at(-60) }, "JWT_EXPIRED"],
    [{ exp: at(-3600) }, "JWT_EXPIRED"],
    [{ nbf: at(60) }, "u1"],
    [{ nbf: at(61) }, "JWT_NOT_YET_VALID"],
    [{ iat: at(9999) }, "u1"],
    [{ exp: null, nbf: null }, "u1"],
  ]) {
    assert.equal(code(nested({}, claims)), expected, JSON.stringify(claims));
  }
});

test("tests/vectors/errors.json lists what is thrown here, as the host's responsible", () => {
  const listed = vectors("errors").codes.filter(({ side }) => side.includes("host/ethora"));
  assert.deepEqual(
    listed.map(({ code }) => code),
    [
      "JWT_ALG",
      "JWT_AMBIGUOUS",
      "JWT_APP",
      "JWT_EXPIRED",
      "JWT_MALFORMED",
      "JWT_NOT_YET_VALID",
      "JWT_NO_SUBJECT",
      "JWT_SUBJECT",
      "JWT_TYPE",
    ],
  );
  assert.ok(listed.every(({ responsible }) => responsible === "host"));
});

test("how long a session token lives, by itself", () => {
  assert.equal(lifetime(nested({}, { iat: 100, exp: 1000 })), 900);
  for (const none of [nested(), nested({}, { exp: 5 }), "x", "a.b.c"]) assert.equal(lifetime(none), null);
});

test("E2: white space around a token and the prefix `JWT ` are no part of it", () => {
  const good = nested();
  for (const given of [`${good}\n`, ` ${good}`, `\r\n${good}\t`, `JWT ${good}`, ` JWT  ${good} \n`]) {
    assert.equal(code(given), "u1", JSON.stringify(given.slice(0, 5)));
    assert.equal(bareToken(given), good);
  }
  assert.equal(lifetime(`JWT ${nested({}, { iat: 100, exp: 1000 })}`), 900);
  for (const bad of [`Bearer ${good}`, `JWT${good}`, good.replace(".", " ."), "JWT x"]) assert.equal(code(bad), "JWT_MALFORMED");
  for (const other of [undefined, null, 7]) assert.equal(bareToken(other), other);
});

test("E2: a token without a signature says what is wrong with its algorithm first", () => {
  const unsigned = (alg) => token({ data: { type: "client", userId: "u1", appId } }, { alg }).replace(/[^.]*$/, "");
  for (const alg of ["none", "None", "HS512"]) assert.equal(code(unsigned(alg)), "JWT_ALG");
  assert.equal(code(unsigned("HS256")), "JWT_MALFORMED");
});

test("E14: while the server's time is not known, a browser's clock may be a day wrong", () => {
  const now = Math.floor(Date.now() / 1000);
  const byBrowser = (claims) => {
    try {
      return read(nested({}, claims), appId).subject;
    } catch (error) {
      return error.code;
    }
  };
  for (const [claims, expected] of [
    [{ exp: now - 360 }, "u1"],
    [{ exp: now - 86_000 }, "u1"],
    [{ exp: now - 87_000 }, "JWT_EXPIRED"],
    [{ nbf: now + 86_000 }, "u1"],
    [{ nbf: now + 87_000 }, "JWT_NOT_YET_VALID"],
  ])
    assert.equal(byBrowser(claims), expected, JSON.stringify(claims));
});
