/** What an application says to x-bees, and hears of it: the messages of `xBeesConnect` 1.1.3. The core says ready and who is signed in. */
import { Call } from "./call.js";
import type { Below, Foreign } from "./dialects.js";
import type { XbeesHost, XbeesOptions } from "./widget.js";

/** The library that we take the place of. */
const VERSION = "1.1.3";
const PATIENCE = 10_000;
/** An application that begins to listen late still hears the last of these. */
const KEPT = new Set(["xBeesPbxToken", "xBeesUseTheme"]);

type Listener = (payload: never) => unknown;

export function conversation(options: XbeesOptions, below: Below): Foreign {
  const { manual = false, signIn = true, platform, holdMs = 3000, logoutType = "xBeesLogout", version = VERSION } = options;
  const iframeId = new URLSearchParams(location.search).get("iframeId");
  const listeners = new Map<string, Set<Listener>>();
  const kept = new Map<string, unknown>();
  const waiting = new Set<(value: { errorMessage?: unknown }) => void>();
  let answered: Promise<unknown> | undefined;
  let hears: ((port: MessagePort) => void) | undefined;

  /** Resolves and rejects with the whole answer, as the vendor's library does. */
  const answer = (port: MessagePort, type: string) =>
    new Promise<unknown>((resolve, reject) => {
      const settle = (value: { errorMessage?: unknown } | null | undefined) => {
        clearTimeout(timer);
        waiting.delete(settle);
        port.onmessage = null;
        port.close();
        if (value?.errorMessage) reject(value);
        else resolve(value);
      };
      const timer = setTimeout(() => settle({ errorMessage: "timeout", type } as object), PATIENCE);
      port.onmessage = ({ data }) => settle(data);
      waiting.add(settle);
    });

  const request = async (type: string, ...payload: [] | [payload: unknown]): Promise<unknown> => {
    const port = below.call(Call.Ask, payload.length > 0 ? { type, payload: payload[0], iframeId } : { type, iframeId });
    // What cannot be copied is not sent.
    if (!(port instanceof MessagePort)) throw port;
    return answer(port, type);
  };

  const ready = (where = platform) =>
    (answered ??= new Promise((resolve, reject) => {
      hears = port => void answer(port, "xBeesReady").then(resolve, reject);
      below.call(Call.Speak, { version, platform: where, iframeId, status: +signIn, holdMs, logout: logoutType });
    }));

  const tell = (listener: Listener, payload: unknown) => {
    try {
      listener(payload as never);
    } catch (error) {
      // One listener's failure is its own.
      reportError(error);
    }
  };

  const face: XbeesHost = {
    iframeId,
    ready,
    request,
    tellStatus(authorized, payload) {
      below.call(Call.Speak, { told: +authorized });
      return request(authorized ? "xBeesAuthorized" : "xBeesNotAuthorized", payload);
    },
    on(type, listener) {
      const all = listeners.get(type) ?? new Set();
      listeners.set(type, all.add(listener));
      if (kept.has(type)) tell(listener, kept.get(type));
      return () => void all.delete(listener);
    },
  };
  below.onConnection(state => {
    if (state === "closed") for (const settle of waiting) settle({ errorMessage: "closed" });
  });
  // Once there is a bridge that can hear of it.
  if (!manual) queueMicrotask(() => void ready().catch(() => {}));
  return {
    face: { xbees: face },
    heard(message) {
      const { type, payload } = message as { type: string; payload?: unknown };
      if (KEPT.has(type)) kept.set(type, payload);
      for (const listener of [...(listeners.get(type === logoutType ? "xBeesLogout" : type) ?? [])]) tell(listener, payload);
    },
    asked(port) {
      // The first one is that of ready; nobody waits for what comes back to a status.
      if (hears) hears(port);
      else void answer(port, "").catch(() => {});
      hears = undefined;
    },
  };
}
