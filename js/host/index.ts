/** authframe/host: embeds a widget into this page and talks with it. Implements the host's half of docs/protocol.md. */
import { AuthframeError } from "../shared/error.js";
import { snapshot } from "../shared/snapshot.js";
import { Embedding } from "./embedding.js";
import { advice, failure } from "./errors.js";
import { OPTIONS } from "./option-names.js";
import type { EmbedOptions, Widget } from "./types.js";

export { AuthframeError, type ErrorCode, type Responsible } from "../shared/error.js";
export type {
  Account,
  AuthStatus,
  ConnectionState,
  Handler,
  Identity,
  Peer,
  Reason,
  RequestOptions,
  Session,
  Unsubscribe,
} from "../shared/types.js";
export type { Counter } from "./handshake.js";
export type { EmbedOptions, Widget } from "./types.js";

/**
 * Embeds a widget, and resolves when it is connected.
 *
 * Rejects, and leaves nothing behind, with `CONFIG_INVALID`, `CONFIG_ORIGIN_INVALID`, `ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`, `ENV_UNSUPPORTED` (not a browser), `FRAME_IN_USE` (the
 * iframe is embedded already, perhaps by another copy of this library), `OPAQUE_ORIGIN`, `VERSION_MISMATCH`, `HANDSHAKE_TIMEOUT` (its text says what was seen) or `ABORTED`.
 *
 * @example
 * const widget = await embed({ container: document.querySelector("#chat")!, src: "https://chat.example/widget", title: "Chat" });
 * widget.subscribe((session) => { badge.textContent = session.account?.name ?? ""; });
 * await widget.setIdentity({ account: { subject: "u-17", name: "Ada" } });
 */
export const embed = async (options: EmbedOptions): Promise<Widget> => {
  // What is checked is what is used.
  const own = snapshot(options, OPTIONS);
  let embedding: Embedding | undefined;
  try {
    embedding = new Embedding(own);
    return await embedding.start();
  } catch (error) {
    if (!(error instanceof AuthframeError)) throw error;
    // Only a developer needs these words.
    const words = (await advice())?.adviceFor(error.code, own, embedding?.log);
    throw words ? failure(error.code, words, error.cause) : error;
  }
};
