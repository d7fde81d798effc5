/** The widget half's own words. What both halves share is in types.ts. */
import type { AuthframeError } from "./error.js";
import type { Identity, Peer, RequestOptions, Session, Stop } from "./types.js";

/** Who may embed the widget: an exact origin, or `https://*.example.com` for exactly one label. */
export type HostEntry = string | { readonly origin: string; readonly dialect?: "native" };

/** Where the wasm comes from. Default: `authframe.wasm` beside this module. */
export type WasmSource = URL | string | Response | PromiseLike<Response> | BufferSource | WebAssembly.Module;

export interface ConnectOptions {
  /** Required: who may embed the widget. Anybody else's page gets no answer. */
  readonly hosts: readonly HostEntry[];
  /** Sets this widget's stored state apart from others of the same origin: 1–64 of `A–Z a–z 0–9 _ . -`. Default `"authframe"`. */
  readonly namespace?: string;
  /** Sets several bridges of one page apart on the wire; the same in `embed`. At most 64 bytes of UTF-8. Default `""`. */
  readonly channel?: string;
  /** Works in a sandbox without `allow-same-origin` if `embed` says so too. Default `false`. */
  readonly opaque?: boolean;
  /**
   * Says who is signed in at your server. Called after a reload (`restore`), when another tab has signed in (`join`) and when the host names a
   * user (`sign-in`, with `identity`). `null`: nobody. Throw {@link AuthRejected}: the server said no. Anything else thrown, or 30 s: a failure.
   * Without it the status alone decides, and only the tab that signed in knows the account.
   */
  readonly acquire?: (request: AcquireRequest) => Grant | null | PromiseLike<Grant | null>;
  readonly wasm?: WasmSource;
}

export interface AcquireRequest {
  readonly reason: "restore" | "join" | "sign-in";
  /** The user as the host named it; only with `sign-in`. Check its token at your server. */
  readonly identity: Identity | null;
  /** Aborted when the answer is not wanted any more. */
  readonly signal: AbortSignal;
}

/** A signed-in account with what it may carry. The token stays in this tab's memory. */
export type Grant = Identity;

/** Throw it from `acquire` when the server refused: it is not tried again. */
export class AuthRejected extends Error {
  override readonly name = "AuthRejected";
}

/** Where the widget stands and who hears of its changes. */
export interface Environment {
  readonly scope: "top" | "same-origin-frame" | "same-site-frame" | "cross-site-frame" | "unknown";
  /** How `scope` is known. */
  readonly evidence: "parent-is-self" | "ancestor-origins" | "no-ancestor-origins" | "opaque-origin";
  /** Where the shared state is kept: `local` reaches other tabs, `session` survives a reload, `memory` neither. */
  readonly storage: "local" | "session" | "memory";
  /**
   * Who hears of a change: every tab of the widget's own `origin`; only tabs with the widget under the same `host-site` (a browser that
   * partitions storage keeps all others apart); only this `tab`; or it is `unknown`.
   */
  readonly shares: "origin" | "host-site" | "tab" | "unknown";
  /** The origin of the page that embeds us, once it is known. */
  readonly parent: string | null;
}

/** Something that {@link Bridge.diagnose} found, the gravest first. */
export interface Finding {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
}

/** How much was dropped, and why: see `docs/protocol.md` section 4. */
export interface Rejected {
  readonly source: number;
  readonly origin: number;
  readonly shape: number;
  readonly rate: number;
  readonly replay: number;
  readonly storage: number;
}

/** The widget's end. */
export interface Bridge extends Peer {
  /** This tab, as `session.writer` names it. */
  readonly id: string;
  readonly session: Session;
  /** Why the host was not reached (`VERSION_MISMATCH`, `OPAQUE_ORIGIN`), or `null`. */
  readonly failure: AuthframeError | null;
  readonly rejected: Rejected;
  /** Called at once with the current session and after every change. */
  subscribe(listener: (session: Session) => void): Stop;
  /** Your own sign-in has begun: the status is `authorizing` until `authorize` or `unauthorized`. Rejects with `ILLEGAL_MOVE`, `CLOSED`. */
  authorizing(): Promise<void>;
  /**
   * Signs an account in, in this tab, in every tab that hears it, and at every host. Another account than the current one signs that one out first.
   * Rejects with `ACCOUNT_INVALID`, `CLOSED`.
   */
  authorize(grant: Grant): Promise<void>;
  /** Signs everybody out, everywhere. Rejects with `CLOSED`. */
  unauthorized(reason?: "user" | "refused" | "expired"): Promise<void>;
  /** This tab's access token. Rejects with `NOT_AUTHORIZED`, `CLOSED`. */
  accessToken(): Promise<string>;
  /**
   * Asks the host to sign the user in (its `onSignInRequest`). Resolves with whether it named a user.
   * Rejects with `NO_HANDLER` if it never does, or as {@link Peer.request}.
   */
  requestSignIn(options?: RequestOptions): Promise<boolean>;
  environment(): Environment;
  /** What is wrong here and what to do about it. Loads its texts when it is first called. */
  diagnose(): Promise<readonly Finding[]>;
  /** Says goodbye; no listener, timer or port is left. */
  close(): void;
}
