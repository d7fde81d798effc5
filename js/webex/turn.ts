/** What one call of a line's machine comes to: `src/webex/bindings.rs` calls its methods. None of them may throw or call the machine. */
import { ofRegistrar } from "./failures.js";
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

/** What the registrar says of a device, beside what the machine goes by. */
export interface DeviceDetails {
  readonly addresses?: readonly string[];
  readonly lastSeen?: string | null;
  readonly callKeepaliveInterval?: number | null;
  readonly rehomingIntervalMin?: number | null;
  readonly rehomingIntervalMax?: number | null;
  readonly voicePortalNumber?: number | null;
  readonly voicePortalExtension?: number | null;
}

/** A device of this line's. */
export interface Device extends DeviceDetails {
  readonly base: string;
  readonly deviceId: string;
  readonly uri: string;
  readonly keepaliveInterval: number;
}

/** What the next tab needs to go on with a line; of a registered one, beside its device. */
export type Saved =
  | { readonly state: "active"; readonly device: Device; readonly connection: "connected" | "reconnecting" }
  | { readonly state: "retrying"; readonly since: number | null; readonly tries: number; readonly round: number; readonly until: number };

/** A request to the registrar. */
export interface Send {
  readonly do: "send";
  readonly id: number;
  readonly purpose: "register" | "keepalive" | "deregister" | "ping";
  readonly url: string;
  /** Of another device than our own, for which the request is. */
  readonly deviceUrl: string | undefined;
}

/** What is to be done, in this order. */
export type Action = Send | { readonly do: "abort" | "renew"; readonly id: number };

export class Turn {
  readonly events: EventRecord[] = [];
  readonly actions: Action[] = [];
  /** `undefined`: as before; `null`: nothing. */
  saved: Saved | null | undefined;
  status: LineStatus = "IDLE";
  /** Milliseconds. */
  timeoutIn: number | undefined;
  readonly #details: DeviceDetails;
  #failure: LineFailure | null = null;

  /** @param details of the device that the machine may mean */
  constructor(details: DeviceDetails) {
    this.#details = details;
  }

  send(id: number, purpose: string, url: string, deviceUrl?: string): void {
    this.actions.push({ do: "send", id, purpose: purpose as Send["purpose"], url, deviceUrl });
  }

  abort(id: number): void {
    this.actions.push({ do: "abort", id });
  }

  renew(id: number): void {
    this.actions.push({ do: "renew", id });
  }

  saveActive(base: string, deviceId: string, uri: string, keepaliveInterval: number, connection: string): void {
    const device = { ...this.#details, base, deviceId, uri, keepaliveInterval };
    this.saved = { state: "active", device, connection: connection as "connected" };
  }

  saveRetrying(since: number | undefined, tries: number, round: number, until: number): void {
    this.saved = { state: "retrying", since: since ?? null, tries, round, until };
  }

  forget(): void {
    this.saved = null;
  }

  /** Of the event after it. */
  failure(
    type: string,
    msg: string,
    code: number,
    errorCode: number | undefined,
    fatal: boolean,
    sdkType: string,
    sdkMessage: string,
  ): void {
    this.#failure = ofRegistrar([type, msg, sdkType, sdkMessage], code, errorCode ?? null, fatal);
  }

  event(event: string, status: string, reason?: string, missed?: number, nextAttemptAt?: number): void {
    const error = this.#failure;
    this.#failure = null;
    this.events.push({ event, status, reason, missed, nextAttemptAt, error } as EventRecord);
  }

  end(status: string, timeoutIn?: number): void {
    this.status = status as LineStatus;
    this.timeoutIn = timeoutIn;
  }
}
