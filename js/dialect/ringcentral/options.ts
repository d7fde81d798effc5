/** The options of the dialect. */
import { shown } from "../../shared/shown.js";
import type { Message } from "./message.js";
import type { RingCentralOptions } from "./types.js";

export const OPTIONS = [
  "login",
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

/** What is wrong with them: which one, and what it has to be. Empty if nothing is. */
export function optionProblem(given: unknown): string {
  if (typeof given !== "object" || given === null) return "ringcentral: give an object";
  const {
    size = DEFAULTS.size,
    minimized,
    closed,
    shareAuthorization,
    readyTimeoutMs = 0,
    login,
    onLoginFailed,
    disableLoginPopup,
  } = given as Message;
  const { width, height } = Object(size) as Message;
  if (!(Number.isInteger(readyTimeoutMs) && (readyTimeoutMs as number) >= 0 && (readyTimeoutMs as number) <= 60_000))
    return `ringcentral.readyTimeoutMs is ${shown(readyTimeoutMs)}: give whole milliseconds from 0 to 60000`;
  if (!isSide(width) || !isSide(height)) return "ringcentral.size: give width and height in CSS pixels, from 0 up";
  if (!isFlag(minimized) || !isFlag(closed)) return "ringcentral.minimized, ringcentral.closed: give true or false";
  if (!isFlag(shareAuthorization)) return `ringcentral.shareAuthorization is ${shown(shareAuthorization)}: give true or false`;
  if (!isCallback(login) || !isCallback(onLoginFailed)) return "ringcentral.login, ringcentral.onLoginFailed: give a function";
  if (!isFlag(disableLoginPopup) && disableLoginPopup !== "by-host")
    return 'ringcentral.disableLoginPopup: give true, false or "by-host"; ';
  return "";
}

const isSide = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
const isFlag = (value: unknown) => value === undefined || typeof value === "boolean";
const isCallback = (value: unknown) => value === undefined || typeof value === "function";

/** Whether the host opens the sign-in window. The address of a frame is its host's to write, so it counts only if the application lets the host decide. */
export function hostOpensSignIn({ disableLoginPopup }: RingCentralOptions): boolean {
  if (disableLoginPopup === "by-host") return !!new URLSearchParams(location.search).get("disableLoginPopup");
  return disableLoginPopup === true;
}
