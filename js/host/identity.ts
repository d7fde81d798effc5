/**
 * The user that the application has named. It is told to a widget that was loaded again only while the session lives that it led to: what was true once is not told later as new. When that session
 * has ended, for whatever reason and in whatever tab, the user is forgotten here, and the application hears of the end in `session`.
 */
import type { Account, Identity, Session } from "../shared/types.js";
import { fitsGrant } from "../shared/fits.js";

/** What goes over the wire. */
interface User {
  readonly account: Account;
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  /** By this browser's clock. */
  readonly expiresAt: number | null;
}

/** What the application said last: a user, or that there is nobody. */
export interface Named {
  readonly user: User | null;
  /** Whether the widget of the current document was told. */
  told: boolean;
  /** The epoch of the session that it led to, once that is known; of the one that stood when the widget refused it. */
  epoch?: number;
  /** The widget refused it. It may still take it later, by itself: what failed is tried again. */
  refused?: boolean;
}

/** Checks what the application names; `undefined` if it cannot be used. A lifetime counts from now: it is absolute from here on, by this browser's clock. */
export const nameUser = (identity: Identity | null): Named | undefined => {
  if (identity === null) return { user: null, told: false };
  if (!fitsGrant(identity)) return undefined;
  const { account, accessToken = null, refreshToken = null, expiresIn, expiresAt, serverTime } = identity;
  const { subject, name = null } = typeof account === "string" ? { subject: account } : account;
  const now = Date.now();
  const at =
    expiresIn != null ? now + expiresIn * 1000 : expiresAt != null && serverTime != null ? expiresAt - serverTime + now : expiresAt;
  return { user: { account: { subject, name }, accessToken, refreshToken, expiresAt: at == null ? null : Math.max(0, at) }, told: false };
};

/** Takes what the widget says of its session. False: the session that this user led to has ended. */
export const lives = (named: Named, { status, epoch, account }: Session): boolean => {
  if (!named.user) return true;
  // The widget of a new document that keeps nothing says less than we know: it starts from nothing.
  const taken = named.told && status === "authorized" && account?.subject === named.user.account.subject;
  if (named.epoch !== undefined && epoch > named.epoch && !(taken && named.refused)) return false;
  if (taken) {
    named.epoch = epoch;
    named.refused = false;
  }
  return true;
};
