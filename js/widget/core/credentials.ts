/** The core that keeps credentials (`sealed`, `dangerous-plaintext`): a file of its own, which load.ts takes instead of the other one. */
export { initSync, open } from "../../generated/credentials/authframe.js";
