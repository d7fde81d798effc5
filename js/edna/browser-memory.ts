/** What this browser keeps of the chat's visitors in localStorage: its own name at the chat's server, and who was here last. Where that is denied, this page remembers it. */
import { randomHex } from "../shared/random.js";
import { checksum } from "./visitor.js";

/** Of the users who have logged out while another one was signed in, separated by spaces. */
const LOGGED_OUT = "loggedOut";
/** So many of them, the last ones. */
const LOGOUTS = 16;

export class BrowserMemory {
  readonly #unstored = new Map<string, string>();

  /** @param key begins the names of what is kept */
  constructor(private readonly key: string) {}

  /** Of this browser, for all its users. */
  get deviceUid(): string {
    const kept = this.#get("deviceUid");
    if (kept !== null && /^[\da-f]{32}$/.test(kept)) return kept;
    const uid = randomHex();
    this.#set("deviceUid", uid);
    return uid;
  }

  /** How the chat's server knows this browser as a visitor's. `null`: not yet. */
  deviceAddress(identity: string): string | null {
    return this.#get(addressOf(identity));
  }

  keepDeviceAddress(identity: string, address: string): void {
    this.#set(addressOf(identity), address);
  }

  forgetDeviceAddress(identity: string): void {
    this.#set(addressOf(identity), null);
  }

  /** Takes note of who is signed in. `null`: their pages had all gone, and a page without a user has ended what was left of their session. */
  noteUser(subject: string | null): void {
    this.#set("user", subject === null ? "" : checksum(subject));
  }

  /** Whether it was another one who was signed in last, or their pages had all gone. */
  wasAnother(subject: string): boolean {
    const last = this.#get("user");
    return last !== null && last !== checksum(subject);
  }

  /** Takes note of a user who logs out while another one is signed in: the session does not say so to the other tabs. */
  noteLogout(subject: string): void {
    this.#keepLogouts([checksum(subject), ...this.#otherLogouts(subject)].slice(0, LOGOUTS));
  }

  /** That user is here again. */
  forgetLogout(subject: string): void {
    if (this.hasLoggedOut(subject)) this.#keepLogouts(this.#otherLogouts(subject));
  }

  hasLoggedOut(subject: string): boolean {
    return this.#logouts().includes(checksum(subject));
  }

  /** Whether this key of localStorage is the one of the logouts. */
  isOfLogouts(key: string | null): boolean {
    return key === this.key + LOGGED_OUT;
  }

  #logouts(): string[] {
    return (this.#get(LOGGED_OUT) ?? "").split(" ").filter(Boolean);
  }

  #otherLogouts(subject: string): string[] {
    return this.#logouts().filter((one) => one !== checksum(subject));
  }

  #keepLogouts(logouts: readonly string[]): void {
    this.#set(LOGGED_OUT, logouts.length > 0 ? logouts.join(" ") : null);
  }

  #get(name: string): string | null {
    try {
      return localStorage.getItem(this.key + name) ?? this.#unstored.get(name) ?? null;
    } catch {
      return this.#unstored.get(name) ?? null;
    }
  }

  #set(name: string, value: string | null): void {
    this.#unstored.delete(name);
    try {
      if (value === null) localStorage.removeItem(this.key + name);
      else localStorage.setItem(this.key + name, value);
    } catch {
      if (value !== null) this.#unstored.set(name, value);
    }
  }
}

/** No id in clear text. */
const addressOf = (identity: string) => `deviceAddress.${checksum(identity)}`;
