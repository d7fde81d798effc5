/** The words both halves share. Times are milliseconds since 1970-01-01T00:00Z unless a name says otherwise. */
import type * as words from "./words.js";

/** Whether a user is signed in. `unknown` means "not established yet": show nothing private and no sign-in button. */
export type AuthStatus = words.AuthStatus;

/**
 * Why the status is what it is.
 *
 * - `unknown`: `starting`, `suspended` (the page is being hidden or frozen), `restored` (back from the back/forward cache, being re-read)
 * - `unauthorized`: `initial` (no user has signed in), `user`, `host` (the host signed out), `refused` (the server said no), `expired`,
 *   `account-switch` (passing through: another account follows), `storage-cleared`, `acquire-failed`, `acquire-timeout`, `account-mismatch` (these three are local to this tab), `refresh-outcome-unknown` (a
 *   refresh got no answer, and the next one was refused), `credential-lost` (the stored credential could not be read)
 * - `authorizing`: `sign-in`, `other-tab` (another tab signed in), `restore` (after a reload)
 * - `authorized`: `sign-in`, `host` (the host named the user), `account-switch`, `other-tab`, `restore`, `refresh`
 * - `other`: at the host, a reason of a later version of the widget
 */
export type Reason = words.SessionReason | "other";

/** Who is signed in. `subject` is opaque to authframe (1–256 characters); `name` is for display (at most 256). */
export interface Account {
  readonly subject: string;
  readonly name: string | null;
}

/** What is known about the sign-in, frozen. A new object for every change, the same object until then. It never holds a token. */
export interface Session {
  readonly status: AuthStatus;
  readonly reason: Reason;
  /** `null` unless authorized; also `null` when another tab signed in and this one has no `acquire`. */
  readonly account: Account | null;
  /** When the access token expires, or `null` if unknown. */
  readonly expiresAt: number | null;
  /** Raised by sign-in, account switch and sign-out; a number of milliseconds since 1970 or a little more. Never falls. */
  readonly epoch: number;
  /** Raised by a refresh within one epoch. */
  readonly sequence: number;
  /** The tab that made this change (16 hex digits), `""` before the first one. Compare with `bridge.id`. */
  readonly writer: string;
}

/**
 * A user as the host knows them, handed to the widget.
 *
 * When the token ends, no user is signed out: `session.status` stays, and `session.expiresAt` is in the past. If the widget has `acquire`, it is asked to refresh; without it `accessToken()` rejects with `TOKEN_EXPIRED` until a new
 * token is given.
 */
export interface Identity {
  readonly account: string | { readonly subject: string; readonly name?: string | null };
  /** 1 to 16,384 characters. `null` says the same as nothing, here and in the next fields. */
  readonly accessToken?: string | null;
  /** When the access token expires, by the server's clock if `serverTime` is given, else by this browser's. */
  readonly expiresAt?: number | null;
  /** In how many seconds it expires, as OAuth replies say it (RFC 6749 section 5.1), 0 to 3,155,760,000 (a hundred years), counted from the call; wins over `expiresAt`. Needs no clock. */
  readonly expiresIn?: number | null;
  /** What brings the next access token: handed to `acquire` as part of `credential`. 1 to 16,384 characters. */
  readonly refreshToken?: string | null;
  /** The server's clock when it answered, such as `Date.parse(response.headers.get("Date"))`. */
  readonly serverTime?: number | null;
}

/**
 * - `connecting`: no handshake yet
 * - `connected`: both sides may talk
 * - `disconnected`: the other side went away; it may come back
 * - `standalone` (widget only): the page is not embedded
 * - `closed`: `close()` was called
 */
export type ConnectionState = words.ConnectionState;

/** Ends a subscription. Safe to call twice. */
export type Unsubscribe = () => void;

/** Answers a request or takes a message of the other side. What it returns (or its promise resolves with) is the reply. What it throws (or its promise rejects with) goes to `reportError`; the other side gets `HANDLER_FAILED`. */
export type Handler = (data: unknown) => unknown;

export interface RequestOptions {
  /** How long to wait for the answer, in milliseconds, 1 to 600,000. Default 10,000. */
  readonly timeoutMs?: number;
}

/** What both halves offer for the application's own messages. */
export interface Peer {
  /** What the other side announced at the handshake; empty until connected. */
  readonly capabilities: readonly string[];
  readonly connection: ConnectionState;
  /**
   * How many messages of this side's application the other side has dropped in this connection, because too many came at once. It says so at the first, and whenever there are twice as many. Requests that are dropped
   * reject with `RATE_LIMITED`; what has to do with who is signed in is never dropped.
   */
  readonly undelivered: number;
  /** Called at once with the current state and after every change. */
  onConnection(listener: (state: ConnectionState) => void): Unsubscribe;
  /**
   * Sends news that needs no answer. Before the connection stands it waits (at most 32 wait). If the other side has no handler of this name it is dropped there.
   * @throws AuthframeError `RATE_LIMITED` (more than 20,000 messages and requests in a second), `QUEUE_FULL`, `NAME_INVALID`, `DATA_NOT_CLONEABLE`, `CLOSED`, and `DISCONNECTED` in a page that is not
   * embedded
   */
  send(name: string, data?: unknown): void;
  /**
   * Asks the other side and resolves with its answer.
   * Rejects with `REQUEST_TIMEOUT`, `DISCONNECTED`, `NO_HANDLER`, `HANDLER_FAILED`, `RATE_LIMITED`, `QUEUE_FULL`, `CONFIG_INVALID` (`timeoutMs`), `NAME_INVALID`, `DATA_NOT_CLONEABLE` or `CLOSED`.
   */
  request(name: string, data?: unknown, options?: RequestOptions): Promise<unknown>;
  /** Answers the other side's requests and takes its messages of this name. One handler a name; the last one wins. */
  handle(name: string, handler: Handler): Unsubscribe;
}
