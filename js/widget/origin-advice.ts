/**
 * What is wrong with an entry of `hosts`, and how it is written. The core decides (`src/session/origin.rs`) and has one code for all;
 * this finds the words. `tests/vectors/origins.json` holds both to the same list.
 */
import { field } from "../shared/read.js";

const EXAMPLE = `an origin, such as "https://crm.example.com"`;

/** The schemes that are no web site's, and how each is followed by a name. */
const APPS: Readonly<Record<string, readonly [name: RegExp, advice: string]>> = {
  "chrome-extension": [/^[a-p]{32}$/, "the extension's ID, 32 letters from a to p, as chrome://extensions shows it"],
  "moz-extension": [
    /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
    "the UUID that Firefox gave to this installation, as about:debugging shows it, in lower case",
  ],
  "safari-web-extension": [
    /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
    "the UUID that Safari gave to this installation, as location.origin of the extension's page says it",
  ],
  capacitor: [/^/, "the app's host name, by default localhost"],
  ionic: [/^/, "the app's host name, by default localhost"],
  tauri: [/^/, "localhost"],
};
const NAMED = new Set(["chrome-extension", "moz-extension", "safari-web-extension"]);

/** An exact origin of the web, apart from what only the URL parser knows. */
const WEB = /^https?:\/\/(?:(?:[a-z\d_-]{1,63}\.)*[a-z\d_-]{1,63}|\[[\da-f:]+])(?::[1-9]\d*)?$/;

/** Stands for the star where the URL parser is asked. */
const LABEL = "authframe-star";

/**
 * A sentence for the developer: what is wrong with this entry of `hosts`, and the right spelling where there is one. Empty if nothing is.
 *
 * @example
 * adviseOrigin("https://crm.example.com/"); // '"https://crm.example.com/" has a path: write "https://crm.example.com"'
 */
export function adviseOrigin(given: unknown): string {
  if (typeof given === "string") return adviseText(given);
  if (given instanceof URL)
    return `A URL object stands in hosts: write ${webOrigin(given.origin) ? `its origin, "${given.origin}"` : EXAMPLE}`;
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    const origin = field(given, "origin");
    if (typeof origin === "string") return adviseText(origin);
    return origin === undefined
      ? `An object without origin stands in hosts: write { origin: "https://crm.example.com", dialect }`
      : `origin is ${kindOf(origin)}: write ${EXAMPLE}`;
  }
  return `${capital(kindOf(given))} stands in hosts: write ${EXAMPLE}`;
}

