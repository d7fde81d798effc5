/** What the servers of ethora.mjs and edna.mjs have in common: how they are scripted, what they note, how they reply and listen. */
import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** A reply that is not 200. */
class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const refuse = (status, message) => {
  throw new Refused(status, message);
};

const FAULT = ["method", "path", "times", "delay", "drop", "status", "headers", "body", "hold"];

/** `until(test)` resolves when `test()` is true; it is asked again at every `changed()`. */
export function watched() {
  const waiting = new Set();
  return {
    until: (test) =>
      new Promise((resolve) => {
        const check = () => {
          if (!test()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    changed() {
      for (const check of [...waiting]) check();
    },
  };
}

/**
 * What a test wants of a server for one name, and a record of what was asked: `{method, path, …, at, doneAt, status}`, times in ms since
 * 1970; `status` may be `"dropped"`, `"gone"` (the other side hung up), or null: not yet.
 *
 * A *fault* is `{method?, path?, times?, delay?, drop?, status?, headers?, body?, hold?}` and applies to the next `times` (1) requests whose path
 * ends so:
 *   delay              waits so many ms before anything is done
 *   drop: "before"     cuts the connection; nothing was done
 *   status, headers, body   replies so; nothing was done
 *   hold               the request is carried out, the reply waits so many ms
 *   drop: "after"      the request is carried out, then the connection is cut: the other side does not know the outcome
 * Preflights are neither noted nor failed.
 */
export function script(first, forget) {
  const settings = structuredClone(first);
  const [requests, faults] = [[], []];
  const { until, changed } = watched();
  const fits = ({ method, path = "" }, request) => (method ?? request.method) === request.method && request.path.endsWith(path);
  const known = (names, given, what) => {
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown) throw new TypeError(`there is no ${what} ${unknown}`);
  };
  const self = {
    settings,
    requests,
    set(changes) {
      known(Object.keys(first), changes, "setting");
      Object.assign(settings, changes);
    },
    /** Adds faults; the first that fits a request is taken. */
    fail(...more) {
      for (const fault of more) known(FAULT, fault, "fault");
      faults.push(...more.map((fault) => ({ times: 1, ...fault })));
    },
    /** Nothing fails any more. */
    heal() {
      faults.length = 0;
    },
    reset() {
      Object.assign(settings, structuredClone(first));
      requests.length = faults.length = 0;
      forget();
    },
    count: (path) => requests.filter((request) => request.path.endsWith(path)).length,
    /** Resolves when `count` requests have come in whose path ends so. */
    seen: (path, count = 1) => self.until(() => self.count(path) >= count),
    /** Resolves when `test()` is true; it is asked again whenever something has happened. */
    until,
    /** For the server: something has happened. */
    changed,
    /** For the server: notes a request and gives the fault that is meant for it. */
    begin(request) {
      requests.push(Object.assign(request, { at: Date.now(), doneAt: null, status: null }));
      const at = faults.findIndex((fault) => fits(fault, request));
      const fault = faults[at] ?? {};
      if (at >= 0 && --fault.times <= 0) faults.splice(at, 1);
      self.changed();
      return fault;
    },
  };
  return self;
}

/** Carries a request out as the script wants it. `work` gives the body, or `[status, body]`, or refuses. */
export async function answer(request, response, script, record, work) {
  const fault = script.begin(record);
  const done = (status) => {
    Object.assign(record, { status, doneAt: Date.now() });
    script.changed();
  };
  const gone = new AbortController();
  response.on("close", () => {
    if (record.status === null) done("gone");
    gone.abort();
  });
  const drop = () => {
    done("dropped");
    request.socket.destroy();
  };
  // Rejects when the other side hangs up.
  const pause = (ms) => wait(ms, undefined, { signal: gone.signal });

  if (fault.delay) await pause(fault.delay);
  if (fault.drop === "before") return drop();
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  const [status, reply] = fault.status ? [fault.status, fault.body ?? { error: "as the script wants it" }] : attempt(work);
  if (fault.hold) await pause(fault.hold);
  if (fault.drop === "after") return drop();
  done(status);
  return send(response, status, reply);
}

function attempt(work) {
  try {
    const reply = work();
    return Array.isArray(reply) ? reply : [200, reply];
  } catch (error) {
    if (error instanceof Refused) return [error.status, { error: error.message }];
    throw error;
  }
}

/** `GET` and `POST /control`: what `control` replies to a wish. */
export async function controlled(request, response, control, wish) {
  try {
    return send(response, 200, control(request.method === "POST" ? JSON.parse(await bodyOf(request)) : wish));
  } catch (error) {
    return send(response, error.status ?? 400, { error: error.message });
  }
}

/** Text is sent as text, all else as JSON. */
export function send(response, status, reply) {
  const text = typeof reply === "string";
  response.writeHead(status, { "content-type": text ? "text/plain; charset=utf-8" : "application/json" });
  response.end(text ? reply : JSON.stringify(reply));
}

export async function bodyOf(request) {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 65_536) throw new Error("the body is too long");
  }
  return text;
}

/** JSON, or undefined. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `handle` and `listen` of a server. `ready` gets the HTTP server; `closing` is called before it closes. */
export function listener(route, ready = () => {}, closing = () => {}) {
  const handle = (request, response) => {
    route(request, response).catch((error) => {
      if (error.name === "AbortError") return;
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end();
      console.error(error);
    });
  };
  const listen = async (port = 0) => {
    const server = createServer(handle);
    ready(server);
    await new Promise((resolve, reject) => server.once("error", reject).listen({ port, host: "127.0.0.1" }, resolve));
    return {
      port: server.address().port,
      async close() {
        closing();
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      },
    };
  };
  return { handle, listen };
}
