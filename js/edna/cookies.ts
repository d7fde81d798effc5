/** Cookies of both halves: the guest's on the page's site, those of `extendedAuth` in the frame. */
import { assignCookie, readCookies } from "../shared/own-document.js";
import { isPrefixedCookie, TOKEN } from "./allowed-names.js";
import type { CookieOptions, Note, Visitor } from "./visitor.js";

/** Name and value as they are written; browsers drop longer ones. */
const LONGEST = 4096;
/** All that a page may set, together: the line with them has to fit into what servers take (8,192 bytes), with room for the widget's own. */
const TOGETHER = 6144;
/** So many directives. */
const MOST = 16;
/** Name and value of a directive. */
const DIRECTIVE_LENGTH = 256;
const DIRECTIVE = /^(max-age|domain|path|secure|samesite|expires|partitioned)$/i;

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
    if (typeof name === "string" && isPrefixedCookie(name)) note("EDNA_COOKIE_NAME", name);
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
  if (options !== undefined && (typeof options !== "object" || Array.isArray(options))) {
    note("EDNA_COOKIE", "options");
    return {};
  }
  const kept = Object.entries(Object(options) as object).filter(([name, value]) => {
    const written =
      (/^(string|boolean)$/.test(typeof value) || Number.isFinite(value)) &&
      !/[;\x00-\x1f\x7f]/.test(String(value)) &&
      name.length + String(value).length <= DIRECTIVE_LENGTH;
    const fine = TOKEN.test(name) && !/^httponly$/i.test(name) && (value instanceof Date ? !Number.isNaN(value.getTime()) : written);
    if (!fine) note("EDNA_COOKIE", name);
    else if (!DIRECTIVE.test(name)) note("EDNA_COOKIE_DIRECTIVE", name);
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

/** Whether a browser sends a cookie of this page's host, with these directives, to another host. */
export function reaches(host: string, options: CookieOptions): boolean {
  const [, domain] =
    Object.entries(options)
      .filter(([name]) => /^domain$/i.test(name))
      .at(-1) ?? [];
  if (typeof domain !== "string" || !domain) return host === location.hostname;
  const bare = domain.replace(/^\./, "").toLowerCase();
  return host === bare || host.endsWith(`.${bare}`);
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
