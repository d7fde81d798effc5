/**
 * A real XMPP server for tests and the demo: Debian's Prosody, in the foreground, with a folder of its own in the temporary directory, XMPP over WebSocket (RFC 7395) on a free port of
 * loopback, and nothing else: no other server reaches it.
 *
 * Never call `prosody --version`: it starts the server with the system's configuration.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { watched } from "./http.mjs";

/** How long it may take to begin, in milliseconds. */
const PATIENCE = 20_000;

/** How long it may take to end before it is ended by force, in milliseconds. */
const LAST_PATIENCE = 5000;

/** Ends it also when this process is gone. */
const GUARD = fileURLToPath(new URL("guard.mjs", import.meta.url));

/**
 * @param {{path: string, domain?: string, lastPatience?: number}} options `path`: of the program; `domain`: what it is responsible for; `lastPatience`: how long it may take to end
 * @returns `{domain, port, path, register(username, password), lines, until(test), close()}`. The WebSocket is `ws://127.0.0.1:<port><path>`. `register` makes a user, or gives one another
 * password. `lines` are what it has logged; `until` resolves when `test(lines)` is true.
 */
export async function prosody({ path: program, domain = "xmpp.localhost", lastPatience = LAST_PATIENCE }) {
  const port = await freePort();
  // Removed by the guard.
  const folder = await mkdtemp(join(tmpdir(), "authframe-prosody-"));
  const config = join(folder, "prosody.cfg.lua");
  writeFileSync(config, configuration(folder, port, domain));
  const accounts = join(folder, "data", encode(domain), "accounts");
  mkdirSync(accounts, { recursive: true });
  const lines = [];
  const { until, changed } = watched();
  const server = spawn(process.execPath, [GUARD, folder, String(lastPatience), program, "--config", config], { stdio: "pipe" });
  const ended = new Promise((resolve) => server.once("exit", resolve).once("error", resolve));
  const log = (chunk) => {
    lines.push(...chunk.toString("utf8").split("\n"));
    changed();
  };
  server.stdout.on("data", log);
  server.stderr.on("data", log);

  async function close() {
    server.stdin.end();
    await ended;
  }
  const failed = new Promise((_, reject) => {
    const fail = (why) => reject(new Error(`Prosody does not start (${why}):\n${lines.join("\n")}`));
    server.once("error", (error) => fail(error.message));
    server.once("exit", (code) => fail(`exit ${code}`));
    setTimeout(() => fail("it takes too long"), PATIENCE).unref();
  });
  // Also when nothing waits for it any more.
  failed.catch(() => {});
  try {
    await Promise.race([until(() => lines.some((line) => line.includes("Serving 'websocket'"))), failed]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    domain,
    port,
    path: "/xmpp-websocket",
    lines,
    until: (test) => until(() => test(lines)),
    // Prosody reads the file at each login.
    register: (username, password) =>
      writeFileSync(join(accounts, `${encode(username)}.dat`), `return { ["password"] = ${JSON.stringify(password)}; };\n`),
    close,
  };
}

const configuration = (folder, port, domain) => `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
log = { debug = "*console" }
modules_enabled = { "disco", "saslauth", "roster", "ping", "websocket" }
modules_disabled = { "s2s", "offline", "tls" }
c2s_ports = { }
c2s_direct_tls_ports = { }
authentication = "internal_plain"
storage = "internal"
consider_websocket_secure = true
http_interfaces = { "127.0.0.1" }
http_ports = { ${port} }
https_ports = { }
http_default_host = "${domain}"
VirtualHost "${domain}"
`;

/** As it names its files: what is no letter or digit as %hex. */
const encode = (text) =>
  [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");

async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen({ port: 0, host: "127.0.0.1" }, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
