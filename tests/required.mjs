/** What some tests need and a machine may lack: Prosody, PHP, Python. */
import assert from "node:assert/strict";

/** A tool is not there: the test fails if `npm test` says that it should be (`AUTHFRAME_REQUIRED=prosody,php,python3`), else it is skipped. */
export function missing(context, tool, text) {
  const required = (process.env.AUTHFRAME_REQUIRED ?? "").split(",");
  assert.ok(!required.includes(tool), `${text}, although AUTHFRAME_REQUIRED names ${tool}`);
  context.skip(text);
}
