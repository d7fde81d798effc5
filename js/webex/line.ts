/**
 * The line as the vendor's guide shows it, the same in all tabs. One tab holds it, by a Web Lock, and says in localStorage what becomes of it; the others hear that, and may ask it.
 * What is written there is of no use to a thief: no token.
 */
import { listenToDocument, unlistenToDocument } from "../shared/own-document.js";
import { AuthframeError, type Account, type Bridge, type Unsubscribe } from "../widget/index.js";
import { drive, type Drive, load, type Machine, type Told, type Turn, type Word } from "./machine.js";
import { follows, KEPT, MOST, readRecord, type Shared, uuid } from "./record.js";

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
  readonly registrar:
    | Registrar
    | ((who: { readonly account: Account | null; readonly accessToken: string }) => Registrar | PromiseLike<Registrar>);
  /** Default `"calling"`. A contact center needs a `domain`. */
  readonly indicator?: "calling" | "contactcenter" | "guestcalling";
  readonly domain?: string;
  /** Of a guest. */
  readonly jwe?: string;
  /** Where the user has as many devices as are allowed: `"report"` (default) is an `error`, after which {@link Line.takeOver} may be called; `"replace"` removes the oldest one without asking. */
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
  readonly fatal: boolean;
  /**
   * What failed: `registrar`, as `code` says; `registrar_unknown`, `line.registrar` did not find one; `token`, nobody is signed in here; `unheard`, the tab that holds the line has not
   * answered within 10 s. The last two are said only in the tab that was called.
   */
  readonly cause: "registrar" | "registrar_unknown" | "token" | "unheard";
  /** As the SDK's `LineError` has it. */
  readonly sdk: { readonly type: string; readonly message: string; readonly status: "inactive" };
}

export interface LineEvents {
  connecting: undefined;
  registered: Line;
  /** With a reason, nothing more happens until `register()`. */
  unregistered: { readonly reason: "superseded" | "signed-out" } | undefined;
  /** How many keepalives have failed, 0: the browser is offline; when the next one is due, in milliseconds since 1970; and what the last one failed with. */
  reconnecting: { readonly missed: number; readonly nextAttemptAt: number; readonly error: LineFailure | null };
  reconnected: undefined;
  error: LineFailure;
}

/** A line. Its properties are what they are at that moment. */
export interface Line extends LineProperties {
  /** The SDK's word: `IDLE` before the first `register()` and after `deregister()`. */
  getStatus(): Word;
  /** Registers, if it is not: what becomes of it the events say. Where another tab holds the line and does not answer within 10 s, that is an `error` with cause `unheard`; so for the next two. */
  register(): void;
  /** Gives the line up, for all tabs. */
  deregister(): void;
  /** The user wants to speak here: after the device limit or `superseded`. Whoever speaks elsewhere is cut off. */
  takeOver(): void;
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
  readonly reason: "superseded" | "signed-out" | null;
  readonly missed: number | null;
  readonly nextAttemptAt: number | null;
  readonly error: LineFailure | null;
}

export const LINE_MESSAGE = "webex:line";

type Wish = "register" | "deregister" | "takeOver" | "signOut";

export interface LineContext {
  readonly bridge: Bridge;
  /** Of the shared record. */
  readonly key: string;
  readonly options: LineOptions;
  /** Revokes what the user has, and signs him out. */
  signOut(): Promise<void>;
}

/** A lock is waited for again and again, so that no request for one waits for ever. */
const WAIT = 60_000;
const PATIENCE = 3000;
/** The holder answers a question at once. */
const ASK_PATIENCE = 10_000;
/** So many tabs are looked after with one request to the registrar. */
const MOST_PROBES = 64;
const REGISTRAR_PATIENCE = 30_000;
/** Only this tab is without a user: others may have one. */
const LOCAL = /^(acquire_|account_m)/;
const NO_REGISTRAR: LineFailure = {
  status: "inactive",
  type: "registrationError",
  msg: "It is not known where the line is registered. Wait a moment and try again.",
  code: 0,
  errorCode: null,
  fatal: true,
  cause: "registrar_unknown",
  sdk: { type: "default_error", message: "Unknown error", status: "inactive" },
};
const NO_TOKEN: LineFailure = {
  status: "inactive",
  type: "tokenError",
  msg: "Token expired. Authentication/Authorization error.",
  code: 401,
  errorCode: null,
  fatal: true,
  cause: "token",
  sdk: { type: "token_error", message: "User is unauthorized due to an expired token. Sign out, then sign back in.", status: "inactive" },
};

