/** Addresses in what a host registers. An application puts them into an image or a link, so none gets through that would run a script there. */
import { isObject } from "../../shared/input-check.js";
import { type Message, plain } from "./message.js";

/** In an image not even an SVG of `data:` runs a script. */
export const isImageAddress = (value: unknown): boolean => typeof value === "string" && /^(https:\/\/|data:image\/)/i.test(value);
const isWebAddress = (value: unknown) => typeof value === "string" && /^https?:\/\//i.test(value);

/** What each field may be, by its name, at every depth. */
const ADDRESSES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["authorizationLogo", isImageAddress],
  ["contactIcon", isImageAddress],
  ["icon", isImageAddress],
  ["uri", isWebAddress],
]);
const LINKS = "authorizationLinks";
/** Lists of objects: whatever else stands in their place is an empty list. */
const LISTS = [LINKS, "buttons", "settings", "items"];
/** A registration, a section, a group, a setting, and what is in it: what lies deeper is left out. */
const DEEPEST = 4;
/** How many values are copied. A list may stand in a message many times over although it is sent once: then the copy is much larger than the message. */
const MOST_VALUES = 20_000;

/** Without the addresses that do not fit, without a link that has none, and without what is too deep or too much. */
export const withSafeAddresses = (said: Message): Message => new SafeCopy().fields(said, 0);

class SafeCopy {
  #left = MOST_VALUES;

  fields(said: object, depth: number): Message {
    const entries = this.#affordable(said).map(([key, value]) => [key, this.#field(key, value, depth)] as const);
    return Object.fromEntries(entries.filter(([key, value]) => value !== undefined && (ADDRESSES.get(key)?.(value) ?? true)));
  }

  #field(name: string, value: unknown, depth: number): unknown {
    if (!LISTS.includes(name)) return this.#value(value, depth);
    const list = Array.isArray(value) ? this.#objects(value, depth) : [];
    return name === LINKS ? list.filter(({ label, uri }) => typeof label === "string" && uri !== undefined) : list;
  }

  #objects(list: readonly unknown[], depth: number): readonly Message[] {
    return this.#affordable(list).flatMap(([, item]) => (isObject(item) && this.#goesOn(depth) ? [this.fields(item, depth + 1)] : []));
  }

  /** `undefined`: it is left out. */
  #value(value: unknown, depth: number): unknown {
    if (!isObject(value)) return value;
    if (!this.#goesOn(depth)) return undefined;
    return Array.isArray(value) ? this.#list(value, depth) : this.fields(value, depth + 1);
  }

  #goesOn(depth: number): boolean {
    return depth < DEEPEST && this.#left > 0;
  }

  #list(list: readonly unknown[], depth: number): readonly unknown[] {
    const items = this.#affordable(list).map(([, item]) => (Array.isArray(item) ? this.#value(item, depth + 1) : this.#value(item, depth)));
    return items.filter((item) => item !== undefined);
  }

  /** What is in it; nothing once that is too much. */
  #affordable(from: object): readonly (readonly [string, unknown])[] {
    if (this.#left === 0) return [];
    const entries = Object.entries(plain(from));
    const isAffordable = entries.length <= this.#left;
    this.#left = isAffordable ? this.#left - entries.length : 0;
    return isAffordable ? entries : [];
  }
}
