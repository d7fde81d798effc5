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
import { apiAddress } from "../shared/api-address.js";
import { allowedNames, checkVisitor, type EdnaCode, type EdnaFinding, findings, subjectOf, type Visitor } from "./visitor.js";
import type { Socket, SocketContext } from "./socket.js";
import {
  type Account,
  type AcquireRequest,
  AuthframeError,
  type Bridge,
  connect,
  type ConnectOptions,
  type Responsible,
  type Grant,
  type Unsubscribe,
} from "../widget/index.js";
import { hand } from "../shared/listeners.js";

export { AuthframeError } from "../widget/index.js";
export type { CookieOptions } from "./cookies.js";
export type { EdnaFinding, EdnaFindingCode, Visitor } from "./visitor.js";

/** How the widget connects: what `connect` takes, and where the chat is. The page has no say in that: its visitor's secrets go there. */
export interface EdnaOptions extends Omit<ConnectOptions, "acquire" | "credentials"> {
  /** Of the HTTP API, https (or http on loopback). Cookies of `extendedAuth` reach it only on the widget's own host, or on the `Domain` of its site that their options name. */
  readonly rootUrl: string;
  /** wss (or ws on loopback). */
  readonly websocketUrl: string;
  /** What the vendor's settings have as `uid`, `package` and `appMarker`: they name the channel. */
  readonly uid?: string;
  readonly package?: string;
  readonly appMarker?: string;
  /**
   * The names of the headers that a page may set by its `headersMap`, in any case of letters, at most 16. Default: those of the vendor's documentation, `Header-Name`, `X-Auth-Token` and
   * `X-Token-Type`. `Authorization` is sent only if it is listed. What belongs to the browser or the connection (`Cookie`, `Host`, `Origin`, `Sec-…`, `Proxy-…`) cannot be listed.
   */
  readonly hostHeaders?: readonly string[];
  /**
   * The names of the cookies that a page may set, at most 16. Default: those of the vendor's documentation, `custom-property`, `token` and `type`. Never list a cookie of your own, such as
   * `session`: a page could replace it. `__Host-…`, `__Secure-…` and `__Http-…` cannot be listed. Of n names each cookie has at most 6,144 / n bytes, and at most 4,096.
   */
  readonly hostCookies?: readonly string[];
}

/** A chat that a page embeds. */
export interface Edna {
  /** The bridge below: the session, `environment()`. Its `diagnose()` has {@link findings} too. A guest is `unauthorized` there. */
  readonly bridge: Bridge;
  /** Who visits, or `null`: it is not known yet, or changing, or other tabs have a user whom this page does not name, with cookies. A new object whenever anything of it has changed. */
  readonly visitor: Visitor | null;
  /** Called at once with the visitor and after every change. */
  onVisitor(listener: (visitor: Visitor | null) => void): Unsubscribe;
  /** What of the visitor was left out, or is not safe. */
  readonly findings: readonly EdnaFinding[];
  /**
   * What went wrong last, or `null`: `EDNA_HTTP_EXPIRED`, `EDNA_WS_EXPIRED` (the codes of the settings: the page has to replace `extendedAuth`), `EDNA_OFFLINE` (no answer at all, or a
   * socket that was closed), `EDNA_REFUSED` (a status that {@link history} cannot use; its `cause`), `EDNA_VISITOR` (the page handed over something else).
   */
  readonly failure: AuthframeError | null;
  /**
   * Asks the API as the visitor: `path` is below `rootUrl`. A request that is answered with the configured `httpTokenExpiredCode` waits until the page has replaced `extendedAuth`, and is
   * then sent once more. What else the API answers is no error.
   * `path` begins with a slash and stays below it, else it is `CONFIG_INVALID`. No redirect is followed, and nothing cached.
   * Rejects with `NOT_AUTHORIZED` while there is no visitor and if the visitor changes meanwhile, `CLOSED`, `EDNA_OFFLINE`, and with the reason of your `signal`.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The last messages of the visitor, as the server answers: by default 20. Rejects as {@link fetch}, with `EDNA_REFUSED`, and with `CONFIG_INVALID` if `count` is no whole number from 1 up. */
  history(count?: number): Promise<unknown>;
  /**
   * Opens a socket for the current visitor, and again for the next one, with other values, or after a loss: within 1 s at first, at last within 30 s.
   * @param listener hears what the server sends, but for the answers to what is said here of itself
   * @param onReady called with whether messages can be sent, after every change
   */
  connectSocket(listener: (frame: unknown) => void, onReady?: (ready: boolean) => void): EdnaSocket;
}

