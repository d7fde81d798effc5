/** The options of the dialect. */
import { isDuration, isObject, unknownKey } from "../../shared/input-check.js";
import { shown } from "../../shared/shown.js";
import { isImageAddress } from "./addresses.js";
import type { Message } from "./message.js";
import type { RingCentralOptions } from "./types.js";
import { FARTHEST } from "./window.js";

export const OPTIONS = [
  "login",
  "presence",
  "brand",
  "locale",
  "size",
  "minimized",
  "closed",
  "shareAuthorization",
  "disableLoginPopup",
  "onLoginFailed",
  "readyTimeoutMs",
] as const satisfies readonly (keyof RingCentralOptions)[];

const DEFAULTS = {
  size: { width: 300, height: 500 },
  minimized: false,
  closed: false,
  shareAuthorization: false,
  readyTimeoutMs: 3000,
  disableLoginPopup: false,
} as const satisfies RingCentralOptions;

export type Settings = RingCentralOptions & Required<Pick<RingCentralOptions, keyof typeof DEFAULTS>>;

/** An option that is `undefined` has its default. */
export const withDefaults = (given: RingCentralOptions): Settings => ({
  ...DEFAULTS,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
});

/** What a value may be, and that in words. */
type Rule = readonly [fits: (value: unknown) => boolean, meant: string];

const isFlag = (value: unknown) => typeof value === "boolean";
const flag: Rule = [isFlag, "give true or false"];
const callback: Rule = [(value) => typeof value === "function", "give a function"];
const word: Rule = [(value) => typeof value === "string" && value.length > 0 && value.length <= 64, "give a text of 1 to 64 characters"];
const wordOrNull: Rule = [(value) => value === null || word[0](value), `${word[1]}, or null`];
const side: Rule = [(value) => isDuration(value, FARTHEST, 0), `give CSS pixels from 0 to ${FARTHEST}`];
const image: Rule = [isImageAddress, "give an address that begins with https:// or data:image/"];

const RULES: { readonly [name in keyof RingCentralOptions]: Rule } = {
  login: callback,
  onLoginFailed: callback,
  minimized: flag,
  closed: flag,
  shareAuthorization: flag,
  disableLoginPopup: [(value) => isFlag(value) || value === "by-host", 'give true, false or "by-host"'],
  readyTimeoutMs: [(value) => Number.isInteger(value) && isDuration(value, 60_000, 0), "give whole milliseconds from 0 to 60000"],
};

const alike = (names: string, rule: Rule) => Object.fromEntries(names.split(" ").map((name) => [name, rule]));
const STRINGS = alike(
  "availableBtn busyBtn doNotAcceptAnyCallsBtn offlineBtn currentCallBtn viewCallsBtn ringCallsInfo onHoldCallsInfo otherDeviceCallsInfo",
  word,
);

/** What is wrong with them: which one, what was given, and what is meant. Empty if nothing is. */
export function optionProblem(given: unknown): string {
  if (!isObject(given)) return `ringcentral is ${shown(given)}: give an object`;
  const { size, presence, brand, locale } = given as Message;
  const strings = isObject(locale) ? (locale as Message)["strings"] : undefined;
  return (
    wrongField("ringcentral", given, RULES) ||
    wrongPart("size", size, alike("width height", side)) ||
    missingSide(size) ||
    wrongPart("presence", presence, alike("telephonyStatus userStatus dndStatus presenceOption", wordOrNull)) ||
    wrongPart("brand", brand, alike("logoUri iconUri", image)) ||
    wrongPart("locale", locale, { locale: word, strings: [() => true, ""] }) ||
    wrongPart("locale.strings", strings, STRINGS)
  );
}

/** An object of its own, with these fields and no others. */
function wrongPart(name: string, given: unknown, rules: Readonly<Record<string, Rule>>): string {
  if (given === undefined) return "";
  const where = `ringcentral.${name}`;
  const known = Object.keys(rules);
  if (!isObject(given)) return `${where} is ${shown(given)}: give an object with ${known.join(", ")}`;
  const unexpected = unknownKey(given, known);
  if (unexpected !== undefined) return `${where} has no field ${JSON.stringify(unexpected)}: it has ${known.join(", ")}`;
  return wrongField(where, given, rules);
}

function wrongField(where: string, given: object, rules: Readonly<Record<string, Rule>>): string {
  for (const [name, [fits, meant]] of Object.entries(rules)) {
    const value = (given as Message)[name];
    if (value !== undefined && !fits(value)) return `${where}.${name} is ${shown(value)}: ${meant}`;
  }
  return "";
}

function missingSide(size: unknown): string {
  const missing = size === undefined ? undefined : ["width", "height"].find((name) => (size as Message)[name] === undefined);
  return missing ? `ringcentral.size has no ${missing}: ${side[1]}` : "";
}

/** Whether the host opens the sign-in window. The address of a frame is its host's to write, so it counts only if the application lets the host decide. */
export function hostOpensSignIn({ disableLoginPopup }: RingCentralOptions): boolean {
  if (disableLoginPopup === "by-host") return !!new URLSearchParams(location.search).get("disableLoginPopup");
  return disableLoginPopup === true;
}
