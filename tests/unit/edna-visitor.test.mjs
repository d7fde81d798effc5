// What a page's globals become at edna, on vectors: the worked example of the reference, and what is missing, of the wrong type, too long or not to be sent.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { load, root, vectors } from "./compile.mjs";

const { allowedNames } = await load('export * from "./js/edna/allowed-names.ts";');
const { checkVisitor } = await load('export * from "./js/edna/check-visitor.ts";');
const { findings, subjectOf } = await load('export * from "./js/edna/visitor.ts";');
const { cookieText, partitioned, reaches } = await load('export * from "./js/edna/cookies.ts";');
const { globalNames, guestCookie, newGuestId, readVisitor } = await load('export * from "./js/edna/settings.ts";');
const { worded } = await load('export * from "./js/edna/texts.ts";');
const allowed = vectors("edna/allowed");
const { visitors, clientIds, clientData } = vectors("edna/visitors");
const cookies = vectors("edna/cookies");

const GUEST = "guest-1";
/** What the globals give, and the findings as [code, place]. */
const read = (settings, globals, guest = GUEST) => {
  const { all, note } = findings();
  const visitor = readVisitor(settings, (name) => globals[name], guest, note);
  return { visitor, found: [...all.values()].map(([code, where]) => [code, where]) };
};
/** The widget's half, with these lists; without, the page's own check. */
const check = (visitor, lists) => {
  const { all, note } = findings();
  return {
    visitor: checkVisitor(visitor, note, lists ? allowedNames(lists.hostHeaders, lists.hostCookies) : null),
    found: [...all.values()].map(([code]) => code),
    places: [...all.values()],
  };
};
const sorted = (list) => [...list].map((entry) => JSON.stringify(entry)).sort();

for (const { name, settings, globals, visitor: expected, findings: wanted } of visitors) {
  test(`edna visitor: ${name}`, () => {
    // Headers are compared as lists: deepEqual does not see an own `__proto__`.
    const { visitor, found } = read(settings, globals);
    const { headers, ...rest } = expected;
    for (const [key, value] of Object.entries(rest)) assert.deepEqual(visitor[key], value, key);
    if (headers) assert.deepEqual(Object.entries(visitor.headers), Object.entries(headers));
    assert.deepEqual(sorted(found), sorted(wanted));
    // The widget's half finds nothing more in it, if it lists what is there.
    const lists = { hostHeaders: Object.keys(visitor.headers), hostCookies: visitor.cookies.map(([name]) => name) };
    assert.deepEqual(check(structuredClone(visitor), lists).visitor, visitor);
  });
}

for (const { lists, wrong } of allowed.lists) {
  test(`S7: edna lists ${JSON.stringify(lists).slice(0, 60)}: ${wrong ?? "fine"}`, () => {
    const names = allowedNames(lists.hostHeaders, lists.hostCookies);
    if (wrong === null) assert.equal(typeof names, "object");
    else assert.ok(typeof names === "string" && names.startsWith(wrong), JSON.stringify(names));
  });
}

for (const { name, lists, headers, cookies, kept, findings } of allowed.visitors) {
  test(`S7: edna names: ${name}`, () => {
    const { visitor, places } = check({ ...read({}, {}).visitor, headers, cookies }, lists);
    assert.deepEqual([visitor.headers, visitor.cookies], [kept.headers, kept.cookies]);
    assert.deepEqual(sorted(places), sorted(findings));
  });
}

test("S7: edna: no number of cookies, pages and tabs comes to more than the widget's list has names, and 6,144 bytes together", () => {
  const fits = (names, name, length) =>
    check({ ...read({}, {}).visitor, cookies: [[name, "x".repeat(length - name.length - 1)]] }, { hostCookies: names }).visitor.cookies
      .length;
  for (const count of [1, 2, 3, 5, 16]) {
    const names = Array.from({ length: count }, (_, n) => `c${n}`);
    const most = Math.min(4096, Math.floor(6144 / count));
    assert.deepEqual([fits(names, "c0", most), fits(names, "c0", most + 1)], [1, 0], `${count}`);
  }
  const many = Array.from({ length: 1000 }, (_, n) => [`c${n}`, "v"]);
  const { visitor, places } = check({ ...read({}, {}).visitor, cookies: many, headers: Object.fromEntries(many) }, {});
  assert.deepEqual([visitor.cookies, visitor.headers, places.length], [[], {}, 64]);
  // What is written is counted, not what was given.
  assert.equal(check({ ...read({}, {}).visitor, cookies: [["token", "ж".repeat(400)]] }, {}).visitor.cookies.length, 0);
});

