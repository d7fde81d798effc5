/** What was seen of a widget that does not connect: what HANDSHAKE_TIMEOUT says. */
import { field, word } from "../shared/read.js";

export interface Seen {
  readonly origin: string;
  readonly expected: string;
  readonly timeoutMs: number;
  /** The frame has loaded a document. */
  loaded?: boolean;
  /** A hello came of another origin, on another channel, or as it should. */
  stranger?: string;
  channel?: string;
  hello?: boolean;
}

/** Takes a message of the frame's window. */
export const see = (seen: Seen, from: string, data: unknown): void => {
  if (field(data, "type", word) !== "authframe:hello") return;
  const channel = field(data, "channel", word) ?? "";
  if (from !== seen.origin) seen.stranger = from;
  else if (channel !== seen.expected) seen.channel = channel;
  else seen.hello = true;
};
