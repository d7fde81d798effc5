/**
 * Cookies of both halves: the guest's on the page's site, those of `extendedAuth` in the frame. The widget's half loads this apart; it imports no code, or esbuild would
 * make a file of what both share.
 */
import type { Note, Visitor } from "./edna-visitor.js";

/** Values of cookie directives; `true`: the bare word, `false`: left out. */
export type CookieOptions = Readonly<Record<string, string | number | boolean | Date>>;

/** Name and value as they are written; browsers drop longer ones. */
const LONGEST = 4096;
const DIRECTIVE = /^(max-age|domain|path|secure|samesite|expires|partitioned)$/i;

/** Copies of what can be written. */
export function checkCookies(cookies: unknown, options: unknown, note: Note): Pick<Visitor, "cookies" | "cookieOptions"> {
  const fine = (pair: unknown): pair is [string, string] => {
    const [name, value] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (typeof name === "string" && name && typeof value === "string" && written(name, value).length <= LONGEST) return true;
    note("EDNA_COOKIE", String(name));
    return false;
  };
  return {
    cookies: (Array.isArray(cookies) ? (cookies as unknown[]) : []).filter(fine).map(([name, value]) => [name, value]),
    cookieOptions: directives(options, note),
  };
}

function written(name: string, value: string): string {
  try {
    return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  } catch {
    // A lone surrogate: longer than any.
    return "=".repeat(LONGEST + 1);
  }
}

/** Directives as they may be written: an unknown one passes, and is said. */
export function directives(options: unknown, note: Note): CookieOptions {
  return Object.fromEntries(
    Object.entries(Object(options) as object).filter(([name, value]) => {
      const fine = /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/^httponly$/i.test(name) && (value instanceof Date || (/^(string|number|boolean)$/.test(typeof value) && !/[;\x00-\x1f]/.test(String(value))));
      if (!fine || !DIRECTIVE.test(name)) note("EDNA_COOKIE", name);
      return fine;
    }),
  );
}

/** What is assigned to `document.cookie`. */
export function cookieText(name: string, value: string, options: CookieOptions): string {
  const written = Object.entries(options).map(([key, option]) =>
    option === false ? "" : option === true ? `; ${key}` : `; ${key}=${option instanceof Date ? option.toUTCString() : option}`,
  );
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}; path=/${written.join("")}`;
}

/** Without these directives, however they are written. */
export const without = (options: CookieOptions, names: RegExp): CookieOptions => Object.fromEntries(Object.entries(options).filter(([name]) => !names.test(name)));

/** As a frame below another site needs them. */
export const partitioned = (options: CookieOptions): CookieOptions => ({ ...without(options, /^(samesite|secure|partitioned)$/i), SameSite: "None", Secure: true, Partitioned: true });

/** What the page's cookies say of this name, or `null`. */
export function cookieOf(name: string): string | null {
  const start = `${encodeURIComponent(name)}=`;
  try {
    const found = document.cookie.split("; ").find(pair => pair.startsWith(start));
    return found === undefined ? null : decodeURIComponent(found.slice(start.length));
  } catch {
    // A page without an origin has none, or it is another's.
    return null;
  }
}

/** Whether it was kept, reading it shows. */
export function writeCookie(line: string): void {
  try {
    document.cookie = line;
  } catch {
    // A page without an origin keeps none.
  }
}

/**
 * Keeps the cookies of a visitor in this frame. How each of them is removed is remembered in localStorage with the session's epoch, so that also those that a closed tab has left are removed
 * when its user has gone, and none of whoever has come since.
 * @param key of that list
 */
export function cookieJar(key: string) {
  /** What this page has written: the value, and the line that removes it. */
  const written = new Map<string, readonly [value: string, end: string]>();
  /** What could not be stored. What could be is other tabs' too, and they may have removed it. */
  let memory: Record<string, unknown> = {};
  const load = (): Record<string, unknown> => {
    try {
      return { ...memory, ...(JSON.parse(localStorage.getItem(key) ?? "{}") as object) };
    } catch {
      return memory;
    }
  };
  const save = (lines: Record<string, unknown>) => {
    try {
      if (Object.keys(lines).length > 0) localStorage.setItem(key, JSON.stringify(lines));
      else localStorage.removeItem(key);
      memory = {};
    } catch {
      memory = lines;
      // There is no storage: this page knows its own.
    }
  };
  const times = () => Object.values(load()).filter(at => typeof at === "number");
  return {
    /** Whether any are kept, by this tab or another one. */
    any: () => times().length > 0,
    keep({ cookies, cookieOptions }: Visitor, third: boolean, epoch: number, note: Note) {
      // Another tab is further on: what it has written stays.
      if (times().some(at => at > epoch)) return;
      const options = third ? partitioned(cookieOptions) : cookieOptions;
      for (const [name, [value, end]] of written) {
        if (cookies.some(([kept]) => kept === name)) continue;
        // What is there now may be another tab's.
        if (cookieOf(name) === value) writeCookie(end);
        written.delete(name);
      }
      const lines = load();
      for (const [name, value] of cookies) {
        const end = cookieText(name, "", { ...without(options, /^(max-age|expires)$/i), "Max-Age": 0 });
        writeCookie(cookieText(name, value, options));
        if (cookieOf(name) !== value) note("EDNA_COOKIE", name);
        written.set(name, [value, end]);
        lines[end] = epoch;
      }
      if (cookies.length > 0) save(lines);
    },
    /** Whoever was here before this epoch has gone, in every tab. */
    forget(epoch: number) {
      const lines = load();
      for (const [line, at] of Object.entries(lines)) {
        if (typeof at === "number" && at >= epoch) continue;
        writeCookie(line);
        delete lines[line];
      }
      for (const [name, [, end]] of written) if (!(end in lines)) written.delete(name);
      save(lines);
    },
  };
}