test("S7: edna: directives and sub-protocols are bounded too", () => {
  const visitor = read({}, {}).visitor;
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`d${n}`, n]));
  const one = check({ ...visitor, cookieOptions: { ...many, Path: `/${"x".repeat(300)}` }, protocols: Object.keys(many) }, {});
  assert.deepEqual([Object.keys(one.visitor.cookieOptions).length, one.visitor.protocols.length], [16, 16]);
  assert.deepEqual([...new Set(one.found)].sort(), ["EDNA_COOKIE", "EDNA_COOKIE_DIRECTIVE", "EDNA_TOO_MANY"]);
});

test("edna: a page's object whose getters throw, and texts that cannot be made, throw nothing", () => {
  const bad = { toString: 1, valueOf: 1 };
  const trap = {
    get token() {
      throw new Error("a getter's own");
    },
    type: "b",
  };
  const settings = {
    extendedAuth: {
      http: { enabled: true, headersMap: { "X-Auth-Token": "token", "X-Token-Type": "type" } },
      ws: { enabled: true, dataMap: ["token", bad] },
      cookie: { enabled: true, options: { Path: bad } },
    },
  };
  const { visitor, found } = read(settings, { clientId: bad, clientData: bad, extendedAuth: trap });
  assert.deepEqual([visitor.headers, visitor.cookies, visitor.protocols], [{ "X-Token-Type": "b" }, [["type", "b"]], []]);
  assert.ok(found.some(([code, where]) => code === "EDNA_PROTOCOL" && where === "object"));
  const said = { ...visitor, cookies: [[bad, "x"], bad], headers: { "X-A": bad }, protocols: [bad], cookieOptions: { a: bad } };
  assert.deepEqual(check(said, {}).visitor, { ...visitor, headers: {}, cookies: [], cookieOptions: {} });
  Object.defineProperty(said, "headers", {
    get() {
      throw new Error("a getter's own");
    },
  });
  assert.deepEqual(check(said, {}).visitor.headers, {});
});

test("edna clientId: texts and numbers that are true; 0, empty text, object and true are a guest", () => {
  for (const { value, clientId, finding } of clientIds) {
    const { visitor, found } = read({}, { clientId: value });
    assert.equal(visitor.clientId, clientId, JSON.stringify(value));
    assert.deepEqual(
      found.map(([code]) => code),
      finding ? [finding] : [],
      JSON.stringify(value),
    );
  }
  for (const clientId of [NaN, Infinity, -Infinity])
    assert.deepEqual([read({}, { clientId }).visitor.clientId, read({}, { clientId }).found[0][0]], [null, "EDNA_CLIENT_ID"]);
  assert.equal(read({}, { clientId: "x".repeat(1024) }).visitor.clientId.length, 1024);
  assert.deepEqual(read({}, { clientId: "x".repeat(1025) }), { visitor: read({}, {}).visitor, found: [["EDNA_CLIENT_ID", "clientId"]] });
});

test("edna clientData (D10): JSON text of an object of any fields, unchanged; anything else is dropped and said", () => {
  for (const { value, kept, finding } of clientData) {
    const { visitor, found } = read({}, { clientData: value });
    assert.equal(visitor.clientData, kept ? value : null);
    assert.deepEqual(
      found.map(([code]) => code),
      finding ? [finding] : [],
      JSON.stringify(value),
    );
  }
  const long = JSON.stringify({ a: "x".repeat(65_528) });
  assert.equal(long.length, 65_536);
  assert.equal(read({}, { clientData: long }).visitor.clientData, long);
  assert.deepEqual(read({}, { clientData: `${long} ` }).found, [["EDNA_CLIENT_DATA", ""]]);
});