export interface EdnaSocket {
  readonly ready: boolean;
  /**
   * Sends a message's content, such as `{ type: "MESSAGE", text }`.
   * @throws AuthframeError `DISCONNECTED` unless it is ready, `DATA_NOT_CLONEABLE` if it cannot be written as JSON
   */
  send(content: object): void;
  close(): void;
}

const VISITOR = "edna:visitor";
const EXPIRED = "edna:expired";
const FOUND = "edna:findings";
/** What the vendor's widget says of itself. */
const API = "chatApiVersion=19&libVersion=6.33.0";
/** The texts are long, and a widget need not carry them. */
const MORE = "See bridge.diagnose().";
/** Only this tab is without a user: others may have one. */
const LOCAL = /^(acquire_|account_m)/;

/** What can go wrong here, and who is responsible. What it means is said at {@link Edna.failure}. */
const FAULTS = {
  EDNA_HTTP_EXPIRED: "host",
  EDNA_OFFLINE: "network",
  EDNA_REFUSED: "peer",
  EDNA_VISITOR: "host",
  EDNA_WS_EXPIRED: "host",
} as const satisfies Partial<Record<EdnaCode, Responsible>>;

const invalid = (text: string) => new AuthframeError("CONFIG_INVALID", text, "app");

/**
 * Connects. The page is the only one that signs a user in; `bridge.signOut()` signs the user out, who is a guest again.
 *
 * Rejects as `connect` does; `CONFIG_INVALID` also unless `rootUrl` is https and `websocketUrl` wss, and if a name in `hostHeaders` or `hostCookies` cannot be a page's.
 */
