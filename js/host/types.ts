/** What a page hands to `embed` and gets from it. */
import type { Identity, Peer, Session, Unsubscribe } from "../shared/types.js";
import type { Counter } from "./handshake.js";

export interface EmbedOptions {
  /** The element that the iframe is appended to; or an iframe that is there already and is adopted: never changed, moved or removed. */
  readonly container: Element;
  /** The widget's page, relative to this one. For an adopted iframe its own `src` is the default, and this only says which origin to trust. */
  readonly src?: string | URL;
  /**
   * The widget's only origin, exactly as the browser writes it. Default: that of `src`. Needed when `src` redirects to another origin.
   * Nothing is sent to, or taken from, any other. There is no wildcard.
   */
  readonly origin?: string;
  /** The iframe element's id. */
  readonly id?: string;
  /** The iframe's accessible name. Default "Embedded widget"; say what the widget is. */
  readonly title?: string;
  /** The iframe's permissions policy, as in `"microphone; storage-access"`. */
  readonly allow?: string;
  /** The iframe's sandbox. Without `allow-same-origin` the widget has no origin to trust: `OPAQUE_ORIGIN`, unless `allowOpaqueOrigin` is set. */
  readonly sandbox?: string;
  /** The user who is signed in on this page: sent to the widget as soon as it is connected. */
  readonly identity?: Identity;
  /** The widget asks for a user: sign the person in, or resolve with `null`. Called once at a time; what asks meanwhile shares the answer. Absent: it is announced to the widget that this page cannot. */
  readonly onSignInRequest?: () => Identity | null | Promise<Identity | null>;
  /** How long to wait for the first connection, in milliseconds, 1 to 600,000. Default 15,000. */
  readonly timeoutMs?: number;
  /** Aborting closes the widget, before or after it has connected. */
  readonly signal?: AbortSignal;
  /** Separates several bridges in one widget page, at most 64 bytes of UTF-8. The widget must use the same. On one iframe, each channel has one `embed`. Default `""`. */
  readonly channel?: string;
  /** Opt in to a widget in a sandbox without `allow-same-origin`. The widget must opt in too. Replaces the fragment of `src`. */
  readonly allowOpaqueOrigin?: boolean;
}

/** The widget as its host sees it. */
export interface Widget extends Peer {
  readonly frame: HTMLIFrameElement;
  /**
   * What the widget said last, frozen. `unknown` while it is not known: before the connection, after it (`starting`), and while this page is
   * hidden for the back/forward cache (`suspended`). `epoch`, `sequence` and `writer` then stay what they were.
   */
  readonly session: Session;
  /** Called at once with the session, then after every change. */
  subscribe(listener: (session: Session) => void): Unsubscribe;
  /**
   * Says to the widget who is signed in here, `null` for no user. Resolves when the widget has taken it; without a connection at once, and it
   * is sent when the widget is back. The newest user is kept, in memory, and sent again to a widget that was reloaded, as long as the session lives that it led to: once that has ended, in whatever
   * tab, this page has to name a user again. `null` is sent once. A lifetime counts from this call.
   * `ACQUIRE_FAILED`: the widget's `acquire` has not taken the user. Where its server failed this time, or has said before when to come again (up to a day), the widget tries again by itself, so the user may be signed in later: watch `session`; `signOut()` ends the attempts.
   * Where it refused the user (`session.reason` is `refused`), or found none, it does not: name the user again, with another token. What fails when a user is
   * sent again after a reconnection goes to `reportError`, as no caller waits for it.
   *
   * Rejects with `ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`, `ACQUIRE_FAILED`, `NO_HANDLER` (this widget takes no identity), `REQUEST_TIMEOUT`, `DISCONNECTED` (it is sent again
   * at the next connection) or `CLOSED`.
   *
   * @example
   * await widget.setIdentity({ account: { subject: "u-17", name: "Ada" }, accessToken, expiresAt: Date.now() + 3_600_000 });
   */
  setIdentity(identity: Identity | null): Promise<void>;
  /** The same as `setIdentity(null)`: no user is signed in in the widget, in any of its tabs. */
  signOut(): Promise<void>;
  /** How many messages were dropped, and why. Messages that are not authframe's, and those of this page's other widgets, count for nothing. */
  readonly rejected: Readonly<Record<Counter, number>>;
  /** Says bye, rejects what is under way with `CLOSED`, removes every listener, timer and port, and the iframe unless it was adopted. */
  close(): void;
}
