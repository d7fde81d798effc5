/** What travels on the port once the host has said welcome: the widget's session, the user of this page, and what both applications say to each other. */
import { Conversation } from "../shared/conversation.js";
import { eventMember } from "../shared/event-member.js";
import { answer, type Post } from "../shared/handlers.js";
import { type End, observed, type Update } from "../shared/observed.js";
import { count, field, word, words } from "../shared/read.js";
import { advice, durationFailure, failure } from "./errors.js";
import type { Counter } from "./handshake.js";
import { type HostIdentity, hostIdentity, IDENTITY_REFUSALS } from "./identity.js";
import { incomingLimit } from "./incoming-limit.js";
import { type Liveness, watchLiveness } from "./liveness.js";
import { session } from "./session-rules.js";
import { type OnSignInRequest, type SignInRequests, signInRequests } from "./sign-in-requests.js";
import { type State, unknown } from "./state.js";
import type { Widget } from "./types.js";

/** A widget whose state changes in place. */
type LiveWidget = State & Omit<Widget, keyof State | "rejected"> & { readonly rejected: Record<Counter, number> };

/** TypeScript does not know the event yet. */
type Port = MessagePort & { onclose?: (() => void) | null };

export class HostConversation {
  /** What the application holds. */
  readonly widget: LiveWidget;
  /** Changes what the widget shows, then notifies the listeners. */
  readonly update: Update<State>;

  readonly #conversation: Conversation;
  readonly #identity: HostIdentity;
  #signIns: SignInRequests | undefined;
  readonly #liveness: Liveness;
  readonly #endListening: End;
  readonly #limit = incomingLimit();
  #port: Port | undefined;

  /** @param onSignIn answers the widget's `sign-in`; absent if this host cannot */
  constructor(frame: HTMLIFrameElement, onSignIn: OnSignInRequest | undefined) {
    const conversation = new Conversation({
      peer: "widget",
      refusals: IDENTITY_REFUSALS,
      failure,
      durationFailure,
      advice,
      // A widget that has died does not answer either.
      unanswered: () => this.#liveness.check(),
    });
    this.widget = {
      frame,
      connection: "connecting",
      session: unknown({ writer: "", epoch: 0, sequence: 0 }, "starting"),
      get capabilities() {
        return conversation.capabilities;
      },
      get undelivered() {
        return conversation.undelivered;
      },
      rejected: { source: 0, origin: 0, malformed: 0, rate: 0, replay: 0 },
      onConnection: (listener) => observe("connection", listener),
      subscribe: (listener) => observe("session", listener),
      send: conversation.send,
      request: conversation.request,
      handle: conversation.handle,
      setIdentity: (identity) => this.#identity.set(identity),
      signOut: () => this.#identity.set(null),
      close: () => this.#end("closed"),
    };
    const [update, observe, endListening] = observed<State>(this.widget);
    this.update = update;
    this.#endListening = endListening;
    this.#conversation = conversation;
    this.#identity = hostIdentity(
      this.widget,
      (message, timeoutMs) => conversation.ask(message, timeoutMs),
      (error) => conversation.fail(error, "setIdentity()"),
    );
    this.#signIns = onSignIn && signInRequests(onSignIn, this.#identity.set);
    this.#liveness = watchLiveness(
      () => conversation.capabilities.includes("ping"),
      (timeoutMs) => conversation.ask({ type: "ping" }, timeoutMs),
      () => this.#end("disconnected"),
    );
  }

  /** Takes over a port and sends the first answer on it; the port before is dropped. */
  attach(port: Port, welcome: object): void {
    this.#end("disconnected");
    // A listener may have closed everything just now.
    if (this.widget.connection === "closed") return port.close();
    this.#port = port;
    port.onmessage = (event) => {
      this.#liveness.received();
      this.#receive(eventMember(event, "data"), (answer) => port.postMessage(answer));
    };
    port.onmessageerror = () => {
      this.widget.rejected.malformed++;
    };
    port.onclose = () => this.#end("disconnected");
    port.postMessage(welcome);
  }

  /** Asks the widget to say its session once more. */
  again(): void {
    this.#port?.postMessage({ type: "again" });
  }

  /** @param post to the document that has sent the message, even if another one has come since */
  #receive(message: unknown, post: Post): void {
    const type = field(message, "type", word);
    if (type !== undefined && !this.#limit.admits(type, message, post)) this.widget.rejected.rate++;
    else if (type === undefined || !this.#take(type, message, post)) this.widget.rejected.malformed++;
  }

  /** False: the message is broken. */
  #take(type: string, message: unknown, post: Post): boolean {
    switch (type) {
      case "open":
        return this.#open(message, post);
      case "session": {
        const next = field(message, "session", session);
        if (!next) return false;
        this.#identity.see(next);
        this.update({ session: next });
        return true;
      }
      case "sign-in":
      case "ping": {
        const id = field(message, "id", count);
        if (id === undefined) return false;
        answer(type === "ping" ? () => null : this.#signIns?.ask, id, undefined, post);
        return true;
      }
      case "bye":
        this.#end("disconnected");
        return true;
      default:
        return this.#conversation.receive(message, post);
    }
  }

  #open(message: unknown, post: Post): boolean {
    const opened = field(message, "session", session);
    const capabilities = field(message, "capabilities", words);
    if (!opened || !capabilities) return false;
    this.#identity.opened(opened);
    this.#limit.reset();
    this.#conversation.connected(post, capabilities);
    Object.assign(this.widget, { connection: "connected", session: opened });
    this.#liveness.begin();
    this.#identity.announce();
    this.#conversation.flush();
    // What the listeners say comes after what waited.
    this.update({});
    return true;
  }

  #end(next: "disconnected" | "closed"): void {
    this.#liveness.end();
    this.#signIns?.cancel();
    this.#dropPort();
    const { connection } = this.widget;
    // What only waits for a connection goes on waiting.
    if (connection === "closed" || (next === "disconnected" && connection !== "connected")) return;
    this.#conversation.disconnected(next);
    this.update({ connection: next, session: unknown(this.widget.session, "starting") });
    if (next === "closed") this.#letGo();
  }

  /** Nothing of the application's is kept, so that a listener that holds the widget keeps neither itself nor the widget; nor is a user's token. */
  #letGo(): void {
    this.#endListening();
    this.#signIns = undefined;
    this.#identity.forget();
  }

  #dropPort(): void {
    const port = this.#port;
    if (!port) return;
    this.#port = undefined;
    port.onmessage = null;
    port.onmessageerror = null;
    port.onclose = null;
    // Either its reader is gone, or it must know that this end is.
    port.postMessage({ type: "bye" });
    port.close();
  }
}
