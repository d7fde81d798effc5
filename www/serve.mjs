/**
 * The demo server: one port on loopback, the site is chosen by the host name. Node's own modules only.
 *
 *   host.localhost, other.localhost   a page that embeds the widget (www/host.html), and /tokens.html, which embeds widget.localhost/tokens-widget.html
 *   widget.localhost                  the widget's own site (www/widget.html), its session API and its relay (tests/servers/relay.mjs)
 *   login.localhost                   the sign-in and token server (tests/servers/sign-in.mjs)
 *   ethora.localhost                  an Ethora server (tests/servers/ethora.mjs); host.localhost/api/chat-… is its customer's (www/ethora-backend.mjs)
 *   xmpp.localhost                    the XMPP server of that chat, over WebSocket, where one is there (tests/servers/prosody.mjs)
 *   edna.localhost                    an edna chat server (tests/servers/edna.mjs), HTTP and WebSocket; widget.localhost/edna/… is the same, where the widget's cookies reach it
 *   registrar.localhost               registrars of Webex Calling (tests/servers/registrar.mjs), with tokens of
 *   webex-login.localhost             an OAuth provider (tests/servers/oidc.mjs); widget.localhost/api/webex/… is the backend that has the secret (www/webex-backend.mjs)
 *   evil.localhost                    a page that attacks both (www/evil.html)
 *   anything else                     a menu
 *
 * `*.localhost` names are different sites and secure contexts in Chromium and Firefox, so that storage is partitioned and third-party rules
 * apply just as between two companies.
 *
 * Every name also has:
 *   /authframe/…            the built package (dist/), the way a CDN would serve it
 *   /examples/<name>/       a widget in Rust, once `npm run examples` has built it (widget.localhost only)
 *   /lab                    an empty page with the import map, for the end-to-end tests
 *
 * Switches, put in front of a page's path (they may be combined: `/csp/no-wasm/frame-ancestors/any/lab`):
 *   /csp/no-wasm/…          the same page without 'wasm-unsafe-eval'
 *   /frame-ancestors/any/…  the same page embeddable by anybody (else only by host.localhost and other.localhost): to show that
 *                           authframe itself refuses a host that is not in its list, not only the browser
 *   /frame-src/any/…        the same page may embed any http page (else only the demo's): for same-origin and same-site frames
 *   /coop/<value>/…         the same page with this Cross-Origin-Opener-Policy
 *   /coep/<value>/…         the same page with this Cross-Origin-Embedder-Policy (and a Cross-Origin-Resource-Policy that lets others embed it)
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants as zlib } from "node:zlib";
import { ednaServer } from "../tests/servers/edna.mjs";
import { ethoraServer } from "../tests/servers/ethora.mjs";
import { registrar } from "../tests/servers/registrar.mjs";
import { relay } from "../tests/servers/relay.mjs";
import { signInServer } from "../tests/servers/sign-in.mjs";
import { ethoraBackend } from "./ethora-backend.mjs";
import { sessionApi } from "./session-api.mjs";
import { webexBackend } from "./webex-backend.mjs";
import { xmppClient } from "./xmpp-client.mjs";

const WWW = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist") + sep;
const compress = promisify(brotliCompress);

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What the pages of host.localhost show, by their paths. */
const TOUR = {
  "/": "One sign-in, every tab",
  "/tokens.html": "Tokens that last",
  "/xbees.html": "Inside x-bees",
  "/crm.html": "Inside a CRM",
  "/ethora.html": "An Ethora chat",
  "/edna.html": "An edna chat",
  "/webex.html": "A Webex phone",
};
const tour = (path) =>
  `<nav class="tour" aria-label="Demo pages">${Object.entries(TOUR)
    .map(([to, text]) => `\n  <a href="${to}"${to === path ? ' aria-current="page"' : ""}>${text}</a>`)
    .join("")}\n</nav>`;

