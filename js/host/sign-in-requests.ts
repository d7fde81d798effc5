import { LONGEST_WAIT } from "../shared/limits.js";
import type { Identity } from "../shared/types.js";

export type OnSignInRequest = () => Identity | null | Promise<Identity | null>;

export interface SignInRequests {
  /** Resolves with whether a user was named. */
  ask(): Promise<boolean>;
  /** The document that asked is gone. */
  cancel(): void;
}

/** The widget's questions for a user. One at a time is put to the application, as there is one person in front of the page; what is asked meanwhile shares its answer. */
export const signInRequests = (onRequest: OnSignInRequest, setIdentity: (user: Identity) => Promise<void>): SignInRequests => {
  let current: Promise<boolean> | undefined;
  let cancelCurrent: (() => void) | undefined;

  const begin = async () => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const noUser = new Promise<null>((resolve) => {
      cancelCurrent = () => resolve(null);
      timer = setTimeout(cancelCurrent, LONGEST_WAIT);
    });
    try {
      const user = await Promise.race([onRequest(), noUser]);
      if (user) await setIdentity(user);
      return !!user;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    ask() {
      if (current) return current;
      const own = begin().finally(() => {
        if (current === own) current = undefined;
      });
      current = own;
      return own;
    },
    cancel() {
      cancelCurrent?.();
      current = undefined;
    },
  };
};
