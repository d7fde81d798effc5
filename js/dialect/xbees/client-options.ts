/** The options of the client: what is given, and what is taken where nothing is. */
import { AuthframeError } from "../../shared/error.js";
import { isObject, unknownKey } from "../../shared/input-check.js";
import { findElement } from "../../shared/own-document.js";
import { shown } from "../../shared/shown.js";
import type { ClientOptions } from "./client-types.js";
import { WORDS, type Words } from "./words.js";

/** What a bundler may put in: hosts, separated by spaces. */
declare const AUTHFRAME_HOSTS: string | undefined;

const NAMES = [
  "hosts",
  "native",
  "allowOpaqueOrigin",
  "words",
  "namespace",
  "version",
  "logoutType",
  "wasm",
] as const satisfies readonly (keyof ClientOptions)[];

const invalid = (problem: string) => new AuthframeError("CONFIG_INVALID", problem, "app");

/** @throws AuthframeError `CONFIG_INVALID` for what is used before `connect` looks at it: names that are not known, and hosts */
export function requireUsable(options: ClientOptions): void {
  if (!isObject(options)) throw invalid(`the options are ${shown(options)}: give an object`);
  const unknown = unknownKey(options, NAMES);
  if (unknown !== undefined) throw invalid(`the client has no option ${JSON.stringify(unknown)}: it has ${NAMES.join(", ")}`);
  const { hosts } = options;
  if (hosts !== undefined && !Array.isArray(hosts)) throw invalid(`hosts is ${shown(hosts)}: give a list, ["https://app.x-bees.com"]`);
}

/** @throws AuthframeError `CONFIG_INVALID` */
export function wordsOf(given: Partial<Words> = {}): Words {
  if (!isObject(given)) throw invalid(`words is ${shown(given)}: give an object of texts`);
  const names = Object.keys(WORDS);
  const unknown = unknownKey(given, names);
  if (unknown !== undefined) throw invalid(`words has no ${JSON.stringify(unknown)}: it has ${names.join(", ")}`);
  const words = { ...WORDS };
  for (const [name, word] of Object.entries(given) as [keyof Words, unknown][]) {
    if (word === undefined) continue;
    if (typeof word !== "string" || word.length < 1 || word.length > 64)
      throw invalid(`words.${name} is ${shown(word)}: give a text of 1 to 64 characters`);
    words[name] = word;
  }
  return words;
}

/** Who may embed the widget, by the page or the bundle. */
export function listedHosts(): readonly string[] {
  const meta = (findElement('meta[name="authframe-hosts"]') as HTMLMetaElement | null)?.content;
  const built = typeof AUTHFRAME_HOSTS === "string" ? AUTHFRAME_HOSTS : "";
  return (meta ?? built).split(/\s+/).filter(Boolean);
}

/** Integrations of one origin differ by where their pages are. For a path that no name can be made of, a hash stands. */
export function namespaceOf(pathname: string): string {
  const path = pathname.replace(/\/(index\.html?)?$/, "");
  const isName = path.length <= 48 && /^[\w/-]*$/.test(path);
  return `xbees${isName ? path.replaceAll("/", ".") : `.${hashOf(path)}`}`;
}

/** FNV-1a, 32 bits, in hexadecimal digits. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
