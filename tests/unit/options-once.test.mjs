// Options are read once: what was checked is what is used, whatever the application makes of its object meanwhile.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { load } from "./compile.mjs";
import { container, embed, SRC } from "./host-page.mjs";

const { connectWith, connectNow } = await load(`export * from "./js/widget/connect.js"`);

const before = { window: globalThis.window, parent: globalThis.parent };
beforeEach(() => {
  globalThis.window = globalThis;
  globalThis.parent = globalThis;
});
afterEach(() => Object.assign(globalThis, before));

/** Loads a core when `finish` is called, and says with what it was made and whom it has allowed. */
function slowCore() {
  const core = { allowed: [], needs: undefined };
  let loaded;
  const module = {
    open(options, sink) {
      core.options = options;
      return {
        allow: (origin, dialect) => core.allowed.push(`${origin} ${dialect}`),
        start: () => sink.connection("standalone"),
        facts: () => ({ id: "", tier: "local", host: null, deadOnArrival: 0, rejected: {} }),
        close: () => sink.connection("closed"),
      };
    },
  };
  core.module = module;
  core.load = (needs) => {
    core.needs = needs;
    return new Promise((resolve) => {
      loaded = () => resolve(module);
    });
  };
  core.finish = () => loaded();
  return core;
}

/** An object whose properties count how often they are read, and are something else the second time. */
function changing(values) {
  const reads = {};
  const object = {};
  for (const [name, [first, later]] of Object.entries(values)) {
    reads[name] = 0;
    Object.defineProperty(object, name, {
      enumerable: true,
      get() {
        reads[name]++;
        return reads[name] === 1 ? first : later;
      },
    });
  }
  return { object, reads };
}

test("what the application changes while connect waits is not used", async () => {
  const core = slowCore();
  const host = { origin: "https://a.example", dialect: "native" };
  const options = { hosts: [host, "https://b.example"], namespace: "first", channel: "one", signal: undefined };
  const connecting = connectWith(core.load, options);
  host.origin = "https://evil.example";
  options.hosts.push("https://evil.example");
  Object.assign(options, { namespace: "not checked!", channel: "x".repeat(999), hosts: ["*"], signal: 7, acquire: 7 });
  await new Promise((resolve) => setTimeout(resolve));
  core.finish();
  const bridge = await connecting;
  assert.deepEqual(core.allowed, ["https://a.example native", "https://b.example native"]);
  assert.deepEqual([core.options.namespace, core.options.channel, core.options.acquire], ["first", "one", false]);
  assert.equal(core.needs.namespace, "first");
  bridge.close();
});

test("each option is read once, and each field of a host", async () => {
  const host = changing({ origin: ["https://a.example", "https://evil.example"], dialect: ["native", "evil"] });
  const { object, reads } = changing({ hosts: [[host.object], ["*"]], namespace: ["once", "not checked!"], wasm: [undefined, 7] });
  const core = slowCore();
  const bridge = connectNow((needs) => {
    core.needs = needs;
    return core.module;
  }, object);
  assert.deepEqual(
    [reads, host.reads],
    [
      { hosts: 1, namespace: 1, wasm: 1 },
      { origin: 1, dialect: 1 },
    ],
  );
  assert.deepEqual([core.allowed, core.options.namespace, core.needs.wasm], [["https://a.example native"], "once", undefined]);
  bridge.close();
});

test("an option that throws when it is read is the application's error, and a wrong one is still named", async () => {
  const throwing = {
    hosts: ["https://a.example"],
    get namespace() {
      throw new Error("not now");
    },
  };
  await assert.rejects(connectWith(slowCore().load, throwing), /not now/);
  await assert.rejects(connectWith(slowCore().load, { hosts: ["https://a.example"], name: "x" }), /no option "name"/);
  await assert.rejects(connectWith(slowCore().load, { hosts: [{ origin: "https://a.example", kind: "x" }] }), /no field "kind"/);
  for (const nothing of [undefined, null, 7, "x"]) await assert.rejects(connectWith(slowCore().load, nothing), { code: "CONFIG_INVALID" });
});

test("embed reads each option once", async () => {
  const { object, reads } = changing({
    container: [container, null],
    src: [SRC, "javascript:alert(1)"],
    timeoutMs: [1000, -1],
    channel: ["", "x".repeat(999)],
    title: ["Chat", "Evil"],
    onSignInRequest: [() => null, 7],
  });
  const aborting = new AbortController();
  Object.defineProperty(object, "signal", { enumerable: true, value: aborting.signal });
  const embedding = embed(object);
  assert.deepEqual(reads, { container: 1, src: 1, timeoutMs: 1, channel: 1, title: 1, onSignInRequest: 1 });
  assert.equal(container.children.at(-1).title, "Chat");
  assert.equal(container.children.at(-1).src, SRC);
  aborting.abort();
  await assert.rejects(embedding, { code: "ABORTED" });
});
