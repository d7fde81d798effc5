/** What a dialect is given, and what it gives. */
import type { AuthframeError } from "../shared/error.js";
import type { ConnectionState, Unsubscribe } from "../shared/types.js";
import type { DialectCore, Facts } from "../widget/core/core.js";
import type { FailureCode } from "../widget/failure.js";
import type { Show } from "../widget/sign-in/open.js";
import type { Bridge, ConnectOptions, SignInOptions } from "../widget/types.js";

/** The bridge that a dialect becomes a part of, as `widget/bridge.ts` gives it. */
export interface BridgeParts {
  readonly core: DialectCore;
  /** Calls the core, and throws the error of the code that it throws. */
  checked<T>(call: () => T): T;
  failed(code: FailureCode, where?: string, cause?: unknown): AuthframeError;
  onConnection(listener: (state: ConnectionState) => void): Unsubscribe;
  /** `bridge.signIn`; `show` opens what the user signs in with, if that is no window of ours. */
  signIn(options?: SignInOptions, show?: Show): Promise<void>;
  /** What the application holds. Not before the dialect is attached. */
  bridge(): Bridge;
}

/** What a dialect works with. */
export interface Below extends Pick<BridgeParts, "failed" | "onConnection" | "signIn" | "bridge"> {
  facts(): Facts;
  /** Says something to the core's half of the dialect. */
  notifyCore(message: object): void;
  /** Posts a message to the host with a port of its own; gives the near end of it, or what the browser throws. */
  postWithPort(message: object): unknown;
  /** The error of an option of the dialect that is out of its range. */
  invalid(where?: string): AuthframeError;
}

/** What the registry knows of a dialect. */
export interface DialectEntry {
  /** The names of its options of `connect`. */
  readonly options: readonly string[];
  /** Begins to speak it. @throws AuthframeError `CONFIG_INVALID` */
  start(options: ConnectOptions, below: Below): Foreign;
}

/** A conversation in a dialect. */
export interface Foreign {
  /** Takes an event of the host. */
  receive(message: unknown): void;
  /** Takes what the core's half of the dialect says. */
  notify(news: unknown): void;
  /** What hangs on the bridge. */
  readonly face: object;
}
