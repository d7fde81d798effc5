/** The user of a session, as the API names them when it begins: what a chat client logs in with. */
import { isObject } from "../shared/input-check.js";

/**
 * What the API said of the user with the session, all of it; these fields are what a chat client needs. It holds a secret, as an access token is one: keep it in no storage and no log.
 */
export interface EthoraUser {
  /** The local part of the user's XMPP address. Made of the wallet's address, as the vendor's component makes it, where the API names none; `null` if it names neither. */
  readonly xmppUsername: string | null;
  /** A secret. `null` if the API gave none. */
  readonly xmppPassword: string | null;
  readonly _id?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly defaultWallet?: { readonly walletAddress?: string } | null;
  readonly [field: string]: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | null => (typeof value === "string" && value ? value : null);

/** A copy of what the API said of the user; `null` if it said nothing of them. */
export function readUser(said: unknown): EthoraUser | null {
  if (!isObject(said) || Array.isArray(said)) return null;
  // Of the session, whose newest are kept beside.
  const { token: _token, refreshToken: _refreshToken, ...fields } = said as Fields;
  const wallet = isObject(fields["defaultWallet"]) ? text((fields["defaultWallet"] as Fields)["walletAddress"]) : null;
  return {
    ...fields,
    xmppUsername: text(fields["xmppUsername"]) ?? (wallet && usernameOf(wallet)),
    xmppPassword: text(fields["xmppPassword"]),
  };
}

/** What is known of a user after the API has said something anew; what it has left out stays. */
export function updateUser(before: EthoraUser | null, said: EthoraUser | null): EthoraUser | null {
  if (!before || !said) return said ?? before;
  const { xmppUsername, xmppPassword, ...fields } = said;
  return {
    ...before,
    ...fields,
    xmppUsername: xmppUsername ?? before.xmppUsername,
    xmppPassword: xmppPassword ?? before.xmppPassword,
  };
}

/** What a login needs, and the id. */
export const withoutNames = ({ xmppUsername, xmppPassword, _id }: EthoraUser): EthoraUser => ({
  xmppUsername,
  xmppPassword,
  ...(_id === undefined ? {} : { _id }),
});

/** The same with the user's names. */
export const withoutProfile = ({ firstName, lastName, ...user }: EthoraUser): EthoraUser => ({
  ...withoutNames(user),
  ...(firstName === undefined ? {} : { firstName }),
  ...(lastName === undefined ? {} : { lastName }),
});

/** As the vendor's server makes user names of addresses: in lower case, with `_` before what was a capital. */
const usernameOf = (wallet: string): string => wallet.replace(/[A-Z]/g, "_$&").toLowerCase();
