/** The people on stage: a host page with its widget, a host written by hand that says what the test wants, and how to wait for what they see. */
import { frameOf } from "./browser.mjs";

const PATIENCE = { timeout: 15_000, polling: 25 };

/** Waits for a condition in a page or frame. Polls by a timer, because animation frames rest in background tabs. */
export const until = (where, condition, arg) =>
  where.waitForFunction(condition, arg, PATIENCE).catch((cause) => {
    throw new Error(`waited in vain in ${where.url()} for ${condition} with ${JSON.stringify(arg)}: ${cause.message.split("\n")[0]}`, {
      cause,
    });
  });

/**
 * A blank host page that embeds a widget with `embed()`. In the page: `widget`, and all it said as `states` and `sessions`.
 * @param {{site?: string, path?: string, namespace?: string, query?: object, options?: object, prepare?: () => void}} [wish] `path` is the
 * widget's; "/lab" is one that does nothing. `prepare` runs in every document before its own scripts.
 */
export async function embedded(
  lab,
  { site = "host", path = "/", namespace = lab.freshNamespace(), query = {}, options = {}, prepare } = {},
) {
  const page = await lab.lab(site, "/lab", prepare);
  const src = lab.url("widget", `${path}?${new URLSearchParams({ namespace, acquire: "none", ...query })}`);
  await page.evaluate(embedHere, { src, options });
  return { page, frame: await frameOf(page, lab.origin("widget")), namespace, src };
}

/** Runs in a page: embeds, and keeps what the widget said. */
export async function embedHere({ src, options }) {
  const { embed } = await window.load("authframe/host");
  window.states = [];
  window.sessions = [];
  window.widget = await embed({ container: document.getElementById("stage"), src, ...options });
  window.widget.onConnection((state) => window.states.push(state));
  window.widget.subscribe((session) => window.sessions.push(session));
}

/** A blank host page with the blank page of the widget's site in a frame: for tests that write one half by hand. */
export async function blankPair(lab, { site = "host", hostPath = "/lab", widgetSite = "widget", widgetPath = "/lab", sandbox } = {}) {
  const page = await lab.lab(site, hostPath);
  const frame = await addFrame(page, lab, lab.url(widgetSite, widgetPath), { sandbox });
  return { page, frame };
}

export async function addFrame(page, lab, src, { sandbox } = {}) {
  const element = await page.evaluateHandle(
    ({ src, sandbox }) => {
      const frame = document.createElement("iframe");
      if (sandbox !== undefined) frame.setAttribute("sandbox", sandbox);
      frame.src = src;
      document.getElementById("stage").append(frame);
      return frame;
    },
    { src, sandbox },
  );
  const frame = await element.contentFrame();
  await until(frame, (src) => location.href === src && document.readyState === "complete", src);
  return frame;
}

/** In a page: a host by hand. Hellos pile up in `hellos`, what came on their ports in `received`; it says nothing by itself. */
export function rawHost() {
  window.hellos = [];
  window.received = [];
  window.ports = [];
  addEventListener("message", (event) => {
    if (event.data?.type !== "authframe:hello") return;
    window.hellos.push(event.data);
    const [port] = event.ports;
    window.ports.push(port);
    port.onmessage = ({ data }) => window.received.push(data);
  });
  /** Accepts the newest hello. */
  window.welcome = (extra = {}) => {
    window.ports.at(-1).postMessage({ type: "welcome", version: 1, nonce: window.hellos.at(-1).nonce, capabilities: [], ...extra });
  };
  window.say = (message) => window.ports.at(-1).postMessage(message);
}

/**
 * The demo's widget (or one set up by `connectHere`) below a host by hand, connected.
 * In the page: `hellos`, `received`, `say(message)`; in the frame: `bridge`.
 */
export async function rawPair(lab, { query = {}, namespace = lab.freshNamespace(), accept = true, prepare } = {}) {
  const page = await lab.lab("host", "/lab", prepare);
  await page.evaluate(rawHost);
  const src = lab.url("widget", `/?${new URLSearchParams({ namespace, acquire: "none", ...query })}`);
  await page.evaluate((src) => {
    const frame = document.createElement("iframe");
    frame.src = src;
    document.getElementById("stage").append(frame);
  }, src);
  const frame = await frameOf(page, lab.origin("widget"));
  await until(page, () => window.hellos.length > 0);
  await until(frame, () => window.bridge);
  if (accept) {
    await page.evaluate(() => window.welcome());
    await until(frame, () => window.bridge.connection === "connected");
  }
  return { page, frame, namespace };
}

/** In a blank widget frame: connects, and keeps what happened in `states` and `sessions`. */
export async function connectHere(options) {
  const { connect } = await window.load("authframe");
  window.states = [];
  window.sessions = [];
  window.bridge = await connect(options);
  window.bridge.onConnection((state) => window.states.push(state));
  window.bridge.subscribe((session) => window.sessions.push(session));
}

/** What `connect` or `embed` rejects with, as a plain object, or null if it did not. */
export async function failure(promise) {
  try {
    await promise;
    return null;
  } catch (error) {
    return { name: error.name, code: error.code, message: error.message };
  }
}

export const hostSees = (page, status, subject) =>
  until(
    page,
    ([status, subject]) =>
      window.widget.session.status === status && (subject === undefined || (window.widget.session.account?.subject ?? null) === subject),
    [status, subject],
  );

export const widgetSees = (frame, status, subject) =>
  until(
    frame,
    ([status, subject]) =>
      window.bridge?.session.status === status && (subject === undefined || (window.bridge.session.account?.subject ?? null) === subject),
    [status, subject],
  );

/** The demo's own host page with its widget, connected. */
export async function demo(lab, { site = "host", query = {} } = {}) {
  const page = await lab.tab(site, `/?${new URLSearchParams(query)}`);
  const frame = await frameOf(page, lab.origin("widget"));
  await until(frame, () => window.bridge?.connection === "connected");
  return { page, frame };
}

export const shown = (page, text) => until(page, (text) => document.getElementById("who").textContent === text, text);

/** Asks a frame that Playwright has lost sight of, as it does after a page came back from the back/forward cache. */
export async function evaluateInLostFrame(lab, page, origin, expression) {
  const session = await lab.context.newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { targetInfos } = await session.send("Target.getTargets");
  const target = targetInfos.find(
    (info) => info.type === "iframe" && info.url.startsWith(origin) && info.parentFrameId === frameTree.frame.id,
  );
  if (!target) throw new Error(`no frame of ${origin} below ${page.url()}`);
  const { sessionId } = await session.send("Target.attachToTarget", { targetId: target.targetId, flatten: false });
  const answer = new Promise((resolve) => {
    session.on("Target.receivedMessageFromTarget", (event) => {
      const message = JSON.parse(event.message);
      if (event.sessionId === sessionId && message.id === 1) resolve(message);
    });
  });
  const params = { expression, returnByValue: true, awaitPromise: true };
  await session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id: 1, method: "Runtime.evaluate", params }) });
  const { result, error } = await answer;
  await session.detach();
  if (error || result.exceptionDetails) throw new Error(JSON.stringify(error ?? result.exceptionDetails));
  return result.result.value;
}
