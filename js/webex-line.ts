/**
 * The line as the vendor's guide shows it, the same in all tabs. One tab holds it, by a Web Lock, and says in localStorage what becomes of it; the others hear that, and may ask it.
 * What is written there is of no use to a thief: no token.
 */
import { AuthframeError, type Account, type Bridge, type Stop } from "./index.js";
import { type Device, drive, type Drive, load, type Machine, type Told, type Turn, type Word } from "./webex-machine.js";

/** Where a line is registered, and as whom. */
export interface Registrar {
  /** Base URLs in the order in which they are tried: `https://…/api/v1/calling/web/`. */
  readonly primary: readonly string[];
  /** Tried when these have failed for 114 s. */
  readonly backup?: readonly string[];
  /** As the vendor's device service says it. */
  readonly userId: string;
  /** The `url` of the user's device there. */
  readonly clientDeviceUri: string;
}

/** What is known of a line without a registration. */
export interface LineOptions {
  /** Where it is registered, or what finds that out for whoever has signed in. */
  readonly registrar: Registrar | ((who: { readonly account: Account | null; readonly accessToken: string }) => Registrar | PromiseLike<Registrar>);
  /** Default `"calling"`. A contact center needs a `domain`. */
  readonly indicator?: "calling" | "contactcenter" | "guestcalling";
  readonly domain?: string;
  /** Of a guest. */
  readonly jwe?: string;
  /** Where the user has as many devices as are allowed: `"report"` (default) is an `error`, after which {@link Line.useHere} may be called; `"replace"` removes the oldest one without asking. */
  readonly deviceLimit?: "report" | "replace";
  /** Whether it begins anew 5 to 15 minutes after all registrars have failed. Default `false`. */
  readonly retrySlowly?: boolean;
  /** What no registration says of the line. */
  readonly phoneNumber?: string;
  readonly extension?: string;
  readonly voicemail?: string;
  /** Used while, and if, the registrar does not say. */
  readonly voicePortalNumber?: number;
  readonly voicePortalExtension?: number;
}

/** What a line is, as far as it is known. */
export interface LineProperties {
  /** A UUID, the same in all tabs and after a reload. */
  readonly lineId: string;
  /** A UUID of the registrar's. */
  readonly mobiusDeviceId: string | undefined;
  readonly phoneNumber: string | undefined;
  readonly extension: string | undefined;
  readonly status: "active" | "inactive";
  readonly sipAddresses: readonly string[];
  readonly voicemail: string | undefined;
  readonly lastSeen: string | undefined;
  /** Seconds. */
  readonly keepaliveInterval: number | undefined;
  readonly callKeepaliveInterval: number | undefined;
  /** Minutes. */
  readonly rehomingIntervalMin: number | undefined;
  readonly rehomingIntervalMax: number | undefined;
  readonly voicePortalNumber: number | undefined;
  readonly voicePortalExtension: number | undefined;
}

/** What went wrong with a line: the vendor's documented form, and its SDK's beside it. */
export interface LineFailure {
  readonly status: "inactive";
  readonly type: "registrationError" | "tokenError";
  readonly msg: string;
  /** The HTTP status; 0: no registrar answered. */
  readonly code: number;
  /** The registrar's own, of a 403: 101 is the device limit. */
  readonly errorCode: number | null;
  /** Whether nothing more is tried by itself. */
  readonly final: boolean;
  /** As the SDK's `LineError` has it. */
  readonly sdk: { readonly type: string; readonly message: string; readonly status: "inactive" };
}

export interface LineEvents {
  connecting: undefined;
  registered: Line;
  /** With a reason, nothing more happens until `register()`. */
  unregistered: { readonly reason: "superseded" | "signed_out" } | undefined;
  /** How many keepalives have failed, 0: the browser is offline; when the next one is due, in milliseconds since 1970; and what the last one failed with. */
  reconnecting: { readonly missed: number; readonly nextAttemptAt: number; readonly error: LineFailure | null };
  reconnected: undefined;
  error: LineFailure;
}

