/** Phones with a line of Webex Calling, for the tests of it: a registrar and a storage namespace for each test, pages, and what they have received. */
import assert from "node:assert/strict";
import { blankPair, until } from "./actors.mjs";
import { browserForThisFile, frameOf, press } from "./browser.mjs";

export const lab = browserForThisFile();

/** A registrar and a storage namespace that no other test has. */
export const fresh = (settings = {}) => {
  const id = lab.freshNamespace();
  const registrar = lab.server.registrar.named(id);
  registrar.set({ keepaliveInterval: 1, ...settings });
  return { id, registrar };
};
/** A host page that receives the news of the line, with the phone in a frame. In the frame: `events`. */
export async function phone({ id }, query = {}) {
  const page = await lab.lab("host");
  const src = lab.url("widget", `/webex-widget.html?${new URLSearchParams({ registrar: id, namespace: id, ...query })}`);
  await page.evaluate(async (src) => {
    const { embed } = await window.load("authframe/host");
    window.news = [];
    window.widget = await embed({ container: document.getElementById("stage"), src });
    window.widget.handle("webex:line", (news) => void (news.event ? window.news.push(news) : (window.first = news)));
  }, src);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.line);
  await widget.evaluate(() => {
    window.events = [];
    for (const event of ["connecting", "registered", "unregistered", "reconnecting", "reconnected", "error"]) {
      line.on(event, (value) => window.events.push([event, line.getStatus(), value === line ? "line" : (value ?? null)]));
    }
  });
  return { page, widget };
}
export const session = (widget, status) => until(widget, (status) => webex.bridge.session.status === status, status);
export const status = (widget, status) => until(widget, (status) => line.getStatus() === status, status);
export const events = (widget) => widget.evaluate(() => window.events.map(([event]) => event));
/** Through the real sign-in page. */
export async function signIn({ page, widget }, { user = "ada", choice = "Sign in" } = {}) {
  // The provider remembers who has signed in, and asks no more.
  await lab.context.clearCookies({ domain: "webex-login.localhost" });
  const popup = page.waitForEvent("popup");
  await press(widget.getByRole("button", { name: "Sign in with a window" }));
  const login = await popup;
  await login.getByLabel("User").fill(user);
  await press(login.getByRole("button", { name: choice, exact: true }));
}
/** A phone whose user has just signed in, and whose line is registered. */
export async function registered(at, query) {
  const made = await phone(at, query);
  await signIn(made);
  await status(made.widget, "active");
  return made;
}
/** The same in another tab. */
export async function another(at, query) {
  const made = await phone(at, query);
  await status(made.widget, "active");
  return made;
}
export const provider = async () => {
  const oidc = await lab.server.oidc();
  oidc.reset();
  return oidc;
};
export const alive = ({ registrar }) => registrar.devices.size;
export const keepalives = ({ registrar }) => registrar.requests.filter(({ path }) => path.endsWith("/status")).length;
export const seen = (server, test) =>
  Promise.race([
    server.until(test),
    new Promise((_, reject) => setTimeout(() => reject(new Error("the server did not see it")), 20_000).unref()),
  ]);

/** A page of the same partition that has not loaded the package: it meddles with the line's lock and storage. */
export async function meddler({ id }) {
  const { page, frame } = await blankPair(lab);
  await frame.evaluate((key) => {
    window.key = key;
    window.record = () => JSON.parse(localStorage.getItem(key));
    window.put = (change) => localStorage.setItem(key, JSON.stringify({ ...window.record(), ...change }));
    window.hold = (options) =>
      new Promise((held) => {
        void navigator.locks
          .request(
            key,
            options ?? {},
            () =>
              new Promise((done) => {
                window.letGo = done;
                held();
              }),
          )
          .catch(() => {});
      });
  }, `${id}.line`);
  return { page, frame };
}
export const errors = (widget) => widget.evaluate(() => window.events.filter(([event]) => event === "error").map(([, , error]) => error));
/** What each event's error says beside the guide's members, or null: it is not enumerable, and does not get out of the page with the error. */
export const details = (widget) =>
  widget.evaluate(() => window.events.map(([, , value]) => value?.details ?? value?.error?.details ?? null));
/** Each of them receives the same next change: given up, and registered again. */
export async function receivedByAll(at, asking, tabs) {
  for (const { widget } of tabs) await widget.evaluate(() => void (window.events = []));
  await asking.widget.evaluate(() => line.deregister());
  for (const { widget } of tabs) await until(widget, () => window.events.at(-1)?.[0] === "unregistered" && line.getStatus() === "IDLE");
  await asking.widget.evaluate(() => line.register());
  for (const { widget } of tabs) {
    await until(widget, () => window.events.at(-1)?.[0] === "registered");
    assert.deepEqual(await events(widget), ["unregistered", "connecting", "registered"]);
  }
  assert.deepEqual([alive(at), at.registrar.most], [1, 1]);
}
