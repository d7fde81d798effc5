/** Ethora and edna speak our own protocol with the page; what is theirs is said to their servers. Their transcripts: a page, a widget of another site, a real server. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { derivedKey, sign } from "../servers/jwt.mjs";
import { until } from "./actors.mjs";
import { browserForThisFile, test } from "./browser.mjs";

const lab = browserForThisFile();
const transcripts = (path) => JSON.parse(readFileSync(new URL(`../vectors/transcripts/${path}.json`, import.meta.url), "utf8")).transcripts;

/** Waits until the server has seen it. */
const seen = (server, test, what) =>
  Promise.race([
    server.until(test),
    new Promise((_, reject) => setTimeout(() => reject(new Error(`the server did not see ${what()}`)), 15_000).unref()),
  ]);

/** Compares with what is expected, in which "$word" stands for any text, and for the same one every time. */
function matcher(known = {}) {
  const text = (expected, found) => {
    const names = [];
    const pattern = expected.replace(/\$(\w+)|[.*+?^{}()|[\]\\]/g, (part, name) => {
      if (!name) return `\\${part}`;
      if (name in known) return known[name].replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      names.push(name);
      return "(.+)";
    });
    const match = new RegExp(`^${pattern}$`, "s").exec(found);
    if (!match) return expected;
    names.forEach((name, at) => (known[name] = match[at + 1]));
    return found;
  };
  const filled = (expected, found) => {
    if (typeof expected === "string") return typeof found === "string" ? text(expected, found) : expected;
    if (Array.isArray(expected)) return expected.map((one, at) => filled(one, found?.[at]));
    if (expected && typeof expected === "object")
      return Object.fromEntries(Object.entries(expected).map(([name, one]) => [name, filled(one, found?.[name])]));
    return expected;
  };
  return (found, expected, what) => assert.deepEqual(found, filled(expected, found), what);
}

// --- edna ------------------------------------------------------------------------------------------------------------------------

