/** A line as an application sees it: its options, its properties, its events, its errors. */
import type { Account } from "../widget/index.js";

/** Where a line is registered, and as whom. */
export interface Registrar {
  /** Base URLs in the order in which they are tried: `https://…/api/v1/calling/web/`. */
  readonly primary: readonly string[];
  /** Tried when these have failed for 114 s. */
  readonly backup?: readonly string[];
  /** As the vendor's device service says it. */
  readonly userId: string;
  /** The `url` of the user's device there. */
  readonly clientDeviceUri: string;
}

/** Finds out where the line of this user is registered. */
export type FindRegistrar = (user: {
  readonly account: Account | null;
  readonly accessToken: string;
}) => Registrar | PromiseLike<Registrar>;

/** What is known of a line without a registration. */
export interface LineOptions {
  /** Where it is registered, or what finds that out for the user who has signed in. */
  readonly registrar: Registrar | FindRegistrar;
  /** Default `"calling"`. A contact center needs a `domain`. */
  readonly indicator?: "calling" | "contactcenter" | "guestcalling";
  readonly domain?: string;
  /** Of a guest. */
  readonly jwe?: string;
  /** Where the user has as many devices as are allowed: `"report"` (default) is an `error`, after which {@link Line.takeOver} may be called; `"replace"` removes the oldest one without asking. */
  readonly deviceLimit?: "report" | "replace";
  /** Whether it begins anew 5 to 15 minutes after all registrars have failed. Default `false`. */
  readonly retrySlowly?: boolean;
  /** What no registration says of the line. */
  readonly phoneNumber?: string;
  readonly extension?: string;
  readonly voicemail?: string;
  /** These two are whole numbers. Used while, and if, the registrar does not say. */
  readonly voicePortalNumber?: number;
  readonly voicePortalExtension?: number;
}

/** The SDK's word for how far the line is. */
export type LineStatus = "IDLE" | "active" | "inactive";

/**
 * What a line is, with the types of the vendor's guide. What is not known is `undefined` all the same: what the options do not say, and before the first `registered` what the registrar says,
 * but for `lineId`, `status` and `sipAddresses`.
 */
export interface LineProperties {
  /** A UUID, the same in all tabs and after a reload. */
  readonly lineId: string;
  /** A UUID of the registrar's. */
  readonly mobiusDeviceId: string;
  readonly phoneNumber: string;
  readonly extension: string;
  readonly status: "active" | "inactive";
  readonly sipAddresses: string[];
  readonly voicemail: string;
  readonly lastSeen: string;
  /** Seconds. */
  readonly keepaliveInterval: number;
  readonly callKeepaliveInterval: number;
  /** Minutes. */
  readonly rehomingIntervalMin: number;
  readonly rehomingIntervalMax: number;
  readonly voicePortalNumber: number;
  readonly voicePortalExtension: number;
}

/** What went wrong with a line, as the vendor's guide has it: no other member is enumerable. */
export interface CallingError {
  readonly status: "inactive";
  readonly type: "registrationError" | "tokenError";
  readonly msg: string;
  /** What the guide does not say. Not enumerable. */
  readonly details: ErrorDetails;
}

export interface ErrorDetails {
  /** The HTTP status; 0: no registrar answered. */
  readonly code: number;
  /** The registrar's own, of a 403: 101 is the device limit. */
  readonly errorCode: number | null;
  /** Whether nothing more is tried by itself. */
  readonly fatal: boolean;
  /**
   * What failed: `registrar`, as `code` says; `registrar-unknown`, `line.registrar` did not find one; `token`, no user is signed in here, or the provider has ended their session;
   * `unacknowledged`, the tab that holds the line has not answered within 10 s. The last, and `token` where no user is signed in, are emitted only in the tab that was called.
   */
  readonly cause: "registrar" | "registrar-unknown" | "token" | "unacknowledged";
  /** As the SDK's `LineError` has it. */
  readonly sdk: { readonly type: string; readonly message: string; readonly status: "inactive" };
}

/** The same in one piece, as the tabs write it for each other. */
export type LineFailure = Omit<CallingError, "details"> & ErrorDetails;

export interface LineEvents {
  connecting: undefined;
  registered: Line;
  /** With a reason, nothing more happens until `register()`. */
  unregistered: { readonly reason: "superseded" | "signed-out" } | undefined;
  /** How many keepalives have failed, 0: the browser is offline; when the next one is due, in milliseconds since 1970; and what the last one failed with. */
  reconnecting: { readonly missed: number; readonly nextAttemptAt: number; readonly error: CallingError | null };
  reconnected: undefined;
  error: CallingError;
}

/** A line. Its properties are what they are at that moment. */
export interface Line extends LineProperties {
  /** The SDK's word: `IDLE` before the first `register()` and after `deregister()`. */
  getStatus(): LineStatus;
  /**
   * Registers, if it is not: what becomes of it the events say. Where another tab holds the line and does not answer within 10 s, that is an `error` with cause `unacknowledged`; so for the next
   * two.
   */
  register(): void;
  /** Gives the line up, for all tabs. */
  deregister(): void;
  /** The user wants to speak here: after the device limit or `superseded`. A call at another device is cut off. */
  takeOver(): void;
  /** Nothing is moved during a call. */
  setInCall(inCall: boolean): void;
  on<Name extends keyof LineEvents>(event: Name, listener: (value: LineEvents[Name]) => unknown): void;
  off<Name extends keyof LineEvents>(event: Name, listener: (value: LineEvents[Name]) => unknown): void;
}

/** The SDK's name of it. */
export type ILine = Line;

/** What a host receives: `widget.handle("webex:line", news => …)`. `event` is null in the first message of a connection, which says what there is. */
export interface LineNews {
  readonly event: keyof LineEvents | null;
  readonly line: LineProperties;
  /** The SDK's word. */
  readonly status: LineStatus;
  readonly reason: "superseded" | "signed-out" | null;
  readonly missed: number | null;
  readonly nextAttemptAt: number | null;
  readonly error: Omit<CallingError, "details"> | null;
  /** Of the error. */
  readonly details: ErrorDetails | null;
}

export const LINE_MESSAGE = "webex:line";
