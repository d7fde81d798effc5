// What the shell asks of the page. It decides nothing.
//
// The door: an exception that crosses into wasm leaves the core borrowed for good, and the bridge answers BUSY from then on. So nothing here
// throws, whatever the page has made up: an event without its members, a getter that throws, a patched method. Every export is `caught`, and
// tests/unit/page-door.test.mjs calls each of them with such values. The core is entered by no other call.

/** The call, and `otherwise` in place of what it throws. */
const caught = (otherwise, call) => (...values) => {
  try {
    return call(...values);
  } catch {
    return otherwise;
  }
};

/** An own property: `undefined` if it is absent or cannot be read, `null` if it is a text of more than `max` UTF-16 units. */
export const field = caught(undefined, (object, key, max) => {
  // No `Reflect.get`: it finds inherited members too.
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === "string" && value.length > max ? null : (value ?? undefined);
});

/** A number that an object holds: `NaN` if it is absent, infinite if it is no number that counts. */
export const number = caught(NaN, (object, key) => {
  const value = field(object, key, 0);
  return value === undefined ? NaN : Number.isFinite(value) ? value : Infinity;
});

export const areTexts = caught(false, (object, key, count, max) => {
  const list = field(object, key) ?? [];
  return Array.isArray(list) && list.length <= count && list.every((text) => typeof text === "string" && text.length <= max);
});

// Defined, not assigned: a setter that the page has put on Object.prototype is not called.
export const put = caught(undefined, (object, key, value) => {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
});

export const putWords = caught(undefined, (object, key, words) => put(object, key, words.split(" ")));

export const isEmbedded = caught(false, () => parent !== window);

/** `location.origin` would show the address's origin even where the document has none. */
export const origin = caught("null", () => String(window.origin));

export const isOpaque = caught(true, () => window.origin === "null");

/** The origins of all pages above this one, if this engine lists them. */
export const ancestors = caught(undefined, () => location.ancestorOrigins && [...location.ancestorOrigins]);

/** The first of them. */
export const ancestor = caught(undefined, () => location.ancestorOrigins?.[0]);

/** Its origin, `scheme://host[:port]`, is what stands before the third slash. An element named `referrer` hides the property of the document. */
export const referrer = caught(undefined, () => {
  const { referrer } = document;
  return (typeof referrer === "string" && referrer.split("/", 3).join("/")) || undefined;
});

/**
 * Random bytes, or the nonce that a host gave to a frame without an origin: the last 32 digits in the fragment of its address, as two numbers of
 * eight bytes, the lowest byte first.
 */
export const fill = caught(false, (bytes, nonce) => {
  if (!nonce || !isOpaque()) return !!crypto.getRandomValues(bytes);
  const digits = /[\da-f]{32}$/i.exec(location.hash)[0];
  bytes.forEach((_, place) => (bytes[place ^ 7] = parseInt(digits.slice(2 * place, 2 * place + 2), 16)));
  return true;
});

export const now = caught(0, () => performance.now());

export const wall = caught(0, () => Date.now());

/** A browser wraps a longer delay around and fires at once. What is due later is looked at again in between. */
const LONGEST_DELAY = 2 ** 31 - 1;

export const startTimer = caught(0, (callback, delay) => setTimeout(callback, Math.min(delay, LONGEST_DELAY)));

export const stopTimer = caught(undefined, (timer) => clearTimeout(timer));

/** Whether the page is on the screen. An element of that name hides the property of the document: then it is taken for shown. */
export const isShown = caught(true, () => document.visibilityState !== "hidden");

// Events. Anybody can make one up, so a member may be absent, of another type, or throw.

export const isFromParent = caught(false, (event) => event.source === parent && isEmbedded());

/** Whether it looks like a message of ours although it is from another window: of all others nothing is counted. */
export const isForged = caught(false, ({ data }) => {
  const type = field(data, "type", 64);
  return typeof type === "string" && type.startsWith("authframe:");
});

export const originOf = caught("", (event) => (typeof event.origin === "string" ? event.origin : ""));

export const dataOf = caught(undefined, (event) => event.data);

/** A page that may come back from the back/forward cache. */
export const isPersisted = caught(false, (event) => event.persisted === true);

/** What a storage event says of the key: whether it speaks of it at all. Without a key, everything was cleared. */
export const speaksOf = caught(false, ({ key, storageArea }, area, own) => storageArea === area && (key === null || key === own));

// The channel

/** A new channel whose first end is ours, or `undefined` where there are none. */
export const openChannel = caught(undefined, (onMessage, onEnd, onBroken) => {
  const channel = new MessageChannel();
  const { port1 } = channel;
  // The data is read before the core is entered.
  port1.onmessage = (event) => onMessage(dataOf(event));
  port1.onmessageerror = () => onBroken();
  port1.onclose = () => onEnd();
  return channel;
});

export const closeChannel = caught(undefined, ({ port1 }) => {
  port1.onmessage = port1.onmessageerror = port1.onclose = null;
  port1.close();
});

/** False if the message cannot be copied. */
export const post = caught(false, (channel, message) => {
  channel.port1.postMessage(message);
  return true;
});

/** Posts to the parent at exactly `origin`, and hands over the other end, which works once. */
export const handOver = caught(undefined, (channel, message, origin) => parent.postMessage(message, origin, [channel.port2]));

// Dialects

/** Whether an app shows this page in its own web view, and takes texts. An element or a frame of that name is no app: what it puts on the window is not its own. */
export const hasWebview = caught(false, () => !isEmbedded() && Object.hasOwn(window, "ReactNativeWebView") && typeof window.ReactNativeWebView.postMessage === "function");

/**
 * Text that such an app has put into this very window: no other one has a hand in it. A frame that was removed in the turn in which it posted has no
 * source either, but it has an origin.
 */
export const isFromWebview = caught(false, ({ source, origin, data }) => (source === window || (source === null && origin === "")) && typeof data === "string");

/**
 * Posts to the parent at exactly `origin` with a port of its own; gives the near end of it, or what is thrown if the message cannot be copied. An app with a web
 * view gets the text, and there is no port: `null`.
 */
export const ask = (message, origin) => {
  try {
    if (origin === "webview") return window.ReactNativeWebView.postMessage(JSON.stringify(message)), null;
    const { port1, port2 } = new MessageChannel();
    parent.postMessage(message, origin, [port2]);
    return port1;
  } catch (error) {
    return error;
  }
};

/** Posts to the parent at exactly `origin`. */
export const tell = caught(undefined, (message, origin) => parent.postMessage(message, origin));

/** The object that a text of at most 64 KiB holds. */
export const parsed = caught(undefined, (text) => {
  const object = typeof text === "string" && text.length <= 65_536 ? JSON.parse(text) : undefined;
  return typeof object === "object" ? (object ?? undefined) : undefined;
});

// Storage

/** Whether this storage is to be had: asking for it may throw. */
export const isReachable = caught(false, (name) => !!window[name]);

/** The record that a text holds: `null` if there is no text, and an object that is no record if it is damaged. */
const parse = caught({}, (text) => (text == null ? null : text.length > 4096 ? {} : Object(JSON.parse(text))));

/** What stands at the key, see `parse`; `undefined` if it cannot be read. */
export const read = caught(undefined, (area, key) => parse(area.getItem(key)));

/** False if it does not give back what it took. */
export const write = caught(false, (area, key, record) => {
  const text = JSON.stringify(record);
  area.setItem(key, text);
  return area.getItem(key) === text;
});
