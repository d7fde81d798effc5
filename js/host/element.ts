/** authframe/host/element: `embed` as a custom element. Importing it defines `<authframe-widget>`; without a DOM it does nothing. */
import type { ConnectionState, Identity, Session } from "../shared/types.js";
import { AuthframeError, embed } from "./index.js";
import type { EmbedOptions, Widget } from "./types.js";

type SignInRequest = NonNullable<EmbedOptions["onSignInRequest"]>;

/** What can be set on `<authframe-widget>`, for the JSX types of a framework. What is a text or a number is an attribute too. */
export interface AuthframeWidgetProperties {
  /** The widget's page. Another one embeds anew. */
  src?: string | URL | null | undefined;
  /** See `EmbedOptions.origin`. */
  origin?: string | null | undefined;
  /** See `EmbedOptions.allow`. */
  allow?: string | null | undefined;
  /** See `EmbedOptions.sandbox`. */
  sandbox?: string | null | undefined;
  /** See `EmbedOptions.channel`. */
  channel?: string | null | undefined;
  /** How long to wait for the first connection, in milliseconds: `EmbedOptions.timeoutMs`. */
  timeout?: number | string | null | undefined;
  /** The iframe's accessible name. */
  title?: string;
  /** Who is signed in on this page. Not an attribute: it may hold a token. */
  identity?: Identity | null | undefined;
  /** The widget asks for a user: see `EmbedOptions.onSignInRequest`. */
  onSignInRequest?: SignInRequest | null | undefined;
  /** React's way to listen. */
  onsession?: (event: CustomEvent<Session>) => void;
  onconnection?: (event: CustomEvent<ConnectionState>) => void;
  onerror?: (event: CustomEvent<AuthframeError>) => void;
}

/** The element's events. None bubbles. */
export interface AuthframeWidgetEventMap extends Omit<HTMLElementEventMap, "error"> {
  session: CustomEvent<Session>;
  connection: CustomEvent<ConnectionState>;
  error: CustomEvent<AuthframeError>;
}

// The class must be makeable where there is no DOM, as in server rendering.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** Attributes that are options of `embed`: where one changes, the widget is embedded anew. */
const OPTIONS = ["src", "origin", "allow", "sandbox", "channel", "timeout"] as const;
type Option = (typeof OPTIONS)[number];

/**
 * The page sizes the element, as it would an iframe, and the iframe fills it. What a page says of `authframe-widget` wins over `:host`; what it says
 * of `authframe-widget::part(frame)` wins over `iframe`.
 */
const STYLE =
  ":host{display:inline-block;width:300px;height:150px}:host([hidden]){display:none}div{display:contents}iframe{display:block;width:100%;height:100%;border:0}";

/** One for all elements. As a style sheet that is constructed, it is allowed by every Content-Security-Policy. */
let sheet: CSSStyleSheet | undefined;

/**
 * Embeds the widget of its `src` while it is in the document, and closes it when it is taken out. Properties and attributes of the same names: `src`,
 * `origin`, `allow`, `sandbox`, `channel`, `timeout` (milliseconds), `title`. Properties only: `identity`, `onSignInRequest`. All can be set at any
 * time, in any order, also before the element is defined. None of its events bubbles.
 *
 * The iframe is in the element's shadow root, so that a copy of the element, as page caches make one, does not bring along a copy of the iframe.
 * The page sizes the element itself; `::part(frame)` is the iframe.
 *
 * @fires session - `CustomEvent<Session>`: at once, then on every change
 * @fires connection - `CustomEvent<ConnectionState>`
 * @fires error - `CustomEvent<AuthframeError>`: it could not be embedded, or `identity` was not taken
 *
 * @example
 * <script type="module">import "authframe/host/element";</script>
 * <authframe-widget src="https://chat.example/widget" title="Chat"></authframe-widget>
 */
export class AuthframeWidgetElement extends Base {
  static readonly observedAttributes: readonly string[] = [...OPTIONS, "title"];

  #box!: HTMLElement;
  #widget!: Promise<Widget>;
  #settle!: (widget: Promise<Widget>) => void;
  /** Closes what is embedded now. */
  #embedded: AbortController | undefined;
  /** What is embedded now, once it is connected. */
  #live: Widget | undefined;
  /** Whether what is embedded now was announced to the widget as able to sign users in. */
  #signsIn = false;
  #scheduled = false;

  #identity: Identity | null | undefined;
  /** What is to be said to a widget that connects: nothing once it is out of date. */
  #news: { readonly identity: Identity | null; readonly at: number; epoch?: number } | undefined;
  /** The last one that the widget knew for certain. */
  #status: Session["status"] | undefined;
  #onSignInRequest: SignInRequest | undefined;

