/**
 * A widget's own site for tests that need more than the demo server gives: a token endpoint that answers as the test says, a second copy of the
 * package, pages of the test's own, and no policy in the way. Its origin is http://widget.localhost on a port of its own.
 *
 *   POST /token?client=…&tab=…&reason=…   answered by `client(…).answer`, and written down
 *   /authframe/…, /copy/…                 the built package, twice: two module instances, as two bundles have them
 *   /lab                                  an empty page: `load(address)`
 *   anything else                         what was put there with `put`
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm" };
const LAB = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lab</title><link rel="icon" href="data:,"><body><main id="stage"></main>
<script type="module">window.load = (address) => import(address); window.labReady = true;</script></body></html>`;

/**
 * @typedef {{at: number, tab: string, reason: string, status: number}} TokenRequest `at`: `performance.now()` of this process
 * @typedef {{status?: number, headers?: Record<string, string>, body?: unknown}} Answer
 * @returns {Promise<{origin: string, url: (path: string) => string, put: (path: string, body: string, type?: string) => void,
 *   client: (id: string) => {requests: TokenRequest[], answer: (request: TokenRequest) => Answer, seen: (count: number, withinMs?: number) => Promise<TokenRequest>}, close: () => Promise<void>}>}
 */
export async function throttledServer(name = "widget") {
  const pages = new Map([["/lab", { body: LAB, type: TYPES[".html"] }]]);
  const clients = new Map();
  const client = (id) => {
    if (!clients.has(id)) {
      const waiting = [];
      const own = {
        requests: [],
        answer: () => ({ status: 503 }),
        /** Resolves with the request that is the so-many-th; rejects if it does not come in time. */
        seen: (count, withinMs = 45_000) =>
          new Promise((resolve, reject) => {
            if (own.requests.length >= count) return resolve(own.requests[count - 1]);
            const late = setTimeout(
              () => reject(new Error(`asked ${own.requests.length} times in ${withinMs / 1000} s, not ${count}`)),
              withinMs,
            );
            waiting.push({ count, resolve: (request) => (clearTimeout(late), resolve(request)) });
          }),
        note(request) {
          own.requests.push(request);
          for (const { count, resolve } of waiting) if (own.requests.length === count) resolve(request);
        },
      };
      clients.set(id, own);
    }
    return clients.get(id);
  };

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (pathname === "/token") {
      const { note, answer } = client(searchParams.get("client"));
      const asked = { at: performance.now(), tab: searchParams.get("tab"), reason: searchParams.get("reason"), status: 200 };
      const { status = 200, headers = {}, body = {} } = answer(asked);
      asked.status = status;
      note(asked);
      return response
        .writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers })
        .end(JSON.stringify(body));
    }
    const page = pages.get(pathname);
    if (page) return response.writeHead(200, { "content-type": page.type, "cache-control": "no-cache" }).end(page.body);
    const [, , rest] = /^\/(authframe|copy)\/(.+)$/.exec(pathname) ?? [];
    const file = rest && normalize(join(DIST, rest));
    const body = file?.startsWith(DIST.endsWith(sep) ? DIST : DIST + sep) ? await readFile(file).catch(() => null) : null;
    if (!body) return response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    response
      .writeHead(200, {
        "content-type": TYPES[extname(file)] ?? "text/plain",
        "cache-control": "no-cache",
        "access-control-allow-origin": "*",
      })
      .end(body);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const origin = `http://${name}.localhost:${server.address().port}`;
  return {
    origin,
    url: (path) => origin + path,
    put: (path, body, type = TYPES[extname(path)] ?? TYPES[".html"]) => void pages.set(path, { body, type }),
    client,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
