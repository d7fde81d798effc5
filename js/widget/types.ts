/** The widget half's own words. What both halves share is in shared/types.ts. */
import type { DialectHostEntry, DialectHosts, DialectOptions } from "../dialect/types.js";
import type { AuthframeError } from "../shared/error.js";
import { retryAfter } from "../shared/retry-after.js";
import type { Account, Identity, Peer, RequestOptions, Session, Unsubscribe } from "../shared/types.js";
import type { AcquireReason, CredentialPolicy, DialectKind, StorageTier } from "../shared/words.js";

/**
 * Who may embed the widget: an exact origin, or `https://*.example.com` for exactly one label; and what it speaks, if not authframe's own protocol.
 * A host that waits for the widget to speak first (all but our own protocol) has to be exact where the browser does not say who embeds it.
 */
export type HostEntry = string | { readonly origin: string; readonly dialect?: DialectKind } | DialectHostEntry;

/** Where the wasm comes from. Default: beside this module, the file that the options need (see `init`). */
export type WasmSource = URL | string | Response | PromiseLike<Response> | BufferSource | WebAssembly.Module;

/** What `requestStorageAccess({ unpartitionedStorage: true })` of `authframe/storage-access` resolves with. It is for `connect`, and for no other caller. */
export interface UnpartitionedStorage {
  /** Puts the bridge of this namespace on it. */
  begin(namespace: string, credentials: CredentialPolicy): OnUnpartitionedStorage;
}

/** A bridge that stands on it. */
export interface OnUnpartitionedStorage {
  /** Where the shared record is kept. */
  readonly area: Storage;
  /** The bridge has begun, and says who is signed in. One that never began, because an option is wrong, does not get here. */
  began(): void;
  /** The bridge is closed: the next one of this namespace may be without us. */
  ended(): void;
}

export interface ConnectOptions extends DialectOptions {
  /** Required: who may embed the widget. Any other page gets no answer. */
  readonly hosts: readonly HostEntry[];
  /** Sets this widget's stored state apart from others of the same origin: 1–64 of `A–Z a–z 0–9 _ . -`. Default `"authframe"`. A page has one bridge for each namespace: a second `connect` is `NAMESPACE_IN_USE`, unless the first is being closed or began less than 250 ms ago (then it is waited for). */
  readonly namespace?: string;
  /** Sets several bridges of one page apart on the wire; the same in `embed`. A second bridge of a page needs another `namespace` too. At most 64 bytes of UTF-8. Default `""`. */
  readonly channel?: string;
  /** Works in a sandbox without `allow-same-origin` if `embed` says so too. Default `false`. */
  readonly allowOpaqueOrigin?: boolean;
  /**
   * Where tokens are kept. Default `"memory"`: in the tab that has them, and `acquire` brings them again after a reload.
   *
   * - `"sealed"`: encrypted in IndexedDB under a key that no script can read. They survive a reload and a restart of the browser, serve every tab
   *   of the partition, and are destroyed at sign-out. It protects a copy of the storage, NOT against a script that runs in your page (XSS): such
   *   a script can use the tokens.
   * - `"dangerous-plaintext"`: the same in clear text.
   */
  readonly credentials?: CredentialPolicy;
  /**
   * Says who is signed in at your server. Called after a reload (`restore`), when another tab has signed in (`other-tab`), when the host names a
   * user (`sign-in`, with `identity`), and before the access token expires (`refresh`, with `credential`). `null`: no user. Throw {@link AuthRejected}: the
   * server said no. Throw {@link RetryLater}: the server said when to come again. Anything else thrown, a grant that cannot be used, or 30 s: a failure. What was thrown is not reported as an uncaught error, as it may be no more than
   * a network that is away: it is the `cause` of {@link Bridge.failure} (`ACQUIRE_FAILED`) and of what `accessToken()` rejects with (`REFRESH_FAILED`), its `message` is in theirs, and `diagnose()` shows it. The host gets the code alone.
   * What failed is tried again, whatever it was for:
   * after 0.5 to 1 s, then after up to twice as long each time, up to a minute; at once when the page is shown or the network is back.
   *
   * With shared credentials (`sealed`, `dangerous-plaintext`) only one tab at a time is asked to refresh, and the others get what it brought; `restore` and
   * `other-tab` are only asked for what the credential store does not have.
   * Without it the status alone decides, and only the tab that signed in knows the account.
   */
  readonly acquire?: (request: AcquireRequest) => Grant | null | PromiseLike<Grant | null>;
  readonly wasm?: WasmSource;
  /**
   * Takes the call back: aborted before the bridge is there, `connect` rejects with `ABORTED` and leaves nothing behind; aborted later, it closes the bridge. What a component needs whose effect is
   * cleaned up: `useEffect(() => { const stop = new AbortController(); connect({ …, signal: stop.signal }).then(use, error => { if (error.code !== "ABORTED") report(error); }); return () => stop.abort(); }, [])`.
   */
  readonly signal?: AbortSignal;
  /** The default of {@link Bridge.signIn}, so that a button needs no options: see {@link SignInOptions}. Checked when it is called. */
  readonly signIn?: SignInOptions;
  /**
   * **Experimental**, Chromium only: storage that the browser does not keep apart for each host site, from
   * `requestStorageAccess({ unpartitionedStorage: true })` of `authframe/storage-access`.
   */
  readonly unpartitionedStorage?: UnpartitionedStorage;
}

