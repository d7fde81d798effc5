/**
 * A widget's own server, as far as a sign-in behind COOP needs it: the popup leaves what it got, the widget fetches it, each by the `state` of the sign-in.
 * A browser page can do both only from its own site.
 *
 *   POST /api/relay {state, code, error, iss}   → 204
 *   GET  /api/relay?state=…                     → 200 and what was left, once; 204: nothing (yet)
 */
const MOST = 1000;

export function relay() {
  const left = new Map();
  return async (request, response) => {
    response.setHeader("cache-control", "no-store");
    const site = request.headers["sec-fetch-site"];
    if (site && site !== "same-origin") return response.writeHead(403).end();
    if (request.method === "GET") {
      const state = new URL(request.url, "http://localhost").searchParams.get("state");
      if (!left.has(state)) return response.writeHead(204).end();
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(left.get(state)));
      return left.delete(state);
    }
    if (request.method !== "POST" || request.headers["content-type"] !== "application/json") return response.writeHead(405).end();
    const { state, code = null, error = null, iss = null } = (await readJson(request)) ?? {};
    if (typeof state !== "string" || state.length < 32) return response.writeHead(400).end();
    if (left.size >= MOST) left.clear();
    left.set(state, { state, code, error, iss });
    return response.writeHead(204).end();
  };
}

async function readJson(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 16_384) return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
