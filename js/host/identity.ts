/**
 * The user that the application has named. It is told to a widget that was loaded again only while the session lives that it led to: what was true once is not told later as new. When that session
 * has ended, for whatever reason and in whatever tab, the user is forgotten here, and the application hears of the end in `session`.
 */
import type { Identity, Session } from "../types.js";
import { grantProblem } from "../grant.js";
import { failure } from "./errors.js";
import { identityFields } from "./shapes.js";

type User = NonNullable<ReturnType<typeof identityFields>>;

/** What the application said last: a user, or that there is nobody. */
export interface Named {
  readonly user: User | null;
  /** Whether the widget of the current document was told. */
  told: boolean;
  /** The epoch of the session that it led to, once that is known. */
  epoch?: number;
}

/** Checks what the application names. A lifetime counts from now: it is absolute from here on, by this browser's clock. */
export const name = (identity: Identity | null): Named => {
  if (identity === null) return { user: null, told: false };
  const problem = grantProblem(identity);
  if (problem) throw failure(...problem);
  const { expiresIn, expiresAt, serverTime, ...user } = identityFields(identity)!;
  const now = Date.now();
  const at = expiresIn != null ? now + expiresIn * 1000 : expiresAt != null && serverTime != null ? expiresAt - serverTime + now : expiresAt;
  return { user: { ...user, expiresAt: at == null ? null : Math.max(0, at), expiresIn: null, serverTime: null }, told: false };
};

/** Takes what the widget says of its session. False: the session that this user led to has ended. */
export const lives = (named: Named, { status, epoch, account }: Session): boolean => {
  if (!named.user) return true;
  // The widget of a new document that keeps nothing says less than we know: it starts from nothing.
  if (named.epoch !== undefined) return epoch <= named.epoch;
  if (named.told && status === "authorized" && account?.subject === named.user.account.subject) named.epoch = epoch;
  return true;
};
