import { LONGEST_WAIT } from "../shared/limits.js";
import type { Identity } from "../shared/types.js";

export type OnSignInRequest = () => Identity | null | Promise<Identity | null>;

/** The widget's questions for a user. One at a time is put to the application, as there is one person in front of the page; what is asked meanwhile shares its answer. */
export class SignInRequests {
  readonly #onRequest: OnSignInRequest;
  readonly #setIdentity: (identity: Identity) => Promise<void>;
  #current: Promise<boolean> | undefined;
  #cancel: (() => void) | undefined;

  constructor(onRequest: OnSignInRequest, setIdentity: (identity: Identity) => Promise<void>) {
    this.#onRequest = onRequest;
    this.#setIdentity = setIdentity;
  }

  /** Resolves with whether a user was named. */
  readonly ask = (): Promise<boolean> => {
    if (!this.#current) {
      const current = this.#begin().finally(() => {
        if (this.#current === current) this.#current = undefined;
      });
      this.#current = current;
    }
    return this.#current;
  };

  /** The document that asked is gone. */
  cancel(): void {
    this.#cancel?.();
    this.#current = undefined;
  }

  async #begin(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const noUser = new Promise<null>((resolve) => {
      this.#cancel = () => resolve(null);
      timer = setTimeout(this.#cancel, LONGEST_WAIT);
    });
    try {
      const user = await Promise.race([this.#onRequest(), noUser]);
      if (user) await this.#setIdentity(user);
      return !!user;
    } finally {
      clearTimeout(timer);
    }
  }
}
