/**
 * What a RingCentral page's widget keeps in the application's storage: where the user has left its window, and the updates that all tabs share. Loaded with that storage.
 *
 * The host chooses names and accounts, so what it can make us store is bounded by construction: there are eight places for services and eight for windows, under keys that the host has no
 * part in. Of what does not fit any more, the oldest goes out. All hosts below which the browser gives the widget the same storage share these places.
 */
import type { Unsubscribe } from "../../shared/types.js";
import type { AppStorage } from "../../widget/types.js";

type Message = Readonly<Record<string, unknown>>;
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
   * Hears other tabs' updates of the service of this name and of no other, first what was there before. An update without fields: there is none, or there is none any more.
   * Rejects if there is no storage; the next call tries again. A call for the same name changes nothing. The updates of a service with a longer name stay in this tab.
   */
  share(name: string, hear: (update: Message, before: boolean) => void): Promise<void>;
  /** Tells the other tabs. */
  spread(name: string, update: object): Promise<void>;
}

export function keep(storage: AppStorage, host: string): Kept {
  const keys = (kind: Kind) => Array.from({ length: PLACES }, (_, place) => `ringcentral ${kind} ${place + 1}`);
  const places = (kind: Kind): Promise<Place[]> =>
    Promise.all(keys(kind).map(async (key) => ({ key, said: Object(await storage.get(key)) as Message })));
  const ours =
    (name?: string) =>
    ({ said }: Place) =>
      said["host"] === host && said["name"] === name;
  /** Of a window this host's own; of a service also of this name. Two tabs may have written at once: the newest. */
  const find = (all: readonly Place[], name?: string) => all.filter(ours(name)).sort(newestFirst)[0];
  /** Takes its place again, else a free one, else that of the oldest. */
  const put = async (kind: Kind, value: object, name?: string) => {
    const all = await places(kind);
    const { key } = find(all, name) ?? all.find(({ said }) => said["host"] === undefined) ?? all.sort(newestFirst).at(-1)!;
    const record = { ...value, host, name, used: Date.now() };
    if (JSON.stringify(record).length <= RECORD) await storage.set(key, record);
  };
  const window = async () => formed(find(await places("window"))?.said);
  let shared: string | undefined;
  let stop: Unsubscribe | undefined;
  // One after the other: each begins with what the last one has left.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (write: () => Promise<void>) => (last = last.catch(() => {}).then(write));
  return {
    window,
    move: (said) => inTurn(async () => put("window", { ...(await window()), ...formed(said) })),
    async share(name, hear) {
      if (shared === name) return;
      shared = name;
      stop?.();
      stop = undefined;
      if (name.length > NAME) return hear({}, true);
      // Where its record is, or several for a moment.
      const own = new Set<string>();
      const tell = (place: Place) => {
        if (shared !== name) return;
        if (ours(name)(place)) {
          own.add(place.key);
          hear(place.said, false);
          // It went out, or storage was cleared: a new beginning.
        } else if (own.delete(place.key) && own.size === 0) hear({}, true);
      };
      try {
        // The first time to have the code, the second time so that no change falls between.
        await places("service");
        const stops = keys("service").map((key) => storage.subscribe(key, (said) => tell({ key, said: Object(said) as Message })));
        const end = () => stops.forEach((stop) => stop());
        if (shared === name) stop = end;
        else return end();
        const all = await places("service");
        if (shared !== name) return;
        for (const { key } of all.filter(ours(name))) own.add(key);
        hear(find(all, name)?.said ?? {}, true);
      } catch (error) {
        if (shared === name) shared = undefined;
        throw error;
      }
    },
    async spread(name, update) {
      if (name.length <= NAME) await inTurn(() => put("service", update, name));
    },
  };
}

/** What is damaged is the oldest. */
function newestFirst({ said: one }: Place, { said: two }: Place): number {
  const used = ({ used }: Message) => (Number.isSafeInteger(used) ? (used as number) : 0);
  return used(two) - used(one);
}

/** What is well-formed of what somebody says of the window. */
function formed(said: unknown): Message {
  const { closed, minimized, size, position } = Object(said) as Record<string, Message | undefined>;
  const places = Object.fromEntries(POSITION.map((name) => [name, position?.[name] ?? null]));
  return {
    ...(typeof closed === "boolean" && { closed }),
    ...(typeof minimized === "boolean" && { minimized }),
    ...(Number.isFinite(size?.["width"]) &&
      Number.isFinite(size?.["height"]) && { size: { width: size!["width"], height: size!["height"] } }),
    ...(typeof position === "object" &&
      Object.values(places).every((place) => place === null || Number.isFinite(place)) && { position: places }),
  };
}
