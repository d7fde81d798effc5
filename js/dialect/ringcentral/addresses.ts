/** Addresses in what a host registers. An application puts them into an image or a link, so none gets through that would run a script there. */
import { isObject } from "../../shared/input-check.js";
import { type Message, plain } from "./message.js";

/** In an image not even an SVG of `data:` runs a script. */
export const isImageAddress = (value: unknown): boolean => typeof value === "string" && /^(https:\/\/|data:image\/)/i.test(value);
const isWebAddress = (value: unknown) => typeof value === "string" && /^https?:\/\//i.test(value);

/** What each field may be, by its name, in the registration and in its lists. */
const ADDRESSES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["authorizationLogo", isImageAddress],
  ["contactIcon", isImageAddress],
  ["icon", isImageAddress],
  ["uri", isWebAddress],
]);
const LINKS = "authorizationLinks";
const LISTS = [LINKS, "buttons", "settings", "items"];
/** A registration, a section, a group, a setting: what lies deeper is left out. */
const DEEPEST = 4;

/** Without the addresses that do not fit, and without a link that has none. */
export function withSafeAddresses(said: Message, depth = 0): Message {
  const entries = Object.entries(said).map(([key, value]) => [key, LISTS.includes(key) ? safeList(key, value, depth) : value] as const);
  return Object.fromEntries(entries.filter(([key, value]) => ADDRESSES.get(key)?.(value) ?? true));
}

function safeList(name: string, list: unknown, depth: number): readonly unknown[] {
  if (!Array.isArray(list) || depth === DEEPEST) return [];
  const items = Object.values(plain(list)).filter(isObject);
  const safe = items.map((item) => withSafeAddresses(plain(item), depth + 1));
  return name === LINKS ? safe.filter(({ label, uri }) => typeof label === "string" && uri !== undefined) : safe;
}
