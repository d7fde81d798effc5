/** What changes at the host. */
import type { ConnectionState, Session } from "../shared/types.js";

export interface State {
  connection: ConnectionState;
  session: Session;
}

/** What is known when nothing is known. The order of changes is kept. */
export const unknown = (before: Pick<Session, "epoch" | "sequence" | "writer">, reason: "starting" | "suspended"): Session =>
  Object.freeze({ ...before, status: "unknown", reason, account: null, expiresAt: null });
