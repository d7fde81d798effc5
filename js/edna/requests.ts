/** Requests to the chat's HTTP API, as the current visitor. */
import { isPathBelow } from "../shared/address.js";
import { within } from "../shared/within.js";
import type { CurrentVisitor } from "./current-visitor.js";
import { type EdnaFailure, invalid } from "./failures.js";
import type { Visitor } from "./visitor.js";

/** So long a request waits for its answer, unless the caller gives a signal; and so long for an `extendedAuth` that has not expired. In milliseconds. */
const ANSWER_WAIT = 60_000;
const REPLACEMENT_WAIT = 60_000;

/** What the vendor's widget says of itself. */
const API = "chatApiVersion=19&libVersion=6.33.0";

export class Requests {
  constructor(
    private readonly root: string,
    private readonly current: CurrentVisitor,
    private readonly failure: EdnaFailure,
  ) {}

  async fetch(path: string, init?: RequestInit): Promise<Response> {
    if (!isPathBelow(this.root, path)) throw invalid("path: give a text that begins with a slash and stays below rootUrl");
    await orAborted(this.current.settled(), init?.signal);
    this.current.required();
    const signal = eitherSignal(this.current.signal, init?.signal);
    await orAborted(this.current.withNewestValues(), signal);
    const visitor = this.current.required();
    const response = await this.#send(visitor, path, init, signal);
    if (response.status !== visitor.codes.http) return response;
    // It may have been replaced while the request was under way.
    if (this.current.value === visitor) {
      this.current.expired("HTTP", response.status);
      await this.#replaced(signal);
    }
    if (signal.aborted) throw signal.reason;
    return this.#send(this.current.required(), path, init, signal);
  }

  async history(count = 20): Promise<unknown> {
    if (!Number.isSafeInteger(count) || count < 1) throw invalid("count: give a whole number from 1 up");
    await this.current.settled();
    const { signal } = this.current;
    const isGuest = this.current.required().clientId === null;
    const response = await this.fetch(`/client/history${isGuest ? "/unauth" : ""}?${API}&count=${count}`);
    if (!response.ok) throw this.failure.set("EDNA_REFUSED", response.status);
    const history = await this.#contentOf(response, signal);
    // It may have come before another visitor did.
    if (signal.aborted) throw signal.reason;
    return history;
  }

  async #contentOf(response: Response, signal: AbortSignal): Promise<unknown> {
    try {
      return await within(ANSWER_WAIT, response.json());
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw this.failure.set("EDNA_REFUSED", cause);
    }
  }

  async #send(visitor: Visitor, path: string, init: RequestInit | undefined, signal: AbortSignal): Promise<Response> {
    const limit = new AbortController();
    const timer = init?.signal ? undefined : setTimeout(() => limit.abort(), ANSWER_WAIT);
    try {
      // The visitor's values go nowhere else, and no answer is kept for another visitor.
      const response = await fetch(this.root + path + guestQuery(visitor, path), {
        ...init,
        headers: this.#headers(visitor, path, init),
        credentials: "include",
        redirect: "error",
        cache: "no-store",
        signal: eitherSignal(signal, limit.signal),
      });
      if (response.ok && this.failure.value?.code !== "EDNA_VISITOR") this.failure.clear();
      return response;
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw this.failure.set("EDNA_OFFLINE", cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** As pairs: of a Headers object the names go out in lower case. */
  #headers({ clientId, signature, headers }: Visitor, path: string, init: RequestInit | undefined): [string, string][] {
    const own: [string, string][] = [];
    if (clientId !== null && !/\/chat\/config(\?|$)/.test(path)) {
      const token = encodeURIComponent(`${signature ?? this.current.deviceAddress}:${clientId}`);
      own.push(["X-Client-Token", token], ["X-Header-Encoding", "url"]);
    }
    return [...new Headers(init?.headers), ...own, ...Object.entries(headers)];
  }

  /** Resolves when the same visitor has other values. */
  #replaced(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(this.failure.set("EDNA_HTTP_EXPIRED")), REPLACEMENT_WAIT);
      const stop = this.current.onFirst((next) => {
        if (next) end();
      });
      const abort = () => end(signal.reason);
      function end(error?: unknown) {
        clearTimeout(timer);
        stop();
        signal.removeEventListener("abort", abort);
        if (error === undefined) resolve();
        else reject(error);
      }
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
  }
}

/** A guest's history is asked for by the guest's id. */
function guestQuery({ clientId, guestId }: Visitor, path: string): string {
  if (clientId !== null || !/^\/client\/history\/unauth/.test(path)) return "";
  return `${path.includes("?") ? "&" : "?"}id=${encodeURIComponent(guestId)}`;
}

/** Waits, and rejects with the signal's reason as soon as it is aborted. */
async function orAborted(wait: Promise<void>, signal: AbortSignal | null | undefined): Promise<void> {
  if (!signal) return wait;
  let end = () => {};
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason);
  });
  signal.addEventListener("abort", end, { once: true });
  try {
    if (signal.aborted) end();
    await Promise.race([aborted, wait]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** Aborted when either is. */
function eitherSignal(one: AbortSignal, two: AbortSignal | null | undefined): AbortSignal {
  if (!two) return one;
  // It leaves nothing behind, where the browser has it.
  if (AbortSignal.any) return AbortSignal.any([one, two]);
  const own = new AbortController();
  for (const signal of [one, two]) {
    const end = () => own.abort(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true, signal: own.signal });
  }
  return own.signal;
}
