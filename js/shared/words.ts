/** What Rust and TypeScript both say: made of src/session/words.rs, reason.rs, error.rs and the dialects by `npm run words`. Do not edit it. */

/** Whether a user is signed in. */
export const STATUSES = ["unknown", "unauthorized", "authorizing", "authorized"] as const;
export type AuthStatus = (typeof STATUSES)[number];

/** Why the status is what it is. */
export const REASONS = [
  "starting",
  "suspended",
  "restored",
  "initial",
  "user",
  "host",
  "refused",
  "expired",
  "account-switch",
  "storage-cleared",
  "acquire-failed",
  "acquire-timeout",
  "account-mismatch",
  "sign-in",
  "other-tab",
  "restore",
  "refresh",
  "refresh-outcome-unknown",
  "credential-lost",
] as const;
export type SessionReason = (typeof REASONS)[number];

/** How the widget stands with the host. */
export const CONNECTION_STATES = ["connecting", "connected", "disconnected", "standalone", "closed"] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

/** Why the application is asked for an account. */
export const ACQUIRE_REASONS = ["restore", "other-tab", "sign-in", "refresh"] as const;
export type AcquireReason = (typeof ACQUIRE_REASONS)[number];

/** Why it gave none. */
export const ACQUIRE_FAILURES = ["failed", "no-user", "refused", "later"] as const;
export type AcquireFailure = (typeof ACQUIRE_FAILURES)[number];

/** Where tokens are kept. */
export const CREDENTIAL_POLICIES = ["memory", "sealed", "dangerous-plaintext"] as const;
export type CredentialPolicy = (typeof CREDENTIAL_POLICIES)[number];

/** What hosts speak. */
export const DIALECT_KINDS = ["native", "xbees", "ringcentral"] as const;
export type DialectKind = (typeof DIALECT_KINDS)[number];

/** Where the shared record is kept. */
export const STORAGE_TIERS = ["local", "session", "memory"] as const;
export type StorageTier = (typeof STORAGE_TIERS)[number];

/** What is to be done with the credential store. */
export const STORE_TASKS = ["look", "take", "renew", "release", "keep"] as const;
export type StoreTask = (typeof STORE_TASKS)[number];

/** Whether this tab holds the Web Lock of its namespace. */
export const STORE_LOCKS = ["held", "elsewhere", "unsupported"] as const;
export type StoreLock = (typeof STORE_LOCKS)[number];

/** Which credential is written with a record of the store. */
export const KEPT = ["nothing", "same", "new"] as const;
export type Kept = (typeof KEPT)[number];

/** Why a task was not done. */
export const STORE_FAILURES = ["unavailable", "damaged"] as const;
export type StoreFailure = (typeof STORE_FAILURES)[number];

/** The errors of the core: what is wrong and what to do, and who is responsible. */
export const CORE_ERRORS = {
  ACQUIRE_FAILED: {
    text: "acquire gave no account: it failed, found no user signed in, took longer than 30 s, was overtaken, or a server has said not to come yet (RetryLater)",
    responsible: "app",
  },
  ACCOUNT_INVALID: {
    text: "an account has a subject of 1 to 256 characters and, if it has one, a name of at most 256",
    responsible: "app",
  },
  REENTRANT_CALL: {
    text: "the bridge was called from inside a getter that it was reading: call it later",
    responsible: "app",
  },
  CLOSED: {
    text: "the bridge is closed: call connect() again",
    responsible: "app",
  },
  CONFIG_INVALID: {
    text: "an option is out of its range",
    responsible: "app",
  },
  CONFIG_ORIGIN_INVALID: {
    text: "an entry of hosts is an exact origin, such as https://crm.example.com, or https://*.example.com for one whole label",
    responsible: "app",
  },
  CONFIG_ORIGIN_REQUIRED: {
    text: "list in hosts the origins of the pages that may embed this widget",
    responsible: "app",
  },
  CREDENTIAL_DAMAGED: {
    text: "the stored credential could not be read, and the user was signed out in every tab: sign in again",
    responsible: "user",
  },
  DATA_NOT_CLONEABLE: {
    text: "the data holds something that cannot be copied to another window: send what structuredClone takes",
    responsible: "app",
  },
  ENV_UNSUPPORTED: {
    text: "there is no browser window here: call this in a page",
    responsible: "app",
  },
  HOST_NOT_ALLOWED: {
    text: "the page that embeds this widget is not in hosts: add its exact origin",
    responsible: "app",
  },
  INVALID_STATE: {
    text: "a user is signed in: sign out first",
    responsible: "app",
  },
  LIFETIME_INVALID: {
    text: "expiresIn is 0 to 3155760000 seconds; expiresAt and serverTime are milliseconds from 1970 on, at most 8640000000000000",
    responsible: "app",
  },
  NOT_AUTHORIZED: {
    text: "no user is signed in, or this tab has no access token: sign in first",
    responsible: "user",
  },
  OPAQUE_ORIGIN: {
    text: "the frame has no origin: add allow-same-origin to its sandbox, or set allowOpaqueOrigin on both sides",
    responsible: "app",
  },
  PARENT_UNKNOWN: {
    text: "this browser does not say who embeds the page: give hosts one exact origin",
    responsible: "app",
  },
  REFRESH_FAILED: {
    text: "the access token has expired and the last acquire failed: it is tried again by itself",
    responsible: "network",
  },
  TOKEN_EXPIRED: {
    text: "the access token has expired and there is no acquire to renew it: authorize again, or give acquire",
    responsible: "app",
  },
  TOKEN_INVALID: {
    text: "an access or refresh token has 1 to 16384 characters: leave it out if there is none",
    responsible: "app",
  },
  CREDENTIAL_STORE_UNAVAILABLE: {
    text: "the place for stored credentials failed: until it works again, credentials last until the tab closes",
    responsible: "user",
  },
  VERSION_MISMATCH: {
    text: "no protocol version in common: update the older of authframe and authframe/host",
    responsible: "peer",
  },
} as const;
export type CoreCode = keyof typeof CORE_ERRORS;
