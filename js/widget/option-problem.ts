/** What is wrong with the options of `connect`, in words: what was given, what is meant. Part of advice.ts. */
import { AuthframeError, type ErrorCode } from "../shared/error.js";
import { isObject, unknownKey } from "../shared/input-check.js";
import { shown } from "../shared/shown.js";
import { CREDENTIAL_POLICIES, DIALECT_KINDS } from "../shared/words.js";
import { HOST_FIELDS, OPTIONS, wrongOption } from "./option-check.js";
import { adviseOrigin } from "./origin-advice.js";
import { SIGN_IN_OPTIONS } from "./sign-in/option-names.js";
import type { ConnectOptions } from "./types.js";

const isOneOf = (words: readonly unknown[], given: unknown) => words.includes(given);

const invalid = (text: string) => new AuthframeError("CONFIG_INVALID", text, "app");

/** `CONFIG_INVALID`, `CONFIG_ORIGIN_REQUIRED`, `CONFIG_ORIGIN_INVALID` or `HOST_NOT_ALLOWED`, if anything is wrong. `code`: what `connect` has failed with. */
export function optionProblem(options: ConnectOptions, code: ErrorCode): AuthframeError | undefined {
  try {
    check(options);
  } catch (problem) {
    if (problem instanceof AuthframeError) return problem;
    throw problem;
  }
  return code === "HOST_NOT_ALLOWED" ? parentProblem() : undefined;
}

/** Which page embeds the widget and may not; `undefined` where the browser does not say it. */
function parentProblem(): AuthframeError | undefined {
  const parent = (location as { ancestorOrigins?: ArrayLike<string> }).ancestorOrigins?.[0];
  if (parent === undefined) return undefined;
  const what =
    parent === "null"
      ? "the page that embeds this widget has no origin (it is sandboxed, or a local file): embed the widget in a page that has one"
      : `the page that embeds this widget is of ${shown(parent)}, which is not in hosts: add it there if that page may embed the widget`;
  return new AuthframeError("HOST_NOT_ALLOWED", what, "app");
}

function check(options: ConnectOptions): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null)
    throw invalid(`the options are ${shown(given)}: give an object such as {hosts: ["https://crm.example.com"]}`);
  refuseUnknown("connect has no option", given, OPTIONS);
  const { hosts, namespace, channel, credentials, acquire, signal, signIn, unpartitionedStorage } = options as {
    [K in keyof ConnectOptions]: unknown;
  };
  if (hosts === undefined || hosts === null || (Array.isArray(hosts) && hosts.length === 0))
    throw new AuthframeError(
      "CONFIG_ORIGIN_REQUIRED",
      `hosts is ${shown(hosts)}: list the origins of the pages that may embed this widget, such as ["https://crm.example.com"]`,
      "app",
    );
  if (!Array.isArray(hosts)) throw invalid(`hosts is ${shown(hosts)}: give a list, such as ["https://crm.example.com"]`);
  hosts.forEach((host: unknown, place) => checkHost(host, `hosts[${place}]`));
  if (namespace !== undefined && !(typeof namespace === "string" && /^[\w.-]{1,64}$/.test(namespace)))
    throw invalid(`namespace is ${shown(namespace)}: give 1 to 64 of A-Z a-z 0-9 _ . -`);
  if (channel !== undefined && !(typeof channel === "string" && new TextEncoder().encode(channel).length <= 64))
    throw invalid(`channel is ${shown(channel)}: give a text of at most 64 bytes of UTF-8`);
  if (credentials !== undefined && !isOneOf(CREDENTIAL_POLICIES, credentials))
    throw invalid(`credentials is ${shown(credentials)}: give one of ${CREDENTIAL_POLICIES.join(", ")}`);
  if (acquire !== undefined && typeof acquire !== "function") throw invalid(`acquire is ${shown(acquire)}: give a function`);
  for (const dialect of DIALECT_KINDS) {
    const own = (given as Record<string, unknown>)[dialect];
    if (own !== undefined && !isObject(own)) throw invalid(`${dialect} is ${shown(own)}: give an object with its options`);
  }
  if (unpartitionedStorage !== undefined && wrongOption(options) === "unpartitionedStorage")
    throw invalid(
      `unpartitionedStorage is ${shown(unpartitionedStorage)}: give what requestStorageAccess({unpartitionedStorage: true}) of authframe/storage-access resolves with, or leave it out`,
    );
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.addEventListener !== "function")
    throw invalid(`signal is ${shown(signal)}: give the signal of an AbortController`);
  if (signIn !== undefined) {
    if (typeof signIn !== "object" || signIn === null)
      throw invalid(`signIn is ${shown(signIn)}: give an object with url, or with oauth and exchange`);
    refuseUnknown("signIn has no option", signIn, SIGN_IN_OPTIONS);
  }
}

function checkHost(host: unknown, where: string): void {
  if (isObject(host)) {
    refuseUnknown(`${where} has no field`, host, HOST_FIELDS);
    const { dialect, native } = host as { dialect?: unknown; native?: unknown };
    if (dialect !== undefined && !isOneOf(DIALECT_KINDS, dialect))
      throw invalid(`${where}.dialect is ${shown(dialect)}: give one of ${DIALECT_KINDS.join(", ")}`);
    if (native === true) return;
  }
  const origin = isObject(host) ? (host as { origin?: unknown }).origin : host;
  const advice = adviseOrigin(origin);
  if (advice) throw new AuthframeError("CONFIG_ORIGIN_INVALID", `${where}: ${advice}`, "app");
}

function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const unexpected = unknownKey(given, known);
  if (unexpected !== undefined) throw invalid(`${what} ${shown(unexpected)}: it has ${known.join(", ")}`);
}
