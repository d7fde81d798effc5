/** Webex: signed in at a certified provider, one line at a real registrar for all tabs. */
import assert from "node:assert/strict";
import { browserForThisFile, frameOf, test } from "./browser.mjs";
import { until } from "./actors.mjs";

const lab = browserForThisFile();

/** A registrar and a storage namespace that no other test has. */
const fresh = (settings = {}) => {
  const id = lab.freshNamespace();
  const registrar = lab.server.registrar.named(id);
  registrar.set({ keepaliveInterval: 1, ...settings });
  return { id, registrar };
};
/** A host page that hears of the line, with the phone in a frame. In the frame: `told`. */
async function phone({ id }, query = {}) {
  const page = await lab.lab("host");
  const src = lab.url("widget", `/webex-widget.html?${new URLSearchParams({ registrar: id, namespace: id, ...query })}`);
  await page.evaluate(async (src) => {
    const { embed } = await window.load("authframe/host");
    window.news = [];
    window.widget = await embed({ container: document.getElementById("stage"), src });
    window.widget.handle("webex:line", (said) => void window.news.push(said));
  }, src);
  const widget = await frameOf(page, lab.origin("widget"));
  await until(widget, () => window.line);
  await widget.evaluate(() => {
    window.told = [];
    for (const event of ["connecting", "registered", "unregistered", "reconnecting", "reconnected", "error"]) {
      line.on(event, (value) => window.told.push([event, line.getStatus(), value === line ? "line" : (value ?? null)]));
    }
  });
  return { page, widget };
}
const session = (widget, status) => until(widget, (status) => webex.bridge.session.status === status, status);
const status = (widget, status) => until(widget, (status) => line.getStatus() === status, status);
const told = (widget) => widget.evaluate(() => window.told.map(([event]) => event));
/** Through the real sign-in page. */
async function signIn({ page, widget }, { user = "ada", press = "Sign in" } = {}) {
  const popup = page.waitForEvent("popup");
  await widget.getByRole("button", { name: "Sign in with a window" }).click();
  const login = await popup;
  await login.getByLabel("User").fill(user);
  await login.getByRole("button", { name: press, exact: true }).click();
}
const alive = ({ registrar }) => registrar.devices.size;
const keepalives = ({ registrar }) => registrar.requests.filter(({ path }) => path.endsWith("/status")).length;
const seen = (server, test) => Promise.race([server.until(test), new Promise((_, reject) => setTimeout(() => reject(new Error("the server did not see it")), 20_000).unref())]);

test("with PKCE: the code is exchanged by the page, the line is registered, kept alive and shown; the host hears of it", async () => {
  const at = fresh();
  const oidc = await lab.server.oidc();
  oidc.reset();
  const one = await phone(at);
  await session(one.widget, "unauthorized");
  const before = await one.widget.evaluate(() => [Object.keys(webex.getLines()).length, line.lineId, line.status, line.getStatus(), line.phoneNumber, line.sipAddresses]);
  assert.deepEqual([before[0], before.slice(2)], [1, ["inactive", "IDLE", "+1 202 555 0117", []]]);
  assert.match(before[1], /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  await signIn(one);
  await session(one.widget, "authorized");
  await status(one.widget, "active");
  const [exchange] = oidc.requests;
  assert.deepEqual([exchange.path, exchange.form.grant_type, exchange.form.client_id, exchange.form.client_secret, exchange.form.redirect_uri, exchange.status], ["/token", "authorization_code", "pkce-widget", undefined, lab.url("widget", "/callback.html"), 200]);
  assert.match(exchange.form.code_verifier, /^[\w-]{43}$/);
  assert.deepEqual(await one.widget.evaluate(() => window.told), [["connecting", "IDLE", null], ["registered", "active", "line"]]);
  await until(one.page, () => window.news.length === 2);
  const news = await one.page.evaluate(() => window.news);
  assert.deepEqual(news.map(({ event, status, line }) => [event, status, line.status]), [["connecting", "IDLE", "inactive"], ["registered", "active", "active"]]);
  assert.equal(JSON.stringify(news).includes("token"), false);
  const [register] = at.registrar.requests;
  assert.deepEqual(register.body, { userId: "ada", clientDeviceUri: `${lab.origin("webex-login")}/devices/1`, serviceData: { indicator: "calling", domain: "" } });
  const [{ deviceId }] = [...at.registrar.devices.values()];
  const shown = await one.widget.evaluate(() => ({ ...line, on: undefined }));
  assert.deepEqual([shown.mobiusDeviceId, shown.status, shown.keepaliveInterval, shown.callKeepaliveInterval, shown.rehomingIntervalMin, shown.rehomingIntervalMax, shown.voicePortalNumber, shown.voicePortalExtension, shown.sipAddresses], [deviceId, "active", 1, 10, 60, 120, 5550100, 100, ["sip:ada@calling.example"]]);
  await seen(at.registrar, () => keepalives(at) >= 2);
  assert.deepEqual([alive(at), at.registrar.most, await told(one.widget)], [1, 1, ["connecting", "registered"]]);
  // Nothing that opens a door lies where every script of this origin can read it.
  assert.equal(await one.widget.evaluate(() => /access|refresh/i.test(JSON.stringify({ ...localStorage }))), false);
});

test("without PKCE: the backend has the secret, and sends the five documented fields", async () => {
  const at = fresh();
  const oidc = await lab.server.oidc();
  oidc.reset();
  const one = await phone(at, { client: "backend" });
  await session(one.widget, "unauthorized");
  await signIn(one);
  await status(one.widget, "active");
  const given = Object.fromEntries(Object.entries(oidc.requests[0].form).filter(([, value]) => value !== undefined));
  assert.deepEqual(Object.keys(given).sort(), ["client_id", "client_secret", "code", "grant_type", "redirect_uri"]);
});
