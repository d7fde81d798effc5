/** Widgets with real tokens of the sign-in server, in frames or as top-level tabs. */
import { request } from "node:http";
import { addFrame, until, widgetSees } from "./actors.mjs";

/** Signs a user in at the server, as a sign-in page would, and gives the server's reply. */
export async function tokensFor(lab, client, user = "ada") {
  const redirectUri = lab.url("widget", "/callback");
  const query = new URLSearchParams({ response_type: "code", client_id: client, redirect_uri: redirectUri, state: "s" });
  const answer = await post(lab, `/authorize?${query}`, { user, do: "sign-in" });
  const code = new URL(answer.headers.location).searchParams.get("code");
  const reply = await post(lab, "/token", { grant_type: "authorization_code", code, redirect_uri: redirectUri, client_id: client });
  if (reply.status !== 200) throw new Error(`the sign-in server said ${reply.status}: ${reply.body}`);
  return JSON.parse(reply.body);
}

// Node does not resolve `login.localhost`.
function post(lab, path, form) {
  const { port } = lab.server;
  const headers = { host: `login.localhost:${port}`, "content-type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const sending = request({ host: "127.0.0.1", port, path, method: "POST", headers }, async (response) => {
      let body = "";
      for await (const chunk of response.setEncoding("utf8")) body += chunk;
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    sending.on("error", reject);
    sending.end(String(new URLSearchParams(form)));
  });
}

/** Runs in a page of the widget's site: a bridge whose `acquire` refreshes at the sign-in server. `calls` are the reasons it was asked for. */
export async function connectWithTokens({ options, client, login }) {
  const { connect, AuthRejected } = await window.load("authframe");
  window.calls = [];
  window.sessions = [];
  window.bridge = await connect({
    ...options,
    async acquire({ reason, credential, signal }) {
      window.calls.push(reason);
      if (reason !== "refresh") return null;
      const form = { grant_type: "refresh_token", refresh_token: credential.refreshToken, client_id: client };
      const reply = await fetch(`${login}/token`, { method: "POST", body: new URLSearchParams(form), signal });
      if (reply.status >= 400 && reply.status < 500) throw new AuthRejected(`${reply.status}`);
      if (!reply.ok) throw new Error(`${reply.status}`);
      const tokens = await reply.json();
      return {
        account: credential.account,
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
        expiresIn: tokens.expires_in,
      };
    },
  });
  window.bridge.subscribe((session) => window.sessions.push(session));
}

/** Signs in here with what the sign-in server gave. */
export const signInWith = (where, tokens, subject = "ada") =>
  where.evaluate(
    ([tokens, subject]) =>
      window.bridge.authorize({
        account: { subject, name: "Ada Lovelace" },
        accessToken: tokens.access_token,
        refreshToken: tokens.refresh_token,
        expiresIn: tokens.expires_in,
      }),
    [tokens, subject],
  );

/**
 * Tabs with a widget each: `top` are tabs of the widget's own site, else frames below `host.localhost`. `where` is the page or frame of the widget.
 * @returns {Promise<{page: import("playwright-core").Page, where: import("playwright-core").Frame | import("playwright-core").Page}[]>}
 */
export async function tabsWithTokens(
  lab,
  count,
  { top = false, client, namespace = lab.freshNamespace(), credentials = "sealed", prepare } = {},
) {
  const options = { hosts: [lab.origin("host")], namespace, credentials };
  const tabs = [];
  for (let number = 0; number < count; number++) {
    const page = await lab.lab(top ? "widget" : "host", "/lab", prepare);
    const where = top ? page : await addFrame(page, lab, lab.url("widget", "/lab"));
    if (!top) await until(where, () => window.labReady);
    await where.evaluate(connectWithTokens, { options, client, login: lab.url("login", "") });
    tabs.push({ page, where });
  }
  return tabs;
}

export const allSee = (tabs, status, subject) => Promise.all(tabs.map(({ where }) => widgetSees(where, status, subject)));

/** What lies in the widget's credential store, read by a page of the same partition. */
export const storeRecord = (where, namespace) =>
  where.evaluate(
    (namespace) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("authframe", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("vault");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction("vault").objectStore("vault").get(namespace);
          reading.onsuccess = () => {
            const record = reading.result;
            opening.result.close();
            resolve(
              record && {
                keys: Object.keys(record).sort(),
                snapshot: record.snapshot,
                lease: record.lease,
                credential: record.credential,
                key: record.key && { type: record.key.type, extractable: record.key.extractable },
              },
            );
          };
        };
      }),
    namespace,
  );
