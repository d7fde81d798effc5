/** From options to a bridge, wherever the core comes from: the npm package loads a wasm file for it, a widget written in Rust has it already. */
import { AuthframeError } from "../shared/error.js";
import { isPrerendering, listenToDocument } from "../shared/own-document.js";
import { open } from "./bridge.js";
import type { CoreModule } from "./core/load.js";
import { collectEarlyMessages } from "./early-messages.js";
import { advice, failure } from "./failure.js";
import { type Claim, claim, claimSoon } from "./namespaces.js";
import { takeOptions, wrongOption } from "./option-check.js";
import type { Bridge, ConnectOptions } from "./types.js";

/** Makes a bridge of the core that `load` brings for these options, which are read once. Rejects as `connect` of index.ts does. */
export async function connectWith(load: (options: ConnectOptions) => Promise<CoreModule>, given: ConnectOptions): Promise<Bridge> {
  const options = takeOptions(given);
  try {
    return await begin(load, options);
  } catch (error) {
    // What is meant, in words: only a developer needs them.
    const problem =
      error instanceof AuthframeError && /^(CONFIG|HOST)_/.test(error.code)
        ? (await advice())?.optionProblem(options, error.code)
        : undefined;
    throw problem ?? error;
  }
}

async function begin(load: (options: ConnectOptions) => Promise<CoreModule>, options: ConnectOptions): Promise<Bridge> {
  requireWindow();
  requireFit(options);
  const { signal, namespace = "authframe" } = options;
  const early = collectEarlyMessages();
  let taken: Claim | undefined;
  try {
    requireWanted(signal);
    // Loaded meanwhile.
    const loading = load(options);
    loading.catch(() => {});
    taken = await claimSoon(namespace, signal);
    const [core] = await wanted(Promise.all([loading, whenShown()]), signal);
    requireWanted(signal);
    return open(core, options, early.stop(), taken);
  } catch (error) {
    taken?.closed();
    throw error;
  } finally {
    early.stop();
  }
}

/** The same without waiting, not for a prerendered page to be shown either. @throws AuthframeError as {@link connectWith} rejects */
export function connectNow(core: (options: ConnectOptions) => CoreModule, given: ConnectOptions): Bridge {
  const options = takeOptions(given);
  requireWindow();
  requireFit(options);
  requireWanted(options.signal);
  const module = core(options);
  const taken = claim(options.namespace ?? "authframe");
  try {
    return open(module, options, [], taken);
  } catch (error) {
    taken.closed();
    throw error;
  }
}

function requireFit(options: ConnectOptions): void {
  const wrong = wrongOption(options);
  if (wrong !== undefined) throw failure("CONFIG_INVALID", `the option ${JSON.stringify(wrong)} cannot be used: connect() says why`);
}

function requireWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw failure("ABORTED", "", signal.reason);
}

function requireWindow(): void {
  if (typeof window === "undefined") throw failure("ENV_UNSUPPORTED");
}

/** Waits as long as the caller wants the result. */
const wanted = <T>(promise: Promise<T>, signal: AbortSignal | undefined) =>
  new Promise<T>((resolve, reject) => {
    const abort = () => reject(failure("ABORTED", "", signal!.reason));
    signal?.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", abort));
  });

/** A page that is being prerendered is not wanted yet: it asks no server for a token, and shakes no hands. */
async function whenShown(): Promise<void> {
  if (isPrerendering()) await new Promise((shown) => listenToDocument("prerenderingchange", shown, { once: true }));
}
