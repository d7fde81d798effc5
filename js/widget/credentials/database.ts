/** The database of a namespace's credentials: one for the origin, with one store. */

/** Its name is from before the first release, and stays: what stands there has to be found again. */
export const STORE = "vault";

/** One request and its transaction. */
export const one = <T>(db: IDBDatabase, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>) =>
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
export function openDatabase(databases: IDBFactory | undefined, onLost: () => void): Promise<IDBDatabase | null> {
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
