/** What is wrong with a grant or an identity, in words. Part of widget/advice.ts and host/advice.ts, which is loaded when something is. */
import type { ErrorCode } from "./error.js";
import { ACCOUNT_FIELDS, GRANT_FIELDS, LATEST, LONGEST_LIFE, SUBJECT, TOKEN, unknownKey } from "./input-check.js";
import { field } from "./read.js";
import { shown } from "./shown.js";

export type GrantProblem = readonly [code: Extract<ErrorCode, "ACCOUNT_INVALID" | "TOKEN_INVALID" | "LIFETIME_INVALID">, text: string];

/** What is wrong with it; `undefined` if nothing is. */
export function grantProblem(given: unknown): GrantProblem | undefined {
  if (typeof given !== "object" || given === null)
    return [
      "ACCOUNT_INVALID",
      `a grant or identity is an object such as {account: "u-17"}, not ${typeof given === "string" ? `a text of ${given.length} characters` : shown(given)}`,
    ];
  const account = field(given, "account");
  if (typeof account === "object" && account !== null) {
    const stranger = unknownKey(account, ACCOUNT_FIELDS);
    if (stranger !== undefined)
      return ["ACCOUNT_INVALID", `account has no field ${shown(stranger)}: it has ${ACCOUNT_FIELDS.join(" and ")}`];
    const name = field(account, "name");
    if (name !== undefined && name !== null && !isText(name, 0, SUBJECT))
      return ["ACCOUNT_INVALID", `account.name is ${shown(name)}: give a text of at most 256 characters`];
  }
  const subject = typeof account === "string" ? account : field(account, "subject");
  if (!isText(subject, 1, SUBJECT))
    return ["ACCOUNT_INVALID", `the subject of account is ${shown(subject)}: give a text of 1 to 256 characters`];
  for (const name of ["accessToken", "refreshToken"]) {
    const token = field(given, name);
    // What is in it is a secret.
    const what = typeof token === "string" ? (token ? `a text of ${token.length} characters` : "empty") : shown(token);
    if (token !== undefined && token !== null && !isText(token, 1, TOKEN))
      return ["TOKEN_INVALID", `${name} is ${what}: give a text of 1 to 16384 characters, or leave it out`];
  }
  for (const [name, most, what] of [
    ["expiresIn", LONGEST_LIFE, "seconds"],
    ["expiresAt", LATEST, "milliseconds since 1970"],
    ["serverTime", LATEST, "milliseconds since 1970"],
  ] as const) {
    const time = field(given, name);
    if (time !== undefined && time !== null && !(typeof time === "number" && time >= 0 && time <= most))
      return ["LIFETIME_INVALID", `${name} is ${shown(time)}: give a number of ${what}, 0 to ${most}`];
  }
  const stranger = unknownKey(given, GRANT_FIELDS);
  return stranger === undefined
    ? undefined
    : ["ACCOUNT_INVALID", `a grant or identity has no field ${shown(stranger)}: it has ${GRANT_FIELDS.join(", ")}`];
}

const isText = (value: unknown, least: number, most: number): value is string =>
  typeof value === "string" && value.length >= least && value.length <= most;
