/** What the options of a call and the default of `connect` make together. */
import type { SignInOptions } from "../types.js";

/** A call that says how the user signs in takes nothing of the default's way: what belongs to one way would make something of the other's result. */
export function withDefault(own: SignInOptions | undefined, byDefault: SignInOptions = {}): SignInOptions {
  if (own?.url === undefined && own?.oauth === undefined) return { ...byDefault, ...own };
  const { url, oauth, from, exchange, poll, ...rest } = byDefault;
  return { ...rest, ...own };
}
