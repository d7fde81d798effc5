import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { load, vectors } from "./compile.mjs";
import { alive, channel, FakeElement, FakePage, failOnLeak, settle } from "./page.mjs";

const { judge } = await load(`export * from "./js/host/handshake.js"`);
const { embed } = await load(`export { embed } from "./js/host/index.js"`);
const conversations = vectors("handshake").conversations.filter(({ only }) => only !== "widget");
const COUNTERS = { source: 0, origin: 0, malformed: 0, rate: 0, replay: 0 };
after(failOnLeak);
const name = ({ name, proves }) => `${proves.join(" ")} ${name}`;
const originOf = ({ widget, host }) => (widget.opaque ? "null" : host.origin);

describe("tests/vectors/handshake.json, the host's decisions", () => {
  for (const conversation of conversations) {
    test(name(conversation), () => {
      const { host, steps } = conversation;
      const pinned = host.opaque ? "null" : host.origin;
      const newJudge = () => judge(host.channel, pinned, host.capabilities, host.nonce ?? "", host.min, host.max);
      let decide = newJudge();
      let now = 0;
      let answer;
      for (const step of steps) {
        if (step.advance) now += step.advance;
        if (step.reload === "host") decide = newJudge();
        if (step.inject === "host" && step.on === "window") {
          const verdict = decide(now, step.source === "peer", step.origin, step.message, 1, true);
          assert.equal(verdict ?? null, step.rejected, JSON.stringify(step));
        } else if (step.from === "widget" && step.on === "window" && !step.lost) {
          answer = decide(now, true, originOf(conversation), step.message, 1, true);
          assert.equal(typeof answer, "object", JSON.stringify(step));
        } else if (step.from === "host" && ["welcome", "refuse"].includes(step.message.type)) {
          assert.deepEqual(answer, step.message);
        } else if (step.error?.host) {
          assert.equal(answer.code, step.error.host);
        }
      }
    });
  }
});

describe("tests/vectors/handshake.json, embed in a page", () => {
  // The versions of embed are fixed; the others are for the decisions above.
  for (const conversation of conversations.filter(({ host }) => host.min === 1 && host.max === 1)) {
    test(name(conversation), () => play(conversation));
  }
});

async function play(conversation) {
  const { host, steps } = conversation;
  const page = new FakePage();
  const container = new FakeElement();
  const randomValues = crypto.getRandomValues;
  if (host.nonce) crypto.getRandomValues = (bytes) => (bytes.set(Buffer.from(host.nonce, "hex")), bytes);
  const stop = new AbortController();
  let widget;
  let failed;
  let expected = { ...COUNTERS };
  const options = {
    container,
    src: `${host.origin}/widget`,
    channel: host.channel,
    signal: stop.signal,
    timeoutMs: 600_000,
    ...(host.opaque && { allowOpaqueOrigin: true, sandbox: "allow-scripts" }),
    ...(host.capabilities.includes("sign-in") && { onSignInRequest: () => null }),
  };
  const start = (more) => {
    widget = failed = undefined;
    expected = { ...COUNTERS };
    embed({ ...options, ...more }).then(
      (value) => (widget = value),
      (error) => (failed = error),
    );
  };
  start();
  const frame = container.children[0];
  if (host.nonce) assert.equal(frame.src, `${host.origin}/widget#authframe=${host.nonce}`);
  const source = frame.contentWindow;
  const ports = [];
  const window = (step, origin, from = source) => {
    const port = channel();
    ports.push(port);
    page.deliver({ source: from, origin, data: step.message, ports: [port.near] });
    return port;
  };
  /** What the widget receives on its newest port. */
  let line;
  try {
    for (const step of steps) {
      const text = JSON.stringify(step);
      if (step.from === "widget" && !step.lost) {
        if (step.on === "window") line = window(step, originOf(conversation));
        else line.far.postMessage(step.message);
      }
      if (step.from === "host") {
        if (step.on === "window") {
          frame.load();
          assert.deepEqual(frame.posted.splice(0).at(-1), { message: step.message, origin: host.origin }, text);
        } else {
          if (step.message.type === "bye") widget.close();
          await settle();
          assert.deepEqual(line.received.shift(), step.message, text);
        }
      }
      if (step.inject === "host") {
        if (step.rejected) expected[step.rejected]++;
        if (step.on === "port") line.far.postMessage(step.message);
        else window(step, step.origin, step.source === "peer" ? source : {});
      }
      if (step.reload === "host") {
        container.children = [frame];
        start({ container: frame });
      }
      await settle();
      if (step.inject === "host")
        for (const port of ports) assert.deepEqual(port === line ? [] : port.received, [], `no answer to ${text}`);
      if (widget) assert.deepEqual(widget.rejected, expected, text);
      if (step.expect?.host) assert.equal(widget?.connection ?? "connecting", step.expect.host, text);
      if (step.error?.host) assert.equal(failed?.code, step.error.host, text);
      else if (!steps.some(({ error }) => error?.host)) assert.equal(failed, undefined, text);
    }
    assert.deepEqual(page.reported, []);
    for (const { origin } of frame.posted) assert.equal(origin, host.origin);
  } finally {
    crypto.getRandomValues = randomValues;
    stop.abort();
    for (const { near, far } of ports) near.close(), far.close();
    await settle();
    page.leave();
  }
}