/** What pages begin with; the import map is filled in after it. */
const HEAD = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="importmap">{{importmap}}</script>`;

/** The page behind `/` of each host name. */
const HOME = { host: "host.html", other: "host.html", widget: "widget.html", evil: "evil.html", login: "menu.html" };

/**
 * @param {{port?: number, xmpp?: Awaited<ReturnType<typeof import("../tests/servers/prosody.mjs").prosody>>}} [options] `port` 0 takes a free one.
 * @returns {Promise<{port: number, signIn: ReturnType<typeof signInServer>, ethora: ReturnType<typeof ethoraServer>, edna: ReturnType<typeof ednaServer>, registrar: ReturnType<typeof registrar>, oidc: () => Promise<import("../tests/servers/oidc.mjs").OidcServer>, close: () => Promise<void>}>} `signIn`, `ethora`, `edna`, `registrar` and `oidc` script what is behind login.localhost, ethora.localhost, edna.localhost, registrar.localhost and webex-login.localhost
 */
export async function serve({ port = 8080, xmpp } = {}) {
  const signIn = signInServer();
  const ethora = ethoraServer({ xmpp });
  const edna = ednaServer();
  const backend = ethoraBackend(ethora);
  let provider;
  // Loaded when it is first asked for: it is large, and needs to know where it is.
  const oidc = () =>
    (provider ??= import("../tests/servers/oidc.mjs").then(({ oidcServer }) => {
      const at = (name) => `http://${name}.localhost:${servers[0].address().port}`;
      return oidcServer({ issuer: at("webex-login"), redirectUris: [`${at("widget")}/callback.html`] });
    }));
  const lines = registrar({ userOf: async (token) => (await oidc()).userOf(token) });
  const webex = webexBackend(() => `http://127.0.0.1:${servers[0].address().port}`);
  const apis = {
    widget: { "/api/session": sessionApi(), "/api/relay": relay(), ...webex },
    host: { "/api/chat-token": backend, "/api/chat-room": backend },
  };
  const handler = (request, response) => {
    answer(request, response, apis, {
      login: signIn,
      ethora,
      edna,
      registrar: lines,
      "webex-login": { handle: async (...pair) => (await oidc()).handle(...pair) },
    }).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end("internal error");
      console.error(error);
    });
  };
  const servers = await listen(handler, port);
  const upgraded = new Set();
  const chatting = new WeakSet();
  const upgrade = (request, socket, head) => {
    upgraded.add(socket);
    socket.on("close", () => upgraded.delete(socket));
    if (isEdna(request)) edna.upgrade(request, socket, head);
    else if (xmpp && /^xmpp\.localhost(:|$)/.test(request.headers.host ?? "")) {
      chatting.add(socket);
      passOn(request, socket, head, xmpp);
    } else socket.destroy();
  };
  for (const server of servers) server.on("upgrade", upgrade);
  return {
    port: servers[0].address().port,
    signIn,
    ethora,
    edna,
    registrar: lines,
    oidc,
    xmpp,
    /** The WebSockets that are open to the XMPP server. */
    xmppSockets: () => [...upgraded].filter((socket) => chatting.has(socket)),
    async close() {
      // A server does not know them any more, but waits for them.
      for (const socket of upgraded) socket.destroy();
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}

/** Browsers try both loopback addresses for a `.localhost` name, so the port is taken on both where both exist. */
async function listen(handler, port) {
  const v4 = await bind(handler, port, "127.0.0.1");
  try {
    return [v4, await bind(handler, v4.address().port, "::1")];
  } catch (error) {
    if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") return [v4];
    v4.close();
    if (error.code === "EADDRINUSE" && port === 0) return listen(handler, 0);
    throw error;
  }
}

function bind(handler, port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer(handler);
    server.once("error", reject);
    server.listen({ port, host }, () => resolve(server));
  });
}

/** Whether it is for the chat's server; then its path is as that one knows it. */
function isEdna(request) {
  const [name] = (request.headers.host ?? "").split(":");
  const below = /^(.*\.)?widget\.localhost$/.test(name) && request.url.startsWith("/edna/");
  if (below) request.url = request.url.slice("/edna".length);
  return below || name === "edna.localhost";
}

