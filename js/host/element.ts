/** authframe/host/element: `embed` as a custom element. Importing it defines `<authframe-widget>`; without a DOM it does nothing. */
import type { ConnectionState, Identity, Session } from "../types.js";
import { embed, type AuthframeError } from "./index.js";
import type { EmbedOptions, Widget } from "./types.js";

// The class must be makeable where there is no DOM, as in server rendering.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/**
 * Embeds the widget of its `src` while it is in the document, and closes it when it is taken out. Attributes, read when it is put in: `src`, `origin`,
 * `allow`, `sandbox`, `title`, `channel`, `timeout` (milliseconds); a new `src` embeds anew. None of its events bubbles.
 *
 * @fires session - `CustomEvent<Session>`: at once, then on every change
 * @fires connection - `CustomEvent<ConnectionState>`
 * @fires error - `CustomEvent<AuthframeError>`: it could not be embedded
 *
 * @example
 * <script type="module">import "authframe/host/element";</script>
 * <authframe-widget src="https://chat.example/widget" title="Chat"></authframe-widget>
 */
export class AuthframeWidgetElement extends Base {
  static readonly observedAttributes = ["src"];

  /** Set it before the element is in the document; later, use `(await element.widget).setIdentity()`. */
  declare identity?: Identity;
  /** Set it before the element is in the document. */
  declare onSignInRequest?: NonNullable<EmbedOptions["onSignInRequest"]>;

  #widget!: Promise<Widget>;
  #settle!: (widget: Promise<Widget>) => void;
  /** Closes what is embedded now. */
  #embedded: AbortController | undefined;

  constructor() {
    super();
    this.#expect();
  }

  /** The widget once it is connected; rejects if it could not be embedded. A new promise whenever the element is taken out or gets a new `src`. */
  get widget(): Promise<Widget> {
    return this.#widget;
  }

  connectedCallback(): void {
    this.#start();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  /** `moveBefore` keeps the iframe alive, so there is nothing to do. */
  connectedMoveCallback(): void {}

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    // When the parser or an upgrade sets it, connectedCallback is still to come.
    if (before === after || !this.isConnected || !this.#embedded) return;
    this.#stop();
    this.#start();
  }

  #expect(): void {
    this.#widget = new Promise((resolve) => (this.#settle = resolve));
    // Who does not ask for the widget hears of a failure by the event.
    this.#widget.catch(() => {});
  }

  #start(): void {
    // Moved by a script that does not wait: still, or again, in the document.
    this.#embedded?.abort();
    const embedded = (this.#embedded = new AbortController());
    const attribute = (name: string) => this.getAttribute(name) ?? undefined;
    // Frameworks may set it later.
    if (!this.hasAttribute("src")) return;
    const options = {
      container: this,
      signal: embedded.signal,
      src: attribute("src"),
      origin: attribute("origin"),
      allow: attribute("allow"),
      sandbox: attribute("sandbox"),
      title: attribute("title"),
      channel: attribute("channel"),
      timeoutMs: Number(attribute("timeout")) || undefined,
      identity: this.identity,
      onSignInRequest: this.onSignInRequest,
    };
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as EmbedOptions;
    const tell = (type: string, detail: Session | ConnectionState | AuthframeError) => this.dispatchEvent(new CustomEvent(type, { detail }));

    const widget = embed(given);
    this.#settle(widget);
    widget.then(
      (connected) => {
        connected.subscribe((session) => tell("session", session));
        connected.onConnection((state) => tell("connection", state));
      },
      (error: AuthframeError) => {
        if (!embedded.signal.aborted) tell("error", error);
      },
    );
  }

  #stop(): void {
    this.#embedded?.abort();
    this.#embedded = undefined;
    this.#expect();
  }
}

if (globalThis.customElements && !customElements.get("authframe-widget")) customElements.define("authframe-widget", AuthframeWidgetElement);

declare global {
  interface HTMLElementTagNameMap {
    "authframe-widget": AuthframeWidgetElement;
  }
}
