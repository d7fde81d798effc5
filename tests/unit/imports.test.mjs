// What Rust calls of JavaScript: an exception that flies through Rust drops nothing and leaves borrowed what is borrowed, so an import is `catch` or cannot throw.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const ASYNC = "an async function: it rejects";
const PLAIN = "a plain property, or a getter that reads one";
const LISTENS = "it adds to a list; what the listener throws is reported";

/** The imports that are not `catch`: why they cannot throw. */
const CANNOT_THROW = {
  "src/widget/js.rs": {
    connect: ASYNC,
    "AuthRejected.new": "Error's constructor with a text",
    "RetryLater.new": "what is no time counts as not said",
    "JsBridge.id": PLAIN,
    "JsBridge.session": PLAIN,
    "JsBridge.failure": PLAIN,
    "JsBridge.rejected": "as it was last where the core cannot be asked",
    "JsBridge.subscribe": LISTENS,
    "JsBridge.request_sign_in": ASYNC,
    "JsBridge.sign_in": ASYNC,
    "JsBridge.begin_sign_in": ASYNC,
    "JsBridge.authorize": ASYNC,
    "JsBridge.sign_out": ASYNC,
    "JsBridge.reset": ASYNC,
    "JsBridge.access_token": ASYNC,
    "JsBridge.storage": PLAIN,
    "JsBridge.diagnose": ASYNC,
    "JsStorage.get": ASYNC,
    "JsStorage.set": ASYNC,
    "JsStorage.delete": ASYNC,
    "JsStorage.subscribe": LISTENS,
  },
  "src/widget/xbees.rs": {
    "JsXbees.iframe_id": PLAIN,
    "JsXbees.ready": "it rejects, also because of its argument",
    "JsXbees.request": ASYNC,
    "JsXbees.request_with": ASYNC,
    "JsXbees.send_status": ASYNC,
    "JsXbees.on_logout": LISTENS,
    "JsXbees.on": LISTENS,
  },
  "src/widget/ringcentral.rs": {
    "JsRingCentral.service": PLAIN,
    "JsRingCentral.subscribe": LISTENS,
    "JsRingCentral.press_authorization": ASYNC,
    "JsRingCentral.request": ASYNC,
    "JsRingCentral.on": LISTENS,
  },
  "src/interop/peer.rs": {
    "Peer.connection_word": PLAIN,
    "Peer.capability_list": PLAIN,
    "Peer.undelivered": PLAIN,
    "Peer.subscribe_to_connection": LISTENS,
    "Peer.request": ASYNC,
  },
  "src/interop/future.rs": {
    "AbortController.new": "the browser's own",
    "AbortController.signal": "the browser's own",
    "AbortController.abort": "what a listener throws is reported by the browser",
    "AbortSignal.aborted": "the browser's own",
  },
  "src/host/mod.rs": {
    embed: ASYNC,
    "JsWidget.frame": PLAIN,
    "JsWidget.session": PLAIN,
    "JsWidget.rejected": PLAIN,
    "JsWidget.subscribe": LISTENS,
    "JsWidget.set_identity": ASYNC,
    "JsWidget.sign_out": ASYNC,
  },
};

/** The imports of a source, each with whether it is `catch`. A method is named after its type. */
function imports(source) {
  const found = [];
  for (const [, block] of source.matchAll(/^extern "C" \{\n([\s\S]*?)^\}/gm))
    for (const [, attribute = "", name, given, result = ""] of block.matchAll(
      /^ {4}(?:#\[wasm_bindgen\((.*)\)\]\n {4})?(?:pub(?:\(\w+\))? )?fn (\w+)\(([\s\S]*?)\)(?: -> (.*?))?;/gm,
    )) {
      const type = /this: &(\w+)/.exec(given)?.[1] ?? (attribute.includes("constructor") ? result : undefined);
      found.push({ name: type ? `${type}.${name}` : name, isCaught: /\bcatch\b/.test(attribute) });
    }
  return found;
}

for (const [file, reasons] of Object.entries(CANNOT_THROW)) {
  test(`every import of ${file} is caught, or cannot throw`, () => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    const all = imports(source);
    assert.equal(all.length, source.match(/^ {4}(?:pub(?:\(\w+\))? )?fn \w+\((?:.*);$/gm).length, "all are seen");
    const uncaught = all.filter(({ isCaught }) => !isCaught).map(({ name }) => name);
    assert.deepEqual(uncaught.sort(), Object.keys(reasons).sort());
  });
}
