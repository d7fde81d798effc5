/**
 * What an application says to a page that was written for RingCentral Embeddable, and hears of it. The core's half (`src/dialect/ringcentral.rs`) decides who is signed in,
 * when the host is told, and how the service stands; here is what is worded and what only passes through.
 */
import { Call } from "./call.js";
import type { Below, Foreign } from "./dialects.js";
import { hand, listeners } from "./listeners.js";
import type { Handler, RequestOptions, Stop } from "./types.js";
import type { Bridge, ConnectOptions, RingCentralHost, RingCentralLogin, RingCentralService } from "./widget.js";

/** A registration says all of these anew. */
const RENEWED = /^(info$|(un)?authori[sz]|showAuth|license)/;
/** What the service can be asked for only while it is authorized: the fields in which it names the paths. */
const GATED = ["contactsPath", "contactSearchPath", "contactMatchPath", "activitiesPath", "callLogEntityMatcherPath", "messageLogEntityMatcherPath"];
/** What the application's storage has of ours: its key, and how long keys may be. */
const STORED = "ringcentral";
const KEY = 128;
/** The vendor's patience with a host. */
const PATIENCE = 3000;
/** What those wait for who hear how the service stands. */
const SERVICE = Symbol("service");

type Message = Readonly<Record<string, unknown>>;
/** What the core's half says. */
type News = { readonly login: number } | { readonly authorized: boolean; readonly update: number; readonly writer: string; readonly spread: boolean };

interface Waiting {
  readonly gated: boolean;
  readonly settle: (error: unknown, response?: unknown) => void;
}

