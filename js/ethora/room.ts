/** Rooms of a chat, as the page names them to the widget. */

/** A room, by the page's own number of it or by its address. */
export type Chat = { readonly uuid: number | string } | { readonly jid: string };

/** The message that names the room: the widget asks, the page answers, and sends it anew whenever it has changed. */
export const ROOM = "ethora:chat";

/** A copy of what names a room: exactly one of `uuid` and `jid`. `null`: the widget's own choice; `undefined`: this names none. */
export function roomOf(said: unknown): Chat | null | undefined {
  if (said === null) return null;
  const { uuid, jid } = Object(said) as { uuid?: unknown; jid?: unknown };
  const isText = (value: unknown): value is string => typeof value === "string" && value.length > 0 && value.length <= 1024;
  if ((Number.isSafeInteger(uuid) || isText(uuid)) && jid === undefined) return { uuid: uuid as number | string };
  return isText(jid) && uuid === undefined ? { jid } : undefined;
}
