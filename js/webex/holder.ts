/** The tab that holds the line: its machine is made for the session, grants what is wanted, and ends with the session. */

import { isLocal } from "../shared/reasons.js";
import { report } from "../shared/report.js";
import { safely } from "../shared/safely.js";
import { within } from "../shared/within.js";
import { type Account, AuthframeError, type Bridge, type Reason } from "../widget/index.js";
import { backoff } from "./backoff.js";
import { MachineDriver } from "./driver.js";
import { NO_REGISTRAR, NO_TOKEN } from "./failures.js";
import type { Machine } from "./machine.js";
import type { Change, SharedRecord } from "./shared-record.js";
import type { TabState, Wish } from "./tab-state.js";
import type { EventRecord } from "./turn.js";
import type { LineOptions, Registrar } from "./types.js";

export interface HolderContext {
  readonly bridge: Bridge;
  readonly record: SharedRecord;
  readonly state: TabState;
  readonly options: LineOptions;
  /** Whether this tab has the lock. */
  isHolding(): boolean;
  makeMachine(registrar: Registrar, random: bigint): Machine;
  emit(event: EventRecord): void;
  /** Emits that there is no user here. */
  refuse(): void;
  /** A request to the registrar goes out. */
  sending(): void;
  /** Gives the line to a tab that has a user. */
  handOver(): void;
  /** Revokes what the user has, and signs them out. */
  signOut(): Promise<void>;
  /** Whether there is what renews a token. */
  canRenew(): boolean;
}

/** The tokens were refused, or are over. */
const TOKEN_ENDED: readonly Reason[] = ["refused", "expired", "refresh-outcome-unknown"];
const REGISTRAR_PATIENCE = 30_000;
const DEREGISTER_PATIENCE = 3000;

export class LineHolder {
  readonly #context: HolderContext;
  #driving: { readonly epoch: number; readonly driver: MachineDriver } | null = null;
  /** One after the other. */
  #work = Promise.resolve();
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** How often the registrar could not be found, one after the other. */
  #failures = 0;

  constructor(context: HolderContext) {
    this.#context = context;
  }

  /** Whether there is a machine. */
  get isDriving(): boolean {
    return this.#driving !== null;
  }

  /** Sees to it that the machine is the session's, and grants what is wanted. */
  settle(): void {
    this.#work = this.#work.then(() => this.#settle()).catch(report);
  }

  setCall(call: TabState["call"]): void {
    this.#driving?.driver.perform((machine) => machine.setInCall(call === "in-call"));
  }

  /** Gives the line up, and then what the user has. */
  async signOut(): Promise<void> {
    const driver = this.#driving?.driver;
    if (driver) {
      // The user is signed out in any case.
      safely(() => driver.perform((machine) => machine.deregister()));
      await within(DEREGISTER_PATIENCE, driver.idle()).catch(() => {});
    }
    await this.#context.signOut();
  }

  /** Gives the line up while the page goes away. */
  leave(): void {
    this.#driving?.driver.leave();
  }

