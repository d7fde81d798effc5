/**
 * What an application says to a page that was written for RingCentral Embeddable, and receives from it. The core's half (`src/dialect/ringcentral/`) decides who is signed in,
 * when the host is notified, and how the service stands; here is what is worded and what only passes through.
 */

import { NamedEmitter } from "../../shared/emitter.js";
import { Handlers } from "../../shared/handlers.js";
import { report } from "../../shared/report.js";
import { safely } from "../../shared/safely.js";
import { shown } from "../../shared/shown.js";
import type { Handler, Reason, Session, Unsubscribe } from "../../shared/types.js";
import type { Bridge, ConnectOptions, SignInOptions } from "../../widget/types.js";
import type { Below, Foreign } from "../contract.js";
import { answer } from "./answers.js";
import type { Kept } from "./at-start.js";
import { Deadlines } from "./deadlines.js";
import { loginDetails } from "./login-details.js";
import { type Message, plain } from "./message.js";
import { hostOpensSignIn, optionProblem, type Settings, withDefaults } from "./options.js";
import { Requests } from "./requests.js";
import { PATIENCE, Service } from "./service.js";
import type { HostSignIns } from "./sign-in.js";
import type { RingCentralHost } from "./types.js";

/** Our patience with the storage, and with the code that is loaded at the start. */
const STORAGE = 500;
/** The adapter's words for how its window was moved. */
const MOVES = /^rc-adapter-sync(Closed|Minimized|Size|Position)$/;
/** What those wait for who listen to how the service stands. */
const SERVICE = Symbol("service");
/** Why the user is signed in without having signed in just now. */
const KNOWN_BEFORE: readonly Reason[] = ["other-tab", "restore", "refresh"];
const NO_DETAILS = { loginNumber: undefined, contractedCountryCode: undefined, admin: false, features: {} };
const NO_PRESENCE = { telephonyStatus: null, userStatus: null, dndStatus: null };
const NO_POSITION = { translateX: null, translateY: null, minTranslateX: null, minTranslateY: null };

/** What the core's half says. */
type News =
  | { readonly login: number }
  | { readonly authorized: boolean }
  | { readonly authorized: boolean; readonly update: number; readonly writer: string };

/** @throws AuthframeError `CONFIG_INVALID` */
export function conversation({ ringcentral: options = {}, signIn }: ConnectOptions, below: Below): Foreign {
  const problem = optionProblem(options);
  if (problem) {
    throw below.invalid(problem);
  }
  return new Conversation(withDefaults(options), !!signIn?.oauth, below);
}

class Conversation implements Foreign {
  readonly face: Partial<Bridge>;
  readonly #host: string;
  readonly #tab: string;
  readonly #service = new Service();
  readonly #requests: Requests;
  readonly #deadlines = new Deadlines();
  readonly #handlers = new Handlers();
  readonly #events = new NamedEmitter();
  readonly #isSignInTheHosts: boolean;
  /** Whether the core's half has been asked to begin: until then everything waits for `#ready`. */
  #hasBegun = false;
  readonly #ready: Promise<void>;
  #isClosed = false;
  #begunAt = 0;
  /** Whether the first login notice has yet to be posted. */
  #isFirst = true;
  #loading: Promise<typeof import("./at-start.js")> | undefined;
  #keeping: Kept | undefined;
  #signIns: Promise<HostSignIns> | undefined;
  /** The press of the authorization button that waits for its answer. */
  #pressed: Promise<unknown> | undefined;
  /** Another tab's update that the core's half is just judging. */
  #judged: Message | undefined;

  constructor(
    private settings: Settings,
    /** Whether `signIn` can do without options. */
    private readonly hasOAuth: boolean,
    private readonly below: Below,
  ) {
    const facts = below.facts();
    this.#tab = facts.id;
    // The parent is known: it is the one that speaks this dialect.
    this.#host = facts.host!;
    this.#requests = new Requests(below, this.#tab, (type, rest) => this.#post(type, rest));
    this.#isSignInTheHosts = hostOpensSignIn(settings);
    this.face = this.#makeFace();
    this.#ready = this.#begin();
    this.#later(() => {});
    below.onConnection((state) => {
      if (state !== "closed") return;
      this.#isClosed = true;
      this.#requests.failAll();
      this.#deadlines.endAll();
      this.#events.close();
      this.#handlers.close();
      // Its functions are the application's.
      this.settings = withDefaults({});
    });
  }

