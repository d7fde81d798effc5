/** authframe/host: embeds a widget into this page and talks with it. Implements the host's half of docs/protocol.md. */
import { listening } from "../shared/listening.js";
import { isPrerendering, listenToDocument } from "../shared/own-document.js";
import { converse } from "./conversation.js";
import { advice, failure } from "./errors.js";
import { prepare } from "./frame.js";
import { isOwned, own } from "./frames.js";
import { judge } from "./handshake.js";
import { see, type Seen } from "./seen.js";
import { unknown } from "./state.js";
import type { EmbedOptions, Widget } from "./types.js";

import { AuthframeError } from "../shared/error.js";

export { AuthframeError, type ErrorCode, type Responsible } from "../shared/error.js";
export type {
  Account,
  AuthStatus,
  ConnectionState,
  Handler,
  Identity,
  Peer,
  Reason,
  RequestOptions,
  Session,
  Unsubscribe,
} from "../shared/types.js";
export type { EmbedOptions, Widget } from "./types.js";
export type { Counter } from "./handshake.js";

/**
 * Embeds a widget, and resolves when it is connected.
 *
 * Rejects, and leaves nothing behind, with `CONFIG_INVALID`, `CONFIG_ORIGIN_INVALID`, `ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`, `ENV_UNSUPPORTED` (not a browser), `FRAME_IN_USE` (the
 * iframe is embedded already, perhaps by another copy of this library), `OPAQUE_ORIGIN`, `VERSION_MISMATCH`, `HANDSHAKE_TIMEOUT` (its text says what was seen) or `ABORTED`.
 *
 * @example
 * const widget = await embed({ container: document.querySelector("#chat")!, src: "https://chat.example/widget", title: "Chat" });
 * widget.subscribe((session) => { badge.textContent = session.account?.name ?? ""; });
 * await widget.setIdentity({ account: { subject: "u-17", name: "Ada" } });
 */
export const embed = async (options: EmbedOptions): Promise<Widget> => {
  const report: { seen?: Seen } = {};
  try {
    return await begin(options, report);
  } catch (error) {
    // Only a developer needs these words.
    const words = error instanceof AuthframeError ? (await advice())?.adviceFor(error.code, options, report.seen) : undefined;
    throw words ? failure((error as AuthframeError).code, words, (error as AuthframeError).cause) : error;
  }
};

const begin = (options: EmbedOptions, report: { seen?: Seen }): Promise<Widget> =>
  new Promise((resolve, reject) => {
    const [frame, origin, nonce] = prepare(options);
    const { container, channel = "", identity, onSignInRequest, signal, timeoutMs = 15_000 } = options;
    const adopted = frame === container;
    if (signal?.aborted) throw failure("ABORTED", "", signal.reason);
    const release = own(frame, channel);
    const seen: Seen = (report.seen = { origin, expected: channel, timeoutMs });

    let patience: ReturnType<typeof setTimeout> | undefined;
    let seeking: ReturnType<typeof setInterval> | undefined;
    const stop = new AbortController();
    const [widget, update, attach, again] = converse(frame, onSignInRequest);
    const fail = (error: unknown) => {
      reject(error);
      widget.close();
    };

    const knockOnce = () => {
      if (!nonce) frame.contentWindow?.postMessage({ type: "authframe:knock", channel }, origin);
    };
    const seek = () => {
      clearTimeout(seeking);
      if (widget.connection !== "connected") seeking = setInterval(knockOnce, 1000);
    };
    // The first listener: what it does is done before the application hears.
    widget.onConnection((state) => {
      clearTimeout(patience);
      clearTimeout(seeking);
      if (state === "disconnected") seek();
      if (state === "connected") resolve(widget);
      if (state === "closed") {
        stop.abort();
        release();
        if (!adopted) frame.remove();
      }
    });

    const verdict = judge(channel, origin, onSignInRequest ? ["sign-in"] : [], nonce);
    // A page can make up an event without these members, or with getters that throw.
    const hear = listening<MessageEvent>(({ source, origin: from, data, ports }) => {
      const first = widget.connection === "connecting";
      const fromFrame = source === (frame.contentWindow ?? 0);
      // Another widget of this page speaks to its own half.
      if (!fromFrame && isOwned(source)) return;
      if (fromFrame) see(seen, from, data);
      const answer = verdict(performance.now(), fromFrame, from, data, ports?.length ?? 0, first);
      if (typeof answer === "string") widget.rejected[answer]++;
      else if (answer) {
        attach(ports[0]!, answer);
        if (answer.code) (first ? fail : reportError)(failure(answer.code));
      }
    });

    /** Also while connected: a new document may not know whom to greet. The old one ignores it. */
    const look = () => {
      seen.loaded = true;
      knockOnce();
      seek();
    };
    const wait = () => (patience = setTimeout(() => fail(failure("HANDSHAKE_TIMEOUT")), timeoutMs));
    // Frames of other sites load when the page is shown.
    if (isPrerendering()) listenToDocument("prerenderingchange", wait, stop);
    else wait();
    // As the options of a listener, `stop` is `{ signal: stop.signal }`.
    addEventListener("message", hear, stop);
    // A user who comes back to this page from the history sees no account until the widget has spoken again.
    addEventListener("pagehide", () => update({ session: unknown(widget.session, "suspended") }), stop);
    addEventListener("pageshow", () => widget.session.reason === "suspended" && again(), stop);
    frame.addEventListener("load", look, stop);
    signal?.addEventListener("abort", () => fail(failure("ABORTED", "", signal.reason)), stop);

    if (identity) widget.setIdentity(identity).catch(fail);
    if (adopted) {
      knockOnce();
      seek();
    } else container.append(frame);
  });