function adviseText(given: string): string {
  const shown = quoted(given);
  const say = (wrong: readonly string[], right?: string) =>
    `${shown} ${listed(wrong)}: write ${right === undefined ? EXAMPLE : JSON.stringify(right)}`;
  const trimmed = given.trim();
  const blank = given === trimmed && !/[\t\n\r]/.test(given) ? [] : ["has white space around it or inside"];

  if (!trimmed) return say(["is empty"]);
  if (trimmed === "*")
    return `"*" would let every page embed the widget: list each host, as ${EXAMPLE}, or "https://*.example.com" for one label below a name of yours`;
  if (trimmed === "null")
    return `"null" is the origin of every sandboxed and every local page, so it says nothing about who it is: give the host an origin, and write that`;

  // A host and its port look like a scheme.
  const scheme = /^\w[\w.-]*:(\d+)?(?=[/?#]|$)/.exec(trimmed)?.[1] ? undefined : /^([a-z][a-z\d+.-]*):/i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    const right = corrected("https", trimmed.replace(/^[\\/]+/, ""));
    return say(["has no scheme", ...blank], right.origin);
  }
  if (Object.hasOwn(APPS, scheme)) return adviseApp(given, trimmed, scheme, say);
  if (scheme === "ws" || scheme === "wss") {
    const right = corrected(scheme === "ws" ? "http" : "https", trimmed.slice(scheme.length + 1).replace(/^[\\/]+/, ""));
    return say([`has the scheme of a WebSocket; a page has ${scheme === "ws" ? "http" : "https"}`], right.origin);
  }
  if (scheme !== "http" && scheme !== "https") {
    return `${shown} has the scheme ${quoted(scheme)}: hosts are https and http, and of apps and extensions ${Object.keys(APPS).join(", ")}`;
  }

  const [, written = "", slashes = "", rest = ""] = /^([^:]*):([\\/]*)(.*)$/s.exec(trimmed) ?? [];
  const found = corrected(scheme, rest);
  const wrong = [
    ...blank,
    ...(slashes === "//" ? [] : [`has ${quoted(slashes)} behind "${scheme}:" and not "//"`]),
    ...(written === scheme ? [] : ["has a scheme in upper case"]),
    ...found.wrong,
  ];
  if (wrong.length === 0 && found.origin !== given) wrong.push("is not written as browsers write it");
  return wrong.length === 0 ? "" : say(wrong, found.origin);
}

type Say = (wrong: readonly string[], right?: string) => string;

function adviseApp(given: string, trimmed: string, scheme: string, say: Say): string {
  const [valid, advice] = APPS[scheme]!;
  const [, name = "", port, path] = /^[^:]*:[\\/]*([^\\/?#:]*)(:[^\\/?#]*)?(.*)$/s.exec(trimmed) ?? [];
  // Safari's are in upper case.
  const lower = scheme === "safari-web-extension" ? name : name.toLowerCase();
  const named = valid.test(lower) && (NAMED.has(scheme) || webOrigin(`https://${lower}`)?.host === lower);
  const right = named ? `${scheme}://${lower}` : undefined;
  if (right === given) return "";
  const wrong: string[] = [];
  if (name.includes("*")) wrong.push("has a star, which is for https only");
  else if (!named) wrong.push(name ? `has ${quoted(name)} where ${advice} stands` : "has no name behind the scheme");
  if (port) wrong.push("has a port");
  if (path) wrong.push("has a path");
  if (name !== lower && named) wrong.push("has upper case");
  if (wrong.length === 0) wrong.push("is not written as browsers write it");
  return right ? say(wrong, right) : `${say(wrong).replace(/: write .*$/s, "")}: write "${scheme}://" and ${advice}`;
}

/** What is wrong behind `https://`, and the origin that is meant, if one can be made out. */
function corrected(scheme: "http" | "https", rest: string): { readonly wrong: readonly string[]; readonly origin?: string } {
  const wrong: string[] = [];
  const [, authority = "", path = ""] = /^([^\\/?#]*)(.*)$/s.exec(rest) ?? [];
  const at = authority.lastIndexOf("@");
  if (at >= 0) wrong.push("has a user name");
  let host = authority.slice(at + 1);
  let port: string | undefined;
  if (!host.startsWith("[") && host.split(":").length > 2) {
    wrong.push("has an IPv6 address without brackets");
    host = `[${host}]`;
  } else {
    [, host = "", port] = /^(\[.*\]|[^:]*)(?::(.*))?$/s.exec(host) ?? [, host];
  }

  if (/[A-Z]/.test(host)) wrong.push("has upper case");
  if (host.endsWith(".")) wrong.push("has a dot at the end of the host");
  host = host.toLowerCase().replace(/\.+$/, "");
  if (/^\.|\.\./.test(host)) wrong.push("has an empty label");
  let clear = !/^\.|\.\./.test(host);

  const below = /^\*\.(.*)$/s.exec(host)?.[1];
  if (host.includes("*")) {
    if (scheme === "http") wrong.push("has a star, which is for https only");
    else if (below === undefined || below.includes("*"))
      wrong.push("has a star in another place than for the whole left-most label, once, as in https://*.example.com");
    else if (!below.includes(".")) wrong.push("has a star before fewer than two labels, which would let strangers in");
    else if (!webOrigin(`https://${LABEL}.${below}`)) wrong.push(`has ${quoted(below)} behind its star, which is not a name`);
    clear &&= scheme === "https" && below !== undefined && below.includes(".") && !below.includes("*");
  }

  if (port !== undefined) {
    const number = Number(port);
    const byDefault = scheme === "https" ? 443 : 80;
    if (!/^\d+$/.test(port) || number < 1 || number > 65_535) {
      wrong.push(port ? `has ${quoted(port)} for a port, which is none` : "has a colon without a port");
      clear &&= port === "";
      port = undefined;
    } else if (number === byDefault) {
      wrong.push(`has the port ${number}, which browsers leave out`);
      port = undefined;
    } else if (port !== String(number)) {
      wrong.push("has a port with a leading zero");
      port = String(number);
    }
  }
  if (path) wrong.push(/^[\\/]/.test(path) ? "has a path" : path.startsWith("?") ? "has a query" : "has a fragment");

  const url = webOrigin(`${scheme}://${below === undefined ? host : `${LABEL}.${below}`}${port === undefined ? "" : `:${port}`}`);
  if (!url) {
    if (!host.includes("*")) wrong.push(host ? `has ${quoted(host)} for a host, which browsers do not take` : "has no host");
    return { wrong };
  }
  const name = url.hostname.replace(`${LABEL}.`, "*.");
  if (name !== host) wrong.push(/[^ -~]/.test(host) ? "has letters beyond a to z" : "has a host that browsers write in another way");
  return clear ? { wrong, origin: url.origin.replace(`${LABEL}.`, "*.") } : { wrong };
}

/** As the browser reads it, if its origin is one that can be listed. */
function webOrigin(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return WEB.test(url.origin) ? url : undefined;
  } catch {
    return undefined;
  }
}

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);

const listed = (wrong: readonly string[]): string =>
  wrong.length < 2 ? wrong.join("") : `${wrong.slice(0, -1).join(", ")}, and ${wrong.at(-1)}`;

const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
