/** The door between browser and core, src/browser/dom.js: an exception that crossed into wasm would leave the core borrowed for good. So nothing that it exports throws, whatever it is given. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const file = new URL("../../src/browser/dom.js", import.meta.url);
const door = await import(file);

const boom = () => {
  throw new Error("made up by a page");
};
const trap = new Proxy(
  function trap() {},
  Object.fromEntries(
    Reflect.ownKeys(Reflect)
      .filter((name) => typeof Reflect[name] === "function")
      .map((name) => [name, boom]),
  ),
);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const throwing = Object.defineProperties(
  {},
  Object.fromEntries(
    ["data", "origin", "source", "persisted", "key", "storageArea", "newValue", "port1", "port2", "type", "v", "length"].map((name) => [
      name,
      { get: boom, enumerable: true },
    ]),
  ),
);
const HOSTILE = [
  undefined,
  null,
  0,
  NaN,
  "",
  "text",
  Symbol("s"),
  10n,
  [],
  {},
  Object.create(null),
  throwing,
  trap,
  revoked,
  new Event("message"),
  { getItem: boom, setItem: boom },
  { port1: { postMessage: boom, close: boom } },
];

test("D52 no export of the door throws, whatever it is given and whatever the page has done to its globals", () => {
  const names = Object.keys(door);
  assert.ok(names.length > 30, String(names));
  // In Node there is no window, no parent, no document: each of these is a global that a page has taken away.
  for (const name of names) {
    for (const first of HOSTILE)
      for (const second of HOSTILE) {
        let made;
        assert.doesNotThrow(() => (made = door[name](first, second, first, second)), `${name}(${typeof first}, ${typeof second})`);
        // What was opened keeps the process alive.
        if (made instanceof MessageChannel || made instanceof MessagePort) (made.port1 ?? made).close();
        else if (name === "startTimer") clearTimeout(made);
      }
  }
});

test("every export is caught: a new one cannot forget it", () => {
  const text = readFileSync(fileURLToPath(file), "utf8");
  const exported = [...text.matchAll(/^export (?:const (\w+) = (?:\/\* @__PURE__ \*\/ )?(.{0,12})|function (\w+))/gm)];
  // `ask` gives what was thrown.
  assert.deepEqual(
    exported.filter(([, name, begins]) => !begins?.startsWith("caught(") && name !== "ask").map(([line]) => line),
    [],
  );
});

test("the Rust half of the browser calls nothing else of JavaScript while the session is borrowed", () => {
  for (const name of ["driver.rs", "port.rs", "decode.rs"]) {
    const text = readFileSync(fileURLToPath(new URL(`../../src/browser/${name}`, import.meta.url)), "utf8");
    // Types may be named; a method of web-sys or js-sys is a call that may throw.
    const imports = [...text.matchAll(/use (?:web_sys|js_sys|gloo_\w+)::(.+);/g)].flatMap(([, list]) =>
      list
        .replace(/[{}]/g, "")
        .split(",")
        .map((item) => item.trim()),
    );
    assert.ok(
      imports.every((item) => ["Storage", "Event", "MessageChannel", "EventListener", "Object"].includes(item)),
      `${name}: ${imports}`,
    );
    assert.doesNotMatch(
      text.replace(/\/\/.*/g, ""),
      /\.(data|origin|source|persisted|post_message|close_port|port1|port2|get_item|set_item)\(\)/,
      name,
    );
  }
});

test("S12 an element that a page names like a member of the document hides nothing", () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "document");
  Object.defineProperty(globalThis, "document", {
    configurable: true,
    value: { referrer: { localName: "img" }, visibilityState: { localName: "form" } },
  });
  try {
    assert.equal(door.referrer(), undefined);
    assert.equal(door.isShown(), true);
  } finally {
    if (before) Object.defineProperty(globalThis, "document", before);
    else delete globalThis.document;
  }
});

test("S3 text of an app's web view has no source and no origin, or comes from the window itself", () => {
  const window = (globalThis.window = { postMessage() {} });
  globalThis.parent = window;
  try {
    const data = '{"type":"x"}';
    assert.equal(door.isFromWebview({ source: null, origin: "", data }), true);
    assert.equal(door.isFromWebview({ source: window, origin: "https://widget.example", data }), true);
    // A frame that was removed in the turn in which it posted.
    assert.equal(door.isFromWebview({ source: null, origin: "https://evil.example", data }), false);
    assert.equal(door.isFromWebview({ source: {}, origin: "", data }), false);
    assert.equal(door.hasWebview(), false);
    // An element or a frame of that name is found through the prototype.
    Object.setPrototypeOf(window, { ReactNativeWebView: { postMessage() {} } });
    assert.equal(door.hasWebview(), false);
    window.ReactNativeWebView = { postMessage() {} };
    assert.equal(door.hasWebview(), true);
  } finally {
    delete globalThis.window;
    delete globalThis.parent;
  }
});
