/** Who visits, as the page's globals say it by the names of its settings. */
import type { Unsubscribe } from "../shared/types.js";
import { cookieOf, cookieText, writeCookie } from "./cookies.js";
import { readGlobal, watchGlobal, writeGlobal } from "./globals.js";
import { type EdnaSettings, globalNames, guestCookie, idOf, newGuestId, readVisitor } from "./settings.js";
import { type Found, findings, isUsableId, type Visitor } from "./visitor.js";

/** The name of the guest's cookie. */
const GUEST = "unauthorizedId";

export class PageVisitor {
  /** What the globals said when they were read last. */
  value: Visitor;
  #settings: EdnaSettings;
  #found = findings();
  #guest: { readonly id: string; readonly isKept: boolean };
  #unwatch: Unsubscribe | null;

  /** @param onAssigned called when the page has replaced its `extendedAuth`; a change within that object is not noticed */
  constructor(
    settings: EdnaSettings,
    private readonly onAssigned: () => void,
  ) {
    this.#settings = settings;
    this.#unwatch = this.#watch();
    this.#guest = this.#startGuest();
    this.value = this.read();
  }

  /** What had to be left out when they were read last. */
  get found(): Found {
    return this.#found.all;
  }

  /** Reads the globals anew. */
  read(): Visitor {
    this.#found = findings();
    const { note } = this.#found;
    const { unauthClientId, extendedAuth } = globalNames(this.#settings);
    guestCookie(this.#settings, true, note);
    const given = idOf(readGlobal(unauthClientId), note, "EDNA_GUEST_ID", unauthClientId);
    if (given !== null && given !== this.#guest.id) note("EDNA_GUEST_ID", unauthClientId);
    if (!this.#guest.isKept) note("EDNA_COOKIE", GUEST);
    if (!this.#unwatch) note("EDNA_UNWATCHED", extendedAuth);
    this.value = readVisitor(this.#settings, readGlobal, this.#guest.id, note);
    if (this.value.clientId === this.#guest.id) {
      // One id for both would mix their histories.
      this.#guest = this.#startGuest();
      this.value = { ...this.value, guestId: this.#guest.id };
    }
    return this.value;
  }

  /** Takes other settings, and sets those of the globals that they name. What they say counts once it is read. */
  reset(settings: EdnaSettings | null, globals: Readonly<Record<string, unknown>>): void {
    if (settings) {
      this.#unwatch?.();
      this.#settings = settings;
      this.#unwatch = this.#watch();
    }
    const names = Object.values(globalNames(this.#settings));
    for (const [name, value] of Object.entries(globals)) if (value !== undefined && names.includes(name)) writeGlobal(name, value);
    this.#guest = this.#startGuest();
  }

  close(): void {
    this.#unwatch?.();
  }

  #watch(): Unsubscribe | null {
    // Whatever else the page changes in the same breath belongs to it.
    return watchGlobal(globalNames(this.#settings).extendedAuth, () => queueMicrotask(this.onAssigned));
  }

  /** The guest's id: the page's own, or the one that this browser has kept, or a new one. Its life begins anew. */
  #startGuest() {
    const names = globalNames(this.#settings);
    const ignore = () => {};
    const given = idOf(readGlobal(names.unauthClientId), ignore, "EDNA_GUEST_ID", "");
    const client = idOf(readGlobal(names.clientId), ignore, "EDNA_CLIENT_ID", "");
    // One id for both would mix their histories.
    const id = [given, cookieOf(GUEST)].find((id) => isUsableId(id) && id !== client) ?? newGuestId();
    writeCookie(cookieText(GUEST, id, guestCookie(this.#settings, location.protocol === "https:", ignore)));
    return { id, isKept: cookieOf(GUEST) === id };
  }
}
