/**
 * A widget for pages that embed an edna chat: the page says who visits it (`authframe/host/edna`), and this asks the chat's server as that visitor, a guest or a client, over HTTP and
 * WebSocket. One visitor's headers, sub-protocols, cookies and data never go out for another. On the wire between page and widget it is authframe's own protocol: the vendor has none.
 *
 * @example
 * import { connectEdna } from "authframe/edna";
 * const chat = await connectEdna({ hosts: ["https://crm.example.com"], rootUrl: "https://chat.example/api", websocketUrl: "wss://chat.example/ws" });
 * chat.onVisitor(async visitor => show(visitor && (await chat.history())));
 * const socket = chat.connectSocket(frame => add(frame));
 * form.onsubmit = () => socket.send({ type: "MESSAGE", text: field.value });
 */
import type { AuthframeError } from "../shared/error.js";
import { safely } from "../shared/safely.js";
import { type Bridge, connect, type Unsubscribe } from "../widget/index.js";
import type { CurrentVisitor } from "./current-visitor.js";
import { type EdnaFailure, lastFailure } from "./failures.js";
import { connectSocket, type EdnaSocket } from "./lazy-socket.js";
import { checkedOptions, type EdnaOptions, type Server } from "./options.js";
import { Requests } from "./requests.js";
import type { EdnaFinding, Visitor } from "./visitor.js";

export { AuthframeError } from "../widget/index.js";
export type { EdnaSocket } from "./lazy-socket.js";
export type { EdnaOptions } from "./options.js";
export type { CookieOptions, EdnaFinding, EdnaFindingCode, Visitor } from "./visitor.js";

/** A chat that a page embeds. */
export interface Edna {
  /** The bridge below: the session, `environment()`. Its `diagnose()` has {@link findings} too. A guest is `unauthorized` there. */
  readonly bridge: Bridge;
  /**
   * Who visits, or `null`: it is not known yet, or changing, or other tabs have a user whom this page does not name, with cookies. A client whom the page names stays its visitor while another tab's user is signed
   * in: the session is `unauthorized` then. A new object whenever anything of it has changed.
   */
  readonly visitor: Visitor | null;
  /** Called at once with the visitor and after every change. */
  onVisitor(listener: (visitor: Visitor | null) => void): Unsubscribe;
  /** What of the visitor was left out, or is not safe. */
  readonly findings: readonly EdnaFinding[];
  /**
   * What went wrong last, or `null`: `EDNA_HTTP_EXPIRED`, `EDNA_WS_EXPIRED` (the codes of the settings: the page has to replace `extendedAuth`), `EDNA_OFFLINE` (no answer at all, or a
   * socket that was closed), `EDNA_REFUSED` (a status, or a text, that {@link history} cannot use; its `cause`), `EDNA_VISITOR` (the page handed over something else).
   */
  readonly failure: AuthframeError | null;
  /**
   * Asks the API as the visitor, with what `extendedAuth` has in it now: `path` is below `rootUrl`. A request that is answered with the configured `httpTokenExpiredCode` waits until the page has replaced
   * `extendedAuth`, for 60 s at most, and is then sent once more. What else the API answers is no error. Without a `signal` of yours an answer is waited for 60 s.
   * `path` begins with a slash and stays below it, else it is `CONFIG_INVALID`. No redirect is followed, and nothing cached.
   * A visitor whose cookies are just being written is waited for.
   * Rejects with `NOT_AUTHORIZED` while there is no visitor and if the visitor changes meanwhile, `CLOSED`, `EDNA_OFFLINE` (no answer), `EDNA_HTTP_EXPIRED` (not replaced in time), and with the reason of your `signal`.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The last messages of the visitor, as the server answers: by default 20. Rejects as {@link fetch}, with `EDNA_REFUSED`, and with `CONFIG_INVALID` if `count` is no whole number from 1 up. */
  history(count?: number): Promise<unknown>;
  /**
   * Opens a socket for the current visitor, and again for the next one, with other values, or after a loss: within 1 s at first, at last within 30 s.
   * @param listener receives what the server sends, but for the answers to what is sent here of itself
   * @param onReady called with whether messages can be sent, after every change
   */
  connectSocket(listener: (frame: unknown) => void, onReady?: (ready: boolean) => void): EdnaSocket;
  /**
   * As the vendor's: every socket that is ready notifies the server that the client is not there any more (`CLIENT_OFFLINE`). Who visits stays as it is. A client who is signed out needs no such call.
   */
  clientLogout(): void;
}

/** The texts of findings are long, and a widget need not carry them. */
const MORE = "See bridge.diagnose().";

/**
 * Connects. The page is the only one that signs a user in; `bridge.signOut()` signs the user of this tab out, who is a guest again, in all of that user's tabs;
 * another tab's user, who is signed in instead, stays so.
 *
 * Rejects as `connect` does; `CONFIG_INVALID` also unless `rootUrl` is https and `websocketUrl` wss, and if a name in `hostHeaders` or `hostCookies` cannot be a page's.
 */
export async function connectEdna(given: EdnaOptions): Promise<Edna> {
  const { server, allowed, bridge: options } = checkedOptions(given);
  const { CurrentVisitor } = await import("./current-visitor.js");
  const failure = lastFailure();
  const connecting = connect({
    ...options,
    // The core asks before connect() has returned.
    acquire: async (request) => (await visiting).acquire(request),
  });
  const visiting = connecting.then((bridge) => new CurrentVisitor(bridge, failure, allowed, server, options.namespace));
  return chat(server, await visiting, failure);
}

function chat(server: Server, current: CurrentVisitor, failure: EdnaFailure): Edna {
  const { bridge } = current;
  const requests = new Requests(server.root, current, failure);
  const { diagnose, signOut } = bridge;
  bridge.diagnose = async () => {
    const [{ worded }, found] = await Promise.all([import("./texts.js"), current.foundEverywhere()]);
    return [...worded(found), ...(await diagnose())];
  };
  bridge.signOut = async (options) => {
    if (current.signedOut()) await signOut(options);
  };
  return {
    bridge,
    get visitor() {
      return current.value;
    },
    get findings() {
      return Array.from(current.found.values(), ([code, where]) => ({ code, problem: where, remedy: MORE }));
    },
    get failure() {
      return failure.value;
    },
    onVisitor(listener) {
      const stop = current.on(listener);
      safely(() => listener(current.value));
      return stop;
    },
    fetch: (path, init) => requests.fetch(path, init),
    history: (count) => requests.history(count),
    clientLogout: () => current.clientLogout(),
    connectSocket: (listener, onReady) => connectSocket(server, current, failure, listener, onReady),
  };
}
