/**
 * What a RingCentral page's widget keeps in the application's storage: where the user has left its window, and the updates that all tabs share. Loaded with that storage.
 *
 * The host chooses names and accounts, so what it can make us store is bounded by construction: there are eight places for services and eight for windows, under keys that the host has no
 * part in. Of what does not fit any more, the oldest goes out. All hosts below which the browser gives the widget the same storage share these places.
 */
import type { Unsubscribe } from "../../shared/types.js";
import type { AppStorage } from "../../widget/types.js";
import type { Message } from "./message.js";
import { FARTHEST } from "./window.js";

type Kind = "service" | "window";
interface Place {
  readonly key: string;
  readonly said: Message;
}

const POSITION = ["translateX", "translateY", "minTranslateX", "minTranslateY"];
/** Of each kind. */
const PLACES = 8;
/** Longest name of a service whose updates tabs share. */
const NAME = 64;
/** Longest record, as JSON. */
const RECORD = 4096;

export interface Kept {
  /** The window as it was left. */
  window(): Promise<Message>;
  /** What the adapter says of the window, as far as it is well-formed: laid over what is kept. */
  move(said: Message): Promise<void>;
  /**
   * Receives other tabs' updates of the service of this name and of no other, first what was there before. An update without fields: there is none, or there is none any more.
   * Rejects if there is no storage; the next call tries again. A call for the same name changes nothing. The updates of a service with a longer name stay in this tab.
   */
  share(name: string, onUpdate: (update: Message, before: boolean) => void): Promise<void>;
  /** Shares an update with the other tabs. */
  spread(name: string, update: object): Promise<void>;
}

export function keep(storage: AppStorage, host: string): Kept {
  const places = new Places(storage, host);
  const updates = new SharedUpdates(storage, places);
  return {
    window: async () => formed((await places.find("window"))?.said),
    move: (said) => places.write("window", (kept) => ({ ...formed(kept), ...formed(said) })),
    share: (name, onUpdate) => updates.share(name, onUpdate),
    async spread(name, update) {
      if (name.length <= NAME) await places.write("service", () => update, name);
    },
  };
}

const keysOf = (kind: Kind) => Array.from({ length: PLACES }, (_, place) => `ringcentral ${kind} ${place + 1}`);

/** The places for services and for windows. */
class Places {
  /** One after the other: each begins with what the last one has left. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly storage: AppStorage,
    private readonly host: string,
  ) {}

  all(kind: Kind): Promise<Place[]> {
    return Promise.all(keysOf(kind).map(async (key) => ({ key, said: Object(await this.storage.get(key)) as Message })));
  }

  /** Of a window this host's own; of a service also of this name. */
  isOurs({ said }: Place, name?: string): boolean {
    return said["host"] === this.host && said["name"] === name;
  }

  /** Two tabs may have written at once: the newest. */
  newest(all: readonly Place[], name?: string): Place | undefined {
    return all.filter((place) => this.isOurs(place, name)).sort(newestFirst)[0];
  }

  async find(kind: Kind, name?: string): Promise<Place | undefined> {
    return this.newest(await this.all(kind), name);
  }

  /** Writes what `next` makes of what is kept: to its place again, else to a free one, else to that of the oldest. */
  write(kind: Kind, next: (kept: Message | undefined) => object, name?: string): Promise<void> {
    this.#last = this.#last.catch(() => {}).then(() => this.#write(kind, next, name));
    return this.#last;
  }

  async #write(kind: Kind, next: (kept: Message | undefined) => object, name?: string): Promise<void> {
    const all = await this.all(kind);
    const ours = this.newest(all, name);
    const { key } = ours ?? all.find(({ said }) => said["host"] === undefined) ?? all.sort(newestFirst).at(-1)!;
    const record = { ...next(ours?.said), host: this.host, name, used: Date.now() };
    if (JSON.stringify(record).length <= RECORD) await this.storage.set(key, record);
  }
}

/** The updates of one service at a time. */
class SharedUpdates {
  #name: string | undefined;
  #stop: Unsubscribe | undefined;

  constructor(
    private readonly storage: AppStorage,
    private readonly places: Places,
  ) {}

  async share(name: string, onUpdate: (update: Message, before: boolean) => void): Promise<void> {
    if (this.#name === name) return;
    this.#name = name;
    this.#stop?.();
    this.#stop = undefined;
    if (name.length > NAME) {
      onUpdate({}, true);
      return;
    }
    try {
      await this.#begin(name, onUpdate);
    } catch (error) {
      if (this.#name === name) this.#name = undefined;
      throw error;
    }
  }

  async #begin(name: string, onUpdate: (update: Message, before: boolean) => void): Promise<void> {
    /** Where its record is, or several for a moment. */
    const ours = new Set<string>();
    const changed = (place: Place) => {
      if (this.#name !== name) return;
      if (this.places.isOurs(place, name)) {
        ours.add(place.key);
        onUpdate(place.said, false);
        // It went out, or storage was cleared: a new beginning.
      } else if (ours.delete(place.key) && ours.size === 0) onUpdate({}, true);
    };
    // The first time to have the code, the second time so that no change falls between.
    await this.places.all("service");
    const stops = keysOf("service").map((key) => this.storage.subscribe(key, (said) => changed({ key, said: Object(said) as Message })));
    const stop = () => {
      for (const each of stops) each();
    };
    if (this.#name !== name) {
      stop();
      return;
    }
    this.#stop = stop;
    const all = await this.places.all("service");
    if (this.#name !== name) return;
    for (const place of all) if (this.places.isOurs(place, name)) ours.add(place.key);
    onUpdate(this.places.newest(all, name)?.said ?? {}, true);
  }
}

/** What is damaged is the oldest. */
function newestFirst({ said: one }: Place, { said: two }: Place): number {
  const used = ({ used }: Message) => (Number.isSafeInteger(used) ? (used as number) : 0);
  return used(two) - used(one);
}

/** What is well-formed of what a host says of the window. */
function formed(said: unknown): Message {
  const { closed, minimized, size, position } = Object(said) as Record<string, Message | undefined>;
  const places = Object.fromEntries(POSITION.map((name) => [name, position?.[name] ?? null]));
  const { width, height } = Object(size) as Message;
  return {
    ...(typeof closed === "boolean" && { closed }),
    ...(typeof minimized === "boolean" && { minimized }),
    ...(isWithin(width, 0) && isWithin(height, 0) && { size: { width, height } }),
    ...(typeof position === "object" &&
      Object.values(places).every((place) => place === null || isWithin(place, -FARTHEST)) && { position: places }),
  };
}

const isWithin = (value: unknown, least: number) => typeof value === "number" && value >= least && value <= FARTHEST;
