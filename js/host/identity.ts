/**
 * The user that the application has named. A widget that was loaded again is given them only while the session lives that they led to: what was true once is not said later as new. When that session
 * has ended, for whatever reason and in whatever tab, the user is forgotten here, and the application learns of the end by `session`.
 */

import type { AuthframeError, ErrorCode } from "../shared/error.js";
import { readGrant } from "../shared/input-check.js";
import { report } from "../shared/report.js";
import type { Account, Identity, Session } from "../shared/types.js";
import { failure, identityFailure } from "./errors.js";
import type { Widget } from "./types.js";

/** Longer than the widget waits for its own `acquire`, which is 30 s. */
const IDENTITY_WAIT = 40_000;

/** What a widget's refusal of a user may be. */
export const IDENTITY_REFUSALS: readonly ErrorCode[] = [
  "NO_HANDLER",
  "HANDLER_FAILED",
  "RATE_LIMITED",
  "ACCOUNT_INVALID",
  "TOKEN_INVALID",
  "LIFETIME_INVALID",
  "ACQUIRE_FAILED",
];

/** What goes over the wire. */
interface User {
  readonly account: Account;
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  /** By this browser's clock. */
  readonly expiresAt: number | null;
}

/** What the application said last: a user, or that there is none. */
interface Named {
  readonly user: User | null;
  /** Whether it was sent to the widget of the current document. */
  sent: boolean;
  /** The epoch of the session that it led to, once that is known; of the one that stood when the widget refused it. */
  epoch?: number;
  /** The widget refused it. It may still take it later, by itself: what failed is tried again. */
  refused?: boolean;
}

type Ask = (message: { readonly type: string }, timeoutMs: number) => Promise<unknown>;

export interface HostIdentity {
  /** See `Widget.setIdentity`. */
  set(identity: Identity | null): Promise<void>;
  /** A new document begins with this session. */
  opened(session: Session): void;
  /** Takes what the widget says of its session: a user whose session has ended is forgotten. */
  see(session: Session): void;
  /** Says it to a widget that has connected. No caller waits for it: what a lost connection spoils, the next one says again. */
  announce(): void;
  /** The widget was closed. */
  forget(): void;
}

/** @param fail throws what `ask` was rejected with, in words */
export const hostIdentity = (
  widget: Pick<Widget, "connection" | "capabilities" | "session">,
  ask: Ask,
  fail: (error: unknown) => Promise<never>,
): HostIdentity => {
  /** A user, none, or nothing to say. */
  let current: Named | undefined;

  const send = async (named: Named) => {
    if (!widget.capabilities.includes("identity")) throw failure("NO_HANDLER", "this widget takes no identity");
    named.sent = true;
    try {
      await ask(messageOf(named), IDENTITY_WAIT);
    } catch (error) {
      // Refused: it may be named again as long as nothing else has happened over there.
      if (named.user && IDENTITY_REFUSALS.includes((error as AuthframeError).code)) {
        named.epoch ??= widget.session.epoch;
        named.refused = true;
      }
      throw error;
    }
    if (named !== current) return;
    const { status, epoch } = widget.session;
    // A sign-out is said once: a user who signs in over there later is not to be signed out by a reload.
    if (!named.user || (named.epoch === undefined && status === "unauthorized")) current = undefined;
    // The account that the widget has made of it may have another name.
    else named.epoch ??= epoch;
  };

  const see = (session: Session) => {
    if (current && !lives(current, session)) current = undefined;
  };

  return {
    async set(identity) {
      const named = nameUser(identity);
      if (!named) throw await identityFailure(identity);
      if (widget.connection === "closed") throw failure("CLOSED");
      current = named;
      if (widget.connection === "connected") await send(named).catch(fail);
    },
    opened(session) {
      if (current) {
        current.sent = false;
        // One that keeps nothing between two documents starts from nothing.
        if (current.epoch !== undefined && session.epoch < current.epoch) delete current.epoch;
      }
      see(session);
    },
    see,
    announce() {
      if (!current) return;
      send(current).catch((error: unknown) => {
        if (widget.connection === "connected") fail(error).catch(report);
      });
    },
    forget() {
      current = undefined;
    },
  };
};

const messageOf = ({ user, epoch }: Named) => {
  if (!user) return { type: "sign-out" };
  return { type: "identity", identity: user, ...(epoch === undefined ? {} : { epoch }) };
};

/** Checks what the application names; `undefined` if it cannot be used. A lifetime counts from now: it is absolute from here on, by this browser's clock. */
const nameUser = (identity: Identity | null): Named | undefined => {
  if (identity === null) return { user: null, sent: false };
  const given = readGrant(identity);
  if (!given) return undefined;
  const { account, accessToken, refreshToken, expiresIn, expiresAt, serverTime } = given;
  const now = Date.now();
  let end = expiresAt;
  if (expiresIn !== null) end = now + expiresIn * 1000;
  else if (expiresAt !== null && serverTime !== null) end = expiresAt - serverTime + now;
  return { user: { account, accessToken, refreshToken, expiresAt: end === null ? null : Math.max(0, end) }, sent: false };
};

/** Takes what the widget says of its session. False: the session that this user led to has ended. */
const lives = (named: Named, { status, epoch, account }: Session): boolean => {
  if (!named.user) return true;
  // The widget of a new document that keeps nothing says less than we know: it starts from nothing.
  const taken = named.sent && status === "authorized" && account?.subject === named.user.account.subject;
  if (named.epoch !== undefined && epoch > named.epoch && !(taken && named.refused)) return false;
  if (taken) {
    named.epoch = epoch;
    named.refused = false;
  }
  return true;
};
