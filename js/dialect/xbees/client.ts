/**
 * A drop-in for the `Client` of x-bees' own library: an application that was written for that changes the import, and names its host.
 *
 * The host stands in the page, `<meta name="authframe-hosts" content="https://app.x-bees.com">`, in the options, or in the bundle (`AUTHFRAME_HOSTS`). Which calls are
 * known on the wire and which are inferred: `docs/dialects/xbees.md`.
 *
 * @example
 * import Client from "authframe/xbees";
 * Client.initialize(async () => (await import("./ui")).start());
 * const client = Client.getInstance();
 * client.onLogout(() => client.deleteFromStorage("user"));
 * await client.ready();
 * await (client.getFromStorage("user") ? client.isAuthorized() : client.isNotAuthorized());
 */

import { report } from "../../shared/report.js";
import { AuthframeError, type Bridge, connect, type Unsubscribe, type XbeesHost } from "../../widget/index.js";
import { listedHosts, namespaceOf, requireUsable, wordsOf } from "./client-options.js";
import type {
  BatchListener,
  ClientOptions,
  Contact,
  ContactQuery,
  Context,
  IPayloadAutoSuggestResult,
  IPayloadViewPort,
  ListenerCallback,
  MatchListener,
  ResponseMessage,
  SuggestListener,
  Theme,
  ThemeMode,
  ToastSeverity,
} from "./client-types.js";
import { matching, matchingBatch, suggesting, suggestQuestions } from "./contact-questions.js";
import { LocalStorage } from "./local-storage.js";
import { OpenSearches } from "./open-searches.js";
import { SearchResponseCreator, SearchResultItemBuilder } from "./search-response.js";
import { Subscriptions } from "./subscriptions.js";
import { VERSION } from "./version.js";
import type { Words } from "./words.js";

export type * from "./client-types.js";
export * from "./event-types.js";
export type { SearchResponseCreator, SearchResultItemBuilder } from "./search-response.js";
export type { Words } from "./words.js";
export { AuthframeError };

/** What the vendor's library says where there is no host. */
const NOT_EMBEDDED = "xBeesConnect should be wrapped within iframe to perform the connection";
const isLoadFailure = (error: unknown) => error instanceof AuthframeError && error.code === "WASM_LOAD_FAILED";
/** The account of any user: the application knows who it is, and keeps that to itself. */
const ACCOUNT = "x-bees user";

export class Client {
  static #only: Client | undefined;
  readonly #bridge: Promise<Bridge>;
  readonly #subscriptions: Subscriptions;
  readonly #storage = new LocalStorage();
  // Now: a router of the application may soon change the address.
  readonly #address = new URLSearchParams(location.search);
  readonly #words: Words;
  readonly #version: string;
  readonly #searches = new OpenSearches();
  readonly #searchResponse = new SearchResponseCreator(this, this.#searches);

  private constructor(options: ClientOptions) {
    requireUsable(options);
    this.#words = wordsOf(options.words);
    this.#version = options.version ?? VERSION;
    this.#bridge = this.#connect(options);
    this.#subscriptions = new Subscriptions(this.#bridge);
    // Each call reports it; by itself it is no unhandled rejection.
    this.#bridge.catch(() => {});
  }

