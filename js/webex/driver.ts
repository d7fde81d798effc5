/** Drives a line's machine: its requests, its clock, its renewals. Only the tab that holds the line has one. */
import { listenToDocument, unlistenToDocument } from "../shared/own-document.js";
import { retryAfter } from "../shared/retry-after.js";
import { LONGEST_PAUSE } from "./backoff.js";
import type { Machine } from "./machine.js";
import { type Answer, type Registrant, readAnswer, requestOf } from "./registrar.js";
import type { Change } from "./shared-record.js";
import { type Device, type DeviceDetails, type Saved, type Send, Turn } from "./turn.js";

export interface DriverContext {
  readonly registrant: Registrant;
  /** The token that is good now, or another one than the last. */
  token(which: "current" | "newer"): Promise<string>;
  /** Whether a renewal that brought no other token is for good; the error, if there was one. */
  isFinal(error?: unknown): boolean;
  /** Whether no user is signed in any more: then the line ends in a moment, by the session's reason. */
  hasEnded(): boolean;
  /** Remembers what a turn has changed, and emits its events. */
  changed(change: Change): void;
  /** A request goes out. */
  sending(): void;
}

/** Timers take no more. */
const LONGEST = 0x7fffffff;

export class MachineDriver {
  readonly #machine: Machine;
  readonly #context: DriverContext;
  readonly #requests = new Map<number, AbortController>();
  /** What waits until no request is under way. */
  readonly #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastToken: string | null = null;
  #device: Device | null = null;
  /** Of the device that was made last. */
  #details: DeviceDetails = {};
  /** `leaving`: the page goes away, and no token can be waited for. */
  #state: "running" | "leaving" | "ended" = "running";

  constructor(machine: Machine, context: DriverContext) {
    this.#machine = machine;
    this.#context = context;
    addEventListener("online", this.#onNetwork);
    addEventListener("offline", this.#onNetwork);
    listenToDocument("visibilitychange", this.#onTime);
    if (!navigator.onLine) this.#onNetwork();
  }

  /** Calls the machine, and does what it says. */
  perform(call: (machine: Machine) => void): void {
    if (this.#state === "ended") return;
    this.#machine.setTime(performance.now(), Date.now());
    call(this.#machine);
    const turn = new Turn(this.#details);
    this.#machine.finishTurn(turn);
    const { events, actions, saved, status, timeoutIn } = turn;
    clearTimeout(this.#timer);
    if (timeoutIn !== undefined) this.#timer = setTimeout(this.#onTime, Math.min(timeoutIn, LONGEST));
    if (saved?.state === "active") this.#device = saved.device;
    // Remembered before anything is sent: the tab that finds it knows what may have been.
    if (events.length > 0 || saved !== undefined) this.#context.changed({ events, saved, status, device: this.#device });
    for (const action of actions) {
      if (action.do === "send") void this.#send(action);
      else if (action.do === "renew") void this.#renew(action.id);
      else this.#requests.get(action.id)?.abort();
    }
  }

  /** Goes on with what another tab has left. */
  resume(saved: Saved): void {
    if (saved.state === "retrying") {
      const { since, tries, round, until } = saved;
      return this.perform((machine) => machine.resumeRetrying(since ?? undefined, tries, round, until));
    }
    const { base, deviceId, uri, keepaliveInterval } = saved.device;
    this.#details = saved.device;
    this.#device = saved.device;
    this.perform((machine) => machine.resumeActive(base, deviceId, uri, keepaliveInterval, saved.connection === "reconnecting"));
  }

  /** The user has left, or the provider has ended their session. */
  signOut(how: "signOut" | "tokenEnded"): void {
    this.#device = null;
    this.perform((machine) => machine[how]());
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    return this.#requests.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives the line up while the page goes away. */
  leave(): void {
    if (this.#state === "running" && this.#lastToken !== null) this.#state = "leaving";
    this.perform((machine) => machine.deregister());
  }

  /** Another tab goes on with the line. */
  end(): void {
    this.perform((machine) => machine.stop());
    this.#state = "ended";
    clearTimeout(this.#timer);
    removeEventListener("online", this.#onNetwork);
    removeEventListener("offline", this.#onNetwork);
    unlistenToDocument("visibilitychange", this.#onTime);
  }

  // An event can be made up: the browser is asked.
  readonly #onNetwork = () => this.perform((machine) => (navigator.onLine ? machine.online() : machine.offline()));

  // A timer may be late by hours where the page rested.
  readonly #onTime = () => this.perform((machine) => machine.timeout());

  async #send(request: Send): Promise<void> {
    const { id } = request;
    const abort = new AbortController();
    this.#requests.set(id, abort);
    this.#context.sending();
    let reply: Reply = { status: 0, retryAfter: undefined, body: "" };
    try {
      reply = await this.#fetch(request, abort.signal);
    } catch {
      // No answer.
    }
    this.#requests.delete(id);
    if (!abort.signal.aborted) this.#receive(id, reply);
    if (this.#requests.size === 0) for (const done of this.#waiting.splice(0)) done();
  }

  #receive(id: number, { status, retryAfter, body }: Reply): void {
    const { errorCode, made, other }: Answer = readAnswer(body);
    if (made) this.#details = made;
    this.perform((machine) => {
      if (made) {
        const { deviceId, uri, keepaliveInterval, rehomingIntervalMin, rehomingIntervalMax } = made;
        machine.made(deviceId, uri, keepaliveInterval, rehomingIntervalMin ?? 0, rehomingIntervalMax ?? 0);
      } else if (other) machine.other(other.deviceId, other.uri, other.clientDeviceUri ?? "");
      machine.reply(id, status, retryAfter, errorCode);
    });
  }

  async #fetch(send: Send, signal: AbortSignal): Promise<Reply> {
    const { purpose, url } = send;
    const { method, headers, body } = requestOf(this.#context.registrant, send);
    if (purpose !== "ping") {
      // While the page goes away, there is no time for a promise.
      if (this.#state !== "leaving") this.#lastToken = await this.#context.token("current");
      headers["authorization"] = `Bearer ${this.#lastToken}`;
    }
    if (signal.aborted) throw new Error("aborted");
    const response = await fetch(url, {
      method,
      headers,
      body,
      signal,
      // The token goes nowhere else, and what ends a registration outlives the page.
      redirect: "error",
      cache: "no-store",
      credentials: "omit",
      keepalive: purpose === "deregister",
    });
    const text = await response.text();
    return { status: response.status, retryAfter: retryAfter(response.headers.get("retry-after"), LONGEST_PAUSE) ?? undefined, body: text };
  }

  async #renew(id: number): Promise<void> {
    const finish = await this.#renewed(id);
    if (!this.#context.hasEnded()) this.perform(finish);
  }

  /** Tries to get another token, and says what the machine is to learn of it. */
  async #renewed(id: number): Promise<(machine: Machine) => void> {
    const { token, isFinal } = this.#context;
    let failure: unknown;
    try {
      // Unless it has been renewed meanwhile.
      const another = (await token("current")) !== this.#lastToken || (await token("newer")) !== this.#lastToken;
      if (another) return (machine) => machine.tokenRenewed(id);
    } catch (error) {
      failure = error;
    }
    return isFinal(failure) ? (machine) => machine.renewalRefused(id) : (machine) => machine.renewalFailed(id);
  }
}

interface Reply {
  readonly status: number;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}