for (const { name, settings, globals, socket = false, steps } of transcripts("edna/visitors")) {
  test(`edna: ${name}`, async () => {
    const id = lab.freshNamespace();
    const server = lab.server.edna.client(id);
    const equal = matcher();
    const page = await lab.lab("host");
    await page.evaluate(
      ({ settings, globals, src }) => {
        Object.assign(window, globals, { told: [] });
        window.embedding = window.load("authframe/host/edna").then(({ embedEdna }) =>
          embedEdna({
            container: document.getElementById("stage"),
            src,
            settings: { backend: { rootUrl: "https://a.example" }, ...settings },
            onExpired: (said) => window.told.push(said),
          }),
        );
      },
      { settings, globals, src: lab.url("widget", "/lab") },
    );
    const widget = await frameIn(page);
    await widget.evaluate(
      async ({ host, id, socket }) => {
        const { connectEdna } = await window.load("authframe/edna");
        const at = `${location.host}/edna/${id}`;
        window.edna = await connectEdna({
          hosts: [host],
          namespace: id,
          rootUrl: `http://${at}/api`,
          websocketUrl: `ws://${at}/ws`,
          uid: "demo-uid",
          package: "demo-package",
        });
        if (socket) window.socket = edna.connectSocket(() => {});
      },
      { host: lab.origin("host"), id, socket },
    );
    await page.evaluate(async () => void (window.chat = await window.embedding));
    let before = { requests: 0, frames: 0, closed: 0 };
    let asked = null;

    const all = () => ({
      requests: server.requests,
      frames: server.sockets.flatMap(({ frames }) => frames),
      closed: server.sockets.filter(({ closed }) => closed !== null).length,
    });
    const saw = async ({ requests = [], frames = [], closed = 0 }) => {
      // Written short: the two frames of every socket.
      const whole = frames.flatMap((frame) => (frame.introduces === undefined ? [frame] : introduction(frame)));
      const counts = () => {
        const now = all();
        return {
          requests: now.requests.length - before.requests,
          frames: now.frames.length - before.frames,
          closed: now.closed - before.closed,
        };
      };
      const enough = () => counts().requests >= requests.length && counts().frames >= whole.length && counts().closed >= closed;
      await seen(server, enough, () => JSON.stringify([counts(), { requests, frames: whole, closed }]));
      if (socket && whole.length > 0) await until(widget, () => window.socket.ready);
      await lab.quiet();
      const now = all();
      // By sockets, so that one that was closed does not stand between.
      const came = {
        requests: now.requests.slice(before.requests).map((request) => shown(request, server)),
        frames: now.frames.slice(before.frames),
        closed: now.closed - before.closed,
      };
      before = { requests: now.requests.length, frames: now.frames.length, closed: now.closed };
      equal(came, { requests, frames: whole, closed });
    };

    for (const step of steps) {
      if ("becomes" in step)
        await page.evaluate(
          (globals) => (Object.assign(window, { clientId: null, clientData: null }, globals), window.chat.refresh()),
          step.becomes,
        );
      else if ("session" in step)
        await until(widget, ({ visitor, session }) => edna.visitor?.clientId === visitor && edna.bridge.session.status === session, step);
      else if ("asks" in step)
        equal(
          await widget.evaluate(
            (path) =>
              edna.fetch(path).then(
                ({ status }) => status,
                ({ code }) => code,
              ),
            step.asks,
          ),
          step.answered,
        );
      else if ("asksAndWaits" in step)
        asked = widget.evaluate(
          (path) =>
            edna.fetch(path).then(
              ({ status }) => status,
              ({ code }) => code,
            ),
          step.asksAndWaits,
        );
      else if ("answered" in step) equal(await asked, step.answered);
      else if ("sends" in step) await widget.evaluate((text) => socket.send({ type: "MESSAGE", text }), step.sends);
      else if ("saw" in step) await saw(step.saw);
      else if ("server" in step) server.set(step.server);
      else if ("expire" in step) server.expire(step.expire);
      else if ("told" in step) {
        await until(page, (count) => window.told.length >= count, step.told.length);
        equal(await page.evaluate(() => window.told.splice(0)), step.told);
      } else assert.fail(`an unknown step: ${JSON.stringify(step)}`);
    }
  });
}

let introductions = 0;
/** `again`: the server knows the device already. */
function introduction({ introduces: clientId, data, authorized, device, again = false }) {
  const n = ++introductions;
  return [
    {
      action: "registerDevice",
      sendImmediately: true,
      data: {
        clientId,
        deviceAddress: again ? device : null,
        providerUid: "demo-uid",
        appPackage: "demo-package",
        pnsPushAddress: null,
        deviceUid: "$browser",
        timeZone: "$zone",
        osName: "WEB",
        osVersion: 0,
        locale: "$locale",
        deviceName: "WEB",
        deviceModel: "WEB",
        apiVersion: "19",
      },
      correlationId: `$a${n}`,
    },
    {
      action: "sendMessage",
      sendImmediately: true,
      data: {
        content: {
          type: "CLIENT_INFO",
          ...(data === null ? {} : { data }),
          clientId,
          threadId: null,
          appMarker: null,
          chatApiVersion: "19",
          authorized,
        },
        important: false,
        deviceAddress: device,
      },
      correlationId: `$b${n}`,
    },
  ];
}

/** As the transcripts have it. */
function shown({ method, path, query, headers, cookies, status }) {
  const has = (value) => Object.keys(value).length > 0;
  const protocols = headers.find(([name]) => /^sec-websocket-protocol$/i.test(name))?.[1].split(", ");
  const ours = Object.fromEntries(headers.filter(([name]) => /^(x|header|client)-/i.test(name)).sort());
  const rest = { ...(has(cookies) ? { cookies } : {}) };
  if (status === 101) return { socket: path, ...(protocols ? { protocols } : {}), ...rest };
  return { method, path, ...(has(query) ? { query } : {}), ...(has(ours) ? { headers: ours } : {}), ...rest };
}