test("D8 more than 200 messages a second on the window are counted and dropped", () => {
  const decide = judge("", "https://widget.example", [], "");
  const hello = (index) => ({ type: "authframe:hello", channel: "", min: 1, max: 1, nonce: index.toString(16).padStart(32, "0") });
  const flood = (now, from) =>
    Array.from({ length: 300 }, (_, index) => decide(now, true, "https://widget.example", hello(from + index), 1, false));
  for (const second of [0, 1, 2]) {
    const verdicts = flood(5000 + second * 1000, second * 300);
    assert.equal(verdicts.filter((verdict) => verdict?.type === "welcome").length, 200);
    assert.equal(verdicts.filter((verdict) => verdict === "rate").length, 100);
  }
  // Those of others do not use it up.
  for (let index = 0; index < 500; index++) {
    assert.equal(decide(9000, false, "https://widget.example", hello(1), 1, false), "source");
    assert.equal(decide(9000, true, "https://evil.example", hello(1), 1, false), "origin");
  }
  assert.equal(decide(9000, true, "https://widget.example", hello(2000), 1, false).type, "welcome");
});

test("D16 a nonce stays used while others come and go, and the memory for them is bounded", () => {
  const decide = judge("", "https://widget.example", [], "");
  const at = (index) =>
    decide(
      index * 10,
      true,
      "https://widget.example",
      { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: index.toString(16).padStart(32, "0") },
      1,
      false,
    );
  for (let index = 1; index <= 64; index++) assert.equal(at(index).type, "welcome");
  for (let index = 1; index <= 64; index++) assert.equal(at(index), "replay");
  // It is forgotten in the end: only the pinned widget can say so many hellos, and its own old ones gain it nothing.
  for (let index = 65; index <= 66; index++) assert.equal(at(index).type, "welcome");
  assert.equal(at(1).type, "welcome");
});

test("a hello without exactly one port is broken", () => {
  const decide = judge("", "https://widget.example", [], "");
  const hello = { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: "0".repeat(32) };
  for (const ports of [0, 2]) assert.equal(decide(0, true, "https://widget.example", hello, ports, false), "malformed");
});

test("D6 a frame that loses its origin while connected gets no answer", () => {
  const decide = judge("", "https://widget.example", [], "");
  const hello = { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: "0".repeat(32) };
  assert.equal(decide(0, true, "null", hello, 1, false), "origin");
});

test("the tests themselves leave nothing behind", async () => {
  await settle();
  assert.deepEqual(alive(), []);
});
