/** Checks the options of `connect` before anything is loaded: what was given, what is meant. What the core checks as well, it checks once more. */
import { durationProblem, LONGEST_TIMER, shown } from "./duration.js";
import { failure, invalid } from "./failure.js";
import { unknownKey } from "./grant.js";
import type { ConnectOptions } from "./widget.js";

const OPTIONS: Readonly<Record<keyof ConnectOptions, true>> = {
  hosts: true, namespace: true, channel: true, opaque: true, credentials: true, acquire: true, wasm: true, signal: true, xbees: true, ringcentral: true, signIn: true, experimental: true,
};
const HOST_FIELDS = ["origin", "dialect", "native"];
const DIALECTS = ["native", "xbees", "ringcentral"];
const CREDENTIALS = ["memory", "sealed", "danger_plain"];
const SIGN_IN = ["url", "oauth", "from", "exchange", "poll", "timeoutMs", "signal", "width", "height"];

/** @throws AuthframeError `CONFIG_INVALID`, `CONFIG_ORIGIN_REQUIRED`, `CONFIG_ORIGIN_INVALID` */
export function checkOptions(options: ConnectOptions): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null) throw invalid(`the options are ${shown(given)}: give an object such as {hosts: ["https://crm.example.com"]}`);
  refuseUnknown("connect has no option", given, Object.keys(OPTIONS));
  const { hosts, namespace, channel, credentials, acquire, signal, signIn } = options as { [K in keyof ConnectOptions]: unknown };
  if (hosts === undefined || hosts === null || (Array.isArray(hosts) && hosts.length === 0)) throw failure("CONFIG_ORIGIN_REQUIRED", `hosts is ${shown(hosts)}`);
  if (!Array.isArray(hosts)) throw invalid(`hosts is ${shown(hosts)}: give a list, such as ["https://crm.example.com"]`);
  hosts.forEach((host: unknown, place) => checkHost(host, `hosts[${place}]`));
  if (namespace !== undefined && !(typeof namespace === "string" && /^[\w.-]{1,64}$/.test(namespace))) throw invalid(`namespace is ${shown(namespace)}: give 1 to 64 of A-Z a-z 0-9 _ . -`);
  if (channel !== undefined && !(typeof channel === "string" && new TextEncoder().encode(channel).length <= 64)) throw invalid(`channel is ${shown(channel)}: give a text of at most 64 bytes of UTF-8`);
  if (credentials !== undefined && !CREDENTIALS.includes(credentials as string)) throw invalid(`credentials is ${shown(credentials)}: give one of ${CREDENTIALS.join(", ")}`);
  if (acquire !== undefined && typeof acquire !== "function") throw invalid(`acquire is ${shown(acquire)}: give a function`);
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.addEventListener !== "function") throw invalid(`signal is ${shown(signal)}: give the signal of an AbortController`);
  if (signIn !== undefined) {
    if (typeof signIn !== "object" || signIn === null) throw invalid(`signIn is ${shown(signIn)}: give an object with url, or with oauth and exchange`);
    refuseUnknown("signIn has no option", signIn, SIGN_IN);
  }
  for (const dialect of ["xbees", "ringcentral"] as const) {
    const own = options[dialect] as { holdMs?: unknown } | undefined;
    const problem = own?.holdMs === undefined ? undefined : durationProblem(`${dialect}.holdMs`, own.holdMs, Math.min(60_000, LONGEST_TIMER), 0);
    if (problem) throw invalid(problem);
  }
}

function checkHost(host: unknown, where: string): void {
  const isObject = typeof host === "object" && host !== null;
  if (isObject) {
    refuseUnknown(`${where} has no field`, host, HOST_FIELDS);
    const { dialect, native } = host as { dialect?: unknown; native?: unknown };
    if (dialect !== undefined && !DIALECTS.includes(dialect as string)) throw invalid(`${where}.dialect is ${shown(dialect)}: give one of ${DIALECTS.join(", ")}`);
    if (native === true) return;
  }
  const origin = isObject ? (host as { origin?: unknown }).origin : host;
  // What is wrong with a text, the core decides; this only says it better.
  if (typeof origin !== "string") throw failure("CONFIG_ORIGIN_INVALID", `${where} is ${shown(origin)}`);
}

export function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const stranger = unknownKey(given, known);
  if (stranger !== undefined) throw invalid(`${what} ${shown(stranger)}: it has ${known.join(", ")}`);
}
