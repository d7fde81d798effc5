// Requests of an edna widget, where they take longer than a browser test may.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { load } from "./compile.mjs";

const { Requests } = await load('export * from "./js/edna/requests.ts";');
const { lastFailure } = await load('export * from "./js/edna/failures.ts";');
const { loadSettings } = await load('export * from "./js/edna/settings-file.ts";');

const VISITOR = { clientId: "user-1", guestId: "g", signature: null, headers: { "X-T": "t1" }, codes: { http: 419, ws: null } };

let current;
let failure;
let requests;
let sent;
let listeners;
/** What the server does with each request: gives a response, or never one. */
let server;
const never = () => new Promise(() => {});

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  sent = [];
  listeners = new Set();
  failure = lastFailure();
  current = {
    value: VISITOR,
    deviceAddress: null,
    signal: new AbortController().signal,
    expired: () => failure.set("EDNA_HTTP_EXPIRED"),
    required: () => current.value,
    settled: async () => {},
    withNewestValues: async () => {},
    onFirst(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  requests = new Requests("https://a.example/api", current, failure);
  globalThis.fetch = (address, { signal, headers }) => {
    sent.push(Object.fromEntries(headers));
    const aborted = new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));
    return Promise.race([server(address), aborted]);
  };
});
const settle = () => new Promise(setImmediate);
const outcome = (promise) =>
  promise.then(
    () => "answered",
    ({ code, name }) => code ?? name,
  );

test("a server that does not answer is waited for 60 s, unless the caller says for how long", async () => {
  server = never;
  const [first, own] = [new AbortController(), outcome(requests.fetch("/client/history/unread"))];
  const theirs = outcome(requests.fetch("/client/history/unread", { signal: first.signal }));
  await settle();
  mock.timers.tick(60_000);
  assert.equal(await own, "EDNA_OFFLINE");
  mock.timers.tick(600_000);
  first.abort(Object.assign(new Error("given up"), { name: "GivenUp" }));
  assert.equal(await theirs, "GivenUp");
});

test("extendedAuth that has expired is waited for 60 s; then the request fails, and nothing of it is left", async () => {
  server = async () => new Response(null, { status: 419 });
  const late = outcome(requests.fetch("/client/history/unread"));
  await settle();
  assert.equal(listeners.size, 1);
  mock.timers.tick(60_000);
  assert.deepEqual([await late, listeners.size, sent.length], ["EDNA_HTTP_EXPIRED", 0, 1]);
  // In time.
  const again = outcome(requests.fetch("/client/history/unread"));
  await settle();
  current.value = { ...VISITOR, headers: { "X-T": "t2" } };
  for (const listener of listeners) listener(current.value);
  server = async () => new Response("{}");
  assert.deepEqual([await again, listeners.size, sent.at(-1)["X-T"]], ["answered", 0, "t2"]);
});

test("a history that does not end, or is no JSON, is a failure with a code", async () => {
  server = async () => new Response("<html>");
  assert.equal(await outcome(requests.history()), "EDNA_REFUSED");
  server = async () => new Response(new ReadableStream());
  const stalled = outcome(requests.history());
  await settle();
  await settle();
  mock.timers.tick(60_000);
  assert.equal(await stalled, "EDNA_REFUSED");
});

test("D5: the page is asked for each request; what it says is sent, and nothing if another visitor is there by then", async () => {
  server = async () => new Response("{}");
  current.withNewestValues = async () => {
    current.value = { ...VISITOR, headers: { "X-T": "t9" } };
  };
  await requests.fetch("/client/history/unread");
  assert.equal(sent[0]["X-T"], "t9");
  const life = new AbortController();
  current.signal = life.signal;
  current.withNewestValues = async () => life.abort(Object.assign(new Error("another one"), { code: "NOT_AUTHORIZED" }));
  assert.deepEqual([await outcome(requests.fetch("/client/history/unread")), sent.length], ["NOT_AUTHORIZED", 1]);
});

test("a visitor who is about to be here is waited for, until the caller's signal is aborted", async () => {
  server = async () => new Response("{}");
  let enter;
  current.settled = () => new Promise((resolve) => (enter = resolve));
  const stop = new AbortController();
  const given = outcome(requests.fetch("/client/history/unread", { signal: stop.signal }));
  stop.abort(Object.assign(new Error("given up"), { name: "GivenUp" }));
  assert.equal(await given, "GivenUp");
  const asked = outcome(requests.fetch("/client/history/unread"));
  await settle();
  assert.equal(sent.length, 0);
  enter();
  assert.deepEqual([await asked, sent.length], ["answered", 1]);
});

test("a settings.json that does not come is waited for 30 s", async () => {
  globalThis.fetch = never;
  const loaded = outcome(loadSettings("/settings.json"));
  await settle();
  mock.timers.tick(30_000);
  assert.equal(await loaded, "EDNA_SETTINGS");
});
