/** The vendor's library that we take the place of: what `ready` and `Client.version()` say. */
export const VERSION = "1.1.3";
