/** The names of headers and cookies that a widget lets its pages set. */

/** Headers in lower case, cookies as they are. */
export interface Allowed {
  readonly headers: readonly string[];
  readonly cookies: readonly string[];
}

const LONGEST_NAME = 64;
/** So many headers, and so many cookies. */
const MOST = 16;

/** What a header, a sub-protocol and a cookie's directive may be called: a token of RFC 9110. */
export const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** What the widget itself says of its visitor. */
const OWN_HEADER = /^x-(client-token|header-encoding|ext-client-id)$/i;
/** Those of the connection, and those that browsers keep for themselves and leave out of a request in silence. */
const FORBIDDEN_HEADER =
  /^(accept-(charset|encoding)|access-control-.*|connection|content-length|(set-)?cookie2?|date|dnt|expect|host|http2-settings|keep-alive|origin|referer|te|trailers?|transfer-encoding|upgrade|via|(proxy|sec)-.*)$/i;
/** Cookies of these names are the widget's own, with a promise by the browser. It takes them in any case of letters. */
const PREFIXED_COOKIE = /^__(host|secure|http)-/i;

/** What the vendor's documented settings use, and nothing else. */
const DOCUMENTED: Allowed = { headers: ["Header-Name", "X-Auth-Token", "X-Token-Type"], cookies: ["custom-property", "token", "type"] };

/** Whether any page may set a header of this name. */
export const isHeaderName = (name: string): boolean => TOKEN.test(name) && !OWN_HEADER.test(name) && !FORBIDDEN_HEADER.test(name);

export const isPrefixedCookie = (name: string): boolean => PREFIXED_COOKIE.test(name);

/** The widget's own lists, or in words what is wrong with them. */
export function allowedNames(headers: unknown = DOCUMENTED.headers, cookies: unknown = DOCUMENTED.cookies): Allowed | string {
  const problem = problemWithNames("hostHeaders", headers, headerProblem) || problemWithNames("hostCookies", cookies, cookieProblem);
  return problem || { headers: (headers as string[]).map((name) => name.toLowerCase()), cookies: [...(cookies as string[])] };
}

/** Empty if there is none. */
function problemWithNames(option: string, names: unknown, problemWith: (name: string) => string): string {
  if (!Array.isArray(names)) return `${option}: give an array of names`;
  if (names.length > MOST) return `${option}: ${names.length} names, at most ${MOST}`;
  for (const name of names as unknown[]) {
    const shown = `${option}: ${typeof name === "string" ? JSON.stringify(name.slice(0, LONGEST_NAME)) : typeof name}`;
    if (typeof name !== "string" || !name || name.length > LONGEST_NAME || /\p{Cs}/u.test(name))
      return `${shown} is no name: give texts of 1 to ${LONGEST_NAME} characters`;
    const problem = problemWith(name);
    if (problem) return `${shown} ${problem}`;
  }
  return "";
}

function headerProblem(name: string): string {
  if (!TOKEN.test(name)) return "is no name of a header: use letters, digits and -";
  if (FORBIDDEN_HEADER.test(name)) return "belongs to the browser or the connection: leave it out";
  return OWN_HEADER.test(name) ? "is what this widget itself says of its visitor: leave it out" : "";
}

const cookieProblem = (name: string): string =>
  isPrefixedCookie(name) ? "has a prefix that keeps it for the widget's own server: leave it out" : "";
