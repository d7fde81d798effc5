/** What both halves keep to: docs/protocol.md section 4. Times are in milliseconds. */

/** How long a request waits for its answer unless the caller says otherwise, and at most. */
export const USUAL_WAIT = 10_000;
export const LONGEST_WAIT = 600_000;
/** How many messages may wait for a connection. */
export const LONGEST_QUEUE = 32;
/** How many of an application's own messages and requests its half sends in a second. */
export const SENT_A_SECOND = 20_000;
/** The half that receives them takes as many, and what so many seconds hold at once: what was sent in turn may arrive together. */
export const TAKEN_AT_ONCE = 2;