test("edna: the page's half hands over any number of headers, and values up to their limits", () => {
  const many = Array.from({ length: 500 }, (_, n) => [`X-${n}`, `p${n}`]);
  const settings = (headersMap) => ({
    extendedAuth: { http: { enabled: true, headersMap }, ws: { enabled: true, dataMap: ["v"] }, cookie: { enabled: true } },
  });
  const { visitor } = read(settings(Object.fromEntries(many)), { extendedAuth: Object.fromEntries(many.map(([, name]) => [name, name])) });
  assert.deepEqual(Object.entries(visitor.headers), many);
  const at = (length) => read(settings({ "X-V": "v" }), { extendedAuth: { v: "x".repeat(length) } });
  assert.deepEqual(
    [at(8192).found, at(8192).visitor.headers["X-V"].length, at(8192).visitor.protocols.length],
    [[["EDNA_COOKIE", "v"]], 8192, 1],
  );
  assert.deepEqual(
    at(8193)
      .found.map(([code]) => code)
      .sort(),
    ["EDNA_COOKIE", "EDNA_HEADER_VALUE", "EDNA_PROTOCOL"],
  );
  assert.deepEqual([at(8193).visitor.headers, at(8193).visitor.protocols], [{}, []]);
  // 4,096 bytes: name, sign and value, as they are written.
  assert.deepEqual([at(4094).found.length, at(4095).found.length], [0, 1]);
  assert.deepEqual(read(settings({}), { extendedAuth: { v: "x", lone: "\ud800" } }).found, [["EDNA_COOKIE", "lone"]]);
});

test("edna: only what is mapped is handed over", () => {
  const settings = { extendedAuth: { http: { enabled: true, headersMap: { "X-T": "token" } } } };
  const text = JSON.stringify(read(settings, { clientId: "u", extendedAuth: { token: "t", secret: "not mapped" } }).visitor);
  assert.doesNotMatch(text, /secret|not mapped/);
});

test("edna: what the widget is handed by another page is read field by field", () => {
  const good = read({}, { clientId: "u" }).visitor;
  for (const bad of [
    undefined,
    null,
    7,
    "u",
    [],
    {},
    { ...good, guestId: "" },
    { ...good, guestId: 7 },
    { ...good, guestId: "x".repeat(1025) },
    { ...good, clientId: undefined },
    { ...good, clientId: 7 },
    { ...good, clientId: "" },
    { ...good, clientId: "\udfff" },
  ]) {
    assert.equal(check(bad, {}).visitor, null);
  }
  const lists = { hostHeaders: ["X-A", "X-B"], hostCookies: ["a", "b", "c"] };
  const wrong = {
    ...good,
    clientData: 7,
    signature: {},
    headers: { "X-Client-Token": "forged", "X-A": 7, "X-B": "b\n" },
    protocols: ["a b", 7, "c", "c"],
    cookies: [["a"], "x", ["b", 7], ["c", "d", "e"]],
    cookieOptions: "Secure",
    codes: { http: "401" },
  };
  const { visitor, found } = check(wrong, lists);
  assert.deepEqual(visitor, { ...good, protocols: ["c"], cookies: [["c", "d"]], cookieOptions: visitor.cookieOptions });
  assert.deepEqual([...new Set(found)].sort(), [
    "EDNA_CLIENT_DATA",
    "EDNA_COOKIE",
    "EDNA_HEADER_NAME",
    "EDNA_HEADER_VALUE",
    "EDNA_PROTOCOL",
    "EDNA_SIGNATURE",
  ]);
  assert.deepEqual(check({ ...good, headers: 7, protocols: {}, cookies: null, codes: null }, lists).visitor, good);
});

test("edna: a subject of a session has at most 256 characters, and long ids keep apart", () => {
  assert.equal(subjectOf("x".repeat(256)), "x".repeat(256));
  const long = ["a", "b"].flatMap((last) => ["c", "d"].map((first) => first + "x".repeat(1000) + last));
  const subjects = long.map(subjectOf);
  assert.equal(new Set(subjects).size, 4);
  assert.ok(subjects.every(({ length }) => length <= 256));
  assert.deepEqual(long.map(subjectOf), subjects);
  // A sum with the factor 31 takes these for the same.
  assert.notEqual(subjectOf(`${"x".repeat(300)}Aa`), subjectOf(`${"x".repeat(300)}BB`));
});

