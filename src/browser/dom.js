// What the shell asks of the page. It decides nothing.
//
// The door: an exception that crosses into wasm leaves the core borrowed for good, and the bridge answers REENTRANT_CALL from then on. So nothing here
// throws, whatever the page has made up: an event without its members, a getter that throws, a patched method. Every export is `caught` (and marked as pure, so that a bundler drops what a core does not use), and
// tests/unit/dom-door.test.mjs calls each of them with such values. The core is entered by no other call.

/** The call, and `otherwise` in place of what it throws. */
const caught =
  (otherwise, call) =>
  (...values) => {
    try {
      return call(...values);
    } catch {
      return otherwise;
    }
  };

/** An own property: `undefined` if it is absent or cannot be read, `null` if it is a text of more than `max` UTF-16 units. */
export const field = /* @__PURE__ */ caught(undefined, (object, key, max) => {
  // No `Reflect.get`: it finds inherited members too.
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === "string" && value.length > max ? null : (value ?? undefined);
});

/** A number that an object holds: `NaN` if it is absent, infinite if it is no number that counts. */
export const number = /* @__PURE__ */ caught(NaN, (object, key) => {
  const value = field(object, key, 0);
  return value === undefined ? NaN : Number.isFinite(value) ? value : Infinity;
});

export const areTexts = /* @__PURE__ */ caught(false, (object, key, count, max) => {
  const list = field(object, key) ?? [];
  return Array.isArray(list) && list.length <= count && list.every((text) => typeof text === "string" && text.length <= max);
});

