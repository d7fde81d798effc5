/**
 * A drop-in for the `Client` of x-bees' own library: an application that was written for that changes the import, and names its host.
 *
 * The host stands in the page, `<meta name="authframe-hosts" content="https://app.x-bees.com">`, in the options, or in the bundle (`AUTHFRAME_HOSTS`). Which calls are
 * known on the wire and which are inferred: `docs/dialects.md`.
 *
 * @example
 * import { Client } from "authframe/xbees";
 * Client.initialize(async () => (await import("./ui")).start());
 * const client = Client.getInstance();
 * client.onLogout(() => client.deleteFromStorage("user"));
 * await client.ready();
 * await (client.getFromStorage("user") ? client.isAuthorized() : client.isNotAuthorized());
 */
import { findElement } from "../../shared/own-document.js";
import { AuthframeError, type Bridge, connect, type ConnectOptions, type Unsubscribe, type XbeesHost } from "../../widget/index.js";
import { VERSION } from "./version.js";

export { AuthframeError } from "../../widget/index.js";

/** What the vendor's library says where there is no host. */
const NOT_EMBEDDED = "xBeesConnect should be wrapped within iframe to perform the connection";
/** The account of whoever is signed in: the application knows who that is, and tells nobody. */
const SOMEBODY = "x-bees user";

/** What a bundler may put in: hosts, separated by spaces. */
declare const AUTHFRAME_HOSTS: string | undefined;

/**
 * What the vendor's library has and nobody outside has seen on the wire. The names are made by the pattern of the known ones; set those that you know better. A message of another
 * name is one that the host does not answer.
 */
const WORDS = {
  lookup: "xBeesGetLookupAndMatchContact",
  lookupAnswer: "xBeesLookupAndMatchContact",
  batchLookup: "xBeesGetLookupAndMatchBatchContacts",
  batchLookupAnswer: "xBeesLookupAndMatchBatchContacts",
  contactUpdated: "xBeesContactUpdated",
  contactMatchUpdated: "xBeesContactMatchUpdated",
  createContactIsSupported: "xBeesCreateContactIsSupported",
  toast: "xBeesToast",
  /** Parameters of the page's address. */
  userEmail: "userEmail",
  fullsize: "fullsize",
  startPage: "startPage",
};

export type Words = Readonly<typeof WORDS>;

/** How the client connects. */
export interface ClientOptions {
  /** Who may embed the widget. Default: what `<meta name="authframe-hosts">` lists, separated by spaces; else what the bundler puts in for `AUTHFRAME_HOSTS`. */
  readonly hosts?: readonly string[];
  /** Also runs in the web view of the vendor's app, where nothing says who listens. Default `false`. */
  readonly native?: boolean;
  /** Names of the wire that the vendor does not document. */
  readonly words?: Partial<Words>;
  /** Sets this integration's sign-in apart from others of the same origin. Default `"xbees"`. */
  readonly namespace?: string;
  /** What the host posts to sign the user out. The vendor does not document it. Default `"xBeesLogout"`. */
  readonly logoutType?: string;
  /** Where the wasm comes from. */
  readonly wasm?: ConnectOptions["wasm"];
}

export interface Viewport {
  readonly height: number;
  readonly width: number;
}

/** A contact as x-bees shows it in its search. */
export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly phone?: string;
  readonly extension?: string;
  readonly mobileNumber?: string;
  readonly officeNumber?: string;
  readonly faxNumber?: string;
  readonly homeNumber?: string;
  readonly homeMobileNumber?: string;
  readonly organization?: string;
}

/** Whom the host would like to know more of. */
export interface ContactQuery {
  readonly email?: string;
  readonly phone?: string;
}

export interface Theme {
  readonly mode: "light" | "dark";
  readonly themeOptions?: { readonly typography?: unknown; readonly palette?: unknown };
}

/** What a request resolves with: whatever the host answered, conventionally this. */
export interface Answer<T = unknown> {
  readonly type: string;
  readonly payload?: T;
  readonly message?: string;
}

export class Client {
  static #only: Client | undefined;
  readonly #bridge: Promise<Bridge>;
  // What `on` was given, and what ends it.
  readonly #listening = new Map<string, Map<unknown, Unsubscribe>>();
  // Now: a router of the application may soon change the address.
  readonly #address = new URLSearchParams(location.search);
  readonly #words: Words;
  // What each listener of the storage does when this client writes.
  readonly #looks = new Set<() => void>();

