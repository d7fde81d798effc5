/**
 * Where credentials outlive the tab, and where tabs agree who refreshes them. Loaded when it is needed.
 *
 * One IndexedDB record for each namespace. What is written is decided by the core, in the transaction that has read it; here is only how.
 * The credential lies in the same record, encrypted under a key that no script can read (`sealed`), or as it is (`dangerous-plaintext`).
 */

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

interface Sealed {
  readonly key?: CryptoKey;
  readonly iv?: Uint8Array<ArrayBuffer>;
  readonly data?: ArrayBuffer;
  readonly plain?: unknown;
  readonly padding?: Uint8Array;
}

interface StoredRecord extends Sealed {
  readonly credential: number;
}

// As the core's enums count them: `src/session/credentials/store.rs`, `src/bindings/mod.rs`.
const [LOOK, TAKE, RELEASE, KEEP] = [0, 1, 3, 4];
const [HELD, ELSEWHERE, UNSUPPORTED] = [0, 1, 2];
const [FINE, UNAVAILABLE, DAMAGED] = [0, 1, 2];
const [SAME, NEW] = [1, 2];

const STORE = "vault";

/**
 * Chromium appends what it stores to a log, where a deleted record, key and all, stands until some later compaction. A record of over 64 KiB gets a
 * file of its own, which is gone with the record. Random, so that no compression makes it small.
 */
const PADDING = 65_536;

/** A task that takes longer has failed, in milliseconds: as long as the core waits for one. The tasks behind it go on. */
const LONGEST_TASK = 10_000;

/** The same, once one has taken longer and until one is done: a database that hangs must not keep a refresh waiting for so long each time. What is under way goes on, so that one that is only slow answers a later task. */
const LONGEST_TASK_IN_DOUBT = 3000;

class Damaged extends Error {}

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
  const locks = place ? place.locks : (navigator.locks as LockManager | undefined);
  const bound = new TextEncoder().encode(`${origin} ${namespace}`);
  // Only one that was opened is remembered: a failure may pass.
  let database: Promise<IDBDatabase | null> | undefined;
  // Ends what is under way when the database is closed by the browser.
  let lost = new AbortController();
  let release: (() => void) | undefined;
  let last: Promise<void> = Promise.resolve();
  let patience = LONGEST_TASK;
  // Since when the database has been asked for.
  let asked = 0;

  const unlock = () => {
    release?.();
    release = undefined;
  };

  // Held until it is given back or the tab dies: so a free lock proves that its last holder is gone.
  const takeLock = () =>
    new Promise<number>((resolve) => {
      if (release) return resolve(HELD);
      if (!locks) return resolve(UNSUPPORTED);
      locks
        .request(`authframe ${namespace}`, { ifAvailable: true }, (lock) => {
          resolve(lock ? HELD : ELSEWHERE);
          if (!lock) return undefined;
          return new Promise<void>((done) => {
            release = done;
          });
        })
        .catch(() => resolve(UNSUPPORTED));
    });

  const seal = async (credential: unknown): Promise<Sealed> => {
    const padding = crypto.getRandomValues(new Uint8Array(PADDING));
    if (policy === "dangerous-plaintext") return { plain: credential, padding };
    // A new key for every version: the one before is gone with its record.
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(credential));
    return { key, iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound }, key, text), padding };
  };

  const unseal = async ({ key, iv, data, plain }: Sealed): Promise<unknown> => {
    if (policy === "dangerous-plaintext" && plain) return plain;
    try {
      if (!key || !iv || !data) throw new Damaged();
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bound }, key, data);
      return JSON.parse(new TextDecoder().decode(text)) as unknown;
    } catch (cause) {
      throw new Damaged("", { cause });
    }
  };

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
      const lock = task === TAKE ? await takeLock() : UNSUPPORTED;
      const db = policy === "memory" ? null : await opened();
      if (!db) {
        judge.found(id, lock, null);
        return judge.done(id, undefined, FINE, false);
      }
      const { record, written } = await transact(db, id, task, lock, credential ? await seal(credential) : undefined);
      patience = LONGEST_TASK;
      if (task === TAKE && !written) unlock();
      const wanted = task === LOOK || task === TAKE;
      judge.done(id, wanted && record?.credential ? await unseal(record) : undefined, FINE, true);
    } catch (error) {
      judge.done(id, undefined, error instanceof Damaged ? DAMAGED : UNAVAILABLE, false);
    } finally {
      if (task === RELEASE || task === KEEP) unlock();
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
    unlock,
    async close() {
      unlock();
      // Also the lock that is being asked for.
      await last.then(unlock);
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

/** One request and its transaction. */
const one = <T>(db: IDBDatabase, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    const transaction = db.transaction(STORE, mode);
    const request = ask(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });

/**
 * `null` where there is none: a frame without an origin, a browser that keeps nothing here. Rejects if it failed this time: then it may work the next time.
 * A database that a later version of authframe has made is taken as it is: what it holds has to be destroyed at a sign-out all the same.
 */
function openDatabase(databases: IDBFactory | undefined, onLost: () => void): Promise<IDBDatabase | null> {
  return new Promise((resolve, reject) => {
    const open = (version?: number) => {
      let opening: IDBOpenDBRequest;
      try {
        if (!databases) return resolve(null);
        opening = databases.open("authframe", version);
      } catch (error) {
        // Denied, and not for now only.
        return (error as Error | null)?.name === "SecurityError" ? resolve(null) : reject(error);
      }
      opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
      opening.onerror = () => {
        if (version !== undefined && opening.error?.name === "VersionError") open();
        else reject(opening.error ?? new Error("the database could not be opened"));
      };
      opening.onsuccess = () => {
        const db = opening.result;
        db.onclose = onLost;
        // Another tab or the user deletes it: that must not wait for us.
        db.onversionchange = () => {
          db.close();
          onLost();
        };
        if (db.objectStoreNames.contains(STORE)) return resolve(db);
        db.close();
        reject(new Error("the database of a later version has no place for credentials"));
      };
    };
    open(1);
  });
}