  #connect(options: ClientOptions): Promise<Bridge> {
    const {
      native = false,
      hosts = listedHosts(),
      namespace = namespaceOf(location.pathname),
      allowOpaqueOrigin,
      logoutType,
      wasm,
    } = options;
    if (hosts.length === 0 && !native) {
      if (window.parent !== window)
        throw new AuthframeError(
          "CONFIG_ORIGIN_REQUIRED",
          'no host is named: put <meta name="authframe-hosts" content="https://app.x-bees.com"> into the page, or call Client.initialize(startUi, { hosts: ["https://app.x-bees.com"] })',
          "app",
        );
      // A sign-in window names no host, and has none: what it stores is all that it is for.
      return Promise.reject(NOT_EMBEDDED);
    }
    const dialect = "xbees";
    return connect({
      hosts: [...hosts.map((origin) => ({ origin, dialect }) as const), ...(native ? [{ native, dialect } as const] : [])],
      namespace,
      xbees: {
        manualReady: true,
        firstStatus: "application",
        iframeId: this.#address.get("iframeId"),
        version: this.#version,
        ...(logoutType === undefined ? {} : { logoutType }),
      },
      ...(allowOpaqueOrigin === undefined ? {} : { allowOpaqueOrigin }),
      ...(wasm === undefined ? {} : { wasm }),
    });
  }

  /** Makes the client, and starts the UI unless this is the daemon. */
  static initialize(startUi?: () => unknown, options: ClientOptions = {}): Client {
    const client = Client.getInstance(options);
    if (client.showsUi()) void startUi?.();
    return client;
  }

  /**
   * @param options those of the first call, or of `initialize`, count
   * @throws AuthframeError `CONFIG_INVALID`: an option that is not known, a word that cannot be one; `CONFIG_ORIGIN_REQUIRED`: in a frame, no host is named; `ENV_UNSUPPORTED`: not in a browser
   */
  static getInstance(options: ClientOptions = {}): Client {
    if (typeof window === "undefined")
      throw new AuthframeError(
        "ENV_UNSUPPORTED",
        "a Client lives in a browser window: make it there, not while a server renders the page",
        "app",
      );
    if (!Client.#only) {
      const client = new Client(options);
      Client.#only = client;
      // What could not be loaded may be there the next time.
      client.#bridge.catch((error: unknown) => {
        if (isLoadFailure(error) && Client.#only === client) Client.#only = undefined;
      });
    }
    return Client.#only;
  }

  /** The bridge below: the session, `environment()`, `diagnose()`. */
  get bridge(): Promise<Bridge> {
    return this.#bridge;
  }

  // Who is signed in

  /**
   * Says that the integration is there. What {@link isAuthorized} or {@link isNotAuthorized} says next is the first status; if neither is called within three seconds of the host's
   * answer (thirteen of this call if there is none), the bridge says what it knows. `"web"`: do not start me on mobile.
   */
  ready(platform?: "web"): Promise<ResponseMessage> {
    // Anything else is ignored, as by the vendor's first libraries: `button.onclick = client.ready` gives an event.
    return this.#host((host) => (platform === "web" ? host.ready(platform) : host.ready())) as Promise<ResponseMessage>;
  }

  /** A user is signed in: here, in every other instance, and for the host. Saying it again does nothing. */
  isAuthorized(payload?: unknown): Promise<ResponseMessage> {
    return this.#host(async (host, bridge) => {
      const answer = host.sendStatus(true, payload);
      // A user who is signed in already, perhaps with a token, stays who they are.
      if (bridge.session.status !== "authorized") await bridge.authorize({ account: ACCOUNT });
      return answer;
    }) as Promise<ResponseMessage>;
  }

  /**
   * No user is signed in here any more. Every instance says it of itself; {@link signOut} says it for all. It holds until this instance says otherwise, or the user is signed out of the
   * session that all share. Saying it again does nothing.
   */
  isNotAuthorized(payload?: unknown): Promise<ResponseMessage> {
    return this.#host((host) => host.sendStatus(false, payload)) as Promise<ResponseMessage>;
  }

  /** Signs the user out in every instance; each notifies its host. It is not in the vendor's library. */
  async signOut(): Promise<void> {
    await (await this.#bridge).signOut();
  }

  /** Asks the host to load this frame anew, with fresh parameters. */
  reboot(): Promise<ResponseMessage> {
    return this.#ask("xBeesReboot");
  }

  version(): string {
    return this.#version;
  }

  isDaemon(): boolean {
    return this.#address.get("variant") === "daemon";
  }

  isDialog(): boolean {
    return this.#address.get("variant") === "dialog";
  }

  showsUi(): boolean {
    return !this.isDaemon();
  }

  // What the host knows and does

  getContext(): Promise<ResponseMessage<Context>> {
    return this.#ask("xBeesContext");
  }

  getCurrentContact(): Promise<ResponseMessage> {
    return this.#ask("xBeesCurrentContact");
  }

  getThemeMode(): Promise<ResponseMessage<ThemeMode>> {
    return this.#ask("xBeesThemeMode");
  }

  getTheme(): Promise<ResponseMessage<Theme>> {
    return this.#ask("xBeesTheme");
  }

  startCall(phoneNumber: string): Promise<ResponseMessage> {
    return this.#ask("xBeesStartCall", { phoneNumber });
  }

  setViewport(viewport: IPayloadViewPort): Promise<ResponseMessage> {
    return this.#ask("xBeesViewPort", viewport);
  }

  toClipboard(text: string): Promise<ResponseMessage> {
    return this.#ask("xBeesToClipboard", text);
  }

  /** Notifies the host that a contact has changed. */
  contactUpdated(query: ContactQuery, contact: Contact): Promise<ResponseMessage> {
    return this.#mention(this.#words.contactUpdated, { query, contact });
  }

  /** Notifies the host of what a query matches now. */
  contactMatchUpdated(query: ContactQuery, contact: Contact | null): Promise<ResponseMessage> {
    return this.#mention(this.#words.contactMatchUpdated, { query, contact });
  }

  /** Notifies the host that it may open the integration to create a contact. */
  createContactIsSupported(): Promise<ResponseMessage> {
    return this.#mention(this.#words.createContactIsSupported);
  }

  /** Has the host show a short text. */
  showToast(message: string, severity: ToastSeverity = "INFO"): Promise<ResponseMessage> {
    return this.#mention(this.#words.toast, { message, severity });
  }

  // What the address says

  /** Who uses x-bees, if the address says it. */
  getUserEmail(): string | null {
    return this.#address.get(this.#words.userEmail);
  }

  /** Whether the integration has a view of its own instead of the panel beside the contact. */
  isFullsize(): boolean {
    return this.#address.has(this.#words.fullsize);
  }

  /** Which page the host would like to see first. */
  getStartPage(): string | null {
    return this.#address.get(this.#words.startPage);
  }

  // Searches

  getContactsAutoSuggest(found: IPayloadAutoSuggestResult): Promise<ResponseMessage> {
    this.#searches.end(found.query);
    return this.#ask(this.#words.suggestAnswer, found);
  }

  /** The answer to a search on the wire of 1.0. @deprecated by the vendor: {@link onSuggestContacts} */
  getSearchResult(contacts: Contact[]): Promise<ResponseMessage> {
    this.#searches.end(this.#searches.answered);
    return this.#ask("xBeesSearchResult", contacts);
  }

  /** Puts an answer to a search together, and sends it. */
  getSearchResponseCreator(): SearchResponseCreator {
    return this.#searchResponse;
  }

  /** Makes a contact of such an answer. */
  SearchResultItemBuilder(): SearchResultItemBuilder {
    return new SearchResultItemBuilder();
  }

  // What the host says

  onThemeChange(listener: (theme: Theme) => unknown): Unsubscribe {
    return this.addEventListener("xBeesUseTheme", listener);
  }

  onPbxTokenChange(listener: (token: string) => unknown): Unsubscribe {
    return this.addEventListener("xBeesPbxToken", listener);
  }

  onCallStarted(listener: ListenerCallback): Unsubscribe {
    return this.addEventListener("xBeesAddCall", listener);
  }

  onCallEnded(listener: ListenerCallback): Unsubscribe {
    return this.addEventListener("xBeesTerminateCall", listener);
  }

  /** A search on the wire of 1.0, answered by {@link getSearchResult}. @deprecated by the vendor: {@link onSuggestContacts} */
  onSearchContacts(listener: (query: string) => unknown): Unsubscribe {
    return this.#subscriptions.add("xBeesGetSearchResult", listener, (host) =>
      host.on("xBeesGetSearchResult", (query: string) => this.#searches.run(String(query), () => listener(query))),
    );
  }

  /** Answers a search by `resolve`, or says why not by `reject`; or by {@link getSearchResponseCreator}. */
  onSuggestContacts(listener: SuggestListener): Unsubscribe {
    return this.#subscriptions.add("xBeesGetContactsAutoSuggest", listener, (host) => {
      const stops = suggestQuestions(this.#words.suggestAnswer).map(([question, word]) => {
        const suggest = suggesting(listener, (found) => {
          this.#searches.end(found.query);
          this.#answer(word, found, { contacts: [], query: found.query });
        });
        return host.on(question, (query: unknown) => this.#searches.run(String(query), () => suggest(query)));
      });
      return () => stops.forEach((stop) => stop());
    });
  }

  /** Answers whose an address or a number is by `resolve`, or by `reject` that it is not known. */
  onLookupAndMatchContact(listener: MatchListener): Unsubscribe {
    const { lookup, lookupAnswer } = this.#words;
    return this.#listen(
      lookup,
      matching(listener, (found) => this.#answer(lookupAnswer, found, { contact: null, query: found.query })),
      listener,
    );
  }

  /** The same for many: answers by a map with an entry for each query, `null` where the contact is not known. */
  onLookupAndMatchBatchContacts(listener: BatchListener): Unsubscribe {
    const { batchLookup, batchLookupAnswer } = this.#words;
    return this.#listen(
      batchLookup,
      matchingBatch(listener, (found) => this.#answer(batchLookupAnswer, found, [])),
      listener,
    );
  }

  /** The host has signed the user out. By then this and every other instance is signed out as well. */
  onLogout(listener: () => unknown): Unsubscribe {
    return this.#subscriptions.add("logout", listener, (host) => host.onLogout(listener));
  }

  /** Every event by its name on the wire. The same listener is added once. */
  addEventListener(type: string, listener: ListenerCallback): Unsubscribe {
    return this.#listen(type, listener);
  }

  removeEventListener(type: string, listener: ListenerCallback): void {
    this.#subscriptions.remove(type, listener);
  }

  /** Takes a listener off every event. */
  off(listener: (...payload: never) => unknown): void {
    this.#subscriptions.removeAll(listener);
  }

  // Storage, as the vendor's: no prefix, texts as they are, everything else as JSON

  saveToStorage(key: string, value: unknown): void {
    this.#storage.write(key, value);
  }

  getFromStorage<T = unknown>(key: string): T | null {
    return this.#storage.read<T>(key);
  }

  /** The text as it is stored, where {@link getFromStorage} makes a number of a text of digits and loses some. It is not in the vendor's library. */
  getTextFromStorage(key: string): string | null {
    return this.#storage.readText(key);
  }

  deleteFromStorage(key: string): void {
    this.#storage.write(key, undefined);
  }

  /**
   * Calls with what other instances write and delete in localStorage. What an event says is compared with the storage first: a value that was overwritten by then is not passed on, nor is what
   * a script has made up. The listener gets a `StorageEvent` of its own, with what was read.
   */
  onStorage(listener: (event: StorageEvent) => unknown): Unsubscribe {
    return this.#storage.onChange(listener);
  }

  /** Answers a question of the host. What becomes of the answer is not waited for. */
  #answer(word: string, payload: unknown, empty: unknown): void {
    this.#ask(word, payload).catch((error: unknown) => {
      // The application's answer cannot be posted: the host does not wait, and the application learns of it.
      if (!(error instanceof DOMException)) return;
      report(error);
      this.#ask(word, empty).catch(() => {});
    });
  }

  /** Says something in a word that the host may not know: a caller who does not wait for the answer has no unhandled rejection by that. */
  #mention(word: string, ...payload: [] | [payload: unknown]): Promise<ResponseMessage> {
    const answer = this.#ask<ResponseMessage>(word, ...payload);
    answer.catch(() => {});
    return answer;
  }

  #ask<T>(word: string, ...payload: [] | [payload: unknown]): Promise<T> {
    return this.#host((host) => host.request(word, ...payload)) as Promise<T>;
  }

  #host<T>(act: (host: XbeesHost, bridge: Bridge) => Promise<T>): Promise<T> {
    return this.#bridge.then((bridge) => {
      // A text, not an error, as the vendor's library has it.
      if (!bridge.xbees) throw NOT_EMBEDDED;
      return act(bridge.xbees, bridge);
    });
  }

  /** @param own what the application gave, if `listener` is made of it */
  #listen(type: string, listener: (payload: never) => unknown, own: unknown = listener): Unsubscribe {
    return this.#subscriptions.add(type, own, (host) => host.on(type, listener));
  }
}

export default Client;

/** The one client, under the name of the vendor's first library. */
export function xBeesConnect(): Client {
  return Client.getInstance();
}
