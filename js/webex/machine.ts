/** The machine of a line (`src/webex/line`): its wasm, and the words in which it answers. */

import * as glue from "../generated/webex/webex.js";
import { within } from "../shared/within.js";
import { AuthframeError } from "../widget/index.js";
import type { LineFailure, LineStatus } from "./types.js";

/** What listeners receive, as the machine words it. */
export interface EventRecord {
  readonly event: "connecting" | "registered" | "unregistered" | "reconnecting" | "reconnected" | "error";
  readonly status: LineStatus;
  readonly reason?: "superseded" | "signed-out" | null;
  readonly missed?: number | null;
  readonly nextAttemptAt?: number | null;
  readonly error?: LineFailure | null;
}

/** What the registrar says of a device. */
export type Device = Readonly<Record<string, unknown>>;

/** What a turn of the machine has changed: to be remembered and emitted. */
export interface Turn {
  readonly events: readonly EventRecord[];
  /** `undefined`: as before; `null`: nothing. */
  readonly saved: unknown;
  readonly status: LineStatus;
  readonly device: Device | null;
}

/** A request to the registrar. */
export interface Send {
  readonly do: "send";
  readonly id: number;
  readonly purpose: "register" | "keepalive" | "deregister" | "ping";
  readonly method: string;
  readonly url: string;
  readonly headers: [string, string][];
  readonly body: string | null;
}

export type Output =
  | Send
  | { readonly do: "abort"; readonly id: number }
  | { readonly do: "renew"; readonly id: number }
  | { readonly do: "save"; readonly saved: unknown }
  | ({ readonly do: "event" } & EventRecord);

/** What a call of the machine comes to. */
export interface Answer {
  readonly outputs: readonly Output[];
  /** Milliseconds. */
  readonly timeoutIn: number | null;
  readonly status: LineStatus;
  readonly device: Device | null;
}

/** `src/webex/bindings.rs` */
export type Machine = glue.Machine;

/** Throws a text for settings that cannot be a line's. */
export type MachineClass = typeof glue.Machine;

let loading: Promise<MachineClass> | undefined;

/** The machine's wasm, once. Rejects with `WASM_LOAD_FAILED`; the next call tries again. */
export function loadMachine(): Promise<MachineClass> {
  loading ??= fetchMachine().catch((cause: unknown) => {
    loading = undefined;
    throw new AuthframeError("WASM_LOAD_FAILED", "serve authframe-webex.wasm beside webex.js", "network", cause);
  });
  return loading;
}

/** A server that never answers would keep connect() waiting for ever. */
const LOAD_PATIENCE = 30_000;

async function fetchMachine(): Promise<MachineClass> {
  const abort = new AbortController();
  const load = async () => {
    const response = await fetch(new URL("./authframe-webex.wasm", import.meta.url), { signal: abort.signal });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return WebAssembly.compile(await response.arrayBuffer());
  };
  try {
    const module = await within(LOAD_PATIENCE, load(), () => new Error(`there was no answer within ${LOAD_PATIENCE / 1000} s`));
    glue.initSync({ module });
    return glue.Machine;
  } finally {
    abort.abort();
  }
}