async function frameIn(page) {
  await page.waitForFunction(() => document.querySelector("iframe"));
  const frame = await (await page.$("iframe")).contentFrame();
  await frame.waitForFunction(() => window.labReady);
  return frame;
}

// --- Ethora ----------------------------------------------------------------------------------------------------------------------

for (const { name, steps } of transcripts("ethora/tokens")) {
  test(`Ethora: ${name}`, async () => {
    const id = lab.freshNamespace();
    const app = lab.server.ethora.app(id);
    const known = {};
    const equal = matcher(known);
    const page = await lab.lab("host");
    await page.evaluate(
      ({ appId, src }) => {
        window.embedding = window
          .load("authframe/host/ethora")
          .then(({ embedEthora }) =>
            embedEthora({ container: document.getElementById("stage"), src, config: { appId, jwtLogin: { enabled: false } } }),
          );
      },
      { appId: id, src: lab.url("widget", "/lab") },
    );
    const widget = await frameIn(page);
    await widget.evaluate(
      async ({ host, id, baseUrl }) => {
        const { connectEthora } = await window.load("authframe/ethora");
        window.ethora = await connectEthora({ hosts: [host], namespace: id, credentials: "sealed", appId: id, baseUrl });
      },
      { host: lab.origin("host"), id, baseUrl: lab.url("ethora", "/v1") },
    );
    await page.evaluate(async () => void (window.chat = await window.embedding));
    let [before, handed] = [0, 0];

    for (const step of steps) {
      if ("hands" in step) {
        const token = step.hands && tokenOf(id, step.hands);
        if (token) known[`token${++handed}`] = token;
        const jwtLogin = token ? { enabled: true, token } : { enabled: false };
        const said = await page.evaluate(
          ({ appId, jwtLogin }) =>
            window.chat.setConfig({ appId, jwtLogin }).then(
              () => null,
              ({ code }) => code,
            ),
          { appId: id, jwtLogin },
        );
        // Whether the page waits for what the server says is its half's to decide.
        if (step.rejects !== "*") assert.equal(said, step.rejects);
      } else if ("session" in step) {
        await until(
          widget,
          ({ session, account }) =>
            ethora.bridge.session.status === session && (ethora.bridge.session.account?.subject ?? null) === account,
          step,
        );
      } else if ("failure" in step) await until(widget, (failure) => (ethora.failure?.code ?? null) === failure, step.failure);
      else if ("asks" in step)
        equal(
          await widget.evaluate(
            (path) =>
              ethora.fetch(path).then(
                ({ status }) => status,
                ({ code }) => code,
              ),
            step.asks,
          ),
          step.answered,
        );
      else if ("names" in step) {
        await page.evaluate((room) => window.chat.setChat(room), step.names);
        await until(widget, (room) => JSON.stringify(ethora.chat) === JSON.stringify(room), step.sees);
      } else if ("server" in step) app.fail(step.server);
      else if ("expires" in step) app.expireTokens();
      else if ("saw" in step) {
        const answered = () => app.requests.slice(before).filter(({ status }) => status !== null);
        await seen(
          app,
          () => answered().length >= step.saw.length,
          () => JSON.stringify([answered(), step.saw]),
        );
        await lab.quiet();
        const came = app.requests.slice(before);
        before += came.length;
        equal(
          came.map(({ method, path, headers, body, status }) => ({
            method,
            path,
            ...part(headers, "authorization"),
            ...part(headers, "x-custom-token"),
            body,
            status,
          })),
          step.saw,
        );
      } else assert.fail(`an unknown step: ${JSON.stringify(step)}`);
    }
  });
}

const part = (headers, name) => (headers[name] === undefined ? {} : { [name]: headers[name] });

function tokenOf(id, { user, form = "nested", app = id, type = "client", expiresIn = 300 }) {
  const exp = Math.floor(Date.now() / 1000) + expiresIn;
  const secret = `secret-of-${id}`;
  return form === "flat"
    ? sign({ email: user, type, appId: app, exp }, secret)
    : sign({ data: { type, userId: user, appId: app }, exp }, derivedKey(secret, "client"));
}
