/**
 * An Ethora server for tests and the demo: real HTTP, Node's own modules only. What it keeps, it keeps per app and in memory; an app is
 * there as soon as a request names it, with the secret `secret-of-<appId>`: never put it on a network.
 *
 * For a browser, below /v1 or /v2 or neither; any origin may read the replies:
 *   POST /users/client          x-custom-token: <client JWT>       → {user, token: "JWT …", refreshToken: "JWT …"}
 *   GET  /users/my              authorization: <token>             → {user}
 *   POST /users/login/refresh   authorization: <refreshToken>, {}  → {token, refreshToken}; a refresh token is good once. With the setting `newPasswords` also {user}
 *   GET  /chats/my              authorization: <token>             → {items: the chats that the user may see}
 *   POST /chats/join {uuid|jid} authorization: <token>             → {result: chat}; 403: private and not added, or barred
 *        (this path is ours)
 *
 * For a backend, with the same server JWT as `authorization: Bearer …` and as `x-custom-token`; also below /apps/<appId>:
 *   POST   /users/batch {usersList: [{uuid, email, firstName, lastName, password}]}   → {results}; below /apps/<appId>: 202 {jobId}
 *   GET    /users/batch/<jobId>                                                       → {state: "completed", results}
 *   DELETE /users/batch {usersIdList: ["u1"]}
 *   POST   /chats {title, uuid, type: "public"|"group"|"private"}                     → {status, jid, result: chat}
 *   POST   /chats/ {access: "public"|"private", UUID: 7}                              → the same (the older form)
 *   DELETE /chats {name} or {UUID} or {jid}
 *   POST, DELETE /chats/users-access {chatName, members}                   gives read and write (0011); takes everything back
 *   POST   /chat-access/ {chatJid|chatUuid, userJid|userUuid, accessCode, accessTimer}
 *          accessCode: owner, admin, write, read, each 0 or 1. 0000 removes, and bars from a public chat too. accessTimer: seconds, then
 *          the earlier access is back.
 *
 * A client JWT is `{data: {type: "client", userId, appId}}`, signed with the derived key or the secret itself, or
 * `{email, type: "client", appId}`, signed with the secret. HS256 only; `exp` and `nbf` count if they are there.
 * Errors are `{error}`: 400 no JSON, 401 the token is not good, 403 it is good but this is not allowed, 404, 422 the fields are not right.
 *
 *   /app/<appId>/…              in front of a path: this app is meant, and a token for another one is refused (403)
 *   GET  /control?app=…         → what `control` replies
 *   POST /control {app, reset?, set?, fail?, expire?, token?}   → {settings, requests, users, chats, token?}; see `control` below
 *
 *   node tests/servers/ethora.mjs         listens on PORT or 8091
 */
import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { answer, bodyOf, controlled, listener, parse, refuse, script } from "./http.mjs";
import { BadToken, derivedKey, read, sign, verify } from "./jwt.mjs";

/**
 * `graceMs`: so long a spent refresh token gives the same successor again. `skewMs` moves the server's clock. `rawSecret`: also takes what
 * is signed with the secret itself, and so the flat form. `makeUsers`: a subject that was not created before is created; else it is refused (403).
 * `xmppPassword`: whether a user has one; `newPasswords`: a refresh gives them another one. `trade`: more fields of `user` in the answer of a trade. `dateHeader`: whether a reply says the time. A token's
 * life may be a fraction of a second; then its `exp` has one too.
 */
const LIVES = { accessSeconds: 900, refreshSeconds: 604_800 };
const SETTINGS = {
  ...LIVES,
  graceMs: 0,
  skewMs: 0,
  rawSecret: true,
  makeUsers: true,
  xmppPassword: true,
  newPasswords: false,
  trade: {},
  dateHeader: true,
};
const DOMAIN = "conference.xmpp.chat.ethora.com";
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, x-custom-token",
  "access-control-allow-methods": "GET, POST, DELETE",
  "access-control-expose-headers": "date, retry-after",
  "access-control-max-age": "600",
  "cross-origin-resource-policy": "cross-origin",
};

