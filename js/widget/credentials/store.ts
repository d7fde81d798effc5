/**
 * Where credentials outlive the tab, and where tabs agree who refreshes them. Loaded when it is needed.
 *
 * One IndexedDB record for each namespace. What is written is decided by the core, in the transaction that has read it; here is only how.
 * The credential lies in the same record, encrypted under a key that no script can read (`sealed`), or as it is (`dangerous-plaintext`).
 */

import { one, openDatabase, STORE } from "./database.js";
import { Damaged, type Sealed, sealer } from "./seal.js";
import { TabLock } from "./tab-lock.js";

/** What the core decides and is notified of. */
export interface Judge {
  /** Within the transaction: what stands there (`undefined`: nothing, `null`: there is no vault) → what is to stand there, or `undefined` to leave it. */
  found(id: number, lock: number, record: unknown): unknown;
  /** After it: the credential that stands there now. `there`: the database did what it was asked for. */
  done(id: number, credential: unknown, failure: number, there: boolean): void;
}

export interface Vault {
  /** Does one task after the other. */
  perform(id: number, task: number, credential: unknown): void;
  /** Gives the Web Lock back, if we hold it. */
  unlock(): void;
  /** Resolves when the database is closed and the lock given back. */
  close(): Promise<void>;
}

interface StoredRecord extends Sealed {
  readonly credential: number;
}

// As the core's enums count them: `src/session/credentials/store.rs`, `src/bindings/mod.rs`.
const [LOOK, TAKE, RELEASE, KEEP] = [0, 1, 3, 4];
const LOCKS = ["held", "elsewhere", "unsupported"];
const [FINE, UNAVAILABLE, DAMAGED] = [0, 1, 2];
const [SAME, NEW] = [1, 2];

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

export function openStore(policy: "memory" | "sealed" | "dangerous-plaintext", namespace: string, judge: Judge): Vault {
  const place = places.get(namespace);
  const tabLock = new TabLock(place ? place.locks : (navigator.locks as LockManager | undefined), namespace);
  const { seal, unseal } = sealer(policy === "dangerous-plaintext", namespace);
  // Only one that was opened is remembered: a failure may pass.
  let database: Promise<IDBDatabase | null> | undefined;
  // Ends what is under way when the database is closed by the browser.
  let lost = new AbortController();
  let last: Promise<void> = Promise.resolve();
  let patience = LONGEST_TASK;
  // Since when the database has been asked for.
  let asked = 0;

  const transact = (db: IDBDatabase, id: number, task: number, lock: number, sealed: Sealed | undefined) =>
    new Promise<{ record: StoredRecord | undefined; written: boolean }>((resolve, reject) => {
      // What a server has spent must not be lost with the power.
      const transaction = db.transaction(STORE, task === LOOK ? "readonly" : "readwrite", {
        durability: task === KEEP ? "strict" : "default",
      });
      const store = transaction.objectStore(STORE);
      const reading = store.get(namespace) as IDBRequest<StoredRecord | undefined>;
      let record: StoredRecord | undefined;
      let written = false;
      reading.onsuccess = () => {
        const before = reading.result;
        record = before;
        const next = judge.found(id, lock, before) as StoredRecord | undefined;
        if (!next) return;
        written = true;
        record = {
          ...(next.credential === SAME ? before : {}),
          ...next,
          ...(next.credential === NEW ? sealed : {}),
          credential: Math.min(next.credential, 1),
        };
        if (before === undefined) store.add(record, namespace);
        else store.put(record, namespace);
      };
      transaction.oncomplete = () => resolve({ record, written });
      transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
      lost.signal.addEventListener("abort", () => reject(new Error("the browser closed the database")), { once: true });
    });

  const forget = () => {
    database = undefined;
    lost.abort();
    lost = new AbortController();
  };

  const openHere = async () => {
    const db = await openDatabase(place ? place.indexedDB : indexedDB, forget);
    if (place && db) await moveIn(db, namespace, place);
    return db;
  };

  const opened = () => {
    if (!database) asked = performance.now();
    const opening = database ?? openHere();
    database = opening;
    opening.catch(() => {
      if (database === opening) database = undefined;
    });
    return opening;
  };

  const perform = async (id: number, task: number, credential: unknown) => {
    try {
      const lock = LOCKS.indexOf(task === TAKE ? await tabLock.take() : "unsupported");
      const db = policy === "memory" ? null : await opened();
      if (!db) {
        judge.found(id, lock, null);
        return judge.done(id, undefined, FINE, false);
      }
      const { record, written } = await transact(db, id, task, lock, credential ? await seal(credential) : undefined);
      patience = LONGEST_TASK;
      if (task === TAKE && !written) tabLock.release();
      const wanted = task === LOOK || task === TAKE;
      judge.done(id, wanted && record?.credential ? await unseal(record) : undefined, FINE, true);
    } catch (error) {
      judge.done(id, undefined, error instanceof Damaged ? DAMAGED : UNAVAILABLE, false);
    } finally {
      if (task === RELEASE || task === KEEP) tabLock.release();
    }
  };

  return {
    perform(id, task, credential) {
      last = last.then(() =>
        within(patience, perform(id, task, credential), () => {
          patience = LONGEST_TASK_IN_DOUBT;
          // Whatever it still does is of no use: the core does not know it any more.
          judge.done(id, undefined, UNAVAILABLE, false);
          if (performance.now() - asked < LONGEST_TASK - LONGEST_TASK_IN_DOUBT) return;
          void database?.then(
            (db) => db?.close(),
            () => {},
          );
          forget();
        }),
      );
    },
    unlock: () => tabLock.release(),
    async close() {
      tabLock.release();
      // Also the lock that is being asked for.
      await last.then(() => tabLock.release());
      (await database?.catch(() => null))?.close();
    },
  };
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
