/**
 * Where credentials outlive the tab, and where tabs agree who refreshes them. Loaded when it is needed.
 *
 * One IndexedDB record for each namespace. What is written is decided by the core, in the transaction that has read it; here is only how.
 * The credential lies in the same record, encrypted under a key that no script can read (`sealed`), or as it is (`dangerous-plaintext`).
 */

import type { CredentialPolicy, StoreLock, StoreTask } from "../../shared/words.js";
import type { Core } from "../core/core.js";
import { one, openDatabase, STORE } from "./database.js";
import { Damaged, type Sealed, type Sealer, sealer } from "./seal.js";
import { TabLock } from "./tab-lock.js";

interface StoredRecord extends Sealed {
  /** 1 if the record has a credential, else 0. The core writes and reads it. */
  readonly credential: number;
}

/** What a transaction came to. */
interface Outcome {
  /** What stands in the store now. */
  readonly record: StoredRecord | undefined;
  /** Whether this transaction has written it. */
  readonly written: boolean;
}

/** A task that takes longer has failed, in milliseconds: as long as the core waits for one. The tasks behind it go on. */
const LONGEST_TASK = 10_000;

/** The same, once one has taken longer and until one is done: a database that hangs must not keep a refresh waiting for so long each time. What is under way goes on, so that one that is only slow answers a later task. */
const LONGEST_TASK_IN_DOUBT = 3000;

/** What a namespace's credential store stands on, if not this window's own databases and locks: see `storage-access/unpartitioned.ts`. */
export interface Place {
  readonly indexedDB: IDBFactory;
  readonly locks: LockManager;
  /** Whether what lies in this window's own credential store belongs there, if there is nothing yet; else it is only removed here. */
  readonly brings: boolean;
  /** Nothing is left here. */
  moved(): void;
}

/** By namespace. */
export const places = new Map<string, Place>();

export class CredentialStore {
  readonly #place: Place | undefined;
  readonly #tabLock: TabLock;
  readonly #sealer: Sealer;
  /** Only one that was opened is remembered: a failure may pass. */
  #database: Promise<IDBDatabase | null> | undefined;
  /** When the database was asked for. */
  #askedAt = 0;
  /** Ends what is under way when the database is closed by the browser. */
  #lost = new AbortController();
  #last: Promise<void> = Promise.resolve();
  #patience = LONGEST_TASK;

  /** @param onWorking is called when the database has done what it was asked for */
  constructor(
    private readonly core: Pick<Core, "storeFound" | "storeDone" | "storeFailed">,
    private readonly policy: CredentialPolicy,
    private readonly namespace: string,
    private readonly onWorking: () => void,
  ) {
    this.#place = places.get(namespace);
    this.#tabLock = new TabLock(this.#place ? this.#place.locks : (navigator.locks as LockManager | undefined), namespace);
    this.#sealer = sealer(policy === "dangerous-plaintext", namespace);
  }

  /** Does one task after the other. */
  perform(id: number, task: StoreTask, credential: unknown): void {
    this.#last = this.#last.then(() => within(this.#patience, this.#perform(id, task, credential), () => this.#giveUp(id)));
  }

  /** Gives the Web Lock back, if this tab holds it. */
  unlock(): void {
    this.#tabLock.release();
  }

  /** Resolves when the database is closed and the lock given back. */
  async close(): Promise<void> {
    this.#tabLock.release();
    // Also the lock that is being asked for.
    await this.#last.then(() => this.#tabLock.release());
    (await this.#database?.catch(() => null))?.close();
  }

  async #perform(id: number, task: StoreTask, credential: unknown): Promise<void> {
    try {
      const lock = task === "take" ? await this.#tabLock.take() : "unsupported";
      const db = this.policy === "memory" ? null : await this.#open();
      if (!db) {
        this.core.storeFound(id, lock, null);
        return this.core.storeDone(id, undefined);
      }
      const sealed = credential ? await this.#sealer.seal(credential) : undefined;
      const { record, written } = await this.#transact(db, id, task, lock, sealed);
      this.#patience = LONGEST_TASK;
      if (task === "take" && !written) this.#tabLock.release();
      const isWanted = task === "look" || task === "take";
      const found = isWanted && record?.credential ? await this.#sealer.unseal(record) : undefined;
      this.onWorking();
      this.core.storeDone(id, found);
    } catch (error) {
      this.core.storeFailed(id, error instanceof Damaged ? "damaged" : "unavailable");
    } finally {
      if (task === "release" || task === "keep") this.#tabLock.release();
    }
  }

  #transact(db: IDBDatabase, id: number, task: StoreTask, lock: StoreLock, sealed: Sealed | undefined): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      // What a server has spent must not be lost with the power.
      const transaction = db.transaction(STORE, task === "look" ? "readonly" : "readwrite", {
        durability: task === "keep" ? "strict" : "default",
      });
      const store = transaction.objectStore(STORE);
      const reading = store.get(this.namespace) as IDBRequest<StoredRecord | undefined>;
      let outcome: Outcome = { record: undefined, written: false };
      reading.onsuccess = () => {
        const before = reading.result;
        outcome = { record: before, written: false };
        const decision = this.core.storeFound(id, lock, before);
        if (!decision) return;
        const record = {
          ...(decision.credential === "same" ? before : {}),
          ...(decision.record as StoredRecord),
          ...(decision.credential === "new" ? sealed : {}),
        };
        outcome = { record, written: true };
        if (before === undefined) store.add(record, this.namespace);
        else store.put(record, this.namespace);
      };
      transaction.oncomplete = () => resolve(outcome);
      transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
      this.#lost.signal.addEventListener("abort", () => reject(new Error("the browser closed the database")), { once: true });
    });
  }

  /** A task has taken too long. Whatever it still does is of no use: the core does not know it any more. */
  #giveUp(id: number): void {
    this.#patience = LONGEST_TASK_IN_DOUBT;
    this.core.storeFailed(id, "unavailable");
    if (performance.now() - this.#askedAt < LONGEST_TASK - LONGEST_TASK_IN_DOUBT) return;
    this.#database?.then(
      (db) => db?.close(),
      () => {},
    );
    this.#forget();
  }

  #open(): Promise<IDBDatabase | null> {
    if (!this.#database) this.#askedAt = performance.now();
    const opening = this.#database ?? this.#openHere();
    this.#database = opening;
    opening.catch(() => {
      if (this.#database === opening) this.#database = undefined;
    });
    return opening;
  }

  async #openHere(): Promise<IDBDatabase | null> {
    const place = this.#place;
    const db = await openDatabase(place ? place.indexedDB : indexedDB, () => this.#forget());
    if (place && db) await moveIn(db, this.namespace, place);
    return db;
  }

  #forget(): void {
    this.#database = undefined;
    this.#lost.abort();
    this.#lost = new AbortController();
  }
}

/** Waits so long at most. */
const within = (millis: number, task: Promise<void>, late: () => void) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      late();
      resolve();
    }, millis);
    void task.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Brings the record of this window's own credential store. What cannot be brought stays where it is. */
async function moveIn(db: IDBDatabase, namespace: string, { brings, moved }: Place): Promise<void> {
  const own = await openDatabase(indexedDB, () => {}).catch(() => null);
  try {
    const record = own && (await one(own, "readonly", (store) => store.get(namespace)));
    if (record && brings && !(await one(db, "readonly", (store) => store.getKey(namespace))))
      await one(db, "readwrite", (store) => store.add(record, namespace));
    if (record) await one(own, "readwrite", (store) => store.delete(namespace));
    moved();
  } catch {
    // Full, or another tab was faster.
  } finally {
    own?.close();
  }
}
