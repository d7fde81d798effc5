/** One widget in this page: its frame, the handshake, and what the page's own events mean for it. */

import { isPrerendering, listenToDocument } from "../shared/own-document.js";
import { report } from "../shared/report.js";
import { safeListener } from "../shared/safe-listener.js";
import type { ConnectionState } from "../shared/types.js";
import { HostConversation } from "./conversation.js";
import { failure } from "./errors.js";
import { prepare } from "./frame.js";
import { claimFrame, isWidgetWindow } from "./frame-registry.js";
import { type Judge, judge } from "./handshake.js";
import { type HandshakeLog, logHello } from "./handshake-log.js";
import { unknown } from "./state.js";
import type { EmbedOptions, Widget } from "./types.js";

/** How often a widget that is not connected is knocked at, in milliseconds. */
const KNOCK_INTERVAL = 1000;

export class Embedding {
  readonly log: HandshakeLog;

  readonly #options: EmbedOptions;
  readonly #frame: HTMLIFrameElement;
  readonly #channel: string;
  readonly #origin: string;
  /** Known by a nonce in its address, and not by an origin that a knock could be sent to. */
  readonly #isOpaque: boolean;
  readonly #isAdopted: boolean;
  readonly #judge: Judge;
  readonly #release: () => void;
  readonly #conversation: HostConversation;
  readonly #widget: HostConversation["widget"];
  /** Removes every listener. As the options of a listener it is `{ signal }`. */
  readonly #stop = new AbortController();
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #knocking: ReturnType<typeof setInterval> | undefined;
  #resolve!: (widget: Widget) => void;
  #reject!: (error: unknown) => void;

  /** @throws AuthframeError an option cannot be used, or the frame is taken; nothing has been done then */
  constructor(options: EmbedOptions) {
    const [frame, origin, nonce] = prepare(options);
    const { container, channel = "", onSignInRequest, signal, timeoutMs = 15_000 } = options;
    if (signal?.aborted) throw failure("ABORTED", "", signal.reason);
    this.#release = claimFrame(frame, channel);
    this.#options = options;
    this.#frame = frame;
    this.#channel = channel;
    this.#origin = origin;
    this.#isOpaque = nonce !== "";
    this.#isAdopted = frame === container;
    this.#judge = judge(channel, origin, onSignInRequest ? ["sign-in"] : [], nonce);
    this.log = { origin, expected: channel, timeoutMs };
    this.#conversation = new HostConversation(frame, onSignInRequest);
    this.#widget = this.#conversation.widget;
  }

  /** Inserts the frame, or takes the one that is there. Resolves when the widget is connected; if it rejects, nothing is left. */
  start(): Promise<Widget> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      try {
        this.#begin();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  #begin(): void {
    const { container, identity } = this.#options;
    // The first listener: what it does is done before the application is notified.
    this.#widget.onConnection((state) => this.#changed(state));
    // Frames of other sites load when the page is shown.
    if (isPrerendering()) listenToDocument("prerenderingchange", () => this.#limitWait(), this.#stop);
    else this.#limitWait();
    this.#listen();
    if (identity) this.#widget.setIdentity(identity).catch((error: unknown) => this.#fail(error));
    if (this.#isAdopted) this.#knockUntilConnected();
    else container.append(this.#frame);
  }

  #listen(): void {
    const { signal } = this.#options;
    const widget = this.#widget;
    // A page can make up an event without these members, or with getters that throw.
    const receive = safeListener<MessageEvent>((event) => this.#receive(event));
    addEventListener("message", receive, this.#stop);
    // A user who comes back to this page from the history sees no account until the widget has spoken again.
    addEventListener("pagehide", () => this.#conversation.update({ session: unknown(widget.session, "suspended") }), this.#stop);
    addEventListener(
      "pageshow",
      () => {
        if (widget.session.reason === "suspended") this.#conversation.again();
      },
      this.#stop,
    );
    const loaded = () => {
      this.log.loaded = true;
      // Also while connected: a new document may not know its parent. The old one ignores it.
      this.#knockUntilConnected();
    };
    this.#frame.addEventListener("load", loaded, this.#stop);
    signal?.addEventListener("abort", () => this.#fail(failure("ABORTED", "", signal.reason)), this.#stop);
  }

  #receive({ source, origin, data, ports }: MessageEvent): void {
    const isFirst = this.#widget.connection === "connecting";
    // A frame without a window has none that a message could come from.
    const isFromFrame = source !== null && source === this.#frame.contentWindow;
    // Another widget of this page speaks to its own half.
    if (!isFromFrame && isWidgetWindow(source)) return;
    if (isFromFrame) logHello(this.log, origin, data);
    const verdict = this.#judge(performance.now(), isFromFrame, origin, data, ports?.length ?? 0, isFirst);
    if (typeof verdict === "string") this.#widget.rejected[verdict]++;
    else if (verdict) {
      this.#conversation.attach(ports[0]!, verdict);
      if (!verdict.code) return;
      const error = failure(verdict.code);
      if (isFirst) this.#fail(error);
      else report(error);
    }
  }

  #changed(state: ConnectionState): void {
    clearTimeout(this.#deadline);
    clearInterval(this.#knocking);
    if (state === "connected") this.#resolve(this.#widget);
    if (state === "disconnected") this.#knockRegularly();
    if (state === "closed") {
      this.#stop.abort();
      this.#release();
      if (!this.#isAdopted) this.#frame.remove();
    }
  }

  #limitWait(): void {
    this.#deadline = setTimeout(() => this.#fail(failure("HANDSHAKE_TIMEOUT")), this.log.timeoutMs);
  }

  #knock(): void {
    if (!this.#isOpaque) this.#frame.contentWindow?.postMessage({ type: "authframe:knock", channel: this.#channel }, this.#origin);
  }

  #knockRegularly(): void {
    clearInterval(this.#knocking);
    if (this.#widget.connection !== "connected") this.#knocking = setInterval(() => this.#knock(), KNOCK_INTERVAL);
  }

  #knockUntilConnected(): void {
    this.#knock();
    this.#knockRegularly();
  }

  #fail(error: unknown): void {
    this.#reject(error);
    this.#widget.close();
  }
}