  /** Holds the line no more. */
  stop(): void {
    clearTimeout(this.#retry);
    this.#driving?.driver.end();
    this.#driving = null;
  }

  async #settle(): Promise<void> {
    const { status, reason, epoch, account } = this.#context.bridge.session;
    clearTimeout(this.#retry);
    if (!this.#context.isHolding()) return;
    if (status === "authorized") await this.#serve(epoch, account);
    else if (status === "unauthorized") this.#endService(reason);
  }

  /** There is a user. */
  async #serve(epoch: number, account: Account | null): Promise<void> {
    const { record, state, makeMachine } = this.#context;
    if ((this.#driving ?? record.known).epoch !== epoch) this.#forget("otherwise");
    if (!this.#driving) {
      let registrar: Registrar;
      let machine: Machine;
      try {
        registrar = await this.#findRegistrar(account);
        machine = makeMachine(registrar, crypto.getRandomValues(new BigUint64Array(1))[0]!);
      } catch (error) {
        return this.#registrarFailed(error);
      }
      this.#failures = 0;
      if (!this.#isCurrent(epoch)) return this.#settle();
      this.#drive(machine, registrar, epoch);
    }
    const { wish } = state;
    state.wish = null;
    if (wish) this.#grant(wish);
  }

  /** There is none. */
  #endService(reason: Reason): void {
    const { state } = this.#context;
    if (state.wish === "register" || state.wish === "takeOver") queueMicrotask(this.#context.refuse);
    state.wish = null;
    // Other tabs may have a user.
    if (isLocal(reason)) this.#context.handOver();
    else this.#forget(TOKEN_ENDED.includes(reason) ? "by-the-provider" : "otherwise");
  }

  #isCurrent(epoch: number): boolean {
    const { bridge, isHolding } = this.#context;
    return isHolding() && bridge.session.epoch === epoch && bridge.session.status === "authorized";
  }

  #grant(wish: Wish): void {
    if (wish === "signOut") this.signOut().catch(report);
    else this.#driving?.driver.perform((machine) => machine[wish]());
  }

  async #findRegistrar(account: Account | null): Promise<Registrar> {
    const { bridge, options } = this.#context;
    const { registrar } = options;
    const find = async () =>
      typeof registrar === "function" ? registrar({ account, accessToken: await bridge.accessToken() }) : registrar;
    // One that never answers would hold everything up.
    return within(
      REGISTRAR_PATIENCE,
      find(),
      () => new AuthframeError("CONFIG_INVALID", "line.registrar, or the token that it is given, was not there within 30 s", "app"),
    );
  }

  #registrarFailed(error: unknown): void {
    const { record, state } = this.#context;
    const { wish } = state;
    state.wish = null;
    report(error);
    if (wish === "register" || wish === "takeOver") {
      const { status, device } = record.known;
      this.#changed({ events: [{ event: "error", status, error: NO_REGISTRAR }], saved: undefined, status, device });
    }
    // It may pass, and no other tab keeps the line alive.
    if (this.#context.isHolding() && record.known.saved) this.#retry = setTimeout(() => this.settle(), backoff(this.#failures++));
  }

  #drive(machine: Machine, { userId, clientDeviceUri }: Registrar, epoch: number): void {
    const { bridge, record, state, sending, options, canRenew } = this.#context;
    const driver = new MachineDriver(machine, {
      registrant: { ...options, userId, clientDeviceUri },
      token: (which) => bridge.accessToken(which === "newer" ? { minValidity: Infinity } : {}),
      // Anything else may pass.
      isFinal: (error) => (error ? (error as AuthframeError).code === "TOKEN_EXPIRED" : !canRenew()),
      hasEnded: () => bridge.session.status === "unauthorized",
      changed: (change) => this.#changed(change, epoch),
      sending,
    });
    this.#driving = { epoch, driver };
    if (state.call === "in-call") this.setCall("in-call");
    const { saved } = record.known;
    if (saved) driver.resume(saved);
  }

  /** Ends the line of the user who has left, or whose session has ended: then the guide's error comes first. */
  #forget(ended: "by-the-provider" | "otherwise"): void {
    const { record } = this.#context;
    if (this.#driving) {
      this.#driving.driver.signOut(ended === "by-the-provider" ? "tokenEnded" : "signOut");
      this.#driving.driver.end();
      this.#driving = null;
    } else if (record.known.status !== "IDLE") {
      this.#changed({
        events: [
          ...(ended === "by-the-provider" ? [{ event: "error", status: "inactive", error: NO_TOKEN } as const] : []),
          { event: "unregistered", status: "inactive", reason: "signed-out" },
        ],
        saved: null,
        status: "IDLE",
        device: null,
      });
    }
  }

  #changed(change: Change, epoch = this.#driving?.epoch ?? this.#context.record.known.epoch): void {
    this.#context.record.writeChange(change, epoch);
    // After the machine's turn: a listener may call anything.
    queueMicrotask(() => change.events.forEach(this.#context.emit));
  }
}