/**
 * @param {{now?: () => number, apps?: string[], xmpp?: {register(username: string, password: string): void}}} [options] `apps`: there are no others; `xmpp`: the server on which users chat, of prosody.mjs
 * @returns `handle(request, response)` for a server of yours; `app(appId)` (see `makeApp`) and `control(wish)` to script it;
 * `listen(port)`, which resolves with `{port, close}`.
 */
export function ethoraServer({ now = Date.now, apps: only, xmpp } = {}) {
  const apps = new Map();
  const app = (id) => {
    if (!apps.has(id)) apps.set(id, makeApp(id, now, xmpp));
    return apps.get(id);
  };

  /** `token` of a wish: what `clientToken` takes. */
  const control = ({ app: id, reset, set, fail, expire, token }) => {
    if (typeof id !== "string") throw new TypeError("name an app");
    const self = app(id);
    if (reset) self.reset();
    if (set) self.set(set);
    if (fail) self.fail(...fail);
    if (expire) self.expireTokens();
    const { settings, requests, users, chats } = self;
    return { settings, requests, users, chats, ...(token && { token: self.clientToken(token) }) };
  };

  async function route(request, response) {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    response.setHeader("cache-control", "no-store");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    if (pathname === "/control") return controlled(request, response, control, { app: searchParams.get("app") });

    const [, wanted, path] = /^(?:\/app\/([^/]+))?(\/.*)$/.exec(pathname);
    const named = appIdOf(request.headers);
    const known = !only || only.includes(wanted ?? named);
    // What names no app, or none that is there, is noted for the app "".
    const self = app(known ? (wanted ?? named ?? "") : "");
    response.sendDate = false;
    if (self.settings.dateHeader) response.setHeader("date", new Date(self.now()).toUTCString());
    const { authorization, origin, "content-type": type, "x-custom-token": custom } = request.headers;
    const headers = { authorization, "x-custom-token": custom, "content-type": type, origin };
    const text = await bodyOf(request);
    const record = { method: request.method, path, headers, body: parse(text) ?? text };
    return answer(request, response, self, record, () => {
      const [, below, rest] = /^(?:\/v[12])?(?:\/apps\/([^/]+))?(\/.*?)\/?$/.exec(path);
      const match = ROUTES.map(([call, ...more]) => [call.exec(`${request.method} ${rest}`), ...more]).find(([found]) => found);
      if (!match) refuse(404, "no such path");
      const [found, allow, work] = match;
      if (named === undefined) refuse(401, "no token, or none that names an app");
      if (!known) refuse(401, "no such app");
      if (named !== (wanted ?? named) || named !== (below ?? named)) refuse(403, "the token is for another app");
      const who = self[allow](request.headers);
      if (text && parse(text) === undefined) refuse(400, "the body is not JSON");
      return work(self, { who, body: parse(text) ?? {}, id: found[1], job: below !== undefined });
    });
  }

  return { app, control, ...listener(route) };
}

/** What is asked, which method of an app finds out by whom, and what is done. */
const ROUTES = [
  [/^POST \/users\/client$/, "byClient", (app, { who }) => ({ user: { ...app.profile(who), ...app.settings.trade }, ...app.issue(who) })],
  [/^GET \/users\/my$/, "byUser", (app, { who }) => ({ user: app.profile(who) })],
  [/^POST \/users\/login\/refresh$/, "byRefresh", (app, { who }) => who],
  [/^GET \/chats\/my$/, "byUser", (app, { who }) => ({ items: app.chatsOf(who) })],
  [/^POST \/chats\/join$/, "byUser", (app, { who, body }) => ({ result: app.join(who, body) })],
  [/^POST \/users\/batch$/, "byServer", (app, { body, job }) => app.createUsers(body, job)],
  [/^GET \/users\/batch\/([\w-]+)$/, "byServer", (app, { id }) => app.job(id)],
  [/^DELETE \/users\/batch$/, "byServer", (app, { body }) => app.deleteUsers(body)],
  [/^POST \/chats$/, "byServer", (app, { body }) => app.createChat(body)],
  [/^DELETE \/chats$/, "byServer", (app, { body }) => app.deleteChat(body)],
  [/^POST \/chats\/users-access$/, "byServer", (app, { body }) => app.members(body, "0011")],
  [/^DELETE \/chats\/users-access$/, "byServer", (app, { body }) => app.members(body, null)],
  [/^POST \/chat-access$/, "byServer", (app, { body }) => app.chatAccess(body)],
];

