/** What the tests of RingCentral Embeddable share: a host that records what it receives, with a widget that speaks to it. */
import { addFrame, until } from "./actors.mjs";

export const REGISTER = "rc-adapter-register-third-party-service";
export const UPDATE = "rc-adapter-update-authorization-status";
export const SERVICE = {
  name: "TestCRM",
  authorizationPath: "/authorize",
  authorized: false,
  contactsPath: "/contacts",
  contactSearchPath: "/search",
  contactMatchPath: "/match",
};

/** What a widget posts at its start. */
export const START = ["rc-adapter-pushAdapterState", "rc-adapter-pushLocale", "rc-login-status-notify"];

/** In a page: a host that writes down what the widget says, properties in their order, and answers nothing by itself. */
export function recordingHost() {
  const described = (value) =>
    value === undefined
      ? "$undefined"
      : value && typeof value === "object"
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, described(item)]))
        : value;
  window.posts = [];
  addEventListener("message", ({ data, ports }) => {
    if (!data?.type?.startsWith?.("rc-")) return;
    window.posts.push(described(data));
    if (ports.length > 0) window.posts.push("a port");
  });
}

/**
 * @param lab as `browserForThisFile()` gives it
 * @param usual options of the dialect that every bridge here has
 */
export function ringcentralHost(lab, usual = {}) {
  /** The blank page of the widget's site below that host, with a bridge that says `ringcentral` of itself. */
  async function pair({ namespace = lab.freshNamespace(), site = "host", query = "", options = {} } = {}) {
    // Any page may embed the widget's here, as far as the servers are concerned: another host of the same site, too.
    const page = await lab.lab(site, "/frame-src/any/lab");
    await page.evaluate(recordingHost);
    const frame = await addFrame(page, lab, lab.url("widget", `/frame-ancestors/any/lab${query}`));
    await until(frame, () => window.labReady);
    await connect(frame, namespace, site, options);
    await begun(page);
    return { page, frame, namespace };
  }
  /** The host has received what comes at the start. */
  const begun = (page) => until(page, (count) => window.posts.length >= count, START.length);
  const connect = (frame, namespace, site, options) =>
    frame.evaluate(
      async ([host, namespace, { login, ...options }, usual]) => {
        const { connect } = await window.load("authframe");
        window.services = [];
        window.received = [];
        window.settled = [];
        // A function cannot come here by itself: it is a plain value in `login`.
        const ringcentral = { ...usual, ...options.ringcentral, ...(login ? { login: () => login } : {}) };
        window.bridge = await connect({ hosts: [{ origin: host, dialect: "ringcentral" }], namespace, ...options, ringcentral });
        window.host = bridge.ringcentral;
        window.host.subscribe((service) => window.services.push(service));
        for (const type of [
          "rc-adapter-register-third-party-service",
          "rc-adapter-update-authorization-status",
          "rc-post-message-response",
          "rc-adapter-login",
          "rc-adapter-logout",
          "rc-adapter-authorization-code",
          "rc-adapter-unregister-third-party-service",
          "rc-adapter-syncMinimized",
          "rc-adapter-navigate-to",
          "webpackOk",
        ])
          window.host.on(type, ({ type }) => window.received.push(type));
        window.ask = (promise) =>
          void promise.then(
            (value) => window.settled.push(["resolved", value]),
            (error) => window.settled.push(["rejected", error.code]),
          );
      },
      [lab.origin(site), namespace, options, usual],
    );
  /** A message of the host, to the frame's own origin. */
  const postToWidget = (page, message) =>
    page.evaluate(
      ([message, origin]) => document.querySelector("iframe").contentWindow.postMessage(message, origin),
      [message, lab.origin("widget")],
    );
  const register = (page, service = SERVICE) => postToWidget(page, { type: REGISTER, service });
  const update = (page, authorized, authorizedAccount) =>
    postToWidget(page, { type: UPDATE, authorized, ...(authorizedAccount ? { authorizedAccount } : {}) });
  const stands = (frame, authorized) => until(frame, (authorized) => (window.host.service?.authorized ?? null) === authorized, authorized);
  const settled = (frame, count) =>
    until(frame, (count) => window.settled.length >= count, count).then(() => frame.evaluate(() => window.settled.splice(0)));

  return { pair, begun, connect, postToWidget, register, update, stands, settled };
}
