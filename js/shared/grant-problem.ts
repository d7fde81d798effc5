/** What is wrong with a grant or an identity, in words. Part of widget/advice.ts and host/advice.ts, which is loaded when something is. */
import type { ErrorCode } from "./error.js";
import { accountRules, grantRules, isObject, LATEST, LONGEST_LIFE, unknownKey } from "./input-check.js";
import { field } from "./read.js";
import { shown } from "./shown.js";

export type GrantProblem = readonly [code: Extract<ErrorCode, "ACCOUNT_INVALID" | "TOKEN_INVALID" | "LIFETIME_INVALID">, text: string];

/** What is wrong with it; `undefined` if nothing is. */
export function grantProblem(given: unknown): GrantProblem | undefined {
  try {
    return look(given);
  } catch {
    return ["ACCOUNT_INVALID", "it cannot be read: give a plain object"];
  }
}

function look(given: unknown): GrantProblem | undefined {
  if (!isObject(given)) {
    const what = typeof given === "string" ? `a text of ${given.length} characters` : shown(given);
    return ["ACCOUNT_INVALID", `a grant or identity is an object such as {account: "u-17"}, not ${what}`];
  }
  const rules = grantRules();
  const isWrong = (name: keyof typeof rules) => field<unknown>(given, name, rules[name]) === undefined;
  if (isWrong("account")) return ["ACCOUNT_INVALID", accountProblem(field(given, "account"))];
  for (const name of ["accessToken", "refreshToken"] as const) {
    if (!isWrong(name)) continue;
    const token = field(given, name);
    // What is in it is a secret.
    const what = typeof token === "string" ? (token ? `a text of ${token.length} characters` : "empty") : shown(token);
    return ["TOKEN_INVALID", `${name} is ${what}: give a text of 1 to 16384 characters, or leave it out`];
  }
  for (const [name, most, what] of [
    ["expiresIn", LONGEST_LIFE, "seconds"],
    ["expiresAt", LATEST, "milliseconds since 1970"],
    ["serverTime", LATEST, "milliseconds since 1970"],
  ] as const)
    if (isWrong(name)) return ["LIFETIME_INVALID", `${name} is ${shown(field(given, name))}: give a number of ${what}, 0 to ${most}`];
  const fields = Object.keys(rules);
  const unexpected = unknownKey(given, fields);
  return unexpected === undefined
    ? undefined
    : ["ACCOUNT_INVALID", `a grant or identity has no field ${shown(unexpected)}: it has ${fields.join(", ")}`];
}

/** What is wrong with an account that something is wrong with. */
function accountProblem(account: unknown): string {
  if (isObject(account)) {
    const rules = accountRules();
    const fields = Object.keys(rules);
    const unexpected = unknownKey(account, fields);
    if (unexpected !== undefined) return `account has no field ${shown(unexpected)}: it has ${fields.join(" and ")}`;
    if (field(account, "name", rules.name) === undefined)
      return `account.name is ${shown(field(account, "name"))}: give a text of at most 256 characters`;
  }
  if (!isObject(account) && typeof account !== "string")
    return `account is ${shown(account)}: give the subject as a text of 1 to 256 characters, or an object with subject and name`;
  const subject = typeof account === "string" ? account : field(account, "subject");
  return `the subject of account is ${shown(subject)}: give a text of 1 to 256 characters`;
}
