/** The line as an application has it: its properties, its listeners, and what hosts receive of it. */
import { safely } from "../shared/safely.js";
import type { Bridge } from "../widget/index.js";
import type { SharedRecord } from "./shared-record.js";
import type { TabState, Wish } from "./tab-state.js";
import type { EventRecord } from "./turn.js";
import {
  type CallingError,
  LINE_MESSAGE,
  type Line,
  type LineEvents,
  type LineFailure,
  type LineNews,
  type LineOptions,
  type LineProperties,
  type LineStatus,
} from "./types.js";

export interface PublicLineContext {
  readonly bridge: Bridge;
  readonly record: SharedRecord;
  /** What no registration says. */
  readonly options: LineOptions;
  want(wish: Wish): void;
  setCall(call: TabState["call"]): void;
}

/** In the form of the vendor's guide. */
function callingError(failure: LineFailure | null | undefined): CallingError | null {
  if (!failure) return null;
  const { status, type, msg, ...details } = failure;
  // Without a prototype, so that no `get` of the page makes it another descriptor.
  return Object.defineProperty({ status, type, msg }, "details", { __proto__: null, value: details } as PropertyDescriptor) as CallingError;
}

type Listener = (value: never) => unknown;

export class PublicLine {
  readonly line: Line;
  readonly #context: PublicLineContext;
  readonly #listeners = new Map<keyof LineEvents, Set<Listener>>();
  /** While an event is emitted: how far the line was then. */
  #emitting: LineStatus | null = null;

  constructor(context: PublicLineContext) {
    this.#context = context;
    this.line = this.#makeLine();
  }

  /** Notifies the listeners of this tab and its host. */
  emit(record: EventRecord): void {
    const { bridge } = this.#context;
    this.#emitting = record.status;
    const value = this.#valueOf(record);
    const listeners = [...(this.#listeners.get(record.event) ?? [])];
    // A host that is not there now is notified when it comes.
    if (bridge.connection === "connected") safely(() => this.#post(record));
    for (const listener of listeners) safely(() => listener(value as never));
    this.#emitting = null;
  }

  /** Says to the host what there is, also to one that is loaded anew. */
  introduce(): void {
    this.#post({});
  }

  #post(record: Partial<EventRecord>): void {
    const { event = null, reason = null, missed = null, nextAttemptAt = null } = record;
    // Its details are not enumerable, so that they are not posted with it.
    const error = callingError(record.error);
    const news: LineNews = {
      event,
      line: this.#properties(),
      status: this.#status(),
      reason,
      missed,
      nextAttemptAt,
      error,
      details: error?.details ?? null,
    };
    this.#context.bridge.send(LINE_MESSAGE, news);
  }

  /** What the listeners of this event are called with. */
  #valueOf({ event, error: failure, reason, missed, nextAttemptAt }: EventRecord): unknown {
    const error = callingError(failure);
    switch (event) {
      case "registered":
        return this.line;
      case "error":
        return error;
      case "reconnecting":
        return { missed, nextAttemptAt, error };
      case "unregistered":
        return reason ? { reason } : undefined;
      default:
        return undefined;
    }
  }

  #status(): LineStatus {
    return this.#emitting ?? this.#context.record.known.status;
  }

  #properties(): LineProperties {
    const { phoneNumber, extension, voicemail, voicePortalNumber, voicePortalExtension } = this.#context.options;
    const { lineId, device } = this.#context.record.known;
    return {
      lineId,
      mobiusDeviceId: device?.deviceId,
      phoneNumber,
      extension,
      status: this.#status() === "active" ? "active" : "inactive",
      sipAddresses: [...(device?.addresses ?? [])],
      voicemail,
      lastSeen: device?.lastSeen ?? undefined,
      keepaliveInterval: device?.keepaliveInterval,
      callKeepaliveInterval: device?.callKeepaliveInterval ?? undefined,
      rehomingIntervalMin: device?.rehomingIntervalMin ?? undefined,
      rehomingIntervalMax: device?.rehomingIntervalMax ?? undefined,
      voicePortalNumber: device?.voicePortalNumber ?? voicePortalNumber,
      voicePortalExtension: device?.voicePortalExtension ?? voicePortalExtension,
    } as LineProperties;
  }

  #makeLine(): Line {
    const { want, setCall } = this.#context;
    const line = {
      getStatus: () => this.#status(),
      register: () => want("register"),
      deregister: () => want("deregister"),
      takeOver: () => want("takeOver"),
      setInCall: (inCall: boolean) => setCall(inCall ? "in-call" : "none"),
      on: (event: keyof LineEvents, listener: Listener) => {
        const listeners = this.#listeners.get(event) ?? new Set();
        this.#listeners.set(event, listeners.add(listener));
      },
      off: (event: keyof LineEvents, listener: Listener) => {
        this.#listeners.get(event)?.delete(listener);
      },
    } as unknown as Line;
    for (const name of Object.keys(this.#properties()) as (keyof LineProperties)[])
      Object.defineProperty(line, name, { enumerable: true, get: () => this.#properties()[name] });
    return line;
  }
}