/**
 * How {@link Bridge.signIn} signs a user in. One of `url` and `oauth` is required; if both are there, `oauth` counts. All addresses are absolute, `https:` (or `http:` on loopback), without
 * a user name in them. What each outcome means, and what a sign-in page has to do: `docs/sign-in.md`.
 *
 * A call's options go before the default of `connect`, one by one. But a call with `url` or `oauth` says itself how the user signs in: then `url`, `oauth`, `from`, `exchange` and `poll` of the default
 * count for nothing, and only `timeoutMs`, `width`, `height` and `signal` are still taken of it.
 */
export interface SignInOptions {
  /** A sign-in page that calls `finish` of `authframe/popup`. It is opened with a query parameter `state`. */
  readonly url?: string | URL;
  /** Instead of `url`: an OAuth 2 authorization request (code, `state`, PKCE with S256). Needs `exchange`. */
  readonly oauth?: OAuthRequest;
  /** The origin that the result may come from. Default: that of `oauth.redirectUri`, or of `url`. */
  readonly from?: string;
  /**
   * Makes a grant of what the popup brought. Required with `oauth`: redeem the code, best at your own server. Without it `data` itself is the grant.
   * Throw {@link AuthRejected} for `SIGN_IN_REFUSED`; anything else thrown is `SIGN_IN_FAILED`.
   */
  readonly exchange?: (result: SignInResult) => Grant | PromiseLike<Grant>;
  /**
   * Asked once nothing can come from the popup itself any more: it was closed, or its page cut itself off (`Cross-Origin-Opener-Policy`). At first at once, then after 1 s, at last
   * every 5 s, until the sign-in ends. `null`: nothing yet. Throw {@link AuthRejected} for `SIGN_IN_REFUSED`; what else it throws is taken for `null`.
   */
  readonly poll?: (request: PollRequest) => Grant | null | PromiseLike<Grant | null>;
  /** How long the whole may take, in milliseconds. Default 300,000 (five minutes), at most 3,600,000. */
  readonly timeoutMs?: number;
  /** Your own "Cancel" button: ends it with `SIGN_IN_CANCELLED`. */
  readonly signal?: AbortSignal;
  /** Of the popup, in CSS pixels. Default 480 × 640. */
  readonly width?: number;
  readonly height?: number;
}

/** An authorization request. `state`, `code_challenge` and what goes with them are added. */
export interface OAuthRequest {
  readonly authorizationEndpoint: string | URL;
  readonly clientId: string;
  /** Your page that calls `finish` of `authframe/popup`. */
  readonly redirectUri: string;
  readonly scope?: string;
  /** What `iss` of the answer must be. Give it if the server sends one (RFC 9207), always with several servers. */
  readonly issuer?: string;
  /** More parameters: `prompt`, `login_hint`, `response_mode` … */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Default `true`. `false` only where a backend with a secret redeems the code and the provider takes no challenge. */
  readonly pkce?: boolean;
}

/** What both ways to a grant are given. */
export interface PollRequest {
  /** Names this sign-in: 128 random bits. */
  readonly state: string;
  /** With `oauth`: what the token endpoint asks for beside the code. */
  readonly codeVerifier: string | null;
  readonly redirectUri: string | null;
  /** Aborted when the answer is not wanted any more. */
  readonly signal: AbortSignal;
}

/** What the popup brought. `state` and, if you gave an issuer, `iss` have been checked. */
export interface SignInResult extends PollRequest {
  /** The authorization code, or `null` if the page brought `data`. */
  readonly code: string | null;
  /** What the page handed to `finish({ data })`. */
  readonly data: unknown;
}

export interface AcquireRequest {
  readonly reason: AcquireReason;
  /** The user as the host named them; only with `sign-in`. Check the token at your server. `expiresIn` has become `expiresAt`; what the host left out is `null`. */
  readonly identity: Identity | null;
  /** What is to be renewed; only with `refresh`. */
  readonly credential: Credential | null;
  /** Aborted when the answer is not wanted any more. */
  readonly signal: AbortSignal;
}