/**
 * One app. For tests: `secret`, `settings`, `requests` (see `script`), `users`, `chats` (with everybody's access), `set`, `fail`, `seen`,
 * `count`, `until`, `reset` (all is forgotten), `expireTokens()` (every access token until now; `"refresh"`: those too), `clientToken`,
 * `serverToken`. The rest is for ROUTES; a test may call what it does for a backend too.
 */
function makeApp(id, clock, xmpp) {
  const secret = `secret-of-${id}`;
  const [users, chats, tokens, jobs] = [new Map(), new Map(), new Map(), new Map()];
  const scripted = script(SETTINGS, () => [users, chats, tokens, jobs].forEach((map) => map.clear()));
  const { settings } = scripted;
  const now = () => clock() + settings.skewMs;
  const seconds = () => Math.floor(now() / 1000);
  const jidOf = (chatId) => `${id}_${chatId}@${DOMAIN}`;
  /** Any name of a user or chat (a JID, with the app's prefix, bare) to the bare one. */
  const bare = (name) => {
    const short = String(name).split("@conference.")[0];
    return short.startsWith(`${id}_`) ? short.slice(id.length + 1) : short;
  };
  const found = (map, name) => map.get(name) ?? refuse(404, `${name}: not found`);
  /** A thing has two names: one is enough, and two must agree. */
  const one = (uuid, jid) => {
    const names = [uuid, jid].filter((name) => name !== undefined).map(bare);
    if (names.length === 0 || names[0] !== names.at(-1)) refuse(422, "one UUID or JID, or two that agree");
    return names[0];
  };

  const keys = (purpose) => [derivedKey(secret, purpose), ...(settings.rawSecret ? [secret] : [])];
  const checked = (token, keys) => {
    try {
      return verify(token, keys, now());
    } catch (error) {
      if (!(error instanceof BadToken)) throw error;
      return refuse(401, error.message);
    }
  };

  const makeUser = ({ uuid, email = `${uuid}@example.com`, firstName = "User", lastName = "User", ...more }) => {
    users.set(uuid, { ...more, userId: uuid, email, firstName, lastName });
    setPassword(users.get(uuid), `xmpp-of-${uuid}`);
    return users.get(uuid);
  };
  const setPassword = (user, password) => {
    user.xmppPassword = password;
    xmpp?.register(`${id}_${user.userId}`, password);
  };
  const profile = ({ userId, email, firstName, lastName, xmppPassword, profileImage = "" }) => ({
    _id: userId,
    uuid: userId,
    appId: id,
    email,
    firstName,
    lastName,
    profileImage,
    username: email,
    roles: [],
    tags: [],
    xmppUsername: `${id}_${userId}`,
    ...(settings.xmppPassword && { xmppPassword }),
    defaultWallet: { walletAddress: `0x${Buffer.from(userId).toString("hex")}` },
  });

  const sessionKey = derivedKey(secret, "session");
  const issue = ({ userId }) => {
    const make = (kind, life) => {
      const [iat, exact] = [seconds(), Math.round(now() + life * 1000) / 1000];
      const exp = Number.isInteger(life) ? iat + life : exact;
      // Without `jti` two tokens of one second would be the same.
      const text = `JWT ${sign({ data: { userId, appId: id }, iat, exp, jti: randomUUID() }, sessionKey)}`;
      tokens.set(text, { kind, userId, expired: false, spentAt: null, next: null });
      return text;
    };
    return { token: make("access", settings.accessSeconds), refreshToken: make("refresh", settings.refreshSeconds) };
  };
  /** A session token that is good, of this kind, and whose user is still there. */
  const session = (text, kind) => {
    checked(/^JWT (.+)$/.exec(text ?? "")?.[1], [sessionKey]);
    const token = tokens.get(text);
    if (token?.kind !== kind) refuse(401, `not a ${kind} token`);
    if (token.expired) refuse(401, "expired");
    if (!users.has(token.userId)) refuse(401, "the user is gone");
    return token;
  };

  /** What a user may do in a chat now, or null: nothing was ever said. What ends lies on top of what was before. */
  const access = (chat, userId) => {
    const given = chat.access.get(userId) ?? [];
    while (given.length > 0 && given.at(-1).ends <= now()) given.pop();
    return given.at(-1)?.code ?? null;
  };
  const setAccess = (chat, userId, code, timer) => {
    if (timer === undefined) chat.access.set(userId, [{ code, ends: Infinity }]);
    else chat.access.set(userId, [...(chat.access.get(userId) ?? []), { code, ends: now() + timer * 1000 }]);
  };
  const sees = (chat, userId) => (access(chat, userId) ?? (chat.type === "public" ? "0001" : "0000")).endsWith("1");
  const shown = ({ uuid, type, title }) => ({ uuid, name: `${id}_${uuid}`, jid: jidOf(uuid), title, type });

  return {
    ...scripted,
    id,
    secret,
    now,
    issue,
    profile,
    get users() {
      return [...users.values()];
    },
    get chats() {
      const everybody = (chat) => Object.fromEntries([...chat.access.keys()].map((userId) => [userId, access(chat, userId)]));
      return [...chats.values()].map((chat) => ({ ...shown(chat), access: everybody(chat) }));
    },
    expireTokens(...more) {
      for (const token of tokens.values()) token.expired ||= ["access", ...more].includes(token.kind);
    },
    /** A client JWT as the app's backend would sign it: nested for a `userId`, flat for an `email`. `raw`: with the secret itself. */
    clientToken({ userId, email, raw = userId === undefined, claims = {} }) {
      const nested = userId !== undefined;
      const payload = nested ? { data: { type: "client", userId, appId: id }, iat: seconds() } : { email, type: "client", appId: id };
      return sign({ ...payload, ...claims }, raw ? secret : derivedKey(secret, "client"));
    },
    serverToken: () => sign({ data: { appId: id, type: "server" }, iat: seconds() }, derivedKey(secret, "server")),

    byClient({ "x-custom-token": token }) {
      const payload = checked(token, keys("client"));
      const { data: nested } = payload;
      if (!nested && settings.rawSecret) checked(token, [secret]);
      if (!nested && !settings.rawSecret) refuse(401, "the flat form is not taken");
      const differs = (name) => payload[name] !== undefined && payload[name] !== nested[name];
      if (nested && ["type", "appId"].some(differs)) refuse(401, "ambiguous_shape");
      const { type, userId, email } = nested ?? payload;
      if (type !== "client") refuse(403, "not a client token");
      const subject = nested ? userId : email;
      if (typeof subject !== "string" || subject === "") refuse(401, "no_subject");
      // One address in any letter case is one user.
      const same = (user) => (nested ? user.userId === userId : user.email.toLowerCase() === email.toLowerCase());
      const user = [...users.values()].find(same);
      if (!user && !settings.makeUsers) refuse(403, "no such user");
      return user ?? makeUser(nested ? { uuid: userId } : { uuid: email, email });
    },
    byUser: ({ authorization }) => users.get(session(authorization, "access").userId),
    /** Not who asks, but what the refresh token gives. */
    byRefresh({ authorization }) {
      const token = session(authorization, "refresh");
      if (token.spentAt === null) Object.assign(token, { spentAt: now(), next: issue(token) });
      else if (now() - token.spentAt >= settings.graceMs) refuse(401, "the refresh token is spent");
      if (!settings.newPasswords) return token.next;
      const user = users.get(token.userId);
      setPassword(user, `xmpp-${randomUUID()}`);
      return { ...token.next, user: profile(user) };
    },
    byServer({ authorization, "x-custom-token": token }) {
      if (authorization !== `Bearer ${token}`) refuse(401, "both headers must bear the server token");
      if (checked(token, keys("server")).data?.type !== "server") refuse(403, "not a server token");
    },

    chatsOf({ userId }) {
      const mine = [...chats.values()].filter((chat) => sees(chat, userId));
      return mine.map((chat) => ({ ...shown(chat), accessCode: access(chat, userId), joined: access(chat, userId) !== null }));
    },
    join({ userId }, { uuid, jid }) {
      const chat = found(chats, one(uuid, jid));
      if (!sees(chat, userId)) refuse(403, "this chat is not open to you");
      if (access(chat, userId) === null) setAccess(chat, userId, "0011");
      return { ...shown(chat), accessCode: access(chat, userId), joined: true };
    },

    createUsers({ usersList }, asJob) {
      const list = entries(usersList, "usersList");
      const taken = new Set([...users.values()].flatMap(({ userId, email }) => [userId, email]));
      for (const { uuid, email } of list) {
        if (typeof uuid !== "string" || uuid === "") refuse(422, "uuid is missing");
        if (taken.has(uuid) || taken.has(email)) refuse(422, `${uuid}: already exists`);
        taken.add(uuid);
        if (email !== undefined) taken.add(email);
      }
      const results = list.map((user) => profile(makeUser(user)));
      if (!asJob) return { results };
      const jobId = randomUUID();
      jobs.set(jobId, results);
      return [202, { jobId }];
    },
    job: (jobId) => ({ jobId, state: "completed", results: found(jobs, jobId) }),
    deleteUsers({ usersIdList }) {
      const ids = entries(usersIdList, "usersIdList").map(bare);
      // Text and not JSON, as the real one has it.
      if (ids.some((userId) => !users.has(userId))) return [422, "User not found"];
      for (const userId of ids) {
        users.delete(userId);
        for (const chat of chats.values()) chat.access.delete(userId);
      }
      return { ok: true };
    },
    createChat({ title = "", uuid, type, access, UUID }) {
      if (UUID !== undefined && !Number.isSafeInteger(UUID)) refuse(422, "UUID must be an integer");
      const kind = access ?? type ?? "private";
      if (!["public", "private", ...(access === undefined ? ["group"] : [])].includes(kind)) refuse(422, `no such access or type: ${kind}`);
      const chatId = bare(uuid ?? UUID ?? randomUUID());
      if (chats.has(chatId)) refuse(422, `${chatId}: already exists`);
      chats.set(chatId, { uuid: chatId, title, type: kind, access: new Map() });
      return { status: "ok", jid: jidOf(chatId), result: shown(chats.get(chatId)) };
    },
    deleteChat: ({ name, UUID, jid }) => (chats.delete(one(name ?? UUID, jid)) ? { ok: true } : [422, "Chat not found"]),
    members({ chatName, members }, accessCode) {
      const chat = found(chats, one(chatName));
      const ids = entries(members, "members").map((name) => found(users, bare(name)).userId);
      for (const userId of ids) accessCode ? setAccess(chat, userId, accessCode) : chat.access.delete(userId);
      return { results: ids.map((userId) => ({ xmppUsername: `${id}_${userId}`, accessCode })) };
    },
    chatAccess({ chatJid, chatUuid, userJid, userUuid, accessCode, accessTimer }) {
      const [chat, { userId }] = [found(chats, one(chatUuid, chatJid)), found(users, one(userUuid, userJid))];
      if (typeof accessCode !== "string" || !/^[01]{4}$/.test(accessCode)) refuse(422, "accessCode must be four times 0 or 1, as text");
      const timed = Number.isSafeInteger(accessTimer) && accessTimer >= 1;
      if (accessTimer !== undefined && !timed) refuse(422, "accessTimer must be whole seconds");
      setAccess(chat, userId, accessCode, accessTimer);
      return { status: "ok", accessCode };
    },
  };
}

const entries = (list, name) => {
  const good = Array.isArray(list) && list.length > 0 && list.every((entry) => entry !== null && entry !== undefined);
  return good ? list : refuse(422, `${name} must be a list`);
};

/** The app that a token names, whatever key signed it, or undefined. */
function appIdOf({ authorization = "", "x-custom-token": token = authorization.replace(/^\w+ /, "") }) {
  try {
    const { payload } = read(token);
    const appId = payload.data?.appId ?? payload.appId;
    return typeof appId === "string" ? appId : undefined;
  } catch {
    return undefined;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { port } = await ethoraServer().listen(Number(process.env.PORT ?? 8091));
  console.log(`Ethora server for tests: http://127.0.0.1:${port}/`);
}
