/** What the tests of x-bees share: a host that records what each frame says, and frames with the client. */
import { addFrame, until } from "./actors.mjs";

/** In a page: a host that writes down what each frame says, properties in their order, and answers nothing by itself. */
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
  });
  window.saidBy = (frame) => window.posts.filter((post) => post.frame === frame).map(({ message }) => message);
  window.answer = (frame, type, value) =>
    window.posts.findLast((post) => post.frame === frame && post.message.type === type).ports[0].postMessage(value);
}

/** @param lab as `browserForThisFile()` gives it */
export function xbeesHost(lab) {
  const hostPage = async () => {
    const page = await lab.lab("host");
    await page.evaluate(recordingHost);
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