// Defined, not assigned: a setter that the page has put on Object.prototype is not called. Without a prototype, so that no `get` of the page makes it another descriptor.
export const put = /* @__PURE__ */ caught(undefined, (object, key, value) => {
  Object.defineProperty(object, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
});

export const putWords = /* @__PURE__ */ caught(undefined, (object, key, words) => put(object, key, words.split(" ")));

export const isEmbedded = /* @__PURE__ */ caught(false, () => parent !== window);

/** `location.origin` would show the address's origin even where the document has none. */
export const origin = /* @__PURE__ */ caught("null", () => String(window.origin));

export const isOpaque = /* @__PURE__ */ caught(true, () => window.origin === "null");

/** The origins of all pages above this one, if this engine lists them. */

/** The first of them. */
export const ancestor = /* @__PURE__ */ caught(undefined, () => location.ancestorOrigins?.[0]);

/** Its origin, `scheme://host[:port]`, is what stands before the third slash. An element named `referrer` hides the property of the document. */
export const referrer = /* @__PURE__ */ caught(undefined, () => {
  const { referrer } = document;
  return (typeof referrer === "string" && referrer.split("/", 3).join("/")) || undefined;
});

/**
 * Random bytes, or the nonce that a host gave to a frame without an origin: the last 32 digits in the fragment of its address, as two numbers of
 * eight bytes, the lowest byte first.
 */
export const fill = /* @__PURE__ */ caught(false, (bytes, nonce) => {
  if (!nonce || !isOpaque()) return !!crypto.getRandomValues(bytes);
  const digits = /[\da-f]{32}$/i.exec(location.hash)[0];
  bytes.forEach((_, place) => (bytes[place ^ 7] = parseInt(digits.slice(2 * place, 2 * place + 2), 16)));
  return true;
});

export const now = /* @__PURE__ */ caught(0, () => performance.now());

export const wall = /* @__PURE__ */ caught(0, () => Date.now());

/** A browser wraps a longer delay around and fires at once. What is due later is looked at again in between. */
const LONGEST_DELAY = 2 ** 31 - 1;

export const startTimer = /* @__PURE__ */ caught(0, (callback, delay) => setTimeout(callback, Math.min(delay, LONGEST_DELAY)));

export const stopTimer = /* @__PURE__ */ caught(undefined, (timer) => clearTimeout(timer));

/** Whether the page is on the screen. An element of that name hides the property of the document: then it is taken for shown. */
export const isShown = /* @__PURE__ */ caught(true, () => document.visibilityState !== "hidden");

// Events. Any script can make one up, so a member may be absent, of another type, or throw.

export const isFromParent = /* @__PURE__ */ caught(false, (event) => event.source === parent && isEmbedded());

export const originOf = /* @__PURE__ */ caught("", (event) => (typeof event.origin === "string" ? event.origin : ""));

export const dataOf = /* @__PURE__ */ caught(undefined, (event) => event.data);

/** A page that may come back from the back/forward cache. */
export const isPersisted = /* @__PURE__ */ caught(false, (event) => event.persisted === true);

/** Whether a storage event speaks of our key, or of the one beside it. Without a key, everything was cleared. */
export const speaksOf = /* @__PURE__ */ caught(
  false,
  ({ key, storageArea }, area, own, beside) => storageArea === area && (key === null || key === own || key === beside),
);

// The channel

/** A new channel whose first end is ours, or `undefined` where there are none. */
export const openChannel = /* @__PURE__ */ caught(undefined, (onMessage, onEnd, onBroken) => {
  const channel = new MessageChannel();
  const { port1 } = channel;
  // The data is read before the core is entered.
  port1.onmessage = (event) => onMessage(dataOf(event));
  port1.onmessageerror = () => onBroken();
  port1.onclose = () => onEnd();
  return channel;
});

export const closeChannel = /* @__PURE__ */ caught(undefined, ({ port1 }) => {
  port1.onmessage = port1.onmessageerror = port1.onclose = null;
  port1.close();
});

/** False if the message cannot be copied. */
export const post = /* @__PURE__ */ caught(false, (channel, message) => {
  channel.port1.postMessage(message);
  return true;
});

/** Posts to the parent at exactly `origin`, and hands over the other end, which works once. */
export const handOver = /* @__PURE__ */ caught(undefined, (channel, message, origin) =>
  parent.postMessage(message, origin, [channel.port2]),
);

// Dialects

/** Whether an app shows this page in its own web view, and takes texts. An element or a frame of that name is no app: what it puts on the window is not its own. */
export const hasWebview = /* @__PURE__ */ caught(
  false,
  () => !isEmbedded() && Object.hasOwn(window, "ReactNativeWebView") && typeof window.ReactNativeWebView.postMessage === "function",
);

/**
 * Text that such an app has put into this very window: no other one has a hand in it. A frame that was removed in the turn in which it posted has no
 * source either, but it has an origin.
 */
export const isFromWebview = /* @__PURE__ */ caught(
  false,
  ({ source, origin, data }) => (source === window || (source === null && origin === "")) && typeof data === "string",
);

/**
 * Posts to the parent at exactly `origin` with a port of its own; gives the near end of it, or what is thrown if the message cannot be copied. An app with a web
 * view gets the text, and there is no port: `null`.
 */
export const ask = (message, origin) => {
  try {
    if (origin === "webview") return (window.ReactNativeWebView.postMessage(JSON.stringify(message)), null);
    const { port1, port2 } = new MessageChannel();
    parent.postMessage(message, origin, [port2]);
    return port1;
  } catch (error) {
    return error;
  }
};

/** Posts to the parent at exactly `origin`. */
export const postToParent = /* @__PURE__ */ caught(undefined, (message, origin) => parent.postMessage(message, origin));

/** The object that a text of at most 64 KiB holds. */
export const parsed = /* @__PURE__ */ caught(undefined, (text) => {
  const object = typeof text === "string" && text.length <= 65_536 ? JSON.parse(text) : undefined;
  return typeof object === "object" ? (object ?? undefined) : undefined;
});

/** Reports what a callback has thrown as uncaught. */
export const report = /* @__PURE__ */ caught(undefined, (error) => reportError(error));

// Storage

/** Whether this storage is to be had: asking for it may throw. */
export const isReachable = /* @__PURE__ */ caught(false, (name) => !!window[name]);

/** The record that a text holds: `null` if there is no text, and an object that is no record if it is damaged. */
const parse = /* @__PURE__ */ caught({}, (text) => (text == null ? null : text.length > 4096 ? {} : Object(JSON.parse(text))));

/** What stands at the key, see `parse`; `undefined` if it cannot be read. */
export const read = /* @__PURE__ */ caught(undefined, (area, key) => parse(area.getItem(key)));

/** False if it does not give back what it took. */
export const write = /* @__PURE__ */ caught(false, (area, key, record) => {
  const text = JSON.stringify(record);
  area.setItem(key, text);
  return area.getItem(key) === text;
});

export const remove = /* @__PURE__ */ caught(undefined, (area, key) => area.removeItem(key));
