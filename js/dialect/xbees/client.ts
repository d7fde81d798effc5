/**
 * A drop-in for the `Client` of x-bees' own library: an application that was written for that changes the import, and names its host.
 *
 * The host stands in the page, `<meta name="authframe-hosts" content="https://app.x-bees.com">`, in the options, or in the bundle (`AUTHFRAME_HOSTS`). Which calls are
 * known on the wire and which are inferred: `docs/dialects/xbees.md`.
 *
 * @example
 * import { Client } from "authframe/xbees";
 * Client.initialize(async () => (await import("./ui")).start());
 * const client = Client.getInstance();
 * client.onLogout(() => client.deleteFromStorage("user"));
 * await client.ready();
 * await (client.getFromStorage("user") ? client.isAuthorized() : client.isNotAuthorized());
 */

import { AuthframeError } from "../../shared/error.js";
import { findElement } from "../../shared/own-document.js";
import { type Bridge, connect, type Unsubscribe, type XbeesHost } from "../../widget/index.js";
import type { Answer, ClientOptions, Contact, ContactQuery, Theme, Viewport } from "./client-types.js";
import { LocalStorage } from "./local-storage.js";
import { Subscriptions } from "./subscriptions.js";
import { VERSION } from "./version.js";
import { WORDS, type Words } from "./words.js";

export { AuthframeError } from "../../widget/index.js";
export type { Answer, ClientOptions, Contact, ContactQuery, Theme, Viewport } from "./client-types.js";
export type { Words } from "./words.js";

/** What the vendor's library says where there is no host. */
const NOT_EMBEDDED = "xBeesConnect should be wrapped within iframe to perform the connection";
/** The account of any user: the application knows who it is, and keeps that to itself. */
const ACCOUNT = "x-bees user";

/** What a bundler may put in: hosts, separated by spaces. */
declare const AUTHFRAME_HOSTS: string | undefined;

export class Client {
  static #only: Client | undefined;
  readonly #bridge: Promise<Bridge>;
  readonly #subscriptions: Subscriptions;
  readonly #storage = new LocalStorage();
  // Now: a router of the application may soon change the address.
  readonly #address = new URLSearchParams(location.search);
  readonly #words: Words;

