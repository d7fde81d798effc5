/** What `embed` takes. */
import type { EmbedOptions } from "./types.js";

export const OPTIONS = [
  "container",
  "src",
  "origin",
  "id",
  "title",
  "allow",
  "sandbox",
  "identity",
  "onSignInRequest",
  "timeoutMs",
  "signal",
  "channel",
  "allowOpaqueOrigin",
] as const satisfies readonly (keyof EmbedOptions)[];
