/** The cookies of a widget's visitor. */
import { assignCookie } from "../shared/own-document.js";
import { cookieOf, cookieText, partitioned, without, writeCookie } from "./cookies.js";
import type { CookieOptions, Note, Visitor } from "./visitor.js";

/** The lines that remove cookies, each with the epoch of the session that they were written in. */
type Removals = Record<string, number>;

/**
 * Keeps the cookies of a visitor in this frame. How each of them is removed is remembered in localStorage with the session's epoch, so that also those that a closed tab has left are removed
 * when its user has gone, and none of the next user's.
 */
export class CookieJar {
  /** What this page has written, by its name: the value, and the line that removes it. */
  readonly #written = new Map<string, { readonly value: string; readonly removal: string }>();
  /** What could not be stored. What could be is other tabs' too, and they may have removed it. */
  #unstored: Removals = {};

  /** @param key of the list in localStorage */
  constructor(private readonly key: string) {}

  /** Whether any are kept, by this tab or another one. */
  any(): boolean {
    return Object.keys(this.#load()).length > 0;
  }

  /** Lists what is going to be kept, so that other tabs learn of it (by a `storage` event) and make way. */
  announce({ cookies, cookieOptions }: Visitor, isThirdParty: boolean, epoch: number): void {
    const removals = this.#load();
    if (cookies.length === 0 || isFurtherOn(removals, epoch)) return;
    const options = isThirdParty ? partitioned(cookieOptions) : cookieOptions;
    for (const [name] of cookies) removals[removalOf(name, options)] = epoch;
    this.#save(removals);
  }

  keep({ cookies, cookieOptions }: Visitor, isThirdParty: boolean, epoch: number, note: Note): void {
    const removals = this.#load();
    // What it has written stays.
    if (isFurtherOn(removals, epoch)) return;
    this.#removeOthers(cookies);
    const options = isThirdParty ? partitioned(cookieOptions) : cookieOptions;
    for (const [name, value] of cookies) {
      const removal = removalOf(name, options);
      removeElsewhere(removal, removals);
      writeCookie(cookieText(name, value, options));
      if (cookieOf(name) !== value) note("EDNA_COOKIE", name);
      this.#written.set(name, { value, removal });
      removals[removal] = epoch;
    }
    if (cookies.length > 0) this.#save(removals);
  }

  /** The user of every earlier epoch has gone, in every tab. */
  forget(epoch: number): void {
    const removals = this.#load();
    for (const [line, at] of Object.entries(removals)) {
      if (at >= epoch) continue;
      assignCookie(line);
      delete removals[line];
    }
    for (const [name, { removal }] of this.#written) if (!(removal in removals)) this.#written.delete(name);
    this.#save(removals);
  }

  /** Removes what this page has written and the visitor has no more. */
  #removeOthers(cookies: Visitor["cookies"]): void {
    for (const [name, { value, removal }] of this.#written) {
      if (cookies.some(([kept]) => kept === name)) continue;
      // What is there now may be another tab's.
      if (cookieOf(name) === value) writeCookie(removal);
      this.#written.delete(name);
    }
  }

  #load(): Removals {
    try {
      const stored = Object.entries(Object(JSON.parse(localStorage.getItem(this.key) ?? "{}")) as object);
      return { ...this.#unstored, ...Object.fromEntries(stored.filter(isRemoval)) };
    } catch {
      return { ...this.#unstored };
    }
  }

  #save(removals: Removals): void {
    try {
      if (Object.keys(removals).length > 0) localStorage.setItem(this.key, JSON.stringify(removals));
      else localStorage.removeItem(this.key);
      this.#unstored = {};
    } catch {
      // There is no storage: this page knows its own.
      this.#unstored = removals;
    }
  }
}

/** Another tab knows of a later session. */
const isFurtherOn = (removals: Removals, epoch: number) => Object.values(removals).some((at) => at > epoch);

/** The line that removes a cookie which was written with these options. */
const removalOf = (name: string, options: CookieOptions): string =>
  cookieText(name, "", { ...without(options, /^(max-age|expires)$/i), "Max-Age": 0 });

/** Of each name there is one cookie: with another Path or Domain it would be one more, and their number would not be that of the names. */
function removeElsewhere(removal: string, removals: Removals): void {
  const nameOf = (line: string) => line.split("=", 1)[0];
  for (const line of Object.keys(removals)) {
    if (line === removal || nameOf(line) !== nameOf(removal)) continue;
    assignCookie(line);
    delete removals[line];
  }
}

/** What is none is not written as a cookie: any script of the origin can write to the list. */
const isRemoval = ([line, at]: [string, unknown]) => typeof at === "number" && line.includes("=; path=/") && line.endsWith("; Max-Age=0");
