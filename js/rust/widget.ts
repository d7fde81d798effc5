/**
 * What the Rust face of the widget (`src/widget/`) takes of the TypeScript half. `scripts/snippets.mjs` bundles it into `src/widget/authframe.js`, which is checked in: a crate carries its JavaScript
 * with it. The core is in the wasm of the widget already, so `open` is handed in.
 */
import { foreign } from "../dialect/registry.js";
import { connectWith } from "../widget/connect.js";
import type { CoreModule } from "../widget/core/load.js";
import type { Bridge, ConnectOptions } from "../widget/types.js";

export { AuthRejected, RetryLater } from "../widget/types.js";

/** `dialects`: whether the core was compiled with the dialects of other systems. */
export const connect = (options: ConnectOptions, open: CoreModule["open"], dialects: boolean): Promise<Bridge> =>
  connectWith(async () => (dialects ? { open, foreign } : { open }), options);
