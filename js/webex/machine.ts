/** Drives the line's machine (`src/webex/line.rs`): its requests, its clock, its renewals. Only the tab that holds the line has one. */
import { listenToDocument, unlistenToDocument } from "../shared/own-document.js";
import { AuthframeError } from "../widget/index.js";
import type { LineFailure } from "./line.js";
import { retryAfter } from "./retry.js";
import * as glue from "../generated/webex/webex.js";

/** What listeners are told, as the machine words it. */
export interface Told {
  readonly event: "connecting" | "registered" | "unregistered" | "reconnecting" | "reconnected" | "error";
  readonly status: Word;
  readonly reason?: "superseded" | "signed-out" | null;
  readonly missed?: number | null;
  readonly nextAttemptAt?: number | null;
  readonly error?: LineFailure | null;
}

/** The SDK's word for how far the line is. */
export type Word = "IDLE" | "active" | "inactive";

/** What the registrar says of a device. */
export type Device = Readonly<Record<string, unknown>>;

/** What a turn of the machine has changed: to be remembered and told. */
export interface Turn {
  readonly told: readonly Told[];
  /** `undefined`: as before; `null`: nothing. */
  readonly saved: unknown;
  readonly status: Word;
  readonly device: Device | null;
}

export interface MachineContext {
  /** @param fresh another one than the last */
  token(fresh: boolean): Promise<string>;
  /** Whether a failed renewal is for good. */
  refused(error: unknown): boolean;
  turned(turn: Turn): void;
  /** A request goes out. */
  sending(): void;
}

type Send = {
  readonly do: "send";
  readonly id: number;
  readonly purpose: "register" | "keepalive" | "deregister" | "ping";
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: string | null;
};
type Output =
  | Send
  | { readonly do: "abort"; readonly id: number }
  | { readonly do: "renew"; readonly id: number }
  | { readonly do: "save"; readonly saved: unknown }
  | ({ readonly do: "event" } & Told);

interface Answer {
  readonly outputs: readonly Output[];
  readonly timeoutIn: number | null;
  readonly status: Word;
  readonly device: Device | null;
}

/** `src/webex/bindings.rs` */
export interface Machine {
  tell(what: string): string;
}

/** Throws a text for settings that cannot be a line's. */
export type MachineClass = new (settings: string, random: bigint) => Machine;

let loading: Promise<MachineClass> | undefined;

/** The machine's wasm, once. Rejects with `WASM_LOAD_FAILED`; the next call tries again. */
export const load = (): Promise<MachineClass> =>
  (loading ??= fetched().catch((cause: unknown) => {
    loading = undefined;
    throw new AuthframeError("WASM_LOAD_FAILED", "serve authframe-webex.wasm beside webex.js", "network", cause);
  }));

/** A server that never answers would keep connect() waiting for ever. */
const LOAD_PATIENCE = 30_000;

async function fetched(): Promise<MachineClass> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LOAD_PATIENCE);
  try {
    const response = await fetch(new URL("./authframe-webex.wasm", import.meta.url), { signal: abort.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    glue.initSync({ module: await WebAssembly.compile(await response.arrayBuffer()) });
    return glue.Machine;
  } catch (cause) {
    throw abort.signal.aborted ? new Error(`there was no answer within ${LOAD_PATIENCE / 1000} s`, { cause }) : cause;
  } finally {
    clearTimeout(timer);
  }
}

/** Timers take no more. */
const LONGEST = 0x7fffffff;

export type Drive = ReturnType<typeof drive>;

export function drive(machine: Machine, { token, refused, turned, sending }: MachineContext) {
  const flights = new Map<number, AbortController>();
  const waiting: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  let last: string | null = null;
  /** The page goes away: nothing can be waited for. */
  let hurry = false;

  function tell(what: object): void {
    if (ended) return;
    const said = machine.tell(JSON.stringify({ ...what, monotonic: performance.now(), wall: Date.now() }));
    const { outputs, timeoutIn, status, device } = JSON.parse(said) as Answer;
    clearTimeout(timer);
    if (timeoutIn !== null) timer = setTimeout(tell, Math.min(timeoutIn, LONGEST), { do: "timeout" });
    const told: Told[] = [];
    let saved: unknown;
    const todo: (() => void)[] = [];
    for (const output of outputs) {
      if (output.do === "event") {
        const { do: _, ...event } = output;
        told.push(event);
      } else if (output.do === "save") saved = output.saved;
      else if (output.do === "abort") todo.push(() => flights.get(output.id)?.abort());
      else if (output.do === "renew") todo.push(() => void renew(output.id));
      else if (output.do === "send") todo.push(() => void send(output));
    }
    // Remembered before anything is sent: whoever finds it knows what may have been.
    if (told.length > 0 || saved !== undefined) turned({ told, saved, status, device });
    for (const now of todo) now();
  }

  async function send({ id, purpose, method, url, headers, body }: Send): Promise<void> {
    const abort = new AbortController();
    flights.set(id, abort);
    sending();
    const reply = { status: 0, retryAfter: null as number | null, body: "" };
    try {
      const all = new Headers(headers);
      if (purpose !== "ping") {
        if (!hurry) last = await token(false);
        all.set("authorization", `Bearer ${last}`);
      }
      if (abort.signal.aborted) throw new Error("aborted");
      // The token goes nowhere else, and what ends a registration outlives the page.
      const options = { redirect: "error", cache: "no-store", credentials: "omit", keepalive: purpose === "deregister" } as const;
      const response = await fetch(url, { ...options, method, headers: all, body, signal: abort.signal });
      const text = await response.text();
      Object.assign(reply, { status: response.status, retryAfter: retryAfter(response.headers.get("retry-after")), body: text });
    } catch {
      // No answer.
    }
    flights.delete(id);
    if (!abort.signal.aborted) tell({ do: "reply", id, ...reply });
    if (flights.size === 0) for (const done of waiting.splice(0)) done();
  }

  async function renew(id: number): Promise<void> {
    let renewal = "fresh";
    try {
      // Unless it has been renewed meanwhile. The same again: it could not be, for now.
      if ((await token(false)) === last && (await token(true)) === last) renewal = "failed";
    } catch (error) {
      renewal = refused(error) ? "refused" : "failed";
    }
    tell({ do: "renewal", id, renewal });
  }

  // An event can be made up: the browser is asked.
  const network = () => tell({ do: navigator.onLine ? "online" : "offline" });
  // A timer may be late by hours where the page rested.
  const woken = () => tell({ do: "timeout" });
  addEventListener("online", network);
  addEventListener("offline", network);
  listenToDocument("visibilitychange", woken);
  if (!navigator.onLine) network();

  return {
    tell,
    /** No request is under way. */
    quiet: () => (flights.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))),
    /** Gives the line up while the page goes away. */
    leave() {
      hurry = last !== null;
      tell({ do: "deregister" });
    },
    /** Somebody else goes on with it. */
    end() {
      tell({ do: "stop" });
      ended = true;
      clearTimeout(timer);
      removeEventListener("online", network);
      removeEventListener("offline", network);
      unlistenToDocument("visibilitychange", woken);
    },
  };
}