export async function connectEdna(given: EdnaOptions): Promise<Edna> {
  if (typeof given !== "object" || given === null) throw invalid("connectEdna() takes an object with hosts, rootUrl and websocketUrl");
  const { rootUrl, websocketUrl, uid, package: appPackage, appMarker = null!, hostHeaders, hostCookies, ...options } = given;
  const [root, endpoint] = [apiAddress(rootUrl, "http"), apiAddress(websocketUrl, "ws")];
  if (!root) throw invalid("rootUrl: give an https address (http on loopback) without user name, query and fragment");
  if (!endpoint) throw invalid("websocketUrl: give a wss address (ws on loopback) without user name, query and fragment");
  const allowed = allowedNames(hostHeaders, hostCookies);
  if (typeof allowed === "string") throw invalid(allowed);
  const { checkCookies, cookieJar } = await import("./cookies.js");
  const jar = cookieJar(`${options.namespace ?? "authframe"}.edna`);
  const listeners = new Set<(visitor: Visitor | null, before: Visitor | null) => void>();
  /** Of sockets, and of requests that wait. */
  const inner: typeof listeners = new Set();
  let found = findings();
  let failure: AuthframeError | null = null;
  /** What the page said last of a client, and of a guest. Which of them counts, the session says. */
  let client: Visitor | null = null;
  let guest: Visitor | null = null;
  let visitor: Visitor | null = null;
  /** Whom the session had last. */
  let granted: string | null = null;
  /** Of this visitor's browser, as the server knows it. */
  let deviceAddress: string | null = null;
  /** Whose values have expired, as the page was told. */
  let complained: Visitor | null = null;
  /** What the page was told of findings here. */
  let reported: unknown = [];
  /** Ends what is under way for this visitor. */
  let life = new AbortController();

  const failed = (code: keyof typeof FAULTS, cause?: unknown) =>
    (failure = new AuthframeError(code, `${code} (${FAULTS[code]})`, FAULTS[code], cause));
  const closed = () => new AuthframeError("CLOSED", "the bridge is closed", "app");
  const nobody = () => new AuthframeError("NOT_AUTHORIZED", "no visitor, or another one", "user");
  const subject = () => client && subjectOf(client.clientId!);

  const take = (said: unknown) => {
    found = findings();
    const next = checkVisitor(said, found.note, checkCookies, allowed);
    if (!next) return void failed("EDNA_VISITOR");
    failure = null;
    // The same again is no news: what waits for other values goes on waiting.
    const guests = next.clientId === null;
    if (!same(guests ? guest : client, next)) {
      if (!guests) client = next;
      // Of a guest nothing is known yet but the id, while the page speaks of a client.
      guest = guests
        ? next
        : (guest ?? { ...next, clientId: null, clientData: null, signature: null, headers: {}, protocols: [], cookies: [] });
    }
    settle();
    report();
  };
  /** The page is where most of it can be put right, and its half does not know what this widget lists. */
  const report = () => {
    const all = [...found.all.values()];
    if (same(all, reported) || bridge.connection !== "connected") return;
    bridge.send(FOUND, (reported = all));
  };
  const ask = async () => take(await bridge.request(VISITOR));

  const acquire = async ({ reason, identity }: AcquireRequest): Promise<Grant | null> => {
    // The core asks before connect() has returned.
    await connecting;
    const named = identity && (identity.account as Account).subject;
    // Only the page knows what goes with a user, and for what another tab has done it looks again.
    if (reason !== "sign-in" || subject() !== named) await ask();
    if (!client || (named !== null && subject() !== named)) return null;
    return { account: { subject: subject()!, name: nameOf(client) } };
  };

  function settle(again = false) {
    const { status, reason, account, epoch } = bridge.session;
    const next =
      status === "authorized"
        ? client && subject() === account?.subject
          ? client
          : null
        : // Other tabs may have a user, whose cookies would go out for this tab's guest, or the guest's for them.
          status === "unauthorized" && reason !== "account-switch" && !(LOCAL.test(reason) && (jar.any() || guest?.cookies.length))
          ? guest
          : null;
    const before = visitor;
    if ((next === before && !again) || bridge.connection === "closed") return;
    visitor = next;
    // Before anything is sent.
    if (next) jar.keep(next, third, epoch, found.note);
    report();
    if (next === before) return;
    if (!next || !before || next.clientId !== before.clientId || next.guestId !== before.guestId) {
      life.abort(nobody());
      life = new AbortController();
      deviceAddress = null;
    }
    tell(before);
  }

  /** The socket first: what is sent from within another listener is sent as the visitor who is there now. A listener that was taken off meanwhile is not called. */
  function tell(before: Visitor | null) {
    const now = visitor;
    for (const set of [inner, listeners]) for (const listener of [...set]) if (set.has(listener)) hand(() => listener(now, before), now);
  }

  const connecting: Promise<Bridge> = connect({ ...options, acquire });
  const bridge = await connecting;
  const third = !/^(top|same-)/.test(bridge.environment().scope);
  const { diagnose } = bridge;
  bridge.diagnose = async () => {
    const { worded } = await import("./texts.js");
    return [...worded(found.all), ...(await diagnose())];
  };
  bridge.handle(VISITOR, take);
  bridge.subscribe(({ status, reason, account, epoch }) => {
    if (status === "authorized") granted = account && account.subject;
    const gone = status === "unauthorized" && !LOCAL.test(reason);
    if (gone) {
      const [left, was] = [granted, subject()];
      granted = null;
      // What belongs to that user is gone; what belongs to the next one may have been heard already.
      if (left !== null && left === was) client = null;
      // The page may have something new of a guest; whom it names as a client, it signs in itself.
      if (left !== null && reason !== "account-switch") void ask().catch(() => {});
    }
    // Also of a tab that is closed by now, whose end this one has not heard.
    if (gone || status === "authorized") jar.forget(epoch);
    settle(gone);
  });
  bridge.onConnection((state) => {
    if (state === "connected") reported = [];
    if (state === "connected") void ask().catch(({ code }: AuthframeError) => void (code === "NO_HANDLER" && failed("EDNA_VISITOR")));
    if (state !== "closed") return;
    life.abort(closed());
    const before = visitor;
    visitor = null;
    tell(before);
    inner.clear();
    listeners.clear();
  });

  const current = () => {
    if (bridge.connection === "closed") throw closed();
    if (!visitor) throw nobody();
    return visitor;
  };
  const on = (listener: (visitor: Visitor | null, before: Visitor | null) => void, set = inner): Unsubscribe => {
    const own: typeof listener = (...said) => listener(...said);
    set.add(own);
    return () => void set.delete(own);
  };
  const expired = (type: "HTTP" | "WS", status: number) => {
    failed(`EDNA_${type}_EXPIRED`);
    // Once for all requests that it came back to. What cannot be said now waits for the connection.
    if (complained !== visitor && bridge.connection !== "closed") bridge.send(EXPIRED, { type, status });
    complained = visitor;
  };

  const send = async (who: Visitor, path: string, init: RequestInit | undefined, signal: AbortSignal): Promise<Response> => {
    const { clientId, guestId, signature } = who;
    // As pairs: of a Headers object the names go out in lower case.
    const headers: [string, string][] = [...new Headers(init?.headers)];
    if (clientId !== null && !/\/chat\/config(\?|$)/.test(path)) {
      headers.push(["X-Client-Token", encodeURIComponent(`${signature ?? deviceAddress}:${clientId}`)], ["X-Header-Encoding", "url"]);
    }
    headers.push(...Object.entries(who.headers));
    const id =
      clientId === null && /^\/client\/history\/unauth/.test(path)
        ? `${path.includes("?") ? "&" : "?"}id=${encodeURIComponent(guestId)}`
        : "";
    try {
      // The visitor's values go nowhere else, and no answer is kept for another visitor.
      const response = await fetch(root + path + id, {
        ...init,
        headers,
        credentials: "include",
        redirect: "error",
        cache: "no-store",
        signal,
      });
      if (response.ok && failure?.code !== "EDNA_VISITOR") failure = null;
      return response;
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw failed("EDNA_OFFLINE", cause);
    }
  };

  const edna: Edna = {
    bridge,
    get visitor() {
      return visitor;
    },
    get findings() {
      return Array.from(found.all.values(), ([code, where]) => ({ code, problem: where, remedy: MORE }));
    },
    get failure() {
      return failure;
    },
    onVisitor(listener) {
      const stop = on(listener, listeners);
      hand(listener, visitor);
      return stop;
    },
    async fetch(path, init) {
      if (!below(root, path)) throw invalid("path: give a text that begins with a slash and stays below rootUrl");
      const who = current();
      const signal = both(life.signal, init?.signal);
      const response = await send(who, path, init, signal);
      if (response.status !== who.codes.http) return response;
      // It may have been replaced while the request was under way.
      if (visitor === who) {
        expired("HTTP", response.status);
        await replaced(signal);
      }
      if (signal.aborted) throw signal.reason;
      return send(current(), path, init, signal);
    },
    async history(count = 20) {
      if (!Number.isSafeInteger(count) || count < 1) throw invalid("count: give a whole number from 1 up");
      const { signal } = life;
      const response = await edna.fetch(`/client/history${current().clientId === null ? "/unauth" : ""}?${API}&count=${count}`);
      if (!response.ok) throw failed("EDNA_REFUSED", response.status);
      const said: unknown = await response.json();
      // It may have come before another visitor did.
      if (signal.aborted) throw signal.reason;
      return said;
    },
    connectSocket(listener, onReady = () => {}) {
      let [ready, ended] = [false, false];
      let socket: Socket | undefined;
      import("./socket.js")
        .then(({ open }) => {
          if (!ended && bridge.connection !== "closed") socket = open(socketContext, listener, (now) => hand(onReady, (ready = now)));
        })
        .catch((cause) => void failed("EDNA_OFFLINE", cause));
      return {
        get ready() {
          return ready;
        },
        send(content) {
          if (!ready)
            throw new AuthframeError("DISCONNECTED", "the socket is not ready: wait until onReady is called with true", "network");
          try {
            JSON.stringify(content);
          } catch (cause) {
            throw new AuthframeError("DATA_NOT_CLONEABLE", "content: give what JSON.stringify takes", "app", cause);
          }
          socket!.send(content);
        },
        close() {
          ended = true;
          socket?.close();
        },
      };
    },
  };

  const socketContext: SocketContext = {
    ...{ endpoint, uid, appPackage, appMarker, on, hand },
    visitor: () => visitor,
    device: (given) => (given === undefined ? deviceAddress : (deviceAddress = given)),
    works: () => void (failure = null),
    lost: (code) => void (code === visitor?.codes.ws ? expired("WS", code) : failed("EDNA_OFFLINE")),
  };

  /** Resolves when the same visitor has other values. */
  function replaced(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        stop();
        reject(signal.reason);
      };
      const stop = on((next) => {
        if (!next) return;
        stop();
        signal.removeEventListener("abort", end);
        resolve();
      });
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    });
  }

  return edna;
}

function below(root: string, path: unknown): boolean {
  try {
    return typeof path === "string" && path[0] === "/" && new URL(root + path).href.startsWith(root + "/");
  } catch {
    return false;
  }
}

const same = (one: unknown, two: unknown) => JSON.stringify(one) === JSON.stringify(two);

function nameOf({ clientData }: Visitor): string | null {
  const { name } = Object(JSON.parse(clientData ?? "{}")) as { name?: unknown };
  return typeof name === "string" ? name.slice(0, 256) : null;
}

/** Aborted when either is. */
function both(one: AbortSignal, two: AbortSignal | null | undefined): AbortSignal {
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