/** A line. Its properties are what they are at that moment. */
export interface Line extends LineProperties {
  /** The SDK's word: `IDLE` before the first `register()` and after `deregister()`. */
  getStatus(): Word;
  /** Registers, if it is not: what becomes of it the events say. */
  register(): void;
  /** Gives the line up, for all tabs. */
  deregister(): void;
  /** The user wants to speak here: after the device limit or `superseded`. Whoever speaks elsewhere is cut off. */
  useHere(): void;
  /** Nothing is moved while somebody speaks. */
  setInCall(inCall: boolean): void;
  on<Name extends keyof LineEvents>(event: Name, listener: (value: LineEvents[Name]) => unknown): void;
  off<Name extends keyof LineEvents>(event: Name, listener: (value: LineEvents[Name]) => unknown): void;
}

/** What a host is told: `widget.handle("webex:line", news => …)`. `event` is null in the first message of a connection, which says what there is. */
export interface LineNews {
  readonly event: keyof LineEvents | null;
  readonly line: LineProperties;
  /** The SDK's word. */
  readonly status: Word;
  readonly reason: "superseded" | "signed_out" | null;
  readonly missed: number | null;
  readonly nextAttemptAt: number | null;
  readonly error: LineFailure | null;
}

export const LINE_MESSAGE = "webex:line";

/** What all tabs know. */
interface Shared {
  readonly v: 1;
  readonly lineId: string;
  /** Of the session that it belongs to. */
  readonly epoch: number;
  /** How often it was written. */
  readonly revision: number;
  /** How much has been told. */
  readonly sequence: number;
  readonly status: Word;
  readonly device: Device | null;
  /** What the next holder needs. */
  readonly saved: unknown;
  /** The last of what has been told; the last one is number `sequence`. */
  readonly told: readonly Told[];
}

type Wish = "register" | "deregister" | "useHere" | "signOut";

export interface LineContext {
  readonly bridge: Bridge;
  /** Of the shared record. */
  readonly key: string;
  readonly options: LineOptions;
  /** Revokes what the user has, and signs him out. */
  signOut(): Promise<void>;
}

/** As many events as a tab can miss. */
const KEPT = 8;
/** A lock is waited for again and again, so that no request for one waits for ever. */
const WAIT = 60_000;
const PATIENCE = 3000;
const REGISTRAR_PATIENCE = 30_000;
/** Only this tab is without a user: others may have one. */
const LOCAL = /^(acquire_|account_m)/;
const NO_REGISTRAR: LineFailure = {
  status: "inactive",
  type: "registrationError",
  msg: "It is not known where the line is registered. Wait a moment and try again.",
  code: 0,
  errorCode: null,
  final: true,
  sdk: { type: "default_error", message: "Unknown error", status: "inactive" },
};
const NO_TOKEN: LineFailure = {
  status: "inactive",
  type: "tokenError",
  msg: "Token expired. Authentication/Authorization error.",
  code: 401,
  errorCode: null,
  final: true,
  sdk: { type: "token_error", message: "User is unauthorized due to an expired token. Sign out, then sign back in.", status: "inactive" },
};

