/** The machine of a line (`src/webex/line`): its wasm, and how one is made. */

import * as glue from "../generated/webex/webex.js";
import { within } from "../shared/within.js";
import { AuthframeError } from "../widget/index.js";
import type { LineOptions, Registrar } from "./types.js";

/** `src/webex/bindings.rs` */
export type Machine = glue.Machine;

type MachineClass = typeof glue.Machine;

/** What a machine goes by. */
export type MachineSettings = Registrar & Pick<LineOptions, "indicator" | "domain" | "deviceLimit" | "retrySlowly">;

/** A machine of these settings. Throws the code and the text of a `SettingsError`. */
export function makeMachine(
  Machine: MachineClass,
  { primary, backup = [], userId, clientDeviceUri, indicator = "calling", domain = "", deviceLimit, retrySlowly = false }: MachineSettings,
  random: bigint,
): Machine {
  const machine = new Machine(indicator, deviceLimit === "replace", retrySlowly, random);
  for (const base of primary) machine.addRegistrar(base, true);
  for (const base of backup) machine.addRegistrar(base, false);
  const problem = machine.problem(userId, clientDeviceUri, domain);
  if (problem !== undefined) throw new Error(`line: ${problem}`);
  return machine;
}

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