const unheardFor = (key: string): LineFailure => ({
  ...NO_REGISTRAR,
  msg: `The tab that holds the line has not answered within ${ASK_PATIENCE / 1000} s: it is busy, or another script of this origin holds the Web Lock "${key}". Close that tab or end that script, then call register(), deregister() or takeOver() again.`,
  cause: "unheard",
});

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

  let shared = await once(`${key}.id`, () => {
    const found = readRecord(storage.getItem(key));
    if (found) return found;
    const first: Shared = {
      v: 1,
      lineId: uuid(),
      epoch: 0,
      revision: 0,
      sequence: 0,
      status: "IDLE",
      device: null,
      saved: null,
      told: [],
      heard: [],
    };
    storage.setItem(key, JSON.stringify(first));
    return first;
  });
  /** Where tabs cannot agree who holds it, each has its own line, and none believes another one's record. */
  let alone = !locks;
  let holds = false;
  /** The part of this tab's life in which it got the lock. */
  let holding: AbortSignal | undefined;
  /** What this tab has put into storage as the holder. */
  let written: string | null | undefined;
  let driving: { readonly epoch: number; readonly drive: Drive } | null = null;
  let wish: Wish | null = null;
  let inCall = false;
  let leaving = new AbortController();
  let letGo = () => {};
  /** One after the other. */
  let work = Promise.resolve();
  /** What this tab asks of the holder, until that has heard it. `loud`: the caller is waiting for it. */
  let asking: { readonly id: string; readonly what: Wish | "report"; readonly loud: boolean } | null = null;
  let said: string | null = null;
  let asked = 0;
  let patience: Timer | undefined;
  let retry: Timer | undefined;
  let failures = 0;

  // --- what all tabs know ------------------------------------------------------------------------------------------------------

  /** Only the holder writes. @param above a revision that others may have believed */
  function put(change: Partial<Shared>, above = 0): void {
    const last = Math.max(shared.revision, above);
    shared = { ...shared, ...change, revision: last < MOST ? last + 1 : 1 };
    written = JSON.stringify(shared);
    storage.setItem(key, written);
  }

  /** Looks at what the holder has written. An event only says that there may be something. */
  function hear(): void {
    if (alone) return;
    const found = storage.getItem(key);
    const next = readRecord(found);
    const believed = !!next && follows(next, shared);
    const same = next?.revision === shared.revision;
    if (holds && (driving || !believed)) {
      // It was cleared or made up, or the last holder has written late.
      if (found !== written && (driving || !same)) put({}, believed ? next.revision : 0);
      return;
    }
    if (!next) return;
    const answer = asking && next.heard.includes(asking.id) ? asking : null;
    if (!believed && !answer) {
      // Only the holder can say whether it is true.
      if (asking) repeat();
      else if (!same) ask("report", false);
      return;
    }
    const fresh = next.sequence - shared.sequence;
    shared = next;
    if (!answer) repeat();
    const wished = wish;
    if (answer) {
      stopAsking();
      wish = null;
    }
    if (fresh > 0) next.told.slice(-fresh).forEach(tell);
    if (answer?.what === "report" && wished) {
      // It was registered when it was asked for.
      if (shared.status === "active") tell({ event: "registered", status: "active" });
      else want(wished);
    }
  }

  function turned({ told, saved, status, device }: Turn, epoch = driving?.epoch ?? shared.epoch): void {
    const sequence = shared.sequence + told.length;
    put({
      epoch,
      sequence: sequence > MOST ? 0 : sequence,
      status,
      device,
      told: [...shared.told, ...told].slice(-KEPT),
      ...(saved === undefined ? {} : { saved }),
    });
    // After the machine's turn: a listener may call anything.
    queueMicrotask(() => told.forEach(tell));
  }

  // --- what the others ask of the holder ---------------------------------------------------------------------------------------

  /** `report`: only whether it is there, and what it has written. */
  function ask(what: Wish | "report", loud: boolean): void {
    asking = { id: uuid(), what, loud: loud || !!asking?.loud };
    say();
    // Of the first that is not answered: who asks again and again hears it too.
    patience ??= setTimeout(unheard, ASK_PATIENCE);
  }

  function say(): void {
    if (!asking) return;
    // The same text again would be no event.
    said = `${asking.what} ${asking.id} ${Date.now()} ${++asked}`;
    storage.setItem(askKey, said);
  }

  /** Another tab has asked before the holder looked. */
  function repeat(): void {
    if (asking && storage.getItem(askKey) !== said) say();
  }

  function stopAsking(): void {
    asking = null;
    clearTimeout(patience);
    patience = undefined;
  }

  function unheard(): void {
    const loud = asking?.loud;
    stopAsking();
    wish = null;
    if (loud) tell({ event: "error", status: shared.status, error: unheardFor(key) });
  }

  /** As the holder: grants what was asked a moment ago, once. */
  function listen(): void {
    const [, what, id, at] =
      /^(register|deregister|takeOver|signOut|report) ([\da-f-]{36}) (\d{1,15}) \d{1,15}$/.exec(storage.getItem(askKey) ?? "") ?? [];
    if (!id || shared.heard.includes(id) || Math.abs(Date.now() - Number(at)) > ASK_PATIENCE) return;
    put({ heard: [...shared.heard, id].slice(-KEPT) });
    if (what === "report") return;
    wish = what as Wish;
    settle();
  }

  function tell(told: Told): void {
    const { event, status, error, reason, missed, nextAttemptAt } = told;
    shown = status;
    const value =
      event === "registered"
        ? line
        : event === "error"
          ? error
          : event === "reconnecting"
            ? { missed, nextAttemptAt, error }
            : event === "unregistered" && reason
              ? { reason }
              : undefined;
    const listening = listeners.get(event) ?? [];
    // A host that is not there now is told when it comes.
    for (const call of [
      () => bridge.connection === "connected" && bridge.send(LINE_MESSAGE, news(told)),
      ...Array.from(listening, (listener) => () => listener(value as never)),
    ]) {
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
    register: () => want("register"),
    deregister: () => want("deregister"),
    takeOver: () => want("takeOver"),
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
  for (const name of Object.keys(properties()) as (keyof LineProperties)[])
    Object.defineProperty(line, name, { enumerable: true, get: () => properties()[name] });

  // --- who holds it ------------------------------------------------------------------------------------------------------------

  function want(what: Wish): void {
    // Then only this tab's page is told so again, if there still is a tab that keeps it alive.
    const registered = what === "register" && !holds && shared.status === "active";
    if (bridge.session.status === "unauthorized" && what !== "deregister" && !registered) return queueMicrotask(refuse);
    wish = what;
    if (holds) settle();
    // It is no failure that nobody gives up what nobody has.
    else ask(registered ? "report" : what, what !== "signOut" && (what !== "deregister" || shared.status !== "IDLE"));
  }

  const refuse = () => tell({ event: "error", status: shared.status, error: NO_TOKEN });

  /** Waits for the lock, and holds the line until it lets go. */
  async function compete(signal: AbortSignal): Promise<void> {
    let failed = 0;
    while (!signal.aborted) {
      if (alone) return hold(signal);
      try {
        await request(key, WAIT, () => hold(signal), signal);
        failed = 0;
      } catch (error) {
        // Somebody has stolen the lock. What goes on here would be a second line.
        if (holds && holding === signal) drop();
        if (passed(error)) continue;
        if (unusable(error)) alone = true;
        else {
          reportError(error);
          await pause(Math.min(WAIT, 1000 * 2 ** Math.min(failed++, 6)));
        }
      }
    }
  }

  function hold(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    const held = new Promise<void>((resolve) => (letGo = resolve));
    // This tab's own wish is granted below.
    stopAsking();
    holds = true;
    holding = signal;
    written = undefined;
    hear();
    if (!alone) listen();
    settle();
    return held;
  }

  function settle(): void {
    work = work.then(settled).catch(reportError);
  }

  /** Sees to it that the machine is the session's. */
  async function settled(): Promise<void> {
    const { status, reason, epoch, account } = bridge.session;
    clearTimeout(retry);
    if (!holds) return;
    if (status === "authorized") {
      if (driving && driving.epoch !== epoch) forget();
      else if (!driving && shared.epoch !== epoch) forget();
      if (!driving) {
        let own: Machine;
        try {
          const settings = typeof registrar === "function" ? await inTime(found(registrar, account)) : registrar;
          own = made(settings, crypto.getRandomValues(new BigUint64Array(1))[0]!);
        } catch (error) {
          const asked = wish === "register" || wish === "takeOver";
          wish = null;
          reportError(error);
          if (asked) turned({ ...shared, told: [{ event: "error", status: shared.status, error: NO_REGISTRAR }], saved: undefined });
          // It may pass, and nobody else keeps the line alive.
          if (holds && shared.saved) retry = setTimeout(settle, Math.min(WAIT, 1000 * 2 ** Math.min(failures++, 6)));
          return;
        }
        failures = 0;
        if (!holds || bridge.session.epoch !== epoch || bridge.session.status !== "authorized") return settled();
        const going = drive(own, {
          token: (fresh) => bridge.accessToken(fresh ? { minValidity: Infinity } : {}),
          // Anything else may pass.
          refused: (error) => /^(NOT_AUTHORIZED|TOKEN_EXPIRED)$/.test((error as AuthframeError | null)?.code ?? ""),
          turned: (turn) => turned(turn, epoch),
          // As often as there are keepalives: there is no time to look when this tab leaves.
          sending: sweep,
        });
        driving = { epoch, drive: going };
        if (inCall) going.tell({ do: "call", inCall });
        if (shared.saved) going.tell({ do: "resume", saved: shared.saved });
      }
      const what = wish;
      wish = null;
      if (what === "signOut") leave().catch(reportError);
      else if (what) driving.drive.tell({ do: what });
    } else if (status === "unauthorized") {
      if (wish === "register" || wish === "takeOver") queueMicrotask(refuse);
      wish = null;
      // Others may have a user.
      if (LOCAL.test(reason)) return part(true);
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
      turned({ told: [{ event: "unregistered", status: "IDLE", reason: "signed-out" }], saved: null, status: "IDLE", device: null });
    }
  }

  /** Holds it no more. */
  function drop(): void {
    holds = false;
    clearTimeout(retry);
    driving?.drive.end();
    driving = null;
    letGo();
  }

  /** Gives the line up, and then what the user has. */
  async function leave(): Promise<void> {
    if (driving) {
      driving.drive.tell({ do: "deregister" });
      await within(PATIENCE, driving.drive.quiet()).catch(() => {});
    }
    await signOut();
  }

  // --- who is there ------------------------------------------------------------------------------------------------------------

  const here = () => void storage.setItem(tabKey + id, "");

  function join(): void {
    leaving = new AbortController();
    const { signal } = leaving;
    here();
    // Says that this tab lives, as long as it does.
    locks
      ?.request(tabKey + id, { signal }, () => {
        // Somebody may have looked before it was ours.
        here();
        return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      })
      .catch((error) => {
        if (!passed(error) && !unusable(error)) reportError(error);
      });
    void compete(signal);
  }

  /** @param kept the page may come back */
  function part(kept: boolean): void {
    storage.removeItem(tabKey + id);
    const last = !kept && tabs().length === 0;
    if (last && holds) driving?.drive.leave();
    stopAsking();
    leaving.abort();
    drop();
  }

  const tabs = () => storage.keys().filter((name) => name.startsWith(tabKey));

  /** Removes the keys of those that ended without a word. Whose lock can be had is gone: `navigator.locks.query()` may be denied where `request()` is not. */
  function sweep(): void {
    if (alone) return;
    for (const name of tabs()
      .filter((name) => name !== tabKey + id)
      .slice(0, MOST_PROBES)) {
      locks
        ?.request(name, { ifAvailable: true }, (lock) => {
          if (lock) storage.removeItem(name);
        })
        .catch(() => {});
    }
  }

  // Anybody can make an event up, and some browsers deliver those of another partition: it only says where to look.
  const heard = (event: StorageEvent) => {
    const changed = peek(event, "key");
    if (changed === key || changed === null) hear();
    else if (changed === askKey && holds && !alone) listen();
  };
  const hidden = (event: PageTransitionEvent) => void (event.isTrusted && part(peek(event, "persisted") === true));
  const frozen = (event: Event) => void (event.isTrusted && part(true));
  const back = () => {
    if (!leaving.signal.aborted) return;
    hear();
    join();
    // It was put away before it was heard.
    if (wish) want(wish);
  };
  const came = (event: PageTransitionEvent) => void (peek(event, "persisted") === true && back());
  addEventListener("storage", heard);
  addEventListener("pagehide", hidden);
  addEventListener("pageshow", came);
  listenToDocument("freeze", frozen);
  listenToDocument("resume", back);
  bridge.subscribe(({ status }) => {
    if (status === "authorized" && leaving.signal.aborted) back();
    else if (holds) settle();
  });
  join();
  bridge.onConnection((state) => {
    // So the host knows what there is, also one that is loaded anew.
    if (state === "connected") bridge.send(LINE_MESSAGE, news({}));
    if (state !== "closed") return;
    part(false);
    removeEventListener("storage", heard);
    removeEventListener("pagehide", hidden);
    removeEventListener("pageshow", came);
    unlistenToDocument("freeze", frozen);
    unlistenToDocument("resume", back);
  });

  return {
    line,
    async signOut() {
      if (holds || bridge.session.status !== "authorized") return leave();
      want("signOut");
      // The holder may be gone, or be busy.
      await within(PATIENCE, gone(bridge)).catch(() => {});
      // Not the next user.
      stopAsking();
      wish = null;
      if (bridge.session.status === "authorized") await signOut();
    },
  };

  /** Not twice at the same time, where there are locks. */
  async function once<T>(name: string, make: () => T): Promise<T> {
    return locks ? await request(name, PATIENCE, make).catch(make) : make();
  }

  /** Asks for a lock, and gives up after so long or with the signal. */
  async function request<T>(name: string, ms: number, callback: () => T | PromiseLike<T>, signal?: AbortSignal): Promise<T> {
    const own = new AbortController();
    const end = () => own.abort();
    const timer = setTimeout(end, ms);
    const still = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    };
    signal?.addEventListener("abort", end);
    try {
      return await (locks!.request(name, { signal: own.signal }, () => {
        still();
        return callback();
      }) as Promise<T>);
    } finally {
      still();
    }
  }

  async function found(
    find: (who: { readonly account: Account | null; readonly accessToken: string }) => Registrar | PromiseLike<Registrar>,
    account: Account | null,
  ): Promise<Registrar> {
    return find({ account, accessToken: await bridge.accessToken() });
  }
}

