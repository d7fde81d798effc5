/** What the host reads of the widget, and of its own application. */
import { accountRules } from "../shared/input-check.js";
import { count, optional, type Rule, shape, when, word } from "../shared/read.js";
import type { Account, AuthStatus, Reason, Session } from "../shared/types.js";
import { REASONS, STATUSES } from "../shared/words.js";

export const time = optional<number>((value) => when(Number.isFinite(value), value));

export const account = shape<Account>(accountRules());

/** A reason that this version does not know is `other`: a widget's word never widens our list. */
const reason: Rule<Reason> = (value) => (word(value) === undefined ? undefined : (REASONS.find((known) => known === value) ?? "other"));

const status: Rule<AuthStatus> = (value) => STATUSES.find((known) => known === value);

export const session = shape<Session>({
  status,
  reason,
  account: optional(account),
  expiresAt: time,
  epoch: count,
  sequence: count,
  writer: word,
});
