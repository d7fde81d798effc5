// What the shell asks of the page: the calls that cost more code as bindings than as JavaScript. It decides nothing.
// Each one catches what it calls: an exception that crosses into wasm costs a slot of the table of references for ever.

/** An own property: `undefined` if it is absent or cannot be read, `null` if it is a text of more than `max` UTF-16 units. */
export function field(object, key, max) {
  try {
    // No `Reflect.get`: it finds inherited members too.
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    return typeof value === "string" && value.length > max ? null : (value ?? undefined);
  } catch {}
}

/** A number that an object holds: `NaN` if it is absent, infinite if it is no number that counts. */
export function number(object, key) {
  const value = field(object, key, 0);
  return value === undefined ? NaN : Number.isFinite(value) ? value : Infinity;
}

export function areTexts(object, key, count, max) {
  const list = field(object, key) ?? [];
  return Array.isArray(list) && list.length <= count && list.every((text) => typeof text === "string" && text.length <= max);
}

export function put(object, key, value) {
  object[key] = value;
}

export function putWords(object, key, words) {
  object[key] = words.split(" ");
}

export const isEmbedded = () => parent !== window;

/** `location.origin` would show the address's origin even where the document has none. */
export const origin = () => window.origin;

export const isOpaque = () => window.origin === "null";

/** The origins of all pages above this one, if this engine lists them. */
export const ancestors = () => location.ancestorOrigins && [...location.ancestorOrigins];

/** The first of them. */
export const ancestor = () => location.ancestorOrigins?.[0];

/** Its origin, `scheme://host[:port]`, is what stands before the third slash. */
export const referrer = () => document.referrer.split("/", 3).join("/") || undefined;

/**
 * Random bytes, or the nonce that a host gave to a frame without an origin: the last 32 digits in the fragment of its address, as two numbers of
 * eight bytes, the lowest byte first.
 */
export function fill(bytes, nonce) {
  try {
    if (!nonce || !isOpaque()) return !!crypto.getRandomValues(bytes);
    const digits = /[\da-f]{32}$/i.exec(location.hash)[0];
    bytes.forEach((_, place) => (bytes[place ^ 7] = parseInt(digits.slice(2 * place, 2 * place + 2), 16)));
    return true;
  } catch {
    return false;
  }
}

export const now = () => performance.now();

export const wall = () => Date.now();

export const startTimer = (callback, delay) => setTimeout(callback, delay);

export const stopTimer = (timer) => clearTimeout(timer);

export const isFromParent = (event) => event.source === parent && isEmbedded();

/** A new channel, its first end ours, or `undefined` where there are none. */
export function openChannel() {
  try {
    const channel = new MessageChannel();
    channel.port1.start();
    return channel;
  } catch {}
}

/** False if the message cannot be copied. */
export function post(channel, message) {
  try {
    channel.port1.postMessage(message);
    return true;
  } catch {
    return false;
  }
}

/** Posts to the parent at exactly `origin`, and hands over the other end, which works once. */
export function handOver(channel, message, origin) {
  try {
    parent.postMessage(message, origin, [channel.port2]);
  } catch {}
}

/** Whether an app shows this page in its own web view, and takes texts. */
export const hasWebview = () => !isEmbedded() && typeof window.ReactNativeWebView?.postMessage === "function";

/** Text that such an app has put into this very window: no other one has a hand in it. */
export const isFromWebview = ({ source, data }) => (source === null || source === window) && typeof data === "string";

/**
 * Posts to the parent at exactly `origin` with a port of its own; gives the near end of it, or what is thrown if the message cannot be copied. An app with a web
 * view gets the text, and there is no port: `null`.
 */
export function ask(message, origin) {
  try {
    if (origin === "webview") return window.ReactNativeWebView.postMessage(JSON.stringify(message)), null;
    const { port1, port2 } = new MessageChannel();
    parent.postMessage(message, origin, [port2]);
    return port1;
  } catch (error) {
    return error;
  }
}

/** Posts to the parent at exactly `origin`. */
export function tell(message, origin) {
  try {
    parent.postMessage(message, origin);
  } catch {}
}

/** The object that a text of at most 64 KiB holds. */
export function parsed(text) {
  try {
    const object = typeof text === "string" && text.length <= 65_536 ? JSON.parse(text) : undefined;
    return typeof object === "object" ? (object ?? undefined) : undefined;
  } catch {}
}

/** Whether this storage is to be had: asking for it may throw. */
export function isReachable(name) {
  try {
    return !!window[name];
  } catch {
    return false;
  }
}

/** The record that a text holds: `null` if there is no text, and an object that is no record if it is damaged. */
function parse(text) {
  try {
    // Ten times what a record of ours can have.
    return text == null ? null : text.length > 4096 ? {} : Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What stands at the key, see `parse`; `undefined` if it cannot be read. */
export function read(area, key) {
  try {
    return parse(area.getItem(key));
  } catch {}
}

/** False if it does not give back what it took. */
export function write(area, key, record) {
  try {
    const text = JSON.stringify(record);
    area.setItem(key, text);
    return area.getItem(key) === text;
  } catch {
    return false;
  }
}

/** What a storage event says of the key, see `parse`; `undefined` if it speaks of something else. Without a key, everything was cleared. */
export const changed = ({ key: of, storageArea, newValue }, area, key) =>
  storageArea === area && (of ?? key) === key ? parse(of === null ? null : newValue) : undefined;