  private constructor(options: ClientOptions) {
    const { native = false, hosts = listed(native), namespace = "xbees", logoutType, wasm } = options;
    const dialect = "xbees";
    this.#words = { ...WORDS, ...options.words };
    this.#bridge = connect({
      hosts: [...hosts.map((origin) => ({ origin, dialect }) as const), ...(native ? [{ native, dialect } as const] : [])],
      namespace,
      xbees: {
        manualReady: true,
        firstStatus: "application",
        iframeId: this.#address.get("iframeId"),
        ...(logoutType === undefined ? {} : { logoutType }),
      },
      ...(wasm === undefined ? {} : { wasm }),
    });
    this.#subscriptions = new Subscriptions(this.#bridge);
    // Each call reports it; by itself it is no unhandled rejection.
    this.#bridge.catch(() => {});
  }

  /** Makes the client, and starts the UI unless this is the daemon. */
  static initialize(startUi?: () => unknown, options: ClientOptions = {}): Client {
    const client = Client.getInstance(options);
    if (client.showsUi()) void startUi?.();
    return client;
  }

  static getInstance(options: ClientOptions = {}): Client {
    Client.#only ??= new Client(options);
    return Client.#only;
  }

  /** The bridge below: the session, `environment()`, `diagnose()`. */
  get bridge(): Promise<Bridge> {
    return this.#bridge;
  }

  // Who is signed in

  /**
   * Says that the integration is there. What {@link isAuthorized} or {@link isNotAuthorized} says next is the first status; if neither is called within three seconds, the bridge says
   * what it knows. `"web"`: do not start me on mobile.
   */
  ready(platform?: "web"): Promise<unknown> {
    return this.#host((host) => host.ready(platform));
  }

  /** A user is signed in: here, in every other instance, and for the host. Saying it again does nothing. */
  isAuthorized(payload?: unknown): Promise<unknown> {
    return this.#host(async (host, bridge) => {
      const answer = host.sendStatus(true, payload);
      // A user who is signed in already, perhaps with a token, stays who they are.
      if (bridge.session.status !== "authorized") await bridge.authorize({ account: ACCOUNT });
      return answer;
    });
  }

  /** No user is signed in here any more. Every instance says it of itself; {@link signOut} says it for all. Saying it again does nothing. */
  isNotAuthorized(payload?: unknown): Promise<unknown> {
    return this.#host((host) => host.sendStatus(false, payload));
  }

  /** Signs the user out in every instance; each notifies its host. It is not in the vendor's library. */
  async signOut(): Promise<void> {
    await (await this.#bridge).signOut();
  }

  /** Asks the host to load this frame anew, with fresh parameters. */
  reboot(): Promise<unknown> {
    return this.#host((host) => host.request("xBeesReboot"));
  }

  version(): string {
    return VERSION;
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

  getContext(): Promise<Answer> {
    return this.#host((host) => host.request("xBeesContext")) as Promise<Answer>;
  }

  getCurrentContact(): Promise<Answer> {
    return this.#host((host) => host.request("xBeesCurrentContact")) as Promise<Answer>;
  }

  getThemeMode(): Promise<Answer<"light" | "dark">> {
    return this.#host((host) => host.request("xBeesThemeMode")) as Promise<Answer<"light" | "dark">>;
  }

  getTheme(): Promise<Answer<Theme>> {
    return this.#host((host) => host.request("xBeesTheme")) as Promise<Answer<Theme>>;
  }

  startCall(phoneNumber: string): Promise<Answer> {
    return this.#host((host) => host.request("xBeesStartCall", { phoneNumber })) as Promise<Answer>;
  }

  setViewport(viewport: Viewport): Promise<unknown> {
    return this.#host((host) => host.request("xBeesViewPort", viewport));
  }

  toClipboard(text: string): Promise<unknown> {
    return this.#host((host) => host.request("xBeesToClipboard", text));
  }

  /** Notifies the host that a contact has changed. */
  contactUpdated(query: ContactQuery, contact: Contact): Promise<unknown> {
    return this.#host((host) => host.request(this.#words.contactUpdated, { query, contact }));
  }

  /** Notifies the host of what a query matches now. */
  contactMatchUpdated(query: ContactQuery, contact: Contact | null): Promise<unknown> {
    return this.#host((host) => host.request(this.#words.contactMatchUpdated, { query, contact }));
  }

  /** Notifies the host that it may open the integration to create a contact. */
  createContactIsSupported(): Promise<unknown> {
    return this.#host((host) => host.request(this.#words.createContactIsSupported));
  }

  /** Has the host show a short text. */
  showToast(message: string, severity: "INFO" | "NOTICE" | "WARNING" | "ERROR" | "SUCCESS" = "INFO"): Promise<unknown> {
    return this.#host((host) => host.request(this.#words.toast, { message, severity }));
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

  getContactsAutoSuggest(found: { readonly contacts: readonly Contact[]; readonly query?: string }): Promise<unknown> {
    return this.#host((host) => host.request("xBeesContactsAutoSuggest", found));
  }

  // What the host says

  onThemeChange(listener: (theme: Theme) => unknown): Unsubscribe {
    return this.addEventListener("xBeesUseTheme", listener as (payload: unknown) => unknown);
  }

  onPbxTokenChange(listener: (token: string) => unknown): Unsubscribe {
    return this.addEventListener("xBeesPbxToken", listener as (payload: unknown) => unknown);
  }

  onCallStarted(listener: (call: unknown) => unknown): Unsubscribe {
    return this.addEventListener("xBeesAddCall", listener);
  }

  onCallEnded(listener: (call: unknown) => unknown): Unsubscribe {
    return this.addEventListener("xBeesTerminateCall", listener);
  }

  /** Answers a search by `resolve`, or says why not by `reject`. */
  onSuggestContacts(
    listener: (query: string, resolve: (contacts: readonly Contact[]) => void, reject: (reason: string) => void) => unknown,
  ): Unsubscribe {
    const suggest = (payload: unknown) => {
      const query = String(payload);
      const answer = (contacts: readonly Contact[]) => {
        this.getContactsAutoSuggest({ contacts, query }).catch(() => {});
      };
      // The wire has no word for a refusal: an empty answer ends the host's waiting.
      return listener(query, answer, () => answer([]));
    };
    return this.#listen("xBeesGetContactsAutoSuggest", suggest, listener);
  }

  /** Answers whose an address or a number is by `resolve`, or by `reject` that it is not known. */
  onLookupAndMatchContact(
    listener: (query: ContactQuery, resolve: (contact: Contact) => void, reject: (reason: string) => void) => unknown,
  ): Unsubscribe {
    const { lookup, lookupAnswer } = this.#words;
    const match = (query: ContactQuery) => {
      const answer = (contact: Contact | null) => this.#answer(lookupAnswer, { contact, query });
      return listener(query, answer, () => answer(null));
    };
    return this.#listen(lookup, match, listener);
  }

  /** The same for many: answers by a map with an entry for each query, `null` where the contact is not known. */
  onLookupAndMatchBatchContacts(
    listener: (queries: readonly ContactQuery[], returnResults: (results: ReadonlyMap<ContactQuery, Contact | null>) => void) => unknown,
  ): Unsubscribe {
    const { batchLookup, batchLookupAnswer } = this.#words;
    const match = (queries: readonly ContactQuery[]) =>
      listener(queries, (results) => {
        const found = Array.from(results, ([query, contact]) => ({ query, contact }));
        this.#answer(batchLookupAnswer, found);
      });
    return this.#listen(batchLookup, match, listener);
  }

  /** The host has signed the user out. By then this and every other instance is signed out as well. */
  onLogout(listener: () => unknown): Unsubscribe {
    return this.#subscriptions.add("logout", listener, (host) => host.onLogout(listener));
  }

  /** Every event by its name on the wire. The same listener is added once. */
  addEventListener(type: string, listener: (payload: unknown) => unknown): Unsubscribe {
    return this.#listen(type, listener);
  }

  removeEventListener(type: string, listener: (payload: never) => unknown): void {
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
  #answer(word: string, payload: unknown): void {
    this.#host((host) => host.request(word, payload)).catch(() => {});
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

function listed(native: boolean): readonly string[] {
  const meta = (findElement('meta[name="authframe-hosts"]') as HTMLMetaElement | null)?.content;
  const built = typeof AUTHFRAME_HOSTS === "string" ? AUTHFRAME_HOSTS : "";
  const hosts = (meta ?? built).split(/\s+/).filter(Boolean);
  if (hosts.length === 0 && !native)
    throw new AuthframeError("CONFIG_ORIGIN_REQUIRED", "list the pages that may embed this widget in hosts", "app");
  return hosts;
}
