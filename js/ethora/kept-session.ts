/**
 * What a session has besides its refresh token, as one text. The bridge keeps that text where it keeps access tokens, sealed or in memory, and destroys it with them in every tab; so what a chat logs in
 * with lies nowhere else, and no longer than the session that it came with.
 */
import { isObject } from "../shared/input-check.js";
import { type EthoraUser, readUser, withoutNames, withoutProfile } from "./user.js";

export interface KeptSession {
  /** The API's access token, as it goes into a header. */
  readonly token: string;
  readonly user: EthoraUser | null;
  /** When the session was traded for a client token, in milliseconds since 1970 by the server's clock if that is known; `null`: not known. */
  readonly since: number | null;
  /** By how many milliseconds the server's clock was ahead of this browser's; `null`: not known. After a reload nothing else says it before the first reply. */
  readonly ahead: number | null;
}

/** What the bridge takes as an access token. */
const LONGEST = 16_384;
/** The longest access token of the API that leaves room for a user. */
export const LONGEST_TOKEN = 8000;

/** A profile that is too long (a picture in it, say) is left out, but for what a chat client needs; names that are too long, too, before what a login needs. */
export function pack({ token, user, since, ahead }: KeptSession): string {
  const written = (user: EthoraUser | null) => JSON.stringify({ token, user, since, ahead });
  const forms = user ? [user, withoutProfile(user), withoutNames(user)].map(written) : [];
  return forms.find((text) => text.length <= LONGEST) ?? written(null);
}

/** What is no packed session is an access token alone: the application has signed that user in by itself. */
export function unpack(text: string): KeptSession {
  try {
    const said = JSON.parse(text) as { token?: unknown; user?: unknown; since?: unknown; ahead?: unknown };
    if (isObject(said) && typeof said.token === "string") {
      return { token: said.token, user: readUser(said.user), since: number(said.since), ahead: number(said.ahead) };
    }
  } catch {
    // No JSON, then.
  }
  return { token: text, user: null, since: null, ahead: null };
}

const number = (value: unknown): number | null => (Number.isFinite(value) ? (value as number) : null);
