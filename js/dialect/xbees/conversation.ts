/** What an application says to x-bees, and hears of it: the messages of `xBeesConnect` 1.1.3. The core says ready and who is signed in. */
import { Call } from "../../widget/core/call.js";
import type { Below, Foreign } from "../registry.js";
import { hand, listeners } from "../../shared/listeners.js";
import type { ConnectOptions, XbeesHost } from "../../widget/types.js";
import { VERSION } from "./version.js";

const PATIENCE = 10_000;
/** An application that begins to listen late still hears the last of these. */
const KEPT = new Set(["xBeesPbxToken", "xBeesUseTheme"]);

type Listener = (payload: never) => unknown;
type Settle = (value: { errorMessage?: unknown } | null | undefined) => void;

/** What its listeners wait for, whatever the host's word is. */
const LOGOUT = Symbol("logout");

export function conversation({ xbees: options = {} }: ConnectOptions, below: Below): Foreign {
  const { manualReady = false, signIn = true, platform, readyTimeoutMs = 3000, logoutType = "xBeesLogout", version = VERSION } = options;
  const { iframeId = new URLSearchParams(location.search).get("iframeId") } = options;
  const fits = (word: string) => word.length >= 1 && word.length <= 64;
  if (!(fits(version) && fits(logoutType) && Number.isInteger(readyTimeoutMs) && readyTimeoutMs >= 0 && readyTimeoutMs <= 60_000))
    throw below.invalid();
  const all = listeners();
  const kept = new Map<string | symbol, unknown>();
  const waiting = new Set<Settle>();
  // In the web view of an app there are no ports: an answer has the type of what it answers.
  const byType = new Map<string, Set<Settle>>();
  const webview = (below.call(Call.Facts, {}) as { host: string | null }).host === "webview";
  let answered: Promise<unknown> | undefined;
  let said = false;
  let hears: ((port: unknown) => void) | undefined;

  /** Resolves and rejects with the whole answer, as the vendor's library does. What cannot be copied was not sent, and is thrown. */
  const answer = (port: unknown, type: string) =>
    new Promise<unknown>((resolve, reject) => {
      if (port !== null && !(port instanceof MessagePort)) throw port;
      const settle: Settle = (value) => {
        clearTimeout(timer);
        waiting.delete(settle);
        byType.get(type)?.delete(settle);
        if (port instanceof MessagePort) {
          port.onmessage = null;
          port.close();
        }
        if (value?.errorMessage) reject(value);
        else resolve(value);
      };
      const timer = setTimeout(() => settle({ errorMessage: "timeout", type } as object), PATIENCE);
      if (port instanceof MessagePort) port.onmessage = ({ data }) => settle(data);
      else byType.set(type, (byType.get(type) ?? new Set()).add(settle));
      waiting.add(settle);
    });

  const post = (type: string, ...payload: [] | [payload: unknown]): unknown =>
    below.call(Call.Ask, payload.length > 0 ? { type, payload: payload[0], iframeId } : { type, iframeId });

  const request = async (type: string, ...payload: [] | [payload: unknown]) => answer(post(type, ...payload), type);

  const ready = (where = platform): Promise<unknown> =>
    (answered ??= (said ? request("xBeesReady", where ? { version, platform: where } : { version }) : first(where)).then(
      (value) => {
        below.call(Call.TellDialect, { answered: 1 });
        return value;
      },
      (error: unknown) => {
        answered = undefined;
        throw error;
      },
    ));

  /** The core says it, when it knows who is signed in. */
  const first = (where: string | undefined) =>
    new Promise<unknown>((resolve, reject) => {
      const early: Settle = reject;
      waiting.add(early);
      hears = (port) => {
        waiting.delete(early);
        said = true;
        answer(port, "xBeesReady").then(resolve, reject);
      };
      below.call(Call.TellDialect, { version, platform: where, iframeId, status: +signIn, readyTimeoutMs, logout: logoutType });
    });

  const on = (type: string | symbol, listener: Listener) => {
    const stop = all.on(type, listener);
    if (kept.has(type)) hand(listener, kept.get(type));
    return stop;
  };

  const face: XbeesHost = {
    iframeId,
    ready,
    request,
    async sendStatus(authorized, payload) {
      const type = authorized ? "xBeesAuthorized" : "xBeesNotAuthorized";
      const port = post(type, payload);
      // Only what was posted.
      if (port === null || port instanceof MessagePort) below.call(Call.TellDialect, { told: +authorized });
      return answer(port, type);
    },
    onLogout: (listener) => on(LOGOUT, listener),
    on,
  };
  const nobody = () => {
    throw below.failed("NO_HANDLER");
  };
  below.onConnection((state) => {
    if (state === "closed") for (const settle of waiting) settle({ errorMessage: "closed" });
  });
  // Once there is a bridge that can hear of it.
  if (!manualReady) queueMicrotask(() => void ready().catch(() => {}));
  return {
    // The application's own messages are our own protocol's.
    face: { xbees: face, send: nobody, request: async () => nobody(), requestSignIn: async () => nobody() },
    heard(message) {
      const { type, payload } = message as { type: string; payload?: unknown };
      // One answer is everybody's who asked the same: the vendor's own way.
      for (const settle of [...(byType.get(type) ?? [])]) settle(message as object);
      // Nothing says who speaks in a web view: no credential is taken from there.
      if (webview && type === "xBeesPbxToken") return;
      if (KEPT.has(type)) kept.set(type, payload);
      all.tell(type, payload);
      if (type !== logoutType) return;
      kept.delete("xBeesPbxToken");
      // Once the session says so.
      queueMicrotask(() => all.tell(LOGOUT, payload));
    },
    // The port on which the answer to something may come that the core posted by itself, or what was thrown instead.
    told(port) {
      // The first one is that of ready; nobody waits for what comes back to a status.
      if (hears) hears(port);
      else void answer(port, "").catch(() => {});
      hears = undefined;
    },
  };
}
