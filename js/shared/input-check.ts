/**
 * Whether what an application gives is usable at all, in both halves. What is wrong with it, in words, is loaded only when something is: `grant-problem.ts`, `duration-problem.ts`, `widget/option-problem.ts`, `host/advice.ts`.
 */
import { field, optional, type Rule, shape, text, when } from "./read.js";
import type { Account } from "./types.js";

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The first key of an object of the application that is not among the known ones. */
export const unknownKey = (given: object, known: readonly string[]): string | undefined =>
  Object.keys(given).find((key) => !known.includes(key) && field(given, key) !== undefined);

/** A duration in milliseconds: finite, within a stated range. */
export const isDuration = (given: unknown, most: number, least = 1): given is number =>
  typeof given === "number" && given >= least && given <= most;

const SUBJECT = 256;
const TOKEN = 16_384;
/** A hundred years, in seconds. */
export const LONGEST_LIFE = 3_155_760_000;
/** The latest moment that a `Date` can have, in milliseconds since 1970. */
export const LATEST = 8.64e15;

/** An `Identity` or a `Grant`, with `null` for what is left out. */
export interface GivenUser {
  readonly account: Account;
  readonly accessToken: string | null;
  readonly expiresAt: number | null;
  readonly expiresIn: number | null;
  readonly refreshToken: string | null;
  readonly serverTime: number | null;
}

/** The fields of one kind of object, each with what it may be. */
type Rules<T> = { readonly [K in keyof T]: Rule<T[K]> };

const token = () => optional(text(TOKEN, /./s));
const time = (most: number) => optional<number>((value) => when(isDuration(value, most, 0), value));

// Functions, so that a file that checks no grant carries nothing of this.
export const accountRules = (): Rules<Account> => ({ subject: text(SUBJECT, /./s), name: optional(text(SUBJECT)) });
export const grantRules = (): Rules<GivenUser> => ({
  account: (value) => strict(accountRules())(typeof value === "string" ? { subject: value } : value),
  accessToken: token(),
  expiresAt: time(LATEST),
  expiresIn: time(LONGEST_LIFE),
  refreshToken: token(),
  serverTime: time(LATEST),
});

/** As {@link shape}, and nothing else may be in it. What cannot be looked into (a proxy whose traps throw) is not acceptable. */
const strict =
  <T extends object>(rules: Rules<T>): Rule<T> =>
  (given) => {
    try {
      return isObject(given) && unknownKey(given, Object.keys(rules)) === undefined ? shape(rules)(given) : undefined;
    } catch {
      return undefined;
    }
  };

/** Reads a grant or an identity: see `Identity` in types.ts. `undefined` if it cannot be used. */
export const readGrant: Rule<GivenUser> = (given) => strict(grantRules())(given);

export const fitsGrant = (given: unknown): boolean => readGrant(given) !== undefined;
