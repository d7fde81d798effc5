/** The credential store, which is loaded when the core first asks for it. */
import type { CredentialPolicy, StoreTask } from "../../shared/words.js";
import type { Core } from "../core/core.js";
import type { CredentialStore } from "./store.js";

export class LazyStore {
  #store: Promise<CredentialStore> | undefined;

  /** @param onWorking is called when the database has done what it was asked for */
  constructor(
    private readonly core: Core,
    private readonly policy: CredentialPolicy,
    private readonly namespace: string,
    private readonly onWorking: () => void,
  ) {}

  /** Does one task after the other. */
  perform(id: number, task: StoreTask, credential: unknown): void {
    this.#store ??= import("./store.js").then(
      ({ CredentialStore }) => new CredentialStore(this.core, this.policy, this.namespace, this.onWorking),
    );
    this.#store.then(
      (store) => store.perform(id, task, credential),
      () => {
        // The next task tries to load it again.
        this.#store = undefined;
        this.core.storeFailed(id, "unavailable");
      },
    );
  }

  /** Gives the Web Lock back, if this tab holds it. */
  unlock(): void {
    this.#store?.then(
      (store) => store.unlock(),
      () => {},
    );
  }

  /** Resolves when the database is closed and the lock given back; `undefined` if there is neither. */
  close(): Promise<void> | undefined {
    return this.#store?.then((store) => store.close());
  }
}