async function answer(request, response, apis, { login, edna, ...others }) {
  if (isEdna(request)) return edna.handle(request, response);
  const host = request.headers.host ?? "";
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  // A subdomain (sub.widget.localhost) shows the same pages as its site.
  const [name, port] = [
    host
      .split(":")[0]
      .replace(/\.localhost$/, "")
      .split(".")
      .at(-1),
    host.split(":")[1] ?? "80",
  ];
  const site = Object.hasOwn(HOME, name) ? name : "menu";
  if (Object.hasOwn(others, name)) return others[name].handle(request, response);
  if (Object.hasOwn(apis[site] ?? {}, pathname)) return apis[site][pathname](request, response);
  // A page of the sign-in site may use the package; all else there is the server's.
  if (site === "login" && !/^\/(lab$|authframe\/|[\w-]+\.(js|css|svg)$)/.test(readSwitches(pathname).path))
    return login.handle(request, response);
  if (request.method !== "GET" && request.method !== "HEAD") return plain(response, 405, "method not allowed");

  const { path, switches } = readSwitches(pathname);
  const file = locate(site, path);
  const made = path === "/xmpp-client.js" ? await xmppClient() : null;
  const info = file && (await stat(file).catch(() => null));
  if (!made && !info?.isFile()) return plain(response, 404, path.startsWith("/authframe/") ? "not found: is dist/ built?" : "not found");

  const headers = {
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    vary: "accept-encoding",
  };
  headers["content-type"] = TYPES[extname(file)] ?? "application/octet-stream";
  let body = made ?? (await readFile(file));
  if (extname(file) === ".html") {
    const map = JSON.stringify({ imports: await importMap() });
    body = Buffer.from(
      body
        .toString("utf8")
        .replace("{{head}}", HEAD)
        .replaceAll("{{importmap}}", map)
        .replaceAll("{{port}}", port)
        .replace("{{nav}}", tour(path)),
    );
    const scripts = [map, ...inlineScripts(body.toString("utf8"))].map(hash);
    // What frameworks make their elements with is no trusted type: only our own code is held to that.
    if (path.startsWith("/examples/")) switches.set("trusted-types", "any");
    headers["content-security-policy"] = policy(site, port, scripts, switches, originsIn(searchParams.get("hosts")));
    if (switches.has("coop")) headers["cross-origin-opener-policy"] = switches.get("coop");
    if (switches.has("coep"))
      Object.assign(headers, { "cross-origin-embedder-policy": switches.get("coep"), "cross-origin-resource-policy": "cross-origin" });
  } else {
    // A widget sandboxed without allow-same-origin has the origin "null": its own scripts are cross-origin to it.
    headers["access-control-allow-origin"] = "*";
  }
  headers.etag = `"${hash(body)}"`;
  if (request.headers["if-none-match"] === headers.etag) return response.writeHead(304, headers).end();
  if (/\bbr\b/.test(request.headers["accept-encoding"] ?? "") && body.length > 200) {
    headers["content-encoding"] = "br";
    body = await brotli(headers.etag, body);
  }
  response.writeHead(200, { ...headers, "content-length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}

function readSwitches(pathname) {
  const switches = new Map();
  let path = pathname;
  for (;;) {
    const match = /^\/(csp|frame-ancestors|frame-src|coop|coep)\/([\w-]+)(\/.*)$/.exec(path);
    if (!match) return { path, switches };
    switches.set(match[1], match[2]);
    path = match[3];
  }
}

/** The file behind a path, or null. Only www/ and dist/ can be reached. */
function locate(site, path) {
  if (path === "/") return join(WWW, HOME[site] ?? "menu.html");
  if (path === "/lab") return join(WWW, "lab.html");
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  const example = site === "widget" && /^\/examples\/([\w-]+)\/(.*)$/.exec(decoded);
  if (example) return inExample(...example.slice(1));
  const [base, rest] = decoded.startsWith("/authframe/") ? [DIST, decoded.slice("/authframe/".length)] : [WWW, decoded.slice(1)];
  const file = normalize(join(base, rest));
  const served = base === DIST || /^[\w-]+\.(html|js|css|svg)$/.test(rest);
  return served && file.startsWith(base) ? file : null;
}

/** What `npm run examples` has built of a widget in examples/. */
function inExample(name, rest) {
  const base = join(ROOT, "examples", name, "dist") + sep;
  const file = normalize(join(base, rest || "index.html"));
  return file.startsWith(base) ? file : null;
}

/** Puts a browser's WebSocket through to the XMPP server, as a reverse proxy does. */
function passOn({ method, url, rawHeaders }, socket, head, { port }) {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  const behind = connect(port, "127.0.0.1", () => {
    behind.write(`${lines.join("\r\n")}\r\n\r\n`);
    behind.write(head);
    behind.pipe(socket).pipe(behind);
  });
  const end = () => [socket, behind].forEach((one) => one.destroy());
  for (const one of [socket, behind]) one.on("error", end).on("close", end);
}

/** Bare specifiers as a bundler or a CDN would resolve them: read from the package's own `exports`. */
async function importMap() {
  const { name, exports } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const imports = { "@xmpp/client": "/xmpp-client.js" };
  for (const [key, value] of Object.entries(exports)) {
    const target = script(value);
    if (target?.startsWith("./dist/") && target.endsWith(".js") && !key.includes("*"))
      imports[name + key.slice(1)] = "/authframe/" + target.slice("./dist/".length);
  }
  return imports;
}

function script(value) {
  if (value === null || typeof value === "string") return value;
  return script(value.browser ?? value.import ?? value.default ?? null);
}

/** `?hosts=` of the widget's address: more origins that may embed it. Only this demo does that. */
function originsIn(list) {
  const origin = (text) => (URL.canParse(text) ? new URL(text).origin : "null");
  return (list ?? "")
    .split(",")
    .map(origin)
    .filter((origin) => /^https?:\/\/[\w.:[\]-]+$/.test(origin));
}

/** What docs/serving.md advises. Nothing inline but the import map, and that by its hash. */
function policy(site, port, scriptHashes, switches, moreHosts) {
  const at = (...names) => names.map((name) => `http://${name}.localhost:${port}`).join(" ");
  const rules = {
    host: { scripts: "", frames: at("widget", "evil"), ancestors: "'none'" },
    other: { scripts: "", frames: at("widget", "evil"), ancestors: "'none'" },
    widget: { scripts: " 'wasm-unsafe-eval'", frames: "'none'", ancestors: at("host", "other") },
    // The attack page embeds the widget itself too, and is shown inside the host page as a hostile sibling.
    evil: { scripts: " 'wasm-unsafe-eval'", frames: at("widget"), ancestors: at("host", "other") },
    login: { scripts: "", frames: "'none'", ancestors: "'none'" },
    menu: { scripts: "", frames: "'none'", ancestors: "'none'" },
  }[site];
  // The widget asks the token server and the chat's by itself; the chat's page shows what that one was asked.
  const sockets = at("edna", "widget", "xmpp").replaceAll("http:", "ws:");
  const connect =
    { widget: ` ${at("login", "ethora", "edna", "webex-login", "registrar")} ${sockets}`, host: ` ${at("ethora", "edna", "registrar")}` }[
      site
    ] ?? "";
  const scripts = switches.get("csp") === "no-wasm" ? "" : rules.scripts;
  const frames = switches.get("frame-src") === "any" ? "http:" : rules.frames;
  const ancestors = switches.get("frame-ancestors") === "any" ? "*" : [rules.ancestors, ...(site === "widget" ? moreHosts : [])].join(" ");
  return [
    "default-src 'none'",
    `script-src 'self' ${scriptHashes.map((each) => `'sha256-${each}'`).join(" ")}${scripts}`,
    "style-src 'self'",
    `connect-src 'self'${connect}`,
    // A host of another system may name a logo of its own.
    `img-src 'self' data:${site === "widget" ? " https:" : ""}`,
    `frame-src ${frames}`,
    `frame-ancestors ${ancestors}`,
    "base-uri 'none'",
    "form-action 'none'",
    ...(switches.get("trusted-types") === "any" ? [] : ["require-trusted-types-for 'script'", "trusted-types 'none'"]),
  ].join("; ");
}

/** The scripts that a builder has written into a page. */
const inlineScripts = (html) =>
  [...html.matchAll(/<script(?![^>]*\bsrc=)(?![^>]*importmap)[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text);

const hash = (content) => createHash("sha256").update(content).digest("base64");

const compressed = new Map();
async function brotli(key, body) {
  if (compressed.size > 64) compressed.clear();
  if (!compressed.has(key)) compressed.set(key, await compress(body, { params: { [zlib.BROTLI_PARAM_QUALITY]: 9 } }));
  return compressed.get(key);
}

function plain(response, status, text) {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

const started = process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (started) {
  const wanted = Number(process.env.PORT ?? 8080);
  try {
    const { port } = await serve({ port: wanted });
    console.log(`authframe demo\n  open    http://host.localhost:${port}/\n  widget  http://widget.localhost:${port}/\n  stop    Ctrl+C`);
  } catch (error) {
    if (error.code !== "EADDRINUSE") throw error;
    console.error(`Port ${wanted} is in use. Choose another one: PORT=8081 npm start`);
    process.exitCode = 1;
  }
}
