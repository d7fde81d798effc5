/** The one record of a line that all tabs share: this tab's copy of it, and what stands in storage. */

import { follows, KEPT, type LineRecord, MOST, readRecord, uuid } from "./record.js";
import type { LineStorage } from "./storage.js";
import type { Device, EventRecord, Saved } from "./turn.js";
import type { LineStatus } from "./types.js";
import { requestLock } from "./web-lock.js";

/** What is to be remembered and emitted. */
export interface Change {
  readonly events: readonly EventRecord[];
  /** `undefined`: as before; `null`: nothing. */
  readonly saved: Saved | null | undefined;
  readonly status: LineStatus;
  readonly device: Device | null;
}

/** What stands in storage, beside what is known. */
export interface Found {
  /** `undefined`: nothing that is a record. */
  readonly record: LineRecord | undefined;
  readonly verdict:
    | "next" // It can have come after what is known.
    | "same" // It has the revision that is known.
    | "strange";
  /** Whether it is, to the letter, what this tab has written as the holder. */
  readonly writer: "self" | "other";
}

const FIRST_RECORD_PATIENCE = 3000;

export class SharedRecord {
  /** What this tab has put into storage as the holder. */
  #written: string | undefined;

  private constructor(
    readonly storage: LineStorage,
    readonly key: string,
    /** What this tab believes. */
    public known: LineRecord,
  ) {}

  /** Reads the record, or makes the first one. Where there are locks, two tabs do not both make one. */
  static async open(storage: LineStorage, key: string, locks: LockManager | undefined): Promise<SharedRecord> {
    const make = () => readRecord(storage.getItem(key)) ?? first(storage, key);
    const record = locks ? await requestLock(locks, `${key}.id`, { patience: FIRST_RECORD_PATIENCE }, make).catch(make) : make();
    return new SharedRecord(storage, key, record);
  }

  /** Only the holder writes. @param above a revision that others may have believed */
  write(change: Partial<LineRecord>, above = 0): void {
    const last = Math.max(this.known.revision, above);
    this.known = { ...this.known, ...change, revision: last < MOST ? last + 1 : 1 };
    this.#written = JSON.stringify(this.known);
    this.storage.setItem(this.key, this.#written);
  }

  /** Writes what has changed, in the session of this epoch. */
  writeChange({ events, saved, status, device }: Change, epoch: number): void {
    const sequence = this.known.sequence + events.length;
    this.write({
      epoch,
      sequence: sequence > MOST ? 0 : sequence,
      status,
      device,
      events: lastOf<EventRecord>(this.known.events, events),
      ...(saved === undefined ? {} : { saved }),
    });
  }

  /** Writes that the holder has received a question. */
  acknowledge(id: string): void {
    this.write({ acknowledged: lastOf(this.known.acknowledged, [id]) });
  }

  /** This tab begins to hold the line: what stands in storage is another one's. */
  startHolding(): void {
    this.#written = undefined;
  }

  look(): Found {
    const text = this.storage.getItem(this.key);
    const record = readRecord(text);
    const same = record?.revision === this.known.revision;
    return {
      record,
      verdict: record && follows(record, this.known) ? "next" : same ? "same" : "strange",
      writer: text === this.#written ? "self" : "other",
    };
  }
}

const lastOf = <T>(known: readonly T[], more: readonly T[]): readonly T[] => [...known, ...more].slice(-KEPT);

function first(storage: LineStorage, key: string): LineRecord {
  const record: LineRecord = {
    v: 2,
    lineId: uuid(),
    epoch: 0,
    revision: 0,
    sequence: 0,
    status: "IDLE",
    device: null,
    saved: null,
    events: [],
    acknowledged: [],
  };
  storage.setItem(key, JSON.stringify(record));
  return record;
}
