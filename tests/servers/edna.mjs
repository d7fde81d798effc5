/**
 * An edna web chat server for tests and the demo: real HTTP and WebSocket. What it keeps, it keeps in memory, per name of a client (the
 * first part of every path), which is there as soon as a request names it: never put it on a network.
 *
 * The widget's paths; `…` may be anything, such as `/api`:
 *   GET /<name>/…/chat/config                         → settings.config
 *   GET /<name>/…/client/history/unauth?id=&count=    → {messages: [{id, from: "client"|"operator", text, at}]}, the last ones of a guest
 *   GET /<name>/…/client/history/unauth/unread?id=    → {count}
 *   GET /<name>/…/client/history?count=               → the same for a client, who is named by
 *   GET /<name>/…/client/history/unread                 x-client-token: <signature, device address or null>:<clientId>, and
 *                                                       x-header-encoding: url
 *   WebSocket /<name>/…                               frames are JSON, a reply bears the `correlationId` of what it replies to
 *       {action: "registerDevice", data: {clientId, deviceAddress}}      first of all; a guest gives its guest id as `clientId`
 *                                                                        → {action: "registerDevice", data: {deviceAddress}}
 *       {action: "sendMessage", data: {content, deviceAddress}}          → {action: "sendMessage", data: {messageId}}
 *           content {type: "CLIENT_INFO", clientId, data, authorized}    who this is, before any text; a client if `authorized` is true, else
 *                                                                        a guest
 *           content {type: "CLIENT_OFFLINE"}                             not there any more
 *           content {type, text}                                         goes into the history
 *       what is wrong                                                    → {action: "error", data: {message}}
 *       from the server: {action: "message", data: {messageId, from, content: {type: "MESSAGE", text}}}: of the operator, or of this
 *       person's other sockets
 *
 * 401: no `x-client-token`; 403: the device or signature is not this client's; 400: no `id`. What `settings` require and is not there:
 * `httpTokenExpiredCode`, and a socket is opened and closed with `wsTokenExpiredCode`.
 * Cookies are the browser's matter: those of a page on widget.localhost reach this server at the same host name, whatever the port.
 *
 * The operator and the test:
 *   GET  /operator?client=<name>                                  → {people: [{kind, id, online, info, unread, messages}]}; `kind`: client
 *                                                                   or guest, `info`: what CLIENT_INFO had as `data`
 *   POST /operator/say {client, id, kind?, text}                  → {messageId}
 *   GET  /control?client=…                                        → what `control` replies
 *   POST /control {client, reset?, set?, fail?, expire?, close?}  → {settings, requests, sockets, people}; see `control` below
 *
 *   node tests/servers/edna.mjs         listens on PORT or 8092
 */
