/** The demo's site with an Ethora chat, as its tests use it. */
import { until } from "./actors.mjs";
import { frameOf, press } from "./browser.mjs";

/** @param lab as `browserForThisFile()` gives it */
export const ethoraSite = (lab) => {
  /** An app of the chat's server, and a storage namespace, that no other test has. */
  const fresh = () => {
    const id = lab.freshNamespace();
    const app = lab.server.ethora.app(id);
    return { id, app, trades: () => app.count("/users/client"), refreshes: () => app.count("/users/login/refresh") };
  };
  /** The demo's page with its widget, with this user logged in there. `options`: of the page and the widget, see www/ethora.js. */
  const site = async ({ id }, user, options = {}, prepare) => {
    const query = { app: id, namespace: id, ...(user ? { user } : {}), ...options };
    const page = await lab.tab("host", `/ethora.html?${new URLSearchParams(query)}`, prepare);
    await until(page, () => window.chat);
    const widget = await frameOf(page, lab.origin("widget"));
    await until(widget, () => window.ethora);
    return { page, widget };
  };
  const signedIn = (widget, subject) =>
    until(widget, (subject) => bridge.session.status === "authorized" && bridge.session.account?.subject === subject, subject);
  const out = (widget) => until(widget, () => bridge.session.status === "unauthorized");
  const logIn = (page, name) => press(page.getByRole("button", { name }));
  return { fresh, site, signedIn, out, logIn };
};
