/** What a dialect is given, and what it gives. */
import type { AuthframeError, ErrorCode } from "../shared/error.js";
import type { ConnectionState, Unsubscribe } from "../shared/types.js";
import type { Call } from "../widget/core/call.js";
import type { Bridge } from "../widget/types.js";

/** The core, as a dialect sees it. */
export interface Below {
  call(call: Call, data: object): unknown;
  onConnection(listener: (state: ConnectionState) => void): Unsubscribe;
  failed(code: ErrorCode, where?: string, cause?: unknown): AuthframeError;
  /** An option of the dialect is out of its range: ends the bridge, which is there already. */
  invalid(): AuthframeError;
  /** What the application holds. Not before the dialect is attached. */
  bridge(): Bridge;
}

export interface Foreign {
  /** Takes an event of the host. */
  receive(message: unknown): void;
  /** Takes what the core's half of the dialect says. */
  notify(news: unknown): void;
  /** What hangs on the bridge. */
  readonly face: object;
}
