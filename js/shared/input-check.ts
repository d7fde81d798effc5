/**
 * Whether what an application gives is usable at all, in both halves. What is wrong with it, in words, is loaded only when something is: `grant-problem.ts`, `duration-problem.ts`, `widget/option-problem.ts`, `host/advice.ts`.
 */
import { field } from "./read.js";

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The first key of an object of the application that is not among the known ones. */
export const unknownKey = (given: object, known: readonly string[]): string | undefined =>
  Object.keys(given).find((key) => !known.includes(key) && field(given, key) !== undefined);

/** A duration in milliseconds: finite, within a stated range. */
export const isDuration = (given: unknown, most: number, least = 1): given is number =>
  typeof given === "number" && given >= least && given <= most;

export const GRANT_FIELDS = ["account", "accessToken", "expiresAt", "expiresIn", "refreshToken", "serverTime"];
export const ACCOUNT_FIELDS = ["subject", "name"];
export const SUBJECT = 256;
export const TOKEN = 16_384;
/** A hundred years, in seconds. */
export const LONGEST_LIFE = 3_155_760_000;
/** The latest moment that a `Date` can have, in milliseconds since 1970. */
export const LATEST = 8.64e15;

const isText = (value: unknown, least: number, most: number) => typeof value === "string" && value.length >= least && value.length <= most;

/** Whether this is a grant or an identity: see `Identity` in types.ts. */
export const fitsGrant = (given: unknown): boolean => {
  if (!isObject(given) || unknownKey(given, GRANT_FIELDS) !== undefined) return false;
  const get = (key: string) => field(given, key) ?? undefined;
  const account = get("account");
  const name = field(account, "name") ?? "";
  return (
    (isObject(account)
      ? unknownKey(account, ACCOUNT_FIELDS) === undefined && isText(field(account, "subject"), 1, SUBJECT) && isText(name, 0, SUBJECT)
      : isText(account, 1, SUBJECT)) &&
    ["accessToken", "refreshToken"].every((key) => isText(get(key) ?? "-", 1, TOKEN)) &&
    isDuration(get("expiresIn") ?? 0, LONGEST_LIFE, 0) &&
    ["expiresAt", "serverTime"].every((key) => isDuration(get(key) ?? 0, LATEST, 0))
  );
};
