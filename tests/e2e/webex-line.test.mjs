/** Webex: what a line does at a real registrar, as the vendor's guide has it. */
import assert from "node:assert/strict";
import { until } from "./actors.mjs";
import { press, test } from "./browser.mjs";
import {
  alive,
  another,
  details,
  events,
  fresh,
  keepalives,
  lab,
  phone,
  registered,
  seen,
  session,
  signIn,
  status,
} from "./webex-phones.mjs";

test("offline and back: the page is notified, nothing is sent meanwhile, and the line is asked for at once", async () => {
  const at = fresh();
  const one = await registered(at);
  await lab.context.setOffline(true);
  try {
    await until(one.widget, () => window.events.some(([event]) => event === "reconnecting"));
  } finally {
    await lab.context.setOffline(false);
  }
  await until(one.widget, () => window.events.at(-1)[0] === "reconnected");
  assert.deepEqual(
    [await events(one.widget), alive(at), at.registrar.count("/device")],
    [["connecting", "registered", "reconnecting", "reconnected"], 1, 1],
  );
});

test('registered somewhere else: a hard stop in every tab, and "use here" takes it back', async () => {
  const at = fresh({ supersede: true });
  const one = await registered(at);
  const two = await another(at);
  // The same user at another device: below another site, so that the tabs do not share storage.
  const other = await phone({ id: at.id }, { device: "2", namespace: `${at.id}-other` });
  await signIn(other);
  await status(other.widget, "active");
  for (const { widget } of [one, two]) {
    await until(widget, () => line.getStatus() === "inactive");
    assert.deepEqual(await widget.evaluate(() => events.at(-1)), ["unregistered", "inactive", { reason: "superseded" }]);
  }
  await lab.quiet();
  const sent = at.registrar.requests.filter(({ token }) => token).length;
  await press(two.widget.getByRole("button", { name: "Use here" }));
  for (const { widget } of [one, two]) await status(widget, "active");
  assert.ok(at.registrar.requests.length > sent);
  await until(other.widget, () => line.getStatus() === "inactive");
});

test("the device limit is said, and the place of another device is taken only when the user says so, or by option", async () => {
  // A keepalive between one's removal and another one's registration would take the place for itself.
  const at = fresh({ limit: 1, keepaliveInterval: 30 });
  const other = await phone({ id: at.id }, { device: "2", namespace: `${at.id}-other` });
  await signIn(other);
  await status(other.widget, "active");
  const one = await phone(at);
  await signIn(one);
  await until(one.widget, () => window.events.at(-1)?.[0] === "error");
  const [, shown, error] = await one.widget.evaluate(() => window.events.at(-1));
  const said = (await details(one.widget)).at(-1);
  assert.deepEqual(
    [shown, error.status, error.type, error.msg, said.code, said.errorCode, said.fatal],
    [
      "inactive",
      "inactive",
      "registrationError",
      "Device limit exceeded. The user already logged in to a different device.",
      403,
      101,
      true,
    ],
  );
  assert.deepEqual([said.sdk.type, said.sdk.status], ["forbidden", "inactive"]);
  assert.equal(
    at.registrar.requests.some(({ method }) => method === "DELETE"),
    false,
  );
  await press(one.widget.getByRole("button", { name: "Use here" }));
  await status(one.widget, "active");
  assert.deepEqual([alive(at), at.registrar.requests.filter(({ method }) => method === "DELETE").length], [1, 1]);
  const third = await phone({ id: at.id }, { device: "3", namespace: `${at.id}-third`, limit: "replace" });
  await signIn(third);
  await status(third.widget, "active");
  assert.deepEqual([alive(at), await events(third.widget)], [1, ["connecting", "unregistered", "registered"]]);
});

test("Retry-After counts where the server lets it be read, seconds or a date; where not, the interval does", async () => {
  const at = fresh();
  const one = await registered(at);
  const gap = async (fault) => {
    const before = keepalives(at);
    at.registrar.fail({ path: "/status", status: 429, headers: fault });
    await seen(at.registrar, () => keepalives(at) >= before + 2);
    const [first, second] = at.registrar.requests.filter(({ path }) => path.endsWith("/status")).slice(before);
    return second.at - first.at;
  };
  const hidden = await gap({ "retry-after": "3" });
  assert.ok(hidden > 800 && hidden < 2500, `${hidden}`);
  at.registrar.set({ exposeRetryAfter: true });
  const seconds = await gap({ "retry-after": "3" });
  assert.ok(seconds >= 2900, `${seconds}`);
  const date = await gap({ "retry-after": new Date(Date.now() + 5000).toUTCString() });
  assert.ok(date >= 2000, `${date}`);
  // Each of them is a reconnecting, and the next good one a reconnected (W6).
  await until(one.widget, () => window.events.at(-1)[0] === "reconnected");
  const all = await events(one.widget);
  const three = Array.from({ length: 3 }, () => ["reconnecting", "reconnected"]).flat();
  assert.deepEqual(all, ["connecting", "registered", ...three]);
});