/** @returns the line, and what ends a session in good order */
export async function openLine({ bridge, key, options, signOut }: LineContext): Promise<{ readonly line: Line; signOut(): Promise<void> }> {
  const { registrar, phoneNumber, extension, voicemail, voicePortalNumber, voicePortalExtension, ...more } = options;
  const Machine = await load();
  const id = bridge.id;
  const listeners = new Map<keyof LineEvents, Set<(value: never) => unknown>>();
  const tabKey = `${key}.tab.`;
  const askKey = `${key}.ask`;
  const storage = store();
  // Where tabs cannot hear each other, each has its own line.
  const locks = storage.shared ? (navigator.locks as LockManager | undefined) : undefined;
  const made = (settings: Registrar, random: bigint) => {
    try {
      return new Machine(JSON.stringify({ ...more, ...settings }), random);
    } catch (cause) {
      throw new AuthframeError("CONFIG_INVALID", `line: ${cause}`, "app", cause);
    }
  };
  // What is wrong is said now.
  if (typeof registrar !== "function") made(registrar, 0n);

  let shared = await once(`${key}.id`, () => read() ?? write({ v: 1, lineId: crypto.randomUUID(), epoch: 0, revision: 0, sequence: 0, status: "IDLE", device: null, saved: null, told: [] }));
  let holds = false;
  let driving: { readonly epoch: number; readonly drive: Drive } | null = null;
  let wish: Wish | null = null;
  let inCall = false;
  let leaving = new AbortController();
  let letGo = () => {};
  /** One after the other. */
  let work = Promise.resolve();

  // --- what all tabs know ------------------------------------------------------------------------------------------------------

  function read(): Shared | null {
    try {
      const found = JSON.parse(storage.getItem(key) ?? "null") as Shared | null;
      const fits = found?.v === 1 && typeof found.lineId === "string" && Number.isSafeInteger(found.revision) && Number.isSafeInteger(found.sequence) && /^(IDLE|active|inactive)$/.test(found.status) && Array.isArray(found.told);
      return fits ? found : null;
    } catch {
      return null;
    }
  }

  function write(next: Shared): Shared {
    try {
      storage.setItem(key, JSON.stringify(next));
    } catch {
      // It is full, or gone: this tab knows it.
    }
    return next;
  }

  /** What the holder has written. */
  function hear(): void {
    const next = read();
    if (!next || next.revision <= shared.revision) {
      // Somebody has cleared the storage, or an older one has written late.
      if (holds && next?.revision !== shared.revision) write(shared);
      return;
    }
    const fresh = next.sequence - shared.sequence;
    shared = next;
    wish = null;
    if (fresh > 0) next.told.slice(-fresh).forEach(tell);
  }

  function turned({ told, saved, status, device }: Turn, epoch = driving?.epoch ?? shared.epoch): void {
    const next = { ...shared, epoch, revision: shared.revision + 1, sequence: shared.sequence + told.length, status, device, told: [...shared.told, ...told].slice(-KEPT) };
    shared = write(saved === undefined ? next : { ...next, saved });
    // After the machine's turn: a listener may call anything.
    queueMicrotask(() => told.forEach(tell));
  }

  function tell(told: Told): void {
    const { event, status, error, reason, missed, nextAttemptAt } = told;
    shown = status;
    const value = event === "registered" ? line : event === "error" ? error : event === "reconnecting" ? { missed, nextAttemptAt, error } : event === "unregistered" && reason ? { reason } : undefined;
    const listening = listeners.get(event) ?? [];
    // A host that is not there now is told when it comes.
    for (const call of [() => bridge.connection === "connected" && bridge.send(LINE_MESSAGE, news(told)), ...Array.from(listening, listener => () => listener(value as never))]) {
      try {
        call();
      } catch (failure) {
        reportError(failure);
      }
    }
    shown = null;
  }

  const news = (told: Partial<Told>): LineNews => {
    const { event = null, error = null, reason = null, missed = null, nextAttemptAt = null } = told;
    return { event, line: properties(), status: word(), reason, missed, nextAttemptAt, error: error as LineFailure | null };
  };

  // --- the line ----------------------------------------------------------------------------------------------------------------

  /** While something is told: how far the line was then. */
  let shown: Word | null = null;
  const word = (): Word => shown ?? shared.status;
  const properties = (): LineProperties => {
    const device = (shared.device ?? {}) as Record<string, never>;
    return {
      lineId: shared.lineId,
      mobiusDeviceId: device["deviceId"],
      phoneNumber,
      extension,
      status: word() === "active" ? "active" : "inactive",
      sipAddresses: device["addresses"] ?? [],
      voicemail,
      lastSeen: device["lastSeen"] ?? undefined,
      keepaliveInterval: device["keepaliveInterval"] ?? undefined,
      callKeepaliveInterval: device["callKeepaliveInterval"] ?? undefined,
      rehomingIntervalMin: device["rehomingIntervalMin"] ?? undefined,
      rehomingIntervalMax: device["rehomingIntervalMax"] ?? undefined,
      voicePortalNumber: device["voicePortalNumber"] ?? voicePortalNumber,
      voicePortalExtension: device["voicePortalExtension"] ?? voicePortalExtension,
    };
  };

  const line = {
    getStatus: word,
    register() {
      // It is registered, or being registered, perhaps by another tab: this one's page is told so again.
      if (!holds && shared.status === "active") queueMicrotask(() => tell({ event: "registered", status: "active" }));
      else want("register");
    },
    deregister: () => want("deregister"),
    useHere: () => want("useHere"),
    setInCall(now: boolean) {
      inCall = now;
      driving?.drive.tell({ do: "call", inCall });
    },
    on(event: keyof LineEvents, listener: (value: never) => unknown) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    off(event: keyof LineEvents, listener: (value: never) => unknown) {
      listeners.get(event)?.delete(listener);
    },
  } as unknown as Line;
  for (const name of Object.keys(properties()) as (keyof LineProperties)[]) Object.defineProperty(line, name, { enumerable: true, get: () => properties()[name] });

  // --- who holds it ------------------------------------------------------------------------------------------------------------

  function want(what: Wish): void {
    if (bridge.session.status === "unauthorized" && what !== "deregister") return queueMicrotask(() => tell({ event: "error", status: shared.status, error: NO_TOKEN }));
    wish = what;
    if (holds) return settle();
    try {
      // The same wish again is another one.
      storage.setItem(askKey, `${what} ${crypto.randomUUID()}`);
    } catch {
      // Nobody hears it but us, if we hold the line one day.
    }
  }

  /** Waits for the lock, and holds the line until it lets go. */
  async function compete(): Promise<void> {
    const { signal } = leaving;
    while (!signal.aborted) {
      try {
        if (locks) await locks.request(key, { signal: either(signal, WAIT) }, hold);
        else return await hold();
      } catch (error) {
        if (!/^(Abort|Timeout)Error$/.test((error as Error)?.name)) return reportError(error);
      }
    }
  }

  function hold(): Promise<void> {
    if (leaving.signal.aborted) return Promise.resolve();
    const held = new Promise<void>(resolve => (letGo = resolve));
    hear();
    holds = true;
    settle();
    return held;
  }

  function settle(): void {
    work = work.then(settled).catch(reportError);
  }

  /** Sees to it that the machine is the session's. */
  async function settled(): Promise<void> {
    const { status, reason, epoch, account } = bridge.session;
    if (!holds) return;
    if (status === "authorized") {
      if (driving && driving.epoch !== epoch) forget();
      else if (!driving && shared.epoch !== epoch) forget();
      if (!driving) {
        let own: Machine;
        try {
          const settings = typeof registrar === "function" ? await inTime(registrar({ account, accessToken: await bridge.accessToken() })) : registrar;
          own = made(settings, crypto.getRandomValues(new BigUint64Array(1))[0]!);
        } catch (error) {
          const asked = wish === "register" || wish === "useHere";
          wish = null;
          reportError(error);
          if (asked) turned({ ...shared, told: [{ event: "error", status: shared.status, error: NO_REGISTRAR }], saved: undefined });
          return;
        }
        if (!holds || bridge.session.epoch !== epoch || bridge.session.status !== "authorized") return settled();
        const going = drive(own, {
          token: fresh => bridge.accessToken(fresh ? { minValidity: Infinity } : {}),
          refused: error => (error as AuthframeError).code !== "REFRESH_FAILED",
          turned: turn => turned(turn, epoch),
          // As often as there are keepalives: there is no time to look when this tab leaves.
          sending: () => void sweep(),
        });
        driving = { epoch, drive: going };
        if (inCall) going.tell({ do: "call", inCall });
        if (shared.saved) going.tell({ do: "resume", saved: shared.saved });
      }
      const what = wish;
      wish = null;
      if (what === "signOut") void leave();
      else if (what) driving.drive.tell({ do: what });
    } else if (status === "unauthorized") {
      // Others may have a user.
      if (LOCAL.test(reason)) return part(true);
      wish = null;
      forget();
    }
  }

  /** Whoever had the line has left. */
  function forget(): void {
    if (driving) {
      driving.drive.tell({ do: "signOut" });
      driving.drive.end();
      driving = null;
    } else if (shared.status !== "IDLE") {
      turned({ told: [{ event: "unregistered", status: "IDLE", reason: "signed_out" }], saved: null, status: "IDLE", device: null });
    }
  }

  function release(): void {
    holds = false;
    driving?.drive.end();
    driving = null;
    leaving.abort();
    letGo();
  }

  /** Gives the line up, and then what the user has. */
  async function leave(): Promise<void> {
    if (driving) {
      driving.drive.tell({ do: "deregister" });
      await Promise.race([driving.drive.quiet(), pause(PATIENCE)]);
    }
    await signOut();
  }

  // --- who is there ------------------------------------------------------------------------------------------------------------

  function join(): void {
    leaving = new AbortController();
    const { signal } = leaving;
    try {
      storage.setItem(tabKey + id, "");
    } catch {
      // Nobody will wait for this one.
    }
    // Says that this tab lives, as long as it does.
    locks?.request(tabKey + id, () => new Promise<void>(resolve => signal.addEventListener("abort", () => resolve(), { once: true }))).catch(reportError);
    void compete();
  }

  /** @param kept the page may come back */
  function part(kept: boolean): void {
    storage.removeItem(tabKey + id);
    const last = !kept && tabs().length === 0;
    if (last && holds) driving?.drive.leave();
    release();
  }

  const tabs = () => storage.keys().filter(name => name.startsWith(tabKey));

  /** Those that ended without a word. */
  async function sweep(): Promise<void> {
    if (!locks) return;
    const names = tabs();
    const { held = [] } = await locks.query();
    for (const name of names) if (name !== tabKey + id && !held.some(lock => lock.name === name)) storage.removeItem(name);
  }

  const heard = ({ key: changed, newValue }: StorageEvent) => {
    if (changed === key || changed === null) hear();
    else if (changed === askKey && holds && newValue) {
      const what = /^(register|deregister|useHere|signOut) /.exec(newValue)?.[1] as Wish | undefined;
      if (!what) return;
      wish = what;
      settle();
    }
  };
  const hidden = ({ persisted }: PageTransitionEvent) => part(persisted);
  const frozen = () => part(true);
  const back = () => {
    if (!leaving.signal.aborted) return;
    hear();
    join();
  };
  const came = ({ persisted }: PageTransitionEvent) => void (persisted && back());
  addEventListener("storage", heard);
  addEventListener("pagehide", hidden);
  addEventListener("pageshow", came);
  document.addEventListener("freeze", frozen);
  document.addEventListener("resume", back);
  bridge.subscribe(({ status }) => {
    if (status === "authorized" && leaving.signal.aborted) back();
    else if (holds) settle();
  });
  join();
  bridge.onConnection(state => {
    // So the host knows what there is, also one that is loaded anew.
    if (state === "connected") bridge.send(LINE_MESSAGE, news({}));
    if (state !== "closed") return;
    part(false);
    removeEventListener("storage", heard);
    removeEventListener("pagehide", hidden);
    removeEventListener("pageshow", came);
    document.removeEventListener("freeze", frozen);
    document.removeEventListener("resume", back);
  });

  return {
    line,
    async signOut() {
      if (holds || bridge.session.status !== "authorized") return leave();
      want("signOut");
      // The holder may be gone, or be busy.
      await Promise.race([gone(bridge), pause(PATIENCE)]);
      if (bridge.session.status === "authorized") await signOut();
    },
  };

  /** Not twice at the same time, where there are locks. */
  async function once<T>(name: string, make: () => T): Promise<T> {
    return locks ? await locks.request(name, { signal: AbortSignal.timeout(PATIENCE) }, make).catch(make) : make();
  }
}

