/**
 * What all tabs know of a line, as it lies in localStorage. Any script of this origin can write there, and so can an older version of this one: what is
 * found is read field by field, with limits, and a record that breaks one of them is none.
 */
import { hex } from "../shared/random.js";
import { count, field, optional, type Rule, shape, text, when } from "../shared/read.js";
import type { Device, EventRecord, Saved } from "./turn.js";
import type { LineFailure, LineStatus } from "./types.js";

/** What all tabs know. */
export interface LineRecord {
  readonly v: 2;
  readonly lineId: string;
  /** Of the session that it belongs to. */
  readonly epoch: number;
  /** How often it was written. */
  readonly revision: number;
  /** How many events there were. */
  readonly sequence: number;
  readonly status: LineStatus;
  readonly device: Device | null;
  /** What the next holder needs. */
  readonly saved: Saved | null;
  /** The last events; the last one is number `sequence`. */
  readonly events: readonly EventRecord[];
  /** The ids of the last questions that the holder has received. */
  readonly acknowledged: readonly string[];
}

/** As many events as a tab can miss, and as many questions. */
export const KEPT = 8;
/** The greatest revision and sequence: at one write each millisecond it takes 34 years to get there. The one after it is 1. */
export const MOST = 2 ** 40;
/** A tab that has missed more writes than this asks whether they were the holder's. */
const STEP = 1_000_000;
/** Of the whole record, in UTF-16 code units. An honest one has less than a tenth. */
const LONGEST = 1_048_576;
const LONGEST_TEXT = 1024;

const line = text(LONGEST_TEXT);
const flag: Rule<boolean> = (value) => when(typeof value === "boolean", value);
const finite: Rule<number> = (value) => when(Number.isFinite(value), value);
/** A whole number from 0 to this. */
export const upTo =
  (most: number): Rule<number> =>
  (value) =>
    when(count(value) !== undefined && (value as number) <= most, value);
const oneOf =
  <T extends string | number>(...all: readonly T[]): Rule<T> =>
  (value) =>
    when(all.includes(value as T), value);
const list =
  <T>(most: number, rule: Rule<T>): Rule<readonly T[]> =>
  (value) => {
    if (!Array.isArray(value) || value.length > most) return undefined;
    const copy = value.map(rule);
    return when(!copy.includes(undefined), Object.freeze(copy));
  };

const status = oneOf<LineStatus>("IDLE", "active", "inactive");
const inactive = oneOf("inactive" as const);
/** As `Device` of `src/webex/registrar.rs`. The id becomes part of an address to which a token goes. */
const device = shape<Device>({
  base: line,
  deviceId: text(LONGEST_TEXT, /^(?!\.+$)[\w.~-]+$/),
  uri: line,
  addresses: list(32, line),
  lastSeen: optional(line),
  keepaliveInterval: finite,
  callKeepaliveInterval: optional(finite),
  rehomingIntervalMin: optional(finite),
  rehomingIntervalMax: optional(finite),
  voicePortalNumber: optional(finite),
  voicePortalExtension: optional(finite),
});
/** As `Saved` of `src/webex/line/saved.rs`. */
const active = shape({ state: oneOf("active"), device, connection: oneOf("connected", "reconnecting") });
const retrying = shape({ state: oneOf("retrying"), since: optional(count), tries: upTo(0xffff_ffff), round: upTo(2), until: count });
const failure = shape<LineFailure>({
  status: inactive,
  type: oneOf("registrationError", "tokenError"),
  msg: line,
  code: upTo(0xffff),
  errorCode: optional(upTo(0xffff)),
  fatal: flag,
  cause: oneOf("registrar", "registrar-unknown", "token", "unacknowledged"),
  sdk: shape({ type: text(64), message: line, status: inactive }),
});
const event = shape<EventRecord>({
  event: oneOf("connecting", "registered", "unregistered", "reconnecting", "reconnected", "error"),
  status,
  reason: optional(oneOf("superseded", "signed-out")),
  missed: optional(count),
  nextAttemptAt: optional(count),
  error: optional(failure),
});
const record = shape<LineRecord>({
  v: oneOf(2),
  lineId: text(36, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
  epoch: count,
  revision: upTo(MOST),
  sequence: upTo(MOST),
  status,
  device: optional(device),
  saved: optional((value) => (field(value, "state") === "active" ? active(value) : retrying(value))),
  events: list(KEPT, event),
  acknowledged: (value) => (value === undefined ? [] : list(KEPT, text(64))(value)),
});

/** The record, or `undefined` if that is none. */
export function readRecord(found: string | null): LineRecord | undefined {
  if (found === null || found.length > LONGEST) return undefined;
  try {
    return record(JSON.parse(found));
  } catch {
    return undefined;
  }
}

const ahead = (next: number, known: number) => next >= known && next - known <= STEP;

/** Whether this can have come after what is known, by the holder's own hand. */
export const follows = (next: LineRecord, known: LineRecord) =>
  next.revision !== known.revision && ahead(next.revision, known.revision) && ahead(next.sequence, known.sequence);

/** A UUID of RFC 9562, version 4. `crypto.randomUUID` is younger than the browsers that we support. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
