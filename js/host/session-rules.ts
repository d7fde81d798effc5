/** What the host reads of the widget, and of its own application. */
import { count, optional, type Rule, shape, text, when, word } from "../shared/read.js";
import { type Account, type AuthStatus, REASONS, type Reason, type Session } from "../shared/types.js";

export const time = optional<number>((value) => when(Number.isFinite(value), value));

export const account = shape<Account>({ subject: text(256, /./s), name: optional(text(256)) });

/** A reason that this version does not know is `other`: a widget's word never widens our list. */
const reason: Rule<Reason> = (value) => (word(value) === undefined ? undefined : (REASONS.find((known) => known === value) ?? "other"));

export const session = shape<Session>({
  status: text(64, /^(unknown|(un)?authorized|authorizing)$/) as Rule<AuthStatus>,
  reason,
  account: optional(account),
  expiresAt: time,
  epoch: count,
  sequence: count,
  writer: word,
});