test("edna cookies: lines as the reference writes them, and as a frame below another site needs them", () => {
  for (const { name, value, options, third, line } of cookies.lines)
    assert.equal(cookieText(name, value, third ? partitioned(options) : options), line);
  assert.equal(cookieText("a", "b", { expires: new Date(0) }), "a=b; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT");
  for (const { settings, secure, options } of cookies.guest) assert.deepEqual(guestCookie(settings, secure, assert.fail), options);
});

test("D10: the words of a finding about a directive say whether it is written", () => {
  const { found } = read(
    { extendedAuth: { cookie: { enabled: true, options: { Priority: "High", HttpOnly: true } } } },
    { extendedAuth: {} },
  );
  const [priority, httpOnly] = ["EDNA_COOKIE_DIRECTIVE", "EDNA_COOKIE"].map(
    (code) => worded(new Map([["", found.find(([one]) => one === code)]]))[0],
  );
  assert.match(priority.problem, /^Priority: .*written as it is/);
  assert.match(httpOnly.problem, /^HttpOnly: .*left out/);
});

test("D1: without settings the guest's cookie is kept for as long as the vendor's widget keeps it", () => {
  assert.equal(guestCookie({}, true, assert.fail)["Max-Age"], 15_552_000);
});

test("D2: the cookie's options in backend count without a rootUrl too", () => {
  const backend = { unauthorizedHistory: { cookie: { "Max-Age": 5 } } };
  assert.equal(guestCookie({ backend }, true, assert.fail)["Max-Age"], 5);
});

test("edna cookies: a number or a date that is none is no directive", () => {
  const options = { "Max-Age": NaN, Expires: new Date(NaN), expires: new Date(0) };
  const { visitor, found } = read({ extendedAuth: { cookie: { enabled: true, options } } }, { extendedAuth: {} });
  assert.deepEqual(visitor.cookieOptions, { expires: new Date(0) });
  assert.deepEqual(
    sorted(found),
    sorted([
      ["EDNA_COOKIE", "Max-Age"],
      ["EDNA_COOKIE", "Expires"],
    ]),
  );
  assert.deepEqual(
    read({ extendedAuth: { cookie: { enabled: true, options: { "Max-Age": Infinity } } } }, { extendedAuth: {} }).visitor.cookieOptions,
    {},
  );
});

test("edna: a guest's id is 8 characters of base 36 and 32 hexadecimal digits, never the same", () => {
  const ids = Array.from({ length: 100 }, newGuestId);
  assert.ok(ids.every((id) => /^[\da-z]{8}[\da-f]{32}$/.test(id)));
  assert.equal(new Set(ids).size, 100);
});

test("D13: which hosts a cookie of this one is sent to", () => {
  globalThis.location = { hostname: "chat.example.com" };
  const sent = {
    "chat.example.com": [{}, { domain: "example.com" }, { Domain: ".EXAMPLE.com" }, { Domain: "chat.example.com" }, { Domain: "" }],
  };
  for (const [host, all] of Object.entries(sent)) for (const options of all) assert.ok(reaches(host, options), JSON.stringify(options));
  assert.ok(reaches("api.example.com", { Domain: "example.com" }));
  for (const [host, options] of [
    ["api.example.com", {}],
    ["api.example.com", { Domain: "chat.example.com" }],
    ["other.example", { Domain: "example.com" }],
    ["badexample.com", { Domain: "example.com" }],
  ])
    assert.ok(!reaches(host, options), host);
  delete globalThis.location;
});

test("edna: the globals that settings name", () => {
  assert.deepEqual(globalNames({}), {
    clientId: "clientId",
    unauthClientId: "unauthClientId",
    clientData: "clientData",
    signature: "",
    extendedAuth: "extendedAuth",
  });
});

