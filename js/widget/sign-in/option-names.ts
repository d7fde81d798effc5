/** What `signIn` takes. */
import type { SignInOptions } from "../types.js";

export const SIGN_IN_OPTIONS = [
  "url",
  "oauth",
  "from",
  "exchange",
  "poll",
  "timeoutMs",
  "signal",
  "width",
  "height",
] as const satisfies readonly (keyof SignInOptions)[];
