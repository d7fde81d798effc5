/** What the tests of x-bees share: a host that records what each frame says, and frames with the client. */
import { addFrame, until } from "./actors.mjs";

/** In a page: a host that writes down what each frame says, properties in their order, and answers nothing by itself, but for ready with `window.answersReady`. */
export function recordingHost() {
  const described = (value) =>
    value === undefined
      ? "$undefined"
      : value && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, described(item)]))
        : value;
  window.posts = [];
  addEventListener("message", ({ data, source, ports }) => {
    if (!data?.type?.startsWith?.("xBees")) return;
    window.posts.push({
      frame: [...document.querySelectorAll("iframe")].findIndex((frame) => frame.contentWindow === source),
      message: described(data),
      ports,
    });
    if (window.answersReady && data.type === "xBeesReady") ports[0]?.postMessage({ type: data.type });
  });
  window.saidBy = (frame) => window.posts.filter((post) => post.frame === frame).map(({ message }) => message);
  window.answer = (frame, type, value) =>
    window.posts.findLast((post) => post.frame === frame && post.message.type === type).ports[0].postMessage(value);
}

/**
 * In a page: a host that answers as the vendor's host controller does, one for each frame. It refuses a sign-in status or a call that comes within a second of the same one (also
 * one that it has refused), and at once what it does not know. `window.received`: `{frame, type, payload, answer}` in their order; `window.active`: by frame, `undefined` until known.
 */
export function throttlingHost() {
  const THROTTLED = ["xBeesAuthorized", "xBeesNotAuthorized", "xBeesStartCall"];
  const KNOWN = [
    ...THROTTLED,
    ...["xBeesReady", "xBeesContext", "xBeesCurrentContact", "xBeesThemeMode", "xBeesTheme", "xBeesViewPort", "xBeesReboot"],
    ...["xBeesToClipboard", "xBeesContactsAutoSuggest", "xBeesContactLookupAndMatch"],
  ];
  const payloads = {
    xBeesThemeMode: "dark",
    xBeesTheme: { mode: "dark", themeOptions: { typography: {}, palette: {} } },
    xBeesContext: { contact: { email: "emmy@example.com" } },
    xBeesStartCall: "call start accepted",
  };
  const last = new Map();
  window.received = [];
  window.active = [];
  window.words = [];
  const answerTo = (frame, { type }) => {
    if (!type) return { type, errorMessage: "message skipped, message type should be provided" };
    if (THROTTLED.includes(type)) {
      const before = last.get(`${frame} ${type}`);
      last.set(`${frame} ${type}`, Date.now());
      if (Date.now() - before < 1000) return { type, errorMessage: "message skipped, same message type called too fast" };
    }
    if (![...KNOWN, ...window.words].includes(type)) return { type, errorMessage: `command ${type} not supported` };
    if (type === "xBeesAuthorized") window.active[frame] = true;
    if (type === "xBeesNotAuthorized") window.active[frame] = false;
    return { type, errorMessage: "", payload: payloads[type] };
  };
  addEventListener("message", ({ data, ports, source }) => {
    if (!String(data?.type).startsWith("xBees")) return;
    const frame = [...document.querySelectorAll("iframe")].findIndex((element) => element.contentWindow === source);
    const answer = answerTo(frame, data);
    window.received.push({ frame, type: data.type, payload: data.payload, answer });
    ports[0]?.postMessage(answer);
  });
  window.typesOf = (frame) => window.received.filter((post) => post.frame === frame).map(({ type }) => type);
  window.statusesOf = (frame) => window.typesOf(frame).filter((type) => type.endsWith("Authorized"));
  window.refused = () => window.received.filter(({ answer }) => answer.errorMessage);
}

/** @param lab as `browserForThisFile()` gives it */
export function xbeesHost(lab) {
  /** @param wish `answersReady`: the host answers ready, so that an application has its three seconds from then on */
  const hostPage = async ({ answersReady = false } = {}) => {
    const page = await lab.lab("host");
    await page.evaluate(recordingHost);
    await page.evaluate((answersReady) => {
      window.answersReady = answersReady;
    }, answersReady);
    return page;
  };
  const said = (page, frame) => page.evaluate((frame) => JSON.stringify(window.saidBy(frame)), frame);
  const saysTypes = (page, frame, types) =>
    until(
      page,
      ([frame, types]) =>
        window
          .saidBy(frame)
          .map(({ type }) => type)
          .join() === types,
      [frame, types.join()],
    );
  /** A message of the host, to the frame's own origin. */
  const postToWidget = (page, message, frame = 0) =>
    page.evaluate(
      ([frame, message, origin]) => document.querySelectorAll("iframe")[frame].contentWindow.postMessage(message, origin),
      [frame, message, lab.origin("widget")],
    );

  /** A frame with the client, as an application of the vendor's documentation makes it. */
  async function clientFrame(page, namespace, variant) {
    const frame = await addFrame(page, lab, lab.url("widget", `/lab?iframeId=${variant}&variant=${variant}`));
    await until(frame, () => window.labReady);
    await frame.evaluate(
      async ([host, namespace]) => {
        const { Client } = await window.load("authframe/xbees");
        window.started = 0;
        window.logouts = 0;
        window.client = Client.initialize(() => window.started++, { hosts: [host], namespace });
        window.client.onLogout(() => window.logouts++);
        window.bridge = await window.client.bridge;
      },
      [lab.origin("host"), namespace],
    );
    return frame;
  }
  const ready = (frame) => frame.evaluate(() => void (window.readiness = window.client.ready().catch((error) => error)));

  return { hostPage, said, saysTypes, postToWidget, clientFrame, ready };
}
