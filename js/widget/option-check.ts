/** The options of `connect`, and whether what is given for one can be used at all. */

import type { DialectOptions } from "../dialect/types.js";
import { isObject, unknownKey } from "../shared/input-check.js";
import { snapshot } from "../shared/snapshot.js";
import { DIALECT_KINDS } from "../shared/words.js";
import type { ConnectOptions, HostEntry } from "./types.js";

const isText = (value: unknown) => typeof value === "string";
const isFunction = (value: unknown) => typeof value === "function";
const anything = () => true;

const FITS: Readonly<Record<string, (value: never) => boolean>> = {
  hosts: (value: unknown) =>
    Array.isArray(value) && value.every((host) => isText(host) || (isObject(host) && unknownKey(host, HOST_FIELDS) === undefined)),
  namespace: isText,
  channel: isText,
  allowOpaqueOrigin: anything,
  credentials: isText,
  acquire: isFunction,
  wasm: anything,
  signal: (value: AbortSignal | null) => isFunction(value?.addEventListener),
  signIn: isObject,
  unpartitionedStorage: (value: { begin?: unknown } | null) => value === null || isFunction(value.begin),
} satisfies Readonly<Record<Exclude<keyof ConnectOptions, keyof DialectOptions>, (value: never) => boolean>>;

/** The options of a dialect are read by the dialect. */
const DIALECTS: readonly string[] = DIALECT_KINDS.filter((kind) => kind !== "native");

export const OPTIONS = [...Object.keys(FITS), ...DIALECTS];
export const HOST_FIELDS = ["origin", "dialect", "native"];

/** The options as they are now. What is checked is what is used, though minutes may lie between: until the wasm is loaded, the namespace is free, the page is shown. */
export function takeOptions(given: ConnectOptions): ConnectOptions {
  const options = snapshot(given, OPTIONS);
  if (!isObject(options) || !Array.isArray(options.hosts)) return options;
  return { ...options, hosts: Array.from(options.hosts as readonly HostEntry[], (host) => snapshot(host, HOST_FIELDS)) };
}

/** The name of an option that is not known, or that cannot be used; `undefined` if there is none. `option-problem.ts` says what is wrong with it. */
export function wrongOption(given: unknown): string | undefined {
  if (!isObject(given)) return "options";
  return (
    unknownKey(given, OPTIONS) ??
    OPTIONS.find((name) => {
      const value = (given as Record<string, unknown>)[name];
      return value !== undefined && !(FITS[name] ?? isObject)(value as never);
    })
  );
}
