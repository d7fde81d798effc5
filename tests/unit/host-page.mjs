/** A page in which `embed` is tested: new for each test, and nothing may be left of it afterwards. */
import assert from "node:assert/strict";
import { after, afterEach, beforeEach } from "node:test";
import { load } from "./compile.mjs";
import { alive, FakeElement, FakePage, FakeWidget, failOnLeak, SESSION, settle } from "./page.mjs";

export const { embed, AuthframeError } = await load(`export * from "./js/host/index.js"`);

export const SRC = "https://widget.example/chat";
export const ADA = { account: { subject: "u-17", name: "Ada" } };
export const authorized = (more = {}) => ({
  ...SESSION,
  status: "authorized",
  reason: "sign-in",
  account: { subject: "u-17", name: "Ada" },
  epoch: 3,
  writer: "0123456789abcdef",
  ...more,
});

export let page;
export let container;
/** The widgets that were embedded. */
let opened;
/** The other ends of their ports, which are closed after each test. */
export let far;

after(failOnLeak);
beforeEach(() => {
  page = new FakePage();
  container = new FakeElement();
  opened = [];
  far = [];
});
afterEach(async () => {
  for (const widget of opened) widget.close();
  for (const widget of far) widget.far?.close();
  await settle();
  assert.equal(page.window.listeners.size, 0, "listeners are left");
  assert.deepEqual(alive(), [], "timers or ports are left");
  page.leave();
});

/** Embeds and connects; `start` is what embed was given and gives, before anything else happens. */
export const start = (options = {}) => {
  const promise = embed({ container, src: SRC, ...options });
  promise.then(
    (widget) => opened.push(widget),
    () => {},
  );
  const frame = container.children.at(-1);
  const peer = frame && new FakeWidget(page, frame);
  if (peer) far.push(peer);
  return { promise, frame, peer };
};
export const connect = async (options, open) => {
  const { promise, frame, peer } = start(options);
  await peer.open(open);
  return { widget: await promise, frame, peer };
};
/** What a listener gets, from now on. */
export const history = (observe) => {
  const seen = [];
  observe((value) => seen.push(value));
  return seen;
};
