/** What the tests of edna share: a page with the vendor's globals and settings, a widget of another site, and a client of the chat's server. */

import { until } from "./actors.mjs";
import { frameOf } from "./browser.mjs";

/** The settings of the reference's example, with everything that the vendor knows about authorization. */
export const SETTINGS = {
  backend: { rootUrl: "https://a.example", unauthorizedHistory: { cookie: { "Max-Age": 15552000 } } },
  extendedAuth: {
    dataKey: "extendedAuth",
    http: { enabled: true, headersMap: { "Header-Name": "custom-property", "X-Auth-Token": "token", "X-Token-Type": "type" } },
    ws: { enabled: true, dataMap: [" token ", "type", "bad", "n", "missing", 7] },
    cookie: { enabled: true, options: { "Max-Age": 600 } },
    httpTokenExpiredCode: 419,
    wsTokenExpiredCode: 4001,
  },
};
/** Headers alone. */
export const HTTP = { extendedAuth: { http: SETTINGS.extendedAuth.http } };

/** @param lab as `browserForThisFile()` gives it */
export function ednaSite(lab) {
  /** A client of the chat's server, and a storage namespace, that no other test has. */
  const fresh = () => {
    const id = lab.freshNamespace();
    return { id, edna: lab.server.edna.client(id) };
  };

  /** The address of a settings.json, at the chat's server. */
  const file = ({ id, edna }, settings) => {
    edna.set({ config: settings });
    return lab.url("edna", `/${id}/chat/config`);
  };

  /**
   * A page with these globals and a widget. `follow`: what it keeps in localStorage and brings its globals up to date with, as a site that has sessions does.
   * In the page: `chat`, `expired`.
   */
  async function site({ id }, { globals = {}, settings = {}, query = {}, on = "host", follow = false, updateTakes = 0, page: given } = {}) {
    const page = given ?? (await lab.lab(on));
    const src = lab.url("widget", `/widget.html?${new URLSearchParams({ dialect: "edna", name: id, namespace: id, ...query })}`);
    await page.evaluate(
      async ([src, settings, globals, follow, updateTakes]) => {
        const { embedEdna } = await window.load("authframe/host/edna");
        Object.assign(window, globals);
        window.expired = [];
        const update = async () => {
          if (updateTakes > 0) await new Promise((resolve) => setTimeout(resolve, updateTakes));
          Object.assign(window, { clientId: null, clientData: null, extendedAuth: undefined }, JSON.parse(localStorage.getItem("shop")));
        };
        window.become = (globals) => {
          if (follow) localStorage.setItem("shop", JSON.stringify(globals));
          Object.assign(window, { clientId: null, clientData: null }, globals);
          return window.chat.refresh();
        };
        window.chat = await embedEdna({
          container: document.getElementById("stage"),
          src,
          settings,
          onExpired: (said) => window.expired.push(said),
          ...(follow ? { update } : {}),
        });
      },
      [src, settings, globals, follow, updateTakes],
    );
    const widget = await frameOf(page, lab.origin("widget"));
    await until(widget, () => window.edna);
    return { page, widget };
  }
  const become = (page, globals) => page.evaluate((globals) => window.become(globals), globals);
  const isClient = (widget, id) =>
    until(widget, (id) => window.edna?.visitor?.clientId === id && bridge.session.status === "authorized", id);
  const isGuest = (widget) => until(widget, () => window.edna?.visitor?.clientId === null && bridge.session.status === "unauthorized");
  const ready = (widget) => until(widget, () => window.socket?.ready);
  /** Waits until the server has seen it. */
  const seen = (edna, test) =>
    Promise.race([
      edna.until(test),
      new Promise((_, reject) => setTimeout(() => reject(new Error("the server did not see it")), 15_000).unref()),
    ]);
  const history = (widget) =>
    widget.evaluate(() =>
      edna.history().then(
        ({ messages }) => messages.map(({ text }) => text),
        (error) => error.code,
      ),
    );
  const ask = (widget, path = "/client/history/unread") =>
    widget.evaluate(
      (path) =>
        edna.fetch(path).then(
          ({ status }) => status,
          (error) => error.code,
        ),
      path,
    );
  const guestId = (page) => page.evaluate(() => /(?:^|; )unauthorizedId=([^;]*)/.exec(document.cookie)?.[1] ?? null);
  const ours = ({ headers }, names) => headers.filter(([name]) => names.test(name));
  const found = (where) => where.evaluate(() => (window.edna ?? window.chat).findings.map(({ code }) => code));

  return { fresh, file, site, become, isClient, isGuest, ready, seen, history, ask, guestId, ours, found };
}
