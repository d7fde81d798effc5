/** The core that speaks all dialects: a file of its own, which load.ts takes instead of the others. */
export { foreign } from "../../dialect/registry.js";
export { initSync, open } from "../../generated/all/authframe.js";
