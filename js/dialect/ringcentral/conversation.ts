/**
 * What an application says to a page that was written for RingCentral Embeddable, and hears of it. The core's half (`src/dialect/ringcentral.rs`) decides who is signed in,
 * when the host is told, and how the service stands; here is what is worded and what only passes through.
 */
import { Call } from "../../widget/core/call.js";
import type { Below, Foreign } from "../registry.js";
import { hand, listeners } from "../../shared/listeners.js";
import type { Kept } from "./kept.js";
import type { Handler, RequestOptions } from "../../shared/types.js";
import type { Bridge, ConnectOptions, RingCentralHost, RingCentralLogin, RingCentralService } from "../../widget/types.js";

/** A registration says all of these anew. */
const RENEWED = /^(info$|(un)?authori[sz]|showAuth|license)/;
/** What the service can be asked for only while it is authorized: it names the paths in the fields `contactsPath` and so on. */
const GATED = ["contacts", "contactSearch", "contactMatch", "activities", "callLogEntityMatcher", "messageLogEntityMatcher"];
/** Longest path. */
const TEXT = 2048;
/** Longest account: other tabs get it too, so it is stored. */
const ACCOUNT = 256;
/** The vendor's patience with a host, and ours with the storage. */
const PATIENCE = 3000;
const STORAGE = 500;
/** What those wait for who hear how the service stands. */
const SERVICE = Symbol("service");

type Message = Readonly<Record<string, unknown>>;
/** What the core's half says. */
type News =
  | { readonly login: number }
  | { readonly authorized: boolean }
  | { readonly authorized: boolean; readonly update: number; readonly writer: string };

interface Waiting {
  readonly gated: boolean;
  readonly settle: (error: unknown, response?: unknown) => void;
}

/** What is wrong with the options, if anything: which one, and what it has to be. */
function problem(given: unknown): string {
  if (typeof given !== "object" || given === null) return "ringcentral: give an object; ";
  const {
    size = { width: 0, height: 0 },
    minimized,
    closed,
    readyTimeoutMs = 0,
    login,
    onLoginFailed,
    disableLoginPopup,
  } = given as Record<string, unknown>;
  const flag = (value: unknown) => value === undefined || typeof value === "boolean";
  const callback = (value: unknown) => value === undefined || typeof value === "function";
  const { width, height } = Object(size) as Message;
  if (!(Number.isInteger(readyTimeoutMs) && (readyTimeoutMs as number) >= 0 && (readyTimeoutMs as number) <= 60_000))
    return "ringcentral.readyTimeoutMs: give whole milliseconds from 0 to 60000; ";
  if (![width, height].every((side) => Number.isFinite(side) && (side as number) >= 0))
    return "ringcentral.size: give width and height in CSS pixels, from 0 up; ";
  if (!flag(minimized) || !flag(closed)) return "ringcentral.minimized, ringcentral.closed: give true or false; ";
  if (!callback(login) || !callback(onLoginFailed)) return "ringcentral.login, ringcentral.onLoginFailed: give a function; ";
  if (!flag(disableLoginPopup) && disableLoginPopup !== "by-host") return 'ringcentral.disableLoginPopup: give true, false or "by-host"; ';
  return "";
}

/** A message's own values. A made-up one may have getters that throw: they are not called. */
function plain(from: unknown): Message {
  try {
    const own = Object.entries(Object.getOwnPropertyDescriptors(Object(from) as object));
    return Object.fromEntries(
      own.filter(([, found]) => found.enumerable && "value" in found).map(([key, { value }]) => [key, value as unknown]),
    );
  } catch {
    return {};
  }
}

/** The account of a service, as the host says it: a text that can be stored, or none. */
const accountOf = (said: unknown) => (typeof said === "string" && said && said.length <= ACCOUNT ? said : null);

