/**
 * Runs in every document of every frame before its own scripts (an init script: it must not refer to anything outside itself).
 *
 * 1. Records each call of `postMessage` on a window: target origin, type, body. The object of a cross-origin window cannot be patched, so
 *    every way to get at one (`parent`, `opener`, an iframe's `contentWindow`, an event's `source`, `open()`) hands out a forwarding stand-in, always the same
 *    one for a window, so that `event.source === frame.contentWindow` still holds.
 * 2. Keeps account of what is alive (listeners, timers, ports, channels) and of writes to storage: `__e2e.live()`.
 * 3. Reports Content-Security-Policy violations.
 */
export function instrument() {
  const report = (kind, value) =>
    globalThis.__e2eReport?.(JSON.stringify({ kind, origin: String(globalThis.origin), href: location.href, ...value }));
  const nativeAdd = EventTarget.prototype.addEventListener;
  const nativeRemove = EventTarget.prototype.removeEventListener;

  // --- 1. windows -----------------------------------------------------------------------------------------------------------------
  const nativePost = window.postMessage;
  const standIns = new WeakMap();
  const reals = new WeakMap();

  const isWindow = (value) => {
    try {
      return typeof value === "object" && value !== null && value.window === value;
    } catch {
      return false;
    }
  };
  const real = (value) => reals.get(value) ?? value;
  const post = (target, args) => {
    const [data, second, third] = args;
    const options = typeof second === "object" && second !== null && !Array.isArray(second) ? second : null;
    const to = options ? (options.targetOrigin ?? "/") : Array.isArray(second) || second === undefined ? "/" : String(second);
    const transfer = options ? options.transfer : Array.isArray(second) ? second : third;
    for (const item of transfer ?? []) ports.delete(item);
    let body;
    try {
      body = JSON.stringify(data).slice(0, 2000);
    } catch {
      body = String(data).slice(0, 200);
    }
    report("post", {
      target: to,
      type: typeof data?.type === "string" ? data.type.slice(0, 80) : null,
      body,
      transfers: transfer?.length ?? 0,
    });
    return Reflect.apply(nativePost, target, args);
  };
  const standIn = (target) => {
    if (target === window || !isWindow(target)) return target;
    if (reals.has(target)) return target;
    let proxy = standIns.get(target);
    if (proxy) return proxy;
    const forwardPost = (...args) => post(target, args);
    proxy = new Proxy(Object.create(null), {
      get(_, key) {
        if (key === "postMessage") return forwardPost;
        const value = Reflect.get(target, key);
        if (value === target) return proxy;
        return typeof value === "function" ? value.bind(target) : standIn(value);
      },
      set: (_, key, value) => Reflect.set(target, key, value),
      has: (_, key) => Reflect.has(target, key),
      getPrototypeOf: () => Reflect.getPrototypeOf(target),
    });
    standIns.set(target, proxy);
    reals.set(proxy, target);
    return proxy;
  };
  const patchGetter = (object, key) => {
    const found = Object.getOwnPropertyDescriptor(object, key);
    Object.defineProperty(object, key, {
      ...found,
      get() {
        return standIn(Reflect.apply(found.get, this, []));
      },
    });
  };
  patchGetter(window, "parent");
  patchGetter(window, "opener");
  patchGetter(HTMLIFrameElement.prototype, "contentWindow");
  patchGetter(MessageEvent.prototype, "source");
  const nativeOpen = window.open;
  window.open = function open(...args) {
    return standIn(Reflect.apply(nativeOpen, window, args));
  };
  window.postMessage = function postMessage(...args) {
    return post(this === undefined ? window : real(this), args);
  };

  // --- 2. what is alive -----------------------------------------------------------------------------------------------------------
  const listeners = new Map();
  const keyOf = new WeakMap();
  let keys = 0;
  const id = (object) => {
    if (!keyOf.has(object)) keyOf.set(object, ++keys);
    return keyOf.get(object);
  };
  const entry = (target, type, callback, options) => {
    const capture = typeof options === "object" && options !== null ? Boolean(options.capture) : Boolean(options);
    return `${id(target)} ${type} ${id(callback)} ${capture}`;
  };
  EventTarget.prototype.addEventListener = function addEventListener(type, callback, options) {
    const target = this ?? window;
    if (callback && !options?.signal?.aborted) {
      const key = entry(target, type, callback, options);
      listeners.set(key, `${target.constructor?.name} ${type}`);
      if (options?.once)
        Reflect.apply(nativeAdd, target, [type, () => listeners.delete(key), { once: true, capture: Boolean(options.capture) }]);
      if (options?.signal) Reflect.apply(nativeAdd, options.signal, ["abort", () => listeners.delete(key), { once: true }]);
    }
    return Reflect.apply(nativeAdd, target, [type, callback, options]);
  };
  EventTarget.prototype.removeEventListener = function removeEventListener(type, callback, options) {
    const target = this ?? window;
    if (callback) listeners.delete(entry(target, type, callback, options));
    return Reflect.apply(nativeRemove, target, [type, callback, options]);
  };
  const handlers = new Map();
  const patchHandler = (owner, key) => {
    const found = Object.getOwnPropertyDescriptor(owner, key);
    if (!found?.set) return;
    Object.defineProperty(owner, key, {
      ...found,
      set(value) {
        const target = this ?? window;
        const name = `${id(target)} on ${key}`;
        if (value) handlers.set(name, `${target.constructor?.name} ${key}`);
        else handlers.delete(name);
        Reflect.apply(found.set, target, [value]);
      },
    });
  };
  for (const key of ["onmessage", "onmessageerror", "onclose"]) patchHandler(MessagePort.prototype, key);
  for (const key of ["onmessage", "onstorage", "onpageshow", "onpagehide", "onfocus", "onblur", "onunload", "onbeforeunload"])
    patchHandler(window, key);
  patchHandler(Document.prototype, "onvisibilitychange");

  const timers = new Map();
  const patchTimer = (start, stop, again) => {
    const [nativeStart, nativeStop] = [window[start], window[stop]];
    window[start] = function (callback, ...rest) {
      const run = (...args) => {
        if (!again) timers.delete(`${start} ${handle}`);
        return typeof callback === "function" ? callback(...args) : undefined;
      };
      const handle = Reflect.apply(nativeStart, window, [run, ...rest]);
      timers.set(`${start} ${handle}`, `${start} ${rest[0] ?? ""}`);
      return handle;
    };
    window[stop] = function (handle) {
      for (const name of ["setTimeout", "setInterval", start]) timers.delete(`${name} ${handle}`);
      return Reflect.apply(nativeStop, window, [handle]);
    };
  };
  patchTimer("setTimeout", "clearTimeout", false);
  patchTimer("setInterval", "clearInterval", true);
  patchTimer("requestAnimationFrame", "cancelAnimationFrame", false);
  patchTimer("requestIdleCallback", "cancelIdleCallback", false);

  const ports = new Set();
  const NativeChannel = window.MessageChannel;
  window.MessageChannel = class MessageChannel extends NativeChannel {
    constructor() {
      super();
      ports.add(this.port1).add(this.port2);
    }
  };
  Reflect.apply(nativeAdd, window, [
    "message",
    (event) => {
      // A test may have made it up.
      if (event.isTrusted) event.ports.forEach((port) => ports.add(port));
    },
    { capture: true },
  ]);
  const nativeClose = MessagePort.prototype.close;
  MessagePort.prototype.close = function close() {
    ports.delete(this);
    return Reflect.apply(nativeClose, this, []);
  };
  const nativePortPost = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function postMessage(message, options) {
    for (const item of (Array.isArray(options) ? options : options?.transfer) ?? []) ports.delete(item);
    return Reflect.apply(nativePortPost, this, [message, options]);
  };

  const channels = new Set();
  const NativeBroadcast = window.BroadcastChannel;
  window.BroadcastChannel = class BroadcastChannel extends NativeBroadcast {
    constructor(name) {
      super(name);
      channels.add(this);
    }
    close() {
      channels.delete(this);
      super.close();
    }
  };

  const writes = [];
  for (const method of ["setItem", "removeItem", "clear"]) {
    const native = Storage.prototype[method];
    Storage.prototype[method] = function (...args) {
      writes.push([method, ...args.map(String)]);
      return Reflect.apply(native, this, args);
    };
  }

  // The newest wasm memory, for bounds on its growth.
  let memory = null;
  const memoryOf = (instance) => Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
  const NativeInstance = WebAssembly.Instance;
  WebAssembly.Instance = class Instance extends NativeInstance {
    constructor(...args) {
      super(...args);
      memory = memoryOf(this) ?? memory;
    }
  };
  for (const method of ["instantiate", "instantiateStreaming"]) {
    const native = WebAssembly[method];
    WebAssembly[method] = async (...args) => {
      const result = await Reflect.apply(native, WebAssembly, args);
      memory = memoryOf(result.instance ?? result) ?? memory;
      return result;
    };
  }

  globalThis.__e2e = {
    real,
    writes,
    ports: () => [...ports],
    wasmMemory: () => memory?.buffer.byteLength ?? 0,
    /** What the page itself, not this script, keeps alive. Locks are asked for separately (`navigator.locks.query()`). */
    live: () => ({
      listeners: [...listeners.values(), ...handlers.values()].sort(),
      timers: [...timers.values()].sort(),
      ports: ports.size,
      channels: channels.size,
    }),
  };

  // --- 3. policy ------------------------------------------------------------------------------------------------------------------
  Reflect.apply(nativeAdd, document, [
    "securitypolicyviolation",
    (event) => report("violation", { directive: event.effectiveDirective, blocked: event.blockedURI, sample: event.sample }),
  ]);
}