/** A signed-in account with what it may carry. */
export type Grant = Identity;

/** What a signed-in account carries now. */
export interface Credential {
  readonly account: Account;
  readonly accessToken: string | null;
  /** By this browser's clock. */
  readonly expiresAt: number | null;
  readonly refreshToken: string | null;
}

/** Throw it from `acquire` when the server refused: it is not tried again. */
export class AuthRejected extends Error {
  override readonly name = "AuthRejected";
}

const A_DAY = 86_400_000;

/**
 * Throw it from `acquire` when the server has said when to come again (RFC 9110 section 10.2.3, `Retry-After`): before that time no tab of this partition calls `acquire` anew, whatever
 * for, and no page that is loaded in the meantime, unless an attempt that was under way succeeds or a user signs in. Where localStorage is denied, only this tab knows.
 *
 * @example
 * if (response.status === 429 || response.status === 503) throw new RetryLater(response.headers.get("Retry-After"));
 */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  /** How many seconds to wait, 0 to 86,400 (a day); `null` if the server does not say: then pauses grow as after any failure. */
  readonly seconds: number | null;

  /** @param after seconds, or the value of the header: seconds or a date as HTTP writes it. What is neither counts as not said; more than a day counts as a day. */
  constructor(after?: number | string | null) {
    super("the server asked to come again later");
    const wait = retryAfter(after, A_DAY);
    this.seconds = wait === null ? null : wait / 1000;
  }
}

/** Where the widget stands and which tabs its changes reach. */
export interface Environment {
  readonly scope: "top" | "same-origin-frame" | "same-site-frame" | "cross-site-frame" | "unknown";
  /** How `scope` is known. */
  readonly evidence: "parent-is-self" | "ancestor-origins" | "no-ancestor-origins" | "opaque-origin";
  /** Where the shared state is kept: `local` reaches other tabs, `session` survives a reload, `memory` neither. */
  readonly storage: StorageTier;
  /**
   * Which tabs a change reaches: every tab of the widget's own `origin`; only tabs with the widget under the same `host-site` (a browser that
   * partitions storage keeps all others apart); only this `tab`; or it is `unknown`.
   */
  readonly shares: "origin" | "host-site" | "tab" | "unknown";
  /**
   * What keeps two tabs from refreshing at once: a `transaction` on the credential store (shared credentials), a Web `lock`, or nothing but good luck
   * (`best-effort`).
   */
  readonly refresh: "transaction" | "lock" | "best-effort";
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
  readonly malformed: number;
  readonly rate: number;
  readonly replay: number;
  readonly storage: number;
}

/**
 * The application's own values (drafts, settings), a key each, in every tab that shares the widget's storage. Nothing secret belongs here, and no
 * sign-out deletes it: see `docs/storage.md`. A key has 1–128 characters; a value is what `JSON.stringify` takes, at most 1,048,576 characters of it.
 * Calls are carried out in their order. Without localStorage it is sessionStorage, without that the memory of this page.
 *
 * Everything rejects with `NAME_INVALID`, `CLOSED`, `STORAGE_DENIED` (it worked, and the browser now refuses), and, if the code for this cannot be
 * loaded, with the browser's own error.
 *
 * @example
 * bridge.storage.subscribe("draft", draft => show(draft ?? ""));
 * show((await bridge.storage.get("draft")) ?? "");
 * await bridge.storage.set("draft", text);
 */
export interface AppStorage {
  /** Resolves with a copy of the value, `undefined` if there is none or the text there is not JSON. */
  get(key: string): Promise<unknown>;
  /** Copies the value at once. Rejects with `STORAGE_QUOTA` (full, or too long: the old value stays) and `DATA_NOT_CLONEABLE`. */
  set(key: string, value: unknown): Promise<void>;
  /** Resolves also if there is no such value. */
  delete(key: string): Promise<void>;
  /**
   * Calls after every change by this tab or another, not with the current value; with `undefined` when the value was deleted or all storage cleared.
   * Of changes in quick succession only the last may be notified. What is wrong with the call is reported as an unhandled rejection.
   */
  subscribe(key: string, listener: (value: unknown) => void): Unsubscribe;
}