  private constructor(options: ClientOptions) {
    const { native = false, hosts = listed(native), namespace = "xbees", logoutType, wasm } = options;
    const dialect = "xbees";
    this.#words = { ...WORDS, ...options.words };
    this.#bridge = connect({
      hosts: [...hosts.map((origin) => ({ origin, dialect }) as const), ...(native ? [{ native, dialect } as const] : [])],
      namespace,
      xbees: { manualReady: true, iframeId: this.#address.get("iframeId"), ...(logoutType === undefined ? {} : { logoutType }) },
      ...(wasm === undefined ? {} : { wasm }),
    });
    // Each call reports it; by itself it is no unhandled rejection.
    this.#bridge.catch(() => {});
  }

  /** Makes the client, and starts the UI unless this is the daemon. */
  static initialize(startUi?: () => unknown, options: ClientOptions = {}): Client {
    const client = (Client.#only ??= new Client(options));
    if (client.showsUi()) void startUi?.();
    return client;
  }

  static getInstance(options: ClientOptions = {}): Client {
    return (Client.#only ??= new Client(options));
  }

  /** The bridge below: the session, `environment()`, `diagnose()`. */
  get bridge(): Promise<Bridge> {
    return this.#bridge;
  }

  // Who is there

  /** Says that the integration is there, as soon as it is known whether somebody is signed in; that follows at once. `"web"`: do not start me on mobile. */
  ready(platform?: "web"): Promise<unknown> {
    return this.#host((host) => host.ready(platform));
  }

  /** Somebody is signed in: here, in every other instance, and for the host. */
  isAuthorized(payload?: unknown): Promise<unknown> {
    return this.#host(async (host, bridge) => {
      const answer = host.sendStatus(true, payload);
      await bridge.authorize({ account: SOMEBODY });
      return answer;
    });
  }

  /** Nobody is signed in any more: here, in every other instance, and for the host. */
  isNotAuthorized(payload?: unknown): Promise<unknown> {
    return this.#host(async (host, bridge) => {
      const answer = host.sendStatus(false, payload);
      await bridge.signOut();
      return answer;
    });
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

  /** Tells the host that a contact has changed. */
  contactUpdated(query: ContactQuery, contact: Contact): Promise<unknown> {
    return this.#host((host) => host.request(this.#words.contactUpdated, { query, contact }));
  }

  /** Tells the host what a query matches now. */
  contactMatchUpdated(query: ContactQuery, contact: Contact | null): Promise<unknown> {
    return this.#host((host) => host.request(this.#words.contactMatchUpdated, { query, contact }));
  }

  /** Tells the host that it may open the integration to create a contact. */
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
    return this.#listen("xBeesGetContactsAutoSuggest", listener, (payload) => {
      const query = String(payload);
      const answer = (contacts: readonly Contact[]) => void this.getContactsAutoSuggest({ contacts, query }).catch(() => {});
      // The wire has no word for a refusal: an empty answer ends the host's waiting.
      return listener(query, answer, () => answer([]));
    });
  }

  /** Answers whom an address or a number belongs to by `resolve`, or says that nobody is known by `reject`. */
  onLookupAndMatchContact(
    listener: (query: ContactQuery, resolve: (contact: Contact) => void, reject: (reason: string) => void) => unknown,
  ): Unsubscribe {
    const { lookup, lookupAnswer } = this.#words;
    return this.#listen(lookup, listener, (query: ContactQuery) => {
      const answer = (contact: Contact | null) => void this.#host((host) => host.request(lookupAnswer, { contact, query })).catch(() => {});
      return listener(query, answer, () => answer(null));
    });
  }

  /** The same for many: answers by a map with an entry for each query, `null` for whoever is not known. */
  onLookupAndMatchBatchContacts(
    listener: (queries: readonly ContactQuery[], returnResults: (results: ReadonlyMap<ContactQuery, Contact | null>) => void) => unknown,
  ): Unsubscribe {
    const { batchLookup, batchLookupAnswer } = this.#words;
    return this.#listen(batchLookup, listener, (queries: readonly ContactQuery[]) =>
      listener(
        queries,
        (results) =>
          void this.#host((host) =>
            host.request(
              batchLookupAnswer,
              Array.from(results, ([query, contact]) => ({ query, contact })),
            ),
          ).catch(() => {}),
      ),
    );
  }

  /** The host has signed the user out. By then this and every other instance is signed out as well. */
  onLogout(listener: () => unknown): Unsubscribe {
    return this.#listen(
      "logout",
      listener,
      () => listener(),
      (host) => host.onLogout(listener),
    );
  }

  /** Every event by its name on the wire. The same listener is added once. */
  addEventListener(type: string, listener: (payload: unknown) => unknown): Unsubscribe {
    return this.#listen(type, listener, listener);
  }

  removeEventListener(type: string, listener: (payload: never) => unknown): void {
    this.#listening.get(type)?.get(listener)?.();
  }

  /** Takes a listener off every event. */
  off(listener: (...payload: never) => unknown): void {
    for (const all of this.#listening.values()) all.get(listener)?.();
  }

  // Storage, as the vendor's: no prefix, texts as they are, everything else as JSON

  saveToStorage(key: string, value: unknown): void {
    try {
      const text = typeof value === "string" ? value : (JSON.stringify(value) as string | undefined);
      if (text === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch (error) {
      reportError(error);
    }
    for (const look of this.#looks) look();
  }

  getFromStorage<T = unknown>(key: string): T | null {
    let text: string | null = null;
    try {
      text = localStorage.getItem(key);
      return text === null ? null : (JSON.parse(text) as T);
    } catch {
      // A text that is no JSON was stored as it is.
      return text as T | null;
    }
  }

  deleteFromStorage(key: string): void {
    this.saveToStorage(key, undefined);
  }

  /**
   * Hears what other instances write and delete in localStorage. What an event says is compared with the storage first: a value that was overwritten by then is not passed on, nor is what
   * anybody has made up. The listener gets a `StorageEvent` of its own, with what was read.
   */
  onStorage(listener: (event: StorageEvent) => unknown): Unsubscribe {
    let known = storedKeys();
    const look = () => void (known = storedKeys());
    const heard = (event: Event) => {
      const before = known;
      look();
      const real = confirmed(event, before, known);
      if (real) listener(real);
    };
    this.#looks.add(look);
    addEventListener("storage", heard);
    return () => {
      this.#looks.delete(look);
      removeEventListener("storage", heard);
    };
  }

  #host<T>(act: (host: XbeesHost, bridge: Bridge) => Promise<T>): Promise<T> {
    return this.#bridge.then((bridge) => {
      // A text, not an error, as the vendor's library has it.
      if (!bridge.xbees) throw NOT_EMBEDDED;
      return act(bridge.xbees, bridge);
    });
  }

  #listen(
    type: string,
    own: unknown,
    listener: (payload: never) => unknown,
    begin = (host: XbeesHost) => host.on(type, listener),
  ): Unsubscribe {
    const all = this.#listening.get(type) ?? new Map<unknown, Unsubscribe>();
    this.#listening.set(type, all);
    const known = all.get(own);
    if (known) return known;
    let ended = false;
    let stop: Unsubscribe | undefined;
    const end = () => {
      if (ended) return;
      ended = true;
      all.delete(own);
      stop?.();
    };
    all.set(own, end);
    void this.#bridge.then(
      (bridge) => {
        if (!ended && bridge.xbees) stop = begin(bridge.xbees);
      },
      () => {},
    );
    return end;
  }
}

function storedKeys(): ReadonlySet<string> {
  try {
    return new Set(Object.keys(localStorage));
  } catch {
    // Storage is denied.
    return new Set();
  }
}

/** The event as localStorage shows it, or `null` if it does not. Any member may throw, or be of any type. */
function confirmed(event: Event, before: ReadonlySet<string>, now: ReadonlySet<string>): StorageEvent | null {
  const member = (name: string): unknown => {
    try {
      return (event as unknown as Record<string, unknown>)[name];
    } catch {
      return undefined;
    }
  };
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  const [key, newValue] = [member("key"), member("newValue")];
  try {
    const storageArea = localStorage;
    if (member("storageArea") !== storageArea) return null;
    // Without a key: everything was cleared. Some of it may have been written anew since.
    const shown =
      key === null
        ? newValue === null && (now.size === 0 || [...before].some((name) => !now.has(name)))
        : typeof key === "string" && storageArea.getItem(key) === newValue;
    if (!shown) return null;
    return new StorageEvent("storage", {
      key: text(key),
      oldValue: text(member("oldValue")),
      newValue: text(newValue),
      url: text(member("url")) ?? "",
      storageArea,
    });
  } catch {
    return null;
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
