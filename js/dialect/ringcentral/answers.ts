/** The host's requests (`rc-adapter-message-request`), and what the application's handlers answer. */
import { report } from "../../shared/report.js";
import type { Handler } from "../../shared/types.js";
import type { Deadlines } from "./deadlines.js";
import type { Message } from "./message.js";

/** How long a handler may take, in milliseconds. The vendor's adapter waits 5 s; a page written by hand may wait longer. */
const PATIENCE = 60_000;
const ALERT = "/custom-alert-message";
const error = "not available in this widget";

/**
 * Paths that the vendor's widget answers by itself, and "no" in the form that their callers look at. The adapter takes a truthy answer to
 * `/check-popup-window` for "there is a window already", and any answer but `"ok"` to `/create-sms-template` for a failure.
 */
const REFUSALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["/check-popup-window", false],
  [ALERT, null],
  ["/dismiss-alert-message", { error }],
  ["/schedule-meeting", { error }],
  ["/create-sms-template", error],
  ["/unlogged-calls", { calls: [], hasMore: false, error }],
  ["/get-call-log", { call: null, error }],
  ["/refresh-login-session", { result: "error", message: error }],
]);

/** What this request is answered with. What a handler throws is reported. */
export async function answer(request: Message, handler: Handler | undefined, deadlines: Deadlines): Promise<unknown> {
  const path = request["path"] as string;
  if (!handler) return refusal(path, { data: "no matched path" });
  const failed = () => refusal(path, { error: "failed" });
  try {
    const answered = Promise.resolve(handler(bodyOf(request)));
    // Copied here, so that what cannot be is reported as well.
    return structuredClone(await deadlines.within(PATIENCE, answered, failed));
  } catch (thrown) {
    report(thrown);
    return failed();
  }
}

const refusal = (path: string, otherwise: object): unknown => (REFUSALS.has(path) ? REFUSALS.get(path) : otherwise);

/** Pages of before version 2 put the fields of an alert beside the path. */
function bodyOf({ path, body, alertMessage, alertLevel, ttl }: Message): unknown {
  return path === ALERT && body === undefined ? { message: alertMessage, level: alertLevel, ttl } : body;
}
