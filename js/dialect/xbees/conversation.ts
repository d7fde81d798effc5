/** What an application says to x-bees, and receives from it: the messages of `xBeesConnect` 1.1.3. The core's half posts ready and who is signed in. */
import { NamedEmitter } from "../../shared/emitter.js";
import { safely } from "../../shared/safely.js";
import type { Bridge, ConnectOptions } from "../../widget/types.js";
import type { Below, Foreign } from "../contract.js";
import { Answers } from "./answers.js";
import { iframeIdProblem, type Options, optionProblem, platformProblem, readyHasVersion, withDefaults } from "./options.js";
import { StatusReports } from "./status.js";
import type { XbeesHost } from "./types.js";

const TOKEN = "xBeesPbxToken";
/** An application that begins to listen late still receives the last of these. */
const KEPT = new Set([TOKEN, "xBeesUseTheme"]);
/** What its listeners wait for, whatever the host's word is. */
const LOGOUT = Symbol("logout");

/** From whom the first status after ready comes, as the core has it: from none, the session, or the application. */
const statusFrom = ({ signIn, firstStatus }: Options) => (signIn ? (firstStatus === "application" ? 2 : 1) : 0);

/** @throws AuthframeError `CONFIG_INVALID` */
export function conversation({ xbees: given = {} }: ConnectOptions, below: Below): Foreign {
  const problem = optionProblem(given) || iframeIdProblem(withDefaults(given).iframeId);
  if (problem) throw below.invalid(problem);
  return new Conversation(withDefaults(given), below);
}

class Conversation implements Foreign {
  readonly face: Partial<Bridge>;
  readonly #events = new NamedEmitter();
  /** The last of the messages that late listeners receive. */
  readonly #kept = new Map<string | symbol, unknown>();
  readonly #answers = new Answers();
  readonly #status: StatusReports;
  readonly #isWebview: boolean;
  /** The answer to ready, once it was posted and until it fails. */
  #answered: Promise<unknown> | undefined;
  /** Whether the core has posted the first ready. */
  #hasSaidReady = false;
  #isClosed = false;
  /** Takes the port of the first ready. */
  #onReadyPort: ((port: unknown) => void) | undefined;

  constructor(
    private readonly options: Options,
    private readonly below: Below,
  ) {
    const post = { toCore: (message: object) => this.#say(message), toHost: (type: string, payload: unknown) => this.#post(type, payload) };
    this.#status = new StatusReports(post, this.#answers);
    this.#isWebview = below.facts().host === "webview";
    this.face = this.#makeFace();
    below.onConnection((state) => {
      if (state !== "closed") return;
      this.#isClosed = true;
      this.#answers.close();
      this.#events.close();
      this.#kept.clear();
    });
    // At once: the host may sign the user out before the application is ready.
    this.#say({ logoutType: options.logoutType });
    // Once there is a bridge that can be notified of it.
    if (!options.manualReady) queueMicrotask(() => this.#ready().catch(() => {}));
  }

  receive(message: unknown): void {
    const { type, payload } = message as { type: string; payload?: unknown };
    this.#answers.receive(type, message as object);
    // Nothing shows who speaks in a web view: no credential is taken from there.
    if (this.#isWebview && type === TOKEN) return;
    if (KEPT.has(type)) this.#kept.set(type, payload);
    this.#events.emit(type, payload);
    if (type !== this.options.logoutType) return;
    this.#kept.delete(TOKEN);
    // Once the session says so.
    queueMicrotask(() => this.#events.emit(LOGOUT, payload));
  }

  /** @param news a status that is to be posted, or the port on which the answer to ready may come, or what was thrown instead of posting that */
  notify(news: unknown): void {
    if (StatusReports.isWord(news)) return this.#status.say(news);
    this.#onReadyPort?.(news);
    this.#onReadyPort = undefined;
  }

  #say(message: object): void {
    this.below.notifyCore(message);
  }

  /** Gives the port on which the answer comes, `null` where there are none, or what the browser throws. */
  #post(type: string, ...payload: [] | [payload: unknown]): unknown {
    const { iframeId } = this.options;
    return this.below.postWithPort(payload.length > 0 ? { type, payload: payload[0], iframeId } : { type, iframeId });
  }

  async #request(type: string, ...payload: [] | [payload: unknown]): Promise<unknown> {
    return this.#answers.to(type, this.#post(type, ...payload));
  }

  #ready(platform = this.options.platform): Promise<unknown> {
    this.#answered ??= this.#postReady(platform).then(
      (answer) => {
        this.#say({ answered: 1 });
        return answer;
      },
      (error: unknown) => {
        this.#answered = undefined;
        if (!this.#isClosed) this.#say({ readyRefused: 1 });
        throw error;
      },
    );
    return this.#answered;
  }

  #postReady(platform: string | undefined): Promise<unknown> {
    const { version } = this.options;
    if (!this.#hasSaidReady) return this.#firstReady(platform);
    if (!readyHasVersion(version)) return this.#request("xBeesReady");
    return this.#request("xBeesReady", platform ? { version, platform } : { version });
  }

  /** The core posts it, when it knows who is signed in. */
  #firstReady(platform: string | undefined): Promise<unknown> {
    const { version, iframeId, readyTimeoutMs } = this.options;
    return new Promise((resolve, reject) => {
      const waiting = this.#answers.untilClosed(reject);
      this.#onReadyPort = (port) => {
        waiting.settled();
        this.#hasSaidReady = true;
        this.#answers.to("xBeesReady", port).then(resolve, reject);
      };
      this.#say({
        version: readyHasVersion(version) ? version : null,
        platform,
        iframeId,
        status: statusFrom(this.options),
        readyTimeoutMs,
      });
    });
  }

  #on(type: string | symbol, listener: (payload: never) => unknown) {
    const stop = this.#events.on(type, listener);
    if (this.#kept.has(type)) safely(() => listener(this.#kept.get(type) as never));
    return stop;
  }

  /** The application's own messages are our own protocol's. */
  #makeFace(): Partial<Bridge> {
    const xbees: XbeesHost = {
      iframeId: this.options.iframeId,
      ready: (platform) => {
        const problem = platformProblem("platform", platform);
        return problem ? Promise.reject(this.below.invalid(problem)) : this.#ready(platform);
      },
      request: (type, ...payload) => this.#request(type, ...payload),
      sendStatus: (authorized, payload) => this.#status.send(authorized, payload),
      onLogout: (listener) => this.#on(LOGOUT, listener),
      on: (type, listener) => this.#on(type, listener),
    };
    const send = () => {
      throw this.below.failed("NO_HANDLER", "use bridge.xbees");
    };
    return { xbees, send, request: async () => send(), requestSignIn: async () => send() };
  }
}
