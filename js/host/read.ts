/**
 * Reads what others wrote: the properties asked for, one by one, with limits. An inherited member is never found, a throwing getter reads as absent,
 * nothing else is visited. `undefined` always means: absent or not acceptable. Lengths are in UTF-16 code units.
 */
import type { Account, AuthStatus, Reason, Session } from "../types.js";

/** Gives back what is acceptable of a value. */
export type Rule<T> = (value: unknown) => T | undefined;

export const field = <T = unknown>(from: unknown, key: string, rule: Rule<T> = (value) => value as T): T | undefined => {
  try {
    return rule(Object.hasOwn(from as object, key) ? (from as Record<string, unknown>)[key] : undefined);
  } catch {
    // Absent, then.
  }
  return undefined;
};

/** A frozen copy of exactly these fields, if every one is acceptable. */
export const shape =
  <T extends object>(rules: { readonly [K in keyof T]: Rule<T[K]> }): Rule<T> =>
  (from) => {
    const copy: Partial<T> = {};
    for (const key in rules) if ((copy[key] = field(from, key, rules[key])) === undefined) return undefined;
    return Object.freeze(copy as T);
  };

const when = <T>(fine: boolean, value: unknown): T | undefined => (fine ? (value as T) : undefined);

export const text =
  (max: number, pattern = /^/): Rule<string> =>
  (value) =>
    when(typeof value === "string" && value.length <= max && pattern.test(value), value);

export const word = text(64);

export const count: Rule<number> = (value) => when((value as number) >= 0 && Number.isSafeInteger(value), value);

/** At most 32 words. */
export const words: Rule<readonly string[]> = (value) =>
  when(Array.isArray(value) && value.length < 33 && value.every((item) => word(item) != null), value);

/** Absent and `null` are the same. */
export const optional =
  <T>(rule: Rule<T>): Rule<T | null> =>
  (value) =>
    value == null ? null : rule(value);

export const time = optional<number>((value) => when(Number.isFinite(value), value));

export const account = shape<Account>({ subject: text(256, /./s), name: optional(text(256)) });

/** A reason that this version does not know is kept: it is for display and logs. */
export const session = shape<Session>({
  status: text(64, /^(unknown|(un)?authorized|authorizing)$/) as Rule<AuthStatus>,
  reason: word as Rule<Reason>,
  account: optional(account),
  expiresAt: time,
  epoch: count,
  sequence: count,
  writer: word,
});

/** What goes over the wire for an identity of the application: checked here too, so that a mistake shows where it was made. */
export const identityFields = shape({
  account: (given) => account(typeof given === "string" ? { subject: given } : given),
  accessToken: optional(text(16_384)),
  expiresAt: time,
});
