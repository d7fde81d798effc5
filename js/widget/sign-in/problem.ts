/** What is wrong with the options of `signIn`, in words. */
import { safeAddress } from "../../shared/address.js";
import { durationProblem } from "../../shared/duration-problem.js";
import { shown } from "../../shared/shown.js";
import type { SignInOptions } from "../types.js";

/** How long a sign-in may take at most, in milliseconds. */
export const LONGEST_TIMEOUT = 3_600_000;

/** What is wrong with them; `undefined` if nothing is. */
export function signInProblem({ url, oauth, from, exchange, timeoutMs }: SignInOptions): string | undefined {
  if (!oauth && url === undefined)
    return "signIn has neither url nor oauth: give one of them, here or as the option signIn of connect() (in Rust: SignIn::page or SignIn::oauth, or Options::sign_in)";
  return (
    (oauth ? addressProblem("oauth.authorizationEndpoint", oauth.authorizationEndpoint) : addressProblem("url", url)) ??
    (oauth ? oauthProblem(oauth, exchange) : undefined) ??
    (from === undefined ? undefined : addressProblem("from", from)) ??
    (timeoutMs === undefined ? undefined : durationProblem("timeoutMs", timeoutMs, LONGEST_TIMEOUT))
  );
}

function oauthProblem({ clientId, redirectUri }: NonNullable<SignInOptions["oauth"]>, exchange: SignInOptions["exchange"]) {
  if (!clientId) return `oauth.clientId is ${shown(clientId)}: give the name by which your sign-in server knows this widget`;
  const problem = addressProblem("oauth.redirectUri", redirectUri);
  if (problem !== undefined) return problem;
  return exchange ? undefined : "oauth needs exchange, a function that makes a grant of the code";
}

function addressProblem(name: string, given: unknown): string | undefined {
  if (safeAddress(given as string)) return undefined;
  const address = given instanceof URL ? given.href : given;
  let parsed: URL;
  try {
    parsed = new URL(address as string);
  } catch {
    const whole = 'give a whole address, such as "https://login.example/authorize"';
    return `${name} is ${shown(address)}: ${whole}${typeof address === "string" && address ? ", not a relative one" : ""}`;
  }
  // What it is may be a secret.
  if (parsed.username || parsed.password) return `${name} has a user name or a password in it: leave that out`;
  return `${name} is ${shown(address)}: only https is safe, or http on this very machine (localhost)`;
}