test("edna: every finding has its words, and none has a value in it", () => {
  const codes = [
    "EDNA_CLIENT_DATA",
    "EDNA_CLIENT_ID",
    "EDNA_CLIENT_ID_PERSONAL",
    "EDNA_COOKIE",
    "EDNA_COOKIE_DIRECTIVE",
    "EDNA_COOKIE_HOST",
    "EDNA_COOKIE_NAME",
    "EDNA_COOKIE_UNLISTED",
    "EDNA_EXTENDED_AUTH",
    "EDNA_GLOBAL_UNKNOWN",
    "EDNA_GUEST_ID",
    "EDNA_HEADER_NAME",
    "EDNA_HEADER_UNLISTED",
    "EDNA_HEADER_VALUE",
    "EDNA_PAGES_DISAGREE",
    "EDNA_PROTOCOL",
    "EDNA_SIGNATURE",
    "EDNA_TOO_MANY",
    "EDNA_UNWATCHED",
  ];
  for (const code of codes) {
    const [{ problem, remedy }] = worded(new Map([["", [code, "name"]]]));
    assert.ok(problem.startsWith("name: ") && remedy.endsWith("."), code);
  }
  const settings = {
    extendedAuth: { http: { enabled: true, headersMap: { "X-T": "t" } }, ws: { enabled: true, dataMap: ["t"] }, cookie: { enabled: true } },
  };
  const { found } = read(settings, {
    clientId: "ada@secret.example",
    clientData: "secret",
    extendedAuth: { t: "secret\u0000secret".repeat(9999) },
  });
  assert.ok(found.length >= 4);
  assert.doesNotMatch(JSON.stringify(worded(new Map(Object.entries(found)))), /secret/);
});

test("edna: every code that is thrown stands in errors.json with its responsible", () => {
  const source = (file) => readFileSync(path.join(root, "js", file), "utf8");
  const listed = vectors("errors").codes.filter(({ code }) => code.startsWith("EDNA_"));
  const ofWidget = [...source("edna/failures.ts").matchAll(/^ {2}(EDNA_[A-Z_]+): \["(\w+)"/gm)].map(([, code, responsible]) => ({
    code,
    responsible,
    side: ["edna"],
  }));
  const ofPage = [...source("edna/settings-file.ts").matchAll(/AuthframeError\("(EDNA_[A-Z_]+)", "[^"]+", "(\w+)"/g)].map(
    ([, code, responsible]) => ({
      code,
      responsible,
      side: ["host/edna"],
    }),
  );
  assert.deepEqual(sorted([...ofWidget, ...ofPage]), sorted(listed));
  const union = source("shared/error-codes.ts").match(/export type EdnaErrorCode =([^;]+);/)[1];
  assert.deepEqual([...union.matchAll(/"(EDNA_\w+)"/g)].map(([, code]) => code).sort(), listed.map(({ code }) => code).sort());
});

test("edna: without a page the host's half says so, and importing it touches nothing", async () => {
  const before = Object.getOwnPropertyNames(globalThis).sort();
  const { embedEdna } = await load('export * from "./js/edna/host.ts";');
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).sort(), before);
  await assert.rejects(embedEdna({ container: {}, src: "https://widget.example", settings: {} }), {
    name: "AuthframeError",
    code: "ENV_UNSUPPORTED",
    responsible: "app",
  });
});

test("a long id's subject, a name and a finding's place end with no half of a surrogate pair", async () => {
  const { nameOf } = await load('export * from "./js/edna/names.ts";');
  const isWhole = (text) => !/\p{Cs}/u.test(text);
  const { all, note } = findings();
  for (const shift of ["", "x"]) {
    const long = shift + "\u{1f642}".repeat(300);
    const subject = subjectOf(long);
    assert.ok(isWhole(subject) && subject.length <= 256, subject);
    assert.notEqual(subject, subjectOf(`${long}y`));
    assert.ok(isWhole(nameOf(JSON.stringify({ name: long }))));
    note("EDNA_COOKIE", long);
  }
  assert.deepEqual([all.size, [...all.values()].every(([, where]) => isWhole(where))], [2, true]);
});
