/** What the Rust face of the host (`src/host/`) takes of the TypeScript half: see widget.ts. */
export { embed } from "../host/index.js";
