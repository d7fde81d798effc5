/** What was seen of a widget that does not connect: what HANDSHAKE_TIMEOUT says. */
import { field, word } from "../read.js";

export interface Seen {
  /** The frame has loaded a document. */
  loaded(): void;
  /** A message of the frame's window. */
  message(from: string, data: unknown): void;
  inWords(timeoutMs: number): string;
}

/** @param origin the widget's only origin */
export const unseen = (origin: string, channel: string): Seen => {
  let isLoaded = false;
  let stranger: string | undefined;
  let otherChannel: string | undefined;
  let hello = false;
  return {
    loaded() {
      isLoaded = true;
    },
    message(from, data) {
      if (field(data, "type", word) !== "authframe:hello") return;
      const of = field(data, "channel", word);
      if (from !== origin) stranger = from;
      else if (of !== channel) otherChannel = of ?? "?";
      else hello = true;
    },
    inWords(timeoutMs) {
      const what =
        stranger !== undefined ? `the widget said hello from ${stranger}, and only ${origin} is trusted: give the origin that it has after redirects`
        : otherChannel !== undefined ? `the widget said hello on the channel ${JSON.stringify(otherChannel)}, and this side waits on ${JSON.stringify(channel)}: give both the same`
        : hello ? "the widget said hello and did not go on: look at the errors in its frame"
        : isLoaded ? `the frame has loaded and said no hello: is this page's origin (${location.origin}) in the widget's hosts, does the widget call connect(), and does its policy let the wasm load?`
        : "the frame has loaded nothing: look at src, the network, and frame-src in this page's Content-Security-Policy";
      return `after ${timeoutMs} ms ${what}`;
    },
  };
};
