/** Rooms of a chat, as the page names them to the widget. */
import { field } from "../shared/read.js";

/** A room: exactly one of the page's own number or text of it, and its address. */
export type Chat = { readonly uuid: number | string; readonly jid?: never } | { readonly jid: string; readonly uuid?: never };

/** The message that names the room: the widget asks, the page answers, and sends it anew whenever it has changed. */
export const ROOM = "ethora:chat";

/** A copy of what names a room: exactly one of `uuid` and `jid`. `null`: the widget's own choice; `undefined`: this names none. */
export function roomOf(said: unknown): Chat | null | undefined {
  if (said === null) return null;
  const [uuid, jid] = [field(said, "uuid"), field(said, "jid")];
  const isText = (value: unknown): value is string => typeof value === "string" && value.length > 0 && value.length <= 1024;
  if ((Number.isSafeInteger(uuid) || isText(uuid)) && jid === undefined) return { uuid: uuid as number | string };
  return isText(jid) && uuid === undefined ? { jid } : undefined;
}

export const isSameRoom = (one: Chat | null, other: Chat | null): boolean => one?.uuid === other?.uuid && one?.jid === other?.jid;