/** The widget's end. */
export interface Bridge extends Peer, DialectHosts {
  /** This tab, as `session.writer` names it. */
  readonly id: string;
  readonly session: Session;
  /**
   * What went wrong last, or `null`: the host was not reached (`VERSION_MISMATCH`, `OPAQUE_ORIGIN`), a stored credential was lost
   * (`CREDENTIAL_DAMAGED`), credentials cannot be stored or destroyed for now (`CREDENTIAL_STORE_UNAVAILABLE`: it is tried again, and `null` once it has worked), the last `acquire` threw (`ACQUIRE_FAILED`,
   * with what it threw as `cause`) or gave something that is no grant (`ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`); these until the next call of `acquire` has ended or the session has changed.
   */
  readonly failure: AuthframeError | null;
  /** As it was last when it is asked for inside a getter that is being read, or after the end. */
  readonly rejected: Rejected;
  /** Called at once with the current session and after every change. */
  subscribe(listener: (session: Session) => void): Unsubscribe;
  /**
   * Signs a user in with a popup. **Call it in the click:** the window opens before it returns, or the browser blocks it. Until the outcome the status is
   * `authorizing`. Resolves when a user is signed in, be it by another tab. One at a time in a page.
   *
   * Rejects with `SIGN_IN_BLOCKED` (no window), `SIGN_IN_CANCELLED` (the page or your `signal` said so), `SIGN_IN_REFUSED`, `SIGN_IN_FAILED`, `SIGN_IN_TIMEOUT`,
   * `SIGN_IN_UNCONFIRMED` (the popup is out of sight, and there is no `poll`: it may have been closed, or be open behind COOP), `SIGN_IN_PENDING` (one is open; it is brought to
   * the front), `ACCOUNT_INVALID`, `INVALID_STATE` (a user is signed in), `CONFIG_INVALID`, `ENV_UNSUPPORTED` or `CLOSED`.
   *
   * @example
   * signInButton.onclick = () => bridge.signIn({
   *   oauth: { authorizationEndpoint: "https://login.example/authorize", clientId: "chat", redirectUri: "https://chat.example/callback" },
   *   exchange: ({ code, codeVerifier }) => askOurServer("/session", { code, codeVerifier }),
   * }).catch(error => show(error.code));
   */
  signIn(options?: SignInOptions): Promise<void>;
  /** Your own sign-in has begun: the status is `authorizing` until `authorize` or `signOut`. Rejects with `INVALID_STATE`, `CLOSED`. */
  beginSignIn(): Promise<void>;
  /**
   * Signs an account in, in this tab, in every tab that it reaches, and at every host. Another account than the current one signs that one out first. Resolves when it holds: the session is authorized
   * and, with shared credentials, stored (or it is known that it cannot be: see `failure`). The account and tokens that are there already change nothing.
   * While the stored record is one of a later version (`diagnose()`: `STORAGE_DAMAGED`), it holds in this tab only.
   * Rejects with `ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`, `CLOSED`.
   */
  authorize(grant: Grant): Promise<void>;
  /**
   * Signs the user out, everywhere. While no user is signed in as far as this tab knows, it only ends the sign-in that is under way here: one that
   * another tab has made at the same moment stays. Resolves when it holds. Rejects with `CLOSED`, or `CONFIG_INVALID` for another reason than these three.
   */
  signOut(options?: { readonly reason?: "user" | "refused" | "expired" }): Promise<void>;
  /**
   * A way out where a shared record that authframe did not make (or a later version made) keeps this widget from working: signs the user out in every tab, and writes over what stands in the shared record and in
   * the credential store. Resolves when it is done. Rejects with `CLOSED`.
   */
  reset(): Promise<void>;
  /**
   * An access token that is good for at least `minValidity` more milliseconds (default 5,000), renewed by `acquire` if need be. What cannot be had
   * fresher is returned as long as it is good at all. Waits for an `acquire` or a look at the stored credential that is
   * under way; for `signIn()` and `authorize()` wait yourself.
   * Rejects with `NOT_AUTHORIZED`, `TOKEN_EXPIRED` (nothing renews it: no `acquire`), `REFRESH_FAILED` (the last attempt failed and the next one
   * waits; `cause` is what `acquire` threw in this tab), `CONFIG_INVALID` (`minValidity` is no number of milliseconds from 0 up; `Infinity`: renewed now), `CLOSED`.
   */
  accessToken(options?: { readonly minValidity?: number }): Promise<string>;
  /**
   * Asks the host to sign the user in (its `onSignInRequest`). Resolves with whether it named a user. A user takes time: the default of `timeoutMs` is 300,000 here (five minutes).
   * Rejects with `NO_HANDLER` if it never does, or as {@link Peer.request}.
   */
  requestSignIn(options?: RequestOptions): Promise<boolean>;
  /** Keeps values of your own. Loads its code when it is first used. */
  readonly storage: AppStorage;
  environment(): Environment;
  /** What is wrong here and what to do about it. Loads its texts when it is first called. */
  diagnose(): Promise<readonly Finding[]>;
  /** Says goodbye; no listener, timer or port is left, and none of the functions that were given. A `connect` of the same namespace that follows waits until the last of it is gone. */
  close(): void;
}
