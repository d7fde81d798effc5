/** As much of a browser page as `embed` needs, on Node's EventTarget and MessageChannel. It keeps account of what is left over. */

/** Long enough for every message that is under way. */
export const settle = async () => {
  for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
};

class CountingTarget extends EventTarget {
  listeners = new Set();

  addEventListener(type, listener, options) {
    const entry = { type, listener };
    this.listeners.add(entry);
    options?.signal?.addEventListener("abort", () => this.listeners.delete(entry), { once: true });
    super.addEventListener(type, listener, options);
  }

  removeEventListener(type, listener) {
    for (const entry of this.listeners) if (entry.type === type && entry.listener === listener) this.listeners.delete(entry);
    super.removeEventListener(type, listener);
  }
}

export class FakeElement extends CountingTarget {
  attributes = new Map();
  children = [];
  parent = null;

  constructor(localName = "div") {
    super();
    this.localName = localName;
  }
  getAttribute(name) {
    return this.attributes.get(name) ?? null;
  }
  setAttribute(name, value) {
    this.attributes.set(name, String(value));
  }
  hasAttribute(name) {
    return this.attributes.has(name);
  }
  append(child) {
    this.children.push(child);
    child.parent = this;
    child.inserted?.();
  }
  remove() {
    if (this.parent) this.parent.children = this.parent.children.filter((child) => child !== this);
    this.parent = null;
  }
}

export class FakeFrame extends FakeElement {
  /** What was posted to its window: `{ message, origin }`. */
  posted = [];

  constructor() {
    super("iframe");
    this.contentWindow = { postMessage: (message, origin) => this.posted.push({ message: structuredClone(message), origin }) };
  }
  load() {
    this.dispatchEvent(new Event("load"));
  }
}
for (const [property, attribute] of [
  ["title", "title"],
  ["src", "src"],
  ["referrerPolicy", "referrerpolicy"],
]) {
  Object.defineProperty(FakeFrame.prototype, property, {
    get() {
      return this.getAttribute(attribute) ?? "";
    },
    set(value) {
      this.setAttribute(attribute, value);
    },
  });
}

class FakeDocument {
  get baseURI() {
    return "https://host.example/page";
  }
  get visibilityState() {
    return "visible";
  }
  createElement() {
    return new FakeFrame();
  }
}

export class FakePage {
  window = new CountingTarget();
  /** What the page's `reportError` was given. */
  reported = [];
  #before = {};

  constructor() {
    const globals = {
      Document: FakeDocument,
      document: new FakeDocument(),
      location: { origin: "https://host.example", href: "https://host.example/page" },
      addEventListener: this.window.addEventListener.bind(this.window),
      removeEventListener: this.window.removeEventListener.bind(this.window),
      reportError: (error) => this.reported.push(error),
    };
    for (const [name, value] of Object.entries(globals)) {
      this.#before[name] = Object.getOwnPropertyDescriptor(globalThis, name);
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }

  leave() {
    for (const [name, descriptor] of Object.entries(this.#before)) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  }

  /** A message event on the page's window. */
  deliver({ source, origin, data, ports = [] }) {
    this.window.dispatchEvent(Object.assign(new Event("message"), { source, origin, data, ports }));
  }

  dispatch(type) {
    this.window.dispatchEvent(new Event(type));
  }
}

/** The port that travels with a hello, and the widget's end of it, which keeps what it receives. */
export const channel = () => {
  const { port1, port2 } = new MessageChannel();
  const received = [];
  // Node has the event, but not the property.
  port1.on("close", () => port1.onclose?.());
  port2.onmessage = ({ data }) => received.push(data);
  return { near: port1, far: port2, received };
};

/** What keeps this process alive and was made by what is tested. */
export const alive = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout" || kind === "MessagePort");

/** A leak shall fail the tests, not hang them. */
export const failOnLeak = () => setTimeout(() => process.exit(1), 3000).unref();

export const SESSION = { status: "unauthorized", reason: "initial", account: null, expiresAt: null, epoch: 0, sequence: 0, writer: "" };

/** A widget that plays by the rules. */
export class FakeWidget {
  received = [];
  #page;
  #frame;
  #origin;

  constructor(page, frame, origin = "https://widget.example") {
    this.#page = page;
    this.#frame = frame;
    this.#origin = origin;
  }

  hello(more = {}) {
    this.nonce = crypto.randomUUID().replaceAll("-", "");
    const { near, far, received } = channel();
    this.far = far;
    this.received = received;
    this.#page.deliver({
      source: this.#frame.contentWindow,
      origin: this.#origin,
      data: { type: "authframe:hello", channel: "", min: 1, max: 1, nonce: this.nonce, ...more },
      ports: [near],
    });
  }

  async open({ capabilities = ["identity"], session = SESSION } = {}) {
    this.hello();
    await settle();
    this.say({ type: "open", capabilities, session });
    await settle();
  }

  say(message) {
    this.far.postMessage(message);
  }

  /** The messages of a type that it has received. */
  got(type) {
    return this.received.filter((message) => message.type === type);
  }
}
