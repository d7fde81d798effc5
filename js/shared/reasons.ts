/** Reasons by their kind. Each is named in full, so that the compiler notices when one is renamed. */
import type { Reason } from "./types.js";

const LOCAL: readonly Reason[] = ["acquire-failed", "acquire-timeout", "account-mismatch"];

/** Only this tab is without a user: other tabs may have one. */
export const isLocal = (reason: Reason): boolean => LOCAL.includes(reason);

/** This tab asked its `acquire`, which gave no user. */
export const isAcquireFailure = (reason: Reason): boolean => reason === "acquire-failed" || reason === "acquire-timeout";
