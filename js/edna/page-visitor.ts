/** Who visits, as the page's globals say it by the names of its settings. */
import type { Unsubscribe } from "../shared/types.js";
import { cookieOf, cookieText, writeCookie } from "./cookies.js";
import { readGlobal, watchAgain, watchGlobal, writeGlobal } from "./globals.js";
import { type EdnaSettings, globalNames, guestCookie, idOf, newGuestId, readVisitor } from "./settings.js";
import { type Found, findings, isUsableId, type Visitor } from "./visitor.js";

/** The name of the guest's cookie. */
const GUEST = "unauthorizedId";

export class PageVisitor {
  /** What the globals said when they were read last. */
  value: Visitor;
  #settings: EdnaSettings;
  /** What `reInit` was given last and the settings do not name. */
  #unknown: readonly string[] = [];
  /** What the globals of these names said. */
  #read = new Map<string, unknown>();
  #found = findings();
  #guest: { readonly id: string; readonly isKept: boolean };
  /** Ids that this page has named as a client's: none of them becomes a guest's, for one id for both would mix their histories. */
  readonly #clients = new Set<string>();
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
    const names = globalNames(this.#settings);
    watchAgain(names.extendedAuth);
    this.#read = new Map(Object.values(names).map((name) => [name, readGlobal(name)]));
    this.#noteClient();
    this.#followCookie();
    this.#found = findings();
    this.value = this.#visitor((name) => this.#read.get(name));
    return this.value;
  }

  /** Reads `extendedAuth` anew. Who visits is as it was read last, so what the page has set for the next user is not taken yet. */
  readValues(): Visitor {
    const { clientId, extendedAuth } = globalNames(this.#settings);
    watchAgain(extendedAuth);
    if (readGlobal(clientId) !== this.#read.get(clientId)) return this.value;
    this.#found = findings();
    const global = (name: string) => (name === extendedAuth ? readGlobal(name) : this.#read.get(name));
    this.value = this.#visitor(global);
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
    this.#unknown = Object.keys(globals).filter((name) => !names.includes(name));
    for (const [name, value] of Object.entries(globals)) if (value !== undefined && names.includes(name)) writeGlobal(name, value);
    this.#guest = this.#startGuest();
  }

  close(): void {
    this.#unwatch?.();
  }

  #visitor(global: (name: string) => unknown): Visitor {
    const { note } = this.#found;
    const { unauthClientId, extendedAuth } = globalNames(this.#settings);
    guestCookie(this.#settings, true, note);
    const given = idOf(global(unauthClientId), note, "EDNA_GUEST_ID", unauthClientId);
    if (given !== null && given !== this.#guest.id) note("EDNA_GUEST_ID", unauthClientId);
    if (!this.#guest.isKept) note("EDNA_COOKIE", GUEST);
    for (const name of this.#unknown) note("EDNA_GLOBAL_UNKNOWN", name);
    if (!this.#unwatch) note("EDNA_UNWATCHED", extendedAuth);
    const visitor = readVisitor(this.#settings, global, this.#guest.id, note);
    if (visitor.clientId === this.#guest.id) this.#guest = this.#startGuest();
    return { ...visitor, guestId: this.#guest.id };
  }

  /** A tab that began at the same moment may have written another id: the one in the cookie counts. */
  #followCookie(): void {
    const kept = cookieOf(GUEST);
    const given = readGlobal(globalNames(this.#settings).unauthClientId);
    if (given == null && kept !== this.#guest.id && this.#isFree(kept)) this.#guest = { id: kept, isKept: true };
  }

  #noteClient(): void {
    const client = idOf(readGlobal(globalNames(this.#settings).clientId), () => {}, "EDNA_CLIENT_ID", "");
    if (client !== null) this.#clients.add(client);
  }

  #isFree(id: unknown): id is string {
    return isUsableId(id) && !this.#clients.has(id);
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
    this.#noteClient();
    const id = [given, cookieOf(GUEST)].find((id) => this.#isFree(id)) ?? newGuestId();
    writeCookie(cookieText(GUEST, id, guestCookie(this.#settings, location.protocol === "https:", ignore)));
    return { id, isKept: cookieOf(GUEST) === id };
  }
}