test("a page that is written from the vendor's guide of lines alone", async () => {
  const at = fresh();
  const one = await phone(at, { register: "no" });
  await signIn(one);
  await session(one.widget, "authorized");
  const seenThere = await one.widget.evaluate(async () => {
    const calling = webex;
    // --- from here on, as the guide has it
    const lines = calling.getLines();
    const lineIds = Object.keys(lines);
    const line = lines[lineIds[0]];
    const shown = [["lines", lineIds.length, line.lineId === lineIds[0], line.status]];
    const registered = new Promise((resolve) =>
      line.on("registered", (lineInfo) => {
        shown.push([
          "registered",
          lineInfo.status,
          typeof lineInfo.mobiusDeviceId,
          lineInfo.phoneNumber,
          Array.isArray(lineInfo.sipAddresses),
        ]);
        resolve();
      }),
    );
    const unregistered = new Promise((resolve) =>
      line.on("unregistered", () => {
        shown.push(["unregistered", line.status]);
        resolve();
      }),
    );
    line.on("connecting", () => shown.push(["connecting", line.status]));
    const onError = (error) => shown.push(["error", error.status, error.type, error.msg]);
    line.on("error", onError);
    shown.push(["register", line.register()]);
    await registered;
    shown.push(["deregister", line.deregister()]);
    await unregistered;
    line.off("error", onError);
    return shown;
  });
  assert.deepEqual(seenThere, [
    ["lines", 1, true, "inactive"],
    ["register", undefined],
    ["connecting", "inactive"],
    ["registered", "active", "string", "+1 202 555 0117", true],
    ["deregister", undefined],
    ["unregistered", "inactive"],
  ]);
  // The error rows of the guide.
  for (const [fault, type, msg] of [
    [
      { status: 403, body: { errorCode: 101, devices: [] } },
      "registrationError",
      "Device limit exceeded. The user already logged in to a different device.",
    ],
    [{ status: 404 }, "registrationError", "Device not found."],
    [{ status: 401, times: 2 }, "tokenError", "Token expired. Authentication/Authorization error."],
  ]) {
    at.registrar.fail({ path: "/device", ...fault });
    const error = await one.widget.evaluate(
      () =>
        new Promise((resolve) => {
          const line = Object.values(webex.getLines())[0];
          line.on("error", resolve);
          line.register();
        }),
    );
    assert.deepEqual([error.status, error.type, error.msg], ["inactive", type, msg]);
  }
});

test("what cannot be a line's settings is said at once; a registrar that cannot be found out is an error of the line", async () => {
  const at = fresh();
  const page = await lab.lab("widget");
  const codes = await page.evaluate(async () => {
    const { connectWebex } = await window.load("authframe/webex");
    const good = {
      hosts: [location.origin],
      oauth: { clientId: "c", redirectUri: `${location.origin}/callback.html` },
      line: { registrar: { primary: ["https://a.example/"], userId: "u", clientDeviceUri: "https://b.example/d" } },
    };
    const line = (change) => ({ ...good, line: { ...good.line, ...change, registrar: { ...good.line.registrar, ...change.registrar } } });
    const bad = [
      { ...good, oauth: undefined },
      { ...good, oauth: { clientId: "c" } },
      { ...good, line: undefined },
      { ...good, line: { registrar: () => ({}) } },
      { ...good, oauth: { ...good.oauth, tokenEndpoint: "http://a.example/token" } },
      { ...good, oauth: { ...good.oauth, revocationEndpoint: "https://u@a.example/" } },
      line({ registrar: { primary: [] } }),
      line({ registrar: { primary: ["http://a.example/"] } }),
      line({ registrar: { userId: "" } }),
      line({ registrar: { clientDeviceUri: "a b" } }),
      line({ indicator: "contactcenter" }),
      line({ indicator: "x" }),
    ];
    return Promise.all(
      bad.map((options, n) =>
        connectWebex({ ...options, namespace: `bad-${n}` }).then(
          () => "connected",
          ({ code }) => code,
        ),
      ),
    );
  });
  assert.deepEqual(codes, Array(12).fill("CONFIG_INVALID"));
  const failure = await page.evaluate(
    async ({ namespace }) => {
      const { connectWebex } = await window.load("authframe/webex");
      const webex = await connectWebex({
        hosts: [location.origin],
        namespace,
        oauth: { clientId: "c", redirectUri: `${location.origin}/callback.html` },
        account: () => ({ subject: "ada" }),
        line: { registrar: () => Promise.reject(new Error("no answer")) },
      });
      await webex.bridge.authorize({ account: { subject: "ada" }, accessToken: "t" });
      await new Promise((resolve) => webex.bridge.subscribe(({ status }) => status === "authorized" && resolve()));
      const [line] = Object.values(webex.getLines());
      const error = new Promise((resolve) => line.on("error", resolve));
      line.register();
      const { status, type, details } = await error;
      const { code, fatal } = details;
      return { status, type, code, fatal, now: line.getStatus() };
    },
    { namespace: at.id },
  );
  assert.deepEqual(failure, { status: "inactive", type: "registrationError", code: 0, fatal: true, now: "IDLE" });
  // The application's own failure is reported as one.
  await lab.quiet();
  assert.ok(lab.seen.errors.length > 0 && lab.seen.errors.every((error) => error.includes("no answer")));
  lab.seen.errors.length = 0;
});
