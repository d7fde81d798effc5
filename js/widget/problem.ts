/** The name by which `core/wasm.ts` and `failure.ts` still know what `advice.ts` throws and returns. */
export { AuthframeError as Problem } from "../shared/error.js";