export function conversation({ ringcentral: options = {}, signIn }: ConnectOptions, below: Below): Foreign {
  const { size = { width: 300, height: 500 }, minimized = false, closed = false, holdMs = 3000 } = options;
  const { disableLoginPopup = !!new URLSearchParams(location.search).get("disableLoginPopup") } = options;
  if (!(Number.isInteger(holdMs) && holdMs >= 0 && holdMs <= 60_000)) throw below.failed("CONFIG_INVALID");
  const { id: tab, host } = below.call(Call.Facts, {}) as { id: string; host: string };
  const { on, tell } = listeners();
  const handlers = new Map<string, Handler>();
  const waiting = new Map<unknown, Waiting>();
  let shell: Message = { size, minimized, closed, position: { translateX: null, translateY: null, minTranslateX: null, minTranslateY: null } };
  let fields: Message = {};
  let service: RingCentralService | null = null;
  // Whose account it is, as the host said last; and what another tab says, if the core's half takes it.
  let account: unknown;
  let other: Message = {};
  let pressed: Promise<unknown> | undefined;
  let requests = 0;
  let stop: Stop | undefined;
  let signIns: Promise<{ begin(): void; end(callbackUri: string): void }> | undefined;

  const say = (data: object) => below.call(Call.TellDialect, data);
  const post = (type: string, rest?: object, login?: number) => {
    let message: unknown;
    try {
      message = structuredClone({ type, ...rest });
    } catch (cause) {
      throw below.failed("DATA_NOT_CLONEABLE", "", cause);
    }
    say({ post: message, login });
  };
  // Once there is a bridge. What the user has made of the window comes first.
  const storage = () => below.bridge().storage;
  const ready = Promise.resolve().then(async () => {
    shell = { ...shell, ...((await storage().get(STORED).catch(() => {})) as object | undefined) };
    say({ tab, holdMs });
    post("rc-adapter-pushAdapterState", { ...shell, telephonyStatus: null, userStatus: null, dndStatus: null });
  });
  // A bridge that was closed meanwhile says nothing more.
  const later = (act: () => unknown) => void ready.then(act).catch(() => {});

  const failAll = (code: "CLOSED" | "NOT_AUTHORIZED", which = (_: Waiting) => true) => {
    for (const each of [...waiting.values()]) if (which(each)) each.settle(below.failed(code));
  };
  const request = async (path: string, body?: unknown, { timeoutMs = PATIENCE }: RequestOptions = {}) => {
    if (!(path && timeoutMs >= 1 && timeoutMs <= 600_000)) throw below.failed("CONFIG_INVALID");
    const gated = !!fields["authorizationPath"] && GATED.some(key => fields[key] === path);
    if (gated && !service?.authorized) throw below.failed("NOT_AUTHORIZED");
    // The host echoes whatever it is. A UUID is to be had only in a secure context.
    const requestId = crypto.randomUUID?.() ?? tab + ++requests;
    post("rc-post-message-request", { requestId, path, body });
    return new Promise<unknown>((resolve, reject) => {
      const settle: Waiting["settle"] = (error, response) => {
        clearTimeout(timer);
        waiting.delete(requestId);
        if (error) reject(error);
        else resolve(response);
      };
      const timer = setTimeout(() => settle(below.failed("REQUEST_TIMEOUT")), timeoutMs);
      waiting.set(requestId, { gated, settle });
    });
  };

  const show = (authorized: boolean) => {
    service = Object.freeze({ fields: Object.freeze(fields), authorized, account: authorized && account && typeof account === "string" ? account : null });
    // What was asked while it was authorized is not answered after it.
    if (!authorized) failAll("NOT_AUTHORIZED", ({ gated }) => gated);
    tell(SERVICE, service);
  };

  // The explicit updates are shared by all tabs below the same host that have registered the same service.
  // A longer key is cut off: host and name are in the value as well.
  const key = () => `${STORED} ${host} ${fields["name"] as string}`.slice(0, KEY);
  const share = async () => {
    const { name } = fields;
    const learn = (said: unknown, before: boolean) => {
      const heard = said as Message | undefined;
      const ours = heard?.["host"] === host && heard["name"] === name && fields["name"] === name;
      if (ours && !before) other = heard;
      if (ours || before) say({ other: ours ? heard : {}, before });
    };
    stop?.();
    stop = storage().subscribe(key(), said => learn(said, false));
    learn(await storage().get(key()).catch(() => {}), true);
  };

  const notice = async (login: number) => {
    const { session } = below.bridge();
    const loggedIn = login > 0;
    let said: RingCentralLogin = {};
    try {
      if (loggedIn) said = (await options.login?.(session)) ?? said;
    } catch (error) {
      reportError(error);
    }
    const { loginNumber, contractedCountryCode, admin = false, features = {} } = said;
    const isFreshLogin = loggedIn ? /^(sign_in|host|account_switch)$/.test(session.reason) : null;
    post("rc-login-status-notify", { loggedIn, loginNumber, contractedCountryCode, admin, features, isFreshLogin }, login || undefined);
  };

  const answer = async ({ requestId, path, body }: Message) => {
    if (!path) return;
    const handler = handlers.get(path as string);
    post("rc-adapter-message-response", { responseId: requestId, response: handler ? await handler(body) : { data: "no matched path" } });
  };

  const handle: RingCentralHost["handle"] = (path, handler) => {
    handlers.set(path, handler);
    return () => {
      if (handlers.get(path) === handler) handlers.delete(path);
    };
  };
  const nobody = () => {
    throw below.failed("NO_HANDLER");
  };
  const face: RingCentralHost = {
    get service() {
      return service;
    },
    subscribe(listener) {
      hand(listener, service);
      return on(SERVICE, listener);
    },
    async pressAuthorization() {
      const { authorizationPath: path } = fields;
      if (!service || typeof path !== "string") nobody();
      return (pressed ??= request(path as string, { authorized: service!.authorized }).finally(() => (pressed = undefined)));
    },
    request,
    handle,
    on,
    notify: post,
  };
  below.onConnection(state => state === "closed" && failAll("CLOSED"));

  return {
    // The application's own requests go by paths; the rest is our own protocol's.
    face: { ringcentral: face, request, handle, send: nobody, requestSignIn: async () => nobody() } satisfies Partial<Bridge>,
    heard(message) {
      const { type, ...rest } = message as Message;
      const shown = /^rc-adapter-sync(Closed|Minimized|Size|Position)$/.exec(type as string)?.[1]?.toLowerCase();
      if (shown) {
        shell = { ...shell, [shown]: rest[shown] };
        later(() => storage().set(STORED, shell));
      }
      if (type === "rc-adapter-register-third-party-service") {
        const said = rest["service"] as Message;
        const kept = said["name"] === fields["name"] ? Object.entries(fields).filter(([key]) => !RENEWED.test(key)) : [];
        fields = { ...Object.fromEntries(kept), ...said };
        account = fields["authorizationPath"] && fields["authorizedAccount"];
        later(share);
      }
      if (type === "rc-adapter-update-authorization-status") account = rest["authorizedAccount"];
      if (type === "rc-adapter-refresh-license-status") {
        fields = { ...fields, ...Object.fromEntries(Object.entries(rest).filter(([key]) => /^license/.test(key))) };
        if (service) show(service.authorized);
      }
      if (type === "rc-post-message-response") waiting.get(rest["responseId"])?.settle(undefined, rest["response"]);
      if (type === "rc-adapter-message-request") answer(rest).catch(reportError);
      if (disableLoginPopup && signIn?.oauth && (type === "rc-adapter-login" || rest["callbackUri"])) {
        signIns ??= import("./ringcentral-sign-in.js").then(({ signIns }) => signIns(below.bridge(), post, options.onLoginFailed));
        signIns.then(({ begin, end }) => (rest["callbackUri"] ? end(rest["callbackUri"] as string) : begin())).catch(reportError);
      }
      tell(type as string, message);
    },
    told(told) {
      const news = told as News;
      if ("login" in news) return later(() => notice(news.login));
      if (news.update === other["update"] && news.writer === other["writer"]) account = other["account"];
      show(news.authorized);
      if (news.spread) storage().set(key(), { ...news, host, name: fields["name"], account: service?.account }).catch(() => {});
    },
  };
}
