import type { DialectEntry } from "../contract.js";
import { conversation } from "./conversation.js";
import { OPTIONS } from "./options.js";

/** What `../registry.ts` knows of the dialect. */
export const ringcentral: DialectEntry = { options: OPTIONS, start: conversation };
