/**
 * Cookies of both halves: the guest's on the page's site, those of `extendedAuth` in the frame. The widget's half loads this apart; it imports no code, or esbuild would
 * make a file of what both share.
 */
import { assignCookie, readCookies } from "../shared/own-document.js";
import type { Note, Visitor } from "./visitor.js";

/** Values of cookie directives; `true`: the bare word, `false`: left out. */
export type CookieOptions = Readonly<Record<string, string | number | boolean | Date>>;

/** Name and value as they are written; browsers drop longer ones. */
const LONGEST = 4096;
/** All that a page may set, together: the line with them has to fit into what servers take (8,192 bytes), with room for the widget's own. */
const TOGETHER = 6144;
/** So many directives. */
const MOST = 16;
/** Name and value of a directive. */
const DIRECTIVE_LENGTH = 256;
const DIRECTIVE = /^(max-age|domain|path|secure|samesite|expires|partitioned)$/i;
/** With a promise by the browser: never a page's. Said in `visitor.ts` too, which this must not import. */
const PREFIXED = /^__(host|secure|http)-/i;

/**
 * Copies of what can be written.
 * @param names those that a page may set; `null`: not known here. Each has its share of the whole, so that no number of tabs and pages comes to more.
 */
export function checkCookies(
  cookies: unknown,
  options: unknown,
  note: Note,
  names: readonly string[] | null,
): Pick<Visitor, "cookies" | "cookieOptions"> {
  const longest = names ? Math.min(LONGEST, Math.floor(TOGETHER / names.length)) : LONGEST;
  const kept = new Map<string, string>();
  for (const pair of Array.isArray(cookies) ? (cookies as unknown[]) : []) {
    const [name, value] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const fits = typeof name === "string" && name && typeof value === "string" && length(name, value) <= longest && !kept.has(name);
    if (typeof name === "string" && PREFIXED.test(name)) note("EDNA_COOKIE_NAME", name);
    else if (typeof name === "string" && names && !names.includes(name)) note("EDNA_COOKIE_UNLISTED", name);
    else if (!fits) note("EDNA_COOKIE", typeof name === "string" ? name : typeof name);
    else kept.set(name, value);
  }
  return { cookies: [...kept], cookieOptions: directives(options, note) };
}

/** As they are written. */
function length(name: string, value: string): number {
  if (name.length + value.length > LONGEST) return Infinity;
  try {
    return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`.length;
  } catch {
    // A lone surrogate cannot be written at all.
    return Infinity;
  }
}

/** Directives as they may be written: an unknown one passes, and is reported. */
export function directives(options: unknown, note: Note): CookieOptions {
  const kept = Object.entries(Object(options) as object).filter(([name, value]) => {
    const written =
      /^(string|number|boolean)$/.test(typeof value) &&
      !/[;\x00-\x1f\x7f]/.test(String(value)) &&
      name.length + String(value).length <= DIRECTIVE_LENGTH;
    const fine = /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/^httponly$/i.test(name) && (value instanceof Date || written);
    if (!fine || !DIRECTIVE.test(name)) note("EDNA_COOKIE", name);
    return fine;
  });
  for (const [name] of kept.splice(MOST)) note("EDNA_TOO_MANY", name);
  return Object.fromEntries(kept) as CookieOptions;
}

/** What is assigned to `document.cookie`. */
export function cookieText(name: string, value: string, options: CookieOptions): string {
  const written = Object.entries(options).map(([key, option]) =>
    option === false ? "" : option === true ? `; ${key}` : `; ${key}=${option instanceof Date ? option.toUTCString() : option}`,
  );
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}; path=/${written.join("")}`;
}

/** Without these directives, however they are written. */
export const without = (options: CookieOptions, names: RegExp): CookieOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.test(name)));

/** As a frame below another site needs them. */
export const partitioned = (options: CookieOptions): CookieOptions => ({
  ...without(options, /^(samesite|secure|partitioned)$/i),
  SameSite: "None",
  Secure: true,
  Partitioned: true,
});

/** What the page's cookies say of this name, or `null`. */
export function cookieOf(name: string): string | null {
  const start = `${encodeURIComponent(name)}=`;
  try {
    const found = readCookies()
      .split("; ")
      .find((pair) => pair.startsWith(start));
    return found === undefined ? null : decodeURIComponent(found.slice(start.length));
  } catch {
    // A page without an origin has none, or it is another's.
    return null;
  }
}

/** Whether it was kept, reading it shows. */
export function writeCookie(line: string): void {
  try {
    assignCookie(line);
  } catch {
    // A page without an origin keeps none.
  }
}

/**
 * Keeps the cookies of a visitor in this frame. How each of them is removed is remembered in localStorage with the session's epoch, so that also those that a closed tab has left are removed
 * when its user has gone, and none of the next user's.
 * @param key of that list
 */
export function cookieJar(key: string) {
  /** What this page has written: the value, and the line that removes it. */
  const written = new Map<string, readonly [value: string, end: string]>();
  /** What could not be stored. What could be is other tabs' too, and they may have removed it. */
  let memory: Record<string, unknown> = {};
  // What is none of these lines is not written as a cookie: any script of the origin can write there.
  const own = ([line, at]: [string, unknown]) => typeof at === "number" && line.includes("=; path=/") && line.endsWith("; Max-Age=0");
  const load = (): Record<string, unknown> => {
    try {
      return {
        ...memory,
        ...Object.fromEntries(Object.entries(Object(JSON.parse(localStorage.getItem(key) ?? "{}")) as object).filter(own)),
      };
    } catch {
      return { ...memory };
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
  const times = () => Object.values(load()).filter((at) => typeof at === "number");
  return {
    /** Whether any are kept, by this tab or another one. */
    any: () => times().length > 0,
    keep({ cookies, cookieOptions }: Visitor, third: boolean, epoch: number, note: Note) {
      // Another tab is further on: what it has written stays.
      if (times().some((at) => at > epoch)) return;
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
        // Of each name there is one: with another Path or Domain it would be one more, and their number would not be that of the names.
        for (const line of Object.keys(lines)) {
          if (line === end || line.split("=", 1)[0] !== end.split("=", 1)[0]) continue;
          assignCookie(line);
          delete lines[line];
        }
        writeCookie(cookieText(name, value, options));
        if (cookieOf(name) !== value) note("EDNA_COOKIE", name);
        written.set(name, [value, end]);
        lines[end] = epoch;
      }
      if (cookies.length > 0) save(lines);
    },
    /** The user of every earlier epoch has gone, in every tab. */
    forget(epoch: number) {
      const lines = load();
      for (const [line, at] of Object.entries(lines)) {
        if (typeof at === "number" && at >= epoch) continue;
        assignCookie(line);
        delete lines[line];
      }
      for (const [name, [, end]] of written) if (!(end in lines)) written.delete(name);
      save(lines);
    },
  };
}
