/** The widget's end of the conversation between the applications (`shared/conversation.ts`), and its question for a user. The core carries the messages in unread. */
import { type Message, type Post, Conversation as SharedConversation } from "../shared/conversation.js";
import { field } from "../shared/read.js";
import type { ConnectionState, Peer, RequestOptions } from "../shared/types.js";
import { advice, durationFailure, failure } from "./failure.js";

/** How long the host has for its user to sign in, unless the caller says otherwise. In milliseconds. */
const SIGN_IN_WAIT = 300_000;

export interface Conversation extends Pick<Peer, "capabilities" | "undelivered" | "send" | "request" | "handle"> {
  requestSignIn(options?: RequestOptions): Promise<boolean>;
  /** Takes what the core did not take for its own. False: it is broken. */
  receive(message: unknown): boolean;
  /** Takes a change of the connection; `welcome` is the host's, if it is connected now. */
  changed(state: ConnectionState, welcome: unknown): void;
}

/** @param post puts a message on the port; throws if it cannot be copied */
export function converse(post: (message: Message) => void): Conversation {
  const shared = new SharedConversation({
    peer: "host",
    refusals: ["NO_HANDLER", "HANDLER_FAILED", "RATE_LIMITED"],
    failure,
    durationFailure,
    advice,
  });
  /** The way to the host, while connected. */
  let line: Post | undefined;
  const canSignIn = () => shared.capabilities.includes("sign-in");

  const connected = (capabilities: readonly string[]) => {
    const own: Post = (message) => {
      // An answer belongs to the document that asked for it.
      if (line === own) post(message as Message);
    };
    line = own;
    shared.connected(own, capabilities);
    if (!canSignIn()) shared.failWaiting("sign-in", "NO_HANDLER");
    shared.flush();
  };

  return {
    get capabilities() {
      return shared.capabilities;
    },
    get undelivered() {
      return shared.undelivered;
    },
    send: shared.send,
    request: shared.request,
    handle: shared.handle,
    async requestSignIn(options) {
      if (line && !canSignIn()) throw failure("NO_HANDLER", "no sign-in: its embed() has no onSignInRequest");
      return (await shared.askAsApplication({ type: "sign-in" }, "requestSignIn()", { timeoutMs: SIGN_IN_WAIT, ...options })) === true;
    },
    receive: (message) => line === undefined || shared.receive(message, line),
    changed(next, welcome) {
      line = undefined;
      // The core has checked the capabilities.
      if (next === "connected") connected(field<readonly string[]>(welcome, "capabilities") ?? []);
      else shared.disconnected(next);
    },
  };
}