const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

/** One that never answers would hold everything up. */
const inTime = <T>(answer: T | PromiseLike<T>): Promise<T> =>
  Promise.race([answer, pause(REGISTRAR_PATIENCE).then(() => { throw new AuthframeError("CONFIG_INVALID", "line.registrar did not answer within 30 s", "app"); })]);

/** Nobody is signed in any more. */
const gone = (bridge: Bridge) =>
  new Promise<void>(resolve => {
    let stop: Stop | undefined;
    stop = bridge.subscribe(({ status }) => {
      if (status !== "unauthorized") return;
      resolve();
      queueMicrotask(() => stop?.());
    });
  });

/** Aborted with it, or after so long. */
function either(signal: AbortSignal, ms: number): AbortSignal {
  const own = new AbortController();
  const end = () => own.abort();
  const timer = setTimeout(end, ms);
  own.signal.addEventListener("abort", () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  });
  signal.addEventListener("abort", end);
  return own.signal;
}

/** localStorage, or the memory of this page where there is none. */
function store() {
  const memory = new Map<string, string>();
  let real: Storage | undefined;
  try {
    real = localStorage;
    real.getItem("");
  } catch {
    // Then it is shared with nobody.
  }
  return {
    shared: !!real,
    getItem: (name: string) => (real ? real.getItem(name) : (memory.get(name) ?? null)),
    setItem: (name: string, value: string) => void (real ? real.setItem(name, value) : memory.set(name, value)),
    removeItem: (name: string) => void (real ? real.removeItem(name) : memory.delete(name)),
    keys: () => (real ? Object.keys(real) : [...memory.keys()]),
  };
}