export function conversation({ ringcentral: options = {}, signIn }: ConnectOptions, below: Below): Foreign {
  const wrong = problem(options);
  if (wrong) {
    below.invalid();
    throw below.failed("CONFIG_INVALID", wrong);
  }
  const {
    size = { width: 300, height: 500 },
    minimized = false,
    closed = false,
    readyTimeoutMs = 3000,
    disableLoginPopup = false,
  } = options;
  // The address of a frame is its host's to write, so it counts only if the application lets the host decide.
  const hostOpens = disableLoginPopup === "by-host" ? !!new URLSearchParams(location.search).get("disableLoginPopup") : disableLoginPopup;
  const { id: tab, host } = below.call(Call.Facts, {}) as { id: string; host: string };
  const { on, tell } = listeners();
  const handlers = new Map<string, Handler>();
  const waiting = new Map<unknown, Waiting>();
  const nowhere = { translateX: null, translateY: null, minTranslateX: null, minTranslateY: null };
  let fields: Message = {};
  let service: RingCentralService | null = null;
  // Whose account it is, as shown; as the newest of the updates that all tabs share says; and another tab's word that is just being judged.
  let account: string | null = null;
  let updated: string | null = null;
  let other: Message | undefined;
  let pressed: Promise<unknown> | undefined;
  let requests = 0;
  // Whether the core's half has been told to begin: until then everything waits.
  let begun = false;
  let keeping: Promise<Kept> | undefined;
  let signIns: Promise<{ begin(): void; end(callbackUri: string): void }> | undefined;

  const say = (data: object) => below.call(Call.TellDialect, data);
  const post = (type: string, rest?: object, login?: number) => {
    let message: unknown;
    try {
      message = structuredClone({ type, ...rest });
    } catch (cause) {
      throw below.failed("DATA_NOT_CLONEABLE", "", cause);
    }
    const posts = () => say({ post: message, login });
    if (begun) posts();
    else later(posts);
  };
  /** Once there is a bridge. */
  const kept = () =>
    (keeping ??= import("./kept.js")
      .then(({ keep }) => keep(below.bridge().storage, host))
      .catch((error: unknown) => {
        // The next call tries again.
        keeping = undefined;
        throw error;
      }));
  // What the user has made of the window comes first, if it is to be had soon.
  const ready = Promise.resolve().then(async () => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<object>((resolve) => (timer = setTimeout(resolve, STORAGE)));
    const window = await Promise.race([
      kept()
        .then((kept) => kept.window())
        .catch(() => ({})),
      late,
    ]);
    clearTimeout(timer);
    say({ tab, readyTimeoutMs });
    begun = true;
    post("rc-adapter-pushAdapterState", {
      size,
      minimized,
      closed,
      position: nowhere,
      ...window,
      telephonyStatus: null,
      userStatus: null,
      dndStatus: null,
    });
  });
  // A bridge that was closed meanwhile says nothing more.
  const later = (act: () => unknown) => void ready.then(act).catch(() => {});
  later(() => {});

  const failAll = (code: "CLOSED" | "NOT_AUTHORIZED", which = (_: Waiting) => true) => {
    for (const each of [...waiting.values()]) if (which(each)) each.settle(below.failed(code));
  };
  const ask = async (path: string, body: unknown, timeoutMs = PATIENCE, gated = false) => {
    await ready;
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
  const request: RingCentralHost["request"] = async (path, body, options) => {
    const { timeoutMs = PATIENCE } = Object(options) as RequestOptions;
    if (!(typeof path === "string" && path && path.length <= TEXT))
      throw below.failed("CONFIG_INVALID", `path: give a text of 1 to ${TEXT} characters; `);
    if (!(typeof timeoutMs === "number" && timeoutMs >= 1 && timeoutMs <= 600_000))
      throw below.failed("CONFIG_INVALID", "timeoutMs: give milliseconds from 1 to 600000; ");
    return ask(path, body, timeoutMs, !!fields["authorizationPath"] && GATED.some((what) => fields[what + "Path"] === path));
  };

  const show = (authorized: boolean) => {
    service = Object.freeze({ fields: Object.freeze(fields), authorized, account: authorized ? account : null });
    // What was asked while it was authorized is not answered after it.
    if (!authorized) failAll("NOT_AUTHORIZED", ({ gated }) => gated);
    tell(SERVICE, service);
  };

  /** The explicit updates are shared by all tabs below the same host that have registered the same service. */
  const share = async () =>
    (await kept()).share(fields["name"] as string, (update, before) => {
      // Only while the core's half judges it.
      if (!before) other = update;
      say({ other: update, before });
      other = undefined;
    });

  const notice = async (login: number) => {
    const { session } = below.bridge();
    const loggedIn = login > 0;
    let said: RingCentralLogin = {};
    try {
      if (loggedIn) said = structuredClone(await options.login?.(session)) ?? said;
    } catch (error) {
      reportError(error);
    }
    const { loginNumber, contractedCountryCode, admin = false, features = {} } = said;
    const isFreshLogin = loggedIn ? !/^(join|re)/.test(session.reason) : null;
    post("rc-login-status-notify", { loggedIn, loginNumber, contractedCountryCode, admin, features, isFreshLogin }, login || undefined);
  };

  const answer = async ({ requestId, path, body }: Message) => {
    const handler = handlers.get(path as string);
    let response: unknown = { data: "no matched path" };
    try {
      // Copied here, so that what cannot be is reported as well.
      if (handler) response = structuredClone(await handler(body));
    } catch (error) {
      return reportError(error);
    }
    later(() => post("rc-adapter-message-response", { responseId: requestId, response }));
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
      if (!service || !path) nobody();
      if (pressed) return pressed;
      const own = ask(path as string, { authorized: service!.authorized }).finally(() => {
        if (pressed === own) pressed = undefined;
      });
      return (pressed = own);
    },
    request,
    handle,
    on,
    notify: post,
  };
  below.onConnection((state) => state === "closed" && failAll("CLOSED"));

  return {
    // The application's own requests go by paths; the rest is our own protocol's.
    face: { ringcentral: face, request, handle, send: nobody, requestSignIn: async () => nobody() } satisfies Partial<Bridge>,
    heard(message) {
      const copy = plain(message);
      const { type: word, ...rest } = copy;
      const type = typeof word === "string" ? word : "";
      const uri = rest["callbackUri"];
      if (type.startsWith("rc-adapter-sync")) later(async () => (await kept()).move(rest));
      if (type === "rc-adapter-register-third-party-service") {
        const said = plain(rest["service"]);
        const kept = Object.entries(fields).filter(([key]) => said["name"] === fields["name"] && !RENEWED.test(key));
        fields = Object.fromEntries([...kept, ...Object.entries(said).filter(([, value]) => value !== undefined)]);
        account = fields["authorizationPath"] ? accountOf(fields["authorizedAccount"]) : null;
        pressed = undefined;
        later(share);
      }
      if (type === "rc-adapter-update-authorization-status") account = updated = accountOf(rest["authorizedAccount"]);
      if (type === "rc-adapter-refresh-license-status") {
        fields = { ...fields, ...Object.fromEntries(Object.entries(rest).filter(([key]) => /^license/.test(key))) };
        if (service) show(service.authorized);
      }
      if (type === "rc-post-message-response") waiting.get(rest["responseId"])?.settle(undefined, rest["response"]);
      if (type === "rc-adapter-message-request" && rest["path"]) void answer(rest);
      if (hostOpens && signIn?.oauth && (type === "rc-adapter-login" || typeof uri === "string")) {
        signIns ??= import("./sign-in.js").then(({ signIns }) => signIns(below.bridge(), post, options.onLoginFailed));
        signIns.then(({ begin, end }) => (typeof uri === "string" ? end(uri) : begin()), reportError);
      }
      // Once it has had its effect.
      queueMicrotask(() => tell(type, copy));
    },
    told(told) {
      const news = told as News;
      if ("login" in news) return later(() => notice(news.login));
      if ("update" in news) {
        const [name, update] = [fields["name"] as string, { ...news, account: updated }];
        return later(async () => (await kept()).spread(name, update));
      }
      if (other) account = updated = accountOf(other["account"]);
      show(news.authorized);
    },
  };
}
