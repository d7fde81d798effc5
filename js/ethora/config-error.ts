import { AuthframeError } from "../shared/error.js";

/** What the application gives cannot be used. The text says what was given and what is meant. */
export const configInvalid = (text: string) => new AuthframeError("CONFIG_INVALID", text, "app");
