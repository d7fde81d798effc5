/** What came of a widget that does not connect: what the text of HANDSHAKE_TIMEOUT says. */
import { field, word } from "../shared/read.js";

export interface HandshakeLog {
  readonly origin: string;
  readonly expected: string;
  readonly timeoutMs: number;
  /** The frame has loaded a document. */
  loaded?: boolean;
  /** A hello came of another origin, on another channel, or as it should. */
  foreignOrigin?: string;
  channel?: string;
  hello?: boolean;
}

/** Takes a message of the frame's window. */
export const logHello = (log: HandshakeLog, origin: string, data: unknown): void => {
  if (field(data, "type", word) !== "authframe:hello") return;
  const channel = field(data, "channel", word) ?? "";
  if (origin !== log.origin) log.foreignOrigin = origin;
  else if (channel !== log.expected) log.channel = channel;
  else log.hello = true;
};
