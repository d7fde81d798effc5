/** What a RingCentral page's widget keeps in the application's storage: where the user has left its window, and the updates that all tabs share. Loaded with that storage. */
import type { Stop } from "./types.js";
import type { AppStorage } from "./widget.js";

type Message = Readonly<Record<string, unknown>>;

const POSITION = ["translateX", "translateY", "minTranslateX", "minTranslateY"];
/** Longest key of the application's storage. */
const KEY = 128;

export interface Kept {
  /** The window as it was left. */
  window(): Promise<Message>;
  /** What the adapter says of the window, as far as it is well-formed: laid over what is kept. */
  move(said: Message): Promise<void>;
  /**
   * Hears other tabs' updates of the service of this name and of no other, first what was there before. An update without fields: there is none, or there is none any more.
   * Rejects if there is no storage; the next call tries again. A call for the same name changes nothing.
   */
  share(name: string, hear: (update: Message, before: boolean) => void): Promise<void>;
  /** Tells the other tabs. */
  spread(name: string, update: object): Promise<void>;
}

export function keep(storage: AppStorage, host: string): Kept {
  // What is too long is cut off: host and name are in the value as well.
  const key = (name = "") => `ringcentral ${host} ${name}`.slice(0, KEY);
  const window = async () => formed(await storage.get(key()));
  let shared: string | undefined;
  let stop: Stop | undefined;
  // One after the other: each begins with what the last one has left.
  let moved: Promise<void> = Promise.resolve();
  return {
    window,
    move: said => (moved = moved.catch(() => {}).then(async () => storage.set(key(), { ...(await window()), ...formed(said) }))),
    async share(name, hear) {
      if (shared === name) return;
      shared = name;
      stop?.();
      const tell = (said: unknown, before: boolean) => {
        if (shared !== name) return;
        const update = Object(said) as Message;
        if (update["host"] === host && update["name"] === name) hear(update, before);
        // Storage that was cleared is a new beginning.
        else if (before || said === undefined) hear({}, true);
      };
      try {
        // The first time to have the code, the second time so that no change falls between.
        await storage.get(key(name));
        const own = storage.subscribe(key(name), said => tell(said, false));
        if (shared === name) stop = own;
        else own();
        tell(await storage.get(key(name)), true);
      } catch (error) {
        if (shared === name) shared = undefined;
        throw error;
      }
    },
    spread: (name, update) => storage.set(key(name), { ...update, host, name }),
  };
}

/** What is well-formed of what somebody says of the window. */
function formed(said: unknown): Message {
  const { closed, minimized, size, position } = Object(said) as Record<string, Message | undefined>;
  const places = Object.fromEntries(POSITION.map(name => [name, position?.[name] ?? null]));
  return {
    ...(typeof closed === "boolean" && { closed }),
    ...(typeof minimized === "boolean" && { minimized }),
    ...(Number.isFinite(size?.["width"]) && Number.isFinite(size?.["height"]) && { size: { width: size!["width"], height: size!["height"] } }),
    ...(typeof position === "object" && Object.values(places).every(place => place === null || Number.isFinite(place)) && { position: places }),
  };
}
