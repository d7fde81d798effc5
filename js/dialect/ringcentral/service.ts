/** The service that the host has registered. Whether it is authorized, the core's half decides. */

import { withSafeAddresses } from "./addresses.js";
import { asText, type Message, plain } from "./message.js";
import type { RingCentralService } from "./types.js";

/** A registration says all of these anew. */
const RENEWED = /^(info$|(un)?authori[sz]|showAuth|license)/;
/** Shown as text, whatever the host gives. */
const TEXTS = [
  "name",
  "displayName",
  "info",
  "authorizedTitle",
  "unauthorizedTitle",
  "licenseStatus",
  "licenseStatusColor",
  "licenseDescription",
];
/** What the service can be asked for only while it is authorized: it names the paths in the fields `contactsPath` and so on. */
const GATED = ["contacts", "contactSearch", "contactMatch", "activities", "callLogEntityMatcher", "messageLogEntityMatcher"];
/** How long the vendor's widget waits for the host, in milliseconds, by the field that names the path; for any other path {@link PATIENCE}. */
const LONGER: Readonly<Record<string, number>> = {
  meetingLoggerPath: 6000,
  callLoggerPath: 15_000,
  messageLoggerPath: 15_000,
  contactSearchPath: 30_000,
  contactMatchPath: 30_000,
  callLogEntityMatcherPath: 30_000,
  messageLogEntityMatcherPath: 30_000,
  contactsPath: 60_000,
};
export const PATIENCE = 3000;
/** Longest account: other tabs get it too, so it is stored. */
const LONGEST_ACCOUNT = 256;

export class Service {
  /** As the application sees it; `null`: none is registered. */
  shown: RingCentralService | null = null;
  #fields: Message = {};
  /** Whose account it is: as shown, and as the newest of the updates that all tabs share says. */
  #account: string | null = null;
  #sharedAccount: string | null = null;

  get name(): string {
    return this.#fields["name"] as string;
  }

  get authorizationPath(): unknown {
    return this.#fields["authorizationPath"];
  }

  /** The newest account that an explicit update has named. */
  get sharedAccount(): string | null {
    return this.#sharedAccount;
  }

  /** Whether requests of this path are answered only while it is authorized. */
  isGated(path: string): boolean {
    return !!this.authorizationPath && GATED.some((what) => this.#fields[`${what}Path`] === path);
  }

  /** How long a request of this path may take. */
  patience(path: string): number {
    const waits = Object.entries(LONGER).filter(([name]) => this.#fields[name] === path);
    return Math.max(PATIENCE, ...waits.map(([, patience]) => patience));
  }

  register(registration: unknown): void {
    const said = readable(plain(registration));
    const isSame = said["name"] === this.#fields["name"];
    const kept = Object.entries(this.#fields).filter(([key]) => isSame && !RENEWED.test(key));
    this.#fields = { ...Object.fromEntries(kept), ...said };
    this.#account = this.authorizationPath ? accountOf(this.#fields["authorizedAccount"]) : null;
  }

  /** Takes the account of an explicit update, by this host page or another tab's. */
  updateAccount(account: unknown): void {
    this.#sharedAccount = accountOf(account);
    this.#account = this.#sharedAccount;
  }

  /** Takes the fields with such names, and keeps the others. */
  updateFields(said: Message, names: RegExp): void {
    const updated = Object.entries(said).filter(([name]) => names.test(name));
    this.#fields = { ...this.#fields, ...readable(Object.fromEntries(updated)) };
  }

  show(authorized: boolean): RingCentralService {
    this.shown = Object.freeze({ fields: Object.freeze(this.#fields), authorized, account: authorized ? this.#account : null });
    return this.shown;
  }
}

/** The account of a service, as the host says it: a text that can be stored, or none. */
function accountOf(said: unknown): string | null {
  const text = asText(said);
  return text && text.length <= LONGEST_ACCOUNT ? text : null;
}

/** What an application may show: texts as texts, and no address that would run a script. */
function readable(fields: Message): Message {
  const entries = Object.entries(withSafeAddresses(fields));
  const read = entries.map(([key, value]) => [key, TEXTS.includes(key) ? asText(value) : value] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}
