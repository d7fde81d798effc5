/** What this browser keeps of the chat's visitors in localStorage: its own name at the chat's server, and who was here last. Where that is denied, this page remembers it. */
import { randomHex } from "../shared/random.js";
import { checksum } from "./visitor.js";

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
