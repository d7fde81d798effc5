/* tslint:disable */
/* eslint-disable */
import type { CoreOptions, Decision, Facts, Sink } from "../../widget/core/core.js";

/**
 * One bridge.
 */
export class AuthframeCore {
  private constructor();
  free(): void;
  [Symbol.dispose](): void;
  /**
   * An access token that is good for so many milliseconds more; `undefined`: wait for `Sink.token`.
   */
  accessToken(validity: number): string | undefined;
  /**
   * Why `acquire` gave nothing. `pause`: for how many milliseconds a server has said not to ask again.
   */
  acquireFailed(id: number, failure: string, pause: number): void;
  /**
   * What `acquire` gave.
   */
  acquired(id: number, grant: any): void;
  /**
   * Lets the app of this dialect show the widget in its own web view.
   */
  allowWebview(dialect: string): void;
  /**
   * Lets a page of this origin embed the widget, and says what it speaks.
   */
  allow(origin: string, dialect: string): void;
  /**
   * Signs an account in. `Sink.settled` says when it holds, by the number of the call.
   */
  authorize(call: number, grant: any): void;
  /**
   * The application's own sign-in has begun.
   */
  beginSignIn(): void;
  /**
   * Ends the bridge.
   */
  close(): void;
  /**
   * What the host speaks.
   */
  dialect(): string;
  /**
   * What can be asked for at any time.
   */
  facts(): Facts;
  /**
   * Says something to the core's half of the dialect.
   */
  notifyDialect(message: any): void;
  /**
   * Posts a message to the host with a port of its own; gives the near end of it, or what the browser throws.
   */
  postWithPort(message: any): any;
  /**
   * Posts a message of the application on the port.
   */
  post(message: any): void;
  /**
   * Takes a message of the window that came before the start.
   */
  receive(event: Event): void;
  /**
   * Signs the account out and writes over what stands in the shared record and in the credential store; `Sink.settled` says when that holds.
   */
  reset(call: number): void;
  /**
   * Signs the account out; `Sink.settled` says when that holds.
   */
  signOut(call: number, reason: string): void;
  /**
   * Begins.
   */
  start(): void;
  /**
   * The task is done: `credential` stands in the store now, if any.
   */
  storeDone(id: number, credential: any): void;
  /**
   * The task was not done.
   */
  storeFailed(id: number, failure: string): void;
  /**
   * What is to be written to the credential store, from within the transaction that has read `record`; `undefined`: nothing. `null` is no store at all.
   */
  storeFound(id: number, lock: string, record: any): Decision | undefined;
}

/**
 * Runs when the wasm is loaded.
 */
export function start(): Promise<void>;

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
  readonly memory: WebAssembly.Memory;
  readonly __wbg_authframecore_free: (a: number, b: number) => void;
  readonly authframecore_accessToken: (a: number, b: number) => [number, number, number, number];
  readonly authframecore_acquireFailed: (a: number, b: number, c: any, d: number) => void;
  readonly authframecore_acquired: (a: number, b: number, c: any) => void;
  readonly authframecore_allow: (a: number, b: any, c: any) => [number, number];
  readonly authframecore_allowWebview: (a: number, b: any) => [number, number];
  readonly authframecore_authorize: (a: number, b: number, c: any) => [number, number];
  readonly authframecore_beginSignIn: (a: number) => [number, number];
  readonly authframecore_close: (a: number) => [number, number];
  readonly authframecore_dialect: (a: number) => [number, number, number, number];
  readonly authframecore_facts: (a: number) => [number, number, number];
  readonly authframecore_notifyDialect: (a: number, b: any) => [number, number];
  readonly authframecore_post: (a: number, b: any) => [number, number];
  readonly authframecore_postWithPort: (a: number, b: any) => [number, number, number];
  readonly authframecore_receive: (a: number, b: any) => void;
  readonly authframecore_reset: (a: number, b: number) => [number, number];
  readonly authframecore_signOut: (a: number, b: number, c: any) => [number, number];
  readonly authframecore_start: (a: number) => [number, number];
  readonly authframecore_storeDone: (a: number, b: number, c: any) => void;
  readonly authframecore_storeFailed: (a: number, b: number, c: any) => void;
  readonly authframecore_storeFound: (a: number, b: number, c: any, d: any) => any;
  readonly start: () => void;
  readonly wasm_bindgen__convert__closures_____invoke__h5c851832b3e511c0: (
    a: number,
    b: number,
    c: any,
    d: any,
  ) => [number, number, number];
  readonly wasm_bindgen__convert__closures_____invoke__h5e84aab8614c9381: (a: number, b: number, c: any) => [number, number];
  readonly wasm_bindgen__convert__closures_____invoke__hb7bae8d1ceda1975: (a: number, b: number, c: any, d: any) => void;
  readonly wasm_bindgen__convert__closures_____invoke__hee6d386b1f8420ac: (a: number, b: number, c: any) => any;
  readonly wasm_bindgen__convert__closures________invoke__h54546a4fd56e926f: (a: number, b: number, c: any) => void;
  readonly wasm_bindgen__convert__closures_____invoke__h73b79afc1cad5e6c: (a: number, b: number, c: any) => void;
  readonly wasm_bindgen__convert__closures_____invoke__hf14352db37c8af58: (a: number, b: number, c: any) => void;
  readonly wasm_bindgen__convert__closures_____invoke__hd4a573a90ec38b7e: (a: number, b: number) => void;
  readonly __wbindgen_malloc: (a: number, b: number) => number;
  readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
  readonly __wbindgen_free: (a: number, b: number, c: number) => void;
  readonly __wbindgen_exn_store: (a: number) => void;
  readonly __externref_table_alloc: () => number;
  readonly __wbindgen_externrefs: WebAssembly.Table;
  readonly __wbindgen_destroy_closure: (a: number, b: number) => void;
  readonly __externref_table_dealloc: (a: number) => void;
  readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init(
  module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>,
): Promise<InitOutput>;
