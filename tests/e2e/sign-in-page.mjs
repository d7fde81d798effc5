/** What the tests of a popup sign-in share. */
import { until } from "./actors.mjs";

export const failure = (frame) => frame.evaluate(() => window.failure);
export const session = (frame) =>
  frame.evaluate(() =>
    `${window.bridge.session.status} ${window.bridge.session.reason} ${window.bridge.session.account?.subject ?? ""}`.trim(),
  );
export const rejected = (frame) => frame.evaluate(() => window.bridge.rejected);
export const gone = (popup) => (popup.isClosed() ? undefined : popup.waitForEvent("close"));
/** The blank page of a site inside the popup, in place of the sign-in page or of the page that it ends on. */
export const blankIn = async (popup, url) => {
  await popup.waitForURL(url);
  await until(popup, () => window.labReady);
};