import { randomUUID } from "node:crypto";
import { realpathSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { answer, bodyOf, controlled, listener, parse, refuse, script } from "./http.mjs";

const SETTINGS = {
  /** Who may read the replies, with cookies, and open sockets: a list, or null: any origin. */
  origins: null,
  /** Every HTTP request must have these headers, `{name: value or a list of them}`, and every request and socket these cookies. */
  headers: {},
  cookies: {},
  /** A socket must offer exactly these sub-protocols, in this order. null: any, or none. */
  protocols: null,
  /** `{clientId: signature}`: only these, and the signature must stand in `x-client-token`. null: "null" or a device of the client. */
  signatures: null,
  httpTokenExpiredCode: 401,
  /** A close code (4000–4999), or null: the handshake is refused with 401. */
  wsTokenExpiredCode: 4001,
  /** `Set-Cookie` lines that every reply bears. */
  setCookies: [],
  /** Whether a guest and a client with the same id share one history, as the documentation of edna warns. */
  mix: false,
  config: { chatApiVersion: "19" },
};

/**
 * @returns `handle(request, response)` and `upgrade(request, socket, head)` for a server of yours; `client(name)` (see `makeClient`) and
 * `control(wish)` to script it; `listen(port)`, which resolves with `{port, close}`.
 */
export function ednaServer() {
  const clients = new Map();
  const client = (name) => {
    if (!clients.has(name)) clients.set(name, makeClient());
    return clients.get(name);
  };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 65_536 });

  /** `expire` of a wish: settings that hold from now on; `close`: a close code. */
  const control = ({ client: name, reset, set, fail, expire, close }) => {
    const self = named({ client: name });
    if (reset) self.reset();
    if (set) self.set(set);
    if (fail) self.fail(...fail);
    if (expire) self.expire(expire);
    if (close) self.close(close);
    const { settings, requests, sockets, people } = self;
    return { settings, requests, sockets, people };
  };
  const named = ({ client: name }) => (typeof name === "string" ? client(name) : refuse(400, "name a client"));
  const say = ({ client: name, id, kind, text }) => {
    if (typeof text !== "string") refuse(400, "text is missing");
    return { messageId: named({ client: name }).say(id, text, kind) };
  };
  const own = { "/control": control, "/operator": (wish) => ({ people: named(wish).people }), "/operator/say": say };

  async function route(request, response) {
    const { pathname, searchParams: query } = new URL(request.url, "http://localhost");
    const [, name, path] = /^\/([^/]*)(.*)$/.exec(pathname);
    const ours = Object.hasOwn(own, pathname);
    const self = ours ? null : client(name);
    response.setHeader("cache-control", "no-store");
    response.setHeader("cross-origin-resource-policy", "cross-origin");
    const { origin } = request.headers;
    if (origin && (ours || self.allows(origin))) allow(request, response);
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    if (ours) return controlled(request, response, own[pathname], { client: query.get("client") });

    if (self.settings.setCookies.length > 0) response.setHeader("set-cookie", self.settings.setCookies);
    await bodyOf(request);
    const record = recordOf(request, path, query);
    return answer(request, response, self, record, () => {
      const missing = self.missing(request.headers, record.cookies);
      if (missing) refuse(self.settings.httpTokenExpiredCode, missing);
      if (request.method === "GET" && path.endsWith("/chat/config")) return self.settings.config;
      const match = /\/client\/history(\/unauth)?(\/unread)?$/.exec(path);
      if (request.method !== "GET" || !match) refuse(404, "no such path");
      const [, guest, unread] = match;
      const id = guest ? query.get("id") || refuse(400, "id is missing") : self.clientIdOf(request.headers);
      return self[unread ? "unread" : "history"](guest ? "guest" : "client", id, Number(query.get("count") ?? 10));
    });
  }

  const upgrade = (request, socket, head) => {
    socket.on("error", () => {});
    handshake(request, socket, head).catch((error) => {
      socket.destroy();
      console.error(error);
    });
  };

  async function handshake(request, socket, head) {
    const { pathname, searchParams: query } = new URL(request.url, "http://localhost");
    const [, name, path] = /^\/([^/]*)(.*)$/.exec(pathname);
    const self = client(name);
    const record = recordOf(request, path, query);
    const fault = self.begin(record);
    const done = (status) => Object.assign(record, { status, doneAt: Date.now() });
    const protocols = (request.headers["sec-websocket-protocol"] ?? "")
      .split(",")
      .map((value) => value.trim())
      .filter(Boolean);
    if (fault.delay) await wait(fault.delay, undefined, { ref: false });
    if (fault.drop) {
      done("dropped");
      socket.destroy();
      return self.changed();
    }
    const missing = self.missing(null, record.cookies, protocols);
    const { origin } = request.headers;
    const foreign = origin && !self.allows(origin);
    const refused = fault.status ?? ((foreign && 403) || (missing && self.settings.wsTokenExpiredCode === null && 401));
    if (refused) {
      done(refused);
      socket.end(`HTTP/1.1 ${refused} ${STATUS_CODES[refused]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return self.changed();
    }
    // Of the sub-protocols the first is taken: a browser that offers some wants one back.
    sockets.handleUpgrade(request, socket, head, (connection) => {
      done(101);
      self.connect(connection, { path, origin, protocols, cookies: record.cookies });
      if (missing) connection.close(self.settings.wsTokenExpiredCode, "token expired");
    });
  }

  const ready = (http) => http.on("upgrade", upgrade);
  const closing = () => sockets.clients.forEach((connection) => connection.terminate());
  return { upgrade, client, control, ...listener(route, ready, closing) };
}

/**
 * One client of edna, with its people. For tests: `settings`, `requests` (see `script`; each with `query`, `headers` in order as
 * `[name, value]`, and `cookies`; a handshake is a request too), `sockets` (`{path, origin, protocols, cookies, frames, sent, closed}`: what
 * was offered, what came, what was sent, the close code or null), `people`, `set`, `fail`, `seen`, `count`, `until`, `reset` (all is
 * forgotten, and sockets are closed), `expire(changes)` (other settings hold from now on; sockets are closed with `wsTokenExpiredCode`),
 * `close(code)` (all sockets), `say(id, text, kind?)` (the operator). The rest is for the server.
 */
function makeClient() {
  const [people, devices, open, sockets] = [new Map(), new Map(), new Set(), []];
  const scripted = script(SETTINGS, () => {
    self.close(1001);
    people.clear();
    devices.clear();
    sockets.length = 0;
  });
  const { settings, changed } = scripted;
  const key = (kind, id) => (settings.mix ? id : `${kind}:${id}`);
  const connectionsOf = (person) => [...open].filter((connection) => connection.person === person);

  const transmit = (connection, frame) => {
    connection.record.sent.push(frame);
    connection.socket.send(JSON.stringify(frame));
  };
  /** Into the history and to the person's sockets, but for the one that it came from. */
  const add = (person, from, text, source) => {
    const message = { id: randomUUID(), from, text, at: Date.now() };
    person.messages.push(message);
    const others = connectionsOf(person).filter((connection) => connection !== source);
    if (from === "operator" && others.length === 0) person.unread++;
    const data = { messageId: message.id, from, content: { type: "MESSAGE", text } };
    for (const connection of others) transmit(connection, { action: "message", data });
    return message.id;
  };

  /** What a frame does. Gives the reply's `data`, or refuses. */
  const actions = {
    registerDevice(connection, { clientId, deviceAddress }) {
      if (typeof clientId !== "string" || clientId === "") refuse(400, "clientId is missing");
      const device = devices.get(deviceAddress) === clientId ? deviceAddress : `device-${randomUUID()}`;
      devices.set(device, clientId);
      Object.assign(connection, { id: clientId, device, person: null });
      return { deviceAddress: device };
    },
    sendMessage(connection, { content, deviceAddress }) {
      if (!connection.device || deviceAddress !== connection.device) refuse(403, "the device is not registered here");
      if (content?.type === "CLIENT_INFO") {
        if (content.clientId !== connection.id) refuse(403, "the device is registered for another id");
        const [kind, { id }] = [content.authorized === true ? "client" : "guest", connection];
        if (!people.has(key(kind, id))) people.set(key(kind, id), { kind, id, info: null, unread: 0, messages: [] });
        connection.person = people.get(key(kind, id));
        connection.person.info = content.data ?? null;
      } else if (content?.type === "CLIENT_OFFLINE") {
        connection.person = null;
      } else if (typeof content?.text === "string") {
        return { messageId: add(connection.person ?? refuse(403, "CLIENT_INFO must come first"), "client", content.text, connection) };
      }
      return { messageId: randomUUID() };
    },
  };
  const receive = (connection, text) => {
    const frame = parse(text);
    connection.record.frames.push(frame ?? text);
    const { action, data, correlationId } = frame ?? {};
    try {
      const work = Object.hasOwn(actions, action ?? "") ? actions[action] : refuse(400, "no such action");
      transmit(connection, { correlationId, action, data: work(connection, data ?? {}) });
    } catch (error) {
      if (!error.status) throw error;
      transmit(connection, { correlationId, action: "error", data: { message: error.message } });
    }
    changed();
  };

  const self = {
    ...scripted,
    sockets,
    get people() {
      return [...people.values()].map((person) => ({ ...person, online: connectionsOf(person).length > 0 }));
    },
    say(id, text, kind) {
      const person = [...people.values()].find((person) => person.id === id && (kind ?? person.kind) === person.kind);
      return add(person ?? refuse(404, `${id}: nobody`), "operator", text);
    },
    close(code) {
      for (const { socket } of open) socket.close(code);
    },
    expire(changes = {}) {
      scripted.set(changes);
      self.close(settings.wsTokenExpiredCode ?? 1008);
    },

    allows: (origin) => settings.origins === null || settings.origins.includes(origin),
    /** What `settings` require and is not there, or null. `headers` null: these are not asked for. */
    missing(headers, cookies, protocols) {
      const wrong = (wanted, given) => Object.keys(wanted).find((name) => ![wanted[name]].flat().includes(given(name)));
      const header = headers && wrong(settings.headers, (name) => headers[name.toLowerCase()]);
      const cookie = wrong(settings.cookies, (name) => (Object.hasOwn(cookies, name) ? cookies[name] : undefined));
      const offered = !protocols || !settings.protocols || JSON.stringify(protocols) === JSON.stringify(settings.protocols);
      return (header && `header ${header}`) || (cookie && `cookie ${cookie}`) || (offered ? null : "sub-protocols");
    },
    clientIdOf({ "x-client-token": given, "x-header-encoding": encoding }) {
      if (!given) refuse(401, "X-Client-Token is missing");
      const text = encoding === "url" ? decode(given) : given;
      if (settings.signatures) {
        const [clientId] = Object.entries(settings.signatures).find(([id, signature]) => text === `${signature}:${id}`) ?? [];
        return clientId ?? refuse(403, "the signature is not this client's");
      }
      const [, device, clientId] = /^([^:]*):(.+)$/s.exec(text ?? "") ?? refuse(403, "X-Client-Token is not <device>:<clientId>");
      return device === "null" || devices.get(device) === clientId ? clientId : refuse(403, "the device is not this client's");
    },
    unread: (kind, id) => ({ count: people.get(key(kind, id))?.unread ?? 0 }),
    /** Who has read it has read all of it. */
    history(kind, id, count) {
      const person = people.get(key(kind, id));
      if (person) person.unread = 0;
      return { messages: person && count > 0 ? person.messages.slice(-count) : [] };
    },
    connect(socket, about) {
      const record = { at: Date.now(), ...about, frames: [], sent: [], closed: null };
      const connection = { socket, record, id: null, device: null, person: null };
      sockets.push(record);
      open.add(connection);
      socket.on("error", () => {});
      socket.on("message", (data, binary) => {
        if (binary) return socket.close(1003);
        // A socket that is being closed takes no more messages.
        if (socket.readyState === socket.OPEN) receive(connection, data.toString());
      });
      socket.on("close", (code) => {
        record.closed = code;
        open.delete(connection);
        changed();
      });
      changed();
    },
  };
  return self;
}

/** A page of this origin may read the reply, and the browser may send cookies. */
function allow({ headers }, response) {
  response.setHeader("access-control-allow-origin", headers.origin);
  response.setHeader("access-control-allow-credentials", "true");
  response.setHeader("access-control-allow-headers", headers["access-control-request-headers"] ?? "content-type");
  response.setHeader("access-control-allow-methods", "GET, POST");
  response.setHeader("access-control-max-age", "600");
  response.setHeader("vary", "origin, access-control-request-headers");
}

function recordOf(request, path, query) {
  const { method, rawHeaders } = request;
  const headers = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at], rawHeaders[at + 1]]);
  return { method, path, query: Object.fromEntries(query), headers, cookies: cookiesOf(request.headers.cookie) };
}

function cookiesOf(header = "") {
  const pairs = header
    .split(";")
    .map((pair) => /^\s*([^=]*)=(.*?)\s*$/.exec(pair))
    .filter(Boolean);
  return Object.fromEntries(pairs.map(([, name, value]) => [decode(name) ?? name, decode(value) ?? value]));
}

/** Percent-encoding, or undefined. */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { port } = await ednaServer().listen(Number(process.env.PORT ?? 8092));
  console.log(`edna server for tests: http://127.0.0.1:${port}/`);
}