  receive(message: unknown): void {
    const copy = plain(message);
    const { type: word, ...rest } = copy;
    const type = typeof word === "string" ? word : "";
    this.#receive(type, rest);
    // Once it has had its effect.
    queueMicrotask(() => this.#events.emit(type, copy));
  }

  notify(said: unknown): void {
    const news = said as News;
    if ("login" in news) {
      this.#later(() => this.#notifyLogin(news.login));
    } else if ("update" in news) {
      if (!this.settings.shareAuthorization) return;
      const name = this.#service.name;
      const update = { ...news, account: this.#service.sharedAccount };
      this.#later(async () => (await this.#kept()).spread(name, update));
    } else {
      if (this.#judged) this.#service.updateAccount(this.#judged["account"]);
      this.#show(news.authorized);
    }
  }

  // What the host says

  #receive(type: string, rest: Message): void {
    const { callbackUri } = rest;
    this.#keepMove(type, rest);
    switch (type) {
      case "rc-adapter-register-third-party-service":
        this.#service.register(rest["service"]);
        this.#pressed = undefined;
        if (this.settings.shareAuthorization) this.#later(() => this.#share());
        break;
      case "rc-adapter-update-authorization-status":
        this.#service.updateAccount(rest["authorizedAccount"]);
        break;
      case "rc-adapter-refresh-license-status":
        this.#updateFields(rest, /^license/);
        break;
      case "rc-adapter-update-third-party-settings":
        this.#updateFields(rest, /^settings$/);
        break;
      case "rc-adapter-update-customized-banner":
        this.#updateFields(rest, /^banner$/);
        break;
      case "rc-post-message-response":
        this.#requests.answered(rest["responseId"], rest["response"]);
        break;
      case "rc-adapter-message-request":
        if (rest["path"]) this.#answer(rest).catch(report);
        break;
    }
    // It belongs to a sign-in that has begun, or to none.
    if (typeof callbackUri === "string") this.#signIns?.then((signIns) => signIns.end(callbackUri), report);
    else if (type === "rc-adapter-login" && this.#isSignInTheHosts && this.hasOAuth)
      this.#hostSignIns().then((signIns) => signIns.beginForHost(), report);
  }

  #updateFields(said: Message, names: RegExp): void {
    const { shown } = this.#service;
    if (!shown) return;
    this.#service.updateFields(said, names);
    this.#show(shown.authorized);
  }

  #show(authorized: boolean): void {
    const shown = this.#service.show(authorized);
    if (!authorized) this.#requests.failGated();
    this.#events.emit(SERVICE, shown);
  }

  async #answer(request: Message): Promise<void> {
    const response = await answer(request, this.#handlers.get(request["path"] as string), this.#deadlines);
    this.#later(() => this.#post("rc-adapter-message-response", { responseId: request["requestId"], response }));
  }

  #hostSignIns(): Promise<HostSignIns> {
    this.#signIns ??= import("./sign-in.js").then(
      ({ HostSignIns }) =>
        new HostSignIns(
          this.below,
          (type, rest) => this.#post(type, rest),
          (error) => this.settings.onLoginFailed?.(error),
        ),
    );
    this.#signIns.catch(() => {
      // The next call tries again.
      this.#signIns = undefined;
    });
    return this.#signIns;
  }

  /** A button of the application has the same effect as the host's `rc-adapter-login`. */
  async #signIn(options: SignInOptions = {}): Promise<void> {
    // A call with a page of its own takes no OAuth of the default.
    if (!options.oauth && !(this.hasOAuth && options.url === undefined)) return this.below.signIn(options);
    return (await this.#hostSignIns()).begin(options);
  }

  // What is said to the host and to the core

  #say(data: object): void {
    this.below.notifyCore(data);
  }

  #post(type: string, rest?: object, login?: number): void {
    let message: unknown;
    try {
      message = structuredClone({ type, ...rest });
    } catch (cause) {
      throw this.below.failed("DATA_NOT_CLONEABLE", "", cause);
    }
    const post = () => this.#say({ post: message, login });
    if (this.#hasBegun) post();
    else this.#later(post);
  }

  /** A bridge that was closed meanwhile says nothing more. */
  #later(act: () => unknown): void {
    this.#ready.then(act).catch(() => {});
  }

  async #begin(): Promise<void> {
    // Once there is a bridge.
    await Promise.resolve();
    const { size, minimized, closed, readyTimeoutMs } = this.settings;
    const window = await this.#keptWindow();
    this.#begunAt = performance.now();
    this.#say({ tab: this.#tab, readyTimeoutMs });
    this.#hasBegun = true;
    this.#post("rc-adapter-pushAdapterState", { size, minimized, closed, position: NO_POSITION, ...window, ...NO_PRESENCE });
    // It has been loaded by now, as a rule: then these come before the login.
    this.#loaded()
      .then(({ firstNotices }) => {
        for (const [type, rest] of firstNotices(this.settings)) this.#post(type, rest);
      })
      .catch((error: unknown) => {
        // A bridge that was closed meanwhile says nothing more.
        if (!this.#isClosed) report(error);
      });
  }

  async #notifyLogin(login: number): Promise<void> {
    const bridge = this.below.bridge();
    const { session } = bridge;
    const loggedIn = login > 0;
    const details = loggedIn ? await this.#details(session) : NO_DETAILS;
    this.#isFirst = false;
    // The user may have left meanwhile.
    if (this.settings.presence) this.#postPresence(loggedIn && bridge.session.status === "authorized");
    const isFreshLogin = loggedIn ? !KNOWN_BEFORE.includes(session.reason) : null;
    this.#post("rc-login-status-notify", { loggedIn, ...details, isFreshLogin }, login || undefined);
  }

  /** What the application says of the user: the host is notified all the same if it says nothing, or is late. */
  #details(session: Session): Promise<Message> {
    const { login, readyTimeoutMs } = this.settings;
    const fail = (problem: string) => report(this.below.invalid(`ringcentral.login: ${problem}`));
    const ask = async (): Promise<Message> => {
      try {
        return loginDetails(await login?.(session), fail);
      } catch (error) {
        report(error);
        return NO_DETAILS;
      }
    };
    const late = () => {
      fail(`no answer in time (readyTimeoutMs is ${readyTimeoutMs}): the host was notified without what it says`);
      return NO_DETAILS;
    };
    // The first notice comes within the time that the host is kept waiting in all; every later one has as long.
    const patience = this.#isFirst ? Math.max(0, this.#begunAt + readyTimeoutMs - performance.now()) : readyTimeoutMs;
    return login ? this.#deadlines.within(patience, ask(), late) : Promise.resolve(NO_DETAILS);
  }

  #postPresence(isThere: boolean): void {
    this.#post("rc-adapter-syncPresence", { ...NO_PRESENCE, presenceOption: null, ...(isThere && this.settings.presence) });
  }

  // What is kept

  #loaded(): Promise<typeof import("./at-start.js")> {
    this.#loading ??= import("./at-start.js");
    this.#loading.catch(() => {
      // The next call tries again.
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #kept(): Promise<Kept> {
    const { keep } = await this.#loaded();
    this.#keeping ??= keep(this.below.bridge().storage, this.#host);
    return this.#keeping;
  }

  /** How the adapter's window was moved, as either side says. */
  #keepMove(type: string, rest: Message): void {
    if (MOVES.test(type)) this.#later(async () => (await this.#kept()).move(rest));
  }

  /** What the user has made of the window comes first, if it is to be had soon. */
  #keptWindow(): Promise<Message> {
    const kept = this.#kept()
      .then((kept) => kept.window())
      .catch(() => ({}));
    return this.#deadlines.within<Message>(STORAGE, kept, () => ({}));
  }

  /** The explicit updates are shared by all tabs below the same host that have registered the same service. */
  async #share(): Promise<void> {
    const kept = await this.#kept();
    await kept.share(this.#service.name, (update, before) => {
      // Only while the core's half judges it.
      if (!before) this.#judged = update;
      this.#say({ other: update, before });
      this.#judged = undefined;
    });
  }

  // What hangs on the bridge

  /** The application's own requests go by paths; the rest is our own protocol's. */
  #makeFace(): Partial<Bridge> {
    const service = this.#service;
    const request: RingCentralHost["request"] = async (path, body, options) => {
      this.#requests.requirePath(path);
      const timeoutMs = this.#requests.patience(options, service.patience(path));
      return this.#ask(path, body, timeoutMs, service.isGated(path));
    };
    const handle: RingCentralHost["handle"] = (path, handler) => this.#handle(path, handler);
    const ringcentral: RingCentralHost = {
      get service() {
        return service.shown;
      },
      subscribe: (listener) => {
        safely(() => listener(service.shown));
        return this.#events.on(SERVICE, listener);
      },
      pressAuthorization: async () => this.#pressAuthorization(),
      request,
      handle,
      on: (type, listener) => this.#events.on(type, listener),
      notify: (type, rest = {}) => {
        if (typeof type !== "string" || type === "") throw this.below.invalid(`the type is ${shown(type)}: give a text such as "rc-…"`);
        this.#post(type, rest);
        this.#keepMove(type, plain(rest));
      },
    };
    const send = () => {
      throw this.below.failed("NO_HANDLER", "use request(), or notify() of bridge.ringcentral");
    };
    const face = { ringcentral, request, handle, send, requestSignIn: async () => send() };
    return this.#isSignInTheHosts ? { ...face, signIn: (options) => this.#signIn(options) } : face;
  }

  async #ask(path: string, body: unknown, timeoutMs: number, isGated: boolean): Promise<unknown> {
    await this.#ready;
    if (isGated && !this.#service.shown?.authorized) throw this.below.failed("NOT_AUTHORIZED");
    return this.#requests.ask(path, body, timeoutMs, isGated);
  }

  #pressAuthorization(): Promise<unknown> {
    const { shown, authorizationPath } = this.#service;
    if (!shown || !authorizationPath) throw this.below.failed("NO_HANDLER", "no authorization button");
    if (this.#pressed) return this.#pressed;
    const own = this.#ask(authorizationPath as string, { authorized: shown.authorized }, PATIENCE, false).finally(() => {
      if (this.#pressed === own) this.#pressed = undefined;
    });
    this.#pressed = own;
    return own;
  }

  #handle(path: string, handler: Handler): Unsubscribe {
    this.#requests.requirePath(path);
    if (typeof handler !== "function") throw this.below.invalid(`the handler of ${path} is ${shown(handler)}: give a function`);
    return this.#handlers.set(path, handler);
  }
}