type Timer = ReturnType<typeof setTimeout>;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const late = () => new Error("it took too long");

/** What is not there in time is a failure. */
function within<T>(ms: number, answer: Promise<T>, why = late): Promise<T> {
  let timer: Timer | undefined;
  const over = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(why()), ms)));
  return Promise.race([answer, over]).finally(() => clearTimeout(timer));
}

/** One that never answers would hold everything up. */
const inTime = <T>(answer: Promise<T>): Promise<T> =>
  within(
    REGISTRAR_PATIENCE,
    answer,
    () => new AuthframeError("CONFIG_INVALID", "line.registrar, or the token that it is given, was not there within 30 s", "app"),
  );

/** A property of an event, or `undefined` if its getter throws. */
function peek(event: object, name: string): unknown {
  try {
    return (event as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

const named = (error: unknown, names: RegExp) => names.test(String((error as Error | null)?.name));
/** It was given up, or was too late. */
const passed = (error: unknown) => named(error, /^(Abort|Timeout)Error$/);
/** There are locks, but not for us. */
const unusable = (error: unknown) => named(error, /^(Security|NotSupported)Error$/);

/** Nobody is signed in any more. */
const gone = (bridge: Bridge) =>
  new Promise<void>((resolve) => {
    let stop: Unsubscribe | undefined;
    stop = bridge.subscribe(({ status }) => {
      if (status !== "unauthorized") return;
      resolve();
      queueMicrotask(() => stop?.());
    });
  });

/** localStorage, or the memory of this page where there is none. Nothing here throws: what cannot be written is not shared, and what cannot be read is not there. */
function store() {
  const memory = new Map<string, string>();
  let real: Storage | undefined;
  try {
    real = localStorage;
    real.getItem("");
  } catch {
    // Then it is shared with nobody.
    real = undefined;
  }
  const attempt = <T>(act: () => T, otherwise: T): T => {
    try {
      return act();
    } catch {
      // It is full, or was taken away meanwhile.
      return otherwise;
    }
  };
  return {
    shared: !!real,
    getItem: (name: string) => attempt(() => (real ? real.getItem(name) : (memory.get(name) ?? null)), null),
    setItem: (name: string, value: string) => attempt(() => void (real ? real.setItem(name, value) : memory.set(name, value)), undefined),
    removeItem: (name: string) => attempt(() => void (real ? real.removeItem(name) : memory.delete(name)), undefined),
    keys: () => attempt(() => (real ? Object.keys(real) : [...memory.keys()]), []),
  };
}
