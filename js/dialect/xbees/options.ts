/** The options of the dialect. */
import { isDuration, isObject } from "../../shared/input-check.js";
import { shown } from "../../shared/shown.js";
import type { XbeesOptions } from "./types.js";
import { VERSION } from "./version.js";

/** What the host posts to sign the user out, unless the application says otherwise. */
const LOGOUT_TYPE = "xBeesLogout";

export const OPTIONS = [
  "manualReady",
  "signIn",
  "firstStatus",
  "platform",
  "readyTimeoutMs",
  "logoutType",
  "iframeId",
  "version",
] as const satisfies readonly (keyof XbeesOptions)[];

export interface Options {
  readonly manualReady: boolean;
  readonly signIn: boolean;
  readonly firstStatus: "session" | "application";
  readonly platform: string | undefined;
  readonly readyTimeoutMs: number;
  readonly logoutType: string;
  readonly version: string;
  readonly iframeId: string | null;
}

/** Longest `iframeId`: the core takes no more. */
const IFRAME_ID = 16_384;

/** What is wrong with them: which one, what was given, what is meant. Empty if nothing is. */
export function optionProblem(given: XbeesOptions): string {
  if (!isObject(given)) return `xbees is ${shown(given)}: give an object`;
  for (const name of ["manualReady", "signIn"] as const) {
    const flag: unknown = given[name];
    if (flag !== undefined && typeof flag !== "boolean") return `xbees.${name} is ${shown(flag)}: give true or false`;
  }
  const { readyTimeoutMs = 0, version = VERSION, logoutType = LOGOUT_TYPE, firstStatus = "session" } = given;
  if (!Number.isInteger(readyTimeoutMs) || !isDuration(readyTimeoutMs, 60_000, 0))
    return `xbees.readyTimeoutMs is ${shown(readyTimeoutMs)}: give whole milliseconds from 0 to 60000`;
  for (const [name, word] of Object.entries({ version, logoutType }))
    if (typeof word !== "string" || word.length < 1 || word.length > 64)
      return `xbees.${name} is ${shown(word)}: give a text of 1 to 64 characters`;
  if (firstStatus !== "session" && firstStatus !== "application")
    return `xbees.firstStatus is ${shown(firstStatus)}: give "session" or "application"`;
  return platformProblem("xbees.platform", given.platform) || iframeIdProblem(given.iframeId);
}

export const platformProblem = (where: string, platform: unknown): string =>
  platform === undefined || platform === "web" ? "" : `${where} is ${shown(platform)}: give "web", or nothing`;

/** Also of the one in the page's address. */
export const iframeIdProblem = (iframeId: unknown = null): string =>
  iframeId === null || (typeof iframeId === "string" && iframeId.length <= IFRAME_ID)
    ? ""
    : `xbees.iframeId is ${shown(iframeId)}: give a text of at most ${IFRAME_ID} characters, or null`;

/** Whether ready has a payload, as since version 1.0.10. */
export function readyHasVersion(version: string): boolean {
  // What is no version counts as a new one; a part that is missing as 0.
  const [, ...parts] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [undefined, "1", "1"];
  const [major = 0, minor = 0, patch = 0] = parts.map((part) => Number(part ?? 0));
  return major > 1 || (major === 1 && (minor > 0 || patch >= 10));
}

export function withDefaults(given: XbeesOptions): Options {
  const {
    manualReady = false,
    signIn = true,
    firstStatus = "session",
    platform,
    readyTimeoutMs = 3000,
    logoutType = LOGOUT_TYPE,
    version = VERSION,
  } = given;
  const { iframeId = new URLSearchParams(location.search).get("iframeId") } = given;
  return { manualReady, signIn, firstStatus, platform, readyTimeoutMs, logoutType, version, iframeId };
}
