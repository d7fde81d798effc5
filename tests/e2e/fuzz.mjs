/**
 * Runs in the widget's page: `count` random values are handed to its listeners, half as window messages of the pinned parent, half on the private
 * port. A fixed seed, so that a failure can be repeated. It must not refer to anything outside itself.
 */
export function fuzz({ count, seed, host }) {
  let state = seed >>> 0;
  const random = (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
  const pick = (list) => list[random(list.length)];

  // The protocol's own words, so that the values get as deep into the reader as they can. "bye" and sign-outs would be obeyed, so they are not said.
  const KEYS = [
    "type",
    "id",
    "name",
    "data",
    "channel",
    "nonce",
    "min",
    "max",
    "version",
    "capabilities",
    "code",
    "message",
    "identity",
    "account",
    "subject",
    "accessToken",
    "expiresAt",
    "session",
    "status",
    "length",
    "__proto__",
    "constructor",
    "prototype",
    "then",
    "toJSON",
    "0",
    "",
  ];
  const WORDS = [
    "authframe:knock",
    "authframe:hello",
    "welcome",
    "refuse",
    "open",
    "session",
    "identity",
    "sign-in",
    "request",
    "reply",
    "error",
    "message",
    "authorized",
    "unknown",
    "VERSION_MISMATCH",
    "__proto__",
    "",
    "\ud800",
    "\0",
    "é".repeat(64),
    "x".repeat(65),
    "y".repeat(300),
  ];
  const NUMBERS = [0, -0, 1, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1e308, NaN, Infinity, -Infinity];
  const cyclic = { type: "request", id: 1 };
  cyclic.data = cyclic.self = cyclic;
  const huge = "z".repeat(100_000);
  const sparse = [];
  sparse[4_000_000_000] = 1;

  const ODD = [
    new Date(NaN),
    /x/g,
    new Error("e"),
    new ArrayBuffer(8),
    new Uint8Array(3),
    cyclic,
    sparse,
    new Map([["type", "open"]]),
    new Set([1]),
    Object(1),
    Object("boxed"),
    Object(true),
    7n ** 40n,
  ];

  const value = (depth) => {
    switch (random(depth > 4 ? 12 : 20)) {
      case 0:
        return undefined;
      case 1:
        return null;
      case 2:
        return random(2) === 1;
      case 3:
      case 4:
        return pick(NUMBERS);
      case 5:
        return random(1_000_000);
      case 6:
      case 7:
      case 8:
        return pick(WORDS);
      case 9:
        return BigInt(random(1_000_000));
      case 10:
        return random(50) === 0 ? huge : "short";
      case 11:
        return pick(ODD);
      case 12:
      case 13:
        return list(depth + 1);
      default:
        return object(depth + 1);
    }
  };
  const list = (depth) => {
    const made = [];
    for (let left = random(5); left > 0; left--) made.push(value(depth));
    return made;
  };
  const object = (depth) => {
    const made = {};
    for (let left = random(6); left > 0; left--) put(made, pick(KEYS), value(depth));
    return made;
  };
  // A key named __proto__ shall be a key, not the prototype.
  const put = (object, key, value) => {
    if (key === "__proto__") Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    else object[key] = value;
  };
  /** A message of ours with some fields right and some wrong, or anything at all. */
  const message = (types) => {
    if (random(4) === 0) return value(1);
    const made = object(2);
    made.type = random(10) === 0 ? value(3) : pick(types);
    if (random(2) === 0) made.id = random(1000);
    if (random(2) === 0) made.name = "n";
    return made;
  };

  const result = { window: 0, port: 0, thrown: 0 };
  const failed = (event) => {
    result.thrown += 1;
    event.stopImmediatePropagation();
  };
  addEventListener("error", failed, true);
  const source = __e2e.real(window.parent);
  const port = __e2e.ports().at(-1);
  if (!port) throw new Error("no port");
  const WINDOW = ["authframe:knock", "authframe:hello", "authframe:x", "identity", "request"];
  const PORT = ["welcome", "refuse", "open", "session", "identity", "sign-in", "request", "reply", "error", "message", "news"];
  for (let i = 0; i < count; i++) {
    if (i % 100 === 0) window.advance(1000);
    if (i % 2 === 0) {
      window.dispatchEvent(new MessageEvent("message", { data: message(WINDOW), origin: host, source }));
      result.window += 1;
    } else {
      port.dispatchEvent(new MessageEvent("message", { data: message(PORT) }));
      result.port += 1;
    }
  }
  removeEventListener("error", failed, true);
  return { ...result, rejected: { ...window.bridge.rejected } };
}