  constructor() {
    super();
    this.#expect();
    const root = this.attachShadow({ mode: "open" });
    this.#box = createElement("div");
    root.append(this.#box);
    dress(root);
    // What was set before the element was defined hides the accessors of the same names.
    for (const name of [...OPTIONS, "identity", "onSignInRequest"]) {
      if (!Object.hasOwn(this, name)) continue;
      const early = this as Record<string, unknown>;
      const value = early[name];
      delete early[name];
      early[name] = value;
    }
  }

  /** The widget once it is connected; rejects if it could not be embedded. A new promise whenever the element is taken out or embeds anew. */
  get widget(): Promise<Widget> {
    return this.#widget;
  }

  /** The widget's page, as it is written; `""` if there is none. Another one embeds anew, as does every property down to `timeout`. */
  get src(): string {
    return this.getAttribute("src") ?? "";
  }

  set src(value: string | URL | null | undefined) {
    reflect(this, "src", value);
  }

  /** See `EmbedOptions.origin`; `""` for its default, here and below. */
  get origin(): string {
    return this.getAttribute("origin") ?? "";
  }

  set origin(value: string | null | undefined) {
    reflect(this, "origin", value);
  }

  /** See `EmbedOptions.allow`. */
  get allow(): string {
    return this.getAttribute("allow") ?? "";
  }

  set allow(value: string | null | undefined) {
    reflect(this, "allow", value);
  }

  /** See `EmbedOptions.sandbox`. */
  get sandbox(): string {
    return this.getAttribute("sandbox") ?? "";
  }

  set sandbox(value: string | null | undefined) {
    reflect(this, "sandbox", value);
  }

  /** See `EmbedOptions.channel`. */
  get channel(): string {
    return this.getAttribute("channel") ?? "";
  }

  set channel(value: string | null | undefined) {
    reflect(this, "channel", value);
  }

  /** How long to wait for the first connection, in milliseconds; `null` for `embed`'s default. */
  get timeout(): number | null {
    const written = this.getAttribute("timeout");
    return written === null ? null : Number(written);
  }

  set timeout(value: number | string | null | undefined) {
    reflect(this, "timeout", value);
  }

  /**
   * Who is signed in on this page. Sent to the widget at once, or when it is connected. `null`: no user, which signs out in the widget too.
   * `undefined` says nothing, but after a user it is `null`. A copy of the element does not have it. Use this, not the widget's `setIdentity()`: an
   * element that is moved sends the new widget what was set here.
   */
  get identity(): Identity | null | undefined {
    return this.#identity;
  }

  set identity(value: Identity | null | undefined) {
    const before = this.#identity;
    this.#identity = value;
    // A page that has named no user signs no user out; one that has, and now says nothing, does.
    if (value === undefined && !before) return;
    this.#news = { identity: value ?? null, at: Date.now() };
    this.#sendNews();
  }

  /**
   * The widget asks for a user: sign them in, or resolve with `null`. Whether this page can is announced beforehand; so where there is none
   * yet, setting it embeds anew.
   */
  get onSignInRequest(): SignInRequest | undefined {
    return this.#onSignInRequest;
  }

  set onSignInRequest(value: SignInRequest | null | undefined) {
    this.#onSignInRequest = value ?? undefined;
    if (value && this.#embedded && !this.#signsIn) this.#schedule();
  }

  // React takes `onSignInRequest={…}` for a listener of "SignInRequest", whatever properties the element has; others do so in other cases of letters.
  override addEventListener<K extends keyof AuthframeWidgetEventMap>(
    type: K,
    listener: (this: AuthframeWidgetElement, event: AuthframeWidgetEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void {
    if (isSignInRequest(type) && typeof listener === "function") {
      const signIn = (() => listener.call(this, new Event(type))) as unknown as SignInRequest;
      listeners.set(signIn, listener);
      this.onSignInRequest = signIn;
    } else super.addEventListener(type, listener, options);
  }

  override removeEventListener<K extends keyof AuthframeWidgetEventMap>(
    type: K,
    listener: (this: AuthframeWidgetElement, event: AuthframeWidgetEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
  override removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void {
    if (isSignInRequest(type)) {
      if (this.#onSignInRequest && listeners.get(this.#onSignInRequest) === listener) this.onSignInRequest = undefined;
    } else super.removeEventListener(type, listener, options);
  }

  connectedCallback(): void {
    this.#schedule();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  /** `moveBefore` keeps the iframe alive, so there is nothing to do. */
  connectedMoveCallback(): void {}

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === "title") this.#frame()?.setAttribute("title", after ?? "Embedded widget");
    else this.#schedule();
  }

  #expect(): void {
    this.#widget = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // A page that does not ask for the widget learns of a failure by the event.
    this.#widget.catch(() => {});
  }

  /** Embeds anew, once, after the script that is running: frameworks set one property after the other, before or after they insert the element. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.isConnected) return;
      if (this.#embedded) this.#stop();
      this.#start();
    });
  }

  #start(): void {
    // Frameworks may set it later.
    if (!this.hasAttribute("src")) return;
    const embedded = new AbortController();
    this.#embedded = embedded;
    const attribute = (name: Option | "title") => this.getAttribute(name) ?? undefined;
    this.#signsIn = !!this.#onSignInRequest;
    const options = {
      container: this.#box,
      signal: embedded.signal,
      src: attribute("src"),
      origin: attribute("origin"),
      allow: attribute("allow"),
      sandbox: attribute("sandbox"),
      title: attribute("title"),
      channel: attribute("channel"),
      timeoutMs: this.timeout ?? undefined,
      onSignInRequest: this.#signsIn ? () => this.#signIn() : undefined,
    };
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as EmbedOptions;

    const widget = Number.isNaN(options.timeoutMs)
      ? Promise.reject<Widget>(
          new AuthframeError(
            "CONFIG_INVALID",
            `timeout="${attribute("timeout")}" is no number: give milliseconds, as in timeout="15000"`,
            "app",
          ),
        )
      : embed(given);
    this.#settle(widget);
    this.#frame()?.part.add("frame");
    widget.then(
      (connected) => {
        connected.frame.part.add("frame");
        // Taken out in the meantime.
        if (embedded.signal.aborted) return;
        this.#live = connected;
        connected.subscribe((session) => this.#changed(session));
        connected.onConnection((state) => this.#emit("connection", state));
        this.#sendNews();
      },
      (error: AuthframeError) => {
        if (!embedded.signal.aborted) this.#emit("error", error);
      },
    );
  }

  #stop(): void {
    this.#embedded?.abort();
    this.#embedded = undefined;
    this.#live = undefined;
    this.#status = undefined;
    this.#expect();
  }

  #changed(session: Session): void {
    // A user whose session has ended, here or in another tab, is not to be signed in again by a widget that is embedded anew.
    const news = this.#news;
    if (news?.identity && news.epoch !== undefined && session.epoch > news.epoch) this.#news = undefined;
    else if (session.status === "unauthorized" && session.reason !== "account-switch" && this.#status === "authorized")
      this.#news = undefined;
    if (session.status !== "unknown") this.#status = session.status;
    this.#emit("session", session);
  }

  /** Says to the connected widget who is signed in. `setIdentity` keeps it for the connections of this widget, `#news` for the widgets that follow. */
  #sendNews(): void {
    const [live, news] = [this.#live, this.#news];
    if (!live || !news) return;
    // That no user is signed in is said once: they may sign in over there later.
    if (!news.identity) this.#news = undefined;
    const taken = () => {
      // The session that it led to.
      if (news.identity) news.epoch = live.session.epoch;
    };
    live.setIdentity(news.identity && asOf(news.identity, news.at)).then(taken, (error: AuthframeError) => {
      // Lost with the connection, it is said again at the next one. Closed, no caller waits for it.
      if (error.code !== "DISCONNECTED" && live === this.#live) this.#emit("error", error);
    });
  }

  /** By the handler that there is when the widget asks. `embed` sends the user to this widget; those that follow are to get them too. */
  async #signIn(): Promise<Identity | null> {
    const identity = (await this.#onSignInRequest?.()) ?? null;
    if (identity) this.#news = { identity, at: Date.now() };
    return identity;
  }

  #emit(type: "session" | "connection" | "error", detail: Session | ConnectionState | AuthframeError): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #frame(): HTMLIFrameElement | null {
    return this.#box.querySelector("iframe");
  }
}

/** An element that a page names `createElement` hides the document's own. */
const createElement = <K extends keyof HTMLElementTagNameMap>(name: K) =>
  Document.prototype.createElement.call(document, name) as HTMLElementTagNameMap[K];

const reflect = (element: HTMLElement, name: Option, value: unknown): void => {
  // Frameworks set what is left out to undefined or null.
  if (value === undefined || value === null) element.removeAttribute(name);
  else element.setAttribute(name, String(value));
};

/** The listener that a framework added, behind what stands in its place. */
const listeners = new WeakMap<SignInRequest, EventListener>();

const isSignInRequest = (type: string): boolean => type.toLowerCase() === "signinrequest";

function dress(root: ShadowRoot): void {
  try {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Safari before 16.4. A policy may forbid this one; the iframe then has the size of every iframe.
    const style = createElement("style");
    style.textContent = STYLE;
    root.prepend(style);
  }
}

/** A time that was relative when the identity was given, as it is now. */
const asOf = (identity: Identity, given: number): Identity =>
  typeof identity.expiresIn !== "number"
    ? identity
    : { ...identity, expiresIn: Math.max(0, identity.expiresIn - (Date.now() - given) / 1000) };

if (globalThis.customElements && !customElements.get("authframe-widget")) customElements.define("authframe-widget", AuthframeWidgetElement);

declare global {
  interface HTMLElementTagNameMap {
    "authframe-widget": AuthframeWidgetElement;
  }
}
